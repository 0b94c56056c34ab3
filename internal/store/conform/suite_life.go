package conform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/store"
)

// every calls each method of the store once, in a way that would succeed.
func every(ctx context.Context, s store.Store, b store.Batch) map[string]error {
	k := store.Key{Tenant: "practice-a", Kind: "case", ID: "one"}
	q := store.Query{Tenant: "practice-a", Kind: "case", States: []string{"new"}, Limit: 1}
	drop := func(_ any, err error) error { return err }
	return map[string]error{
		"Read":        drop(s.Read(ctx, k)),
		"Find":        drop(s.Find(ctx, k.Tenant, k.Kind, [][]byte{Blind(1)})),
		"Queue":       drop(s.Queue(ctx, q)),
		"Count":       drop(s.Count(ctx, q)),
		"Commit":      s.Commit(ctx, b),
		"Expired":     drop(s.Expired(ctx, At(), 1)),
		"WrappedKey":  drop(s.WrappedKey(ctx, k)),
		"BucketKeys":  drop(s.BucketKeys(ctx, "2027-03", store.Key{}, 1)),
		"TrailHead":   drop(s.TrailHead(ctx, k.Tenant)),
		"TrailRead":   drop(s.TrailRead(ctx, k.Tenant, 0, 1)),
		"NextLog":     drop(s.NextLog(ctx, "")),
		"TrailHashes": drop(s.TrailHashes(ctx, k.Tenant, []int64{0})),
		"Export":      s.Export(ctx, func(any) error { return nil }),
		"Backup":      s.Backup(ctx, io.Discard),
		"Probe":       s.Probe(ctx),
	}
}

