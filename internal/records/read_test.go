package records_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		rec := note("case", "she counts the stairs", spring)
		rec.Blind = r.ring.Blind(practice, "ref", "abc")
		first := r.add(practice, rec)
		if first.Rev != 1 || !first.Created.Equal(today) {
			t.Errorf("revision %d made %s", first.Rev, first.Created)
		}
		first.Content, first.State = vault.Keep([]byte("she moved out")), "done"
		_, err := r.Write(t.Context(), act(practice, "case.change"), op(), records.Change{Verb: records.Put, Record: first})
		must(t, err)
		got, err := r.read(first)
		must(t, err)
		if string(got.Content.Reveal()) != "she moved out" || got.Rev != 2 || got.State != "done" || got.Schema != 1 ||
			!got.Created.Equal(today) || !got.Expires.Equal(spring) {
			t.Errorf("read back %+v", got)
		}
		found, err := r.Find(t.Context(), act(practice, "case.find"), "case", rec.Blind)
		must(t, err)
		if len(found) != 1 || string(found[0].Content.Reveal()) != "she moved out" {
			t.Errorf("found %d", len(found))
		}
		page, err := r.Queue(t.Context(), act(practice, "desk.queue"), "case", []string{"done"}, store.Cursor{}, 10)
		must(t, err)
		if len(page.Records) != 1 || page.Records[0].ID != first.ID || !page.Records[0].Content.IsZero() {
			t.Errorf("queue %+v", page)
		}
		counts, err := r.Count(t.Context(), act(practice, "desk.count"), "case", []string{"new", "done"})
		must(t, err)
		if counts["done"] != 1 || counts["new"] != 0 {
			t.Errorf("counts %v", counts)
		}
		_, err = r.Write(t.Context(), act(practice, "case.destroy"), op(), records.Change{Verb: records.Destroy, Record: got})
		must(t, err)
		_, err = r.read(first)
		want(t, err, records.ErrNotFound)
		_, err = b.WrappedKey(t.Context(), store.Key{Tenant: practice, Kind: "case", ID: first.ID})
		want(t, err, store.ErrNotFound)
		r.sound()
	})
}

func TestNoTrailNoAccess(t *testing.T) {
	for _, cause := range []error{store.ErrFull, store.ErrClosed, store.ErrDamaged, trail.ErrClock, context.DeadlineExceeded, errors.New("odd")} {
		t.Run(cause.Error(), func(t *testing.T) {
			r := furnish(t, model(t))
			rec := note("case", "he reads her post", spring)
			rec.Blind = r.ring.Blind(practice, "ref", "abc")
			rec = r.add(practice, rec)
			r.wire.before = func(_ int, name string) error {
				switch name {
				case "open":
					t.Error("a data key was opened without an entry")
				case "commit":
					return fmt.Errorf("store: %w", cause)
				}
				return nil
			}
			got, err := r.read(rec)
			want(t, err, records.ErrTrail)
			found, err := r.Find(t.Context(), act(practice, "case.find"), "case", rec.Blind)
			want(t, err, records.ErrTrail)
			page, err := r.Queue(t.Context(), act(practice, "desk.queue"), "case", []string{"new"}, store.Cursor{}, 10)
			want(t, err, records.ErrTrail)
			counts, err := r.Count(t.Context(), act(practice, "desk.count"), "case", []string{"new"})
			want(t, err, records.ErrTrail)
			if !got.Content.IsZero() || got.ID != "" || found != nil || page.Records != nil || counts != nil {
				t.Error("something was shown")
			}
			_, err = r.Read(t.Context(), act(practice, "case.read"), "case", "unknown-1")
			want(t, err, records.ErrTrail)
			want(t, r.Note(t.Context(), act(practice, "case.read"), trail.Denied, "case", rec.ID), records.ErrTrail)
			r.wire.before = only("commit", cause)
			if _, err = r.Extend(t.Context(), act(practice, "case.hold"), op(), "case", rec.ID, summer); err == nil {
				t.Error("extended without an entry")
			}
		})
	}
}

func TestTheEntryStandsBeforeTheContentIsOpened(t *testing.T) {
	r := furnish(t, model(t))
	rec := r.add(practice, note("case", "she keeps the key in her shoe", spring))
	var order []string
	r.wire.before = func(_ int, name string) error {
		order = append(order, name)
		return nil
	}
	_, err := r.read(rec)
	must(t, err)
	if got := fmt.Sprint(order); got != "[read wrapped commit open]" {
		t.Errorf("order %s", got)
	}
}

// A41: nobody sweeps, and the clock goes forward and back.
func TestExpiredIsNotFoundThoughNobodySweeps(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		rec := note("case", "until spring", spring)
		rec.Blind = r.ring.Blind(practice, "ref", "abc")
		rec = r.add(practice, rec)
		session := note("session", "until spring", spring)
		session = r.add(practice, session)
		r.clock.set(spring.Add(-time.Millisecond))
		_, err := r.read(rec)
		must(t, err)
		gone := func(when string) {
			t.Helper()
			_, err := r.read(rec)
			want(t, err, records.ErrNotFound)
			if e := r.newest(); e.Outcome != trail.Denied || e.Reason != "expired" {
				t.Errorf("%s: the trail says %s %s", when, e.Outcome, e.Reason)
			}
			_, err = r.read(session)
			want(t, err, records.ErrNotFound)
			found, err := r.Find(t.Context(), act(practice, "case.find"), "case", rec.Blind)
			must(t, err)
			page, err := r.Queue(t.Context(), act(practice, "desk.queue"), "case", []string{"new"}, store.Cursor{}, 10)
			must(t, err)
			if len(found)+len(page.Records) != 0 {
				t.Errorf("%s: found or queued", when)
			}
			again := rec
			again.Expires = summer
			for _, verb := range []records.Verb{records.Put, records.Destroy} {
				_, err = r.Write(t.Context(), act(practice, "case.change"), op(), records.Change{Verb: verb, Record: again})
				want(t, err, records.ErrNotFound)
			}
			_, err = r.Extend(t.Context(), act(practice, "case.hold"), op(), "case", rec.ID, summer)
			want(t, err, records.ErrNotFound)
		}
		r.clock.set(spring)
		gone("on the moment")
		r.clock.set(spring.Add(time.Hour))
		gone("an hour later")
		r.clock.set(spring.Add(time.Hour - trail.Slack))
		gone("a clock corrected within the slack")
		r.clock.set(today)
		_, err = r.read(session)
		want(t, err, records.ErrNotFound)
		_, err = r.read(rec)
		want(t, err, trail.ErrClock)
		want(t, err, records.ErrTrail)
	})
}

