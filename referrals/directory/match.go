package directory

import (
	"slices"
	"time"
)

// How many services one need may bring in.
const (
	UsualLimit = 5
	HardLimit  = 20
)

// Wants is what is asked of the directory. There is no person in it.
type Wants struct {
	Needs  []string // most wanted first
	Nation Nation
	Age    Age
	Sex    Sex
	Groups []Group
	// Area brings in services that serve it; without it none that serves areas by code is listed.
	Area Area
	// Areas does so for a page that knows which areas it serves and not where anybody is: whoever reads it must be told which
	// they are.
	Areas Coverage
	// Language is a code; empty or en asks for nothing in particular.
	Language string
	Access   []Access
	// Now ranks what is open before what is closed; Refers what takes referrals from that kind of referrer before what does not.
	Now    Moment
	Refers Referrer
	// CannotSpeak asks for the silent routes before all else.
	CannotSpeak bool
	// MonitoredPhone leaves out what stays on a telephone that somebody else reads.
	MonitoredPhone bool
	Audience       Audience
	Mode           Mode
	Today          time.Time
	// Limit is how many services each need may bring in: UsualLimit where it is 0, never more than HardLimit.
	Limit int
	// Near is how many services of the area each need may bring in beside the Limit; 0: they share it.
	Near int
}

// Found is what the directory has: each service once, in order of rank, and the needs for which it has none to show.
type Found struct {
	Matches []Match
	Missing []string
	Gaps    []Gap // needs for which nothing local is shown
}

// Match is one service, as that audience may see it, with every reason why it is listed. The service is shared: read only.
type Match struct {
	Service *Service
	Reasons []Reason
	Rank    int // 1 is first
	Mark    Mark
	Since   time.Time // the day the mark speaks of, or of the ringing
}

// Match finds the services for what is wanted. Services of the area come before those of the nation. Emergencies come first, then the needs in the order given; within a need,
// what is made for others and what only may serve the nation comes last, then, for staff, professional routes come before
// self-help, then lines open at all hours, then those not on the bill, then the order of the directory.
func (d *Directory) Match(w Wants) Found {
	a := ask(w)
	picks := make([]pick, 0, len(a.needs)*min(a.limit, UsualLimit))
	var missing []string
	var gaps []Gap
	for i, n := range a.needs {
		found, local := 0, false
		switch {
		case n.known && a.particular:
			picks, found, local = d.place(&a, picks, i)
		case n.known:
			picks, found = d.pick(&a, picks, i)
		}
		if found == 0 {
			missing = append(missing, n.word)
		}
		if g, ok := d.gap(&a, n, found, local); ok {
			gaps = append(gaps, g)
		}
	}
	slices.SortStableFunc(picks, func(x, y pick) int { return btoi(y.emergency) - btoi(x.emergency) })
	return Found{Matches: d.write(&a, picks), Missing: missing, Gaps: gaps}
}

// asked is Wants made ready: needs looked up, groups and sex completed by what the needs themselves tell.
type asked struct {
	needs    []askedNeed
	groups   uint16
	sex      Sex
	age      Age
	nation   Nation
	view     int
	silent   bool
	audience Audience
	mode     Mode
	today    day
	limit    int
	near     int
	side     int
	area     Area
	areas    Coverage
	language string
	access   []Access
	now      Moment
	// takers and wantsAccess are who refers and what is asked for, as bits.
	takers, wantsAccess, interpreters uint8
	// particular: more than needs and a nation is asked for, so that every service has a rank of its own.
	particular bool
}

type askedNeed struct {
	word  string
	index int
	known bool
	child bool
}

func ask(w Wants) asked {
	a := asked{
		needs: make([]askedNeed, 0, len(w.Needs)+1), sex: w.Sex, age: w.Age, nation: w.Nation,
		silent: w.CannotSpeak, audience: w.Audience, mode: w.Mode, today: dayOf(w.Today), limit: w.Limit, near: w.Near, side: w.Audience.side(),
		area: w.Area, areas: w.Areas, language: w.Language, access: w.Access, now: w.Now, takers: w.Refers.takers(),
	}
	if a.language == "en" {
		a.language = ""
	}
	a.particular = a.placed() || a.language != "" || len(a.access) > 0 || a.now.Known || w.Refers != ""
	a.interpreters = Interpreters.bit()
	for _, x := range a.access {
		a.wantsAccess |= x.bit()
	}
	if a.limit <= 0 {
		a.limit = UsualLimit
	}
	a.limit = min(a.limit, HardLimit)
	a.near = min(max(a.near, 0), HardLimit)
	if a.nation >= nationCount {
		a.nation = UnknownNation
	}
	a.view = a.side
	if w.MonitoredPhone {
		a.view += watched
	}
	if w.CannotSpeak {
		a.add(CannotSpeak)
	}
	for _, need := range w.Needs {
		a.add(need)
	}
	for _, g := range w.Groups {
		a.groups |= g.bit()
	}
	return a
}

// add takes a need once.
func (a *asked) add(word string) {
	if slices.ContainsFunc(a.needs, func(n askedNeed) bool { return n.word == word }) {
		return
	}
	index, known := needIndex(word)
	a.needs = append(a.needs, askedNeed{word, index, known, aboutChild(word)})
	if !known {
		return
	}
	if g, ok := groupOf(word); ok {
		a.groups |= g.bit()
	}
	if word == "men" && a.sex == SexUnknown {
		a.sex = Man
	}
}
