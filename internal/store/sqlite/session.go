package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
)

// settings of every connection, applied in this order by the driver: the time-out first, so that nothing else fails on
// a lock, then the rest. Time-outs cannot happen between our own connections, there is one writer. What SQLite puts aside
// for a rollback stays in memory: a temporary file elsewhere would outlive the erasure of what it holds.
const settings = "_busy_timeout=10000&_defensive=1&_dqs=0&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=ON" +
	"&_pragma=wal_autocheckpoint(256)&_pragma=secure_delete(ON)&_pragma=trusted_schema(OFF)" +
	"&_pragma=temp_store(MEMORY)&_pragma=cell_size_check(ON)"

func source(path, query string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: query}
	return u.String()
}

// session is one connection with the statements it has prepared. One goroutine uses it at a time.
type session struct {
	db    *sql.DB
	conn  *sql.Conn
	calm  context.Context // never ends: short statements run to their end, whoever loses patience
	known map[task]*sql.Stmt
}

// task is a statement, and which of several runs of it under way at once.
type task struct {
	query string
	nth   int
}

func dial(ctx context.Context, path, query string) (*session, error) {
	db, err := sql.Open("sqlite", source(path, query))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &session{db: db, conn: conn, calm: context.WithoutCancel(ctx), known: map[task]*sql.Stmt{}}, nil
}

func (s *session) close() error {
	var errs []error
	for _, stmt := range s.known {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, s.conn.Close(), s.db.Close())...)
}

func (s *session) prepared(query string, nth int) (*sql.Stmt, error) {
	if stmt := s.known[task{query, nth}]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(s.calm, query)
	if err == nil {
		s.known[task{query, nth}] = stmt
	}
	return stmt, err
}

// exec runs a statement and says how many rows it changed.
func (s *session) exec(query string, args ...any) (int64, error) {
	stmt, err := s.prepared(query, 0)
	if err != nil {
		return 0, err
	}
	r, err := stmt.ExecContext(s.calm, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// script runs what is not worth preparing.
func (s *session) script(text string) error {
	_, err := s.conn.ExecContext(s.calm, text)
	return err
}

type scanner interface{ Scan(...any) error }

type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// row asks for one row.
func (s *session) row(query string, args ...any) scanner {
	stmt, err := s.prepared(query, 0)
	if err != nil {
		return failed{err}
	}
	return stmt.QueryRowContext(s.calm, args...)
}

// rows begins the nth of several runs of a short statement that are under way at once.
func (s *session) rows(query string, nth int, args ...any) (*sql.Rows, error) {
	stmt, err := s.prepared(query, nth)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(s.calm, args...)
}

// each hands every row of an answer to the function.
func (s *session) each(ctx context.Context, take func(scanner) error, query string, args ...any) error {
	stmt, err := s.prepared(query, 0)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := take(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
