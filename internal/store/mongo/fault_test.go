package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/mongo"
	"waypost/internal/store/mongo/wiretest"
)

const (
	transient = "TransientTransactionError"
	unknown   = "UnknownTransactionCommitResult"
)

// batch is a record with its key and its entry.
func batch(t testing.TB, tenant, id string) store.Batch {
	t.Helper()
	r := conform.Record(tenant, id, 1, "sealed")
	b := store.Batch{
		Tenant: tenant, Ops: []store.Op{{Verb: store.Insert, Rec: r}},
		Keys:  []store.KeyOp{{Key: r.Key, Put: &store.WrappedKey{Bucket: "2027-03", Wrapped: []byte("wrapped")}}},
		Trail: [][]byte{conform.Entry(conform.At(), "case.make")},
	}
	if _, err := io.ReadFull(conform.Ids(t.Name(), id), b.ID[:]); err != nil {
		t.Fatal(err)
	}
	return b.Ready()
}

// effects counts what the batches of one organisation left behind.
func effects(t testing.TB, s store.Store) (records, keys, entries int) {
	t.Helper()
	err := s.Export(t.Context(), func(item any) error {
		switch item.(type) {
		case store.Record:
			records++
		case store.ExportKey:
			keys++
		case store.ExportLeaf:
			entries++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records, keys, entries
}

// Every fault of the storage notes, section 6, on either side of its effect: one effect for each batch, never two.
func TestWhateverIsLostABatchHasOneEffect(t *testing.T) {
	t.Parallel()
	slow := 1500 * time.Millisecond
	var all sync.WaitGroup // each waits for half a second, on nobody
	defer all.Wait()
	for _, c := range []struct {
		name     string
		fault    []wiretest.Fault
		first    error // what the first Commit says; nil: it settles the matter by itself
		patience time.Duration
	}{
		{name: "first statement lost on its way", fault: faults("insert", 1, wiretest.Before, wiretest.Action{Drop: true})},
		{name: "answer to the first statement lost", fault: faults("insert", 1, wiretest.After, wiretest.Action{Drop: true})},
		{name: "answer to a later statement lost", fault: faults("insert", 3, wiretest.After, wiretest.Action{Drop: true})},
		{name: "answer to a search lost", fault: faults("find", 1, wiretest.After, wiretest.Action{Drop: true})},
		{name: "commit lost on its way", fault: faults("commitTransaction", 1, wiretest.Before, wiretest.Action{Drop: true})},
		{name: "answer to the commit lost", fault: faults("commitTransaction", 1, wiretest.After, wiretest.Action{Drop: true})},
		{name: "half an answer to the commit", fault: faults("commitTransaction", 1, wiretest.After, wiretest.Action{Half: true})},
		{name: "half an answer to a statement", fault: faults("insert", 2, wiretest.After, wiretest.Action{Half: true})},
		{name: "conflict on a statement", fault: faults("insert", 2, wiretest.Before, wiretest.Action{Code: 112, Labels: []string{transient}})},
		{name: "conflict on the commit", fault: faults("commitTransaction", 1, wiretest.Before, wiretest.Action{Code: 112, Labels: []string{transient}})},
		{name: "unknown result before", fault: faults("commitTransaction", 1, wiretest.Before, wiretest.Action{Code: 91, Labels: []string{unknown}})},
		{name: "unknown result after", fault: faults("commitTransaction", 1, wiretest.After, wiretest.Action{Code: 91, Labels: []string{unknown}})},
		{name: "primary steps down at a statement", fault: faults("insert", 2, wiretest.Before, wiretest.Action{Code: 10107, Labels: []string{transient}})},
		{name: "primary steps down before the commit", fault: faults("commitTransaction", 1, wiretest.Before, wiretest.Action{Code: 10107})},
		{name: "primary steps down after the commit", fault: faults("commitTransaction", 1, wiretest.After, wiretest.Action{Code: 10107})},
		{name: "a majority was not heard of", fault: faults("commitTransaction", 1, wiretest.After, wiretest.Action{WCE: 64})},
		{name: "time ran out before", fault: faults("commitTransaction", 1, wiretest.Before, wiretest.Action{Code: 50}), first: store.ErrUnknown},
		{name: "time ran out after", fault: faults("commitTransaction", 1, wiretest.After, wiretest.Action{Code: 50}), first: store.ErrUnknown},
		{name: "first statement beyond the deadline", fault: faults("insert", 1, wiretest.Before, wiretest.Action{Delay: slow}), first: mongo.ErrAway, patience: slow / 2},
		{name: "commit applied beyond the deadline", fault: faults("commitTransaction", 1, wiretest.Before, wiretest.Action{Delay: slow}), first: store.ErrUnknown, patience: slow / 2},
		{name: "answer to the commit beyond the deadline", fault: faults("commitTransaction", 1, wiretest.After, wiretest.Action{Delay: slow}), first: store.ErrUnknown, patience: slow / 2},
		{name: "answer to the commit lost and then the primary", fault: append(
			faults("commitTransaction", 1, wiretest.After, wiretest.Action{Drop: true}),
			faults("commitTransaction", 1, wiretest.Before, wiretest.Action{Code: 10107})...)},
	} {
		all.Go(func() {
			t.Run(c.name, func(t *testing.T) {
				s := wiretest.New(t)
				s.Lifetime(slow)
				e := on(t, s, func(o *mongo.Options) { o.Timeout = c.patience })
				b := batch(t, "practice-a", "one")
				s.Inject(c.fault...)
				began := time.Now()
				err := e.Commit(t.Context(), b)
				if c.first == nil && err != nil || !errors.Is(err, c.first) {
					t.Errorf("the first commit: %v, want %v", err, c.first)
				}
				if took := time.Since(began); c.patience > 0 && took > 2*c.patience {
					t.Errorf("a call of %v took %v", c.patience, took)
				}
				for try := 0; err != nil && try < 10; try++ {
					time.Sleep(slow / 4)
					err = e.Commit(t.Context(), b)
				}
				if err != nil {
					t.Fatalf("it never settled: %v", err)
				}
				if r, k, n := effects(t, e); r != 1 || k != 1 || n != 1 { // before it is sent again, which would mend it
					t.Errorf("what was acknowledged left %d records, %d keys, %d entries", r, k, n)
				}
				time.Sleep(c.patience) // what is still under way arrives
				if err := e.Commit(t.Context(), b); err != nil {
					t.Errorf("the same batch again: %v", err)
				}
				if r, k, n := effects(t, e); r != 1 || k != 1 || n != 1 {
					t.Errorf("one batch left %d records, %d keys, %d entries", r, k, n)
				}
				if s.Pending() > 0 {
					t.Error("the fault never struck")
				}
				if err := e.Commit(t.Context(), batch(t, "practice-a", "two")); err != nil {
					t.Errorf("the next batch: %v", err)
				}
				if r, k, n := effects(t, e); r != 2 || k != 2 || n != 2 {
					t.Errorf("two batches left %d records, %d keys, %d entries", r, k, n)
				}
			})
		})
	}
}

func faults(command string, nth int, when wiretest.When, do wiretest.Action) []wiretest.Fault {
	return []wiretest.Fault{{Command: command, Nth: nth, When: when, Do: do}}
}

// A read is asked again once; a lost answer is no lost read.
func TestAReadSurvivesALostAnswer(t *testing.T) {
	t.Parallel()
	s := wiretest.New(t)
	e := on(t, s)
	b := batch(t, "practice-a", "one")
	if err := e.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	s.Inject(faults("find", 1, wiretest.Before, wiretest.Action{Drop: true})...)
	if r, err := e.Read(t.Context(), b.Ops[0].Rec.Key); err != nil || string(r.Sealed) != "sealed" {
		t.Errorf("read: %q, %v", r.Sealed, err)
	}
	s.Inject(faults("insert", 1, wiretest.After, wiretest.Action{Drop: true})...)
	if err := e.PutMark(t.Context(), "keyring", []byte("x")); err != nil {
		t.Errorf("a mark whose answer is lost: %v", err)
	}
	if got, err := e.Mark(t.Context(), "keyring"); err != nil || string(got) != "x" {
		t.Errorf("mark: %q, %v", got, err)
	}
}

// Who loses patience is told whether something may have been written.
func TestACallerWhoLosesPatience(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, command string
		want          error
		not           error
		records       int
	}{
		{"before the commit", "update", context.Canceled, store.ErrUnknown, 1},
		{"during the commit", "commitTransaction", store.ErrUnknown, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := wiretest.New(t)
			e := on(t, s)
			first, b := batch(t, "practice-a", "one"), batch(t, "practice-a", "two")
			if err := e.Commit(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			s.Inject(faults(c.command, 1, wiretest.Before, wiretest.Action{Delay: 200 * time.Millisecond})...)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(50*time.Millisecond, cancel)
			began := time.Now()
			err := e.Commit(ctx, b)
			if !errors.Is(err, c.want) || !errors.Is(err, context.Canceled) || c.not != nil && errors.Is(err, c.not) {
				t.Errorf("got %v, want %v and that it was cancelled", err, c.want)
			}
			if took := time.Since(began); took > 400*time.Millisecond {
				t.Errorf("it took %v", took)
			}
			time.Sleep(300 * time.Millisecond)
			if err := store.Settle(t.Context(), e, b); err != nil {
				t.Fatal(err)
			}
			if r, k, n := effects(t, e); r != 2 || k != 2 || n != 2 {
				t.Errorf("two batches left %d records, %d keys, %d entries", r, k, n)
			}
		})
	}
}

// The primary moves while batches are written; each acknowledged one is there once.
func TestThePrimaryMovesToAnotherHost(t *testing.T) {
	t.Parallel()
	s := wiretest.New(t)
	e := on(t, s)
	for i := range 30 {
		if i%10 == 5 {
			s.Move()
		}
		if err := store.Settle(t.Context(), e, batch(t, "practice-a", fmt.Sprintf("c-%d", i))); err != nil {
			t.Fatalf("batch %d: %v", i, err)
		}
	}
	if r, k, n := effects(t, e); r != 30 || k != 30 || n != 30 {
		t.Errorf("30 batches left %d records, %d keys, %d entries", r, k, n)
	}
}

// What a majority does not hold yet may be undone, and nobody is told that it is written: not by the commit, and not by
// the same batch sent again.
func TestNothingIsAcknowledgedThatAMajorityDoesNotHold(t *testing.T) {
	t.Parallel()
	s := wiretest.New(t)
	e := on(t, s, func(o *mongo.Options) { o.Timeout = 500 * time.Millisecond })
	b := batch(t, "practice-a", "one")
	s.Lag(true)
	for range 2 {
		if err := e.Commit(t.Context(), b); !errors.Is(err, store.ErrUnknown) {
			t.Errorf("while a majority lags: %v", err)
		}
	}
	if _, err := e.Read(t.Context(), b.Ops[0].Rec.Key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it is read: %v", err)
	}
	s.Lag(false)
	if err := e.Commit(t.Context(), b); err != nil {
		t.Errorf("when a majority has it: %v", err)
	}
	if r, k, n := effects(t, e); r != 1 || k != 1 || n != 1 {
		t.Errorf("one batch left %d records, %d keys, %d entries", r, k, n)
	}
}
