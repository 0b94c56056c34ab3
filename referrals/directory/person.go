package directory

import "slices"

// Sex is what a service is limited to, or what is known of the person. Who is neither stays unknown, and is shown both.
type Sex uint8

// The limits that services set.
const (
	SexUnknown Sex = iota
	Woman
	Man
)

// Age is a band, never an age.
type Age uint8

// The bands. Under16 and Under18 are for those of whom no more is known.
const (
	AgeUnknown Age = iota
	Under13
	From13To15
	Under16
	From16To17
	Under18
	Adult
	ageCount
)

// band is the youngest and the oldest that somebody of that band may be.
func (a Age) band() (youngest, oldest uint8) {
	switch a {
	case Under13:
		return 0, 12
	case From13To15:
		return 13, 15
	case Under16:
		return 0, 15
	case From16To17:
		return 16, 17
	case Under18:
		return 0, 17
	case Adult:
		return adultFrom, oldestAge
	}
	return 0, oldestAge
}

const (
	oldestAge = 120
	adultFrom = 18
	// A service described in adult words is not for anybody under 16: below that it is child protection, not domestic abuse
	// (Domestic Abuse Act 2021: both are 16 or over).
	adultWords = 16
)

// limits are the ages that a service takes, as matching needs them. Where no page states one, least is 0 and most oldestAge.
type limits struct {
	least, most uint8
	only        Sex
	stated      bool
}

func (w Who) limits() limits {
	l := limits{least: uint8(w.MinAge), most: uint8(w.MaxAge), only: w.Only, stated: w.MinAge > 0 || w.MaxAge > 0 || w.Adults}
	if w.Adults {
		l.least = max(l.least, adultWords)
	}
	if w.MaxAge == 0 {
		l.most = oldestAge
	}
	return l
}

// fits reports whether a service takes that band. A child's whole band must lie within the limits, so that no child is sent
// to a service that turns children away; an adult's must touch them. Where the age is not known the limits are shown.
func (l limits) fits(a Age, aboutChild bool) bool {
	youngest, oldest := a.band()
	switch a {
	case AgeUnknown:
		return true
	case Adult:
		return aboutChild || l.most >= youngest
	}
	return youngest >= l.least && oldest <= l.most
}

// unsettled reports whether a limit must be said, because the band does not settle it.
func (l limits) unsettled(a Age) bool {
	return l.stated && (a == AgeUnknown || (a == Adult && (l.most < oldestAge || l.least > adultFrom)))
}

// Group is one of the groups that services are made for. That somebody belongs to one is told by them or not at all.
type Group string

// The groups. BME is short for Black, minority ethnic and faith communities.
const (
	LGBT        Group = "lgbt"
	Deaf        Group = "deaf"
	BME         Group = "bme"
	Disabled    Group = "disabled"
	Older       Group = "older"
	Migrant     Group = "migrant"
	Perinatal   Group = "perinatal"
	HearsVoices Group = "hears-voices"
)

var groups = [...]Group{LGBT, Deaf, BME, Disabled, Older, Migrant, Perinatal, HearsVoices}

// Groups are the groups that may be told.
func Groups() []Group { return slices.Clone(groups[:]) }

// bit is the group in a set of groups; an unknown group is in none.
func (g Group) bit() uint16 {
	for i, known := range groups {
		if known == g {
			return 1 << i
		}
	}
	return 0
}

// only is the word for a limit.
func (s Sex) only() string {
	switch s {
	case Woman:
		return "women"
	case Man:
		return "men"
	}
	return "any"
}
