package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/web"
)

// One more destination for a case: chosen with its service, with consent for it alone, and with exactly what it would get shown
// before it is added. Nothing is handed over by that.

var moreFields = map[string]web.Kind{
	"rev": web.One, "view": web.One, "seen": web.One, "destination": web.One, "service": web.One, "instead": web.One, "postcode": web.Line,
	"decision": web.One, "ground": web.One, "why": web.One, "told": web.One, "because": web.Prose,
}

// The steps of the form, as its buttons name them.
const (
	moreCheck = "check"
	moreAdd   = "add"
)

// mayAdd says whether the table lets this member give the case another destination, and dropping lets it come in the place of
// another one.
func (in room) mayAdd(s people.Session, c referrals.Case, e referrals.Event, from referrals.State) bool {
	return slices.ContainsFunc(referrals.Table(), func(l referrals.Line) bool {
		return l.Event == e && slices.Contains(l.From, from) && in.may(s, l) && (!l.Handover || inHand(c.State))
	})
}

func (in room) more(r *web.Request) (web.Page, error) {
	a, c, err := in.asking(r, kinds(moreFields))
	if err != nil {
		return web.Page{}, err
	}
	s := r.Session()
	if !in.mayAdd(s, c, referrals.Add, c.State) {
		return in.caseWith(r, 409, a.lang, c, notice{words: "desk.fault.state", typed: a.typed})
	}
	if len(a.faults) > 0 {
		return in.moreWith(r, 422, a, c, "desk.fault.invalid", nil)
	}
	view, _ := a.One("view")
	if view != moreCheck && view != moreAdd {
		return in.moreWith(r, 200, a, c, "", nil)
	}
	choice, words := in.choiceOf(a, c)
	if words != "" {
		return in.moreWith(r, 422, a, c, words, nil)
	}
	notice := ""
	if view == moreAdd {
		if seen, _ := a.One("seen"); seen != markOf(choice) { // nobody adds what they have not seen
			view, notice = moreCheck, "desk.more.changed"
		}
	}
	if view == moreAdd {
		instead, _ := a.One("instead")
		now, err := in.Desk.Add(r.Context(), s.Actor, c.Reference, revOf(a), referrals.Addition{Choice: choice, Instead: instead})
		if err == nil {
			return in.to(r, in.base+now.Reference, a.lang), nil
		}
		return in.moreRefused(r, a, now, c, err)
	}
	if err := in.noteOpening(r, c); err != nil { // what it would get is what was told
		return web.Page{}, err
	}
	seen, err := in.Desk.Another(s.Actor, c, choice)
	if err != nil {
		return in.moreRefused(r, a, referrals.Case{}, c, err)
	}
	return in.moreWith(r, 200, a, c, notice, &seen)
}

// markOf names a choice as its preview showed it. The reason in words is none of it: no destination is told that.
func markOf(c referrals.Choice) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{c.Destination, c.Service, string(c.Consent.Decision), c.Consent.Ground, string(c.Consent.Why), string(c.Consent.Told)}, "\n")))
	return hex.EncodeToString(sum[:])
}

// moreRefused shows the form again, on the case as it is now, with why nothing was added.
func (in room) moreRefused(r *web.Request, a asked, now, c referrals.Case, cause error) (web.Page, error) {
	if now.Reference != "" {
		c = now
	}
	for _, w := range whyNot {
		if errors.Is(cause, w.err) && !errors.Is(cause, referrals.ErrNotFound) {
			return in.moreWith(r, w.status, a, c, w.words, nil)
		}
	}
	return web.Page{}, cause
}

// choiceOf is what the form chooses, or the words for what is wrong with it.
func (in room) choiceOf(a asked, c referrals.Case) (out referrals.Choice, words string) {
	one := func(name string) string { v, _ := a.One(name); return v }
	out = referrals.Choice{Destination: one("destination"), Service: one("service"), Consent: packet.Consent{
		Decision: packet.Decision(one("decision")), Ground: one("ground"), Why: packet.Why(one("why")), Told: packet.Told(one("told")), Words: vault.Keep(one("because")),
	}}
	dest, known := in.Desk.Book.Destination(out.Destination)
	service, there := in.shown(out.Service)
	out.Rule = service.Consent
	switch {
	case !known || dest.Fits(c.Nation, c.Age) != nil:
		return out, "desk.more.no-destination"
	case !there:
		return out, "desk.more.no-service"
	case !slices.Contains(packet.Decisions(), out.Consent.Decision):
		return out, "desk.more.no-decision"
	case slices.ContainsFunc(c.Handovers, func(h referrals.Handover) bool {
		return h.Destination == out.Destination && h.Service == out.Service && h.State != referrals.Dropped
	}):
		return out, "desk.more.twice"
	}
	return out, ""
}

