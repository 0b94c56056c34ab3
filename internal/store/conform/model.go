// Package conform says in tests what the interface of internal/store says in words, once for every engine: Run is the
// suite each engine passes, Play compares an engine with Model move by move, and Model is a store in memory so small
// that it can be believed.
//
// It refuses to know one engine from another: what only one of them promises is tested beside that engine. The product
// does not link it.
package conform

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// Model is a Store of maps behind one mutex. It forgets all when it is let go, and never sweeps batch ids.
type Model struct {
	mu      sync.Mutex
	closed  bool
	notary  *trail.Notary
	records map[store.Key]store.Record
	keys    map[store.Key]store.WrappedKey
	done    map[batchName][32]byte
	logs    map[string]journal
	marks   map[string][]byte
}

type batchName struct {
	tenant string
	id     [16]byte
}

type journal struct {
	edge   trail.Edge
	leaves [][]byte
	hashes [][32]byte
	note   []byte
}

// NewModel returns an empty store whose heads the notary signs; without a notary they are not signed.
func NewModel(notary *trail.Notary) *Model {
	return &Model{
		notary: notary, records: map[store.Key]store.Record{}, keys: map[store.Key]store.WrappedKey{},
		done: map[batchName][32]byte{}, logs: map[string]journal{}, marks: map[string][]byte{},
	}
}

// enter is the door of every method: what the caller asks, the store's life and the caller's patience, then the lock.
func (m *Model) enter(ctx context.Context, faults error) error {
	m.mu.Lock()
	switch {
	case m.closed:
		return store.ErrClosed
	case faults != nil:
		return faults
	}
	return ctx.Err()
}

// Commit implements store.Store: look at everything, then change everything.
func (m *Model) Commit(ctx context.Context, b store.Batch) error {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.Check(b)); err != nil {
		return err
	}
	name := batchName{b.Tenant, b.ID}
	if digest, known := m.done[name]; known {
		if digest != b.Digest {
			return store.ErrReused
		}
		return nil
	}
	for _, op := range b.Ops {
		if err := m.allows(op); err != nil {
			return err
		}
	}
	for _, k := range b.Keys {
		if _, there := m.keys[k.Key]; k.Put == nil && !there {
			return fmt.Errorf("destroy key: %w", store.ErrNotFound)
		}
	}
	log, err := m.logs[b.Tenant].with(b.Trail)
	if err != nil {
		return err
	}
	if m.notary != nil && len(b.Trail) > 0 {
		if log.note, err = m.notary.Sign(log.edge.Head(b.Tenant)); err != nil {
			return err
		}
	}
	m.logs[b.Tenant] = log
	for _, op := range b.Ops {
		m.apply(op)
	}
	for _, k := range b.Keys {
		if k.Put == nil {
			delete(m.keys, k.Key)
		} else {
			m.keys[k.Key] = store.WrappedKey{Bucket: k.Put.Bucket, Wrapped: bytes.Clone(k.Put.Wrapped)}
		}
	}
	m.done[name] = b.Digest
	return nil
}

func (m *Model) allows(op store.Op) error {
	now, there := m.records[op.Rec.Key]
	switch want := op.Rec.Rev; {
	case op.Verb == store.Insert && there:
		return store.ErrDuplicate
	case op.Verb == store.Insert:
		return nil
	case !there:
		return store.ErrNotFound
	case op.Verb == store.Replace && now.Rev != want-1, op.Verb == store.Delete && now.Rev != want:
		return store.ErrConflict
	}
	return nil
}

func (m *Model) apply(op store.Op) {
	rec := clone(op.Rec)
	switch op.Verb {
	case store.Delete:
		delete(m.records, rec.Key)
		return
	case store.Replace:
		rec.Created = m.records[rec.Key].Created
	}
	m.records[rec.Key] = rec
}

// with returns the log with the entries appended and leaves j as it was.
func (j journal) with(entries [][]byte) (journal, error) {
	for i, e := range entries {
		next, leaf, hashes, err := j.edge.Append(e)
		if err != nil {
			return journal{}, fmt.Errorf("entry %d: %w", i, err)
		}
		j.edge = next
		j.leaves = append(slices.Clone(j.leaves), leaf)
		j.hashes = append(slices.Clone(j.hashes), hashes...)
	}
	return j, nil
}

func clone(r store.Record) store.Record {
	r.Sealed = bytes.Clone(r.Sealed)
	var blind [][]byte
	for _, v := range r.Blind {
		blind = append(blind, bytes.Clone(v))
	}
	r.Blind = blind
	return r
}

// Backup implements store.Store; memory has none.
func (m *Model) Backup(ctx context.Context, _ io.Writer) error {
	defer m.mu.Unlock()
	if err := m.enter(ctx, nil); err != nil {
		return err
	}
	return store.ErrUnsupported
}

// Probe implements store.Store.
func (m *Model) Probe(ctx context.Context) error {
	return store.Prove(ctx, m, Ids("model", time.Now().String()))
}

// Close implements store.Store.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return store.ErrClosed
	}
	m.closed = true
	return nil
}
