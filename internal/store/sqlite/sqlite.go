// Package sqlite is the embedded engine of internal/store: one file on one machine, nothing to set up. One goroutine
// writes, gathering waiting batches into one durable transaction; eight connections read. Nothing is acknowledged that
// a kill of the process could take back.
//
// It refuses a directory that another process uses, a network file system, and a database that is not Waypost's or is
// newer than it; it refuses to decrypt, to scan a table, and to go on writing to damaged data. The space for erasing is
// kept back by a ballast file, so that a full disk never stops a deletion.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver; its errors are read through the method Code

	"waypost/internal/store"
	"waypost/internal/trail"
)

// The sentinels of this engine, all of them reasons not to open a directory.
var (
	ErrInUse   = errors.New("sqlite: another process uses the data directory")
	ErrNetwork = errors.New("sqlite: the data directory is on a network file system")
	ErrForeign = errors.New("sqlite: the file is not a Waypost database")
	ErrNewer   = errors.New("sqlite: the database was written by a newer Waypost")
)

// What stands in the data directory.
const (
	fileName    = "waypost.db"
	lockName    = "lock"
	ballastName = "ballast"
	backupName  = "backup-*.tmp"
	backupGlob  = "backup-*" // with what SQLite puts beside it
)

// Options says how a directory is opened. The zero value but for Entropy and Now is sound.
type Options struct {
	Notary     *trail.Notary    // signs the heads of the logs; nil: they are not signed
	Now        func() time.Time // when a batch was committed; needed
	Entropy    io.Reader        // ids of the probe's batches; needed by Probe
	CheckFirst bool             // check the whole database before opening, as after a restore
	Ballast    int64            // bytes kept back for erasing; 0: BallastSize
}

// BallastSize is what is kept back for erasing on a full disk.
const BallastSize = 16 << 20

// Engine is a store.Store and store.Marks in one directory.
type Engine struct {
	dir     string
	opts    Options
	lock    *os.File
	pool    pool
	writer  *writer
	ballast *ballast

	life    context.Context // ends when Close begins
	end     context.CancelFunc
	closing sync.Once
	tasks   sync.WaitGroup // the writer, the sweeper and the check after start
	checked atomic.Bool
	damaged atomic.Bool
}

// Open opens the database in dir, which it makes if it is not there. After an unclean stop, or when asked, it checks
// the database first; else it checks it in the background.
func Open(ctx context.Context, dir string, opts Options) (_ *Engine, err error) {
	if opts.Now == nil {
		return nil, errors.New("sqlite: no clock")
	}
	if opts.Ballast == 0 {
		opts.Ballast = BallastSize
	}
	e := &Engine{dir: dir, opts: opts, pool: newPool(filepath.Join(dir, fileName))}
	e.life, e.end = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			e.end()
			err = errors.Join(fmt.Errorf("open store: %w", err), e.release())
		}
	}()
	if e.lock, err = occupy(dir); err != nil {
		return nil, err
	}
	e.ballast = &ballast{dir: dir, size: opts.Ballast}
	unclean, err := e.prepare(ctx)
	if errors.Is(err, store.ErrFull) && e.ballast.free() {
		unclean, err = e.prepare(ctx) // so full that SQLite cannot even make its index of the log
	}
	if err != nil {
		return nil, err
	}
	e.ballast.putBack()
	if unclean || opts.CheckFirst {
		if err := e.check(ctx); err != nil {
			return nil, err
		}
	}
	e.start()
	return e, nil
}

// prepare brings the file into shape and says whether the last process that had it was killed.
func (e *Engine) prepare(ctx context.Context) (unclean bool, err error) {
	path := filepath.Join(e.dir, fileName)
	if err := ownFile(path); err != nil {
		return false, err
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		unclean = true // a clean end of the last connection removes it
	}
	if _, err := identify(ctx, path); err != nil {
		return false, translate(err)
	}
	e.writer = newWriter(e)
	if err := e.writer.connect(ctx); err != nil {
		return false, translate(err)
	}
	if err := e.writer.session.build(); err != nil {
		return false, errors.Join(translate(err), e.writer.disconnect())
	}
	return unclean, nil
}

func (e *Engine) start() {
	e.tasks.Go(e.writer.loop)
	e.tasks.Go(e.sweeping)
	e.tasks.Go(func() {
		if !e.checked.Load() {
			_ = e.check(e.life) // what it finds stands in Condition
		}
	})
}

// Close implements store.Store. Batches that the writer has taken are committed; the rest is told ErrClosed.
func (e *Engine) Close() error {
	err := store.ErrClosed
	e.closing.Do(func() {
		e.end()
		e.tasks.Wait()
		err = e.release()
	})
	return err
}

// release lets go of everything, the lock last.
func (e *Engine) release() error {
	errs := []error{e.pool.close()}
	if e.writer != nil {
		errs = append(errs, e.writer.disconnect())
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Close())
	}
	return errors.Join(errs...)
}

// enter is the door of every method.
func (e *Engine) enter(ctx context.Context, faults error) error {
	switch {
	case e.life.Err() != nil:
		return store.ErrClosed
	case faults != nil:
		return faults
	}
	return ctx.Err()
}

// during is ctx that also ends when the store is closed, for statements that may take long.
func (e *Engine) during(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(e.life, cancel)
	return ctx, func() { stop(); cancel() }
}

// explain turns what a read met into an error of the store.
func (e *Engine) explain(act string, err error) error {
	if err == nil {
		return nil
	}
	if e.life.Err() != nil && errors.Is(err, context.Canceled) {
		err = store.ErrClosed
	}
	err = translate(err)
	if errors.Is(err, store.ErrDamaged) {
		e.damaged.Store(true)
	}
	return fmt.Errorf("%s: %w", act, err)
}
