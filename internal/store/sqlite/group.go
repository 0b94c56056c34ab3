package sqlite

import (
	"context"
	"errors"
	"fmt"

	"waypost/internal/store"
)

// try runs the group as one transaction. A job that is refused is rolled back alone. Any other error is a fault of the
// engine: SQLite may then have rolled back everything by itself (https://www.sqlite.org/c3ref/get_autocommit.html), so
// the connection is given up and the error is that of every job, also of those refused, since what refused them may be
// gone.
func (w *writer) try(group []*job) error {
	if len(group) == 0 {
		return nil
	}
	erased, err := w.transact(group)
	if err != nil {
		if w.session != nil {
			_ = w.session.script("ROLLBACK") // fails where SQLite was first, and ends with the connection anyway
		}
		clear(w.ends)
		clear(w.grown)
		if !errors.Is(err, store.ErrUnknown) {
			err = translate(err)
		}
		err = errors.Join(err, w.disconnect())
		if errors.Is(err, store.ErrDamaged) {
			w.e.damaged.Store(true)
		}
		return fmt.Errorf("write: %w", err)
	}
	if erased {
		w.truncate()
	}
	return nil
}

func (w *writer) transact(group []*job) (erased bool, err error) {
	if w.session == nil {
		if err := w.connect(w.e.life); err != nil {
			return false, err
		}
	}
	if _, err := w.session.exec("BEGIN IMMEDIATE"); err != nil {
		return false, err
	}
	for _, j := range group {
		if err := w.alone(j, len(group) == 1); err != nil {
			return false, err
		}
		erased = erased || j.erases && j.err == nil
	}
	if len(group) == 1 && group[0].err != nil {
		_, err := w.session.exec("ROLLBACK")
		return false, err
	}
	if err := w.sign(); err != nil {
		return false, err
	}
	if _, err := w.session.exec("COMMIT"); err != nil {
		if code(err)&0xff == codeFull {
			return false, err // the frame that would have made it valid is not there
		}
		return false, fmt.Errorf("%w: %w", store.ErrUnknown, err) // it may stand in the log that the next start reads
	}
	return erased, nil
}

// alone runs one job so that its refusal leaves nothing behind. The only job of a transaction needs no savepoint: its
// refusal is that of the whole.
func (w *writer) alone(j *job, only bool) error {
	if !only {
		if _, err := w.session.exec("SAVEPOINT job"); err != nil {
			return err
		}
	}
	if j.err = j.work(w); j.err != nil && !refused(j.err) {
		return j.err
	}
	if only {
		return nil
	}
	if j.err != nil {
		if _, err := w.session.exec("ROLLBACK TO job"); err != nil {
			return err
		}
	}
	_, err := w.session.exec("RELEASE job")
	return err
}

// truncate empties the write-ahead log. A reader that still looks at an older picture is in the way; then it is done
// later, and erased bytes stay in the log until then.
func (w *writer) truncate() {
	w.pending = true
	if w.session == nil {
		return
	}
	busy := 1
	if w.session.script("PRAGMA busy_timeout = 50") == nil {
		row := w.session.conn.QueryRowContext(context.WithoutCancel(w.e.life), "PRAGMA wal_checkpoint(TRUNCATE)")
		var log, moved int
		if err := row.Scan(&busy, &log, &moved); err != nil {
			busy = 1
		}
	}
	_ = w.session.script("PRAGMA busy_timeout = 10000") // there is nobody to wait for but readers in a checkpoint
	w.pending = busy != 0
}
