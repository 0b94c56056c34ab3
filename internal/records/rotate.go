package records

import (
	"context"
	"errors"
	"fmt"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// The kinds under which the log of the house speaks of keys. A month whose key is changed is another thing than a month
// that was destroyed.
const (
	monthKeyKind = "month-key"
	rootKeyKind  = "root-key"
)

// RotateMonth gives a month a new key, by which whatever is written from now on is wrapped. RewrapMonth and RetireMonth
// come after it.
func (s *Safe) RotateMonth(ctx context.Context, act Act, bucket string) error {
	return s.rekey(ctx, act, bucket, monthKeyKind, func() error { return s.keys.RotateMonth(bucket) })
}

// RetireMonth drops all keys of a month but the newest, once nothing needs them: what an older one still wraps is wrapped
// anew first. It refuses with ErrTooSoon for a day after RotateMonth. Who shares the keyring must have read the newer file
// by then: what such a process still wrapped by the older key would be lost.
func (s *Safe) RetireMonth(ctx context.Context, act Act, bucket string) error {
	return s.rekey(ctx, act, bucket, monthKeyKind, func() error {
		for {
			n, err := s.RewrapMonth(ctx, bucket)
			if err != nil {
				return err
			}
			if n == 0 {
				return s.keys.RetireMonth(bucket)
			}
		}
	})
}

// RotateRoot seals the keyring under another root key, which has reached its own place before.
func (s *Safe) RotateRoot(ctx context.Context, act Act, root vault.KEK) error {
	return s.rekey(ctx, act, "", rootKeyKind, func() error { return s.keys.RotateRoot(root) })
}

// Follow reads the keyring that was handed out, for a process that follows another. vault.ErrOldKeyring says that the database
// knows a newer one that did not arrive: what is written meanwhile may be wrapped by a key about to be dropped.
func (s *Safe) Follow(ctx context.Context) error {
	if !s.follow {
		return fmt.Errorf("follow: this process leads: %w", ErrInvalid)
	}
	kept, err := keptMark(ctx, s.marks)
	if err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	if err := s.keys.Reload(); err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	if mark := s.keys.Mark(); mark.Ring != kept.Ring || mark.Generation < kept.Generation {
		return fmt.Errorf("follow: %w", vault.ErrOldKeyring)
	}
	return nil
}

// rekey changes the keyring once the log of the house says so, and has the database keep the mark. What was refused leaves
// a second entry.
func (s *Safe) rekey(ctx context.Context, act Act, bucket, kind string, change func() error) error {
	act.Tenant, act.Reason = House, bucket
	if err := act.check(); err != nil {
		return err
	}
	if s.follow {
		return fmt.Errorf("%s: another process does: %w", act.Action, ErrInvalid)
	}
	if kind == monthKeyKind {
		if _, ok := s.over(bucket); !ok {
			return fmt.Errorf("%s: no month: %w", act.Action, ErrInvalid)
		}
	}
	at := store.Key{Tenant: House, Kind: kind}
	if err := s.tell(ctx, act, trail.Done, bucket, at); err != nil {
		return err
	}
	if err := change(); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", act.Action, fault(err)), s.tell(ctx, act, trail.Failed, bucket, at))
	}
	return keepMark(ctx, s.marks, s.keys.Mark())
}
