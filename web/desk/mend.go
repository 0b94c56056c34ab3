package desk

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/web"
)

// mendEvent is how the case can be mended now by this member: sent to the desk again, or where it stands; empty if not at all.
func (in room) mendEvent(s people.Session, c referrals.Case) referrals.Event {
	for _, l := range referrals.Events(c.State, false) {
		mine := l.Event != referrals.Resubmit || c.OpenedBy == s.Actor.Member()
		if (l.Event == referrals.Amend || l.Event == referrals.Resubmit) && mine && (in.may(s, l) || l.Event == referrals.Resubmit && people.May(s.Actor, people.CaseOwn, s.Actor.Organisation()) == nil) {
			return l.Event
		}
	}
	return ""
}

// The names of the fields of the form: f.FIELD.ROW for what is told of the person, and for consent WHAT.REFERENCE.
const fieldPrefix = "f."

var consentParts = []string{"decision", "ground", "why", "told", "because"}

func (in room) mendKind(name string) web.Kind {
	if field, _, ok := fieldOf(name); ok {
		if f, known := in.Desk.Book.Field(field); known {
			return FieldKind(f)
		}
		return web.Refused
	}
	part, reference, ok := strings.Cut(name, ".")
	switch {
	case name == "rev" || name == "event":
		return web.One
	case !ok || reference == "" || !slices.Contains(consentParts, part):
		return web.Refused
	case part == "because":
		return web.Prose
	}
	return web.One
}

// FieldKind is what a form may hold for a field of the dossier.
func FieldKind(f packet.Field) web.Kind {
	switch {
	case f.List != "":
		return web.One
	case f.Kind == "text":
		return web.Prose
	}
	return web.Line
}

// fieldOf takes the name of a form's field apart.
func fieldOf(name string) (field string, row int, ok bool) {
	rest, ours := strings.CutPrefix(name, fieldPrefix)
	at := strings.LastIndexByte(rest, '.')
	if !ours || at < 0 {
		return "", 0, false
	}
	row, err := strconv.Atoi(rest[at+1:])
	return rest[:at], row, err == nil && row >= 0
}

// input is one field of the form.
type input struct {
	Name, Words, Kind, Value string
	Row                      int
	Options                  []option
	Fault                    string
	Now                      *told // what the case says meanwhile, where somebody else changed it and the form says something else
}

type inputs struct {
	Words string
	List  []input
}

// consentForm is what can be decided anew for a destination that was told nothing yet.
type consentForm struct {
	Reference, Destination, Now     string
	Decisions, Grounds, Whys, Tolds []option
	Because                         string
	Open                            bool // a ground or a reason was typed
}

// mendPage shows what was told, in fields. It is the same as opening it, with the same entry in the trail.
func (in room) mendPage(r *web.Request) (web.Page, error) {
	a, err := in.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	c, err := in.opened(r)
	if err != nil {
		return web.Page{}, err
	}
	return in.mendWith(r, 200, asked{lang: a.lang}, c, nil, "")
}

func (in room) mendWith(r *web.Request, status int, a asked, c referrals.Case, faults []packet.Fault, words string) (web.Page, error) {
	s := r.Session()
	event := in.mendEvent(s, c)
	if event == "" {
		return in.caseWith(r, 409, a.lang, c, notice{words: "desk.fault.state", typed: a.typed})
	}
	rev := c.Rev
	if status == 422 { // its fields were not compared with the case yet: that somebody was faster is still to be said
		rev = revOf(a)
	}
	return in.within(s, status, a.lang, "mend", values{
		"Path": in.base + c.Reference, "Short": short(c.Reference), "Notice": words, "Event": said(mendWords, event), "Code": string(event), "Rev": rev,
		"Inputs": in.inputs(c, a.typed, faults), "Consents": in.consents(c, a.typed),
	})
}

// inputs are the fields that the destinations of the case may be told, with what is there or was just typed.
func (in room) inputs(c referrals.Case, typed url.Values, faults []packet.Fault) []inputs {
	wanted := map[string]bool{}
	for _, h := range c.Handovers {
		if d, ok := in.Desk.Book.Destination(h.Destination); ok && h.State != referrals.Dropped {
			for _, f := range d.Fields() {
				wanted[f] = true
			}
		}
	}
	var out []inputs
	for _, f := range in.Desk.Book.Fields {
		if !f.Core && !wanted[f.ID] {
			continue
		}
		topic, _, _ := strings.Cut(f.ID, ".")
		if words := "referral.part." + topic; len(out) == 0 || out[len(out)-1].Words != words {
			out = append(out, inputs{Words: words})
		}
		group := &out[len(out)-1]
		for row := range max(f.Rows, 1) {
			one, there := in.input(c, f, row, typed)
			for _, fault := range faults {
				if fault.Field == f.ID && fault.Row == row {
					one.Fault = fault.Message
				}
			}
			group.List = append(group.List, one)
			if !there { // one empty row after the last that is filled in
				break
			}
		}
	}
	return out
}

