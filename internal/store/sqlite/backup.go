package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"waypost/internal/store"
)

// Backup implements store.Store: a compact copy is written beside the database, synced, checked, and only then handed
// out. It needs as much room as the database and holds one reading connection.
func (e *Engine) Backup(ctx context.Context, to io.Writer) error {
	if err := e.enter(ctx, nil); err != nil {
		return err
	}
	ctx, cancel := e.during(ctx)
	defer cancel()
	return e.using(ctx, e.pool.long, "backup", func(*session) (err error) {
		f, err := os.CreateTemp(e.dir, backupName)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
		if err := e.copyInto(ctx, f); err != nil {
			return err
		}
		if err := sound(ctx, f.Name(), "mode=ro&immutable=1"); err != nil {
			return err
		}
		_, err = io.Copy(to, patient{ctx, f})
		return err
	})
}

func (e *Engine) copyInto(ctx context.Context, f *os.File) error {
	s, err := dial(context.WithoutCancel(ctx), e.pool.path, settings)
	if err != nil {
		return err
	}
	_, err = s.conn.ExecContext(ctx, "VACUUM INTO ?", f.Name())
	return errors.Join(err, s.close(), f.Sync(), syncDir(filepath.Dir(f.Name())))
}

// patient reads until the context ends.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

// sound checks a whole database file.
func sound(ctx context.Context, path, query string) error {
	s, err := dial(ctx, path, query)
	if err != nil {
		return err
	}
	var said string
	err = s.conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said)
	if err == nil && said != "ok" { // what else it says names pages and rows, and helps nobody here
		err = fmt.Errorf("quick check: %w", store.ErrDamaged)
	}
	return errors.Join(err, s.close())
}

// check looks at the whole database and remembers what it found.
func (e *Engine) check(ctx context.Context) error {
	err := e.explain("check", sound(ctx, e.pool.path, settings+"&_query_only=1"))
	if err == nil || errors.Is(err, store.ErrDamaged) {
		e.checked.Store(true)
	}
	return err
}
