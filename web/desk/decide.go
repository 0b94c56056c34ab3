package desk

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/web"
)

// decideFields are those of a decision.
var decideFields = map[string]web.Kind{
	"event": web.One, "handover": web.One, "rev": web.One, "reason": web.One, "channel": web.One, "until": web.One,
	"words": web.Prose, "theirs": web.Line,
}

// refusal is an error of the room below with the status and the words of its page.
type refusal struct {
	err    error
	status int
	words  string
}

// Why a decision was not taken, in words. What is not here is shown as every error of the service is.
var whyNot = []refusal{
	{referrals.ErrConflict, 409, "desk.fault.conflict"},
	{referrals.ErrState, 409, "desk.fault.state"},
	{referrals.ErrOpened, 409, "desk.fault.opened"},
	{referrals.ErrStillOut, 409, "desk.fault.still-out"},
	{referrals.ErrNotReady, 422, "desk.fault.not-ready"},
	{referrals.ErrReason, 422, "desk.fault.reason"},
	{packet.ErrNoConsent, 422, "desk.fault.no-consent"},
	{referrals.ErrInvalid, 422, "desk.fault.invalid"},
}

func (in room) decide(r *web.Request) (web.Page, error) {
	a, err := in.read(r, kinds(decideFields))
	if err != nil {
		return web.Page{}, err
	}
	if len(a.faults) > 0 {
		return in.refused(r, a, referrals.Case{}, referrals.ErrInvalid)
	}
	one := func(name string) string { v, _ := a.One(name); return v }
	d := referrals.Decision{
		Event: referrals.Event(one("event")), Handover: one("handover"), Reason: one("reason"), Channel: packet.Channel(one("channel")),
		Words: vault.Keep(one("words")), Theirs: vault.Keep(one("theirs")),
	}
	if until := one("until"); until != "" {
		if d.Until, err = time.Parse(time.DateOnly, until); err != nil {
			return in.refused(r, a, referrals.Case{}, referrals.ErrInvalid)
		}
	}
	c, err := in.Desk.Decide(r.Context(), r.Session().Actor, r.Param("ref"), revOf(a), d)
	if err != nil {
		return in.refused(r, a, c, err)
	}
	return in.to(r, in.base+c.Reference, a.lang), nil
}

// revOf is the case as the form's page showed it; what is no number is none that there ever was.
func revOf(a asked) int64 {
	text, _ := a.One("rev")
	rev, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return rev
}

// refused shows the case as it is now, with what was typed still in its form.
func (in room) refused(r *web.Request, a asked, c referrals.Case, cause error) (web.Page, error) {
	for _, w := range whyNot {
		if !errors.Is(cause, w.err) || errors.Is(cause, referrals.ErrNotFound) {
			continue
		}
		if c.Reference == "" {
			var err error
			if c, err = in.Desk.Read(r.Context(), r.Session().Actor, r.Param("ref")); err != nil {
				return web.Page{}, err
			}
		}
		return in.caseWith(r, w.status, a.lang, c, notice{words: w.words, typed: a.typed})
	}
	return web.Page{}, cause
}

// offer makes the link and the code, which are shown this once.
func (in room) offer(r *web.Request) (web.Page, error) {
	a, err := in.read(r, kinds(decideFields))
	if err != nil {
		return web.Page{}, err
	}
	reference, _ := a.One("handover")
	c, link, err := in.Desk.Offer(r.Context(), r.Session().Actor, r.Param("ref"), revOf(a), reference)
	if err != nil {
		return in.refused(r, a, c, err)
	}
	service := ""
	if i := c.Handover(reference); i >= 0 {
		service = in.service(c.Handovers[i].Service)
	}
	return in.within(r.Session(), 200, a.lang, "link", values{
		"Link": in.address(link), "AtDoor": link.AtDoor, "Code": link.Code.Reveal(), "Ends": in.when(link.Ends), "Service": service, "Path": in.base + c.Reference,
	})
}

// packet shows what one destination gets, and has an entry of its own in the trail.
func (in room) packet(r *web.Request) (web.Page, error) {
	a, err := in.read(r, kinds(decideFields))
	if err != nil {
		return web.Page{}, err
	}
	c, err := in.opened(r)
	if err != nil {
		return web.Page{}, err
	}
	reference, _ := a.One("handover")
	p, err := in.Desk.Packet(c, reference)
	if err != nil {
		return in.refused(r, a, c, err)
	}
	v := in.packetValues(a.lang, p)
	v["Path"] = in.base + c.Reference
	return in.within(r.Session(), 200, a.lang, "packet", v)
}

// contactParts are how the person is reached, and how not: they stand apart, before everything else.
var contactParts = []string{"referral.part.unsafe", "referral.part.contact", "referral.part.safe"}

// packetValues are a packet as a page shows it: whole, as text to copy, and discreet where the record can leak.
func (j *Journey) packetValues(lang string, p packet.Packet) values {
	words, parts := j.Words.In(lang, nil), partsOf(p)
	first := slices.IndexFunc(parts, func(one part) bool { return !slices.Contains(contactParts, one.Words) })
	if first < 0 {
		first = len(parts)
	}
	v := values{
		"Destination": destinationWords(p.Destination), "Reference": p.Reference, "Contact": parts[:first], "Parts": parts[first:],
		"Missing": p.Missing, "Plain": p.Plain(words), "Discreet": "", "JSON": "",
	}
	if text, err := p.JSON(); err == nil {
		v["JSON"] = string(text)
	}
	if p.Leaks {
		v["Discreet"] = p.PlainDiscreet(words)
	}
	return v
}
