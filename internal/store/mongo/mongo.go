// Package mongo is the engine of internal/store for those who need more than one machine: a MongoDB replica set or
// sharded cluster, reached by several Waypost processes at once. Every batch is one transaction, acknowledged by a
// majority and journaled; every read is of what a majority holds.
//
// It refuses a standalone server, which has no transactions; a server that does not obey a write concern or plans a scan
// (Probe says so); to decrypt; to wait longer than it was told to; and to let an address, a password or any part of a
// document into an error or a log. Backups are made with the operator's own tools; the keyring is not in them.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	driver "go.mongodb.org/mongo-driver/mongo"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// The sentinels of this engine.
var (
	// ErrAway wraps context.DeadlineExceeded: the database did not answer in time. Of a batch nothing was written.
	ErrAway = fmt.Errorf("mongo: the database does not answer: %w", context.DeadlineExceeded)
	// ErrURI says no more than this, because a connection string holds a password.
	ErrURI = errors.New("mongo: the connection string is malformed or cannot be resolved")
)

const (
	// Patience is how long one call may take if Options does not say otherwise.
	Patience = 2 * time.Second
	// Database is where everything rests if Options does not say otherwise.
	Database = "waypost"
)

// Options says how a database is reached.
type Options struct {
	URI      string           // needed; read it from a file, it holds a password
	Database string           // "" is Database, whatever the path of the URI says
	Notary   *trail.Notary    // signs the heads of the logs; nil: they are not signed
	Now      func() time.Time // when a batch was committed; needed
	Entropy  io.Reader        // ids of the probe's batches; needed by Probe
	Timeout  time.Duration    // of one call, waiting in the queue of its organisation included; 0: Patience
	Dialer   Dialer           // nil: the network
}

// Dialer opens connections, as net.Dialer does.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Engine is a store.Store and store.Marks in one database.
type Engine struct {
	opts   Options
	client *driver.Client
	db     *driver.Database
	turns  turns

	life  context.Context // ends when Close begins
	end   context.CancelFunc
	gate  sync.RWMutex // held shared while a call counts itself in
	calls sync.WaitGroup
}

// Open connects and makes the collections and indexes that are not there yet.
func Open(ctx context.Context, opts Options) (*Engine, error) {
	if opts.Now == nil {
		return nil, errors.New("mongo: no clock")
	}
	if opts.Timeout <= 0 {
		opts.Timeout = Patience
	}
	if opts.Database == "" {
		opts.Database = Database
	}
	client, err := connect(ctx, opts)
	if err != nil {
		return nil, err
	}
	opts.URI = ""
	e := &Engine{opts: opts, client: client, db: client.Database(opts.Database)}
	e.life, e.end = context.WithCancel(context.WithoutCancel(ctx))
	if err := e.build(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), e.close(ctx))
	}
	e.calls.Go(e.sweeping)
	return e, nil
}

// Close implements store.Store. Calls under way end within their time; those that wait for their turn are told
// ErrClosed.
func (e *Engine) Close() error { return e.close(context.WithoutCancel(e.life)) }

func (e *Engine) close(ctx context.Context) error {
	e.gate.Lock()
	first := e.life.Err() == nil
	e.end()
	e.gate.Unlock()
	if !first {
		return store.ErrClosed
	}
	e.calls.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.opts.Timeout)
	defer cancel()
	if err := e.client.Disconnect(ctx); err != nil {
		return fmt.Errorf("close store: %w", words(err))
	}
	return nil
}

// Backup implements store.Store: a cluster is backed up with its own tools.
func (e *Engine) Backup(ctx context.Context, _ io.Writer) error {
	_, c, err := e.enter(ctx, nil)
	if err != nil {
		return err
	}
	defer c.leave()
	return store.ErrUnsupported
}
