package sqlite

import (
	"context"
	"errors"
	"runtime"

	"waypost/internal/store"
)

// readers is the number of reading connections. Two of them are for what lasts, an export and a backup; the others for
// what is short, and of that no more at once than there are processors: SQLite's own locks are held by goroutines that
// the scheduler may set aside for many milliseconds when more want to run (sixteen readers of a queue page waited 212 ms
// at p99 with eight at once on two processors, 16 ms with two).
const (
	readers = 8
	lasting = 2
)

// pool holds the reading connections; a nil one is opened when it is first needed.
type pool struct {
	path  string
	idle  chan *session
	turns chan struct{} // of short reads
	long  chan struct{} // of those that last
}

func newPool(path string) pool {
	p := pool{path: path, idle: make(chan *session, readers), long: make(chan struct{}, lasting)}
	p.turns = make(chan struct{}, min(runtime.GOMAXPROCS(0), readers-lasting))
	for range readers {
		p.idle <- nil
	}
	return p
}

// borrow waits for a reading connection.
func (p pool) borrow(ctx, life context.Context, turns chan struct{}) (*session, error) {
	select {
	case turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-life.Done():
		return nil, store.ErrClosed
	}
	var s *session
	select {
	case s = <-p.idle: // there are as many as turns of both kinds, so this does not wait, but
	case <-life.Done(): // the end takes them all
		<-turns
		return nil, store.ErrClosed
	}
	var err error
	switch {
	case life.Err() != nil:
		err = store.ErrClosed
	case s == nil: // made without the caller's context: one half set up would be of no use to the next
		s, err = dial(context.WithoutCancel(ctx), p.path, settings+"&_query_only=1")
	}
	if err != nil {
		p.giveBack(s, turns)
	}
	return s, err
}

func (p pool) giveBack(s *session, turns chan struct{}) {
	p.idle <- s
	<-turns
}

// close waits for each connection to come back and closes it.
func (p pool) close() error {
	var errs []error
	for range readers {
		if s := <-p.idle; s != nil {
			errs = append(errs, s.close())
		}
	}
	return errors.Join(errs...)
}

// reading runs f, which is short, on one connection.
func (e *Engine) reading(ctx context.Context, act string, f func(*session) error) error {
	return e.using(ctx, e.pool.turns, act, f)
}

// picture is reading that sees one state of the database, whatever is committed meanwhile.
func (e *Engine) picture(ctx context.Context, act string, f func(*session) error) error {
	return e.using(ctx, e.pool.turns, act, still(f))
}

// using runs f on one connection, which is given up if SQLite met a fault on it.
func (e *Engine) using(ctx context.Context, turns chan struct{}, act string, f func(*session) error) error {
	s, err := e.pool.borrow(ctx, e.life, turns)
	if err != nil {
		return e.explain(act, err)
	}
	defer func() { e.pool.giveBack(s, turns) }()
	if err = f(s); code(err) != 0 {
		err = errors.Join(err, s.close())
		s = nil
	}
	return e.explain(act, err)
}

func still(f func(*session) error) func(*session) error {
	return func(s *session) error {
		if _, err := s.exec("BEGIN"); err != nil {
			return err
		}
		err := f(s)
		_, end := s.exec("ROLLBACK")
		return errors.Join(err, end)
	}
}
