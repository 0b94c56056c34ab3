package records

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"waypost/internal/store"
	"waypost/internal/vault"
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
// on where it stood. An organisation whose log refuses keeps nothing of the others. Nothing expired is shown meanwhile, so
// a sweeper that is dead delays erasure and nothing else.
func (s *Safe) Sweep(ctx context.Context) (Swept, error) {
	var done Swept
	errs := []error{s.sweepRecords(ctx, &done)}
	if !s.follow {
		errs = append(errs, s.sweepMonths(ctx, &done))
	}
	if err := errors.Join(append(errs, putClock(ctx, s.marks, s.clock.latest()))...); err != nil {
		return done, fmt.Errorf("sweep: %w", err)
	}
	return done, nil
}

func sweeper() Act { return Act{Actor: system, Action: "retention.expire"} }

// refusals is why nothing more is destroyed in an organisation.
type refusals map[string]error

func (r refusals) err() error {
	var errs []error
	for _, tenant := range slices.Sorted(maps.Keys(r)) {
		errs = append(errs, fmt.Errorf("%s: %w", tenant, r[tenant]))
	}
	return errors.Join(errs...)
}

// not leaves out the keys of the organisations that refuse.
func (r refusals) not(keys []store.Key) []store.Key {
	return slices.DeleteFunc(keys, func(k store.Key) bool { _, refuses := r[k.Tenant]; return refuses })
}

func (s *Safe) sweepRecords(ctx context.Context, done *Swept) error {
	refused := refusals{}
	for stalled := 0; ; {
		now := s.clock.latest()
		keys, err := s.store.Expired(ctx, now.Add(time.Millisecond), sweepPage)
		if err != nil {
			return errors.Join(refused.err(), fault(err))
		}
		full, before := len(keys) == sweepPage, len(refused)
		if keys = refused.not(keys); len(keys) == 0 {
			if full && before > 0 { // nothing but what refuses, and perhaps more behind it
				err = s.sweepPast(ctx, refused, done)
			}
			return errors.Join(refused.err(), err)
		}
		n := s.destroyAll(ctx, sweeper(), keys, func(m store.Meta) bool { return m.Expired(now) }, refused)
		done.Records += n
		if n > 0 || len(refused) > before {
			stalled = 0
		} else if stalled++; stalled > stallMost { // each of them changed under our hands, time after time
			return errors.Join(refused.err(), ErrConflict)
		}
	}
}

// sweepPast finds what expired behind a page full of records that cannot be destroyed: by the months in which their keys
// lie, for the list of what expired has no way past its head.
func (s *Safe) sweepPast(ctx context.Context, refused refusals, done *Swept) error {
	now := s.clock.latest()
	live, _ := s.keys.Months()
	for _, bucket := range live {
		if bucket > vault.Bucket(now) {
			return nil
		}
		var after store.Key
		for {
			keys, err := s.store.BucketKeys(ctx, bucket, after, sweepPage)
			if err != nil || len(keys) == 0 {
				if err != nil {
					return fault(err)
				}
				break
			}
			after = keys[len(keys)-1]
			done.Records += s.destroyAll(ctx, sweeper(), refused.not(keys), func(m store.Meta) bool { return m.Expired(now) }, refused)
		}
	}
	return nil
}

// destroyAll destroys those of the records that may go, one commit for each organisation, and says how many went. An
// organisation where that fails is put among the refusals and keeps nothing of the others.
func (s *Safe) destroyAll(ctx context.Context, act Act, keys []store.Key, may func(store.Meta) bool, refused refusals) (n int) {
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
			refused[act.Tenant] = err
		}
		keys = keys[end:]
	}
	return n
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
