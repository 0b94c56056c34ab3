package refer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"waypost/referrals/packet"
	"waypost/screening"
	"waypost/web"
	"waypost/web/desk"
)

// about asks for consent and for what the chosen destinations need.
func (j *Journey) about(r *web.Request) (web.Page, error) {
	p, err := j.read(r)
	if err != nil {
		return j.old(r, p, err)
	}
	if p.view == "choose" {
		if len(p.chosen) == 0 && strings.TrimSpace(p.typed.Reveal()) != "" { // the enter key at the postcode
			return j.look(r, p)
		}
		notice := j.choose(&p)
		if len(p.picks) == 0 {
			p.faults = append(p.faults, fault{At: "led", Message: "refer.fault.none-chosen"})
		}
		if len(p.faults) > 0 || notice != "" {
			return j.placesPage(r, p, desk.Located{}, notice)
		}
	}
	if err := j.prefill(r, &p); err != nil {
		return web.Page{}, err
	}
	return j.aboutPage(r, p)
}

// prefill puts in who refers, once, from the session.
func (j *Journey) prefill(r *web.Request, p *posted) error {
	s := r.Session()
	o, err := j.People.Organisation(r.Context(), s.Actor)
	if err != nil {
		return err
	}
	for _, e := range []packet.Entry{{Field: "referrer.organisation", Value: o.Name}, {Field: "referrer.name", Value: s.Name}} {
		if !slices.ContainsFunc(p.entries, func(x packet.Entry) bool { return x.Field == e.Field }) {
			p.entries = append(p.entries, e)
		}
	}
	return nil
}

type aboutView struct {
	page
	Faults    []fault
	Picks     []consentView
	Sections  []section
	Urgency   string // of the plan
	Raised    string
	Urgencies []string
	Away      awayView
}

type consentView struct {
	Name                            string // consent.<n>
	Number                          int
	Destination, Service, Rule      string
	Decision, Ground, Why, Told     string
	Words                           string
	Decisions, Grounds, Whys, Tolds []string
	Faults                          map[string]string // by part
	Triggers, Next                  string
}

type section struct {
	Topic string
	Core  bool // how to make contact safely: for everybody chosen
	Rows  []row
	More  bool // another row may be added
}

type row struct {
	Number int // 0: the section has no rows
	Fields []fieldView
}

type fieldView struct {
	Name, Words, Kind, Value string
	List                     string
	Codes                    []string
	Ticks                    []tick
	For                      []string // destinations it is for; none: for all
	Must                     []string // those that do not take the referral without it
	Fault                    string
}

type tick struct {
	Name, Code string
	On         bool
}

func (j *Journey) aboutPage(r *web.Request, p posted) (web.Page, error) {
	kept, err := j.awayOf(r, p, p.view == listStaff)
	if err != nil {
		return web.Page{}, err
	}
	sections := j.sections(p)
	b, err := j.page(r, posted{state: hidden(p.state, sections), lang: p.lang, member: p.member})
	if err != nil {
		return web.Page{}, err
	}
	made := j.plan(p.state)
	v := aboutView{page: b, Away: kept, Faults: p.faults, Urgency: urgencyID(max(made.Urgency, screening.Info)), Raised: urgencyID(p.urgency)}
	for u := screening.Now; u > max(made.Urgency, screening.Info); u-- {
		v.Urgencies = append(v.Urgencies, urgencyID(u))
	}
	for i, x := range p.picks {
		v.Picks = append(v.Picks, j.consentView(p, i, x))
	}
	v.Sections = sections
	status := 200
	if len(p.faults) > 0 {
		status = 422
	}
	return j.show(status, p.lang, "about", v)
}

// hidden is what of a state does not stand in the fields of the page, and so has to travel beside them.
func hidden(s state, shown []section) state {
	s.picks = slices.Clone(s.picks)
	for i := range s.picks {
		s.picks[i].Consent, s.picks[i].Out = packet.Consent{}, false
	}
	names := map[string]bool{}
	for _, part := range shown {
		for _, r := range part.Rows {
			for _, f := range r.Fields {
				names[f.Name] = true
				for _, t := range f.Ticks {
					names[t.Name] = true
				}
			}
		}
	}
	s.entries = slices.DeleteFunc(slices.Clone(s.entries), func(e packet.Entry) bool {
		return names[e.Field] || names[e.Field+"."+strconv.Itoa(e.Row)]
	})
	return s
}

