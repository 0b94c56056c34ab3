package records_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// A43: the answer is lost after the commit, once or until the caller gives up.
func TestALostAnswerIsOneEffect(t *testing.T) {
	for name, lost := range map[string]int{"once": 1, "always": 1000} {
		t.Run(name, func(t *testing.T) {
			r := furnish(t, model(t))
			rec := note("case", "x", spring)
			rec.ID, _ = r.NewID()
			change, id := records.Change{Verb: records.Put, Record: rec}, op()
			left := lost
			r.wire.after = func(_ int, called string) error {
				if left--; called == "commit" && left >= 0 {
					return store.ErrUnknown
				}
				return nil
			}
			_, err := r.Write(t.Context(), act(practice, "case.open"), id, change)
			if lost == 1 {
				must(t, err)
			} else {
				want(t, err, records.ErrUnavailable)
			}
			r.wire.after = nil
			_, err = r.Write(t.Context(), act(practice, "case.open"), id, change)
			want(t, err, records.ErrRepeated)
			if n := len(r.log(practice)); n != 1 {
				t.Errorf("%d entries for one operation", n)
			}
			got, err := r.read(rec)
			must(t, err)
			if got.Rev != 1 {
				t.Errorf("revision %d", got.Rev)
			}
			r.sound()
		})
	}
}

// The same operation again after it replaced or destroyed is no conflict but a repetition.
func TestAnOperationRepeatedSaysSo(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		rec := r.add(practice, note("case", "x", spring))
		for _, verb := range []records.Verb{records.Put, records.Destroy} {
			id, c := op(), records.Change{Verb: verb, Record: rec}
			_, err := r.Write(t.Context(), act(practice, "case.change"), id, c)
			must(t, err)
			r.clock.set(r.clock.now().Add(time.Second))
			_, err = r.Write(t.Context(), act(practice, "case.change"), id, c)
			want(t, err, records.ErrRepeated)
			rec.Rev++
		}
		if n := len(r.log(practice)); n != 3 {
			t.Errorf("%d entries for three operations", n)
		}
	})
}

func TestOfTwoWhoReplaceOneRevisionOneWins(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		rec := r.add(practice, note("case", "x", spring))
		for round := range 20 {
			var wg sync.WaitGroup
			got := make([]error, 2)
			for i := range got {
				wg.Go(func() {
					mine := rec
					mine.Content = vault.Keep(fmt.Appendf(nil, "round %d by %d", round, i))
					_, got[i] = r.Write(t.Context(), act(practice, "case.change"), op(), records.Change{Verb: records.Put, Record: mine})
				})
			}
			wg.Wait()
			if errors.Is(got[0], records.ErrConflict) == errors.Is(got[1], records.ErrConflict) || (got[0] == nil) == (got[1] == nil) {
				t.Fatalf("round %d: %v and %v", round, got[0], got[1])
			}
			rec.Rev++
		}
		if n := len(r.log(practice)); n != 41 {
			t.Errorf("%d entries for 41 requests", n)
		}
		r.sound()
	})
}

func TestARefusedWriteChangesNothingAndIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		rec := r.add(practice, note("case", "as it was", spring))
		fresh := note("member", "new", spring)
		fresh.ID, _ = r.NewID()
		taken, stale, missing := rec, rec, rec
		taken.Rev, stale.Rev, missing.ID = 0, 7, "0190a5f0-0000-7000-8000-000000000000"
		for name, c := range map[string]struct {
			bad     records.Change
			err     error
			outcome trail.Outcome
			reason  string
		}{
			"taken":            {records.Change{Verb: records.Put, Record: taken}, records.ErrDuplicate, trail.Failed, "duplicate"},
			"stale":            {records.Change{Verb: records.Put, Record: stale}, records.ErrConflict, trail.Failed, "conflict"},
			"missing":          {records.Change{Verb: records.Put, Record: missing}, records.ErrNotFound, trail.Denied, "unknown"},
			"destroys stale":   {records.Change{Verb: records.Destroy, Record: stale}, records.ErrConflict, trail.Failed, "conflict"},
			"destroys missing": {records.Change{Verb: records.Destroy, Record: missing}, records.ErrNotFound, trail.Denied, "unknown"},
		} {
			before := len(r.log(practice))
			_, err := r.Write(t.Context(), act(practice, "case.change"), op(), records.Change{Verb: records.Put, Record: fresh}, c.bad)
			want(t, err, c.err)
			log := r.log(practice)
			if len(log) != before+2 {
				t.Errorf("%s: %d entries for two changes", name, len(log)-before)
			}
			for _, e := range log[before:] {
				if e.Outcome != c.outcome || e.Reason != c.reason || e.Effect != trail.None {
					t.Errorf("%s: the trail says %s %s %s", name, e.Outcome, e.Reason, e.Effect)
				}
			}
			_, err = r.read(fresh)
			want(t, err, records.ErrNotFound)
		}
		r.sound()
	})
}

func TestFaultsOfTheStoreAreOurs(t *testing.T) {
	r := furnish(t, model(t))
	rec := r.add(practice, note("case", "x", spring))
	for below, ours := range map[error]error{
		store.ErrFull: records.ErrUnavailable, store.ErrClosed: records.ErrUnavailable, store.ErrUnknown: records.ErrUnavailable,
		store.ErrDamaged: records.ErrUnavailable, store.ErrInvalid: records.ErrInvalid, trail.ErrClock: records.ErrTrail,
		errors.New("odd"): records.ErrUnavailable,
	} {
		r.wire.before = only("commit", below)
		_, err := r.Write(t.Context(), act(practice, "case.change"), op(), records.Change{Verb: records.Put, Record: rec})
		want(t, err, ours)
		r.wire.before = only("read", below)
		_, err = r.read(rec)
		want(t, err, ours)
		r.wire.before = nil
	}
}

// A38: what is short and what is long cannot be told apart by their length at rest.
func TestNoAndANoteRestInEqualLength(t *testing.T) {
	r := furnish(t, model(t))
	long := make([]byte, 200)
	for i := range long {
		long[i] = 'y'
	}
	lengths := map[int]bool{}
	for _, text := range []string{"no", string(long)} {
		rec := r.add(practice, note("case", text, spring))
		rested, err := r.wire.base.Read(t.Context(), store.Key{Tenant: practice, Kind: "case", ID: rec.ID})
		must(t, err)
		lengths[len(rested.Sealed)] = true
	}
	if len(lengths) != 1 {
		t.Errorf("lengths at rest: %v", lengths)
	}
}

func TestIdsCarryTheirTimeAndNothingElse(t *testing.T) {
	r := furnish(t, model(t))
	seen := map[string]bool{}
	for range 1000 {
		id, err := r.NewID()
		must(t, err)
		if seen[id] || len(id) != 36 || id[14] != '7' || !trail.IsCode(id) {
			t.Fatalf("id %s", id)
		}
		seen[id] = true
		var ms int64
		if _, err := fmt.Sscanf(id[:8]+id[9:13], "%x", &ms); err != nil || ms != today.UnixMilli() {
			t.Fatalf("id %s carries %d", id, ms)
		}
	}
}
