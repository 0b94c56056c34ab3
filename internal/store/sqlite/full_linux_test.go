package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/sqlite"
)

const ownMounts = "WAYPOST_STORE_OWN_MOUNTS"

// disk mounts a small disk of that many megabytes. A process that may not mount runs the test again as one that may, in
// namespaces of its own, which anybody may have who was not forbidden it. Then there is no disk here, and no more to do.
func disk(t *testing.T, megabytes int) (dir string, here bool) {
	t.Helper()
	dir = t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes))
	forbidden := errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES)
	switch {
	case forbidden && os.Getenv(ownMounts) == "":
		elsewhere(t)
		return "", false
	case forbidden:
		t.Skipf("NOT TESTED: this machine lets nobody mount a disk, in a namespace of its own neither: %v", err)
	case err != nil:
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir, true
}

func elsewhere(t *testing.T) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), ownMounts+"=yes")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	switch {
	case cmd.Process == nil:
		t.Skipf("NOT TESTED: this machine lets nobody mount a disk, and forbids a namespace of one's own: %v", err)
	case err != nil:
		t.Fatalf("in a namespace of its own: %v\n%s", err, out)
	case !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Skipf("%s", out)
	}
}

// opened is like open, but closed before the disk is unmounted by the test itself.
func opened(t *testing.T, dir string) *sqlite.Engine {
	t.Helper()
	e, err := sqlite.Open(t.Context(), dir, options(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// take fills so much of a disk with a file of somebody else.
func take(t *testing.T, dir, name string, bytes int64) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), make([]byte, bytes), 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

// fillUp writes from several sides until the disk is full and returns what was acknowledged.
func fillUp(t *testing.T, e *sqlite.Engine, name string) (kept []string) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var refused []string
	for w := range 8 {
		wg.Go(func() {
			for i := range 10_000 {
				id := fmt.Sprintf("%s-%d-%d", name, w, i)
				err := e.Commit(t.Context(), kilobyte(id))
				mu.Lock()
				if err == nil {
					kept = append(kept, id)
				} else {
					refused = append(refused, id)
				}
				mu.Unlock()
				if err != nil && !errors.Is(err, store.ErrFull) {
					t.Errorf("a full disk is not called full: %v", err)
				}
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, id := range refused {
		if has(t, e, id) {
			t.Errorf("%s was refused and is there", id)
		}
	}
	return kept
}

func allThere(t *testing.T, e *sqlite.Engine, ids []string) {
	t.Helper()
	for _, id := range ids {
		if !has(t, e, id) {
			t.Fatalf("%s was acknowledged and is lost", id)
		}
	}
}

func TestAFullDiskNeverStopsADeletion(t *testing.T) {
	dir, here := disk(t, 4)
	if !here {
		return
	}
	e := opened(t, dir)
	if at, err := e.Condition(); err != nil || !at.Ballast || at.Free == 0 {
		t.Fatalf("condition of a new store: %+v, %v", at, err)
	}
	kept := fillUp(t, e, "a")
	t.Logf("%d records until the disk was full", len(kept))
	if len(kept) < 300 {
		t.Errorf("only %d records fit", len(kept))
	}
	allThere(t, e, kept)
	if page, err := e.Queue(t.Context(), store.Query{Tenant: "practice-a", Kind: "case", States: []string{"new"}, Limit: 50}); err != nil || len(page.Records) != 50 {
		t.Errorf("the queue on a full disk: %d, %v", len(page.Records), err)
	}
	head, err := e.TrailHead(t.Context(), "practice-a")
	if err != nil || head.Size != int64(len(kept)) {
		t.Errorf("%d entries for %d records: %v", head.Size, len(kept), err)
	}
	if at, _ := e.Condition(); !at.Ballast {
		t.Error("ordinary writing used the room kept back for erasing")
	}

	for i, id := range kept[:100] {
		switch at, err := e.Condition(); { // erasing empties the write-ahead log; somebody else takes that room as well
		case err != nil:
			t.Fatal(err)
		case at.Ballast:
			take(t, dir, fmt.Sprint("other-", i), at.Free)
		case at.Free > 1<<20:
			take(t, dir, fmt.Sprint("other-", i), at.Free-1<<20)
		}
		if err := e.Commit(t.Context(), erasing(id)); err != nil {
			t.Fatalf("erasing %d on a full disk: %v", i, err)
		}
		if has(t, e, id) {
			t.Fatal("erased and still there")
		}
	}
	at, err := e.Condition()
	if err != nil || at.Ballast {
		t.Errorf("the ballast was not needed, so this test shows nothing: %+v, %v", at, err)
	}
	if err := e.Commit(t.Context(), looked("look")); err != nil {
		t.Errorf("an entry of the trail on a full disk: %v", err)
	}
	if at, err := e.Condition(); err != nil || at.Free < 300<<10 {
		t.Errorf("condition: %+v, %v", at, err)
	} else {
		take(t, dir, "other-last", at.Free-150<<10)
	}
	if err := e.Commit(t.Context(), looked("look again")); !errors.Is(err, store.ErrFull) {
		t.Errorf("the trail uses the last of what was freed: %v", err)
	}
	if err := e.Commit(t.Context(), erasing(kept[101])); err != nil {
		t.Errorf("erasing with the last that is left: %v", err)
	}
	if err := e.Commit(t.Context(), kilobyte("more")); !errors.Is(err, store.ErrFull) {
		t.Errorf("an ordinary batch uses what was freed for erasing: %v", err)
	}
	if err := e.Probe(t.Context()); !errors.Is(err, store.ErrFull) {
		t.Errorf("probe without the ballast: %v", err)
	}

	if err := e.Close(); err != nil {
		t.Errorf("close on a full disk: %v", err)
	}
	e = opened(t, dir)
	allThere(t, e, kept[102:])
	if err := e.Commit(t.Context(), erasing(kept[100])); err != nil {
		t.Errorf("erasing after the next start: %v", err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=24m"); err != nil {
		t.Fatal(err)
	}
	if err := e.Commit(t.Context(), kilobyte("more")); err != nil {
		t.Errorf("a larger disk: %v", err)
	}
	if at, err := e.Condition(); err != nil || !at.Ballast {
		t.Errorf("the ballast was not put back: %+v, %v", at, err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// Somebody else's files may take the last byte while we are not running, so that SQLite cannot even begin.
func TestAStoreOpensOnADiskWithoutAByteLeft(t *testing.T) {
	dir, here := disk(t, 6)
	if !here {
		return
	}
	e := opened(t, dir)
	if err := e.Commit(t.Context(), kilobyte("first")); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	take(t, dir, "other", 6<<20)
	e = opened(t, dir)
	if !has(t, e, "first") {
		t.Error("the record is gone")
	}
	if err := e.Commit(t.Context(), kilobyte("second")); !errors.Is(err, store.ErrFull) {
		t.Errorf("an ordinary batch: %v", err)
	}
	if err := e.Commit(t.Context(), erasing("first")); err != nil {
		t.Errorf("erasing: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	if err := e.Commit(t.Context(), kilobyte("second")); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// A backup needs as much room as the database. Without it, it fails, leaves nothing behind and disturbs nobody.
func TestABackupThatDoesNotFitIsTakenBack(t *testing.T) {
	dir, here := disk(t, 8)
	if !here {
		return
	}
	e := opened(t, dir)
	for i := range 1800 {
		if err := e.Commit(t.Context(), kilobyte(fmt.Sprint("r-", i))); err != nil {
			t.Fatal(err)
		}
	}
	var written atomic.Int64
	err := e.Backup(t.Context(), counted{&written})
	if !errors.Is(err, store.ErrFull) || written.Load() != 0 {
		t.Errorf("got %v, %d bytes handed out", err, written.Load())
	}
	if left, err := filepath.Glob(filepath.Join(dir, "backup-*")); err != nil || len(left) != 0 {
		t.Errorf("%d files left behind: %v", len(left), err)
	}
	if err := e.Commit(t.Context(), kilobyte("after")); err != nil {
		t.Errorf("a batch after it: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

type counted struct{ n *atomic.Int64 }

func (c counted) Write(p []byte) (int, error) { c.n.Add(int64(len(p))); return len(p), nil }

func TestARestoreOntoAFullDiskSaysSo(t *testing.T) {
	dir, here := disk(t, 2)
	if !here {
		return
	}
	if err := sqlite.Restore(t.Context(), dir, strings.NewReader(strings.Repeat("x", 4<<20))); !errors.Is(err, store.ErrFull) {
		t.Errorf("got %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.*")); err != nil || len(left) != 0 {
		t.Errorf("%d files left behind: %v", len(left), err)
	}
}

func TestAReadOnlyDirectoryIsRefusedInPlainWords(t *testing.T) {
	dir, here := disk(t, 8)
	if !here {
		return
	}
	e := opened(t, dir)
	if err := errors.Join(e.Commit(t.Context(), kilobyte("first")), e.Close()); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatalf("make the disk read-only: %v", err)
	}
	begun := time.Now()
	_, err := sqlite.Open(t.Context(), dir, options(t))
	if !errors.Is(err, syscall.EROFS) || time.Since(begun) > time.Second {
		t.Errorf("got %v after %s", err, time.Since(begun))
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	e = opened(t, dir)
	if !has(t, e, "first") {
		t.Error("the record is gone")
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
