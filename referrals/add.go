package referrals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waypost/referrals/people"
)

// MostDestinations is how many hand-overs one case can have, those that are not pursued included.
const MostDestinations = 20

// Addition is one more destination of a case, with what was decided about consent for it. Instead names the hand-over in whose
// place it comes: that one is not pursued any more, in the same commit, for the reason that another service is asked. Consent
// is never taken over from it: it was given for another service.
type Addition struct {
	Choice
	Instead string
}

// anotherService is the reason for which a hand-over is dropped when another one comes in its place.
const anotherService = "another-service"

// Add gives a case another destination.
func (d *Desk) Add(ctx context.Context, a people.Actor, id string, rev int64, in Addition) (Case, error) {
	l, _ := lineOf(Add)
	drop, _ := lineOf(Drop)
	if in.Instead != "" {
		l.Who = drop.Who
	}
	return d.change(ctx, a, id, rev, l, "", func(c *Case) (tally, error) {
		if err := l.takes(c.State, ""); err != nil {
			return nil, err
		}
		if in.Instead != "" {
			if err := d.replaced(c, drop, in.Instead, a.Member()); err != nil {
				return nil, err
			}
		}
		if err := d.another(c, a, in.Choice); err != nil {
			return nil, err
		}
		last := &c.Handovers[len(c.Handovers)-1]
		var err error
		if last.Reference, err = d.rest.draw(16); err != nil {
			return nil, err
		}
		c.Dossier = d.Book.Minimise(c.Dossier, c.told())
		c.keepUp()
		c.Timeline = append(c.Timeline, Step{At: d.now(), By: a.Member(), Event: Add, Handover: last.Reference})
		return nil, nil
	})
}

// another is one more hand-over of a case, as long as there are not too many.
func (d *Desk) another(c *Case, a people.Actor, in Choice) error {
	if len(c.Handovers) >= MostDestinations {
		return fmt.Errorf("more than %d destinations: %w", MostDestinations, ErrInvalid)
	}
	return d.choose(c, a, in)
}

// replaced drops a hand-over, as the table lets it be dropped: what was said or sent to a service is answered or recalled first.
func (d *Desk) replaced(c *Case, drop Line, reference, by string) error {
	i := c.Handover(reference)
	if i < 0 || !slices.Contains(inHand, c.State) {
		return fmt.Errorf("hand-over unknown, or the case is not in hand: %w", ErrState)
	}
	h := &c.Handovers[i]
	if err := drop.takes(h.State, anotherService); err != nil {
		return err
	}
	h.State, h.Reason, h.Due = drop.To, anotherService, time.Time{}
	c.Timeline = append(c.Timeline, Step{At: d.now(), By: by, Event: drop.Event, Reason: anotherService, Handover: reference})
	return nil
}

// Another shows what one more destination would get of a case that the caller has read. It writes nothing.
func (d *Desk) Another(a people.Actor, c Case, in Choice) (Preview, error) {
	c = c.copied()
	if err := d.another(&c, a, in); err != nil {
		return Preview{}, err
	}
	h := c.Handovers[len(c.Handovers)-1]
	dest, _ := d.Book.Destination(h.Destination)
	p, err := d.Book.Make(d.input(c, h))
	return Preview{dest, p, d.Book.Criteria(dest, c.Dossier), err}, nil
}
