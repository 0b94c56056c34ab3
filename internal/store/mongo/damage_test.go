package mongo_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/mongo"
	"waypost/internal/store/mongo/wiretest"
	"waypost/internal/trail"
)

func removed(bson.D) bson.D { return nil }

func with(field string, change func(any) any) func(bson.D) bson.D {
	return func(d bson.D) bson.D {
		for i, e := range d {
			if e.Key == field {
				d[i].Value = change(e.Value)
			}
		}
		return d
	}
}

// A log that was cut, put back or forged gets no new signature that covers it up.
func TestADamagedLogIsNotWrittenOn(t *testing.T) {
	leaf := func(n int) string { return fmt.Sprintf("practice-a %016x", n) }
	zero := func(any) any { return make([]byte, 32) }
	for _, c := range []struct {
		name, in, id string
		change       func(bson.D) bson.D
		audited      bool // a wrong size or root of the head alone is a nuisance; the signature still tells the truth
	}{
		{"newest leaf removed", "trail_leaf", leaf(2), removed, true},
		{"head removed", "trail_note", "practice-a", removed, true},
		{"head says less", "trail_note", "practice-a", with("size", func(any) any { return int64(2) }), false},
		{"head says more", "trail_note", "practice-a", with("size", func(any) any { return int64(4) }), false},
		{"head of another log", "trail_note", "practice-a", with("root", zero), false},
		{"signature gone", "trail_note", "practice-a", with("note", func(any) any { return []byte{} }), true},
		{"hash removed", "trail_hash", leaf(int(trail.FirstHash(2))), removed, true},
		{"hash forged", "trail_hash", leaf(int(trail.FirstHash(2))), with("hash", zero), true},
		{"hash cut short", "trail_hash", leaf(int(trail.FirstHash(2))), with("hash", func(any) any { return []byte{1} }), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := wiretest.New(t)
			e := on(t, s)
			for i := range 3 {
				if err := e.Commit(t.Context(), batch(t, "practice-a", fmt.Sprint("c-", i))); err != nil {
					t.Fatal(err)
				}
			}
			if !s.Edit(c.in, c.id, c.change) {
				t.Fatal("there is nothing to damage")
			}
			err := on(t, s).Commit(t.Context(), batch(t, "practice-a", "late"))
			if !errors.Is(err, store.ErrDamaged) {
				t.Errorf("a process that comes to it: %v", err)
			}
			if strings.Contains(c.name, "head") { // what the process that wrote it can see without reading the log again
				if err := e.Commit(t.Context(), batch(t, "practice-a", "late")); !errors.Is(err, store.ErrDamaged) {
					t.Errorf("the process that wrote it: %v", err)
				}
			}
			if n := len(s.Ids("record")); n != 3 {
				t.Errorf("%d records", n)
			}
			reports, err := store.Audit(t.Context(), e, store.Auditing{Keys: conform.Notary(t).Readers})
			if err != nil || len(reports) != 1 || c.audited && reports[0].Err() == nil && reports[0].Signed {
				t.Errorf("the audit found nothing: %v", err)
			}
			if err := e.Commit(t.Context(), batch(t, "practice-b", "other")); err != nil {
				t.Errorf("another organisation: %v", err)
			}
		})
	}
}

// A log whose head and beginning were removed does not begin anew under what is left of it.
func TestALogDoesNotBeginTwice(t *testing.T) {
	s := wiretest.New(t)
	e := on(t, s)
	for i := range 3 {
		if err := e.Commit(t.Context(), batch(t, "practice-a", fmt.Sprint("c-", i))); err != nil {
			t.Fatal(err)
		}
	}
	first := fmt.Sprintf("practice-a %016x", 0)
	if !s.Edit("trail_note", "practice-a", removed) || !s.Edit("trail_leaf", first, removed) || !s.Edit("trail_hash", first, removed) {
		t.Fatal("there is nothing to remove")
	}
	if err := e.Commit(t.Context(), batch(t, "practice-a", "late")); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a log that begins again: %v", err)
	}
}

// A record whose name was broken is damage, not somebody else's record.
func TestABrokenRecordIsDamage(t *testing.T) {
	s := wiretest.New(t)
	e := on(t, s)
	b := batch(t, "practice-a", "one")
	if err := e.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	s.Edit("record", "practice-a case one", with("rev", func(any) any { return "two" }))
	_, err := e.Read(t.Context(), b.Ops[0].Rec.Key)
	if !errors.Is(err, store.ErrDamaged) {
		t.Errorf("read: %v", err)
	}
	quiet(t, err)
}

// Ids of batches are forgotten after a week, and not before.
func TestOldIdsAreForgotten(t *testing.T) {
	s := wiretest.New(t)
	now := time.Now()
	e := on(t, s, func(o *mongo.Options) { o.Now = func() time.Time { return now } })
	old := batch(t, "practice-a", "old")
	for i := range 250 { // more than one page
		b := batch(t, "practice-a", fmt.Sprint("old-", i))
		b.Ops, b.Trail = nil, nil
		if err := e.Commit(t.Context(), b.Ready()); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Commit(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	now = now.Add(store.KeepBatches - time.Minute)
	if n, err := e.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("within the week %d were forgotten: %v", n, err)
	}
	young := batch(t, "practice-a", "young")
	if err := e.Commit(t.Context(), young); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	if n, err := e.Sweep(t.Context()); n != 251 || err != nil {
		t.Errorf("%d were forgotten: %v", n, err)
	}
	if err := e.Commit(t.Context(), young); err != nil {
		t.Errorf("a batch of this week: %v", err)
	}
	if err := e.Commit(t.Context(), old); !errors.Is(err, store.ErrDuplicate) {
		t.Errorf("a batch of last week: %v", err)
	}
}

// An answer of more than 16 MB comes in parts; none is missing.
func TestAPageTooLargeForOneMessage(t *testing.T) {
	s := wiretest.New(t)
	e := on(t, s, func(o *mongo.Options) { o.Timeout = 10 * time.Second })
	const many = 20
	for i := range many {
		b := batch(t, "practice-a", fmt.Sprintf("c-%02d", i))
		b.Ops[0].Rec.Blind = [][]byte{conform.Blind(1)}
		b.Ops[0].Rec.Due = conform.At().Add(time.Duration(i/18) * time.Hour)
		b.Ops[0].Rec.Sealed = []byte(strings.Repeat("s", store.SealedLimit))
		if err := e.Commit(t.Context(), b.Ready()); err != nil {
			t.Fatal(err)
		}
	}
	const all = store.PageLimit
	queue := func(limit int, after store.Cursor) []store.Record {
		page, err := e.Queue(t.Context(), store.Query{Tenant: "practice-a", Kind: "case", States: []string{"new", "old"}, After: after, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		return page.Records
	}
	found, err := e.Find(t.Context(), "practice-a", "case", [][]byte{conform.Blind(1)})
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string][]store.Record{
		"queue": queue(all, store.Cursor{}), "queue after a while": append(queue(1, store.Cursor{}), queue(all, store.Cursor{Due: conform.At(), ID: "c-00"})...),
		"found": found,
	} {
		for i := range many {
			if len(got) != many || got[i].ID != fmt.Sprintf("c-%02d", i) || len(got[i].Sealed) != store.SealedLimit {
				t.Fatalf("%s: %d records, another at %d", what, len(got), i)
			}
		}
	}
	if r, k, n := effects(t, e); r != many || k != many || n != many {
		t.Errorf("%d records, %d keys, %d entries", r, k, n)
	}
}
