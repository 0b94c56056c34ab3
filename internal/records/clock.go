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
	kept time.Time // as the database knows it
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

// due says, once in a while, that the database should hear the time.
func (c *clock) due() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.see().Before(c.kept.Add(trail.Slack)) {
		return time.Time{}, false
	}
	c.kept = c.seen
	return c.seen, true
}

func (c *clock) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = time.Time{}
}

const clockMark = "clock"

// openClock refuses a clock behind the newest moment that the database knows: the mark that a running Safe moves along,
// and the log of the house. Each organisation's log refuses such a clock by itself when it is next written.
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

func knownClock(ctx context.Context, st store.Store, marks store.Marks) (time.Time, error) {
	edge, err := store.Edge(ctx, st, House)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the clock of the house: %w", fault(err))
	}
	known := edge.Clock
	value, err := marks.Mark(ctx, clockMark)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return time.Time{}, fmt.Errorf("read the clock: %w", fault(err))
	case len(value) != 8:
		return time.Time{}, fmt.Errorf("read the clock: %w", ErrTampered)
	default:
		if at := time.UnixMilli(int64(binary.BigEndian.Uint64(value))).UTC(); at.After(known) {
			known = at
		}
	}
	return known, nil
}

// moveClock tells the database the time, at most once in trail.Slack. That it could not is no reason to fail: the logs
// know the time too.
func (s *Safe) moveClock(ctx context.Context) {
	if at, due := s.clock.due(); due && putClock(ctx, s.marks, at) != nil {
		s.clock.forget()
	}
}

func putClock(ctx context.Context, marks store.Marks, at time.Time) error {
	if err := marks.PutMark(ctx, clockMark, binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli()))); err != nil {
		return fmt.Errorf("keep the clock: %w", fault(err))
	}
	return nil
}

// ConfirmClock is for a machine whose clock had run ahead and was set right: a member of staff confirms the present time,
// in sight, in the log of the act's organisation and in that of the house. Without it Open and the logs refuse. Asked
// for each organisation that wrote meanwhile.
func ConfirmClock(ctx context.Context, c Config, act Act) error {
	if err := act.check(); err != nil {
		return err
	}
	s := &Safe{store: c.Store, random: c.Random}
	at := whole(c.Now())
	for _, tenant := range []string{act.Tenant, House} {
		edge, err := store.Edge(ctx, c.Store, tenant)
		if err != nil {
			return fmt.Errorf("confirm clock: %w", fault(err))
		}
		if !at.Before(edge.Clock) {
			continue
		}
		act.Tenant = tenant
		text, err := act.entry(at, trail.Entry{Effect: trail.Clock}, trail.Done, act.Reason, "", nil)
		if err != nil {
			return err
		}
		if err := s.send(ctx, batch{act: act, entries: [][]byte{text}}); err != nil {
			return fmt.Errorf("confirm clock: %w", err)
		}
	}
	return putClock(ctx, c.Marks, at)
}
