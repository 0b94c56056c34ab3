package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/trail"
)

// practice fills a store with the records of a few organisations, some of them erased again.
func practice(t *testing.T, s store.Store) {
	t.Helper()
	ids := conform.Ids("practice")
	for i := range 400 {
		tenant := fmt.Sprintf("practice-%d", i%3)
		r := conform.Record(tenant, fmt.Sprint("c-", i), 1, "sealed")
		r.Blind = [][]byte{conform.Blind(i)}
		b := store.Batch{Tenant: tenant, Ops: []store.Op{{Verb: store.Insert, Rec: r}},
			Keys:  []store.KeyOp{{Key: r.Key, Put: &store.WrappedKey{Bucket: "2027-03", Wrapped: []byte("wrapped")}}},
			Trail: [][]byte{conform.Entry(conform.At(), "case.make")}}
		if i%5 == 4 {
			before := store.Key{Tenant: tenant, Kind: "case", ID: fmt.Sprint("c-", i-3)}
			b.Ops = append(b.Ops, conform.Gone(before, 1))
			b.Keys = append(b.Keys, store.KeyOp{Key: before})
		}
		if _, err := ids.Read(b.ID[:]); err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(t.Context(), b.Ready()); err != nil {
			t.Fatal(err)
		}
	}
}

func contents(t *testing.T, s store.Store) []string {
	t.Helper()
	out, err := conform.Contents(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACopyHoldsAllAndMayBeBegunAgain(t *testing.T) {
	from, to := conform.NewModel(conform.Notary(t)), conform.NewModel(conform.Notary(t))
	practice(t, from)
	broken := errors.New("the plug was pulled")
	left := 3
	err := store.Copy(t.Context(), from, pulled{to, &left, broken}, nil)
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if got := contents(t, to); len(got) == 0 || len(got) >= len(contents(t, from)) {
		t.Fatalf("%d items after half a copy", len(got))
	}
	told := 0
	for range 2 {
		if err := store.Copy(t.Context(), from, to, func(items int) {
			if items <= 0 {
				t.Error("told of nothing")
			}
			told = items
		}); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, to); !slices.Equal(got, contents(t, from)) {
			t.Errorf("%d items came over, or others", len(got))
		}
		if want := len(contents(t, from)) - 3; told != want { // all but the three heads
			t.Errorf("told of %d items, want %d", told, want)
		}
		told = 0
	}
}

type pulled struct {
	store.Store
	left *int
	err  error
}

func (p pulled) Commit(ctx context.Context, b store.Batch) error {
	if *p.left--; *p.left < 0 {
		return p.err
	}
	return p.Store.Commit(ctx, b)
}

// tampered hands out an export in which something was changed.
type tampered struct {
	store.Store
	change func(any) any
}

func (s tampered) Export(ctx context.Context, take func(any) error) error {
	return s.Store.Export(ctx, func(item any) error {
		if item = s.change(item); item == nil {
			return nil
		}
		return take(item)
	})
}

func TestACopyRefusesALogThatWasTamperedWith(t *testing.T) {
	leaf := func(change func(*store.ExportLeaf) bool) func(any) any {
		return func(item any) any {
			if l, ok := item.(store.ExportLeaf); ok && l.Tenant == "practice-1" {
				if !change(&l) {
					return nil
				}
				return l
			}
			return item
		}
	}
	for name, change := range map[string]func(any) any{
		"an entry left out":       leaf(func(l *store.ExportLeaf) bool { return l.N != 7 }),
		"the first entry cut off": leaf(func(l *store.ExportLeaf) bool { return l.N != 0 }),
		"an entry renumbered": leaf(func(l *store.ExportLeaf) bool {
			l.Leaf = []byte(strings.Replace(string(l.Leaf), "seq 7\n", "seq 8\n", 1))
			return true
		}),
		"an entry that is none": leaf(func(l *store.ExportLeaf) bool { l.Leaf = []byte("no leaf"); return true }),
	} {
		from := conform.NewModel(conform.Notary(t))
		practice(t, from)
		err := store.Copy(t.Context(), tampered{from, change}, conform.NewModel(nil), nil)
		if err == nil || !errors.Is(err, trail.ErrTampered) && !errors.Is(err, trail.ErrEntry) {
			t.Errorf("%s: %v", name, err)
		}
	}
	from, to := conform.NewModel(nil), conform.NewModel(nil)
	practice(t, from)
	other := store.Batch{ID: [16]byte{1}, Tenant: "practice-1", Trail: [][]byte{conform.Entry(conform.At(), "case.other")}}.Ready()
	if err := to.Commit(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if err := store.Copy(t.Context(), from, to, nil); !errors.Is(err, trail.ErrTampered) {
		t.Errorf("into a store that has a log of its own: %v", err)
	}
}

func TestAnAuditNamesTheLogThatIsWrong(t *testing.T) {
	from := conform.NewModel(conform.Notary(t))
	practice(t, from)
	keys := conform.Notary(t).Readers
	reports, err := store.Audit(t.Context(), from, store.Auditing{Keys: keys})
	if err != nil || len(reports) != 3 {
		t.Fatalf("%d logs: %v", len(reports), err)
	}
	for _, r := range reports {
		if r.Err() != nil || !r.Signed {
			t.Errorf("a sound log: %v", r.Err())
		}
	}
	bad := tampered{from, func(item any) any {
		if l, ok := item.(store.ExportLeaf); ok && l.Tenant == "practice-1" && l.N == 3 {
			l.Hashes = [][32]byte{{1}}
			return l
		}
		return item
	}}
	reports, err = store.Audit(t.Context(), bad, store.Auditing{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		if (r.Err() != nil) != (r.Log == "practice-1") {
			t.Errorf("%s: %v", r.Log, r.Err())
		}
	}
	head, err := from.TrailHead(t.Context(), "practice-2")
	if err != nil {
		t.Fatal(err)
	}
	reports, err = store.Audit(t.Context(), conform.NewModel(nil), store.Auditing{Keys: keys, Kept: map[string][][]byte{"practice-2": {head.Note}}})
	if err != nil || len(reports) != 1 || !errors.Is(reports[0].Err(), trail.ErrTampered) {
		t.Errorf("a log that is wholly gone: %v, %v", reports, err)
	}
	stopped := tampered{from, func(any) any { panic("not reached") }}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Audit(gone, stopped, store.Auditing{Keys: keys}); !errors.Is(err, context.Canceled) {
		t.Errorf("an audit nobody waits for: %v", err)
	}
}

// careless is a store that writes another entry than it was given, as many.
type careless struct{ store.Store }

func (s careless) Commit(ctx context.Context, b store.Batch) error {
	if len(b.Trail) > 0 {
		entry, err := trail.Entry{At: conform.At(), Actor: "nobody", Action: "case.open", Outcome: trail.Done, Effect: trail.None}.Encode()
		if err != nil {
			return err
		}
		b.Trail = append(slices.Clone(b.Trail[1:]), entry)
		b = b.Ready()
	}
	return s.Store.Commit(ctx, b)
}

func TestACopyWhoseLogIsAnotherIsRefused(t *testing.T) {
	from := conform.NewModel(conform.Notary(t))
	practice(t, from)
	if err := store.Copy(t.Context(), from, careless{conform.NewModel(conform.Notary(t))}, nil); !errors.Is(err, trail.ErrTampered) {
		t.Errorf("got %v", err)
	}
	longer := conform.NewModel(conform.Notary(t)) // what is there already belongs to somebody else
	entry, err := trail.Entry{At: conform.At(), Actor: "nobody", Action: "case.open", Outcome: trail.Done, Effect: trail.None}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := longer.Commit(t.Context(), store.Batch{ID: [16]byte{1}, Tenant: "practice-1", Trail: [][]byte{entry}}.Ready()); err != nil {
		t.Fatal(err)
	}
	if err := store.Copy(t.Context(), from, longer, nil); !errors.Is(err, trail.ErrTampered) {
		t.Errorf("behind another log: %v", err)
	}
}
