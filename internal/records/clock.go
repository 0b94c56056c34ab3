package records

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// clock never goes back: what has expired once stays expired, whatever happens to the machine's clock.
type clock struct {
	now  func() time.Time
	mu   sync.Mutex
	seen time.Time // the latest moment
}

// latest is the time that judges expiry.
func (c *clock) latest() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.see()
}

func (c *clock) see() time.Time {
	if now := whole(c.now()); now.After(c.seen) {
		c.seen = now
	}
	return c.seen
}

// stamp is the time of an entry: the machine's own, refused where it lies further behind than trail.Slack.
func (c *clock) stamp() (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := whole(c.now())
	if err := trail.Guard(now, c.see()); err != nil {
		return time.Time{}, fmt.Errorf("%w: %w", ErrTrail, err)
	}
	return now, nil
}

const clockMark = "clock"

// openClock refuses a clock behind the newest moment that the database knows: the clocks of all logs, and the mark that
// every sweep moves along, in case nobody did anything for a while.
func (s *Safe) openClock(ctx context.Context) error {
	known, err := knownClock(ctx, s.store, s.marks)
	if err != nil {
		return err
	}
	if err := trail.Guard(whole(s.clock.now()), known); err != nil {
		return err
	}
	s.clock.seen = known
	return putClock(ctx, s.marks, s.clock.latest())
}

func knownClock(ctx context.Context, st store.Store, marks store.Marks) (known time.Time, err error) {
	value, err := marks.Mark(ctx, clockMark)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return time.Time{}, fmt.Errorf("read the clock: %w", fault(err))
	case len(value) != 8:
		return time.Time{}, fmt.Errorf("read the clock: %w", ErrTampered)
	default:
		known = time.UnixMilli(int64(binary.BigEndian.Uint64(value))).UTC()
	}
	err = eachLog(ctx, st, func(_ string, edge trail.Edge) error {
		if edge.Clock.After(known) {
			known = edge.Clock
		}
		return nil
	})
	return known, err
}

func eachLog(ctx context.Context, st store.Store, do func(tenant string, edge trail.Edge) error) error {
	for tenant := ""; ; {
		next, err := st.NextLog(ctx, tenant)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look at the logs: %w", fault(err))
		}
		edge, err := store.Edge(ctx, st, next)
		if err != nil {
			return fmt.Errorf("look at the log of %s: %w", next, fault(err))
		}
		if err := do(next, edge); err != nil {
			return err
		}
		tenant = next
	}
}

func putClock(ctx context.Context, marks store.Marks, at time.Time) error {
	if err := marks.PutMark(ctx, clockMark, binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli()))); err != nil {
		return fmt.Errorf("keep the clock: %w", fault(err))
	}
	return nil
}

// ConfirmClock is for a machine whose clock had run ahead and was set right: a member of staff confirms the present time,
// in sight, in every log that is ahead. Without it Open and the logs refuse. The act's organisation plays no part.
func ConfirmClock(ctx context.Context, c Config, act Act) error {
	act.Tenant = House
	if err := act.check(); err != nil {
		return err
	}
	s := &Safe{store: c.Store, random: c.Random}
	at := whole(c.Now())
	err := eachLog(ctx, c.Store, func(tenant string, edge trail.Edge) error {
		if !at.Before(edge.Clock) {
			return nil
		}
		act.Tenant = tenant
		text, err := act.entry(at, trail.Entry{Effect: trail.Clock}, trail.Done, act.Reason, "", nil)
		if err != nil {
			return err
		}
		return s.send(ctx, batch{act: act, entries: [][]byte{text}})
	})
	if err != nil {
		return fmt.Errorf("confirm clock: %w", err)
	}
	return putClock(ctx, c.Marks, at)
}
