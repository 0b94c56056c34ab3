package people

import (
	"context"
	"fmt"
	"slices"

	"waypost/internal/records"
)

// Dissolved says what Dissolve did.
type Dissolved struct {
	Members  int // places that were destroyed
	Accounts int // of people who had no place in any other organisation
}

// Dissolve ends an organisation for whoever runs the machine: every place is closed, with its sessions and its unused
// links, and taken out of the account that opened it; an account that opens no other place is destroyed, its clients end, and
// nothing is laid out for the organisation any more. What else it holds is for records.EraseOrganisation. It may be stopped and asked again.
func (r *Register) Dissolve(ctx context.Context, organisation string) (done Dissolved, err error) {
	a := operator(organisation, "organisation.erase")
	if err := r.dissolveClients(ctx, a, organisation); err != nil {
		return done, err
	}
	for range 1000 {
		found, err := find[memberForm](ctx, r.rest, a, kindMember, r.keys.Blind(organisation, "member.all", organisation))
		if err == nil && len(found) == 0 {
			err = destroyAll[answeringForm](ctx, r.rest, in(a, house), kindAnswering, r.answeringBlind("answers-of", organisation), nil)
			return done, err
		}
		if err != nil {
			return done, err
		}
		for _, m := range found {
			accounts, err := r.dissolve(ctx, a, organisation, m)
			if isTaken(err) {
				continue // somebody changed the place meanwhile: it is found again
			}
			if err != nil {
				return done, fmt.Errorf("dissolve %s: %w", m.id, err)
			}
			done.Members, done.Accounts = done.Members+1, done.Accounts+accounts
		}
	}
	return done, fmt.Errorf("dissolve: %w", ErrConflict)
}

// dissolveClients destroys the clients with what they may do, so that no token of theirs counts any more.
func (r *Register) dissolveClients(ctx context.Context, a records.Act, organisation string) error {
	for range 1000 {
		found, err := find[clientForm](ctx, r.rest, a, kindClient, r.keys.Blind(organisation, "client.all", organisation))
		if err != nil || len(found) == 0 {
			return err
		}
		for _, c := range found {
			err := r.rest.write(ctx, a, gone(c), gone(rested[clearanceForm]{kind: kindClearance, id: c.id, rev: c.rev}))
			if err != nil && !isTaken(err) {
				return fmt.Errorf("dissolve %s: %w", c.id, err)
			}
		}
	}
	return fmt.Errorf("dissolve clients: %w", ErrConflict)
}

// dissolve closes one place first, so that nobody gets through any more, and destroys it last, so that it is found again
// if this ends in between.
func (r *Register) dissolve(ctx context.Context, a records.Act, organisation string, m rested[memberForm]) (accounts int, err error) {
	if m.content.Active {
		m.content.Active = false
		if err := r.saveMember(ctx, a, m); err != nil {
			return 0, err
		}
		m.rev++
	}
	if err := r.withdraw(ctx, a, organisation, m.id); err != nil {
		return 0, err
	}
	if err := r.endAll(ctx, a, "session.member", placeOf(organisation, m.id)); err != nil {
		return 0, err
	}
	if m.content.Account != "" {
		if accounts, err = r.unplace(ctx, in(a, house), m.content.Account, placeForm{organisation, m.id}); err != nil {
			return 0, err
		}
	}
	return accounts, r.rest.write(ctx, a, gone(m), gone(rested[standingForm]{kind: kindStanding, id: m.id, rev: m.rev}))
}

// unplace takes a place out of an account, and destroys the account if that was its last: 1 then, else 0.
func (r *Register) unplace(ctx context.Context, a records.Act, account string, place placeForm) (destroyed int, err error) {
	for range 1000 {
		acc, err := load[accountForm](ctx, r.rest, a, kindAccount, account)
		if isNotThere(err) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		acc.content.Places = slices.DeleteFunc(acc.content.Places, func(p placeForm) bool { return p == place })
		change, last := gone(acc), len(acc.content.Places) == 0
		if !last {
			if change, err = put(acc); err != nil {
				return 0, err
			}
		}
		err = r.rest.write(ctx, a, change)
		switch {
		case isTaken(err):
			continue
		case err != nil:
			return 0, err
		case last:
			return 1, nil
		}
		return 0, nil
	}
	return 0, ErrConflict
}
