package conform

import (
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
)

func records(t *testing.T, open Open) {
	g := on(t, open)
	full := Record("practice-a", "one", 1, "\x00\xff sealed \x80")
	full.State, full.Due, full.Created = "", At().Add(time.Millisecond), At().Add(-time.Hour)
	full.Expires = time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC)
	full.Blind = [][]byte{Blind(2), Blind(1)}
	bare := store.Record{Meta: store.Meta{Key: store.Key{Tenant: "practice-a", Kind: "case", ID: "bare"}, Rev: 1<<62 + 1}, Sealed: []byte{0}}
	early := Record("practice-a", "early", 1, "x")
	early.Due = time.Time{}.Add(time.Millisecond)
	g.must("practice-a", insert(full), insert(bare), insert(early))
	for _, want := range []store.Record{full, bare, early} {
		if got := g.read(want.Key); show(got) != show(want) {
			g.Errorf("came back otherwise:\n got %s\nwant %s", show(got), show(want))
		}
	}
	if got := g.read(bare.Key); !got.Expires.IsZero() || !got.Due.IsZero() {
		g.Errorf("the zero time came back as %v, %v", got.Expires, got.Due)
	}

	for _, k := range []store.Key{
		{Tenant: "practice-b", Kind: "case", ID: "one"}, {Tenant: "practice-a", Kind: "staff", ID: "one"},
		{Tenant: "practice-a", Kind: "case", ID: "on"},
	} {
		_, err := g.Read(t.Context(), k)
		g.refuses("a key next to it", err, store.ErrNotFound)
	}

	next := full
	next.Rev, next.State, next.Sealed, next.Created, next.Blind = 2, "done", []byte("other"), At().Add(time.Hour), [][]byte{Blind(3)}
	g.must("practice-a", replace(next))
	want := next
	want.Created = full.Created
	if got := g.read(next.Key); show(got) != show(want) {
		g.Errorf("replaced:\n got %s\nwant %s", show(got), show(want))
	}
	for n, found := range map[int]int{1: 0, 2: 0, 3: 1} {
		if got, err := g.Find(t.Context(), "practice-a", "case", [][]byte{Blind(n)}); err != nil || len(got) != found {
			g.Errorf("blind value %d after a replacement finds %d: %v", n, len(got), err)
		}
	}

	g.refuses("insert of a key that is taken", g.commit("practice-a", insert(full)), store.ErrDuplicate)
	g.refuses("replacement of revision 1", g.commit("practice-a", replace(next)), store.ErrConflict)
	g.refuses("replacement of what is not there", g.commit("practice-a", replace(Record("practice-a", "none", 2, "x"))), store.ErrNotFound)
	g.refuses("deletion of revision 1", g.commit("practice-a", Gone(full.Key, 1)), store.ErrConflict)
	g.refuses("deletion of what is not there", g.commit("practice-a", Gone(Record("practice-a", "none", 1, "x").Key, 1)), store.ErrNotFound)
	g.must("practice-a", Gone(full.Key, 2))
	_, err := g.Read(t.Context(), full.Key)
	g.refuses("read of what was deleted", err, store.ErrNotFound)
	if got, err := g.Find(t.Context(), "practice-a", "case", [][]byte{Blind(3)}); err != nil || len(got) != 0 {
		g.Errorf("a deleted record is found: %v", err)
	}
	g.must("practice-a", insert(full))
	if got := g.read(full.Key); show(got) != show(full) {
		g.Errorf("inserted again:\n got %s\nwant %s", show(got), show(full))
	}

	most := Record("practice-a", "most", 1, strings.Repeat("s", store.SealedLimit))
	for n := range store.BlindLimit {
		most.Blind = append(most.Blind, Blind(100+n))
	}
	g.must("practice-a", insert(most))
	if got := g.read(most.Key); show(got) != show(most) {
		g.Error("the largest record came back otherwise")
	}
}

