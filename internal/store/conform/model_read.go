package conform

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"waypost/internal/store"
)

func byKey(a, b store.Key) int {
	return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

func byDue(a, b store.Record) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) }

// pick returns copies of the records that pass, in that order.
func (m *Model) pick(passes func(store.Record) bool, order func(a, b store.Record) int) []store.Record {
	var out []store.Record
	for _, r := range m.records {
		if passes(r) {
			out = append(out, clone(r))
		}
	}
	slices.SortFunc(out, order)
	return out
}

// Read implements store.Store.
func (m *Model) Read(ctx context.Context, k store.Key) (store.Record, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckKey(k)); err != nil {
		return store.Record{}, err
	}
	r, there := m.records[k]
	if !there {
		return store.Record{}, store.ErrNotFound
	}
	return clone(r), nil
}

// Find implements store.Store.
func (m *Model) Find(ctx context.Context, tenant, kind string, blind [][]byte) ([]store.Record, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckFind(tenant, kind, blind)); err != nil {
		return nil, err
	}
	found := m.pick(func(r store.Record) bool {
		return r.Tenant == tenant && r.Kind == kind && slices.ContainsFunc(r.Blind, func(has []byte) bool {
			return slices.ContainsFunc(blind, func(want []byte) bool { return bytes.Equal(has, want) })
		})
	}, func(a, b store.Record) int { return byKey(a.Key, b.Key) })
	return found[:min(len(found), store.FindLimit)], nil
}

// Queue implements store.Store.
func (m *Model) Queue(ctx context.Context, q store.Query) (store.Page, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckQuery(q, true)); err != nil {
		return store.Page{}, err
	}
	after := store.Record{Meta: store.Meta{Key: store.Key{ID: q.After.ID}, Due: q.After.Due}}
	all := m.pick(func(r store.Record) bool {
		return r.Tenant == q.Tenant && r.Kind == q.Kind && slices.Contains(q.States, r.State) && byDue(r, after) > 0
	}, byDue)
	if len(all) <= q.Limit {
		return store.Page{Records: all}, nil
	}
	last := all[q.Limit-1]
	return store.Page{Records: all[:q.Limit], Next: &store.Cursor{Due: last.Due, ID: last.ID}}, nil
}

// Count implements store.Store.
func (m *Model) Count(ctx context.Context, q store.Query) (map[string]int64, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckQuery(q, false)); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, state := range q.States {
		counts[state] = 0
	}
	for k, r := range m.records {
		if _, asked := counts[r.State]; asked && k.Tenant == q.Tenant && k.Kind == q.Kind {
			counts[r.State]++
		}
	}
	return counts, nil
}

// Expired implements store.Store.
func (m *Model) Expired(ctx context.Context, before time.Time, limit int) ([]store.Key, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckList(limit)); err != nil {
		return nil, err
	}
	gone := m.pick(func(r store.Record) bool { return !r.Expires.IsZero() && r.Expires.Before(before) },
		func(a, b store.Record) int { return cmp.Or(a.Expires.Compare(b.Expires), byKey(a.Key, b.Key)) })
	var keys []store.Key
	for _, r := range gone[:min(len(gone), limit)] {
		keys = append(keys, r.Key)
	}
	return keys, nil
}

// WrappedKey implements store.Store.
func (m *Model) WrappedKey(ctx context.Context, k store.Key) (store.WrappedKey, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckKey(k)); err != nil {
		return store.WrappedKey{}, err
	}
	w, there := m.keys[k]
	if !there {
		return store.WrappedKey{}, store.ErrNotFound
	}
	return store.WrappedKey{Bucket: w.Bucket, Wrapped: bytes.Clone(w.Wrapped)}, nil
}

// BucketKeys implements store.Store.
func (m *Model) BucketKeys(ctx context.Context, bucket string, after store.Key, limit int) ([]store.Key, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckBucket(bucket, after, limit)); err != nil {
		return nil, err
	}
	var keys []store.Key
	for k, w := range m.keys {
		if w.Bucket == bucket && byKey(k, after) > 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, byKey)
	return keys[:min(len(keys), limit)], nil
}

// TrailHead implements store.Store.
func (m *Model) TrailHead(ctx context.Context, tenant string) (store.Head, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckTenant(tenant)); err != nil {
		return store.Head{}, err
	}
	log := m.logs[tenant]
	return store.Head{Size: log.edge.Size, Note: bytes.Clone(log.note)}, nil
}

// NextLog implements store.Store.
func (m *Model) NextLog(ctx context.Context, after string) (string, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckNextLog(after)); err != nil {
		return "", err
	}
	next := ""
	for tenant, log := range m.logs {
		if log.edge.Size > 0 && tenant > after && (next == "" || tenant < next) {
			next = tenant
		}
	}
	if next == "" {
		return "", store.ErrNotFound
	}
	return next, nil
}

// TrailRead implements store.Store.
func (m *Model) TrailRead(ctx context.Context, tenant string, from int64, limit int) ([][]byte, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckTrailRead(tenant, from, limit)); err != nil {
		return nil, err
	}
	all := m.logs[tenant].leaves
	var out [][]byte
	for n := from; n < int64(len(all)) && len(out) < limit; n++ {
		out = append(out, bytes.Clone(all[n]))
	}
	return out, nil
}

// TrailHashes implements store.Store.
func (m *Model) TrailHashes(ctx context.Context, tenant string, pos []int64) ([][32]byte, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckTrailHashes(tenant, pos)); err != nil {
		return nil, err
	}
	all := m.logs[tenant].hashes
	var out [][32]byte
	for _, p := range pos {
		if p >= int64(len(all)) {
			return nil, store.ErrNotFound
		}
		out = append(out, all[p])
	}
	return out, nil
}
