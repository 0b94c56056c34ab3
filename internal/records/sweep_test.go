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
	for month := range 12 {
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
	if moved == 0 || len(destroyed) != 11 || live[0] != "2028-02" {
		t.Errorf("moved %d, destroyed %v", moved, destroyed)
	}
	r.sound()
}

// A12: an old copy of the database and the present keyring open nothing of an erased month; other months open.
func TestAfterEraseMonthAnOldCopyDoesNotOpen(t *testing.T) {
	dir := t.TempDir()
	r := furnish(t, embedded(t, dir))
	old, stays := r.add(practice, note("case", "old", spring)), r.add(practice, note("case", "stays", summer))
	copied := embedded(t, backup(t, r.wire.base))
	opens := func(rec records.Record) error {
		at := store.Key{Tenant: practice, Kind: rec.Kind, ID: rec.ID}
		rested, err := copied.Read(t.Context(), at)
		must(t, err)
		wrapped, err := copied.WrappedKey(t.Context(), at)
		must(t, err)
		p := vault.Place{Tenant: practice, Kind: rec.Kind, ID: rec.ID, Rev: uint64(rec.Rev)}
		key, err := r.ring.OpenKey(p, vault.Wrapped{Bucket: wrapped.Bucket, Bytes: wrapped.Wrapped})
		if err == nil {
			_, _, err = key.Open(p, rested.Sealed)
		}
		return err
	}
	must(t, opens(old))
	want(t, r.EraseMonth(t.Context(), act("", "month.erase"), "2027-04"), records.ErrTooSoon)
	want(t, r.EraseMonth(t.Context(), act("", "month.erase"), "april"), records.ErrInvalid)
	r.clock.set(date(2027, 5, 1))
	must(t, r.EraseMonth(t.Context(), act("", "month.erase"), "2027-04"))
	must(t, r.EraseMonth(t.Context(), act("", "month.erase"), "2027-04"))
	want(t, opens(old), vault.ErrShredded)
	must(t, opens(stays))
	_, err := r.read(stays)
	must(t, err)

	// The copy put back as the database: what expired is swept from it, what stays is read from it.
	r.wire.base = copied
	r.open()
	_, err = r.read(old)
	want(t, err, records.ErrNotFound)
	_, err = r.read(stays)
	must(t, err)
	_, err = r.Sweep(t.Context())
	must(t, err)
	_, err = copied.Read(t.Context(), store.Key{Tenant: practice, Kind: "case", ID: old.ID})
	want(t, err, store.ErrNotFound)
}

func TestErasedMonthsAreToldOnce(t *testing.T) {
	r := furnish(t, model(t))
	r.clock.set(date(2027, 5, 1))
	must(t, r.EraseMonth(t.Context(), act("", "month.erase"), "2027-04"))
	must(t, r.EraseMonth(t.Context(), act("", "month.erase"), "2027-04"))
	_, err := r.Sweep(t.Context())
	must(t, err)
	told := map[string][]string{}
	for _, e := range r.log(records.House) {
		if e.Kind == "month" {
			told[e.Reason] = append(told[e.Reason], e.Actor)
		}
	}
	if fmt.Sprint(told) != "map[2027-03:[system] 2027-04:[staff-7]]" {
		t.Errorf("told %v", told)
	}
}

