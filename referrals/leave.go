package referrals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/packet"
)

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
