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

// rewrap wraps a data key anew, by the newest key of the month of until. The record is not touched.
func (s *Safe) rewrap(ctx context.Context, k store.Key, until time.Time) error {
	now, err := s.store.WrappedKey(ctx, k)
	if errors.Is(err, store.ErrNotFound) { // destroyed meanwhile
		return nil
	}
	if err != nil {
		return fault(err)
	}
	again, err := s.keys.Rewrap(place(k, 0), vault.Wrapped{Bucket: now.Bucket, Bytes: now.Wrapped}, until)
	if err != nil {
		return fault(err)
	}
	b := batch{safe: s, ref: s.ref, act: Act{Tenant: k.Tenant}}
	b.wrap(k, again)
	if err := s.send(ctx, b); err != nil {
		return err
	}
	if _, err := s.store.Read(ctx, k); errors.Is(err, store.ErrNotFound) { // destroyed meanwhile: its key must not come back
		return s.dropOrphan(ctx, k)
	}
	return nil
}

// RewrapMonth is the pass between Keyring.RotateMonth and RetireMonth: every data key of the month that an older key
// wraps is wrapped by the newest. It may be stopped and asked again, and says how many it wrapped.
func (s *Safe) RewrapMonth(ctx context.Context, bucket string) (n int, err error) {
	if s.follow {
		return 0, fmt.Errorf("rewrap month: another process does: %w", ErrInvalid)
	}
	var after store.Key
	for {
		keys, err := s.store.BucketKeys(ctx, bucket, after, sweepPage)
		if err != nil || len(keys) == 0 {
			return n, fault(err)
		}
		for _, k := range keys {
			went, err := s.renew(ctx, bucket, k)
			if err != nil {
				return n, fmt.Errorf("rewrap month %s: %s %s: %w", bucket, k.Kind, k.ID, err)
			}
			n, after = n+went, k
		}
	}
}

func (s *Safe) renew(ctx context.Context, bucket string, k store.Key) (int, error) {
	now, err := s.store.WrappedKey(ctx, k)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fault(err)
	}
	current, err := s.keys.IsCurrent(place(k, 0), vault.Wrapped{Bucket: now.Bucket, Bytes: now.Wrapped})
	if err != nil || current || now.Bucket != bucket {
		return 0, fault(err)
	}
	start, err := time.Parse("2006-01", bucket)
	if err != nil {
		return 0, ErrInvalid
	}
	return 1, s.rewrap(ctx, k, start.AddDate(0, 1, 0).Add(-time.Millisecond))
}

// dropOrphan destroys a key whose record is not there.
func (s *Safe) dropOrphan(ctx context.Context, k store.Key) error {
	b := batch{safe: s, ref: s.ref, act: sweeper(), keys: []store.KeyOp{{Key: k}}}
	b.act.Tenant, b.act.Reason = k.Tenant, "orphan"
	if err := b.entry(trail.Entry{}, k); err != nil {
		return err
	}
	if err := s.send(ctx, b); !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}
