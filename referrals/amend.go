package referrals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waypost/internal/records"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

// Change is what somebody mends in a case: the fields as they shall be, and new decisions about consent. What was handed over
// stays as it was told.
type Change struct {
	Entries []packet.Entry
	Consent map[string]packet.Consent // by reference of a hand-over that has not left
}

// Resubmit sends a returned case back to the desk, mended.
func (d *Desk) Resubmit(ctx context.Context, a people.Actor, id string, rev int64, in Change) (Case, []packet.Fault, error) {
	return d.mend(ctx, a, id, rev, Resubmit, in)
}

// Amend mends a case where it stands.
func (d *Desk) Amend(ctx context.Context, a people.Actor, id string, rev int64, in Change) (Case, []packet.Fault, error) {
	return d.mend(ctx, a, id, rev, Amend, in)
}

func (d *Desk) mend(ctx context.Context, a people.Actor, id string, rev int64, e Event, in Change) (Case, []packet.Fault, error) {
	l, _ := lineOf(e)
	full, faults := d.Book.Fill(in.Entries)
	if len(faults) > 0 {
		return Case{}, faults, faulty(faults)
	}
	blind, err := d.indexes(a.Organisation(), in.Entries)
	if err != nil {
		return Case{}, nil, err
	}
	apply := func(c *Case) (tally, error) {
		if err := l.takes(c.State, ""); err != nil {
			return nil, err
		}
		if err := d.mended(c, a, in); err != nil {
			return nil, err
		}
		c.Dossier = d.Book.Minimise(full, c.told())
		if l.To != "" {
			c.State = l.To
		}
		c.keepUp()
		c.Timeline = append(c.Timeline, Step{At: d.now(), By: a.Member(), Event: e})
		return nil, nil
	}
	c, err := d.changing(ctx, a, id, rev, l, "", func(ctx context.Context, act records.Act, r rested[caseForm]) (Case, error) {
		if blind != nil || d.read(a.Organisation(), r).Dossier.Holds(nhsNumber) { // given anew, or taken out
			r.blind = blind
		}
		return d.step(ctx, act, r, apply)
	})
	return c, nil, err
}

// told are the destinations that are or may be told something.
func (c Case) told() []string {
	var out []string
	for _, h := range c.Handovers {
		if h.State != Withheld && h.State != Dropped {
			out = append(out, h.Destination)
		}
	}
	return out
}

// mended takes new decisions about consent. A packet that waits for its link is recalled first by
// whoever changes its consent: here it has left.
func (d *Desk) mended(c *Case, a people.Actor, in Change) error {
	for reference, consent := range in.Consent {
		i := c.Handover(reference)
		if i < 0 || !slices.Contains([]State{Withheld, Waiting}, c.Handovers[i].State) {
			return fmt.Errorf("consent for what has left or is unknown: %w", ErrInvalid)
		}
		h := c.Handovers[i]
		again := Case{Nation: c.Nation, Age: c.Age}
		if err := d.choose(&again, a, Choice{h.Destination, h.Service, h.Consent.Stricter, consent}); err != nil {
			return err
		}
		h.Consent, h.State = again.Handovers[0].Consent, again.Handovers[0].State
		c.Handovers[i] = h
	}
	for i := range c.Handovers {
		if c.Handovers[i].State == Withheld {
			c.Handovers[i].Due = time.Time{}
		}
	}
	return nil
}
