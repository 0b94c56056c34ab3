package referrals

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/referrals/people"
)

// enter lets an actor at a case by the first of the actions that one of the actor's roles carries. Whoever is kept away,
// and whoever has only a right to their own and did not open it, gets what one gets for a case that never was: the same
// reads, one denied entry, ErrNotFound.
func (d *Desk) enter(ctx context.Context, a people.Actor, id string, actions ...people.Action) (records.Act, error) {
	act, by, err := d.permit(ctx, a, actions...)
	if err != nil {
		return records.Act{}, err
	}
	card, err := d.card(ctx, act, id)
	known := err == nil
	if err != nil && !errors.Is(err, ErrNotFound) {
		return records.Act{}, err
	}
	in := known && !slices.Contains(card.content.Excluded, a.Member())
	if in && (by != people.CaseOwn || card.content.OpenedBy == a.Member()) {
		return act, nil
	}
	if by == people.CaseOwn && slices.Contains(actions, people.CaseRead) {
		granted, err := d.granted(ctx, a, id) // asked whether or not there is such a case
		if err != nil {
			return records.Act{}, err
		}
		if in && granted {
			return did(act, "break-glass.read", ""), nil
		}
	}
	return records.Act{}, d.absent(ctx, act, kindCase, id)
}

// permit takes the first action that is allowed; if none is, the refusal of the last is written and returned.
func (d *Desk) permit(ctx context.Context, a people.Actor, actions ...people.Action) (records.Act, people.Action, error) {
	by := actions[len(actions)-1]
	for _, action := range actions {
		if people.May(a, action, a.Organisation()) == nil {
			by = action
			break
		}
	}
	act, err := d.Gate.Permit(ctx, a, by, a.Organisation())
	return act, by, translate("permit", err)
}

// absent writes the denied entry and is ErrNotFound.
func (d *Desk) absent(ctx context.Context, act records.Act, kind, id string) error {
	if !trail.IsCode(id) {
		id = "none" // typed by somebody
	}
	if err := d.Safe.Note(ctx, did(act, act.Action, "unknown"), trail.Denied, kind, id); err != nil {
		return translate("note", err)
	}
	return fmt.Errorf("%s: %w", act.Action, ErrNotFound)
}

// card reads what decides who may enter, and what a queue shows. It is not a record of a person and leaves no entry.
func (d *Desk) card(ctx context.Context, act records.Act, id string) (rested[cardForm], error) {
	return load[cardForm](ctx, d.rest, act, kindCard, id)
}

// Read opens a case for whoever may: a lead, whoever opened it, whoever broke the glass for it within the hour.
func (d *Desk) Read(ctx context.Context, a people.Actor, id string) (Case, error) {
	act, err := d.enter(ctx, a, id, people.CaseRead, people.CaseOwn)
	if err != nil {
		return Case{}, err
	}
	r, err := d.opened(ctx, act, a, id)
	if err != nil {
		return Case{}, err
	}
	return d.read(a.Organisation(), r), nil
}

// opened reads a case that the actor may enter. Whoever is kept away since the card was read still gets nothing.
func (d *Desk) opened(ctx context.Context, act records.Act, a people.Actor, id string) (rested[caseForm], error) {
	r, err := load[caseForm](ctx, d.rest, act, kindCase, id)
	if err == nil && slices.Contains(r.content.Excluded, a.Member()) {
		return rested[caseForm]{}, d.absent(ctx, act, kindCase, id)
	}
	return r, err
}
