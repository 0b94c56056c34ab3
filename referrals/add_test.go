package referrals_test

import (
	"errors"
	"slices"
	"testing"

	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/packet"
)

// A case gets another destination: with its own consent, its own reference, its own packet and its own clock.
func TestACaseGetsAnotherDestination(t *testing.T) {
	w := newWorld(t)
	c := w.accepted(consent("domestic-abuse"))
	seen, err := w.Another(w.lead, c, consent("stalking"))
	must(t, err)
	must(t, seen.Err)
	if w.read(c.Reference).Rev != c.Rev || seen.Destination.ID != "stalking" || len(seen.Packet.Lines) == 0 {
		t.Fatal("the preview wrote something, or shows nothing")
	}
	now, err := w.Add(t.Context(), w.lead, c.Reference, c.Rev, referrals.Addition{Choice: consent("stalking")})
	must(t, err)
	if len(now.Handovers) != 2 {
		t.Fatalf("%d hand-overs", len(now.Handovers))
	}
	h := now.Handovers[1]
	if h.State != referrals.Waiting || h.Due.IsZero() || h.Reference == "" || h.Reference == now.Handovers[0].Reference || h.Consent.By != w.lead.Member() || now.State != referrals.Accepted {
		t.Errorf("%+v", h)
	}
	if last := now.Timeline[len(now.Timeline)-1]; last.Event != referrals.Add || last.Handover != h.Reference || w.heard(practice, "case.add", trail.Done) != 1 {
		t.Errorf("%+v", last)
	}
	if p, err := w.Packet(now, h.Reference); err != nil || p.Destination != "stalking" {
		t.Errorf("%v", err)
	}
	_, err = w.Add(t.Context(), w.lead, now.Reference, now.Rev, referrals.Addition{Choice: consent("stalking")})
	want(t, err, referrals.ErrInvalid) // it is there already
	if newer, err := w.Add(t.Context(), w.lead, now.Reference, c.Rev, referrals.Addition{Choice: consent("police")}); !errors.Is(err, referrals.ErrConflict) || newer.Rev != now.Rev {
		t.Errorf("%v", err)
	}
	_, err = w.Decide(t.Context(), w.lead, now.Reference, now.Rev, referrals.Decision{Event: referrals.Add})
	want(t, err, referrals.ErrInvalid)
	// Refused, and no ground: that stands in the case, and there is no packet.
	refused := consent("iris")
	refused.Consent = packet.Consent{Decision: packet.Refused}
	now, err = w.Add(t.Context(), w.lead, now.Reference, now.Rev, referrals.Addition{Choice: refused})
	must(t, err)
	if h := now.Handovers[2]; h.State != referrals.Withheld || !h.Due.IsZero() {
		t.Errorf("%+v", h)
	}
	_, err = w.Packet(now, now.Handovers[2].Reference)
	want(t, err, packet.ErrNoConsent)
	for _, no := range []referrals.Choice{{Destination: "no-such", Consent: packet.Consent{Decision: packet.Given}}, {Destination: "police"}} {
		_, err = w.Add(t.Context(), w.lead, now.Reference, now.Rev, referrals.Addition{Choice: no})
		want(t, err, referrals.ErrInvalid)
	}
	w.sound()
}

// Another service comes in the place of one that declined, in one commit, and consent is asked anew: it was given for the other.
func TestAnotherServiceComesInThePlaceOfOne(t *testing.T) {
	w := newWorld(t)
	c := w.out(referrals.Refused)
	old := c.Handovers[0]
	next := consent(old.Destination)
	next.Service, next.Consent = "another-one", packet.Consent{Decision: packet.Refused}
	instead := referrals.Addition{Choice: next, Instead: old.Reference}
	_, err := w.Add(t.Context(), w.clinician, c.Reference, c.Rev, instead)
	if err == nil {
		t.Error("whoever opened the case drops a hand-over, which only the desk may")
	}
	if after := w.read(c.Reference); after.Rev != c.Rev || after.Handovers[0].State != referrals.Refused {
		t.Fatal("it was refused and changed something")
	}
	now, err := w.Add(t.Context(), w.lead, c.Reference, c.Rev, instead)
	must(t, err)
	if now.Handovers[0].State != referrals.Dropped || now.Handovers[0].Reason != "another-service" || !now.Handovers[0].Due.IsZero() {
		t.Errorf("%+v", now.Handovers[0])
	}
	if h := now.Handovers[1]; h.State != referrals.Withheld || h.Service != "another-one" || h.Reference == old.Reference {
		t.Errorf("consent was taken over: %+v", h)
	}
	events := []referrals.Event{}
	for _, s := range now.Timeline[len(c.Timeline):] {
		events = append(events, s.Event)
	}
	if !slices.Equal(events, []referrals.Event{referrals.Drop, referrals.Add}) {
		t.Errorf("%v", events)
	}
	for _, s := range []referrals.State{referrals.Out, referrals.Opened, referrals.Taken, referrals.Helping, referrals.Done} {
		c := w.out(s)
		_, err := w.Add(t.Context(), w.lead, c.Reference, c.Rev, referrals.Addition{Choice: next, Instead: c.Handovers[0].Reference})
		want(t, err, referrals.ErrState) // what is with a service is answered or recalled first
	}
	inReview := w.in(referrals.InReview)
	_, err = w.Add(t.Context(), w.lead, inReview.Reference, inReview.Rev, referrals.Addition{Choice: next, Instead: inReview.Handovers[0].Reference})
	want(t, err, referrals.ErrState)
	_, err = w.Add(t.Context(), w.lead, now.Reference, now.Rev, referrals.Addition{Choice: next, Instead: "00"})
	want(t, err, referrals.ErrState)
	w.sound()
}

// A case has an end to its destinations, and one that somebody is kept away from gets none by them.
func TestThereIsAnEndToDestinations(t *testing.T) {
	w := newWorld(t)
	c := w.accepted(consent("domestic-abuse"))
	var err error
	for i := len(c.Handovers); i < referrals.MostDestinations; i++ {
		one := consent("domestic-abuse")
		one.Service = "service-" + string(rune('a'+i))
		c, err = w.Add(t.Context(), w.lead, c.Reference, c.Rev, referrals.Addition{Choice: one})
		must(t, err)
	}
	_, err = w.Add(t.Context(), w.lead, c.Reference, c.Rev, referrals.Addition{Choice: consent("stalking")})
	want(t, err, referrals.ErrInvalid)
	kept := w.accepted(consent("domestic-abuse"))
	kept, err = w.Exclude(t.Context(), w.clinician, kept.Reference, kept.Rev, w.lead.Member(), true)
	must(t, err)
	_, err = w.Add(t.Context(), w.lead, kept.Reference, kept.Rev, referrals.Addition{Choice: consent("stalking")})
	want(t, err, referrals.ErrNotFound)
	ground := consent("marac")
	ground.Consent = packet.Consent{Decision: packet.Refused, Ground: "no-such-ground", Words: vault.Keep("invented")}
	_, err = w.Another(w.clinician, kept, ground)
	want(t, err, referrals.ErrInvalid)
}
