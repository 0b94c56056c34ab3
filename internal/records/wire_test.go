package records_test

import (
	"context"
	"sync"
	"time"

	"waypost/internal/store"
	"waypost/internal/vault"
)

// wire lies between a Safe and its store. It counts what is asked, fails what a test wants to fail before or after it
// took effect, and shows other bytes than those that rest.
type wire struct {
	base
	mu      sync.Mutex
	calls   int
	before  func(call int, name string) error // not done
	after   func(call int, name string) error // done, but the answer is lost
	refuses func(store.Batch) error           // not done, for what stands in the batch
	forged  map[store.Key]store.Record
	swaps   map[store.Key]store.Key // whose wrapped key is shown
}

func (w *wire) through(name string, do func() error) error {
	w.mu.Lock()
	w.calls++
	call, before, after := w.calls, w.before, w.after
	w.mu.Unlock()
	if before != nil {
		if err := before(call, name); err != nil {
			return err
		}
	}
	err := do()
	if after != nil && err == nil {
		return after(call, name)
	}
	return err
}

func (w *wire) Commit(ctx context.Context, b store.Batch) error {
	if w.refuses != nil {
		if err := w.refuses(b); err != nil {
			return err
		}
	}
	return w.through("commit", func() error { return w.base.Commit(ctx, b) })
}

func (w *wire) Read(ctx context.Context, k store.Key) (rec store.Record, err error) {
	err = w.through("read", func() error { rec, err = w.base.Read(ctx, k); return err })
	if forged, ok := w.forged[k]; ok && err == nil {
		return forged, nil
	}
	return rec, err
}

func (w *wire) Find(ctx context.Context, tenant, kind string, blind [][]byte) (recs []store.Record, err error) {
	err = w.through("find", func() error { recs, err = w.base.Find(ctx, tenant, kind, blind); return err })
	return recs, err
}

func (w *wire) Queue(ctx context.Context, q store.Query) (page store.Page, err error) {
	err = w.through("queue", func() error { page, err = w.base.Queue(ctx, q); return err })
	return page, err
}

func (w *wire) Expired(ctx context.Context, before time.Time, limit int) (keys []store.Key, err error) {
	err = w.through("expired", func() error { keys, err = w.base.Expired(ctx, before, limit); return err })
	return keys, err
}

func (w *wire) WrappedKey(ctx context.Context, k store.Key) (wrapped store.WrappedKey, err error) {
	if other, ok := w.swaps[k]; ok {
		k = other
	}
	err = w.through("wrapped", func() error { wrapped, err = w.base.WrappedKey(ctx, k); return err })
	return wrapped, err
}

func (w *wire) BucketKeys(ctx context.Context, bucket string, after store.Key, limit int) (keys []store.Key, err error) {
	err = w.through("bucket", func() error { keys, err = w.base.BucketKeys(ctx, bucket, after, limit); return err })
	return keys, err
}

func (w *wire) TrailRead(ctx context.Context, tenant string, from int64, limit int) (leaves [][]byte, err error) {
	err = w.through("trail", func() error { leaves, err = w.base.TrailRead(ctx, tenant, from, limit); return err })
	return leaves, err
}

func (w *wire) Mark(ctx context.Context, name string) (value []byte, err error) {
	err = w.through("mark", func() error { value, err = w.base.Mark(ctx, name); return err })
	return value, err
}

func (w *wire) PutMark(ctx context.Context, name string, value []byte) error {
	return w.through("put mark", func() error { return w.base.PutMark(ctx, name, value) })
}

func (w *wire) Export(ctx context.Context, take func(any) error) error {
	return w.base.Export(ctx, func(item any) error {
		if rec, ok := item.(store.Record); ok {
			if forged, ok := w.forged[rec.Key]; ok {
				return take(forged)
			}
		}
		return take(item)
	})
}

// keys lets the change of a keyring pass the same wire, and tells it of every key that is opened.
type keys struct {
	*vault.Keyring
	wire *wire
}

func (k keys) DestroyBucket(bucket string) error {
	return k.wire.through("destroy", func() error { return k.Keyring.DestroyBucket(bucket) })
}

func (k keys) OpenKey(p vault.Place, w vault.Wrapped) (key vault.DataKey, err error) {
	err = k.wire.through("open", func() error { key, err = k.Keyring.OpenKey(p, w); return err })
	return key, err
}

// only makes a fault for calls of that name.
func only(name string, err error) func(int, string) error {
	return func(_ int, called string) error {
		if called == name {
			return err
		}
		return nil
	}
}
