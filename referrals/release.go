package referrals

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"waypost/internal/records"
	"waypost/referrals/people"
)

// Answer is what the second person says of an ask.
type Answer struct {
	CaseRev int64    // the case as the second person saw it
	Checked []string // what was looked at: all of the book's list
	Let     []string // lines of a copy that are let through beside those that are in every copy
}

// second reads an ask for whoever may answer it: another lead, not kept away, who has just touched the key.
func (d *Desk) second(ctx context.Context, a people.Actor, action, id string) (records.Act, rested[askForm], error) {
	act, r, err := d.asked(ctx, a, people.Release, action, id)
	if err != nil {
		return act, r, err
	}
	act = did(act, string(r.content.What)+"."+action, r.content.Reason)
	switch {
	case r.content.By == a.Member(): // nobody releases one's own
		return act, r, d.refusedBy(ctx, act, r.content.Case, people.ErrForbidden)
	case r.state != string(Awaiting):
		return act, r, d.refusedBy(ctx, act, r.content.Case, ErrState)
	}
	return act, r, nil
}

// Weigh shows the second person the case that an ask is about, and whether the same was refused before. That is an entry of
// its own, written first.
func (d *Desk) Weigh(ctx context.Context, a people.Actor, id string) (ask Ask, before []Ask, c Case, err error) {
	act, r, err := d.second(ctx, a, "weigh", id)
	if err != nil {
		return Ask{}, nil, Case{}, err
	}
	rc, err := d.opened(ctx, act, a, r.content.Case)
	if err != nil {
		return Ask{}, nil, Case{}, err
	}
	asks, err := d.asksOf(ctx, act, r.content.Case)
	if err != nil {
		return Ask{}, nil, Case{}, err
	}
	for _, one := range asks {
		if one.state == string(Denied) && one.content.What == r.content.What {
			before = append(before, askOf(one))
		}
	}
	return askOf(r), before, d.read(a.Organisation(), rc), nil
}

// Release is the second person's yes. A copy may then be opened once, by whoever asked, within CopyLife; a case that was to
// be erased is gone when this returns. ErrUnchecked if something on the list was not looked at, ErrConflict if the case is
// not as it was seen, ErrHeld if a hold keeps it.
func (d *Desk) Release(ctx context.Context, a people.Actor, id string, in Answer) error {
	act, r, err := d.second(ctx, a, "release", id)
	if err != nil {
		return err
	}
	care, _, _ := d.care(r.content.What)
	for _, check := range care.Checks {
		if !slices.Contains(in.Checked, check) {
			return fmt.Errorf("%s: %s: %w", act.Action, check, ErrUnchecked)
		}
	}
	rc, err := d.opened(ctx, did(act, string(r.content.What)+".read", ""), a, r.content.Case)
	if err != nil {
		return err
	}
	c := d.read(a.Organisation(), rc)
	switch {
	case c.Rev != in.CaseRev:
		return fmt.Errorf("%s: the case was changed: %w", act.Action, ErrConflict)
	case r.content.What == Erase && c.Held():
		return d.refusedBy(ctx, act, c.Reference, ErrHeld)
	}
	let, err := d.letThrough(c, in.Let)
	if err != nil {
		return err
	}
	if err := d.noted(ctx, act, c.Reference); err != nil {
		return err
	}
	if r.content.What == Erase {
		return d.erase(ctx, act, c)
	}
	r.content.AnsweredBy, r.content.CaseRev, r.content.Let = a.Member(), c.Rev, let
	r.state, r.expires = string(Released), d.now().Add(CopyLife)
	r.due = r.expires
	is, err := put(r)
	if err != nil {
		return err
	}
	return d.rest.write(ctx, act, is)
}

// Deny is the second person's no, with a reason from the book.
func (d *Desk) Deny(ctx context.Context, a people.Actor, id, why string) error {
	act, r, err := d.second(ctx, a, "deny", id)
	if err != nil {
		return err
	}
	care, _, _ := d.care(r.content.What)
	if !slices.Contains(care.Refusals, why) {
		return fmt.Errorf("%s: %w", act.Action, ErrReason)
	}
	act.Reason = why
	if err := d.noted(ctx, act, r.content.Case); err != nil {
		return err
	}
	r.content.AnsweredBy, r.content.Why = a.Member(), why
	r.state, r.expires = string(Denied), d.now().Add(AskLife)
	r.due = r.expires
	is, err := put(r)
	if err != nil {
		return err
	}
	return d.rest.write(ctx, act, is)
}

// erase destroys a case as it was seen, with its card and whatever was asked about it, in one commit: text and keys. What it
// laid out for services is destroyed first, so that nothing waits of a case that is no more; what a service has opened is
// theirs.
func (d *Desk) erase(ctx context.Context, act records.Act, c Case) error {
	if err := d.destroyPackets(ctx, c, act.Action); err != nil {
		return err
	}
	card, err := d.card(ctx, act, c.Reference)
	if err != nil {
		return err
	}
	changes := []records.Change{gone(kindCase, c.Reference, c.Rev), gone(kindCard, c.Reference, card.rev)}
	asks, err := d.asksOf(ctx, act, c.Reference)
	if err != nil {
		return err
	}
	for _, r := range asks {
		changes = append(changes, gone(kindAsk, r.id, r.rev))
	}
	err = d.rest.write(ctx, act, changes...)
	if errors.Is(err, ErrNotFound) { // somebody was first
		return fmt.Errorf("%s: %w", act.Action, ErrConflict)
	}
	return err
}
