package referrals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals/packet"
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
	r, err := load[caseForm](ctx, d.rest, act, kindCase, id)
	if err != nil {
		return Case{}, err
	}
	return d.read(a.Organisation(), r), nil
}

// Decision is what somebody wants to happen to a case, or to one of its hand-overs.
type Decision struct {
	Event    Event
	Handover string               // reference, where it happens to one
	Reason   string               // from the event's list
	Words    vault.Secret[string] // sealed in the timeline
	Channel  packet.Channel       // of a hand-over that somebody confirms
	Theirs   vault.Secret[string] // the receiver's own reference, or who took it
	Until    time.Time            // of Keep
}

// Decide does it, if the case still is as the actor saw it. Otherwise the newer case comes back with ErrConflict, so that
// nothing typed is lost.
func (d *Desk) Decide(ctx context.Context, a people.Actor, id string, rev int64, in Decision) (Case, error) {
	l, ok := lineOf(in.Event)
	if !ok || in.Event == Refer || in.Event == Amend || in.Event == Resubmit || in.Event == Offer || len(l.Who) == 0 {
		return Case{}, fmt.Errorf("decide: %w", ErrInvalid)
	}
	if !soundWords(in.Words) || !soundWords(in.Theirs) {
		return Case{}, fmt.Errorf("%s: words too long or unseen: %w", l.Action, ErrInvalid)
	}
	return d.change(ctx, a, id, rev, l, in.Reason, func(c *Case) (tally, error) { return d.apply(ctx, c, l, a.Member(), in) })
}

// soundWords holds a reason in words to what can be read and kept.
func soundWords(w vault.Secret[string]) bool {
	text := w.Reveal()
	return len(text) <= packet.LongestText && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' })
}

// attempts is how often a write is tried again that lost against a counter or another hand-over, not against this case.
const attempts = 32

// change reads a case, has it changed and writes it, or returns the newer one with ErrConflict.
func (d *Desk) change(ctx context.Context, a people.Actor, id string, rev int64, l Line, reason string, apply func(*Case) (tally, error)) (Case, error) {
	return d.changing(ctx, a, id, rev, l, reason, func(ctx context.Context, act records.Act, r rested[caseForm]) (Case, error) {
		return d.step(ctx, act, r, apply)
	})
}

func (d *Desk) changing(ctx context.Context, a people.Actor, id string, rev int64, l Line, reason string, step func(context.Context, records.Act, rested[caseForm]) (Case, error)) (Case, error) {
	act, err := d.enter(ctx, a, id, l.Who...)
	if err != nil {
		return Case{}, err
	}
	for range attempts {
		r, err := load[caseForm](ctx, d.rest, act, kindCase, id)
		if err != nil {
			return Case{}, err
		}
		if now := d.read(a.Organisation(), r); now.Rev != rev {
			return now, fmt.Errorf("%s: %w", l.Action, ErrConflict)
		}
		out, err := step(ctx, did(act, l.Action, reason), r)
		if !errors.Is(err, ErrConflict) {
			return out, err
		}
	}
	return Case{}, fmt.Errorf("%s: %w", l.Action, ErrConflict)
}

// step changes one case as it was just read and writes it.
func (d *Desk) step(ctx context.Context, act records.Act, r rested[caseForm], apply func(*Case) (tally, error)) (Case, error) {
	before := d.read(act.Tenant, r)
	c := before.copied()
	count, err := apply(&c)
	if err != nil {
		return before, fmt.Errorf("%s: %w", act.Action, err)
	}
	if c.State != before.State {
		c.Since = d.now()
	}
	if c.State != Closed && c.State != Withdrawn {
		c.Expires = d.now().Add(OpenLife)
	}
	return d.save(ctx, act, c, d.ownClock(before, c, r.content.Own), r.blind, count)
}

// idle says that a case is in the hands of the desk and none of its hand-overs is open.
func (c Case) idle() bool {
	return slices.Contains(inHand, c.State) && !slices.ContainsFunc(c.Handovers, Handover.IsOpen)
}

// ownClock is when the state of a case itself runs out; zero where its hand-overs have the clocks. Then is the clock as it
// ran before.
func (d *Desk) ownClock(before, c Case, then time.Time) time.Time {
	changed := c.State != before.State
	switch {
	case c.State == Closed || c.State == Withdrawn:
		return c.Expires
	case c.State == Escalated:
		return c.Since
	case c.State == InReview && changed:
		return c.Since.Add(d.Book.Wait("review", c.Urgency, ""))
	case c.State == Returned && changed:
		return c.Since.Add(d.Book.Wait("answer", c.Urgency, ""))
	case c.State == InReview || c.State == Returned, c.idle() && before.idle():
		return then
	case c.idle(): // nothing is under way any more: somebody closes it
		return d.now()
	}
	return time.Time{}
}
