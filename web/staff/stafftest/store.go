package stafftest

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
)

// Store is the store in memory, which can be made to go away or to take no trail.
type Store struct {
	*conform.Model
	Gone, Deaf atomic.Bool
}

// Read fails while the store is gone.
func (s *Store) Read(ctx context.Context, k store.Key) (store.Record, error) {
	if s.Gone.Load() {
		return store.Record{}, store.ErrClosed
	}
	return s.Model.Read(ctx, k)
}

// Commit refuses whatever has an entry for the trail while the store is deaf.
func (s *Store) Commit(ctx context.Context, b store.Batch) error {
	if s.Deaf.Load() && len(b.Trail) > 0 {
		return store.ErrFull
	}
	return s.Model.Commit(ctx, b)
}

// Clock is the time of a test, which passes when it says so.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// Now is what it shows.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

// Pass lets time pass.
func (c *Clock) Pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// Log is everything that was logged.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds to it.
func (l *Log) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }

// String is all of it.
func (l *Log) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }
