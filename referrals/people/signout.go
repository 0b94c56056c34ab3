package people

import (
	"context"
	"errors"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
)

// SignOut ends the session that shows this cookie; of a cookie that is none there is nothing to end.
func (r *Register) SignOut(ctx context.Context, token string) error {
	return r.end(ctx, "", token)
}

// end destroys one session, if there is one, and tells the log of its organisation. The reason is a code, or empty where
// the person signed out.
func (r *Register) end(ctx context.Context, reason, token string) error {
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
		own := records.Act{Tenant: s.content.Place.Organisation, Actor: s.content.Place.Member, Action: "sign-out", Reason: reason}
		err = r.rest.write(ctx, in(own, house), gone(s))
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
func (r *Register) endAll(ctx context.Context, a records.Act, field, value string) error {
	return destroyAll(ctx, r.rest, in(a, house), kindSession, r.keys.Blind(house, field, value), func(s sessionForm) error {
		ended := records.Act{Tenant: s.Place.Organisation, Actor: a.Actor, Role: a.Role, Action: "session.ended", Reason: a.Action}
		return r.rest.note(ctx, ended, trail.Done, kindMember, s.Place.Member)
	})
}

// EndSessions ends every session of the person who asks, this one too, on whatever device.
func (r *Register) EndSessions(ctx context.Context, s Session) error {
	a, err := r.Permit(ctx, s.Actor, SessionEnd, s.Actor.organisation)
	if err != nil {
		return err
	}
	return r.endAll(ctx, a, "session.account", s.rested.content.Account)
}

// Seen is one of one's own sessions, as its page lists it: enough to recognise it, and no address or device.
type Seen struct {
	Began, Last time.Time
	Way         Way
	This        bool
}

// Sessions lists those of the person who asks, whichever organisation they act for.
func (r *Register) Sessions(ctx context.Context, s Session) ([]Seen, error) {
	a, err := r.Permit(ctx, s.Actor, SessionSee, s.Actor.organisation)
	if err != nil {
		return nil, err
	}
	all, err := find[sessionForm](ctx, r.rest, in(a, house), kindSession,
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
