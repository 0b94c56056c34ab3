package private

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"waypost/internal/records"
	"waypost/internal/vault"
)

const (
	schema = 1
	state  = "kept"
)

// due is the day on which somebody must look at a sheet: at once where a contact waits for a second person.
func due(contacts []Contact) (day time.Time) {
	for _, c := range contacts {
		at := c.EnteredOn
		if c.Confirmed() {
			at = c.ConfirmedOn.AddDate(0, 0, confirmAgain)
		}
		if day.IsZero() || at.Before(day) {
			day = at
		}
	}
	return day
}

// resting is a contact as it is sealed: the one form in which it is written, and nobody outside sees it.
type resting struct {
	ID, Name, At, Note     string
	Use                    Use
	EnteredBy, ConfirmedBy string
	EnteredOn, ConfirmedOn time.Time
	ReplacesID             string
}

type loaded struct {
	rev      int64
	contacts []Contact
}

// load opens a sheet: the trail is written first.
func (d *Drawer) load(ctx context.Context, act records.Act, of Subject) (loaded, error) {
	if err := staff(act); err != nil {
		return loaded{}, err
	}
	r, err := d.config.Safe.Read(ctx, act, kind, of.recordID())
	if errors.Is(err, records.ErrNotFound) {
		return loaded{}, nil
	}
	if err != nil {
		return loaded{}, fmt.Errorf("open private contacts: %w", err)
	}
	var rest []resting
	if json.Unmarshal(r.Content.Reveal(), &rest) != nil {
		return loaded{}, errors.New("open private contacts: the content is not in its form") // the cause could quote it
	}
	out := loaded{rev: r.Rev}
	for _, c := range rest {
		out.contacts = append(out.contacts, Contact{
			ID: c.ID, Use: c.Use, Name: keep(c.Name), At: keep(c.At), Note: keep(c.Note), EnteredBy: c.EnteredBy, EnteredOn: c.EnteredOn,
			ConfirmedBy: c.ConfirmedBy, ConfirmedOn: c.ConfirmedOn, ReplacesID: c.ReplacesID,
		})
	}
	return out, nil
}

func keep(text string) vault.Secret[string] {
	if text == "" {
		return vault.Secret[string]{}
	}
	return vault.Keep(text)
}

// change opens a sheet, changes it and writes it, again where somebody was quicker. A sheet without contacts is destroyed.
func (d *Drawer) change(ctx context.Context, act records.Act, of Subject, do func([]Contact) ([]Contact, error)) error {
	for try := 0; ; try++ {
		now, err := d.load(ctx, act, of)
		if err != nil {
			return err
		}
		next, err := do(now.contacts)
		if err != nil {
			return fmt.Errorf("%s: %w", act.Action, err)
		}
		err = d.write(ctx, act, of, now.rev, next)
		if err == nil || try == 2 || !errors.Is(err, records.ErrConflict) && !errors.Is(err, records.ErrDuplicate) {
			return err
		}
	}
}

func (d *Drawer) write(ctx context.Context, act records.Act, of Subject, rev int64, contacts []Contact) error {
	var op [16]byte
	if _, err := io.ReadFull(d.config.Random, op[:]); err != nil {
		return fmt.Errorf("draw an operation: %w", err)
	}
	change := records.Change{Verb: records.Put, Record: records.Record{Kind: kind, ID: of.recordID(), Rev: rev, State: state, Due: due(contacts), Schema: schema}}
	if len(contacts) == 0 {
		change.Verb = records.Destroy
	} else {
		var rest []resting
		for _, c := range contacts {
			rest = append(rest, resting{
				ID: c.ID, Use: c.Use, Name: c.Name.Reveal(), At: c.At.Reveal(), Note: c.Note.Reveal(), EnteredBy: c.EnteredBy, EnteredOn: c.EnteredOn,
				ConfirmedBy: c.ConfirmedBy, ConfirmedOn: c.ConfirmedOn, ReplacesID: c.ReplacesID,
			})
		}
		text, err := json.Marshal(rest)
		if err != nil {
			return fmt.Errorf("write private contacts: %w", err)
		}
		change.Record.Content = vault.Keep(text)
	}
	if _, err := d.config.Safe.Write(ctx, act, op, change); err != nil {
		return fmt.Errorf("write private contacts: %w", err)
	}
	return nil
}
