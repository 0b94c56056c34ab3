package desk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/records"
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
		in := room{j, d.base}
		all = append(all,
			j.on("GET", d.base+":ref", d.read, in.show),
			j.on("POST", d.base+":ref/open", d.read, in.open),
			j.on("POST", d.base+":ref/packet", d.read, in.packet),
			j.on("POST", d.base+":ref/decide", d.decide, in.decide),
			j.on("POST", d.base+":ref/mend/open", d.read, in.mendPage),
			j.on("POST", d.base+":ref/mend", d.decide, in.mend),
			j.on("POST", d.base+":ref/exclude", d.exclude, in.exclude),
		)
		if d.hand == "" {
			continue
		}
		all = append(all,
			j.on("POST", d.base+":ref/hand-over", d.hand, in.decide),
			j.on("POST", d.base+":ref/offer", d.hand, in.offer),
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
	base string
}

// notice is what a page of a case says about what was just tried, with what was typed then.
type notice struct {
	words string
	typed url.Values
}

func (in room) show(r *web.Request) (web.Page, error) {
	a, err := in.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	c, err := in.Desk.Read(r.Context(), r.Session().Actor, r.Param("ref"))
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
	s := r.Session()
	c, err := in.Desk.Read(r.Context(), s.Actor, r.Param("ref"))
	if err != nil {
		return referrals.Case{}, err
	}
	act := records.Act{Tenant: s.Actor.Organisation(), Actor: s.Actor.Member(), Action: "case.open"}
	return c, in.Trail.Note(r.Context(), act, trail.Done, "case", c.Reference)
}

func (in room) caseWith(r *web.Request, status int, lang string, c referrals.Case, n notice) (web.Page, error) {
	return in.caseOpened(r, status, lang, c, n, false)
}

