package people

import (
	"context"
	"fmt"

	"waypost/internal/records"
	"waypost/internal/trail"
)

// Join takes up an invitation with the keys one already has, for somebody who works for two organisations. The session
// goes on in the new one.
func (r *Register) Join(ctx context.Context, cookie, token string) (SignedIn, error) {
	s, err := r.Resolve(ctx, cookie)
	if err != nil {
		return SignedIn{}, err
	}
	if !s.Actor.fresh {
		return SignedIn{}, ErrStepUp
	}
	inv, _, err := r.invited(ctx, "join", token)
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, "join", "", "invite", err)
	}
	acc, err := load[accountForm](ctx, r.rest, in(s.Actor.act("", "join"), house), kindAccount, s.rested.content.Account)
	if err != nil {
		return SignedIn{}, err
	}
	return r.takeUp(ctx, "join", inv, acc, sessionForm{Way: s.Way, Sid: s.rested.content.Sid}, cookie)
}

// Switch goes on in another organisation that the person belongs to, with that one's roles and nothing of the former's.
// An organisation one does not belong to is ErrNotFound, as one that does not exist.
func (r *Register) Switch(ctx context.Context, cookie, organisation string) (SignedIn, error) {
	s, err := r.Resolve(ctx, cookie)
	if err != nil {
		return SignedIn{}, err
	}
	a, err := r.Permit(ctx, s.Actor, OrganisationSwitch, s.Actor.organisation)
	if err != nil {
		return SignedIn{}, err
	}
	acc, err := load[accountForm](ctx, r.rest, in(a, house), kindAccount, s.rested.content.Account)
	if err != nil {
		return SignedIn{}, err
	}
	for _, p := range acc.content.Places {
		if p.Organisation != organisation {
			continue
		}
		o, m, err := r.place(ctx, string(OrganisationSwitch), acc.id, p)
		if err == nil {
			return r.goOn(ctx, a, s, o, m)
		}
		if !isNotThere(err) {
			return SignedIn{}, err
		}
	}
	return SignedIn{}, r.refused(ctx, s.Actor, OrganisationSwitch, "", "", fmt.Errorf("switch: %w", ErrNotFound))
}

// goOn moves a session to another place. Both organisations' logs hear of it first.
func (r *Register) goOn(ctx context.Context, a records.Act, s Session, o Organisation, m Member) (SignedIn, error) {
	actor, err := NewActor(o, m, false)
	if err != nil {
		return SignedIn{}, err
	}
	for _, told := range []records.Act{a, {Tenant: o.ID, Actor: m.ID, Action: a.Action}} {
		if err := r.rest.note(ctx, told, trail.Done, kindMember, told.Actor); err != nil {
			return SignedIn{}, err
		}
	}
	next := s.rested.content
	next.Place, next.Kind, next.Name, next.Rev, next.Seen = placeForm{o.ID, m.ID}, o.Kind, m.Name.Reveal(), m.rev, r.now()
	next.Stepped = next.Began.Add(-StepUpLife) // a touch for one organisation is none for another
	value, err := r.rotate(ctx, a, s.rested, next)
	return SignedIn{Token: value, Actor: actor}, err
}
