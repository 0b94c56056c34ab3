package sqlite

import (
	"context"
	"errors"
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