func (j *Journey) consentView(p posted, i int, x pick) consentView {
	d, _ := j.Desk.Book.Destination(x.Destination)
	s, _ := j.service(x)
	v := consentView{
		Name: "consent." + strconv.Itoa(i), Number: i + 1, Destination: d.ID, Service: s.Name, Rule: string(s.Consent),
		Decision: string(x.Consent.Decision), Ground: x.Consent.Ground, Why: string(x.Consent.Why), Told: string(x.Consent.Told),
		Words: x.Consent.Words.Reveal(), Faults: map[string]string{}, Triggers: "referral.destination." + d.ID + ".triggers",
		Next: "referral.destination." + d.ID + ".next",
	}
	if x.Out {
		v.Ground = nobody
	}
	for _, part := range []string{"decision", "ground", "why", "told", "words"} {
		v.Faults[part] = ""
	}
	for _, f := range p.faults {
		if part, ok := strings.CutPrefix(f.At, v.Name+"."); ok {
			v.Faults[part] = f.Message
		}
	}
	for _, d := range packet.Decisions() {
		v.Decisions = append(v.Decisions, string(d))
	}
	for _, y := range packet.Whys() {
		v.Whys = append(v.Whys, string(y))
	}
	for _, t := range packet.Tolds() {
		v.Tolds = append(v.Tolds, string(t))
	}
	for _, decision := range packet.Decisions()[1:] {
		for _, g := range j.Desk.Book.GroundsFor(x.Destination, p.nation, decision) {
			if !slices.Contains(v.Grounds, g.ID) {
				v.Grounds = append(v.Grounds, g.ID)
			}
		}
	}
	return v
}

// sections are the fields that somebody chosen needs, and those that every packet begins with, by topic.
func (j *Journey) sections(p posted) []section {
	var out []section
	for _, f := range j.Desk.Book.Fields {
		whom, must := j.whom(p, f)
		if !f.Core && len(whom) == 0 {
			continue
		}
		at := slices.IndexFunc(out, func(s section) bool { return s.Topic == topic(f.ID) })
		if at < 0 {
			out, at = append(out, section{Topic: topic(f.ID), Core: true}), len(out)
		}
		v := fieldView{Name: f.ID, Words: "referral.field." + f.ID, Kind: cmp.Or(f.Kind, "list"), List: f.List, Codes: j.Desk.Book.Codes(f.List), For: whom, Must: must}
		if f.Core {
			v.For = nil
		}
		out[at].Core = out[at].Core && f.Core
		out[at].add(j, p, f, v)
	}
	return out
}

// add puts a field into each row of the section. A list of which several answers may hold is ticked; it makes no rows.
func (s *section) add(j *Journey, p posted, f packet.Field, v fieldView) {
	n := 1
	ticked := f.List != "" && f.Rows > 1 && f.Rows == len(v.Codes)
	switch {
	case ticked:
		v.Kind = "ticks"
		for i, code := range v.Codes {
			on := slices.ContainsFunc(p.entries, func(e packet.Entry) bool { return e.Field == f.ID && e.Value.Reveal() == code })
			v.Ticks = append(v.Ticks, tick{f.ID + "." + strconv.Itoa(i), code, on})
		}
	case f.Rows > 1:
		n = j.rows(p, topic(f.ID))
		s.More = n < f.Rows
	}
	for len(s.Rows) < n {
		s.Rows = append(s.Rows, row{})
	}
	name := v.Name
	for i := range n {
		if f.Rows > 1 && !ticked {
			s.Rows[i].Number, v.Name = i+1, name+"."+strconv.Itoa(i)
		}
		v.Value, v.Fault = value(p.entries, f.ID, i), ""
		for _, x := range p.faults {
			if x.At == v.Name {
				v.Fault = x.Message
			}
		}
		s.Rows[i].Fields = append(s.Rows[i].Fields, v)
	}
}

// whom lists the destinations that a field is for, and those of them that need it.
func (j *Journey) whom(p posted, f packet.Field) (whom, must []string) {
	for _, x := range p.picks {
		d, _ := j.Desk.Book.Destination(x.Destination)
		if slices.Contains(whom, d.ID) || !f.Core && !slices.Contains(d.Fields(), f.ID) {
			continue
		}
		whom = append(whom, d.ID)
		if slices.Contains(d.Must, f.ID) {
			must = append(must, d.ID)
		}
	}
	return whom, must
}

// rows is how many rows of a topic are shown: as many as are filled or were there, at least one.
func (j *Journey) rows(p posted, of string) int {
	n, most := max(1, p.shown[of]), 1
	for _, e := range p.entries {
		if topic(e.Field) == of && e.Value.Reveal() != "" {
			n = max(n, e.Row+1)
		}
	}
	for _, f := range j.Desk.Book.Fields {
		if topic(f.ID) == of {
			most = max(most, f.Rows)
		}
	}
	if p.view == "more."+of {
		n++
	}
	return min(n, most)
}

func value(entries []packet.Entry, field string, row int) string {
	for _, e := range entries {
		if e.Field == field && e.Row == row {
			return e.Value.Reveal()
		}
	}
	return ""
}
