package main

import (
	"context"

	"waypost/internal/softkey"
	"waypost/internal/vault"
	"waypost/referrals/people"
)

// demoKey is the passkey of one invented person. It answers the register's challenges by the ordinary ceremonies.
type demoKey struct{ *softkey.Key }

// newDemoKey makes one whose counter stays 0, as with keys that are synchronised, so several windows may use it at once.
func newDemoKey(origin string) (demoKey, error) {
	k, err := softkey.New(origin)
	if err != nil {
		return demoKey{}, err
	}
	k.Synced = true
	return demoKey{k}, nil
}

// enrol takes up an invitation.
func (k demoKey) enrol(ctx context.Context, r *people.Register, invitation vault.Secret[string]) (people.SignedIn, error) {
	asked, err := r.BeginEnrol(ctx, invitation.Reveal())
	if err != nil {
		return people.SignedIn{}, err
	}
	answer, err := k.Create(asked)
	if err != nil {
		return people.SignedIn{}, err
	}
	return r.FinishEnrol(ctx, invitation.Reveal(), answer, "")
}

// signIn signs in; previous is the cookie that the browser shows, if any.
func (k demoKey) signIn(ctx context.Context, r *people.Register, previous string) (people.SignedIn, error) {
	asked, err := r.BeginSignIn(ctx)
	if err != nil {
		return people.SignedIn{}, err
	}
	answer, err := k.Get(asked)
	if err != nil {
		return people.SignedIn{}, err
	}
	return r.FinishSignIn(ctx, answer, previous)
}

// touch is the touch of the key before something grave.
func (k demoKey) touch(ctx context.Context, r *people.Register, cookie string) (people.SignedIn, error) {
	asked, err := r.BeginStepUp(ctx, cookie)
	if err != nil {
		return people.SignedIn{}, err
	}
	answer, err := k.Get(asked)
	if err != nil {
		return people.SignedIn{}, err
	}
	return r.FinishStepUp(ctx, cookie, answer)
}
