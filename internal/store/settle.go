package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waypost/internal/trail"
)

// Settle commits a batch and, while its outcome is unknown, commits the very same batch again. It gives up with
// ErrUnknown when the context ends or the engine stays away or is closed; whatever else that last error says, the batch
// may have been written.
func Settle(ctx context.Context, s Store, b Batch) error {
	pause := 20 * time.Millisecond
	unknown := false
	for try := 0; ; try++ {
		err := s.Commit(ctx, b)
		if unknown && err != nil && !definite(err) {
			err = fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		unknown = errors.Is(err, ErrUnknown)
		if !unknown || try == 5 || ctx.Err() != nil || errors.Is(err, ErrClosed) {
			return err
		}
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return err
		}
		pause *= 2
	}
}

// definite says whether an engine that was asked again has looked: had the batch been written the first time, it would
// have answered with success.
func definite(err error) bool {
	for _, answer := range []error{ErrNotFound, ErrConflict, ErrDuplicate, ErrReused, ErrInvalid, ErrUnknown, trail.ErrClock} {
		if errors.Is(err, answer) {
			return true
		}
	}
	return false
}
