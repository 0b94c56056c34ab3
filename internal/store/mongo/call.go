package mongo

import (
	"context"
	"fmt"
	"time"

	driver "go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"waypost/internal/store"
)

// call is one call of a method. Its context ends with the caller's patience or the engine's, whichever is first.
type call struct {
	e      *Engine
	caller func() error // how the caller's own context stands
	leave  func()
}

// enter is the door of every method that takes a bounded time.
func (e *Engine) enter(ctx context.Context, faults error) (context.Context, *call, error) {
	if err := e.admit(ctx, faults); err != nil {
		return nil, nil, err
	}
	c := &call{e: e, caller: ctx.Err}
	ctx, cancel := context.WithTimeout(ctx, e.opts.Timeout)
	c.leave = func() { cancel(); e.calls.Done() }
	return ctx, c, nil
}

// enterLong is the door of those that take as long as there is data; Close ends them.
func (e *Engine) enterLong(ctx context.Context) (context.Context, *call, error) {
	if err := e.admit(ctx, nil); err != nil {
		return nil, nil, err
	}
	c := &call{e: e, caller: ctx.Err}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(e.life, cancel)
	c.leave = func() { stop(); cancel(); e.calls.Done() }
	return ctx, c, nil
}

func (e *Engine) admit(ctx context.Context, faults error) error {
	e.gate.RLock()
	defer e.gate.RUnlock()
	switch {
	case e.life.Err() != nil:
		return store.ErrClosed
	case faults != nil:
		return faults
	case ctx.Err() != nil:
		return ctx.Err()
	}
	e.calls.Add(1)
	return nil
}

// rest waits a little and says whether there is still time.
func rest(ctx context.Context, pause time.Duration) bool {
	wait := time.NewTimer(pause)
	defer wait.Stop()
	select {
	case <-wait.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// explain turns what a call met into an error of the store.
func (c *call) explain(act string, err error) error {
	switch {
	case err == nil:
		return nil
	case answered(err):
	case c.caller() != nil:
		err = c.caller()
	default:
		if err = words(err); err == context.Canceled {
			err = store.ErrClosed // the caller did not cancel
		}
	}
	return fmt.Errorf("%s: %w", act, err)
}

// picture runs reads that must show one moment. A snapshot session needs no transaction, so it lasts as long as the
// server keeps history (minSnapshotHistoryWindowInSeconds, five minutes by default).
func (c *call) picture(ctx context.Context, read func(context.Context) error) error {
	s, err := c.e.client.StartSession(options.Session().SetSnapshot(true))
	if err != nil {
		return err
	}
	defer s.EndSession(ctx)
	return read(inside(ctx, s))
}

// inside is the context of statements that belong to a session.
func inside(ctx context.Context, s driver.Session) context.Context {
	return driver.NewSessionContext(ctx, s)
}
