package records

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/store"
)

// Swept says what a sweep did.
type Swept struct {
	Records int      // destroyed: their time was over
	Moved   int      // keys of records that stay, wrapped for a later month
	Months  []string // whose key was destroyed
}

const (
	sweepPage = 50
	stallMost = 3
)

// Sweep destroys what has expired, record, key and index entries in one commit with an entry for each, and then every
// month that is over and empty. It works in small steps and may be killed between or within any two: the next sweep goes
// on where it stood. Nothing expired is shown meanwhile, so a sweeper that is dead delays erasure and nothing else.
func (s *Safe) Sweep(ctx context.Context) (Swept, error) {
	var done Swept
	if err := s.sweepRecords(ctx, &done); err != nil {
		return done, fmt.Errorf("sweep: %w", err)
	}
	if !s.follow {
		if err := s.sweepMonths(ctx, &done); err != nil {
			return done, fmt.Errorf("sweep: %w", err)
		}
	}
	if err := putClock(ctx, s.marks, s.clock.latest()); err != nil {
		return done, fmt.Errorf("sweep: %w", err)
	}
	return done, nil
}

func sweeper() Act { return Act{Actor: system, Action: "retention.expire"} }

func (s *Safe) sweepRecords(ctx context.Context, done *Swept) error {
	for stalled := 0; ; {
		now := s.clock.latest()
		keys, err := s.store.Expired(ctx, now.Add(time.Millisecond), sweepPage)
		if err != nil || len(keys) == 0 {
			return fault(err)
		}
		n, err := s.destroyAll(ctx, sweeper(), keys, func(m store.Meta) bool { return m.Expired(now) })
		done.Records += n
		if err != nil {
			return err
		}
		if n > 0 {
			stalled = 0
		} else if stalled++; stalled > stallMost { // each of them changed under our hands, time after time
			return ErrConflict
		}
	}
}

// destroyAll destroys those of the records that may go, one commit for each organisation, and says how many went.
func (s *Safe) destroyAll(ctx context.Context, act Act, keys []store.Key, may func(store.Meta) bool) (n int, err error) {
	keys = slices.Clone(keys)
	slices.SortStableFunc(keys, func(a, b store.Key) int { return cmp.Compare(a.Tenant, b.Tenant) })
	for len(keys) > 0 {
		end := slices.IndexFunc(keys, func(k store.Key) bool { return k.Tenant != keys[0].Tenant })
		if end < 0 {
			end = len(keys)
		}
		act.Tenant = keys[0].Tenant
		went, err := s.destroy(ctx, act, keys[:end], may)
		n += went
		if err != nil {
			return n, err
		}
		keys = keys[end:]
	}
	return n, nil
}

// destroy works on the records of one organisation. Where one of them was changed or destroyed by somebody else in
// between, each is tried by itself, and those that changed are left for the next look.
func (s *Safe) destroy(ctx context.Context, act Act, keys []store.Key, may func(store.Meta) bool) (int, error) {
	b := batch{safe: s, ref: s.ref, act: act}
	for _, k := range keys {
		rec, err := s.store.Read(ctx, k)
		if errors.Is(err, store.ErrNotFound) || err == nil && !may(rec.Meta) {
			continue
		}
		if err != nil {
			return 0, fault(err)
		}
		_, err = s.store.WrappedKey(ctx, k)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return 0, fault(err)
		}
		if err := b.gone(k, rec.Rev, err == nil); err != nil {
			return 0, err
		}
	}
	if len(b.ops) == 0 {
		return 0, nil
	}
	switch err := s.send(ctx, b); {
	case err == nil:
		return len(b.ops), nil
	case !errors.Is(err, ErrConflict) && !errors.Is(err, ErrNotFound):
		return 0, err
	case len(keys) == 1:
		return 0, nil
	}
	n := 0
	for i := range keys {
		went, err := s.destroy(ctx, act, keys[i:i+1], may)
		n += went
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// send commits a batch that is no caller's operation.
func (s *Safe) send(ctx context.Context, b batch) error {
	id, err := s.batchID()
	if err != nil {
		return err
	}
	return fault(store.Settle(ctx, s.store, b.ready(id)))
}
