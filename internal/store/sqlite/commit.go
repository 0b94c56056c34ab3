package sqlite

import (
	"bytes"
	"context"
	"fmt"

	"waypost/internal/store"
)

// Commit implements store.Store.
func (e *Engine) Commit(ctx context.Context, b store.Batch) error {
	if err := e.enter(ctx, store.Check(b)); err != nil {
		return err
	}
	j := &job{spares: true, work: func(w *writer) error { return w.apply(b) }}
	for _, op := range b.Ops {
		j.erases = j.erases || op.Verb == store.Delete
		j.spares = j.spares && op.Verb == store.Delete
	}
	for _, k := range b.Keys {
		j.erases = j.erases || k.Put == nil
		j.spares = j.spares && k.Put == nil
	}
	if err := e.writer.do(ctx, j); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (w *writer) apply(b store.Batch) error {
	first, err := w.session.exec(putOp, b.Tenant, b.ID[:], b.Digest[:], milli(w.e.opts.Now()))
	if err != nil {
		return err
	}
	if first == 0 {
		return w.again(b)
	}
	for i, op := range b.Ops {
		if err := w.change(op); err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
	}
	for i, k := range b.Keys {
		if err := w.changeKey(k); err != nil {
			return fmt.Errorf("key operation %d: %w", i, err)
		}
	}
	return w.extend(b.Tenant, b.Trail)
}

// again answers a batch whose id is known.
func (w *writer) again(b store.Batch) error {
	var digest []byte
	if err := w.session.row(opDigest, b.Tenant, b.ID[:]).Scan(&digest); err != nil {
		return err
	}
	if !bytes.Equal(digest, b.Digest[:]) {
		return store.ErrReused
	}
	return nil
}

func (w *writer) change(op store.Op) error {
	s, r := w.session, op.Rec
	var changed int64
	var err error
	switch op.Verb {
	case store.Insert:
		changed, err = s.exec(insertRec, r.Tenant, r.Kind, r.ID, r.Rev, r.State,
			milli(r.Due), milli(r.Created), milli(r.Expires), blinds(r), r.Sealed)
		if err == nil && changed == 0 {
			return store.ErrDuplicate
		}
	case store.Replace:
		changed, err = s.exec(replaceRec, r.Rev, r.State, milli(r.Due), milli(r.Expires), blinds(r), r.Sealed,
			r.Tenant, r.Kind, r.ID, r.Rev-1)
	case store.Delete:
		changed, err = s.exec(deleteRec, r.Tenant, r.Kind, r.ID, r.Rev)
	}
	if err != nil {
		return err
	}
	if changed == 0 {
		return w.missed(r.Key)
	}
	if op.Verb == store.Replace {
		if _, err := s.exec(deleteBlind, r.Tenant, r.Kind, r.ID); err != nil {
			return err
		}
	}
	for _, v := range r.Blind {
		if _, err := s.exec(insertBlind, r.Tenant, r.Kind, v, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// missed says why no record had that key and revision.
func (w *writer) missed(k store.Key) error {
	var rev int64
	if err := one(w.session.row(recRev, k.Tenant, k.Kind, k.ID).Scan(&rev)); err != nil {
		return err
	}
	return store.ErrConflict
}

func blinds(r store.Record) []byte {
	out := make([]byte, 0, len(r.Blind)*store.BlindSize) // not nil: the column is never NULL
	for _, v := range r.Blind {
		out = append(out, v...)
	}
	return out
}

func (w *writer) changeKey(k store.KeyOp) error {
	if k.Put != nil {
		_, err := w.session.exec(putKey, k.Key.Tenant, k.Key.Kind, k.Key.ID, k.Put.Bucket, k.Put.Wrapped)
		return err
	}
	gone, err := w.session.exec(destroyKey, k.Key.Tenant, k.Key.Kind, k.Key.ID)
	if err == nil && gone == 0 {
		return store.ErrNotFound
	}
	return err
}
