package referrals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"waypost/internal/records"
	"waypost/internal/vault"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

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
	if !ok || in.Event == Refer || in.Event == Amend || in.Event == Add || in.Event == Resubmit || in.Event == Offer || len(l.Who) == 0 {
		return Case{}, fmt.Errorf("decide: %w", ErrInvalid)
	}
	if !soundWords(in.Words) || !soundWords(in.Theirs) {
		return Case{}, fmt.Errorf("%s: words too long or unseen: %w", l.Action, ErrInvalid)
	}
	return d.change(ctx, a, id, rev, l, in.Reason, func(c *Case) (tally, error) { return d.apply(ctx, c, l, a.Member(), in) })
}

// LongestReason is how long a reason in words may be, in characters.
const LongestReason = 2400

// soundWords holds a reason in words to what can be read and kept.
func soundWords(w vault.Secret[string]) bool {
	text := w.Reveal()
	return utf8.RuneCountInString(text) <= LongestReason && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' })
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
		r, err := d.opened(ctx, act, a, id)
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
	d.wind(&c)
	return d.save(ctx, act, c, d.ownClock(before, c, r.content.Own), r.blind, count)
}

// wind gives a clock to whatever came onto the desk without one, as by escalating what nobody had accepted yet.
func (d *Desk) wind(c *Case) {
	if !slices.Contains(inHand, c.State) {
		return
	}
	for i := range c.Handovers {
		if h := &c.Handovers[i]; h.IsOpen() && h.Due.IsZero() {
			h.Due = d.now().Add(d.Book.Wait("hand-over", c.Urgency, ""))
		}
	}
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
