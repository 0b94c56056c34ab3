package people

import (
	"context"
	"errors"
	"time"

	"waypost/internal/trail"
)

// SignOut ends the session that shows this cookie; of a cookie that is none there is nothing to end.
func (r *Register) SignOut(ctx context.Context, token string) error {
	return r.end(ctx, act{action: "sign-out"}, token)
}

// end destroys one session, if there is one, and tells the log of its organisation.
func (r *Register) end(ctx context.Context, a act, token string) error {
	id, ok := tokenID(token)
	if !ok {
		return nil
	}
	for range 10 {
		s, err := glance[sessionForm](ctx, r.rest, house, kindSession, id)
		if isNotThere(err) {
			return nil
		}
		if err != nil {
			return err
		}
		own := act{tenant: s.content.Place.Organisation, actor: s.content.Place.Member, action: a.action}
		err = r.rest.write(ctx, own.in(house), gone(s))
		if errors.Is(err, ErrConflict) { // touched meanwhile
			continue
		}
		if err != nil && !isNotThere(err) {
			return err
		}
		return r.rest.note(ctx, own, trail.Done, kindMember, s.content.Place.Member)
	}
	return ErrConflict
}

// endAll destroys every session that carries a value and tells the log of each one's organisation.
func (r *Register) endAll(ctx context.Context, a act, field, value string) error {
	return destroyAll(ctx, r.rest, a.in(house), kindSession, r.keys.Blind(house, field, value), func(s sessionForm) error {
		ended := act{tenant: s.Place.Organisation, actor: a.actor, role: a.role, action: "session.ended", reason: a.action}
		return r.rest.note(ctx, ended, trail.Done, kindMember, s.Place.Member)
	})
}

// EndSessions ends every session of the person who asks, this one too, on whatever device.
func (r *Register) EndSessions(ctx context.Context, s Session) error {
	by, err := s.Actor.may(SessionEnd, s.Actor.organisation)
	if err != nil {
		return r.refused(ctx, s.Actor, SessionEnd, by, "", err)
	}
	return r.endAll(ctx, s.Actor.act(by, SessionEnd), "session.account", s.rested.content.Account)
}

// Seen is one of one's own sessions, as its page lists it: enough to recognise it, and no address or device.
type Seen struct {
	Began, Last time.Time
	Way         Way
	This        bool
}

// Sessions lists those of the person who asks, whichever organisation they act for.
func (r *Register) Sessions(ctx context.Context, s Session) ([]Seen, error) {
	by, err := s.Actor.may(SessionSee, s.Actor.organisation)
	if err != nil {
		return nil, r.refused(ctx, s.Actor, SessionSee, by, "", err)
	}
	all, err := find[sessionForm](ctx, r.rest, s.Actor.act(by, SessionSee).in(house), kindSession,
		r.keys.Blind(house, "session.account", s.rested.content.Account))
	if err != nil {
		return nil, err
	}
	var out []Seen
	for _, one := range all {
		if r.now().Before(one.content.ends()) {
			out = append(out, Seen{one.content.Began, one.content.Seen, one.content.Way, one.id == s.rested.id})
		}
	}
	return out, nil
}
