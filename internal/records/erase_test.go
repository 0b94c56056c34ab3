package records_test

import (
	"fmt"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// A12: an old copy of the database and the present keyring open nothing of an erased month; other months open.
func TestAfterEraseMonthAnOldCopyDoesNotOpen(t *testing.T) {
	dir := t.TempDir()
	r := furnish(t, embedded(t, dir))
	old, stays := r.add(practice, note("case", "old", spring)), r.add(practice, note("case", "stays", summer))
	copied := embedded(t, backup(t, r.wire.base))
	opens := func(rec records.Record) error { return opensBy(t, copied, r.ring, rec) }
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

// Whoever asked for a record to be erased must not hear that it is not there while it is.
func TestErasingWhatSomebodyKeepsWriting(t *testing.T) {
	r := furnish(t, model(t))
	rec := r.add(practice, note("case", "x", spring))
	busy := true
	r.wire.before = func(_ int, name string) error {
		if !busy || name != "commit" {
			return nil
		}
		busy = false // the write of another passes
		next := rec
		next.Content = vault.Keep([]byte("y"))
		written, err := r.Write(t.Context(), act(practice, "case.note"), op(), records.Change{Verb: records.Put, Record: next})
		must(t, err)
		rec, busy = written[0], len(r.log(practice)) < 20
		return nil
	}
	want(t, r.Erase(t.Context(), act(practice, "case.erase"), "case", rec.ID), records.ErrConflict)
	r.wire.before = nil
	if e := r.newest(); e.Outcome != trail.Failed || e.Reason != "conflict" || e.Action != "case.erase" {
		t.Errorf("the trail says %+v", e)
	}
	must(t, r.Erase(t.Context(), act(practice, "case.erase"), "case", rec.ID))
	r.sound()
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