func (in room) input(c referrals.Case, f packet.Field, row int, typed url.Values) (input, bool) {
	one := input{Name: fieldPrefix + f.ID + "." + strconv.Itoa(row), Words: "referral.field." + f.ID, Kind: "line"}
	if f.Rows > 1 {
		one.Row = row + 1
	}
	value, there := c.Dossier.At(f.ID, row)
	one.Value = value.Reveal()
	if typed.Has(one.Name) {
		one.Value, there = typed.Get(one.Name), true
		if typed.Get("rev") != strconv.FormatInt(c.Rev, 10) && one.Value != value.Reveal() {
			now := in.told(f.ID, row, value.Reveal())
			one.Now = &now
		}
	}
	switch {
	case f.List != "":
		one.Kind = "list"
		for _, code := range in.Desk.Book.Codes(f.List) {
			one.Options = append(one.Options, option{code, "referral.code." + f.List + "." + code, code == one.Value})
		}
	case f.Kind == "text":
		one.Kind = "text"
	case f.Kind == "date":
		one.Kind = "date"
	}
	return one, there
}

func (in room) consents(c referrals.Case, typed url.Values) []consentForm {
	out := []consentForm{}
	for _, h := range c.Handovers {
		if h.State != referrals.Withheld && h.State != referrals.Waiting {
			continue
		}
		chosen := func(part string) string { return typed.Get(part + "." + h.Reference) }
		f := consentForm{Reference: h.Reference, Destination: destinationWords(h.Destination), Now: "referral.decision." + string(h.Consent.Decision), Because: chosen("because")}
		f.Open = strings.TrimSpace(chosen("ground")+chosen("why")+chosen("told")+f.Because) != ""
		in.consentLists(&f, h.Destination, c.Nation, chosen)
		out = append(out, f)
	}
	return out
}

// consentLists are what may be chosen about consent for a destination in a nation, with what was.
func (j *Journey) consentLists(f *consentForm, destination string, n directory.Nation, chosen func(part string) string) {
	grounds := map[string]bool{}
	for _, d := range packet.Decisions() {
		f.Decisions = append(f.Decisions, option{string(d), "referral.decision." + string(d), chosen("decision") == string(d)})
		for _, g := range j.Desk.Book.GroundsFor(destination, n, d) {
			if !grounds[g.ID] {
				grounds[g.ID] = true
				f.Grounds = append(f.Grounds, option{g.ID, "referral.ground." + g.ID, chosen("ground") == g.ID})
			}
		}
	}
	for _, w := range packet.Whys() {
		f.Whys = append(f.Whys, option{string(w), "referral.why." + string(w), chosen("why") == string(w)})
	}
	for _, t := range packet.Tolds() {
		f.Tolds = append(f.Tolds, option{string(t), "referral.told." + string(t), chosen("told") == string(t)})
	}
}

// mend takes the fields as they shall be. What is left empty is not told any more.
func (in room) mend(r *web.Request) (web.Page, error) {
	a, err := in.read(r, in.mendKind)
	if err != nil {
		return web.Page{}, err
	}
	s, ref := r.Session(), r.Param("ref")
	change := referrals.Change{Consent: map[string]packet.Consent{}}
	for name, value := range a.All() {
		if field, row, ok := fieldOf(name); ok {
			if strings.TrimSpace(value) != "" {
				change.Entries = append(change.Entries, packet.Entry{Field: field, Row: row, Value: vault.Keep(value)})
			}
			continue
		}
		// A ground without a decision is refused by the desk, never left away.
		if part, reference, _ := strings.Cut(name, "."); slices.Contains(consentParts, part) && strings.TrimSpace(value) != "" {
			one := func(part string) string { v, _ := a.One(part + "." + reference); return v }
			change.Consent[reference] = packet.Consent{
				Decision: packet.Decision(one("decision")), Ground: one("ground"), Why: packet.Why(one("why")), Told: packet.Told(one("told")), Words: vault.Keep(one("because")),
			}
		}
	}
	if len(a.faults) > 0 {
		return in.mendAgain(r, a, referrals.Case{}, nil, 422, "desk.fault.invalid")
	}
	do := in.Desk.Amend
	if event, _ := a.One("event"); event == string(referrals.Resubmit) {
		do = in.Desk.Resubmit
	}
	c, faults, err := do(r.Context(), s.Actor, ref, revOf(a), change)
	switch {
	case err == nil:
		return in.to(r, in.base+c.Reference, a.lang), nil
	case errors.Is(err, referrals.ErrNotFound):
		return web.Page{}, err
	case len(faults) > 0:
		return in.mendAgain(r, a, referrals.Case{}, faults, 422, "desk.fault.fields")
	}
	for _, w := range whyNot {
		if errors.Is(err, w.err) {
			return in.mendAgain(r, a, c, nil, w.status, w.words)
		}
	}
	return web.Page{}, err
}

// mendAgain shows the form with what was typed, on the case as it is now, which may hold what was told since.
func (in room) mendAgain(r *web.Request, a asked, c referrals.Case, faults []packet.Fault, status int, words string) (web.Page, error) {
	var err error
	if c.Reference == "" {
		c, err = in.opened(r)
	} else {
		err = in.noteOpening(r, c)
	}
	if err != nil {
		return web.Page{}, err
	}
	return in.mendWith(r, status, a, c, faults, words)
}
