package directory

import "slices"

// Code is a reason in a form that words can be found for: listed.<code>, with the id filled in.
type Code string

// The reasons for which a service is listed, and what must be said with it. In brackets: what the id is.
const (
	ForNeed           Code = "need"               // one of the needs asked for [need]
	FirstInEmergency  Code = "emergency"          // it comes first because lives may depend on it
	ForNation         Code = "nation"             // it serves the nation asked for [nation]
	WholeUK           Code = "all-nations"        // it serves all four
	OnlyInNation      Code = "only-in-nation"     // the nation is not known, and it serves only some [nation, one reason each]
	NationNotStated   Code = "nation-not-stated"  // no page read says where it serves
	PartOfNation      Code = "part-of-nation"     // it serves an area only
	ForGroup          Code = "group"              // it is made for a group that was told [group]
	GroupNotTold      Code = "group-not-told"     // it is made for a group that was not told [group]: staff only
	LimitedBySex      Code = "sex-limit"          // it is for women or for men, and the sex is not known [women or men]
	LimitedByAge      Code = "age-limit"          // it has age limits that the band does not settle
	ProfessionalRoute Code = "professional-route" // professionals may refer or ask there [refer, advice or both]: staff only
	OpenAlways        Code = "open-always"        // open at all hours
	OffTheBill        Code = "not-on-bill"        // a source says that the number is not on the bill
	NeedsNoVoice      Code = "without-speaking"   // it can be reached without speaking
	ForArea           Code = "area"               // it serves the area asked for [practice, authority, board or police]
	ForLanguage       Code = "language"           // it speaks the language asked for [language]
	WithInterpreter   Code = "interpreter"        // it offers interpreters, and does not list the language [language]
	LanguageNotListed Code = "language-not-said"  // it lists languages, and not this one [language]
	AccessOffered     Code = "access"             // it offers that [access]
	AccessNotStated   Code = "access-not-said"    // it does not say whether it offers that [access]
	OpenNow           Code = "open-now"           // its hours say that it is open then
	ClosedNow         Code = "closed-now"         // its hours say that it is closed then
	ReferralOnly      Code = "referral-only"      // it takes referrals from others only [referrer, one reason each]: staff only
	NoLongerListed    Code = "no-longer-listed"   // the list it came from no longer has it: staff only
)

// Reason is a code and the id it speaks of, if any. It holds no prose.
type Reason struct {
	Code Code
	ID   string
}

// write turns picks into matches. All reasons stand in one array, cut up.
func (d *Directory) write(a *asked, picks []pick) []Match {
	if len(picks) == 0 {
		return nil
	}
	matches := make([]Match, len(picks))
	all := make([]Reason, 0, 8*len(picks))
	for i, p := range picks {
		e := &d.entries[p.entry]
		from := len(all)
		all = e.reasons(a, all)
		matches[i] = Match{
			Service: e.views[a.view], Reasons: all[from:len(all):len(all)],
			Rank: i + 1, Mark: p.mark, Since: e.service.since(p.mark),
		}
	}
	return matches
}

func (e *entry) reasons(a *asked, to []Reason) []Reason {
	if e.emergency {
		to = append(to, Reason{Code: FirstInEmergency})
	}
	for i, n := range a.needs {
		if n.known && e.needs&(1<<n.index) != 0 && e.suits(a, i) {
			to = append(to, Reason{ForNeed, n.word})
		}
	}
	to = e.whereReasons(a, to)
	to = e.whomReasons(a, to)
	if a.particular {
		to = e.localReasons(a, to)
	}
	if !e.service.Unlisted.IsZero() {
		to = append(to, Reason{Code: NoLongerListed})
	}
	s := e.views[a.view]
	if a.side == staffSide && s.Prof.Route() {
		to = append(to, Reason{ProfessionalRoute, string(s.Prof)})
	}
	if s.Hours.Always {
		to = append(to, Reason{Code: OpenAlways})
	}
	if s.Bill.Trace == NotOnBill {
		to = append(to, Reason{Code: OffTheBill})
	}
	if a.silent && slices.ContainsFunc(s.Ways, func(w Way) bool { return w.By.WithoutSpeaking() }) {
		to = append(to, Reason{Code: NeedsNoVoice})
	}
	return to
}

func (e *entry) whereReasons(a *asked, to []Reason) []Reason {
	switch {
	case e.nations == 0:
		to = append(to, Reason{Code: NationNotStated})
	case e.nations == AllNations:
		to = append(to, Reason{Code: WholeUK})
	case a.nation != UnknownNation:
		to = append(to, Reason{ForNation, a.nation.String()})
	default:
		for n := England; n < nationCount; n++ {
			if e.nations.Has(n) {
				to = append(to, Reason{OnlyInNation, n.String()})
			}
		}
	}
	if e.local {
		to = append(to, Reason{Code: PartOfNation})
	}
	return to
}

func (e *entry) whomReasons(a *asked, to []Reason) []Reason {
	for _, g := range e.service.Who.Groups {
		switch {
		case g.bit()&a.groups != 0:
			to = append(to, Reason{ForGroup, string(g)})
		case e.groups&a.groups == 0:
			to = append(to, Reason{GroupNotTold, string(g)})
		}
	}
	if only := e.limits.only; only != SexUnknown && a.sex == SexUnknown {
		to = append(to, Reason{LimitedBySex, only.only()})
	}
	if e.limits.unsettled(a.age) {
		to = append(to, Reason{Code: LimitedByAge})
	}
	return to
}
