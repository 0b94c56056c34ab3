package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/sqlite"
	"waypost/internal/trail"
)

const (
	childDir     = "WAYPOST_STORE_CHILD_DIR"
	childRound   = "WAYPOST_STORE_CHILD_ROUND"
	childWriters = 4
)

// TestMain runs the test binary as the process that is killed, if its environment says so.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(dir, os.Getenv(childRound)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// written is the i-th batch of one writer in one round: the same whenever it is made. Every third one also changes a
// record that stands, every fifth deletes the one before it together with its key.
func written(round string, w, i int) store.Batch {
	id := func(i int) string { return fmt.Sprintf("r%s-w%d-%d", round, w, i) }
	r := conform.Record("practice-a", id(i), 1, "sealed "+id(i))
	b := store.Batch{Tenant: "practice-a", Ops: []store.Op{{Verb: store.Insert, Rec: r}},
		Keys: []store.KeyOp{{Key: r.Key, Put: &store.WrappedKey{Bucket: "2027-03", Wrapped: []byte("wrapped")}}}}
	if i%5 == 4 {
		before := conform.Record("practice-a", id(i-1), 1, "").Key
		b.Ops = append(b.Ops, conform.Gone(before, 1))
		b.Keys = append(b.Keys, store.KeyOp{Key: before})
	} else if i%5 == 2 {
		before := conform.Record("practice-a", id(i-1), 2, "changed "+id(i-1))
		b.Ops = append(b.Ops, store.Op{Verb: store.Replace, Rec: before})
	}
	for range b.Ops {
		b.Trail = append(b.Trail, conform.Entry(conform.At(), "case.change"))
	}
	sum := trail.Sum([]byte(id(i)))
	copy(b.ID[:], sum[:])
	return b.Ready()
}

func child(dir, round string) error {
	notary, err := childNotary()
	if err != nil {
		return err
	}
	ctx := context.Background()
	e, err := sqlite.Open(ctx, dir, sqlite.Options{Notary: notary, Now: time.Now, Ballast: 1 << 20})
	if err != nil {
		return err
	}
	var out sync.Mutex
	var wg sync.WaitGroup
	errs := make(chan error, childWriters+2)
	for w := range childWriters {
		wg.Go(func() {
			for i := 0; ; i++ {
				if err := e.Commit(ctx, written(round, w, i)); err != nil {
					errs <- err
					return
				}
				out.Lock()
				_ = binary.Write(os.Stdout, binary.BigEndian, [2]uint32{uint32(w), uint32(i)})
				out.Unlock()
			}
		})
	}
	wg.Go(func() {
		for {
			if err := e.Backup(ctx, io.Discard); err != nil {
				errs <- fmt.Errorf("backup: %w", err)
			}
			if _, err := e.Sweep(ctx); err != nil {
				errs <- fmt.Errorf("sweep: %w", err)
			}
		}
	})
	return <-errs
}

func childNotary() (*trail.Notary, error) {
	private, public, err := trail.NewKey(conform.Ids("notary"), "waypost.conform")
	if err != nil {
		return nil, err
	}
	return trail.NewNotary(private, public)
}

// killed starts a child and kills it after that time; it returns the newest acknowledged batch of each writer, or -1.
func killed(t *testing.T, dir, round string, after time.Duration) (newest [childWriters]int, acknowledged int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childRound+"="+round)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	newest = [childWriters]int{-1, -1, -1, -1}
	for in := bufio.NewReader(out); ; acknowledged++ {
		var line [2]uint32
		if err := binary.Read(in, binary.BigEndian, &line); err != nil {
			break // its end, or a line half written
		}
		newest[line[0]] = int(line[1])
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("round %s: the child was not killed but ended: %v", round, err)
	}
	return newest, acknowledged
}

func TestAKilledProcessLosesNothingItAcknowledged(t *testing.T) {
	t.Parallel()
	rounds, series := 200, 25
	if testing.Short() {
		rounds, series = 24, 12
	}
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 1))
	var total, extra, early int
	var dir string
	var entries int64 // that the log must have, no more and no less
	reach := startsIn(t)
	for round := range rounds {
		if round%series == 0 {
			dir = t.TempDir()
			oldBatches(t, dir)
			entries = 0
		}
		name := fmt.Sprint(round)
		newest, n := killed(t, dir, name, reach/4+time.Duration(dice.Int64N(int64(reach+50*time.Millisecond))))
		total += n
		if n == 0 {
			early++
		}
		extra += survived(t, dir, name, newest)
		for w, last := range newest {
			for i := 0; i <= last+1; i++ {
				entries += int64(len(written(name, w, i).Trail))
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d, round %d", seed, round)
		}
		if round%series == series-1 || round == rounds-1 {
			whole(t, dir, entries)
		}
	}
	t.Logf("seed %d: %d rounds, %d of them killed before the first acknowledgement, %d batches acknowledged, %d present without it", seed, rounds, early, total, extra)
	if total == 0 {
		t.Error("every child was killed before it did anything: this shows nothing")
	}
}

