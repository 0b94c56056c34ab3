package conform

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"waypost/internal/store"
)

const (
	raceWriters = 16
	raceRounds  = 200
	raceAdds    = 100
)

// races: sixteen writers for one revision, one of them wins; and no acknowledged increment is lost.
func races(t *testing.T, open Open) {
	rounds, adds := raceRounds, raceAdds
	if testing.Short() {
		rounds, adds = rounds/4, adds/4
	}
	g := on(t, open)
	g.must("practice-a", insert(Record("practice-a", "race", 1, "start")))
	for rev := int64(2); rev < int64(2+rounds); rev++ {
		tries := make([]store.Batch, raceWriters)
		for w := range tries {
			tries[w] = g.batch("practice-a", replace(Record("practice-a", "race", rev, fmt.Sprint("by ", w))), Entry(At(), "case.change"))
		}
		var won atomic.Int64
		var winner atomic.Int64
		together(raceWriters, func(w int) {
			switch err := store.Settle(t.Context(), g.Store, tries[w]); {
			case err == nil:
				won.Add(1)
				winner.Store(int64(w))
			case !errors.Is(err, store.ErrConflict):
				t.Errorf("round %d: %v", rev, err)
			}
		})
		got := g.read(Record("practice-a", "race", 1, "").Key)
		if won.Load() != 1 || got.Rev != rev || string(got.Sealed) != fmt.Sprint("by ", winner.Load()) {
			t.Fatalf("round %d: %d winners, revision %d", rev, won.Load(), got.Rev)
		}
	}
	if h, err := g.TrailHead(t.Context(), "practice-a"); err != nil || h.Size != int64(rounds) {
		t.Errorf("%d entries for %d winners: %v", h.Size, rounds, err)
	}
	increments(g, adds)
	firstComes(g)
}

func increments(g given, adds int) {
	g.must("practice-a", insert(Record("practice-a", "count", 1, "x")))
	key := Record("practice-a", "count", 1, "").Key
	var mu sync.Mutex
	together(raceWriters, func(int) {
		for range adds {
			for done := false; !done; {
				r, err := g.Read(g.Context(), key)
				if err != nil {
					g.Error(err)
					return
				}
				mu.Lock()
				b := g.batch("practice-a", replace(Record("practice-a", "count", r.Rev+1, "x")))
				mu.Unlock()
				err = store.Settle(g.Context(), g.Store, b)
				if done = err == nil; !done && !errors.Is(err, store.ErrConflict) {
					g.Error(err)
					return
				}
			}
		}
	})
	if got := g.read(key).Rev; got != int64(1+raceWriters*adds) {
		g.Errorf("%d increments were acknowledged, %d kept", raceWriters*adds, got-1)
	}
}

// firstComes: of many inserts of one key one succeeds, and of many copies of one batch all, with one effect.
func firstComes(g given) {
	tries := make([]store.Batch, raceWriters)
	for w := range tries {
		tries[w] = g.batch("practice-b", insert(Record("practice-b", "first", 1, fmt.Sprint(w))))
	}
	one := g.batch("practice-c", insert(Record("practice-c", "same", 1, "x")), Entry(At(), "case.make"))
	var won atomic.Int64
	together(raceWriters, func(w int) {
		err := store.Settle(g.Context(), g.Store, tries[w])
		if err == nil {
			won.Add(1)
		} else if !errors.Is(err, store.ErrDuplicate) {
			g.Error(err)
		}
		if err := store.Settle(g.Context(), g.Store, one); err != nil {
			g.Errorf("the same batch from several sides: %v", err)
		}
	})
	if won.Load() != 1 {
		g.Errorf("%d inserts of one key succeeded", won.Load())
	}
	if h, err := g.TrailHead(g.Context(), "practice-c"); err != nil || h.Size != 1 {
		g.Errorf("one batch from several sides was logged %d times: %v", h.Size, err)
	}
}

func together(n int, f func(int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}
