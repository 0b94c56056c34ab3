package referrals

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/referrals/packet"
)

// apply does one line of the table to a case in memory. By is the member, "system", or the receiver.
func (d *Desk) apply(ctx context.Context, c *Case, l Line, by string, in Decision) (tally, error) {
	var count tally
	if l.Handover {
		i := c.Handover(in.Handover)
		hears := inHand
		if l.System { // a service answers whether or not the case is back with whoever referred it
			hears = Open()
		}
		if i < 0 || !slices.Contains(hears, c.State) {
			return nil, fmt.Errorf("hand-over unknown, or the case is not in hand: %w", ErrState)
		}
		if err := l.takes(c.Handovers[i].State, in.Reason); err != nil {
			return nil, err
		}
		more, err := d.applyToHandover(ctx, c, i, l, by, in)
		if err != nil {
			return nil, err
		}
		count = more
		c.keepUp()
	} else {
		if err := l.takes(c.State, in.Reason); err != nil {
			return nil, err
		}
		if err := d.applyToCase(ctx, c, l, in); err != nil {
			return nil, err
		}
		if in.Event == Close {
			count = tally{{tableOutcomes, in.Reason}}
		}
	}
	c.Timeline = append(c.Timeline, Step{At: d.now(), By: by, Event: in.Event, Reason: in.Reason, Words: in.Words, Handover: in.Handover})
	return count, nil
}

func (d *Desk) applyToCase(ctx context.Context, c *Case, l Line, in Decision) error {
	now := d.now()
	switch in.Event {
	case Accept:
		for i := range c.Handovers {
			if c.Handovers[i].State == Waiting {
				c.Handovers[i].Due = now.Add(d.Book.Wait(l.Clock, c.Urgency, ""))
			}
		}
		c.State = c.follow()
		return nil
	case Close:
		if slices.ContainsFunc(c.Handovers, func(h Handover) bool { return slices.Contains([]State{Waiting, Out, Opened}, h.State) }) {
			return ErrStillOut
		}
		c.Outcome, c.Expires = in.Reason, now.Add(AfterClosing)
	case Withdraw:
		if err := d.recallAll(ctx, c); err != nil {
			return err
		}
		c.Expires = now.Add(AfterClosing)
	case Keep:
		if !in.Until.After(c.Expires) || in.Until.After(now.Add(LongestHold)) {
			return fmt.Errorf("not longer than before, or too long: %w", ErrInvalid)
		}
		c.Expires = in.Until.UTC().Truncate(time.Millisecond)
	}
	if l.To != "" {
		c.State = l.To
	}
	return nil
}

func (d *Desk) applyToHandover(ctx context.Context, c *Case, i int, l Line, by string, in Decision) (tally, error) {
	h := &c.Handovers[i]
	dest, _ := d.Book.Destination(h.Destination)
	now := d.now()
	var count tally
	var err error
	switch in.Event {
	case HandOver:
		if !slices.Contains(dest.Channels, in.Channel) || in.Channel == packet.PickUp || strings.TrimSpace(in.Theirs.Reveal()) == "" {
			return nil, fmt.Errorf("no such channel, or nobody's reference: %w", ErrInvalid)
		}
		if h.Given, err = d.given(*c, *h); err != nil {
			return nil, err
		}
		h.Channel, h.Theirs, h.At, h.By, h.Reason = in.Channel, in.Theirs, now, by, ""
		count = tally{{tableHandovers, dest.Group}, {tableConsent, string(h.Consent.Decision)}}
	case Offer:
		if h.Given, err = d.given(*c, *h); err != nil {
			return nil, err
		}
		h.Channel, h.At, h.By, h.Reason = packet.PickUp, now, by, ""
		count = tally{{tableHandovers, dest.Group}, {tableConsent, string(h.Consent.Decision)}}
	case Recall:
		if h.Packet == "" {
			return nil, fmt.Errorf("recall what was said or sent: %w", ErrState) // it cannot be unsaid; decline or report it
		}
		if err := d.destroyPacket(ctx, *h, l.Action); err != nil {
			return nil, err
		}
		*h = h.back(in.Reason)
	case Unopened, Locked:
		*h = h.back(string(in.Event))
		count = tally{{tableAnswers, "unopened"}}
	case PickedUp:
		h.LinkEnds = time.Time{}
	case Acknowledge, TakeOn, Decline:
		if h.State == Out || h.State == Opened {
			count = tally{{tableAnswers, d.inTime(*h, in.Event, now)}}
		}
		if in.Event == Decline {
			h.Reason = in.Reason
			if err := d.takeBack(ctx, *h, l.Action); err != nil {
				return nil, err
			}
		}
		h.LinkEnds = time.Time{}
	case Report:
		h.Outcome = in.Reason
	case Retry:
		if err := d.Book.Permits(dest, c.Nation, h.Consent); err != nil {
			return nil, err
		}
		*h = h.back(in.Reason)
	case Drop:
		h.Reason = in.Reason
	}
	h.State = l.To
	switch {
	case !h.IsOpen():
		h.Due = time.Time{}
	case l.Clock == "at-once":
		h.Due = now
	case l.Clock != "":
		h.Due = now.Add(d.Book.Wait(l.Clock, c.Urgency, h.Destination))
	}
	return count, nil
}

func (d *Desk) inTime(h Handover, e Event, now time.Time) string {
	switch {
	case e == Decline:
		return "declined"
	case now.After(h.Due):
		return "late"
	}
	return "in-time"
}