// startsIn measures how long a child takes to its first acknowledgement, so that a slow machine kills no earlier.
func startsIn(t *testing.T) time.Duration {
	begun := time.Now()
	stop := childAt(t, t.TempDir())
	defer stop()
	return time.Since(begun)
}

// oldBatches gives the children something to sweep.
func oldBatches(t *testing.T, dir string) {
	opts := options(t)
	opts.Now = func() time.Time { return time.Now().Add(-2 * store.KeepBatches) }
	e := open(t, dir, opts)
	var wg sync.WaitGroup
	for i := range 300 {
		wg.Go(func() {
			b := store.Batch{Tenant: "practice-old", Trail: [][]byte{conform.Entry(conform.At(), "case.read")}}
			binary.BigEndian.PutUint32(b.ID[:], uint32(i+1))
			if err := e.Commit(t.Context(), b.Ready()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

// survived opens what the killed process left and looks for each acknowledged batch, then sends the newest ones and
// those that nobody heard of again.
func survived(t *testing.T, dir, round string, newest [childWriters]int) (unheard int) {
	e := open(t, dir, options(t))
	defer e.Close()
	ctx := t.Context()
	size := func() int64 {
		h, err := e.TrailHead(ctx, "practice-a")
		if err != nil {
			t.Fatal(err)
		}
		return h.Size
	}
	for w, last := range newest {
		for i := 0; i <= last; i++ {
			key := written(round, w, i).Ops[0].Rec.Key
			r, err := e.Read(ctx, key)
			_, keyErr := e.WrappedKey(ctx, key)
			switch gone := i%5 == 3 && i < last; {
			case gone && !(errors.Is(err, store.ErrNotFound) && errors.Is(keyErr, store.ErrNotFound)):
				t.Errorf("round %s: batch %d of writer %d: an acknowledged deletion was lost: %v, %v", round, i, w, err, keyErr)
			case !gone && i%5 == 3 && i == last: // the next batch, which may have been committed unheard, deletes it
			case !gone && (err != nil || keyErr != nil):
				t.Errorf("round %s: batch %d of writer %d was acknowledged and is lost: %v, %v", round, i, w, err, keyErr)
			case i%5 == 1 && i < last && r.Rev != 2:
				t.Errorf("round %s: batch %d of writer %d: an acknowledged change was lost", round, i, w)
			}
		}
		before := size()
		for i := max(0, last-3); i <= last; i++ {
			if err := e.Commit(ctx, written(round, w, i)); err != nil {
				t.Errorf("round %s: an acknowledged batch sent again: %v", round, err)
			}
		}
		if size() != before {
			t.Errorf("round %s: a batch sent again had a second effect", round)
		}
		next := written(round, w, last+1)
		if _, err := e.Read(ctx, next.Ops[0].Rec.Key); err == nil {
			unheard++
		}
		for range 2 {
			if err := e.Commit(ctx, next); err != nil {
				t.Errorf("round %s: the batch that nobody heard of, sent again: %v", round, err)
			}
		}
	}
	return unheard
}

// whole holds the entries of the log against the records, and the file against SQLite's own check.
func whole(t *testing.T, dir string, entries int64) {
	e := open(t, dir, options(t))
	reports, err := store.Audit(t.Context(), e, store.Auditing{Keys: conform.Notary(t).Readers})
	if err != nil {
		t.Fatal(err)
	}
	var records, keys int64
	for _, r := range reports {
		if r.Err() != nil {
			t.Error(r.Err())
		}
		if r.Log == "practice-a" && r.Size != entries {
			t.Errorf("%d entries for changes that were made once each and have %d", r.Size, entries)
		}
	}
	err = e.Export(t.Context(), func(item any) error {
		switch item.(type) {
		case store.ExportKey:
			keys++
		case store.Record:
			records++
		}
		return nil
	})
	if err != nil || keys != records {
		t.Errorf("%d records, %d keys: %v", records, keys, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "backup-*")); err != nil || len(left) != 0 {
		t.Errorf("killed backups were left behind: %d, %v", len(left), err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "waypost.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var said string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&said); err != nil || said != "ok" {
		t.Errorf("integrity check: %q, %v", said, err)
	}
	var broken int
	if err := db.QueryRow("SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken); err != nil || broken != 0 {
		t.Errorf("foreign keys: %d, %v", broken, err)
	}
}

// childAt starts a child, waits until it has the directory, and returns how to end it.
func childAt(t *testing.T, dir string) (stop func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childRound+"=beside")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ended bool
	stop = func() {
		if !ended {
			ended = true
			_ = cmd.Process.Kill()
			_, _ = io.Copy(io.Discard, out)
			_ = cmd.Wait()
		}
	}
	t.Cleanup(stop)
	var line [2]uint32
	if err := binary.Read(out, binary.BigEndian, &line); err != nil {
		t.Fatal(err)
	}
	return stop
}
