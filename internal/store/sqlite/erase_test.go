package sqlite_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/sqlite"
	"waypost/internal/trail"
)

// Bytes that stand inside sealed bytes and nowhere else.
const (
	canaryShort = "CANARY-4f1c-short"
	canaryLong  = "CANARY-9b7e-long"
	canaryOld   = "CANARY-2d60-replaced"
	canaryKey   = "CANARY-77aa-wrapped"
)

// canaries counts, in every file of the directory and in a backup, how often each is found.
func canaries(t *testing.T, dir string, e *sqlite.Engine) map[string]int {
	t.Helper()
	found := map[string]int{}
	look := func(data []byte) {
		for _, c := range []string{canaryShort, canaryLong, canaryOld, canaryKey} {
			found[c] += bytes.Count(data, []byte(c))
		}
	}
	err := filepath.Walk(dir, func(path string, at os.FileInfo, err error) error {
		if err != nil || at.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		look(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if e != nil {
		var b bytes.Buffer
		if err := e.Backup(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		look(b.Bytes())
	}
	return found
}

func TestWhatIsErasedIsNowhereInTheFiles(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, options(t))
	short, long := kilobyte("short"), kilobyte("long")
	short.Ops[0].Rec.Sealed = []byte("sealed " + canaryOld + " sealed")
	short.Keys[0].Put.Wrapped = []byte(canaryKey)
	long.Ops[0].Rec.Sealed = []byte(strings.Repeat(canaryLong+strings.Repeat("\x00", 900), 100)) // over many pages
	next := one("next")
	next.Ops[0] = store.Op{Verb: store.Replace, Rec: conform.Record("practice-a", "short", 2, canaryShort)}
	beside := kilobyte("beside")
	for _, b := range []store.Batch{short, long, beside, next} {
		if err := e.Commit(t.Context(), b.Ready()); err != nil {
			t.Fatal(err)
		}
	}
	for c, n := range canaries(t, dir, e) {
		if n == 0 {
			t.Errorf("%s is not found while it stands, so this test shows nothing", c)
		}
	}
	gone := erasing("short")
	gone.Ops[0].Rec.Rev = 2
	for _, b := range []store.Batch{gone, erasing("long")} {
		if err := e.Commit(t.Context(), b.Ready()); err != nil {
			t.Fatal(err)
		}
	}
	for c, n := range canaries(t, dir, e) {
		if n > 0 {
			t.Errorf("%s is found %d times after it was erased", c, n)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for c, n := range canaries(t, dir, nil) {
		if n > 0 {
			t.Errorf("%s is found %d times after the end", c, n)
		}
	}
}

// Somebody who still looks at an older picture keeps erased bytes in the write-ahead log, and only as long as that.
func TestAReaderHoldsErasureBackNoLongerThanItReads(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, options(t))
	b := kilobyte("short")
	b.Ops[0].Rec.Sealed = []byte(canaryShort)
	if err := e.Commit(t.Context(), b.Ready()); err != nil {
		t.Fatal(err)
	}
	err := e.Export(t.Context(), func(any) error {
		err := e.Commit(t.Context(), erasing("short"))
		if err != nil && errors.Is(err, store.ErrNotFound) {
			return nil // the second item
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); canaries(t, dir, nil)[canaryShort] > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("erased bytes are still there long after the reader has gone")
		}
	}
}

func refer(k store.Key) []byte { s := trail.Sum([]byte(k.Kind + k.ID)); return s[:] }

// told is one batch with its own entry in full, as the rooms above write it.
func told(t *testing.T, id string, rev int64, sealed string) store.Batch {
	t.Helper()
	r := conform.Record("practice-a", id, rev, sealed)
	entry, err := trail.Entry{At: conform.At(), Actor: "staff-1", Action: "case.change", Outcome: trail.Done, Kind: "case",
		Ref: refer(r.Key), Effect: trail.Put, Rev: rev, Record: trail.Sum(r.Sealed)}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	b := store.Batch{Tenant: "practice-a", Ops: []store.Op{{Verb: store.Insert, Rec: r}}, Trail: [][]byte{entry}}
	if rev > 1 {
		b.Ops[0].Verb = store.Replace
	}
	sum := trail.Sum([]byte(id + sealed))
	copy(b.ID[:], sum[:])
	return b.Ready()
}

func faults(t *testing.T, s store.Store, kept ...[]byte) map[string]bool {
	t.Helper()
	reports, err := store.Audit(t.Context(), s, store.Auditing{
		Keys: conform.Notary(t).Readers, Refer: refer, Kept: map[string][][]byte{"practice-a": kept},
	})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, r := range reports {
		for _, f := range r.Faults {
			found[f.What] = true
		}
	}
	return found
}

func TestAnAuditFindsWhatWasPutBack(t *testing.T) {
	e := open(t, t.TempDir(), options(t))
	must := func(b store.Batch) {
		t.Helper()
		if err := e.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	must(told(t, "one", 1, "first"))
	must(told(t, "two", 1, "first"))
	old := restored(t, e)
	must(told(t, "one", 2, "second"))
	must(told(t, "three", 1, "first"))
	head, err := e.TrailHead(t.Context(), "practice-a")
	if err != nil {
		t.Fatal(err)
	}
	if found := faults(t, e, head.Note); len(found) != 0 {
		t.Fatalf("a sound store has faults: %v", found)
	}
	for name, c := range map[string]struct{ script, want string }{
		"a record's older revision": {"UPDATE record SET rev = 1, sealed = CAST('first' AS BLOB) WHERE id = 'one'", trail.Altered},
		"a record edited":           {"UPDATE record SET sealed = CAST('other' AS BLOB) WHERE id = 'two'", trail.Altered},
		"a record removed":          {"DELETE FROM record WHERE id = 'two'", trail.Vanished},
		"a record of nobody": {"INSERT INTO record SELECT tenant, kind, 'four', rev, state, due, created, expires, blinds, sealed FROM record WHERE id = 'two'",
			trail.Unlogged},
		"the log cut":                {"DELETE FROM trail_leaf WHERE n = 3; DELETE FROM trail_hash WHERE pos >= 4", trail.Shortened},
		"the whole log removed":      {"DELETE FROM trail_leaf; DELETE FROM trail_hash; DELETE FROM trail_note", trail.Shortened},
		"the leaves removed":         {"DELETE FROM trail_leaf; DELETE FROM trail_hash", trail.Shortened},
		"a hash changed":             {"UPDATE trail_hash SET hash = zeroblob(32) WHERE pos = 2", trail.BadHash},
		"two entries changed places": {"UPDATE trail_leaf SET n = 9 WHERE n = 1; UPDATE trail_leaf SET n = 1 WHERE n = 2; UPDATE trail_leaf SET n = 2 WHERE n = 9", trail.BadOrder},
		"the signed head removed":    {"DELETE FROM trail_note", trail.Headless},
	} {
		t.Run(name, func(t *testing.T) {
			dir := restored(t, e)
			alter(t, dir, c.script)
			e := open(t, dir, options(t))
			if found := faults(t, e, head.Note); !found[c.want] {
				t.Errorf("found %v, want %q", found, c.want)
			}
			if strings.Contains(c.script, "trail_leaf SET n = 9") || strings.Contains(c.script, "pos = 2") || !strings.Contains(c.script, "trail_") {
				return // the end of the log is as it was
			}
			if c.script == "DELETE FROM trail_leaf; DELETE FROM trail_hash; DELETE FROM trail_note" {
				return // to the writer a new log, to the kept head a fork
			}
			if err := e.Commit(t.Context(), told(t, "five", 1, "first")); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("a log that does not match its head gets a new one: %v", err)
			}
			if err := e.Commit(t.Context(), func() store.Batch { b := told(t, "five", 1, "first"); b.Trail = nil; return b.Ready() }()); err != nil {
				t.Errorf("what has nothing to do with the log: %v", err)
			}
		})
	}
	back := open(t, old, options(t))
	if found := faults(t, back); len(found) != 0 {
		t.Errorf("without a kept head an old database looks sound, %v", found)
	}
	if found := faults(t, back, head.Note); !found[trail.Shortened] {
		t.Errorf("an old database put back: %v", found)
	}
	if err := back.Commit(t.Context(), told(t, "one", 2, "another second")); err != nil {
		t.Fatal(err)
	}
	if err := back.Commit(t.Context(), told(t, "six", 1, "first")); err != nil {
		t.Fatal(err)
	}
	if found := faults(t, back, head.Note); !found[trail.BadRoot] {
		t.Errorf("an old database put back and used: %v", found)
	}
}
