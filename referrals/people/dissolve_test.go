package people

import (
	"errors"
	"testing"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// Whoever runs the machine ends an organisation: nobody of it gets through any more, no link of it opens, and of each account
// only the places elsewhere stay.
func TestAnOrganisationIsDissolvedWithItsAccounts(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	both := lead.colleague(Clinician)
	elsewhere := w.found(ReceivingService)
	_, token, err := w.Invite(t.Context(), elsewhere.stepUp().actor, "Invented Colleague", []Role{Receiver})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Join(t.Context(), both.stepUp().cookie, token.Reveal()); err != nil {
		t.Fatal(err)
	}
	_, unused, err := w.Invite(t.Context(), lead.stepUp().actor, "Invented Newcomer", []Role{Clinician})
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.Dissolve(t.Context(), lead.actor.Organisation())
	if err != nil || done != (Dissolved{Members: 3, Accounts: 1}) {
		t.Errorf("%+v: %v", done, err)
	}
	if _, err := w.Resolve(t.Context(), lead.cookie); !errors.Is(err, ErrNoSession) {
		t.Errorf("a session goes on: %v", err)
	}
	if err := lead.signIn(); !errors.Is(err, ErrSignIn) {
		t.Errorf("a key without a place signs in: %v", err)
	}
	if _, err := w.BeginEnrol(t.Context(), unused.Reveal()); !errors.Is(err, ErrInvite) {
		t.Errorf("a link of it still opens: %v", err)
	}
	if err := both.signIn(); err != nil || both.actor.Organisation() != elsewhere.actor.Organisation() {
		t.Errorf("who has a place elsewhere: %v, in %s", err, both.actor.Organisation())
	}
	if w.rests(kindAccount) != 2 || w.rests(kindMember) != 2 || w.rests(kindStanding) != 2 || w.rests(kindInvite) != 0 {
		t.Errorf("%d accounts, %d members, %d standings, %d invitations rest", w.rests(kindAccount), w.rests(kindMember), w.rests(kindStanding), w.rests(kindInvite))
	}
	if again, err := w.Dissolve(t.Context(), lead.actor.Organisation()); err != nil || again != (Dissolved{}) {
		t.Errorf("again: %+v %v", again, err)
	}
	if w.heard("organisation.erase", trail.Done) == 0 {
		t.Error("the trail does not say so")
	}
}

// No trail, nothing ends; and what was begun is finished when it is asked again.
func TestDissolvingThatStopsIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	lead.colleague(Clinician)
	w.store.deaf.Store(true)
	if _, err := w.Dissolve(t.Context(), lead.actor.Organisation()); err == nil || w.rests(kindMember) != 2 || w.rests(kindAccount) != 2 {
		t.Errorf("without a trail: %v, %d members", err, w.rests(kindMember))
	}
	w.store.deaf.Store(false)
	for stop := 1; ; stop++ { // it stops at its every step
		n := 0
		w.store.fails = func(store.Batch) error {
			if n++; n == stop {
				return store.ErrFull
			}
			return nil
		}
		_, err := w.Dissolve(t.Context(), lead.actor.Organisation())
		if err == nil {
			if stop < 5 {
				t.Errorf("done after %d steps", stop)
			}
			break
		}
	}
	if w.rests(kindAccount)+w.rests(kindMember)+w.rests(kindStanding) != 0 {
		t.Errorf("%d accounts, %d members rest", w.rests(kindAccount), w.rests(kindMember))
	}
}