func lives(t *testing.T, open Open) {
	g := on(t, open)
	r := Record("practice-a", "one", 1, "x")
	g.must("practice-a", insert(r), put(r.Key, "2027-03", "w"), Entry(At(), "case.make"))
	for name, err := range every(t.Context(), g.Store, g.batch("practice-a", insert(Record("practice-a", "two", 1, "x")))) {
		if err != nil && (name != "Backup" || !errors.Is(err, store.ErrUnsupported)) {
			t.Errorf("%s of an open store: %v", name, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range every(gone, g.Store, g.batch("practice-a", insert(Record("practice-a", "three", 1, "x")))) {
		if name != "Backup" || !errors.Is(err, store.ErrUnsupported) {
			g.refuses(name+" without patience", err, context.Canceled)
		}
	}
	_, err := g.Read(t.Context(), store.Key{Tenant: "practice-a", Kind: "case", ID: "three"})
	g.refuses("a batch whose context had ended", err, store.ErrNotFound)

	var acknowledged atomic.Int64
	var wg sync.WaitGroup
	for w := range 8 {
		batches := make([]store.Batch, 400)
		for i := range batches {
			batches[i] = g.batch("practice-b", insert(Record("practice-b", fmt.Sprintf("w-%d-%d", w, i), 1, "x")))
		}
		wg.Go(func() {
			for _, b := range batches {
				err := g.Commit(context.Background(), b)
				if err == nil {
					acknowledged.Add(1)
				} else if errors.Is(err, store.ErrClosed) {
					return
				} else {
					t.Errorf("commit while closing: %v", err)
					return
				}
			}
		})
		wg.Go(func() {
			for {
				_, err := g.Count(context.Background(), store.Query{Tenant: "practice-b", Kind: "case", States: []string{"new"}})
				if errors.Is(err, store.ErrClosed) {
					return
				} else if err != nil {
					t.Errorf("count while closing: %v", err)
					return
				}
			}
		})
	}
	for acknowledged.Load() < 20 {
		time.Sleep(time.Millisecond)
	}
	if err := g.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	wg.Wait()
	for name, err := range every(t.Context(), g.Store, g.batch("practice-a", insert(Record("practice-a", "four", 1, "x")))) {
		g.refuses(name+" of a closed store", err, store.ErrClosed)
	}
	if err := g.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
		t.Errorf("closing again: %v", err)
	}
}

func bounds(t *testing.T, open Open) {
	g := on(t, open)
	ctx := t.Context()
	k := store.Key{Tenant: "practice-a", Kind: "case", ID: "one"}
	q := store.Query{Tenant: "practice-a", Kind: "case", States: []string{"new"}, Limit: 1}
	bad := store.Key{Tenant: "practice-a", Kind: "case", ID: "One Name"}
	with := func(change func(*store.Query)) store.Query { c := q; change(&c); return c }
	drop := func(_ any, err error) error { return err }
	long := strings.Repeat("s", store.SealedLimit+1)
	unready := g.batch("practice-a", insert(Record("practice-a", "one", 1, "x")))
	unready.Ops[0].Rec.State = "other"
	nameless := store.Batch{Tenant: "practice-a", Ops: []store.Op{insert(Record("practice-a", "one", 1, "x"))}}.Ready()
	for name, err := range map[string]error{
		"Read of no code":         drop(g.Read(ctx, bad)),
		"Read without tenant":     drop(g.Read(ctx, store.Key{Kind: "case", ID: "one"})),
		"Find without values":     drop(g.Find(ctx, k.Tenant, k.Kind, nil)),
		"Find by a short value":   drop(g.Find(ctx, k.Tenant, k.Kind, [][]byte{{1}})),
		"Queue without states":    drop(g.Queue(ctx, with(func(q *store.Query) { q.States = nil }))),
		"Queue of none":           drop(g.Queue(ctx, with(func(q *store.Query) { q.Limit = 0 }))),
		"Queue of too many":       drop(g.Queue(ctx, with(func(q *store.Query) { q.Limit = store.PageLimit + 1 }))),
		"Queue after no id":       drop(g.Queue(ctx, with(func(q *store.Query) { q.After.ID = "One Name" }))),
		"Queue state twice":       drop(g.Queue(ctx, with(func(q *store.Query) { q.States = []string{"new", "new"} }))),
		"Count of too many":       drop(g.Count(ctx, with(func(q *store.Query) { q.States = make([]string, store.StateLimit+1) }))),
		"Expired of none":         drop(g.Expired(ctx, At(), 0)),
		"Expired of too many":     drop(g.Expired(ctx, At(), store.ListLimit+1)),
		"WrappedKey of no code":   drop(g.WrappedKey(ctx, bad)),
		"BucketKeys of no month":  drop(g.BucketKeys(ctx, "2027-3", store.Key{}, 1)),
		"BucketKeys after no key": drop(g.BucketKeys(ctx, "2027-03", bad, 1)),
		"TrailHead of no code":    drop(g.TrailHead(ctx, "Practice A")),
		"TrailRead from below":    drop(g.TrailRead(ctx, k.Tenant, -1, 1)),
		"TrailRead of too many":   drop(g.TrailRead(ctx, k.Tenant, 0, store.ListLimit+1)),
		"TrailHashes from below":  drop(g.TrailHashes(ctx, k.Tenant, []int64{-1})),
		"TrailHashes of too many": drop(g.TrailHashes(ctx, k.Tenant, make([]int64, store.ListLimit+1))),
		"Commit of nothing":       g.commit("practice-a"),
		"Commit without id":       g.Commit(ctx, nameless),
		"Commit for another":      g.commit("practice-a", insert(Record("practice-b", "one", 1, "x"))),
		"Commit of another key":   g.commit("practice-a", destroy(store.Key{Tenant: "practice-b", Kind: "case", ID: "one"})),
		"Commit of too much":      g.commit("practice-a", insert(Record("practice-a", "one", 1, long))),
		"Commit of no entry":      g.commit("practice-a", []byte("somebody did something\n")),
		"Commit of two for one":   g.commit("practice-a", Gone(k, 1), insert(Record("practice-a", "one", 1, "x"))),
		"Commit changed since":    g.Commit(ctx, unready),
	} {
		g.refuses(name, err, store.ErrInvalid)
	}
	if hs, err := g.TrailHashes(ctx, k.Tenant, nil); err != nil || len(hs) != 0 {
		t.Errorf("no positions: %d, %v", len(hs), err)
	}
	if got := g.all(); len(got) != 0 {
		t.Errorf("something refused was written: %q", got)
	}
}

func probes(t *testing.T, open Open) {
	g := on(t, open)
	for range 2 {
		if err := g.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := g.all(); len(got) != 0 {
		t.Errorf("the probe left: %q", got)
	}
}
