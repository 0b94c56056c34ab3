package sqlite

import (
	"context"
	"errors"

	"waypost/internal/store"
)

const readers = 8

// pool holds the reading connections; a nil one is opened when it is first needed.
type pool struct {
	path string
	idle chan *session
}

func newPool(path string) pool {
	p := pool{path: path, idle: make(chan *session, readers)}
	for range readers {
		p.idle <- nil
	}
	return p
}

// borrow waits for a reading connection.
func (p pool) borrow(ctx, life context.Context) (*session, error) {
	var s *session
	select {
	case s = <-p.idle:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-life.Done():
		return nil, store.ErrClosed
	}
	if life.Err() != nil {
		p.idle <- s
		return nil, store.ErrClosed
	}
	if s != nil {
		return s, nil
	}
	// Made without the caller's context: a connection that is half set up would be of no use to the next.
	s, err := dial(context.WithoutCancel(ctx), p.path, settings+"&_query_only=1")
	if err != nil {
		p.idle <- nil
	}
	return s, err
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

// reading runs f on one connection, which is given up if SQLite met a fault on it.
func (e *Engine) reading(ctx context.Context, act string, f func(*session) error) error {
	s, err := e.pool.borrow(ctx, e.life)
	if err != nil {
		return e.explain(act, err)
	}
	defer func() { e.pool.idle <- s }()
	if err = f(s); code(err) != 0 {
		err = errors.Join(err, s.close())
		s = nil
	}
	return e.explain(act, err)
}

// picture runs f on one connection that sees one state of the database, whatever is committed meanwhile.
func (e *Engine) picture(ctx context.Context, act string, f func(*session) error) error {
	return e.reading(ctx, act, func(s *session) error {
		if _, err := s.exec("BEGIN"); err != nil {
			return err
		}
		err := f(s)
		_, end := s.exec("ROLLBACK")
		return errors.Join(err, end)
	})
}
