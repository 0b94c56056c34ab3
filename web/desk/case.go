package desk

import (
	"net/url"
	"slices"
	"strings"

	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/screening"
	"waypost/web"
)

// caseRoutes are the pages of the desk about one case, twice: for a lead, and for somebody who may see only their own, or
// broke the glass. What may be done is the same table for both.
func (j *Journey) caseRoutes() []web.Route {
	var all []web.Route
	for _, d := range []struct {
		base                        string
		read, decide, hand, exclude people.Action
	}{
		{CasePath, people.CaseRead, people.CaseDecide, people.HandOver, people.CaseExclude},
		{OwnPath, people.CaseOwn, people.CaseOwn, "", people.CaseExclude},
	} {
		in := room{j, d.base, d.read}
		all = append(all,
			j.on("GET", d.base+":ref", d.read, in.show),
			j.on("POST", d.base+":ref/open", d.read, in.open),
			j.on("POST", d.base+":ref/packet", d.read, in.packet),
			j.on("POST", d.base+":ref/decide", d.decide, in.decide),
			j.on("POST", d.base+":ref/mend/open", d.read, in.mendPage),
			j.on("POST", d.base+":ref/mend", d.decide, in.mend),
			j.on("POST", d.base+":ref/more", d.decide, in.more),
			j.on("GET", d.base+":ref/away", d.read, in.away),
			j.on("POST", d.base+":ref/exclude", d.exclude, in.exclude),
		)
		if d.hand == "" {
			continue
		}
		all = append(all,
			j.on("POST", d.base+":ref/hand-over", d.hand, in.decide),
			j.on("POST", d.base+":ref/offer", d.hand, in.offer),
			j.on("POST", d.base+":ref/contact", d.read, in.serviceContact),
			j.on("GET", d.base+":ref/who", d.read, in.who),
			j.on("GET", d.base+":ref/same", d.read, in.same),
		)
	}
	return append(all,
		j.on("GET", Path, people.CaseList, j.queue),
		j.on("GET", ownPath, people.CaseOwn, j.own),
	)
}

// room is the desk's pages about one case under one of its two addresses.
type room struct {
	*Journey
	base  string
	reads people.Action
}

// notice is what a page of a case says about what was just tried, with what was typed then, or shows for it.
type notice struct {
	words    string
	typed    url.Values
	handover string // whose service's private contacts are shown
	contacts []Contact
}

// asking reads what was sent about a case, and then the case.
func (in room) asking(r *web.Request, fields func(string) web.Kind) (asked, referrals.Case, error) {
	a, err := in.read(r, fields)
	if err != nil {
		return asked{}, referrals.Case{}, err
	}
	c, err := in.Desk.Read(r.Context(), r.Session().Actor, r.Param("ref"))
	return a, c, err
}

