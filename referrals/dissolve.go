package referrals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waypost/internal/records"
)

// Held says that a recorded reason (a legal order, a complaint, an inquiry) keeps the case longer than its time. What is
// held is not erased, whoever asks.
func (c Case) Held() bool { return held(c.State, c.Since, c.Expires) }

// held is read from the card as well: only Keep puts the end of a closed case further off than closing did.
func held(is State, since, expires time.Time) bool {
	return (is == Closed || is == Withdrawn) && expires.After(since.Add(AfterClosing))
}

// Dissolve makes an organisation ready to be erased by whoever runs the machine: every packet that it laid out for a
// service and that nobody opened is destroyed. ErrHeld if a hold keeps any of its cases; then nothing is done.
func (d *Desk) Dissolve(ctx context.Context, organisation string) error {
	act := bySystem(organisation, "operator", "organisation.erase")
	err := d.each(ctx, act, kindCard, names([]State{Closed, Withdrawn}), func(rec records.Record) error {
		card, err := d.card(ctx, act, rec.ID)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err == nil && held(card.content.State, card.content.Since, card.expires) {
			err = fmt.Errorf("%s: %w", rec.ID, ErrHeld)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("dissolve: %w", err)
	}
	return d.each(ctx, act, kindCard, names(Open()), func(rec records.Record) error {
		r, err := load[caseForm](ctx, d.rest, act, kindCase, rec.ID)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return d.destroyPackets(ctx, d.read(organisation, r), act.Action)
	})
}

// destroyPackets destroys what a case has laid out and nobody has opened. What somebody opened is theirs.
func (d *Desk) destroyPackets(ctx context.Context, c Case, action string) error {
	for _, h := range c.Handovers {
		if h.State != Out || h.Packet == "" {
			continue
		}
		if err := d.destroyPacket(ctx, h, action); err != nil && !errors.Is(err, ErrOpened) {
			return err
		}
	}
	return nil
}
