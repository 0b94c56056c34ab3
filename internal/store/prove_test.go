package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/trail"
)

func TestTheProbePassesASoundStoreAndLeavesNothing(t *testing.T) {
	m := conform.NewModel(nil)
	if err := store.Prove(t.Context(), m, conform.Ids("probe")); err != nil {
		t.Fatal(err)
	}
	if got, err := conform.Contents(t.Context(), m); err != nil || len(got) != 0 {
		t.Errorf("left %q: %v", got, err)
	}
}

// Two processes that share a database may start at once, and one may have been killed in its probe before.
func TestProbesDoNotDisturbEachOtherAndTidyUpAfterTheKilled(t *testing.T) {
	m := conform.NewModel(nil)
	for i := range 250 {
		r := conform.Record(store.ProbeTenant, fmt.Sprint("left-", i), 1, "x")
		r.Kind, r.State = "probe", "probe"
		if err := forced(t.Context(), m, store.Op{Verb: store.Insert, Rec: r}); err != nil {
			t.Fatal(err)
		}
	}
	slow := broken{Model: m, commit: func(ctx context.Context, m *conform.Model, b store.Batch) error {
		time.Sleep(50 * time.Microsecond)
		return m.Commit(ctx, b)
	}}
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			if err := store.Prove(t.Context(), slow, conform.Ids("probe", fmt.Sprint(i))); err != nil {
				t.Errorf("one of several probes: %v", err)
			}
		})
	}
	wg.Wait()
	if got, err := conform.Contents(t.Context(), m); err != nil || len(got) != 0 {
		t.Errorf("left %d: %v", len(got), err)
	}
}

// broken is a store that does not keep one promise.
type broken struct {
	*conform.Model
	commit func(context.Context, *conform.Model, store.Batch) error
	read   func(store.Record) store.Record
}

func (b broken) Commit(ctx context.Context, batch store.Batch) error {
	if b.commit == nil {
		return b.Model.Commit(ctx, batch)
	}
	return b.commit(ctx, b.Model, batch)
}

func (b broken) Read(ctx context.Context, k store.Key) (store.Record, error) {
	r, err := b.Model.Read(ctx, k)
	if b.read != nil {
		r = b.read(r)
	}
	return r, err
}

// forced commits operations one by one under ids of their own, whatever revision they expect.
func forced(ctx context.Context, m *conform.Model, ops ...store.Op) error {
	for _, op := range ops {
		b := store.Batch{Tenant: op.Rec.Tenant, Ops: []store.Op{op}}.Ready()
		id := trail.Sum([]byte(time.Now().String() + op.Rec.ID))
		copy(b.ID[:], id[:])
		if err := m.Commit(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// lossy reads the revision, and a moment later writes over whatever stands there, as an engine without transactions
// does. Who came in between is lost although he was told that he had won.
func lossy() func(context.Context, *conform.Model, store.Batch) error {
	var mu sync.Mutex
	return func(ctx context.Context, m *conform.Model, b store.Batch) error {
		for _, op := range b.Ops {
			if op.Verb != store.Replace {
				return m.Commit(ctx, b)
			}
			now, err := m.Read(ctx, op.Rec.Key)
			if err != nil {
				return err
			}
			if now.Rev != op.Rec.Rev-1 {
				return store.ErrConflict
			}
			time.Sleep(2 * time.Millisecond)
			mu.Lock()
			err = errors.Join(drop(ctx, m, op.Rec.Key), forced(ctx, m, store.Op{Verb: store.Insert, Rec: op.Rec}))
			mu.Unlock()
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func drop(ctx context.Context, m *conform.Model, k store.Key) error {
	now, err := m.Read(ctx, k)
	if err != nil {
		return nil
	}
	return forced(ctx, m, conform.Gone(k, now.Rev))
}

func TestTheProbeRefusesAnEngineThatBreaksAPromise(t *testing.T) {
	for name, c := range map[string]struct {
		engine broken
		says   string
	}{
		"lost updates": {broken{commit: lossy()}, "compare-and-set"},
		"lost increments only": {broken{commit: func(ctx context.Context, m *conform.Model, b store.Batch) error {
			if len(b.Ops) == 1 && b.Ops[0].Verb == store.Replace && strings.HasPrefix(b.Ops[0].Rec.ID, "count") && b.Ops[0].Rec.Rev%7 == 0 {
				if now, err := m.Read(ctx, b.Ops[0].Rec.Key); err == nil && now.Rev == b.Ops[0].Rec.Rev-1 {
					return nil // told that it was done
				}
			}
			return m.Commit(ctx, b)
		}}, "acknowledged increments"},
		"no unique identifiers": {broken{commit: func(ctx context.Context, m *conform.Model, b store.Batch) error {
			err := m.Commit(ctx, b)
			if errors.Is(err, store.ErrDuplicate) {
				return nil
			}
			return err
		}}, "unique identifiers"},
		"half a batch": {broken{commit: func(ctx context.Context, m *conform.Model, b store.Batch) error {
			if len(b.Ops) < 2 {
				return m.Commit(ctx, b)
			}
			return forced(ctx, m, b.Ops...)
		}}, "all or nothing"},
		"batches that break in silence": {broken{commit: func(ctx context.Context, m *conform.Model, b store.Batch) error {
			if err := m.Commit(ctx, b); !errors.Is(err, store.ErrNotFound) || len(b.Ops) < 2 {
				return err
			}
			return nil
		}}, "all or nothing"},
		"numbers of 53 bits": {broken{read: func(r store.Record) store.Record {
			r.Rev = int64(float64(r.Rev))
			return r
		}}, "round trip"},
		"numbers of 53 bits, stored": {broken{commit: func(ctx context.Context, m *conform.Model, b store.Batch) error {
			for i := range b.Ops {
				b.Ops[i].Rec.Rev = int64(float64(b.Ops[i].Rec.Rev))
			}
			return m.Commit(ctx, b.Ready())
		}}, "round trip"},
		"whole seconds": {broken{read: func(r store.Record) store.Record {
			r.Due = r.Due.Truncate(time.Second)
			return r
		}}, "round trip"},
		"text in the place of bytes": {broken{read: func(r store.Record) store.Record {
			r.Sealed = []byte(strings.ToValidUTF8(string(r.Sealed), "?"))
			return r
		}}, "round trip"},
	} {
		t.Run(name, func(t *testing.T) {
			c.engine.Model = conform.NewModel(nil)
			err := store.Prove(t.Context(), c.engine, conform.Ids(name))
			if !errors.Is(err, store.ErrUnfit) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want that it has no %s", err, c.says)
			}
			if !strings.Contains(name, "53 bits") {
				if got, err := conform.Contents(t.Context(), c.engine.Model); err != nil || len(got) != 0 {
					t.Errorf("a probe that failed left %q: %v", got, err)
				}
			}
		})
	}
}

// An engine whose records cannot be removed must not hold the start for ever.
func TestTheProbeEndsEvenIfItCannotTidyUp(t *testing.T) {
	stuck := broken{Model: conform.NewModel(nil), commit: func(ctx context.Context, m *conform.Model, b store.Batch) error {
		for _, op := range b.Ops {
			if op.Verb == store.Delete {
				return store.ErrConflict
			}
		}
		return m.Commit(ctx, b)
	}}
	if err := store.Prove(t.Context(), stuck, conform.Ids("stuck")); !errors.Is(err, store.ErrUnfit) {
		t.Errorf("got %v", err)
	}
}
