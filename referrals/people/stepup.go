package people

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/trail"
)

// BeginStepUp asks the person who is signed in to touch a key again, before something grave.
func (r *Register) BeginStepUp(ctx context.Context, cookie string) ([]byte, error) {
	s, acc, err := r.own(ctx, cookie, forStepUp)
	if err != nil {
		return nil, err
	}
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	challenge, err := r.newChallenge()
	if err != nil {
		return nil, err
	}
	options, data, err := r.rp.BeginLogin(userOf(acc.id, "", acc.content), webauthn.WithChallenge(challenge))
	if err != nil {
		return nil, fmt.Errorf("begin step-up: no key: %w", ErrForbidden)
	}
	if err := r.pose(ctx, challengeForm{For: forStepUp, Session: s.rested.id}, data); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// FinishStepUp makes what is grave possible for five minutes. The cookie gets a new value.
func (r *Register) FinishStepUp(ctx context.Context, cookie string, credential []byte) (SignedIn, error) {
	s, acc, err := r.own(ctx, cookie, forStepUp)
	if err != nil {
		return SignedIn{}, err
	}
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	defer leave()
	copied, err := r.touched(ctx, s, acc, credential)
	if err != nil {
		return SignedIn{}, r.refused(ctx, s.Actor, forStepUp, "", s.Actor.member, err)
	}
	in, err := r.stepUp(ctx, s)
	in.Copied = copied
	return in, err
}

func (r *Register) touched(ctx context.Context, s Session, acc rested[accountForm], credential []byte) (copied bool, err error) {
	p, err := parseAssertion(credential)
	if err != nil {
		return false, err
	}
	c, data, err := r.take(ctx, forStepUp, p.Raw.AssertionResponse.ClientDataJSON)
	if err != nil {
		return false, err
	}
	if c.Session != s.rested.id {
		return false, ErrSignIn
	}
	key, err := r.rp.ValidateLogin(userOf(acc.id, "", acc.content), data, p)
	if err != nil {
		return false, ErrSignIn // the library's words quote what was sent
	}
	return key.Authenticator.CloneWarning, r.used(ctx, in(s.Actor.act("", forStepUp), house), acc, key)
}

// stepUp writes that the person proved to be there, in the trail and then in the session.
func (r *Register) stepUp(ctx context.Context, s Session) (SignedIn, error) {
	a := s.Actor.act("", forStepUp)
	if err := r.rest.note(ctx, a, trail.Done, kindMember, s.Actor.member); err != nil {
		return SignedIn{}, err
	}
	next := s.rested.content
	next.Seen, next.Stepped = r.now(), r.now()
	value, err := r.rotate(ctx, a, s.rested, next)
	actor := s.Actor
	actor.fresh = err == nil
	return SignedIn{Token: value, Actor: actor}, err
}

// own reads the session and the account of whoever shows the cookie.
func (r *Register) own(ctx context.Context, cookie, action string) (Session, rested[accountForm], error) {
	s, err := r.Resolve(ctx, cookie)
	if err != nil {
		return s, rested[accountForm]{}, err
	}
	acc, err := load[accountForm](ctx, r.rest, in(s.Actor.act("", Action(action)), house), kindAccount, s.rested.content.Account)
	return s, acc, err
}
