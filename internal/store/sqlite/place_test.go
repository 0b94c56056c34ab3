package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/sqlite"
)

func TestTheDataDirectoryIsForOneProcessOnly(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, options(t))
	if _, err := sqlite.Open(t.Context(), dir, options(t)); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("opened twice by one process: %v", err)
	}
	if err := e.Commit(t.Context(), one("first")); err != nil {
		t.Errorf("the first is disturbed by the attempt: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*-*")); err != nil || len(left) != 0 {
		t.Errorf("a clean end leaves %d files beside the database: %v", len(left), err)
	}
	stop := childAt(t, dir)
	if _, err := sqlite.Open(t.Context(), dir, options(t)); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("opened beside another process: %v", err)
	}
	stop()
	again := open(t, dir, options(t))
	if !has(t, again, "first") {
		t.Error("what stood there is gone")
	}
}

func TestNobodyElseMayLookIntoTheDirectory(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "new", "data")
	e := open(t, dir, options(t))
	if err := e.Commit(t.Context(), one("first")); err != nil {
		t.Fatal(err)
	}
	look := func() {
		t.Helper()
		seen := 0
		err := filepath.Walk(dir, func(path string, at os.FileInfo, err error) error {
			seen++
			if err != nil {
				return err
			}
			want := os.FileMode(0o600)
			if at.IsDir() {
				want = 0o700
			}
			if at.Mode().Perm() != want {
				t.Errorf("%s is %o", filepath.Base(path), at.Mode().Perm())
			}
			return nil
		})
		if err != nil || seen < 4 {
			t.Errorf("%d files: %v", seen, err)
		}
	}
	look()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(filepath.Join(dir, "waypost.db"), 0o644)); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir, options(t))
	if err := e.Commit(t.Context(), one("second")); err != nil {
		t.Fatal(err)
	}
	look()
}

func TestAForeignOrNewerDatabaseIsRefusedAndLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   error
	}{
		"another program's":      {"CREATE TABLE t (x); INSERT INTO t VALUES (1)", sqlite.ErrForeign},
		"another program's mark": {"PRAGMA application_id = 7; CREATE TABLE t (x)", sqlite.ErrForeign},
		"another program's, WAL": {"PRAGMA journal_mode = WAL; CREATE TABLE t (x)", sqlite.ErrForeign},
		"a newer Waypost's":      {"PRAGMA application_id = 0x57415950; PRAGMA user_version = 2; CREATE TABLE t (x)", sqlite.ErrNewer},
		"no database at all":     {"", sqlite.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "waypost.db")
			if c.script == "" {
				if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
					t.Fatal(err)
				}
			} else {
				alter(t, dir, c.script)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := sqlite.Open(t.Context(), dir, options(t)); !errors.Is(err, c.want) {
					t.Errorf("got %v", err)
				}
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
}

// alter changes a database behind the engine's back.
func alter(t *testing.T, dir, script string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "waypost.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedDatabaseIsFound(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, options(t))
	for i := range 200 {
		b := one("r-" + time.Duration(i).String())
		b.Ops[0].Rec.Sealed = bytes.Repeat([]byte{1}, 4000)
		if err := e.Commit(t.Context(), b.Ready()); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "waypost.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	for page := int64(20); page < 60; page++ {
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xee}, 4096), page*4096); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	opts := options(t)
	opts.CheckFirst = true
	if _, err := sqlite.Open(t.Context(), dir, opts); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("opened after a check that was asked for: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "waypost.db-wal"), make([]byte, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), dir, options(t)); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("opened after an unclean stop: %v", err)
	}
	e = open(t, dir, options(t))
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		at, err := e.Condition()
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("condition: %+v, %v", at, err)
		}
		if at.Checked {
			if !at.Damaged {
				t.Error("the check in the background found nothing")
			}
			break
		}
	}
	if err := e.Commit(t.Context(), one("after")); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("writing to a damaged database: %v", err)
	}
	if err := e.Probe(t.Context()); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("probe of a damaged database: %v", err)
	}
}

func TestABackupOpensAsWhatItWasTakenFrom(t *testing.T) {
	e := open(t, t.TempDir(), options(t))
	for _, id := range []string{"one", "two", "three"} {
		if err := e.Commit(t.Context(), one(id)); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.PutMark(t.Context(), "keyring", []byte("7")); err != nil {
		t.Fatal(err)
	}
	want, err := conform.Contents(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	copied := open(t, restored(t, e), options(t))
	got, err := conform.Contents(t.Context(), copied)
	if err != nil || len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%d of %d: %v", len(got), len(want), err)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("item %d came back otherwise", i)
		}
	}
	if m, err := copied.Mark(t.Context(), "keyring"); err != nil || string(m) != "7" {
		t.Errorf("the mark is not in the backup: %q, %v", m, err)
	}
	broken := errors.New("the tape is full")
	if err := e.Backup(t.Context(), failing{broken}); !errors.Is(err, broken) {
		t.Errorf("a backup that could not be handed out: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Backup(gone, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a backup nobody waits for: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// restored puts a backup into a directory of its own.
func restored(t *testing.T, e *sqlite.Engine) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.Backup(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := sqlite.Restore(t.Context(), dir, &b); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestARestoreTakesOnlyAWholeBackupAndReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir, options(t))
	for _, id := range []string{"one", "two"} {
		if err := e.Commit(t.Context(), one(id)); err != nil {
			t.Fatal(err)
		}
	}
	var good bytes.Buffer
	if err := e.Backup(t.Context(), &good); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), dir, bytes.NewReader(good.Bytes())); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("over a running store: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), dir, bytes.NewReader(good.Bytes())); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a database: %v", err)
	}
	// A killed process leaves its log beside the database. Whoever moves the database away alone is told so, for SQLite would
	// lay the pages of that log over those of the backup.
	killed, apart := t.TempDir(), t.TempDir()
	stop := childAt(t, killed)
	stop()
	left, err := os.ReadFile(filepath.Join(killed, "waypost.db-wal"))
	if err != nil || len(left) == 0 {
		t.Fatalf("a killed process left a log of %d bytes: %v", len(left), err)
	}
	if err := os.WriteFile(filepath.Join(apart, "waypost.db-wal"), left, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), apart, bytes.NewReader(good.Bytes())); !errors.Is(err, os.ErrExist) {
		t.Errorf("under the log of another database: %v", err)
	}
	torn := bytes.Clone(good.Bytes())
	copy(torn[5*4096:], bytes.Repeat([]byte{0xee}, 4096))
	for name, bad := range map[string][]byte{"half a backup": good.Bytes()[:good.Len()/2], "no backup": []byte("hello"), "nothing": nil, "a damaged one": torn} {
		to := t.TempDir()
		if err := sqlite.Restore(t.Context(), to, bytes.NewReader(bad)); err == nil {
			t.Errorf("%s was taken", name)
		}
		if left, err := filepath.Glob(filepath.Join(to, "*.*")); err != nil || len(left) != 0 {
			t.Errorf("%s left %d files: %v", name, len(left), err)
		}
	}
}
