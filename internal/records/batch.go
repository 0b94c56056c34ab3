package records

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// batch gathers sealed changes with their keys and entries. It is made once and sent as it is, however often.
type batch struct {
	safe    *Safe
	ref     refKey
	act     Act
	at      time.Time // of every entry
	ops     []store.Op
	keys    []store.KeyOp
	entries [][]byte
	written []Record
}

func (b *batch) ready(id [16]byte) store.Batch {
	return store.Batch{ID: id, Tenant: b.act.Tenant, Ops: b.ops, Keys: b.keys, Trail: b.entries}.Ready()
}

func (b *batch) put(ctx context.Context, r Record) error {
	at := store.Key{Tenant: b.act.Tenant, Kind: r.Kind, ID: r.ID}
	r.Due, r.Created, r.Expires = whole(r.Due), whole(r.Created), whole(r.Expires)
	if r.Created.IsZero() {
		r.Created = b.safe.clock.latest()
	}
	r.Rev++
	key, err := b.dataKey(ctx, at, &r)
	if err != nil {
		return err
	}
	sealed, err := key.Seal(place(at, r.Rev), r.Schema, r.Content.Reveal())
	if err != nil {
		return fault(err)
	}
	verb := store.Replace
	if r.Rev == 1 {
		verb = store.Insert
	}
	b.ops = append(b.ops, store.Op{Verb: verb, Rec: store.Record{Sealed: sealed, Meta: store.Meta{
		Key: at, Rev: r.Rev, State: r.State, Due: r.Due, Created: r.Created, Expires: r.Expires, Blind: r.Blind,
	}}})
	b.written = append(b.written, r)
	return b.entry(trail.Entry{Effect: trail.Put, Rev: r.Rev, Record: trail.Sum(sealed)}, at)
}

// dataKey makes the key of a new record, or opens that of a record to be replaced; the latter is wrapped again only where
// the expiry moves to another month. Whether the revision is the present one is for the store to say, which alone knows
// if this operation was done before.
func (b *batch) dataKey(ctx context.Context, at store.Key, r *Record) (vault.DataKey, error) {
	s := b.safe
	if now := s.clock.latest(); !r.Expires.IsZero() && !now.Before(r.Expires) {
		return vault.DataKey{}, fmt.Errorf("%w: expiry lies in the past", ErrInvalid)
	}
	until := s.month(r.Expires)
	if r.Rev == 1 {
		wrapped, key, err := s.keys.NewKey(place(at, 0), until)
		b.wrap(at, wrapped)
		return key, fault(err)
	}
	now, wrapped, err := s.find(ctx, at)
	if err != nil {
		return vault.DataKey{}, err
	}
	r.Created = now.Created
	key, err := s.keys.OpenKey(place(at, 0), wrapped)
	if err != nil {
		return vault.DataKey{}, fault(err)
	}
	if wrapped.Bucket != vault.Bucket(until) {
		again, err := s.keys.Rewrap(place(at, 0), wrapped, until)
		if err != nil {
			return vault.DataKey{}, fault(err)
		}
		b.wrap(at, again)
	}
	return key, nil
}

func (b *batch) wrap(at store.Key, w vault.Wrapped) {
	b.keys = append(b.keys, store.KeyOp{Key: at, Put: &store.WrappedKey{Bucket: w.Bucket, Wrapped: w.Bytes}})
}

// destroy removes record and key. An expired record is as good as gone and only the sweeper removes it.
func (b *batch) destroy(ctx context.Context, r Record) error {
	at := store.Key{Tenant: b.act.Tenant, Kind: r.Kind, ID: r.ID}
	if now, err := b.safe.store.Read(ctx, at); err == nil && now.Expired(b.safe.clock.latest()) {
		return fmt.Errorf("%s %s: %w", at.Kind, at.ID, errExpired)
	}
	return b.gone(at, r.Rev, true)
}

func (b *batch) gone(at store.Key, rev int64, key bool) error {
	b.ops = append(b.ops, store.Op{Verb: store.Delete, Rec: store.Record{Meta: store.Meta{Key: at, Rev: rev}}})
	if key {
		b.keys = append(b.keys, store.KeyOp{Key: at})
	}
	b.written = append(b.written, Record{Kind: at.Kind, ID: at.ID, Rev: rev})
	return b.entry(trail.Entry{Effect: trail.Gone, Rev: rev}, at)
}

// entry adds what the trail keeps of a change that is done, if it speaks of that kind.
func (b *batch) entry(e trail.Entry, at store.Key) error {
	if !b.safe.tells(at.Kind) {
		return nil
	}
	if b.at.IsZero() {
		now, err := b.safe.clock.stamp()
		if err != nil {
			return err
		}
		b.at = now
	}
	text, err := b.act.entry(b.at, e, trail.Done, b.act.Reason, at.Kind, b.ref.of(at))
	b.entries = append(b.entries, text)
	return err
}
