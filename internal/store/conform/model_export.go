package conform

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// Export implements store.Store. The picture is taken first, so the function may use the store.
func (m *Model) Export(ctx context.Context, take func(any) error) error {
	items, err := m.picture(ctx)
	for i := 0; err == nil && i < len(items); i++ {
		if err = ctx.Err(); err == nil {
			err = take(items[i])
		}
	}
	return err
}

func (m *Model) picture(ctx context.Context) ([]any, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, nil); err != nil {
		return nil, err
	}
	var items []any
	for _, tenant := range sorted(m.logs, cmp.Compare[string]) {
		log := m.logs[tenant]
		for n, leaf := range log.leaves {
			first := trail.FirstHash(int64(n))
			hashes := slices.Clone(log.hashes[first : first+int64(trail.HashesOf(int64(n)))])
			items = append(items, store.ExportLeaf{Tenant: tenant, N: int64(n), Leaf: bytes.Clone(leaf), Hashes: hashes})
		}
		if log.edge.Size > 0 {
			items = append(items, store.ExportHead{Tenant: tenant, Head: store.Head{Size: log.edge.Size, Note: bytes.Clone(log.note)}})
		}
	}
	for _, k := range sorted(m.keys, byKey) {
		w := m.keys[k]
		items = append(items, store.ExportKey{Key: k, WrappedKey: store.WrappedKey{Bucket: w.Bucket, Wrapped: bytes.Clone(w.Wrapped)}})
	}
	for _, k := range sorted(m.records, byKey) {
		items = append(items, clone(m.records[k]))
	}
	return items, nil
}

func sorted[K comparable, V any](m map[K]V, order func(a, b K) int) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, order)
	return keys
}

// Mark implements store.Marks.
func (m *Model) Mark(ctx context.Context, name string) ([]byte, error) {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckMark(name, []byte{0})); err != nil {
		return nil, err
	}
	value, there := m.marks[name]
	if !there {
		return nil, store.ErrNotFound
	}
	return bytes.Clone(value), nil
}

// PutMark implements store.Marks.
func (m *Model) PutMark(ctx context.Context, name string, value []byte) error {
	defer m.mu.Unlock()
	if err := m.enter(ctx, store.CheckMark(name, value)); err != nil {
		return err
	}
	m.marks[name] = bytes.Clone(value)
	return nil
}
