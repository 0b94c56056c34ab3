package desk

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

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

// plain are the events that have a form of this shape; amending and resubmitting take the fields of the whole case, and another
// destination has a page of its own.
func plain(e referrals.Event) bool {
	return e != referrals.Amend && e != referrals.Resubmit && e != referrals.Add
}

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
	Kind                                  string // the destination's id
	MayReplace                            bool   // another service may come in its place
	MayAsk, Asked                         bool   // for the service's private contacts; and whether they are shown
	Contacts                              []Contact
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
			Kind: h.Destination, MayReplace: in.mayAdd(s, c, referrals.Drop, h.State) && in.mayAdd(s, c, referrals.Add, c.State),
			MayAsk: h.Service != "" && h.State != referrals.Withheld && in.base == CasePath && people.May(s.Actor, people.DirectoryReadPrivate, s.Actor.Organisation()) == nil,
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
		if !in.may(s, l) || l.Event == referrals.Recall && h.Packet == "" || l.Event == referrals.Offer && !slices.Contains(dest.Channels, packet.PickUp) {
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

// left is what was typed into a form that is not on the page any more: it is shown so that nobody types it again. Of the
// fields of the whole case it is those that were changed.
func (in room) left(s people.Session, c referrals.Case, typed url.Values) []told {
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
	var out []told
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		text := typed.Get(name)
		field, row, ours := fieldOf(name)
		now, _ := c.Dossier.At(field, row)
		switch {
		case text == "", ours && text == now.Reveal():
		case ours:
			out = append(out, in.told(field, row, text))
		case name == "words", name == "theirs", strings.HasPrefix(name, "because."):
			out = append(out, told{Text: text})
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
