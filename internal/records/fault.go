package records

import (
	"context"
	"errors"
	"fmt"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// fault puts the sentinel of this room above what a room below says. It is the one table from their errors to ours.
func fault(err error) error {
	if err == nil {
		return nil
	}
	for _, line := range []struct {
		below error
		ours  error
	}{
		{store.ErrNotFound, ErrNotFound},
		{store.ErrConflict, ErrConflict},
		{store.ErrDuplicate, ErrDuplicate},
		{store.ErrReused, ErrRepeated},
		{trail.ErrClock, ErrTrail},
		{trail.ErrTampered, ErrTrail},
		{store.ErrInvalid, ErrInvalid},
		{store.ErrFull, ErrUnavailable},
		{store.ErrUnknown, ErrUnavailable},
		{store.ErrClosed, ErrUnavailable},
		{store.ErrDamaged, ErrUnavailable},
		{context.DeadlineExceeded, ErrUnavailable},
		{context.Canceled, ErrUnavailable},
		{vault.ErrShredded, ErrNotFound},
		{vault.ErrTampered, ErrTampered},
		{vault.ErrNoMonth, ErrInvalid},
		{vault.ErrPast, ErrInvalid},
		{vault.ErrTooLong, ErrInvalid},
		{vault.ErrPlace, ErrInvalid},
		{vault.ErrTooSoon, ErrTooSoon},
	} {
		if errors.Is(err, line.below) {
			return fmt.Errorf("%w: %w", line.ours, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// untold is the fault of an entry that could not be written: whatever the cause, there is no access.
func untold(err error) error { return fmt.Errorf("%w: %w", ErrTrail, fault(err)) }