func batches(t *testing.T, open Open) {
	g := on(t, open)
	k := func(id string) store.Key { return Record("practice-a", id, 1, "").Key }
	b := g.batch("practice-a", insert(Record("practice-a", "one", 1, "x")), put(k("one"), "2027-03", "wrapped"), Entry(At(), "case.make"))
	for range 3 {
		if err := g.Commit(t.Context(), b); err != nil {
			t.Fatalf("the same batch again: %v", err)
		}
	}
	g.must("practice-a", Gone(k("one"), 1))
	if err := g.Commit(t.Context(), b); err != nil {
		t.Errorf("the same batch after its record was deleted: %v", err)
	}
	_, err := g.Read(t.Context(), k("one"))
	g.refuses("a batch sent again has no second effect", err, store.ErrNotFound)
	if h, err := g.TrailHead(t.Context(), "practice-a"); err != nil || h.Size != 1 {
		t.Errorf("a batch sent again was logged again: %d, %v", h.Size, err)
	}
	other := b
	other.Ops = []store.Op{insert(Record("practice-a", "two", 1, "x"))}
	g.refuses("its id with other content", g.Commit(t.Context(), other.Ready()), store.ErrReused)
	elsewhere := g.batch("practice-b", insert(Record("practice-b", "one", 1, "x")))
	elsewhere.ID = b.ID
	if err := g.Commit(t.Context(), elsewhere); err != nil {
		t.Errorf("its id for another organisation: %v", err)
	}

	before := g.all()
	late := Entry(At().Add(-time.Hour), "case.read")
	for _, c := range []struct {
		name  string
		want  error
		parts []any
	}{
		{"a duplicate after an insert", store.ErrDuplicate, []any{insert(Record("practice-b", "new", 1, "x")), insert(Record("practice-b", "one", 1, "x"))}},
		{"a conflict after an insert", store.ErrConflict, []any{insert(Record("practice-b", "new", 1, "x")), Gone(store.Key{Tenant: "practice-b", Kind: "case", ID: "one"}, 7)}},
		{"a missing record after a deletion", store.ErrNotFound, []any{Gone(store.Key{Tenant: "practice-b", Kind: "case", ID: "one"}, 1), replace(Record("practice-b", "new", 2, "x"))}},
		{"a missing key after a record and its entry", store.ErrNotFound, []any{
			insert(Record("practice-b", "new", 1, "x")), put(store.Key{Tenant: "practice-b", Kind: "case", ID: "new"}, "2027-03", "w"),
			destroy(store.Key{Tenant: "practice-b", Kind: "case", ID: "none"}), Entry(At(), "case.make")}},
	} {
		b := g.batch("practice-b", c.parts...)
		for range 2 {
			g.refuses(c.name, g.Commit(t.Context(), b), c.want)
		}
		g.same(c.name+" changed something", g.all(), before)
	}
	g.refuses("an entry of a clock set back", g.commit("practice-a", insert(Record("practice-a", "new", 1, "x")), Entry(At(), "case.make"), late), trail.ErrClock)
	g.same("a clock set back changed something", g.all(), before)

	refusedOnce := g.batch("practice-a", replace(Record("practice-a", "later", 2, "x")))
	g.refuses("too early", g.Commit(t.Context(), refusedOnce), store.ErrNotFound)
	g.must("practice-a", insert(Record("practice-a", "later", 1, "x")))
	if err := g.Commit(t.Context(), refusedOnce); err != nil {
		t.Errorf("a batch that was refused is no batch that was committed: %v", err)
	}

	caller := g.batch("practice-a", insert(Record("practice-a", "mine", 1, "mine")))
	if err := g.Commit(t.Context(), caller); err != nil {
		t.Fatal(err)
	}
	copy(caller.Ops[0].Rec.Sealed, "yours")
	if got := g.read(k("mine")); string(got.Sealed) != "mine" {
		t.Error("the store keeps the caller's bytes, not its own")
	}
}

func marks(t *testing.T, open Open) {
	g := on(t, open)
	m, ok := g.Store.(store.Marks)
	if !ok {
		t.Fatal("the engine keeps no marks")
	}
	_, err := m.Mark(t.Context(), "keyring")
	g.refuses("a mark nobody put", err, store.ErrNotFound)
	for _, value := range []string{"one", strings.Repeat("m", store.MarkLimit), "two"} {
		if err := m.PutMark(t.Context(), "keyring", []byte(value)); err != nil {
			t.Fatal(err)
		}
		if got, err := m.Mark(t.Context(), "keyring"); err != nil || string(got) != value {
			t.Errorf("mark: %q, %v", got, err)
		}
	}
	_, err = m.Mark(t.Context(), "other")
	g.refuses("another mark", err, store.ErrNotFound)
	g.refuses("a mark too long", m.PutMark(t.Context(), "keyring", make([]byte, store.MarkLimit+1)), store.ErrInvalid)
	g.refuses("an empty mark", m.PutMark(t.Context(), "keyring", nil), store.ErrInvalid)
	g.refuses("a name that is no code", m.PutMark(t.Context(), "Key ring", []byte("x")), store.ErrInvalid)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = m.Mark(t.Context(), "keyring")
	g.refuses("mark after close", err, store.ErrClosed)
	g.refuses("put mark after close", m.PutMark(t.Context(), "keyring", []byte("x")), store.ErrClosed)
}
