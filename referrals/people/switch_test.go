package people

import (
	"errors"
	"testing"

	"waypost/internal/trail"
)

// A19.
func TestAfterASwitchOneActsForTheOtherOrganisationAlone(t *testing.T) {
	w := newWorld(t)
	home := w.found(Practice)
	host := w.found(ReceivingService)
	_, token, err := w.Invite(t.Context(), host.stepUp().actor, "Invented Colleague", []Role{Receiver})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Join(t.Context(), home.cookie, token.Reveal()); !errors.Is(err, ErrStepUp) {
		t.Errorf("joined without a step-up: %v", err)
	}
	practice, before := home.actor.Organisation(), home.stepUp().cookie
	in, err := w.Join(t.Context(), before, token.Reveal())
	if err != nil || in.Actor.Organisation() != host.actor.Organisation() || w.alive(before) {
		t.Fatalf("%v", err)
	}
	there := in.Token.Reveal()
	s, err := w.Resolve(t.Context(), there)
	if err != nil || s.Actor.Fresh() {
		t.Fatalf("%v, fresh %t", err, s.Actor.Fresh())
	}
	if err := May(s.Actor, PacketRead, host.actor.Organisation()); err != nil {
		t.Error(err)
	}
	if err := May(s.Actor, CaseRead, practice); !errors.Is(err, ErrNotFound) {
		t.Errorf("reads the practice's cases from the service: %v", err)
	}
	if err := May(s.Actor, CaseRead, host.actor.Organisation()); !errors.Is(err, ErrForbidden) {
		t.Errorf("is a lead still: %v", err)
	}
	if s.Actor.Member() == home.actor.Member() {
		t.Error("one id in two organisations: either could follow the other's")
	}

	there = (&staff{w: w, key: home.key, cookie: there}).stepUp().cookie
	back, err := w.Switch(t.Context(), there, practice)
	if err != nil || w.alive(there) {
		t.Fatalf("%v", err)
	}
	s, err = w.Resolve(t.Context(), back.Token.Reveal())
	if err != nil || s.Actor.Member() != home.actor.Member() || s.Actor.Fresh() {
		t.Errorf("%v %+v", err, s.Actor)
	}
	if err := May(s.Actor, PacketRead, host.actor.Organisation()); !errors.Is(err, ErrNotFound) {
		t.Errorf("reads the service's packets from the practice: %v", err)
	}
	if n := w.heard(string(OrganisationSwitch), trail.Done); n < 2 {
		t.Errorf("%d entries", n)
	}
}

func TestNobodySwitchesToWhereTheyDoNotBelong(t *testing.T) {
	w := newWorld(t)
	home, other := w.found(Practice), w.found(Practice)
	for _, target := range []string{other.actor.Organisation(), "no-such-organisation", "", house} {
		if _, err := w.Switch(t.Context(), home.cookie, target); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", target, err)
		}
	}
	if !w.alive(home.cookie) {
		t.Error("the refused switch ended the session")
	}
	if n := w.heard(string(OrganisationSwitch), trail.Denied); n < 4 {
		t.Errorf("%d refusals in the trail", n)
	}
}

// A place that ended, or went to other keys, is gone for the switch too; and the key still opens the other one.
func TestAPlaceThatEndedIsNoPlaceToSwitchTo(t *testing.T) {
	w := newWorld(t)
	home, host := w.found(Practice), w.found(ReceivingService)
	m, token, err := w.Invite(t.Context(), host.stepUp().actor, "Invented Colleague", []Role{Receiver})
	if err != nil {
		t.Fatal(err)
	}
	in, err := w.Join(t.Context(), home.stepUp().cookie, token.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Revoke(t.Context(), host.actor, m.ID); err != nil || w.alive(in.Token.Reveal()) {
		t.Fatalf("%v", err)
	}
	if err := home.signIn(); err != nil || home.actor.Kind() != Practice {
		t.Fatalf("%v", err)
	}
	if _, err := w.Switch(t.Context(), home.cookie, host.actor.Organisation()); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
}