func TestErasingOneRecord(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		rec := note("case", "x", spring)
		rec.Blind = r.ring.Blind(practice, "ref", "abc")
		rec = r.add(practice, rec)
		want(t, r.Erase(t.Context(), act(other, "case.erase"), "case", rec.ID), records.ErrNotFound)
		if log := r.log(other); len(log) != 1 || log[0].Outcome != trail.Denied {
			t.Errorf("the neighbour's log: %v", log)
		}
		r.clock.set(spring.Add(time.Hour)) // expired and not swept: erasing still works
		must(t, r.Erase(t.Context(), act(practice, "case.erase"), "case", rec.ID))
		if e := r.newest(); e.Effect != trail.Gone || e.Actor != "staff-7" || e.Rev != 1 {
			t.Errorf("the trail says %+v", e)
		}
		at := store.Key{Tenant: practice, Kind: "case", ID: rec.ID}
		_, err := b.Read(t.Context(), at)
		want(t, err, store.ErrNotFound)
		_, err = b.WrappedKey(t.Context(), at)
		want(t, err, store.ErrNotFound)
		hits, err := b.Find(t.Context(), practice, "case", rec.Blind)
		must(t, err)
		want(t, r.Erase(t.Context(), act(practice, "case.erase"), "case", rec.ID), records.ErrNotFound)
		want(t, r.Erase(t.Context(), act(practice, "case.erase"), "case", "Mrs Invented"), records.ErrNotFound)
		if len(hits) != 0 || len(r.log(practice)) != 4 {
			t.Errorf("%d hits, %d entries", len(hits), len(r.log(practice)))
		}
		r.sound()
	})
}

func TestErasingAnOrganisationLeavesItsLog(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		for i := range 130 {
			r.add(practice, note([]string{"case", "member", "session"}[i%3], "x", []time.Time{spring, summer, {}}[i/3%3]))
		}
		neighbour := r.add(other, note("case", "stays", summer))
		n, err := r.EraseOrganisation(t.Context(), act(practice, "organisation.erase"))
		must(t, err)
		if n != 130 {
			t.Errorf("%d of 130", n)
		}
		left := 0
		must(t, b.Export(t.Context(), func(item any) error {
			switch it := item.(type) {
			case store.Record:
				if it.Tenant == practice {
					left++
				}
			case store.ExportKey:
				if it.Tenant == practice {
					left++
				}
			}
			return nil
		}))
		entries := r.log(practice)
		last, house := entries[len(entries)-1], r.log(records.House)
		if left != 0 || len(entries) != 87*2+1 || last.Kind != "organisation" || house[len(house)-1].Reason != practice {
			t.Errorf("%d left, %d entries, last %+v", left, len(entries), last)
		}
		_, err = r.Read(t.Context(), act(other, "case.read"), "case", neighbour.ID)
		must(t, err)
		r.sound()
	})
}

// A legal hold moves 60 bytes to a later month; the month it was in goes without it.
func TestARecordOnHoldOutlivesItsMonth(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		rec := r.add(practice, note("case", "evidence", spring))
		held, err := r.Extend(t.Context(), act(practice, "case.hold"), op(), "case", rec.ID, summer)
		must(t, err)
		if held.Rev != 2 || !held.Expires.Equal(summer) || !held.Content.IsZero() {
			t.Errorf("held %+v", held)
		}
		wrapped, err := b.WrappedKey(t.Context(), store.Key{Tenant: practice, Kind: "case", ID: rec.ID})
		must(t, err)
		if wrapped.Bucket != "2027-08" {
			t.Errorf("the key lies in %s", wrapped.Bucket)
		}
		_, err = r.Extend(t.Context(), act(other, "case.hold"), op(), "case", rec.ID, summer)
		want(t, err, records.ErrNotFound)
		r.clock.set(date(2027, 5, 1))
		must(t, r.EraseMonth(t.Context(), act("", "month.erase"), "2027-04"))
		got, err := r.read(rec)
		must(t, err)
		if string(got.Content.Reveal()) != "evidence" {
			t.Error("another text")
		}
		if n := len(r.log(practice)); n != 3 {
			t.Errorf("%d entries", n)
		}
		r.sound()
	})
}

// A43: the sweeper is killed at each step in turn, before it or after it took effect, and begun again.
func TestASweeperKilledAnywhereGoesOn(t *testing.T) {
	killed := errors.New("killed")
	undisturbed := afterSweeps(t, nil, nil)
	for _, late := range []bool{false, true} {
		steps := 0
		for n := 1; ; n++ {
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
	named(practice, "stays", note("case", "e", date(2027, 11, 1)))
	named(practice, "standing", note("member", "f", time.Time{}))
	r.clock.set(date(2027, 7, 2)) // the month of the standing keys is over too
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
	r.clock.set(date(2027, 7, 1))
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
