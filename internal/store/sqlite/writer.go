package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waypost/internal/store"
)

// groupLimit is how many waiting batches share one transaction, and so one sync of the disk.
const groupLimit = 128

// job is one thing to write. Work runs on the writer's goroutine inside a transaction and a savepoint of its own.
type job struct {
	work   func(*writer) error
	spares bool // adds nothing but to the logs: may use the room the ballast kept back
	erases bool // what it removes must leave the write-ahead log too
	err    error
	done   chan struct{}
}

// writer is the only goroutine that changes the database.
type writer struct {
	e       *Engine
	queue   chan *job // unbuffered: what was handed over is answered, what was not was never begun
	session *session  // nil after a fault, until the next group
	ends    map[string]logEnd
	grown   map[string]bool // logs that the group under way appended to
	pending bool            // erased bytes still stand in the write-ahead log
}

func newWriter(e *Engine) *writer {
	return &writer{e: e, queue: make(chan *job), ends: map[string]logEnd{}, grown: map[string]bool{}}
}

func (w *writer) connect(ctx context.Context) (err error) {
	w.session, err = dial(context.WithoutCancel(ctx), w.e.pool.path, settings+"&_txlock=immediate")
	return err
}

func (w *writer) disconnect() error {
	s := w.session
	w.session = nil
	if s == nil {
		return nil
	}
	return s.close()
}

// do hands a job over and waits for its outcome. A caller who loses patience before that has written nothing.
func (w *writer) do(ctx context.Context, j *job) error {
	j.done = make(chan struct{})
	select {
	case w.queue <- j:
		<-j.done
		return j.err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.e.life.Done():
		return store.ErrClosed
	}
}

func (w *writer) loop() {
	idle := time.NewTicker(time.Second)
	defer idle.Stop()
	for {
		select {
		case j := <-w.queue:
			group := w.gather(j)
			w.run(group)
			for _, j := range group {
				close(j.done)
			}
		case <-idle.C:
			w.e.ballast.putBack()
			if w.pending {
				w.truncate()
			}
		case <-w.e.life.Done():
			if w.pending {
				w.truncate()
			}
			return
		}
	}
}

func (w *writer) gather(first *job) []*job {
	group := []*job{first}
	for len(group) < groupLimit {
		select {
		case j := <-w.queue:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// run writes a group and leaves in each job how it ended.
func (w *writer) run(group []*job) {
	if w.e.damaged.Load() {
		answer(group, store.ErrDamaged)
		return
	}
	group = w.admit(group)
	err := w.try(group)
	if errors.Is(err, store.ErrFull) || code(err) == codeShmSize { // after the latter the outcome may be unknown, too
		group = keep(group, func(j *job) bool { return j.spares }, err)
		if len(group) > 0 && w.e.ballast.free() {
			err = w.try(group)
		}
	}
	if err != nil {
		answer(group, err)
	}
}

// admit refuses on a full disk what would use up the room that is kept for erasing.
func (w *writer) admit(group []*job) []*job {
	if w.e.ballast.putBack() {
		return group
	}
	low := w.e.ballast.low()
	return keep(group, func(j *job) bool { return j.spares && (j.erases || !low) }, store.ErrFull)
}

func answer(group []*job, err error) {
	for _, j := range group {
		j.err = err
	}
}

// keep returns the jobs that pass and answers the others.
func keep(group []*job, passes func(*job) bool, err error) []*job {
	var kept []*job
	for _, j := range group {
		if passes(j) {
			kept = append(kept, j)
		} else {
			j.err = err
		}
	}
	return kept
}

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
