package records_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
)

// A43: the sweeper is killed at each step in turn, before it or after it took effect, and begun again.
func TestASweeperKilledAnywhereGoesOn(t *testing.T) {
	killed := errors.New("killed")
	undisturbed := afterSweeps(t, nil, nil)
	for _, late := range []bool{false, true} {
		steps, stride := 0, 1
		if testing.Short() {
			stride = 7
		}
		for n := 1; ; n += stride {
			calls, dead := 0, false
			fault := func(int, string) error {
				if calls++; calls >= n || dead {
					dead = true
					return fmt.Errorf("%w: %w", killed, store.ErrClosed)
				}
				return nil
			}
			before, after := fault, (func(int, string) error)(nil)
			if late {
				before, after = nil, fault
			}
			got := afterSweeps(t, before, after)
			if got != undisturbed {
				t.Fatalf("killed at step %d (late %v):\n%s\nundisturbed:\n%s", n, late, got, undisturbed)
			}
			if !dead {
				break
			}
			steps = n
		}
		if steps < 20 {
			t.Errorf("only %d steps were tried", steps)
		}
	}
}

// afterSweeps sweeps once under the faults and once without, and tells the end state: what rests, the months, and every
// entry with its author.
func afterSweeps(t *testing.T, before, after func(int, string) error) string {
	t.Helper()
	r := furnish(t, model(t))
	names := map[string]string{}
	named := func(tenant, name string, rec records.Record) {
		written := r.add(tenant, rec)
		names[written.ID] = name
		names[string(r.Refer(store.Key{Tenant: tenant, Kind: rec.Kind, ID: written.ID}))] = name
	}
	named(practice, "expired", note("case", "a", spring))
	named(practice, "expired too", note("case", "b", spring.Add(time.Hour)))
	named(other, "expired there", note("case", "c", spring))
	named(practice, "session", note("session", "d", spring))
	named(practice, "stays", note("case", "e", date(2028, 5, 1)))
	named(practice, "standing", note("member", "f", time.Time{}))
	r.clock.set(date(2028, 4, 2)) // the month of the standing keys is over too
	r.wire.before, r.wire.after = before, after
	_, err := r.Sweep(t.Context())
	r.wire.before, r.wire.after = nil, nil
	if err != nil && !errors.Is(err, records.ErrUnavailable) {
		t.Errorf("killed: %v", err)
	}
	r.open()
	_, err = r.Sweep(t.Context())
	must(t, err)
	if m := kept(t, r.wire.base); m != r.ring.Mark() {
		t.Errorf("the database keeps %v, the keyring is at %v", m, r.ring.Mark())
	}
	r.sound()

	var lines []string
	must(t, r.wire.base.Export(t.Context(), func(item any) error {
		switch it := item.(type) {
		case store.Record:
			lines = append(lines, fmt.Sprint("record ", it.Kind, " ", names[it.ID], it.Rev))
		case store.ExportKey:
			lines = append(lines, fmt.Sprint("key ", it.Kind, " ", names[it.ID], it.Bucket))
		case store.ExportLeaf:
			_, e, err := trail.ParseLeaf(it.Leaf)
			must(t, err)
			lines = append(lines, fmt.Sprint("entry ", it.Tenant, e.Action, e.Actor, e.Effect, e.Outcome, e.Reason, names[string(e.Ref)]))
		}
		return nil
	}))
	live, destroyed := r.ring.Months()
	slices.Sort(lines)
	return strings.Join(append(lines, fmt.Sprint(live), fmt.Sprint(destroyed)), "\n")
}

// A key without its record, as a rewrap that crossed a deletion could leave it, is destroyed and told.
func TestAKeyWithoutARecordIsDestroyed(t *testing.T) {
	for name, erase := range map[string]func(*room) error{
		"by the sweeper": func(r *room) error { _, err := r.Sweep(context.Background()); return err },
		"with the organisation": func(r *room) error {
			_, err := r.EraseOrganisation(context.Background(), act(practice, "organisation.erase"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := furnish(t, model(t))
			rec := r.add(practice, note("case", "x", spring))
			at := store.Key{Tenant: practice, Kind: "case", ID: rec.ID}
			must(t, r.wire.base.Commit(t.Context(), store.Batch{ID: op(), Tenant: practice, Ops: []store.Op{
				{Verb: store.Delete, Rec: store.Record{Meta: store.Meta{Key: at, Rev: 1}}},
			}}.Ready()))
			r.clock.set(date(2027, 5, 1))
			must(t, erase(r))
			_, err := r.wire.base.WrappedKey(t.Context(), at)
			want(t, err, store.ErrNotFound)
			told := slices.ContainsFunc(r.log(practice), func(e trail.Entry) bool { return e.Reason == "orphan" && e.Effect == trail.None })
			if !told {
				t.Errorf("the trail says nothing: %v", r.log(practice))
			}
		})
	}
}

// While the key of a standing record is moved on, somebody erases the record: its key does not come back.
func TestAKeyMovedDuringErasureDoesNotComeBack(t *testing.T) {
	r := furnish(t, model(t))
	rec := r.add(practice, note("member", "x", time.Time{}))
	at := store.Key{Tenant: practice, Kind: "member", ID: rec.ID}
	r.clock.set(date(2028, 4, 1))
	r.wire.before = func(_ int, name string) error {
		if name == "commit" {
			r.wire.before = nil
			return r.Erase(context.Background(), act(practice, "member.erase"), "member", rec.ID)
		}
		return nil
	}
	_, err := r.Sweep(t.Context())
	must(t, err)
	_, err = r.wire.base.WrappedKey(t.Context(), at)
	want(t, err, store.ErrNotFound)
	r.sound()
}

// What expires is extended by somebody between the sweeper's look and its step: it stays.
func TestASweeperThatComesTooLateLeavesTheRecord(t *testing.T) {
	r := furnish(t, model(t))
	rec := r.add(practice, note("case", "x", spring))
	gone := r.add(practice, note("case", "y", spring))
	again := rec
	again.Expires = summer
	r.wire.after = func(_ int, name string) error {
		if name != "wrapped" {
			return nil
		}
		r.wire.after = nil
		r.clock.set(spring.Add(-time.Hour)) // another process, whose clock is an hour behind, writes in time
		config := r.config
		config.Now = func() time.Time { return spring.Add(-time.Second) }
		elsewhere, err := records.Open(context.Background(), config)
		must(t, err)
		_, err = elsewhere.Write(context.Background(), act(practice, "case.change"), op(), records.Change{Verb: records.Put, Record: again})
		must(t, err)
		r.clock.set(spring)
		return nil
	}
	r.clock.set(spring)
	done, err := r.Sweep(t.Context())
	must(t, err)
	if done.Records != 1 {
		t.Errorf("%d records destroyed", done.Records)
	}
	_, err = r.read(rec)
	must(t, err)
	_, err = r.read(gone)
	want(t, err, records.ErrNotFound)
	r.sound()
}
