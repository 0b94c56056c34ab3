package records

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// standing is how many months ahead the key of a standing record is wrapped; the sweeper moves it on when that month is
// over. A shorter time would erase more from old backups; but a backup older than this can no longer be put back, since
// the key of the references and every account in it are standing records.
const standing = 12

// month is the time whose month's key guards a record that expires then; zero is a standing record, which is content with
// the last month prepared where that is nearer.
func (s *Safe) month(expires time.Time) time.Time {
	if !expires.IsZero() {
		return expires
	}
	now := s.clock.latest()
	until := time.Date(now.Year(), now.Month()+standing, 1, 0, 0, 0, 0, time.UTC)
	live, _ := s.keys.Months()
	if len(live) > 0 && live[len(live)-1] < vault.Bucket(until) {
		if last, err := time.Parse("2006-01", live[len(live)-1]); err == nil {
			return last.AddDate(0, 1, 0).Add(-time.Millisecond)
		}
	}
	return until
}

// Write makes all changes in one commit with their entries, or none of them. What is sealed is sealed once: while the
// outcome is unknown the very same batch is sent again. A second Write under the same op has no effect and says
// ErrRepeated (or nothing, where it comes to the very same bytes, as a deletion may), so a caller who met
// ErrUnavailable asks again with the same op.
//
// A change refused (ErrConflict, ErrDuplicate, ErrNotFound) leaves an entry for each logged change that says so.
func (s *Safe) Write(ctx context.Context, act Act, op [16]byte, changes ...Change) ([]Record, error) {
	if err := s.checkWrite(act, op, changes); err != nil {
		return nil, err
	}
	written, err := s.write(ctx, act, op, changes)
	if err == nil {
		return written, nil
	}
	err = fmt.Errorf("%s: %w", act.Action, err)
	if outcome, why := refusal(err); outcome != "" {
		return nil, errors.Join(err, s.tell(ctx, act, outcome, why, s.keysOf(act, changes)...))
	}
	return nil, err
}

func (s *Safe) write(ctx context.Context, act Act, op [16]byte, changes []Change) ([]Record, error) {
	b := batch{safe: s, ref: s.ref, act: act}
	for _, c := range changes {
		var err error
		switch c.Verb {
		case Put:
			err = b.put(ctx, c.Record)
		case Destroy:
			err = b.destroy(ctx, c.Record)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := store.Settle(ctx, s.store, b.ready(op)); err != nil {
		return nil, fault(err)
	}
	return b.written, nil
}

func (s *Safe) checkWrite(act Act, op [16]byte, changes []Change) error {
	if err := act.check(); err != nil {
		return err
	}
	if op == [16]byte{} || len(changes) == 0 || len(changes) > store.BatchLimit {
		return fmt.Errorf("%s: no operation id, or %d changes: %w", act.Action, len(changes), ErrInvalid)
	}
	for i, c := range changes {
		r := c.Record
		_, known := s.logged[r.Kind]
		switch {
		case !known || !trail.IsCode(r.ID) || r.Rev < 0:
			return fmt.Errorf("%s, change %d: kind, id or revision: %w", act.Action, i, ErrInvalid)
		case c.Verb == Put:
		case c.Verb != Destroy || r.Rev < 1:
			return fmt.Errorf("%s, change %d: verb or revision: %w", act.Action, i, ErrInvalid)
		}
	}
	return nil
}

// refusal is how the trail keeps a change that was not made; nothing for one that could not be, or that was made before
// and has its entry.
func refusal(err error) (trail.Outcome, string) {
	switch {
	case errors.Is(err, ErrRepeated):
		return "", ""
	case errors.Is(err, ErrConflict):
		return trail.Failed, "conflict"
	case errors.Is(err, ErrDuplicate):
		return trail.Failed, "duplicate"
	case errors.Is(err, ErrTampered):
		return trail.Failed, tampered
	case errors.Is(err, ErrNotFound):
		return trail.Denied, whyAbsent(err)
	}
	return "", ""
}

func (s *Safe) keysOf(act Act, changes []Change) []store.Key {
	var keys []store.Key
	for _, c := range changes {
		if s.tells(c.Record.Kind) {
			keys = append(keys, store.Key{Tenant: act.Tenant, Kind: c.Record.Kind, ID: c.Record.ID})
		}
	}
	return keys
}

func place(k store.Key, rev int64) vault.Place {
	return vault.Place{Tenant: k.Tenant, Kind: k.Kind, ID: k.ID, Rev: uint64(rev)}
}
