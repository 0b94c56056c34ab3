package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/sqlite"
)

func one(id string) store.Batch {
	b := store.Batch{Tenant: "practice-a", Ops: []store.Op{{Verb: store.Insert, Rec: conform.Record("practice-a", id, 1, "sealed "+id)}},
		Trail: [][]byte{conform.Entry(conform.At(), "case.make")}}
	copy(b.ID[:], fmt.Sprintf("%16s", id))
	return b.Ready()
}

func has(t *testing.T, s store.Store, id string) bool {
	t.Helper()
	_, err := s.Read(t.Context(), conform.Record("practice-a", id, 1, "").Key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

type work = func(exec func(string, ...any) error) error

// grouped holds the writer until everything is waiting, so that all of it lands in one transaction.
func grouped(t *testing.T, e *sqlite.Engine, todo ...func() error) []error {
	t.Helper()
	held, release := make(chan struct{}), make(chan struct{})
	go func() {
		_ = e.Do(context.Background(), func(func(string, ...any) error) error { close(held); <-release; return nil })
	}()
	<-held
	errs := make([]error, len(todo))
	done := make(chan struct{})
	for i, f := range todo {
		go func() { errs[i] = f(); done <- struct{}{} }()
	}
	time.Sleep(50 * time.Millisecond)
	close(release)
	for range todo {
		<-done
	}
	return errs
}

func TestARefusedBatchLeavesTheOthersOfItsGroupAlone(t *testing.T) {
	e := open(t, t.TempDir(), options(t))
	twice, half := one("twice"), one("half")
	twice.ID[0]++
	half.Ops = append(half.Ops, one("taken").Ops...) // refused when part of it is written
	half = half.Ready()
	if err := e.Commit(t.Context(), one("taken")); err != nil {
		t.Fatal(err)
	}
	errs := grouped(t, e, func() error { return e.Commit(t.Context(), one("first")) },
		func() error { return e.Commit(t.Context(), one("twice")) },
		func() error { return e.Commit(t.Context(), twice) },
		func() error { return e.Commit(t.Context(), one("last")) },
		func() error { return e.Commit(t.Context(), half) })
	if errs[0] != nil || errs[3] != nil || (errs[1] == nil) == (errs[2] == nil) || !errors.Is(errors.Join(errs[1], errs[2]), store.ErrDuplicate) {
		t.Fatalf("got %v", errs)
	}
	for range 2 { // sent again by itself it is refused as well
		if !errors.Is(errs[4], store.ErrDuplicate) || has(t, e, "half") {
			t.Errorf("refused with %v, and part of it is there: %v", errs[4], has(t, e, "half"))
		}
		errs[4] = e.Commit(t.Context(), half)
	}
	if h, err := e.TrailHead(t.Context(), "practice-a"); err != nil || h.Size != 4 {
		t.Errorf("four batches, %d entries: %v", h.Size, err)
	}
}

// On a full disk or a fault of it SQLite may roll back the whole transaction, acknowledged savepoints and all.
func TestAFaultFailsEveryBatchOfTheGroup(t *testing.T) {
	broken := errors.New("the disk is on fire")
	for name, c := range map[string]struct {
		fault work
		want  error
	}{
		"a statement fails": {func(exec func(string, ...any) error) error { return broken }, broken},
		"SQLite rolled back by itself": {func(exec func(string, ...any) error) error {
			return exec("ROLLBACK")
		}, nil},
		"the commit fails": {func(exec func(string, ...any) error) error {
			if err := exec("PRAGMA defer_foreign_keys = ON"); err != nil {
				return err
			}
			return exec("INSERT INTO blind (tenant, kind, value, id) VALUES ('practice-a', 'case', x'00', 'nobody')")
		}, store.ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			e := open(t, t.TempDir(), options(t))
			errs := grouped(t, e, func() error { return e.Commit(t.Context(), one("first")) },
				func() error { return e.Do(t.Context(), c.fault) },
				func() error { return e.Commit(t.Context(), one("last")) })
			for i, err := range errs {
				if err == nil || c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("batch %d: got %v, want %v", i, err, c.want)
				}
			}
			if has(t, e, "first") || has(t, e, "last") {
				t.Error("a batch that was told it failed is there")
			}
			for _, id := range []string{"first", "last"} {
				if err := e.Commit(t.Context(), one(id)); err != nil || !has(t, e, id) {
					t.Errorf("the same batch after the fault: %v", err)
				}
			}
			if h, err := e.TrailHead(t.Context(), "practice-a"); err != nil || h.Size != 2 {
				t.Errorf("two batches, %d entries: %v", h.Size, err)
			}
		})
	}
}

func TestWhoLosesPatienceHasWrittenNothing(t *testing.T) {
	e := open(t, t.TempDir(), options(t))
	errs := grouped(t, e, func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		return e.Commit(ctx, one("first"))
	})
	if !errors.Is(errs[0], context.DeadlineExceeded) || has(t, e, "first") {
		t.Errorf("got %v, written: %v", errs[0], has(t, e, "first"))
	}
}

func TestOldBatchIdsAreForgottenAndYoungOnesKept(t *testing.T) {
	opts := options(t)
	var passed atomic.Int64
	begun := time.Now()
	opts.Now = func() time.Time { return begun.Add(time.Duration(passed.Load())) }
	e := open(t, t.TempDir(), opts)
	for i := range 3 {
		if err := e.Commit(t.Context(), one(fmt.Sprint("old-", i))); err != nil {
			t.Fatal(err)
		}
	}
	passed.Store(int64(store.KeepBatches))
	if err := e.Commit(t.Context(), one("young")); err != nil {
		t.Fatal(err)
	}
	if n, err := e.Sweep(t.Context()); err != nil || n != 0 {
		t.Errorf("swept %d too early: %v", n, err)
	}
	passed.Add(int64(time.Millisecond))
	if n, err := e.Sweep(t.Context()); err != nil || n != 3 {
		t.Errorf("swept %d of 3: %v", n, err)
	}
	if err := e.Commit(t.Context(), one("young")); err != nil {
		t.Errorf("a batch that is still known: %v", err)
	}
	if err := e.Commit(t.Context(), one("old-0")); !errors.Is(err, store.ErrDuplicate) {
		t.Errorf("a batch that is forgotten: %v", err)
	}
}
