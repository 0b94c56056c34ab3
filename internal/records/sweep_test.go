package records_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// A41 and storage.md section 9: what has expired goes with its key and an entry, once.
func TestASweepDestroysWhatExpiredAndTheMonthThatIsOver(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		for range 120 { // more than a page
			r.add(practice, note("case", "old", spring))
		}
		r.add(other, note("case", "old", spring))
		r.add(practice, note("session", "old", spring))
		stays, standing := r.add(practice, note("case", "stays", summer)), r.add(practice, note("member", "stands", time.Time{}))
		before := len(r.log(practice))

		r.clock.set(spring.Add(-time.Millisecond))
		done, err := r.Sweep(t.Context())
		must(t, err)
		if done.Records != 0 || !slices.Equal(done.Months, []string{"2027-03"}) {
			t.Errorf("before its time: %+v", done)
		}
		r.clock.set(spring)
		done, err = r.Sweep(t.Context())
		must(t, err)
		if done.Records != 122 || done.Months != nil {
			t.Errorf("on the day: %+v", done)
		}
		entries := r.log(practice)[before:]
		if len(entries) != 120 {
			t.Errorf("%d entries", len(entries))
		}
		for _, e := range entries {
			if e.Effect != trail.Gone || e.Actor != "system" || e.Action != "retention.expire" || e.Kind != "case" {
				t.Fatalf("the trail says %+v", e)
			}
		}
		r.clock.set(date(2027, 5, 1))
		done, err = r.Sweep(t.Context())
		must(t, err)
		if done.Records != 0 || !slices.Equal(done.Months, []string{"2027-04"}) {
			t.Errorf("after the month: %+v", done)
		}
		house := len(r.log(records.House))
		done, err = r.Sweep(t.Context())
		must(t, err)
		if done.Records+done.Moved+len(done.Months) != 0 || len(r.log(records.House)) != house {
			t.Errorf("again: %+v", done)
		}
		for _, rec := range []records.Record{stays, standing} {
			if _, err := r.read(rec); err != nil {
				t.Errorf("%s: %v", rec.Kind, err)
			}
		}
		must(t, r.ring.Check(kept(t, b)))
		if m := kept(t, b); m != r.ring.Mark() {
			t.Errorf("the database keeps %v, the keyring is at %v", m, r.ring.Mark())
		}
		r.sound()
	})
}

func kept(t testing.TB, b base) (m vault.Mark) {
	t.Helper()
	value, err := b.Mark(context.Background(), "keyring")
	must(t, err)
	ring, number, _ := strings.Cut(string(value), ":")
	m.Ring = ring
	_, err = fmt.Sscan(number, &m.Generation)
	must(t, err)
	return m
}

// A standing record has no expiry, but its key lies in a month like any other and is moved on before that is destroyed.
func TestStandingRecordsOutliveTheMonthOfTheirKey(t *testing.T) {
	r := furnish(t, model(t))
	rec := r.add(practice, note("member", "stands", time.Time{}))
	moved := 0
	for month := range 16 {
		r.clock.set(today.AddDate(0, month, 0))
		must(t, r.Tend(t.Context(), longest))
		done, err := r.Sweep(t.Context())
		must(t, err)
		moved += done.Moved
		r.open()
		if _, err := r.read(rec); err != nil {
			t.Fatalf("month %d: %v", month, err)
		}
	}
	live, destroyed := r.ring.Months()
	if moved == 0 || len(destroyed) != 15 || live[0] != "2028-06" {
		t.Errorf("moved %d, destroyed %v", moved, destroyed)
	}
	r.sound()
}