func (in room) caseOpened(r *web.Request, status int, lang string, c referrals.Case, n notice, open bool) (web.Page, error) {
	s := r.Session()
	v := values{
		"Path": in.base + c.Reference, "Short": short(c.Reference), "State": said(stateWords, c.State), "Level": levelOf(c.Urgency),
		"Due": in.when(c.Due), "Since": in.when(c.Since), "OpenedOn": in.when(c.Opened), "Expires": in.when(c.Expires),
		"Nation": nationWords(c.Nation), "Age": said(ageWords, c.Age), "Children": in.Desk.Book.Code(c.Dossier, "children.involved"),
		"Contact": in.contact(c), "Lines": linesOf(c), "Found": c.Found, "Timeline": in.timeline(s, c), "Excluded": len(c.Excluded),
		"Notice": n.words, "Forms": in.forms(s, c, n.typed), "Handovers": in.handovers(s, c, n.typed), "Left": in.left(s, c, n.typed),
		"ByLead": in.base == CasePath, "Open": open, "Parts": []part(nil), "Outcome": c.Outcome, "OutcomeWords": said(reasonWords, c.Outcome),
		"Holds": len(c.Dossier.Entries()) > 0, "Mend": "",
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
		f, _ := j.Desk.Book.Field(e.Field)
		t := told{Field: "referral.field." + e.Field}
		if f.Rows > 1 {
			t.Row = e.Row + 1
		}
		if f.List != "" {
			t.Say = "referral.code." + f.List + "." + e.Value.Reveal()
		} else {
			t.Text = e.Value.Reveal()
		}
		all[len(all)-1].Lines = append(all[len(all)-1].Lines, t)
	}
	return all
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

// option is a choice of a form.
type option struct {
	ID, Words string
	On        bool
}

// form is a decision that may be taken now.
type form struct {
	ID, Path, Event, Words, Effect string
	Handover, Rev                  string
	Reasons, Channels              []option
	Speaks, Theirs, Until          bool // which fields it has
	Said, TheirsSaid, UntilSaid    string
	Open                           bool
}

// plain are the events that have a form of this shape; amending and resubmitting take the fields of the whole case.
func plain(e referrals.Event) bool { return e != referrals.Amend && e != referrals.Resubmit }

func (in room) may(s people.Session, l referrals.Line) bool {
	return slices.ContainsFunc(l.Who, func(a people.Action) bool {
		return (in.base == CasePath || a == people.CaseOwn) && people.May(s.Actor, a, s.Actor.Organisation()) == nil
	})
}

// forms are the decisions about the case itself.
func (in room) forms(s people.Session, c referrals.Case, typed url.Values) []form {
	var all []form
	for _, l := range referrals.Events(c.State, false) {
		if plain(l.Event) && in.may(s, l) {
			all = append(all, in.form(c, l, "", 0, typed))
		}
	}
	return all
}

func (in room) form(c referrals.Case, l referrals.Line, handover string, at int, typed url.Values) form {
	f := form{
		ID: string(l.Event) + "." + strconv.Itoa(at), Path: in.base + c.Reference + "/decide", Event: string(l.Event), Words: said(eventWords, l.Event), Effect: said(effectWords, l.Event),
		Handover: handover, Rev: strconv.FormatInt(c.Rev, 10), Speaks: l.Event != referrals.Offer, Until: l.Event == referrals.Keep,
		Theirs: l.Event == referrals.HandOver,
	}
	if !slices.Contains(l.Who, people.CaseDecide) && slices.Contains(l.Who, people.HandOver) {
		f.Path = in.base + c.Reference + "/hand-over"
	}
	mine := typed.Get("event") == f.Event && typed.Get("handover") == handover
	if mine {
		f.Said, f.TheirsSaid, f.UntilSaid, f.Open = typed.Get("words"), typed.Get("theirs"), typed.Get("until"), true
	}
	for _, code := range l.Reasons {
		f.Reasons = append(f.Reasons, option{code, said(reasonWords, code), mine && typed.Get("reason") == code})
	}
	return f
}

// handover is one destination of the case, and what may be done about it.
type handover struct {
	Reference, Destination, Next, Service string
	State, Consent, Ground                string
	Channel                               string
	Due, At, LinkEnds                     *moment
	Theirs                                string
	Reason, Outcome                       string
	HasPacket                             bool
	Forms                                 []form
}

func inHand(s referrals.State) bool {
	return slices.Contains([]referrals.State{referrals.Accepted, referrals.HandedOver, referrals.Acknowledged, referrals.Declined, referrals.Escalated}, s)
}

func (in room) handovers(s people.Session, c referrals.Case, typed url.Values) []handover {
	all := []handover{}
	for i, h := range c.Handovers {
		one := handover{
			Reference: h.Reference, Destination: destinationWords(h.Destination), Next: "referral.destination." + h.Destination + ".next",
			Service: in.service(h.Service), State: said(handoverWords, h.State), Consent: "referral.decision." + string(h.Consent.Decision),
			Due: in.when(h.Due), At: in.when(h.At), LinkEnds: in.when(h.LinkEnds), Theirs: h.Theirs.Reveal(), HasPacket: h.State != referrals.Withheld,
		}
		if h.Consent.Ground != "" {
			one.Ground = "referral.ground." + h.Consent.Ground
		}
		if h.Channel != "" {
			one.Channel = channelWords(h.Channel)
		}
		if h.Reason != "" {
			one.Reason = said(reasonWords, h.Reason)
		}
		if h.Outcome != "" {
			one.Outcome = said(reasonWords, h.Outcome)
		}
		if inHand(c.State) {
			one.Forms = in.handoverForms(s, c, h, i+1, typed)
		}
		all = append(all, one)
	}
	return all
}

func (in room) handoverForms(s people.Session, c referrals.Case, h referrals.Handover, at int, typed url.Values) []form {
	var all []form
	dest, _ := in.Desk.Book.Destination(h.Destination)
	for _, l := range referrals.Events(h.State, true) {
		if !in.may(s, l) || l.Event == referrals.Recall && h.Packet == "" || l.Event == referrals.Offer && (h.Receiver == "" || !slices.Contains(dest.Channels, packet.PickUp)) {
			continue
		}
		f := in.form(c, l, h.Reference, at, typed)
		if l.Event == referrals.Offer {
			f.Path = in.base + c.Reference + "/offer"
		}
		if l.Event == referrals.HandOver {
			for _, ch := range dest.Channels {
				if ch != packet.PickUp {
					f.Channels = append(f.Channels, option{string(ch), channelWords(ch), f.Open && typed.Get("channel") == string(ch)})
				}
			}
		}
		all = append(all, f)
	}
	return all
}

// left is what was typed into a form that is not on the page any more: it is shown so that nobody types it again.
func (in room) left(s people.Session, c referrals.Case, typed url.Values) []string {
	if typed == nil {
		return nil
	}
	shown := in.forms(s, c, typed)
	for _, h := range in.handovers(s, c, typed) {
		shown = append(shown, h.Forms...)
	}
	if slices.ContainsFunc(shown, func(f form) bool { return f.Open }) {
		return nil
	}
	var out []string
	for _, field := range []string{"words", "theirs"} {
		if text := typed.Get(field); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// service is the name of a service as the directory has it.
func (j *Journey) service(id string) string {
	if id == "" {
		return ""
	}
	if s, ok := j.Services.Directory().Find(id); ok {
		return s.Name
	}
	return id
}
