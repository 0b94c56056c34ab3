package mongo

import (
	"bytes"
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/bson"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// growth is what a batch adds to the log.
type growth struct {
	from   int64
	to     trail.Edge
	leaves []any
	hashes []any
}

// grow reads where the log stands and works out what the entries add to it.
func (w *writing) grow(ctx context.Context) error {
	edge, err := w.standing(ctx)
	if err != nil {
		return err
	}
	g := growth{from: edge.Size, to: edge}
	tenant := w.batch.Tenant
	for i, entry := range w.batch.Trail {
		n := g.to.Size
		next, leaf, added, err := g.to.Append(entry)
		if err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
		g.leaves = append(g.leaves, leafDoc{ID: numberID(tenant, n), Tenant: tenant, Leaf: leaf})
		for k, h := range added {
			g.hashes = append(g.hashes, hashDoc{ID: numberID(tenant, trail.FirstHash(n)+int64(k)), Tenant: tenant, Hash: h[:]})
		}
		g.to = next
	}
	w.grown = &g
	return nil
}

// standing is the edge of the log. What this process wrote last is believed if the head still says the same. Else the
// log is read and held against its signed head: one that was cut or put back must not get a new signature that covers
// it up.
func (w *writing) standing(ctx context.Context) (trail.Edge, error) {
	tenant := w.batch.Tenant
	head, err := searchOne[headDoc](ctx, w.e, askOne(heads, tenant, tenant))
	if err != nil {
		return trail.Edge{}, err
	}
	if head == nil {
		stray, err := searchOne[leafDoc](ctx, w.e, askNewest(tenant))
		if err == nil && stray != nil {
			err = fmt.Errorf("log of %s: %w: %w", tenant, store.ErrDamaged, trail.ErrTampered)
		}
		return trail.Edge{}, err
	}
	if edge := w.turn.edge; edge.Size == head.Size && head.isOf(edge) {
		return edge, nil
	}
	newest, err := searchOne[leafDoc](ctx, w.e, askNewest(tenant))
	if err != nil {
		return trail.Edge{}, err
	}
	edge, err := w.reopen(ctx, *head, newest)
	if err != nil {
		return trail.Edge{}, err
	}
	return edge, nil
}

func (d headDoc) isOf(edge trail.Edge) bool {
	root := edge.Root()
	return bytes.Equal(d.Root, root[:])
}

func (w *writing) reopen(ctx context.Context, head headDoc, newest *leafDoc) (edge trail.Edge, err error) {
	tenant := w.batch.Tenant
	damaged := func(err error) error { return fmt.Errorf("log of %s: %w: %w", tenant, store.ErrDamaged, err) }
	if newest == nil {
		return edge, damaged(trail.ErrTampered)
	}
	found, err := w.e.hashes(ctx, tenant, trail.Positions(head.Size))
	if err == store.ErrNotFound {
		return edge, damaged(trail.ErrTampered)
	} else if err != nil {
		return edge, err
	}
	if edge, err = trail.OpenEdge(head.Size, newest.Leaf, found); err != nil {
		return edge, damaged(err)
	}
	if !head.isOf(edge) {
		return edge, damaged(trail.ErrTampered)
	}
	if n := w.e.opts.Notary; n != nil {
		if c, err := n.Open(head.Note); err != nil || c != edge.Head(tenant) {
			return edge, damaged(trail.ErrTampered)
		}
	}
	return edge, nil
}

// append writes the new head, then what it covers. Who has written the head has the log to itself until the end of the
// transaction, so a leaf that is already there means damage and not haste.
func (w *writing) append(ctx context.Context) error {
	tenant, g := w.batch.Tenant, w.grown
	root := g.to.Root()
	doc := headDoc{ID: tenant, Tenant: tenant, Size: g.to.Size, Root: root[:], Note: []byte{}}
	if n := w.e.opts.Notary; n != nil {
		note, err := n.Sign(g.to.Head(tenant))
		if err != nil {
			return err
		}
		doc.Note = note
	}
	if g.from == 0 {
		if _, err := w.collection(heads).InsertOne(ctx, doc); duplicate(err) {
			return errAgain
		} else if err != nil {
			return err
		}
	} else {
		filter := bson.D{is("tenant", tenant), is("_id", tenant), is("size", g.from)}
		done, err := w.collection(heads).ReplaceOne(ctx, filter, doc)
		if err != nil {
			return err
		}
		if done.MatchedCount != 1 {
			return errAgain
		}
	}
	for in, docs := range map[string][]any{leaves: g.leaves, hashes: g.hashes} {
		if err := w.insertAll(ctx, in, docs); duplicate(err) {
			return fmt.Errorf("log of %s: %w: %w", tenant, store.ErrDamaged, trail.ErrTampered)
		} else if err != nil {
			return err
		}
	}
	return nil
}
