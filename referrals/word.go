package referrals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/referrals/packet"
)

// word is an answer of a service on its way to the desk that handed over. It is written in one commit with the answer,
// under the service, and destroyed when the case has it; so no answer is lost between two organisations, whenever a process
// ends.
type word struct {
	Sender    string `json:"sender"`
	Case      string `json:"case"`
	Reference string `json:"ref"`
	Event     Event  `json:"event"`
	Reason    string `json:"reason,omitempty"`
	By        string `json:"by"` // member of the service
}

const untold = "untold"

// answered writes a packet as it is now, tells the desk, and leaves the packet's new revision in r.
func (d *Desk) answered(ctx context.Context, act records.Act, r *rested[packetForm], w word) error {
	is, err := put(*r)
	if err != nil {
		return err
	}
	if err := d.tellAfter(ctx, act, w, is); err != nil {
		return err
	}
	r.rev++
	return nil
}

// tellAfter commits changes of the service with the word of them, then tells the desk. What cannot be told now is told by
// Tick.
func (d *Desk) tellAfter(ctx context.Context, act records.Act, w word, changes ...records.Change) error {
	id, err := d.rest.draw(16)
	if err != nil {
		return err
	}
	now := d.now()
	change, err := put(rested[word]{kind: kindWord, id: id, state: untold, due: now, expires: now.Add(OpenLife), content: w})
	if err != nil {
		return err
	}
	if err := d.rest.write(ctx, act, append(changes, change)...); err != nil {
		return err
	}
	_, _ = d.tellAll(context.WithoutCancel(ctx), act.Tenant) // the service's answer stands, told or not yet
	return nil
}

// tellAll tells every word of a service in the order in which they were said, and how many. One that cannot be told now
// keeps back what the service said later of the same packet, and nothing else.
func (d *Desk) tellAll(ctx context.Context, service string) (told int, err error) {
	act := bySystem(service, "system", "clock.tick")
	stuck := map[string]bool{}
	var errs []error
	err = d.each(ctx, act, kindWord, []string{untold}, func(rec records.Record) error {
		w, err := load[word](ctx, d.rest, act, kindWord, rec.ID)
		if errors.Is(err, ErrNotFound) || err == nil && stuck[w.content.Reference] {
			return nil
		}
		if err == nil {
			err = d.tell(ctx, service, w)
		}
		if err != nil {
			stuck[w.content.Reference] = true
			errs = append(errs, err)
			return nil
		}
		told++
		return nil
	})
	return told, errors.Join(append(errs, err)...)
}

// tell carries one word into its case and destroys it. What the case no longer takes is old news.
func (d *Desk) tell(ctx context.Context, service string, w rested[word]) error {
	l, _ := lineOf(w.content.Event)
	err := d.bySystem(ctx, w.content.Sender, w.content.By, w.content.Case, l, Decision{
		Event: w.content.Event, Handover: w.content.Reference, Reason: w.content.Reason,
	})
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrState) && !errors.Is(err, ErrReason) {
		return err
	}
	err = d.rest.write(ctx, bySystem(service, "system", "word.told"), gone(kindWord, w.id, w.rev))
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict) {
		return nil // somebody else has told it meanwhile
	}
	return err
}

// bySystem does a line of the table that a clock or a service asks for, however often somebody else writes meanwhile.
func (d *Desk) bySystem(ctx context.Context, organisation, actor, id string, l Line, in Decision) error {
	if !l.System {
		return fmt.Errorf("%s by nobody: %w", l.Action, ErrInvalid)
	}
	act := bySystem(organisation, actor, l.Action)
	by := "system"
	if actor != "system" {
		by = "service"
	}
	for range attempts {
		r, err := load[caseForm](ctx, d.rest, act, kindCase, id)
		if err != nil {
			return err
		}
		_, err = d.step(ctx, did(act, l.Action, in.Reason), r, func(c *Case) (tally, error) { return d.apply(ctx, c, l, by, in) })
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("%s: %w", l.Action, ErrConflict)
}

// Ticked says what a look at the clocks did.
type Ticked struct {
	Told     int // answers of services that had not reached their desk
	Unopened int // links that nobody opened in time: on the desk again
}

// Tick is what is due without anybody asking, in one organisation: answers that were not told, and links that nobody
// opened. What fails for one case is in the error and keeps nothing else. It may be stopped anywhere and asked again. A clock that ran out needs nothing done: the case stands at the top
// of the queue because its due time has passed.
func (d *Desk) Tick(ctx context.Context, organisation string) (Ticked, error) {
	told, err := d.tellAll(ctx, organisation)
	out := Ticked{Told: told}
	act := bySystem(organisation, "system", "clock.tick")
	errs := []error{err}
	err = d.each(ctx, act, kindCard, names(inHand), func(rec records.Record) error {
		if rec.Due.After(d.now()) {
			return errEnough
		}
		n, err := d.unopened(ctx, act, rec.ID)
		out.Unopened += n
		errs = append(errs, err) // one case that cannot be written keeps no other from its desk
		return nil
	})
	return out, errors.Join(append(errs, err)...)
}

var errEnough = errors.New("referrals: enough")

// each walks the records of a kind by due time until there are no more, or the function has enough.
func (d *Desk) each(ctx context.Context, act records.Act, kind string, states []string, do func(records.Record) error) error {
	var after store.Cursor
	for {
		page, err := d.Safe.Queue(ctx, act, kind, states, after, store.PageLimit)
		if err != nil {
			return translate("walk "+kind, err)
		}
		for _, rec := range page.Records {
			if err := do(rec); errors.Is(err, errEnough) {
				return nil
			} else if err != nil {
				return err
			}
		}
		if page.Next == nil {
			return nil
		}
		after = *page.Next
	}
}

// unopened puts what a link did not bring to its service on the desk again.
func (d *Desk) unopened(ctx context.Context, act records.Act, id string) (n int, err error) {
	card, err := d.card(ctx, act, id)
	if errors.Is(err, ErrNotFound) || err == nil && !passed(card.content.LinkEnds, d.now()) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	r, err := load[caseForm](ctx, d.rest, did(act, "handover.unopened", ""), kindCase, id)
	if err != nil {
		return 0, err
	}
	l, _ := lineOf(Unopened)
	for _, h := range d.read(act.Tenant, r).Handovers {
		if h.State != Out || h.Channel != packet.PickUp || !passed(h.LinkEnds, d.now()) {
			continue
		}
		err := d.destroyPacket(ctx, h, l.Action)
		if errors.Is(err, ErrOpened) {
			continue // the word of it is on its way
		}
		if err == nil {
			err = d.bySystem(ctx, act.Tenant, "system", id, l, Decision{Event: Unopened, Handover: h.Reference})
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func passed(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }
