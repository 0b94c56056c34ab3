package conform

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
)

func trails(t *testing.T, open Open) {
	g := on(t, open)
	if h, err := g.TrailHead(t.Context(), "practice-a"); err != nil || h.Size != 0 || h.Note != nil {
		t.Errorf("the empty log: %v, %v", h, err)
	}
	notary := Notary(t)
	var edge trail.Edge
	var leaves [][]byte
	var hashes [][32]byte
	for i := range 21 {
		var parts []any
		for range 1 + i%3 {
			entry := Entry(At().Add(time.Duration(i)*time.Second), fmt.Sprintf("case.step-%d", i))
			next, leaf, hs, err := edge.Append(entry)
			if err != nil {
				t.Fatal(err)
			}
			edge, leaves, hashes = next, append(leaves, leaf), append(hashes, hs...)
			parts = append(parts, entry)
		}
		g.must("practice-a", parts...)
		g.must("practice-b", Entry(At(), "case.read"))
		h, err := g.TrailHead(t.Context(), "practice-a")
		if err != nil || h.Size != edge.Size {
			t.Fatalf("head: %d, want %d: %v", h.Size, edge.Size, err)
		}
		if c, err := notary.Open(h.Note); err != nil || c != edge.Head("practice-a") {
			t.Fatalf("signed head at %d: %v, %v", edge.Size, c, err)
		}
	}
	for after, want := range map[string]string{"": "practice-a", "practice-a": "practice-b", "practice": "practice-a", "practice-b": ""} {
		next, err := g.NextLog(t.Context(), after)
		if next != want || (want == "") != errors.Is(err, store.ErrNotFound) {
			t.Errorf("the log after %q: %q, %v", after, next, err)
		}
	}
	if _, err := g.NextLog(t.Context(), "Not A Code"); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a name that is no code: %v", err)
	}
	got, err := store.Edge(t.Context(), g.Store, "practice-a")
	if err != nil || got.Head("practice-a") != edge.Head("practice-a") {
		t.Errorf("edge from what is stored: %v, %v", got, err)
	}
	read, err := g.TrailRead(t.Context(), "practice-a", 0, store.ListLimit)
	if err != nil || !slices.EqualFunc(read, leaves, bytes.Equal) {
		t.Errorf("leaves came back otherwise: %d of %d, %v", len(read), len(leaves), err)
	}
	read, err = g.TrailRead(t.Context(), "practice-a", 7, 5)
	if err != nil || !slices.EqualFunc(read, leaves[7:12], bytes.Equal) {
		t.Errorf("leaves 7 to 11: %d, %v", len(read), err)
	}
	if read, err = g.TrailRead(t.Context(), "practice-a", edge.Size, 5); err != nil || len(read) != 0 {
		t.Errorf("leaves beyond the end: %d, %v", len(read), err)
	}
	var pos []int64
	var want [][32]byte
	for i := range hashes { // not in order
		p := (i * 5) % len(hashes)
		pos, want = append(pos, int64(p)), append(want, hashes[p])
	}
	if hs, err := g.TrailHashes(t.Context(), "practice-a", pos); err != nil || !slices.Equal(hs, want) {
		t.Errorf("hashes came back otherwise: %v", err)
	}
	_, err = g.TrailHashes(t.Context(), "practice-a", []int64{0, int64(len(hashes))})
	g.refuses("a hash beyond the end", err, store.ErrNotFound)
	_, err = g.TrailHashes(t.Context(), "practice-c", []int64{0})
	g.refuses("a hash of the empty log", err, store.ErrNotFound)
	proof, err := trail.ProveGrowth(edge.Size, 3, store.Hashes(t.Context(), g.Store, "practice-a"))
	if err != nil || len(proof) == 0 {
		t.Errorf("proof of growth: %v", err)
	}
	audited(g, notary)
}

// audited: what the store holds passes an audit, records and all.
func audited(g given, notary *trail.Notary) {
	ref := func(k store.Key) []byte { s := trail.Sum([]byte(k.Kind + k.ID)); return s[:] }
	r := Record("practice-d", "one", 1, "x")
	e, err := trail.Entry{At: At(), Actor: "staff-1", Action: "case.make", Outcome: trail.Done, Kind: "case", Ref: ref(r.Key),
		Effect: trail.Put, Rev: 1, Record: trail.Sum(r.Sealed)}.Encode()
	if err != nil {
		g.Fatal(err)
	}
	g.must("practice-d", insert(r), e)
	head, err := g.TrailHead(g.Context(), "practice-d")
	if err != nil {
		g.Fatal(err)
	}
	reports, err := store.Audit(g.Context(), g.Store, store.Auditing{
		Keys: notary.Readers, Refer: ref, Kept: map[string][][]byte{"practice-d": {head.Note}},
	})
	if err != nil || len(reports) != 3 {
		g.Fatalf("audit: %d logs, %v", len(reports), err)
	}
	for _, r := range reports {
		if r.Err() != nil || !r.Signed {
			g.Errorf("audit of a sound log: %v, signed %v", r.Err(), r.Signed)
		}
	}
}

func exports(t *testing.T, open Open) {
	g := on(t, open)
	m := NewModel(Notary(t))
	both := func(tenant string, parts ...any) {
		b := g.batch(tenant, parts...)
		if err := errors.Join(g.Commit(t.Context(), b), m.Commit(t.Context(), b)); err != nil {
			t.Fatal(err)
		}
	}
	for i, tenant := range []string{"practice-b", "practice-a", "practice-c", "practice-a"} {
		r := Record(tenant, fmt.Sprintf("c-%d", 9-i), 1, "x")
		r.Blind = [][]byte{Blind(2), Blind(1)}
		both(tenant, insert(r), put(r.Key, "2027-03", "w"))
	}
	both("practice-c", Entry(At(), "case.read"), Entry(At(), "case.read"), Entry(At(), "case.read"))
	both("practice-a", Entry(At(), "case.read"))
	want, err := Contents(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	g.same("export", g.all(), want)

	stop := errors.New("enough")
	seen := 0
	err = g.Export(t.Context(), func(any) error {
		if seen++; seen == 3 {
			return stop
		}
		return nil
	})
	g.refuses("an error of the function", err, stop)
	if seen != 3 {
		t.Errorf("it was called %d times after its error", seen-3)
	}
	onePicture(g)
}

// onePicture: while one writer adds a record with its entry, an export never shows one without the other, and writing
// from inside the function neither blocks nor shows.
func onePicture(g given) {
	var wg sync.WaitGroup
	made := make([]store.Batch, 60)
	for i := range made {
		made[i] = g.batch("practice-e", insert(Record("practice-e", fmt.Sprintf("c-%03d", i), 1, "x")), Entry(At(), "case.make"))
	}
	wg.Go(func() {
		for _, b := range made {
			if err := g.Commit(g.Context(), b); err != nil {
				g.Errorf("commit: %v", err)
				return
			}
		}
	})
	for round := range 12 {
		var entries, records int
		wrote := false
		err := g.Export(g.Context(), func(item any) error {
			switch it := item.(type) {
			case store.ExportLeaf:
				if it.Tenant == "practice-e" {
					entries++
				}
			case store.Record:
				if it.Tenant == "practice-e" {
					records++
				}
			}
			if wrote {
				return nil
			}
			wrote = true
			return g.commit("practice-f", insert(Record("practice-f", fmt.Sprintf("z-%d", round), 1, "x")))
		})
		if err != nil || entries != records {
			g.Errorf("a picture of %d entries and %d records: %v", entries, records, err)
		}
	}
	wg.Wait()
}
