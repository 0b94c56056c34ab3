package referrals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/packet"
)

// apply does one line of the table to a case in memory. By is the member, "system", or the receiver.
func (d *Desk) apply(ctx context.Context, c *Case, l Line, by string, in Decision) (tally, error) {
	var count tally
	if l.Handover {
		i := c.Handover(in.Handover)
		if i < 0 || !slices.Contains(inHand, c.State) {
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
		if c.State != Escalated {
			c.State = c.follow()
		}
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

// back is the hand-over on the desk again, as before it left.
func (h Handover) back(reason string) Handover {
	return Handover{
		Reference: h.Reference, Destination: h.Destination, Service: h.Service, Receiver: h.Receiver, Consent: h.Consent,
		State: Waiting, Reason: reason,
	}
}

// ready makes the packet of a hand-over, or says why it may not leave.
func (d *Desk) ready(c Case, h Handover) (packet.Packet, error) {
	p, err := d.Book.Make(d.input(c, h))
	if err != nil {
		return packet.Packet{}, err
	}
	if !p.Ready() {
		return packet.Packet{}, fmt.Errorf("%s lacks %d fields: %w", h.Destination, len(p.Missing), ErrNotReady)
	}
	return p, nil
}

// given is the packet as it leaves, which stays with the case whatever is changed there afterwards.
func (d *Desk) given(c Case, h Handover) (vault.Secret[[]byte], error) {
	p, err := d.ready(c, h)
	if err != nil {
		return vault.Secret[[]byte]{}, err
	}
	text, err := p.JSON()
	return vault.Keep(text), err
}

// takeBack destroys a link that a service left unopened when it said no by phone. One that somebody opened stays theirs.
func (d *Desk) takeBack(ctx context.Context, h Handover, action string) error {
	if h.State != Out || h.Packet == "" {
		return nil
	}
	if err := d.destroyPacket(ctx, h, action); err != nil && !errors.Is(err, ErrOpened) {
		return err
	}
	return nil
}

// recallAll takes back every link that nobody opened. What was said or sent stays as it was, without a clock.
func (d *Desk) recallAll(ctx context.Context, c *Case) error {
	for i := range c.Handovers {
		h := &c.Handovers[i]
		if h.State == Out && h.Packet != "" {
			err := d.destroyPacket(ctx, *h, "handover.recall")
			switch {
			case errors.Is(err, ErrOpened):
				h.State, h.LinkEnds = Opened, time.Time{}
			case err != nil:
				return err
			default:
				*h = h.back("")
			}
		}
		if h.State == Waiting {
			h.State = Dropped
		}
		h.Due = time.Time{}
	}
	return nil
}

// Packet is what the destination of one hand-over got when it left, or would get now: for the preview and for paper, from
// a case that the caller has read.
func (d *Desk) Packet(c Case, reference string) (packet.Packet, error) {
	i := c.Handover(reference)
	if i < 0 {
		return packet.Packet{}, fmt.Errorf("packet: %w", ErrNotFound)
	}
	if left := c.Handovers[i].Given; !left.IsZero() {
		return packet.Read(left.Reveal())
	}
	p, err := d.Book.Make(d.input(c, c.Handovers[i]))
	if err != nil {
		return packet.Packet{}, fmt.Errorf("packet: %w", err)
	}
	return p, nil
}
