package mongo

import (
	"context"
	"fmt"
	"slices"

	"waypost/internal/store"
)

// TrailHead implements store.Store. Size and note stand in one document and so always belong together.
func (e *Engine) TrailHead(ctx context.Context, tenant string) (store.Head, error) {
	ctx, c, err := e.enter(ctx, store.CheckTenant(tenant))
	if err != nil {
		return store.Head{}, err
	}
	defer c.leave()
	doc, err := searchOne[headDoc](ctx, e, askOne(heads, tenant, tenant))
	if err != nil || doc == nil {
		return store.Head{}, c.explain("trail head", err)
	}
	return doc.head(), nil
}

func (d headDoc) head() store.Head {
	h := store.Head{Size: d.Size}
	if len(d.Note) > 0 {
		h.Note = d.Note
	}
	return h
}

// TrailRead implements store.Store.
func (e *Engine) TrailRead(ctx context.Context, tenant string, from int64, limit int) ([][]byte, error) {
	ctx, c, err := e.enter(ctx, store.CheckTrailRead(tenant, from, limit))
	if err != nil {
		return nil, err
	}
	defer c.leave()
	docs, err := searchAll[leafDoc](ctx, e, askLeaves(tenant, from, limit))
	if err != nil {
		return nil, c.explain("trail", err)
	}
	var out [][]byte
	for _, d := range docs {
		out = append(out, d.Leaf)
	}
	return out, nil
}

// NextLog implements store.Store.
func (e *Engine) NextLog(ctx context.Context, after string) (string, error) {
	ctx, c, err := e.enter(ctx, store.CheckNextLog(after))
	if err != nil {
		return "", err
	}
	defer c.leave()
	doc, err := searchOne[headDoc](ctx, e, askNextLog(after))
	if err == nil && doc == nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return "", c.explain("next log", err)
	}
	return doc.Tenant, nil
}

// TrailHashes implements store.Store.
func (e *Engine) TrailHashes(ctx context.Context, tenant string, pos []int64) ([][32]byte, error) {
	ctx, c, err := e.enter(ctx, store.CheckTrailHashes(tenant, pos))
	if err != nil {
		return nil, err
	}
	defer c.leave()
	found, err := e.hashes(ctx, tenant, pos)
	return found, c.explain("trail hashes", err)
}

func (e *Engine) hashes(ctx context.Context, tenant string, pos []int64) ([][32]byte, error) {
	if len(pos) == 0 {
		return nil, nil
	}
	var ids []string
	for _, p := range pos {
		ids = append(ids, numberID(tenant, p))
	}
	once := slices.Clone(ids)
	slices.Sort(once)
	docs, err := searchAll[hashDoc](ctx, e, askMany(hashes, tenant, slices.Compact(once)))
	if err != nil {
		return nil, err
	}
	by := make(map[string][32]byte, len(docs))
	for _, d := range docs {
		var h [32]byte
		if copy(h[:], d.Hash) != len(h) || len(d.Hash) != len(h) {
			return nil, fmt.Errorf("hash of %s: %w", tenant, store.ErrDamaged)
		}
		by[d.ID] = h
	}
	out := make([][32]byte, 0, len(pos))
	for _, id := range ids {
		h, there := by[id]
		if !there {
			return nil, store.ErrNotFound
		}
		out = append(out, h)
	}
	return out, nil
}
