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

const (
	monthKind   = "month"
	monthAction = "month.erase"
	monthLabel  = "waypost/month/v1"
)

// EraseMonth destroys what is left of a month that is over, and its key with it: what expired in it opens nowhere any
// more, in no backup of the database. It refuses a month that is not over with ErrTooSoon. The log of the house keeps
// one entry for the month, however often it is asked.
func (s *Safe) EraseMonth(ctx context.Context, act Act, bucket string) error {
	act.Tenant = House
	if err := act.check(); err != nil {
		return err
	}
	if s.follow {
		return fmt.Errorf("erase month: another process does: %w", ErrInvalid)
	}
	if over, ok := s.over(bucket); !ok || !over {
		err := ErrTooSoon
		if !ok {
			err = ErrInvalid
		}
		reason := "too-soon"
		return errors.Join(fmt.Errorf("erase month: %w", err),
			s.tell(ctx, act, trail.Denied, reason, store.Key{Tenant: House, Kind: monthKind}))
	}
	var done Swept
	if err := s.eraseMonth(ctx, bucket, &done); err != nil {
		return fmt.Errorf("erase month %s: %w", bucket, err)
	}
	return s.tellMonths(ctx, act)
}

func (s *Safe) sweepMonths(ctx context.Context, done *Swept) error {
	live, _ := s.keys.Months()
	var errs []error
	for _, bucket := range live {
		if over, _ := s.over(bucket); !over {
			continue
		}
		if err := s.eraseMonth(ctx, bucket, done); err != nil { // one that cannot be erased does not keep the others
			errs = append(errs, fmt.Errorf("month %s: %w", bucket, err))
		}
	}
	return errors.Join(append(errs, s.tellMonths(ctx, Act{Tenant: House, Actor: system, Action: monthAction}))...)
}

func (s *Safe) over(bucket string) (over, ok bool) {
	start, err := time.Parse("2006-01", bucket)
	if err != nil || vault.Bucket(start) != bucket {
		return false, false
	}
	return !s.clock.latest().Before(start.AddDate(0, 1, 0)), true
}

// eraseMonth empties a month that is over and destroys its key. The keyring is raised first, then the database keeps its
// mark; what the trail says of it comes last and is made good by the next sweep if this one is killed.
func (s *Safe) eraseMonth(ctx context.Context, bucket string, done *Swept) error {
	var after store.Key
	for {
		keys, err := s.store.BucketKeys(ctx, bucket, after, sweepPage)
		if err != nil {
			return fault(err)
		}
		for _, k := range keys {
			if err := s.emptyOf(ctx, k, done); err != nil {
				return fmt.Errorf("%s %s: %w", k.Kind, k.ID, err)
			}
			after = k
		}
		if len(keys) < sweepPage {
			break
		}
	}
	left, err := s.store.BucketKeys(ctx, bucket, store.Key{}, 1)
	if err != nil {
		return fault(err)
	}
	if len(left) > 0 {
		return fmt.Errorf("keys are left in it: %w", ErrConflict)
	}
	if err := s.keys.DestroyBucket(bucket); err != nil {
		return fault(err)
	}
	done.Months = append(done.Months, bucket)
	return keepMark(ctx, s.marks, s.keys.Mark())
}

// emptyOf takes one key out of a month that is over: with its record if that has expired, else into a later month.
func (s *Safe) emptyOf(ctx context.Context, k store.Key, done *Swept) error {
	rec, err := s.store.Read(ctx, k)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.dropOrphan(ctx, k)
	case err != nil:
		return fault(err)
	}
	if now := s.clock.latest(); rec.Expired(now) {
		refused := refusals{}
		done.Records += s.destroyAll(ctx, sweeper(), []store.Key{k}, func(m store.Meta) bool { return m.Expired(now) }, refused)
		return refused[k.Tenant]
	}
	done.Moved++
	return s.rewrap(ctx, k, s.month(rec.Expires))
}

// tellMonths writes an entry for each destroyed month that the log of the house does not know. The id of the batch
// follows from the month, so that two sweepers at once write it once.
func (s *Safe) tellMonths(ctx context.Context, act Act) error {
	_, destroyed := s.keys.Months()
	told, err := s.toldMonths(ctx)
	if err != nil {
		return err
	}
	for _, bucket := range destroyed {
		if told[bucket] {
			continue
		}
		at, err := s.clock.stamp()
		if err != nil {
			return err
		}
		text, err := act.entry(at, trail.Entry{}, trail.Done, bucket, monthKind, nil)
		if err != nil {
			return err
		}
		sum := trail.Sum([]byte(monthLabel + "\x00" + s.keys.Mark().Ring + "\x00" + bucket))
		b := batch{act: act, entries: [][]byte{text}}
		err = fault(store.Settle(ctx, s.store, b.ready([16]byte(sum[:16]))))
		if err != nil && !errors.Is(err, ErrRepeated) {
			return err
		}
	}
	return keepMark(ctx, s.marks, s.keys.Mark())
}

// toldMonths reads the log of the house, which is short: a few entries a year.
func (s *Safe) toldMonths(ctx context.Context) (map[string]bool, error) {
	told := map[string]bool{}
	for from := int64(0); ; from += store.ListLimit {
		leaves, err := s.store.TrailRead(ctx, House, from, store.ListLimit)
		if err != nil {
			return nil, fault(err)
		}
		for _, l := range leaves {
			_, e, err := trail.ParseLeaf(l)
			if err != nil {
				return nil, fmt.Errorf("log of the house: %w: %w", ErrTrail, err)
			}
			if e.Kind == monthKind && e.Outcome == trail.Done {
				told[e.Reason] = true
			}
		}
		if len(leaves) < store.ListLimit {
			return told, nil
		}
	}
}
