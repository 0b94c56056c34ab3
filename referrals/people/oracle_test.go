package people

import (
	"crypto/rand"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/softkey/softkeytest"
)

// A11: whoever tries keys learns nothing of who is known: the same error, the same work, the same time.
func TestUnknownAndKnownAreRefusedAlike(t *testing.T) {
	w := newWorld(t)
	known := w.found(Practice)
	wrong := softkeytest.New(t, testURL)
	pairs := 500
	if testing.Short() {
		pairs = 60
	}
	try := func(handle, id []byte) (time.Duration, int64) {
		wrong.Handle, wrong.ID = handle, id
		options, err := w.BeginSignIn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answer := wrong.Get(options)
		calls, start := w.store.calls.Load(), time.Now()
		_, err = w.FinishSignIn(t.Context(), answer, "")
		took := time.Since(start)
		if err != ErrSignIn { //nolint:errorlint // the very value: nothing may hang on it
			t.Fatalf("%v", err)
		}
		return took, w.store.calls.Load() - calls
	}
	kinds := map[string]func() (handle, id []byte){
		"known account, known key":      func() ([]byte, []byte) { return known.key.Handle, known.key.ID },
		"known account, another key":    func() ([]byte, []byte) { return known.key.Handle, random(32) },
		"unknown account, known key":    func() ([]byte, []byte) { return random(handleSize), known.key.ID },
		"unknown account, another key":  func() ([]byte, []byte) { return random(handleSize), random(32) },
		"a handle that is none of ours": func() ([]byte, []byte) { return random(64), random(32) },
	}
	took, work := map[string][]time.Duration{}, map[string]int64{}
	for range pairs {
		for name, kind := range kinds {
			d, calls := try(kind())
			took[name] = append(took[name], d)
			if work[name] != 0 && work[name] != calls {
				t.Fatalf("%s: %d calls of the store, then %d", name, work[name], calls)
			}
			work[name] = calls
		}
	}
	base := "known account, known key"
	for name := range kinds {
		if work[name] != work[base] {
			t.Errorf("%s: %d calls of the store, a known one %d", name, work[name], work[base])
		}
		if gap := (median(took[name]) - median(took[base])).Abs(); gap > 5*time.Millisecond {
			t.Errorf("%s: medians differ by %v", name, gap)
		}
		t.Logf("%-30s %v, %d calls", name, median(took[name]), work[name])
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func median(all []time.Duration) time.Duration {
	s := slices.Clone(all)
	slices.Sort(s)
	return s[len(s)/2]
}

// A12: a flood of sign-ins is bounded, and who is signed in already does not notice.
func TestAFloodOfSignInsIsBounded(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.AtOnce = 3 })
	s := w.found(Practice)
	var now, most, busy atomic.Int64
	open := make(chan struct{})
	w.store.hold = func() {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-open
		now.Add(-1)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var done sync.WaitGroup
	const flood = 2000
	for range flood {
		done.Go(func() {
			if _, err := w.BeginSignIn(t.Context()); errors.Is(err, ErrBusy) {
				busy.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	for busy.Load() < flood-3-12 { // all but those under way and those that may wait
		time.Sleep(time.Millisecond)
	}
	if !w.alive(s.cookie) {
		t.Error("the flood shut out somebody who is signed in")
	}
	runtime.ReadMemStats(&after)
	close(open)
	done.Wait()
	if most.Load() > 3 {
		t.Errorf("%d at once", most.Load())
	}
	if grown := int64(after.Sys) - int64(before.Sys); grown > 200<<20 {
		t.Errorf("%d MB", grown>>20)
	}
	w.store.hold = nil
	if err := s.signIn(); err != nil {
		t.Errorf("after the flood: %v", err)
	}
}
