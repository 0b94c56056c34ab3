package store

import (
	"context"
	"errors"
	"time"
)

// Settle commits a batch and, while its outcome is unknown, commits the very same batch again. It gives up with
// ErrUnknown when the context ends or the engine stays away.
func Settle(ctx context.Context, s Store, b Batch) error {
	pause := 20 * time.Millisecond
	for try := 0; ; try++ {
		err := s.Commit(ctx, b)
		if !errors.Is(err, ErrUnknown) || try == 5 || ctx.Err() != nil {
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