// "Not yours", "never was" and "no longer" are one answer; only the trail of whoever asked tells them apart.
func TestForeignUnknownAndExpiredLookTheSame(t *testing.T) {
	r := furnish(t, model(t))
	foreign := r.add(other, note("case", "next door", summer))
	old := r.add(practice, note("case", "old", spring))
	r.clock.set(spring)
	texts, work := map[string]bool{}, map[string]bool{}
	for id, reason := range map[string]string{
		foreign.ID: "unknown", "0190a5f0-0000-7000-8000-000000000000": "unknown", old.ID: "expired", "Mrs Invented": "unknown",
	} {
		before := len(r.log(practice))
		var calls []string
		r.wire.before = func(_ int, name string) error { calls = append(calls, name); return nil }
		got, err := r.Read(t.Context(), act(practice, "case.read"), "case", id)
		r.wire.before = nil
		want(t, err, records.ErrNotFound)
		texts[err.Error()], work[fmt.Sprint(calls)] = true, true
		if got.ID != "" || len(r.log(practice)) != before+1 {
			t.Error("something was shown, or the attempt was not written")
		}
		if e := r.newest(); e.Outcome != trail.Denied || e.Reason != reason || e.Kind != "case" || len(e.Ref) != 16 {
			t.Errorf("the trail says %+v", e)
		}
	}
	if len(texts) != 1 || len(work) != 1 {
		t.Errorf("told apart: %v, %v", texts, work)
	}
	if n := len(r.log(other)); n != 1 {
		t.Errorf("the neighbour's log has %d entries", n)
	}
}

func TestWhatIsNoRecordAboutAPersonLeavesNoEntry(t *testing.T) {
	r := furnish(t, model(t))
	s := r.add(practice, note("session", "staff-7", spring))
	_, err := r.read(s)
	must(t, err)
	_, err = r.Read(t.Context(), act(practice, "session.read"), "session", "unknown-1")
	want(t, err, records.ErrNotFound)
	want(t, r.Erase(t.Context(), act(practice, "session.end"), "session", "unknown-1"), records.ErrNotFound)
	must(t, r.Erase(t.Context(), act(practice, "session.end"), "session", s.ID))
	if n := len(r.log(practice)); n != 0 {
		t.Errorf("%d entries", n)
	}
	r.sound()
}

func TestMistakesOfTheCallerAreRefused(t *testing.T) {
	r := furnish(t, model(t))
	ok := note("case", "x", spring)
	ok.ID = "0190a5f0-0000-7000-8000-000000000001"
	with := func(change func(*records.Record)) records.Change {
		rec := ok
		change(&rec)
		return records.Change{Verb: records.Put, Record: rec}
	}
	for name, c := range map[string]records.Change{
		"kind":     with(func(r *records.Record) { r.Kind = "plan" }),
		"id":       with(func(r *records.Record) { r.ID = "Mrs Invented" }),
		"revision": with(func(r *records.Record) { r.Rev = -1 }),
		"expiry":   with(func(r *records.Record) { r.Expires = today }),
		"horizon":  with(func(r *records.Record) { r.Expires = date(2040, 1, 1) }),
		"state":    with(func(r *records.Record) { r.State = "Very New" }),
		"blind":    with(func(r *records.Record) { r.Blind = [][]byte{{1}} }),
		"verb":     {Record: ok},
		"destroy":  {Verb: records.Destroy, Record: ok},
	} {
		_, err := r.Write(t.Context(), act(practice, "case.open"), op(), c)
		if !errors.Is(err, records.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := r.Write(t.Context(), act(practice, "case.open"), [16]byte{}, with(func(*records.Record) {}))
	want(t, err, records.ErrInvalid)
	_, err = r.Write(t.Context(), act(practice, "case.open"), op())
	want(t, err, records.ErrInvalid)
	bad := act(practice, "case.open")
	bad.Reason = "Because Mrs Invented said so"
	_, err = r.Read(t.Context(), bad, "case", ok.ID)
	want(t, err, records.ErrInvalid)
	_, err = r.Read(t.Context(), act(practice, "case.read"), "plan", ok.ID)
	want(t, err, records.ErrInvalid)
	_, err = r.EraseOrganisation(t.Context(), act(records.House, "organisation.erase"))
	want(t, err, records.ErrInvalid)
	if n := len(r.log(practice)); n != 0 {
		t.Errorf("%d entries", n)
	}
	for _, k := range []records.Kind{{Name: "Case"}, {Name: "case"}, {Name: "trail-key"}} {
		c := r.config
		c.Kinds = append(kinds(), k)
		_, err := records.Open(t.Context(), c)
		want(t, err, records.ErrConfig)
	}
	_, err = records.Open(t.Context(), records.Config{})
	want(t, err, records.ErrConfig)
}
