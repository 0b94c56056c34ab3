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
	c, err := e.enter(ctx, store.Check(b))
	if err != nil {
		return err
	}
	defer c.leave()
	t, err := c.take(b.Tenant)
	if err != nil {
		return c.explain("commit", err)
	}
	defer t.give()
	s, err := e.client.StartSession(options.Session().SetCausalConsistency(false).SetDefaultReadConcern(nil))
	if err != nil {
		return c.explain("commit", err)
	}
	defer c.dismiss(s)
	for pause := time.Millisecond; ; pause = min(2*pause, 32*time.Millisecond) {
		err := (&writing{call: c, turn: t, batch: b, in: driver.NewSessionContext(c.ctx, s)}).attempt()
		if !errors.Is(err, errAgain) {
			return c.explain("commit", err)
		}
		if !c.rest(pause) {
			return c.explain("commit", ErrAway)
		}
	}
}

// dismiss ends a session, and with it a transaction that was not told to commit: left open it would hold its locks for
// a minute. It takes a moment of its own, because the time of the call may be up, and its turn is over only then.
func (c *call) dismiss(s driver.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), c.e.opts.Timeout/8)
	defer cancel()
	s.EndSession(ctx)
}

// writing is one attempt to write a batch in one transaction.
type writing struct {
	*call
	turn  *turn
	batch store.Batch
	in    driver.SessionContext
	grown *growth // nil if the batch has no entries
}

// attempt ends in nil, in an answer about the batch, in errAgain, or in what kept it from the server.
func (w *writing) attempt() error {
	if err := w.in.StartTransaction(transaction()); err != nil {
		return err
	}
	err := w.write()
	if err == nil {
		if err = w.conclude(); err == nil && w.grown != nil {
			w.turn.edge = w.grown.to
		}
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), w.e.opts.Timeout/8)
	defer cancel()
	_ = w.in.AbortTransaction(ctx) // the server forgets it anyway, only later
	switch {
	case errors.Is(err, errKnown):
		return w.known()
	case (labelled(err, labelTransient) || nobodyThere(err)) && w.ctx.Err() == nil:
		return errAgain
	}
	return err
}

// write makes all changes inside the transaction. The id comes first: from then on no other attempt with the same id can
// end, here or in another process, so a refusal further down is one of this batch and not of its own earlier self.
func (w *writing) write() error {
	b := w.batch
	doc := opDoc{ID: batchID(b), Tenant: b.Tenant, Digest: b.Digest[:], At: date(w.e.opts.Now())}
	if _, err := w.collection(ops).InsertOne(w.in, doc); duplicate(err) {
		return errKnown
	} else if err != nil {
		return err
	}
	var refused error
	if len(b.Trail) > 0 {
		if err := w.grow(); errors.Is(err, trail.ErrClock) || errors.Is(err, trail.ErrEntry) {
			refused = err // what is wrong with the records is said first, as other engines do
		} else if err != nil {
			return err
		}
	}
	if err := w.change(b.Ops); err != nil {
		return err
	}
	if err := w.changeKeys(b.Keys); err != nil {
		return err
	}
	if refused != nil || w.grown == nil {
		return refused
	}
	return w.append()
}

func (w *writing) collection(name string) *driver.Collection { return w.e.db.Collection(name) }

// conclude commits, again and again while nobody says how it ended and there is time.
func (w *writing) conclude() error {
	for pause := time.Millisecond; ; pause = min(2*pause, 32*time.Millisecond) {
		err := w.in.CommitTransaction(w.in)
		switch {
		case err == nil:
			return nil
		case labelled(err, labelTransient):
			return errAgain // it was not committed, or was before and its id says so
		case code(err) == codeMaxTime:
		case (labelled(err, labelUnknown) || nobodyThere(err)) && w.rest(pause):
			continue
		}
		if w.caller.Err() != nil {
			return fmt.Errorf("%w: %w", store.ErrUnknown, w.caller.Err())
		}
		return store.ErrUnknown
	}
}

var (
	errAgain = errors.New("mongo: the transaction must be tried again")
	errKnown = errors.New("mongo: the id of the batch is known")
)

// known answers a batch whose id is taken, by what a majority holds: until it does, the batch is not durable and
// might still be undone.
func (w *writing) known() error {
	doc, err := searchOne[opDoc](w.ctx, w.e, askOne(ops, w.batch.Tenant, batchID(w.batch)))
	switch {
	case err != nil && labelled(err, labelNetwork), err == nil && doc == nil:
		return errAgain
	case err != nil:
		return err
	case !bytes.Equal(doc.Digest, w.batch.Digest[:]):
		return store.ErrReused
	}
	return nil
}