// shown is a service as staff may see it. No service is one, too: whoever hands over names it.
func (j *Journey) shown(id string) (directory.Service, bool) {
	if id == "" {
		return directory.Service{}, true
	}
	s, ok := j.Services.Directory().Find(id)
	if !ok {
		return directory.Service{}, false
	}
	seen, ok := s.Seen(directory.Look{Today: j.Now(), Mode: j.Mode, Audience: directory.Staff})
	return seen.Service, ok && s.ShownTo != directory.NeverWithVictim
}

// offered is one service that may be chosen.
type offered struct {
	ID, Name, For string
	On            bool
}

// mostOffered is how many services stand to be chosen for one need.
const mostOffered = 12

// services are those that stand for a destination, in the area if one was given. What was chosen before stays.
func (in room) services(a asked, c referrals.Case, dest string, at Located) []offered {
	out := []offered{}
	chosen := a.typed.Get("service")
	w := directory.Wants{
		Nation: c.Nation, Age: c.Age, Area: at.Area, Audience: directory.Staff, Mode: in.Mode, Today: in.Now(), Limit: mostOffered,
		Refers: directory.ReferGP, Now: directory.MomentOf(in.Now()),
	}
	if w.Nation == directory.UnknownNation {
		w.Nation = at.Nation
	}
	if need := in.Desk.Book.NeedOf(dest); need != "" {
		w.Needs = []string{need}
		for _, m := range in.Services.Directory().Match(w).Matches {
			if m.Service.Prof != directory.NoProf && !m.Service.EmergencyNumber && slices.Contains(in.Desk.Book.DestinationsOf(m), dest) {
				out = append(out, offered{m.Service.ID, m.Service.Name, m.Service.For, m.Service.ID == chosen})
			}
		}
	}
	if s, ok := in.shown(chosen); ok && chosen != "" && !slices.ContainsFunc(out, func(o offered) bool { return o.On }) {
		out = append(out, offered{s.ID, s.Name, s.For, true})
	}
	return out
}

func (in room) moreWith(r *web.Request, status int, a asked, c referrals.Case, words string, seen *referrals.Preview) (web.Page, error) {
	typed := func(name string) string { return a.typed.Get(name) }
	dest, instead, rev := typed("destination"), typed("instead"), c.Rev
	if status == 422 && a.typed.Has("rev") { // not compared with the case yet
		rev = revOf(a)
	}
	v := values{
		"Path": in.base + c.Reference, "Short": short(c.Reference), "Notice": words, "Rev": rev, "Instead": "", "Old": "", "Chosen": dest, "DestinationWords": "",
		"Destinations": []option(nil), "Area": "", "Place": "", "Services": []offered(nil), "NoService": typed("service") == "", "Consent": in.consentFor(c, dest, typed),
		"Seen": seen != nil, "Mark": "", "Withheld": false, "Missing": []string(nil), "Contact": []part(nil), "Parts": []part(nil), "Rule": "", "Triggers": "",
	}
	for _, d := range in.Desk.Book.Destinations {
		if d.Fits(c.Nation, c.Age) == nil {
			v["Destinations"] = append(v["Destinations"].([]option), option{d.ID, destinationWords(d.ID), d.ID == dest})
		}
	}
	if i := c.Handover(instead); i >= 0 && in.mayAdd(r.Session(), c, referrals.Drop, c.Handovers[i].State) {
		v["Instead"], v["Old"] = instead, in.service(c.Handovers[i].Service)
	}
	if _, known := in.Desk.Book.Destination(dest); known {
		postcode, _ := a.One("postcode")
		at := Locate(in.Places, vault.Keep(postcode))
		v["Area"], v["Place"], v["Services"], v["DestinationWords"] = at.Notice, at.Place, in.services(a, c, dest, at), destinationWords(dest)
		v["Rule"], v["Triggers"] = "referral.destination."+dest+".consent", "referral.destination."+dest+".triggers"
	}
	if seen != nil {
		v["Withheld"] = seen.Err != nil
		if choice, words := in.choiceOf(a, c); words == "" {
			v["Mark"] = markOf(choice)
		}
		if seen.Err == nil {
			one := in.packetValues(a.lang, seen.Packet)
			v["Missing"], v["Contact"], v["Parts"] = one["Missing"], one["Contact"], one["Parts"]
		}
	}
	return in.within(r.Session(), status, a.lang, "more", v)
}

// consentFor are the fields about consent for one destination, with what was typed.
func (in room) consentFor(c referrals.Case, dest string, typed func(string) string) consentForm {
	f := consentForm{Because: typed("because"), Open: typed("ground")+typed("why")+typed("told")+typed("because") != "" || typed("decision") != "" && typed("decision") != string(packet.Given)}
	in.consentLists(&f, dest, c.Nation, typed)
	return f
}