func (in room) show(r *web.Request) (web.Page, error) {
	a, c, err := in.asking(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return in.caseWith(r, 200, a.lang, c, notice{})
}

// open shows what was told of the person. It has an entry of its own in the trail, written first.
func (in room) open(r *web.Request) (web.Page, error) {
	a, err := in.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	c, err := in.opened(r)
	if err != nil {
		return web.Page{}, err
	}
	return in.caseOpened(r, 200, a.lang, c, notice{}, true)
}

func (in room) opened(r *web.Request) (referrals.Case, error) {
	c, err := in.Desk.Read(r.Context(), r.Session().Actor, r.Param("ref"))
	if err != nil {
		return referrals.Case{}, err
	}
	return c, in.noteOpening(r, c)
}

// noteOpening is the entry of its own; without it nothing of what was told is shown.
func (in room) noteOpening(r *web.Request, c referrals.Case) error {
	s := r.Session()
	act, err := in.Register.Permit(r.Context(), s.Actor, in.reads, s.Actor.Organisation())
	if err != nil {
		return err
	}
	act.Action = "case.open"
	return in.Trail.Note(r.Context(), act, trail.Done, "case", c.Reference)
}

func (in room) caseWith(r *web.Request, status int, lang string, c referrals.Case, n notice) (web.Page, error) {
	return in.caseOpened(r, status, lang, c, n, false)
}

func (in room) caseOpened(r *web.Request, status int, lang string, c referrals.Case, n notice, open bool) (web.Page, error) {
	s := r.Session()
	handovers := in.handovers(s, c, n.typed)
	if i := c.Handover(n.handover); i >= 0 {
		handovers[i].Asked, handovers[i].Contacts = true, n.contacts
	}
	v := values{
		"Path": in.base + c.Reference, "Short": short(c.Reference), "State": said(stateWords, c.State), "Level": levelOf(c.Urgency),
		"Due": in.when(c.Due), "Since": in.when(c.Since), "OpenedOn": in.when(c.Opened), "Expires": in.when(c.Expires),
		"Nation": nationWords(c.Nation), "Age": said(ageWords, c.Age), "Children": in.Desk.Book.Code(c.Dossier, "children.involved"),
		"Contact": in.contact(c), "Lines": linesOf(c), "Found": c.Found, "Timeline": in.timeline(s, c), "Excluded": len(c.Excluded),
		"Notice": n.words, "Forms": in.forms(s, c, n.typed), "Handovers": handovers, "Left": in.left(s, c, n.typed),
		"ByLead": in.base == CasePath, "Open": open, "Parts": []part(nil), "Outcome": c.Outcome, "OutcomeWords": said(reasonWords, c.Outcome),
		"Holds": len(c.Dossier.Entries()) > 0, "Mend": "", "More": in.mayAdd(s, c, referrals.Add, c.State) && len(c.Handovers) < referrals.MostDestinations,
	}
	if e := in.mendEvent(s, c); e != "" {
		v["Mend"] = said(mendWords, e)
	}
	if open {
		v["Parts"] = in.dossier(c)
	}
	return in.within(s, status, lang, "case", v)
}

// told is one line of what is known of a person: a field with the words for its answer, or what somebody typed.
type told struct {
	Field string // id of words, empty for a whole sentence
	Row   int
	Say   string
	Text  string
}

// part is a heading with lines below it.
type part struct {
	Words string
	Lines []told
}

func toldOf(l packet.Line) told {
	t := told{Row: l.Row, Say: l.Say, Text: l.Text.Reveal()}
	if l.Field != "unsafe.contact" && l.Field != "concern" {
		t.Field = "referral.field." + l.Field
	}
	return t
}

// contact is how the person must not be approached, and how they may: the first thing on every page about them. It is what
// every packet begins with, whatever its destination.
func (j *Journey) contact(c referrals.Case) []told {
	p, err := j.Desk.Book.Make(packet.Input{
		Destination: "general", Reference: c.Reference, Made: j.Now(), Nation: c.Nation, Age: c.Age, Urgency: c.Urgency, Dossier: c.Dossier,
		Consent: packet.Consent{Decision: packet.Given, By: "desk", On: j.Now()},
	})
	out := []told{}
	if err != nil {
		return append(out, told{Say: "referral.warning.only-as-below"}, told{Say: "referral.warning.never-the-feared"})
	}
	for _, l := range p.Lines {
		topic, _, _ := strings.Cut(l.Field, ".")
		if l.Unsafe || topic == "contact" || topic == "safe" {
			out = append(out, toldOf(l))
		}
	}
	return out
}

// dossier is everything that was told of the person, part by part.
func (j *Journey) dossier(c referrals.Case) []part {
	var all []part
	for _, e := range c.Dossier.Entries() {
		topic, _, _ := strings.Cut(e.Field, ".")
		if topic == "unsafe" || topic == "contact" || topic == "safe" {
			continue
		}
		if words := "referral.part." + topic; len(all) == 0 || all[len(all)-1].Words != words {
			all = append(all, part{Words: words})
		}
		all[len(all)-1].Lines = append(all[len(all)-1].Lines, j.told(e.Field, e.Row, e.Value.Reveal()))
	}
	return all
}

// told is a field of the dossier with its value, or with the words for none.
func (j *Journey) told(field string, row int, value string) told {
	f, _ := j.Desk.Book.Field(field)
	t := told{Field: "referral.field." + field}
	if f.Rows > 1 {
		t.Row = row + 1
	}
	switch {
	case value == "":
		t.Say = "desk.mend.nothing"
	case slices.Contains(j.Desk.Book.Codes(f.List), value):
		t.Say = "referral.code." + f.List + "." + value
	default:
		t.Text = value
	}
	return t
}

// lineState is one of the three lines and how far it was asked.
type lineState struct{ Line, State string }

func linesOf(c referrals.Case) []lineState {
	out := []lineState{}
	for i, l := range screening.Lines() {
		if i < len(c.Lines) {
			out = append(out, lineState{"line." + l.String(), "line-state." + c.Lines[i]})
		}
	}
	return out
}

type step struct {
	At           *moment
	Who, Event   string
	Reason, Said string
	Destination  string
}

// timeline is what happened, the newest last. Colleagues are named on the page that says who looked.
func (j *Journey) timeline(s people.Session, c referrals.Case) []step {
	out := []step{}
	for _, t := range c.Timeline {
		one := step{At: j.when(t.At), Who: "desk.by.colleague", Event: said(eventWords, t.Event), Said: t.Words.Reveal()}
		switch t.By {
		case s.Actor.Member():
			one.Who = "desk.by.you"
		case "system":
			one.Who = "desk.by.clock"
		case "service":
			one.Who = "desk.by.service"
		case c.OpenedBy:
			one.Who = "desk.by.opener"
		}
		if t.Reason != "" {
			one.Reason = said(reasonWords, t.Reason)
		}
		if i := c.Handover(t.Handover); i >= 0 {
			one.Destination = destinationWords(c.Handovers[i].Destination)
		}
		out = append(out, one)
	}
	return out
}
