package shelf

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/ledger"
)

// Who changes a service is always the actor of the act, never an argument: nobody can confirm in another's name. The act's
// organisation is noted with it; the change itself is one of the house.

// Enter begins a service that is entered by hand. Nobody is shown it until another person has confirmed it.
func (s *Shelf) Enter(ctx context.Context, act records.Act, service directory.Service) (ledger.Entry, error) {
	if _, national := s.Directory().Find(service.ID); national {
		return ledger.Entry{}, fmt.Errorf("%s: %w", act.Action, ErrTaken)
	}
	return s.change(ctx, act, service.ID, func(e ledger.Entry, there bool) (ledger.Entry, error) {
		if there {
			return e, ErrTaken
		}
		return ledger.Enter(service, act.Actor, s.config.Now())
	})
}

// Propose says what a service should be; where that touches a contact it waits for another person.
func (s *Shelf) Propose(ctx context.Context, act records.Act, service directory.Service) (ledger.Entry, error) {
	return s.onEntry(ctx, act, service.ID, func(e ledger.Entry) (ledger.Entry, error) {
		return e.Propose(service, act.Actor, s.config.Now())
	})
}

// Confirm lets the change that waits take effect. It must be another person than the one who proposed it.
func (s *Shelf) Confirm(ctx context.Context, act records.Act, id string) (ledger.Entry, error) {
	return s.onEntry(ctx, act, id, func(e ledger.Entry) (ledger.Entry, error) { return e.Confirm(act.Actor, s.config.Now()) })
}

// Refuse drops the change that waits.
func (s *Shelf) Refuse(ctx context.Context, act records.Act, id string) (ledger.Entry, error) {
	return s.onEntry(ctx, act, id, func(e ledger.Entry) (ledger.Entry, error) { return e.Refuse(act.Actor, s.config.Now()) })
}

// Rung notes that the actor rang the number or opened the page and found it as it stands here.
func (s *Shelf) Rung(ctx context.Context, act records.Act, id string) (ledger.Entry, error) {
	return s.onEntry(ctx, act, id, func(e ledger.Entry) (ledger.Entry, error) { return e.Rung(act.Actor, s.config.Now()) })
}

// Resolve decides a conflict between a feed and what stands here.
func (s *Shelf) Resolve(ctx context.Context, act records.Act, id string, take bool) (ledger.Entry, error) {
	return s.onEntry(ctx, act, id, func(e ledger.Entry) (ledger.Entry, error) {
		return e.Resolve(take, act.Actor, s.config.Now())
	})
}

// Clear asks to let pass what a service was held for; it waits for another person.
func (s *Shelf) Clear(ctx context.Context, act records.Act, id string, hold feed.Hold) (ledger.Entry, error) {
	return s.onEntry(ctx, act, id, func(e ledger.Entry) (ledger.Entry, error) {
		return e.Clear(hold, act.Actor, s.config.Now())
	})
}

// Retire takes a service out for good.
func (s *Shelf) Retire(ctx context.Context, act records.Act, id string) (ledger.Entry, error) {
	return s.onEntry(ctx, act, id, func(e ledger.Entry) (ledger.Entry, error) { return e.Retire(act.Actor, s.config.Now()) })
}

func (s *Shelf) onEntry(ctx context.Context, act records.Act, id string, do func(ledger.Entry) (ledger.Entry, error)) (ledger.Entry, error) {
	return s.change(ctx, act, id, func(e ledger.Entry, there bool) (ledger.Entry, error) {
		if !there {
			return e, ErrNotFound
		}
		return do(e)
	})
}

// change makes one change, notes it first, and arranges the directory anew. Where another process was quicker its box is
// read again and the change decided again on what stands there now.
func (s *Shelf) change(ctx context.Context, act records.Act, id string, do func(ledger.Entry, bool) (ledger.Entry, error)) (ledger.Entry, error) {
	release, err := s.take(ctx)
	if err != nil {
		return ledger.Entry{}, fmt.Errorf("%s: %w", act.Action, err)
	}
	defer release()
	if act.Reason == "" && trail.IsCode(id) {
		act.Reason = id // so that the log says which service
	}
	n := boxOf(id)
	for try := 0; ; try++ {
		var now ledger.Entry
		i, there := slices.BinarySearchFunc(s.boxes[n].entries, id, byID)
		if there {
			now = s.boxes[n].entries[i]
		}
		next, err := do(now, there)
		refused := err != nil
		if err == nil {
			err = s.write(ctx, act, map[int]box{n: s.boxes[n].with(next)})
		}
		switch {
		case err == nil:
			return next, s.arrange()
		case try < 2 && (refused || errors.Is(err, records.ErrConflict) || errors.Is(err, records.ErrDuplicate)):
			// Another process may have been quicker: what was refused is refused on what stands there now, or not at all.
			before := s.boxes[n].rev
			if err2 := s.reload(ctx, n); err2 != nil {
				return now, errors.Join(err, err2)
			}
			if s.boxes[n].rev == before {
				return now, fmt.Errorf("%s %s: %w", act.Action, id, err)
			}
			if err := s.arrange(); err != nil {
				return now, err
			}
		default:
			return now, fmt.Errorf("%s %s: %w", act.Action, id, err)
		}
	}
}

// write notes a change and then makes it, all boxes in one commit.
func (s *Shelf) write(ctx context.Context, act records.Act, boxes map[int]box) error {
	op, err := s.op()
	if err != nil {
		return err
	}
	var changes []records.Change
	for n := range boxCount {
		b, ok := boxes[n]
		if !ok {
			continue
		}
		r, err := b.record(n)
		if err != nil {
			return err
		}
		changes = append(changes, records.Change{Verb: records.Put, Record: r})
	}
	act.Tenant = house
	if err := s.config.Safe.Note(ctx, act, trail.Done, kind, ""); err != nil {
		return fmt.Errorf("note %s: %w", act.Action, err)
	}
	written, err := s.config.Safe.Write(ctx, act, op, changes...)
	if err != nil {
		return errors.Join(fmt.Errorf("write services: %w", err), s.config.Safe.Note(ctx, act, trail.Failed, kind, ""))
	}
	for _, r := range written {
		n, _ := boxNumber(r.ID)
		b := boxes[n]
		b.rev = r.Rev
		s.boxes[n] = b
	}
	return nil
}
