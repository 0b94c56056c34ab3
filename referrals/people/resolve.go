package people

import (
	"context"
	"errors"
	"time"

	"waypost/internal/trail"
	"waypost/internal/vault"
)

// Resolve says who shows this cookie. Whatever is wrong with it, the answer is ErrNoSession; what the store cannot say is
// an error of its own. The membership is read every time: a role that was taken away does not count once more, and
// a session given before the membership changed is dead.
func (r *Register) Resolve(ctx context.Context, token string) (Session, error) {
	id, ok := tokenID(token)
	if !ok {
		return Session{}, ErrNoSession
	}
	return r.resolve(ctx, id)
}

func (r *Register) resolve(ctx context.Context, id string) (Session, error) {
	s, err := glance[sessionForm](ctx, r.rest, house, kindSession, id)
	if isNotThere(err) {
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, err
	}
	now := r.now()
	if !now.Before(s.content.ends()) || now.Before(s.content.Began.Add(-trail.Slack)) {
		return Session{}, ErrNoSession
	}
	place := s.content.Place
	m, err := glance[standingForm](ctx, r.rest, place.Organisation, kindStanding, place.Member)
	if isNotThere(err) {
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, err
	}
	if m.rev != s.content.Rev {
		return Session{}, ErrNoSession
	}
	member := Member{ID: place.Member, Organisation: place.Organisation, Roles: m.content.Roles, Active: m.content.Active}
	actor, err := NewActor(Organisation{ID: place.Organisation, Kind: s.content.Kind}, member, now.Before(s.content.Stepped.Add(StepUpLife)))
	if err != nil {
		return Session{}, ErrNoSession
	}
	if s, err = r.touch(ctx, s, now); err != nil {
		return Session{}, err
	}
	ends := s.content.ends()
	return Session{
		Actor: actor, Name: vault.Keep(s.content.Name), Way: s.content.Way, rested: s,
		WarnAt: ends.Add(-IdleWarning), EndsAt: ends, Until: s.content.Began.Add(Absolute),
	}, nil
}

// touch writes that somebody is there, at most once a minute. Of two requests at once either may do it; a session that
// ended meanwhile does not come back.
func (r *Register) touch(ctx context.Context, s rested[sessionForm], now time.Time) (rested[sessionForm], error) {
	if now.Sub(s.content.Seen) < touchEvery {
		return s, nil
	}
	next := s
	next.content.Seen = now
	next.expires = next.content.ends()
	c, err := put(next)
	if err != nil {
		return s, err
	}
	switch err := r.rest.write(ctx, nobody("session.touch"), c); {
	case err == nil:
		next.rev++
		return next, nil
	case errors.Is(err, ErrConflict):
		return s, nil
	case isNotThere(err):
		return s, ErrNoSession
	default:
		return s, err
	}
}