// A log that refuses keeps its own organisation's records, and nobody else's: neither beside it on a page nor behind a page
// full of what cannot go.
func TestALogThatRefusesKeepsNothingOfTheOthers(t *testing.T) {
	r := furnish(t, model(t))
	for range 60 { // more than a page of them stands first
		r.add(practice, note("case", "refuses", spring.Add(-time.Hour)))
	}
	for range 60 {
		r.add(other, note("case", "goes", spring))
	}
	last := r.add("practice-3", note("case", "goes", spring))
	r.clock.set(spring)
	broken := errors.New("invented fault")
	r.wire.refuses = func(b store.Batch) error {
		if b.Tenant == practice {
			return broken
		}
		return nil
	}
	done, err := r.Sweep(t.Context())
	want(t, err, broken)
	if err == nil || !strings.Contains(err.Error(), practice) || strings.Contains(err.Error(), other) || done.Records != 61 {
		t.Errorf("%+v: %v", done, err)
	}
	if _, err := r.wire.base.Read(t.Context(), store.Key{Tenant: "practice-3", Kind: "case", ID: last.ID}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the last one is still there: %v", err)
	}
	r.wire.refuses = nil
	done, err = r.Sweep(t.Context())
	must(t, err)
	if done.Records != 60 {
		t.Errorf("once it is mended: %+v", done)
	}
	r.sound()
}

// Several processes, one keyring: only one of them changes it.
func TestAFollowerLeavesTheKeyringAlone(t *testing.T) {
	r := furnish(t, model(t))
	r.add(practice, note("case", "x", spring))
	r.config.Follower = true
	r.clock.set(date(2027, 5, 1))
	r.open()
	before := r.ring.Mark()
	done, err := r.Sweep(t.Context())
	must(t, err)
	want(t, r.Tend(t.Context(), longest), records.ErrInvalid)
	want(t, r.EraseMonth(t.Context(), act("", "month.erase"), "2027-04"), records.ErrInvalid)
	if done.Records != 1 || len(done.Months) != 0 || r.ring.Mark() != before {
		t.Errorf("swept %+v, keyring at %v", done, r.ring.Mark())
	}
}

// A follower starts on what was handed out and changes nothing of it, and makes no keyring where none is.
func TestAFollowerLoadsTheKeyringAndMakesNone(t *testing.T) {
	r := furnish(t, model(t))
	before := kept(t, r.wire.base)
	r.clock.set(date(2029, 1, 1)) // months would be due
	g := records.Ground{Keyring: r.ground, Store: r.wire, Marks: r.wire, Longest: longest, Follower: true}
	ring, err := records.Start(t.Context(), g)
	must(t, err)
	if ring.Mark() != before || kept(t, r.wire.base) != before {
		t.Errorf("a follower moved the keyring from %v to %v", before, ring.Mark())
	}
	b := model(t)
	g.Store, g.Marks, g.Keyring.Path = b, b, filepath.Join(t.TempDir(), "keyring")
	_, err = records.Start(t.Context(), g)
	want(t, err, vault.ErrNoKeyring)
}

// A month's key changed early: after the pass the older key is needed by nothing.
func TestAMonthRewrappedOpensByItsNewestKeyAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		var recs []records.Record
		for range 60 {
			recs = append(recs, r.add(practice, note("case", "x", summer)))
		}
		entries := len(r.log(practice))
		must(t, r.ring.RotateMonth("2027-08"))
		for i, of := range []int{60, 0} {
			n, err := r.RewrapMonth(t.Context(), "2027-08")
			must(t, err)
			if n != of {
				t.Errorf("pass %d wrapped %d keys, want %d", i+1, n, of)
			}
		}
		r.clock.set(today.Add(48 * time.Hour))
		must(t, r.ring.RetireMonth("2027-08"))
		for _, rec := range recs {
			if _, err := r.read(rec); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(r.log(practice)); n != entries+60 {
			t.Errorf("%d entries beside the reads", n-entries-60)
		}
	})
}

func TestAStandingRecordTakesTheLastMonthPrepared(t *testing.T) {
	r := furnish(t, model(t))
	r.clock.set(date(2029, 4, 30)) // nobody tended the keyring for two years
	rec := r.add(practice, note("member", "stands", time.Time{}))
	wrapped, err := r.wire.base.WrappedKey(t.Context(), store.Key{Tenant: practice, Kind: "member", ID: rec.ID})
	must(t, err)
	if live, _ := r.ring.Months(); wrapped.Bucket != "2029-04" || live[len(live)-1] != "2029-04" {
		t.Errorf("key in %s of %v", wrapped.Bucket, live)
	}
}
