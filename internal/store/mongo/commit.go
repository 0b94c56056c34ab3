package mongo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	driver "go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// Commit implements store.Store. ErrUnknown means that the transaction was told to commit and nobody said how that
// ended; the same batch sent again finds out, because its id is the first thing it writes.
//
// The driver's WithTransaction is not used: it commits under a context without an end (mongo/session.go of v1.17.10), so
// a server that falls silent would hold the caller for as long as it is silent. The loops here are the same.
func (e *Engine) Commit(ctx context.Context, b store.Batch) error {
	ctx, c, err := e.enter(ctx, store.Check(b))
	if err != nil {
		return err
	}
	defer c.leave()
	t, err := c.take(ctx, b.Tenant)
	if err != nil {
		return c.explain("commit", err)
	}
	defer t.give()
	s, err := e.client.StartSession(options.Session().SetCausalConsistency(false))
	if err != nil {
		return c.explain("commit", err)
	}
	defer e.dismiss(ctx, s)
	w := writing{call: c, turn: t, batch: b, session: s}
	err = w.settle(inside(ctx, s))
	if err != nil && !answered(err) && w.told {
		err = w.unknown()
	}
	return c.explain("commit", err)
}

// settle tries until there is an answer or no more time.
func (w *writing) settle(ctx context.Context) error {
	for pause := time.Millisecond; ; pause = min(2*pause, 32*time.Millisecond) {
		w.grown = nil
		if err := w.attempt(ctx); !errors.Is(err, errAgain) {
			return err
		}
		if !rest(ctx, pause) {
			return context.DeadlineExceeded
		}
	}
}

// dismiss ends a session, and with it a transaction that was not told to commit: left open it would hold its locks for
// a minute. It takes a moment of its own, because the time of the call may be up, and its turn is over only then.
func (e *Engine) dismiss(ctx context.Context, s driver.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.opts.Timeout/8)
	defer cancel()
	s.EndSession(ctx)
}

// writing is what it takes to write a batch in one transaction. The contexts of its methods hold the session.
type writing struct {
	*call
	turn    *turn
	batch   store.Batch
	session driver.Session
	grown   *growth // nil if the batch has no entries
	told    bool    // to commit, by an earlier attempt or another process
}

func (w *writing) unknown() error {
	if err := w.caller(); err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return store.ErrUnknown
}

// attempt ends in nil, in an answer about the batch, in errAgain, or in what kept it from the server.
func (w *writing) attempt(ctx context.Context) error {
	if err := w.session.StartTransaction(transaction()); err != nil {
		return err
	}
	err := w.write(ctx)
	if err == nil {
		if err = w.conclude(ctx); err == nil && w.grown != nil {
			w.turn.edge = w.grown.to
		}
		return err
	}
	w.abort(ctx)
	switch {
	case errors.Is(err, errKnown):
		return w.known(ctx)
	case (labelled(err, labelTransient) || nobodyThere(err)) && ctx.Err() == nil:
		return errAgain
	}
	return err
}

func (w *writing) abort(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.e.opts.Timeout/8)
	defer cancel()
	_ = w.session.AbortTransaction(ctx) // the server forgets it anyway, only later
}

// write makes all changes inside the transaction. The id comes first: from then on no other attempt with the same id can
// end, here or in another process, so a refusal further down is one of this batch and not of its own earlier self.
func (w *writing) write(ctx context.Context) error {
	b := w.batch
	doc := opDoc{ID: batchID(b), Tenant: b.Tenant, Digest: b.Digest[:], At: date(w.e.opts.Now())}
	if _, err := w.collection(ops).InsertOne(ctx, doc); duplicate(err) {
		return errKnown
	} else if err != nil {
		return err
	}
	var refused error
	if len(b.Trail) > 0 {
		if err := w.grow(ctx); errors.Is(err, trail.ErrClock) || errors.Is(err, trail.ErrEntry) {
			refused = err // what is wrong with the records is said first, as other engines do
		} else if err != nil {
			return err
		}
	}
	if err := w.change(ctx, b.Ops); err != nil {
		return err
	}
	if err := w.changeKeys(ctx, b.Keys); err != nil {
		return err
	}
	if refused != nil || w.grown == nil {
		return refused
	}
	return w.append(ctx)
}

func (w *writing) collection(name string) *driver.Collection { return w.e.db.Collection(name) }

// conclude commits, again and again while nobody says how it ended and there is time.
func (w *writing) conclude(ctx context.Context) error {
	w.told = true
	for pause := time.Millisecond; ; pause = min(2*pause, 32*time.Millisecond) {
		err := w.session.CommitTransaction(ctx)
		switch {
		case err == nil:
			return nil
		case labelled(err, labelTransient):
			return errAgain // it was not committed, or was before and its id says so
		case code(err) == codeMaxTime:
		case (labelled(err, labelUnknown) || nobodyThere(err)) && rest(ctx, pause):
			continue
		}
		return w.unknown()
	}
}

var (
	errAgain = errors.New("mongo: the transaction must be tried again")
	errKnown = errors.New("mongo: the id of the batch is known")
)

// known answers a batch whose id is taken, by what a majority holds: until it does, the batch is not durable and
// might still be undone.
func (w *writing) known(ctx context.Context) error {
	w.told = true
	doc, err := searchOne[opDoc](ctx, w.e, askOne(ops, w.batch.Tenant, batchID(w.batch)))
	switch {
	case err != nil || doc == nil:
		return errAgain
	case !bytes.Equal(doc.Digest, w.batch.Digest[:]):
		return store.ErrReused
	}
	return nil
}
