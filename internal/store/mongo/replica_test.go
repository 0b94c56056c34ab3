package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/mongo"
	"waypost/internal/store/mongo/wiretest"
)

// Two processes, one database: no queue stands between them, only the database.
func TestTwoReplicasRaceForOneRevision(t *testing.T) {
	s := wiretest.New(t)
	engines := []*mongo.Engine{on(t, s), on(t, s)}
	ids := conform.Ids(t.Name())
	made := func(parts ...store.Op) store.Batch {
		b := store.Batch{Tenant: "practice-a", Ops: parts, Trail: [][]byte{conform.Entry(conform.At(), "case.change")}}
		if _, err := io.ReadFull(ids, b.ID[:]); err != nil {
			t.Fatal(err)
		}
		return b.Ready()
	}
	start := made(store.Op{Verb: store.Insert, Rec: conform.Record("practice-a", "race", 1, "start")})
	if err := engines[0].Commit(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	const writers, rounds = 16, 20
	for rev := int64(2); rev < 2+rounds; rev++ {
		var won atomic.Int64
		var all sync.WaitGroup
		for w := range writers {
			b := made(store.Op{Verb: store.Replace, Rec: conform.Record("practice-a", "race", rev, fmt.Sprint(w))})
			all.Go(func() {
				switch err := store.Settle(t.Context(), engines[w%2], b); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, store.ErrConflict):
					t.Errorf("round %d: %v", rev, err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Fatalf("round %d: %d winners", rev, won.Load())
		}
	}
	for _, e := range engines {
		if h, err := e.TrailHead(t.Context(), "practice-a"); err != nil || h.Size != 1+rounds {
			t.Errorf("%d entries for %d winners: %v", h.Size, 1+rounds, err)
		}
	}
	audit(t, engines[1])
}

// The same batch sent by both has one effect, and every batch of a crowd its own.
func TestTwoReplicasSendTheSameBatches(t *testing.T) {
	s := wiretest.New(t)
	engines := []*mongo.Engine{on(t, s), on(t, s)}
	const many = 24
	var all sync.WaitGroup
	for i := range many {
		b := batch(t, "practice-a", fmt.Sprintf("c-%d", i))
		for _, e := range engines {
			all.Go(func() {
				if err := store.Settle(t.Context(), e, b); err != nil {
					t.Errorf("batch %d: %v", i, err)
				}
			})
		}
	}
	all.Wait()
	if r, k, n := effects(t, engines[0]); r != many || k != many || n != many {
		t.Errorf("%d batches left %d records, %d keys, %d entries", many, r, k, n)
	}
	audit(t, engines[0])
}

// Within one process they queue instead, so that none is tried twice.
func TestBatchesOfOneOrganisationQueue(t *testing.T) {
	s := wiretest.New(t)
	e := on(t, s)
	var all sync.WaitGroup
	for i := range 24 {
		b := batch(t, "practice-a", fmt.Sprintf("c-%d", i))
		all.Go(func() {
			if err := e.Commit(t.Context(), b); err != nil {
				t.Errorf("batch %d: %v", i, err)
			}
		})
	}
	all.Wait()
	if n := s.Seen("abortTransaction"); n != 0 {
		t.Errorf("%d transactions were given up", n)
	}
}

func audit(t *testing.T, s store.Store) {
	t.Helper()
	reports, err := store.Audit(t.Context(), s, store.Auditing{Keys: conform.Notary(t).Readers})
	if err != nil || len(reports) == 0 {
		t.Fatalf("audit of %d logs: %v", len(reports), err)
	}
	for _, r := range reports {
		if r.Err() != nil || !r.Signed {
			t.Errorf("audit: %v, signed %v", r.Err(), r.Signed)
		}
	}
}

// The database goes away, or takes connections and says nothing: every call ends within its time, and all is well soon
// after it is back.
func TestTheDatabaseIsGoneForAWhile(t *testing.T) {
	t.Parallel()
	away := 5 * time.Second
	if testing.Short() {
		away = time.Second
	}
	const patience, slack = 600 * time.Millisecond, 400 * time.Millisecond
	var all sync.WaitGroup
	defer all.Wait()
	for name, leave := range map[string]func(*wiretest.Server){"gone": (*wiretest.Server).Leave, "half open": (*wiretest.Server).Hush} {
		all.Go(func() {
			t.Run(name, func(t *testing.T) {
				s := wiretest.New(t)
				e := on(t, s, func(o *mongo.Options) { o.Timeout = patience })
				kept := batch(t, "practice-a", "kept")
				if err := e.Commit(t.Context(), kept); err != nil {
					t.Fatal(err)
				}
				leave(s)
				var callers sync.WaitGroup
				var calls atomic.Int64
				until := time.Now().Add(away)
				for _, call := range []func(context.Context) error{
					func(ctx context.Context) error { _, err := e.Read(ctx, kept.Ops[0].Rec.Key); return err },
					func(ctx context.Context) error { return e.Commit(ctx, batch(t, "practice-a", "late")) },
					func(ctx context.Context) error { return e.Commit(ctx, batch(t, "practice-a", "later")) },
					func(ctx context.Context) error { return e.PutMark(ctx, "keyring", []byte("x")) },
					func(ctx context.Context) error { return e.Export(ctx, func(any) error { return nil }) },
				} {
					callers.Go(func() {
						for time.Now().Before(until) {
							began := time.Now()
							err := call(t.Context())
							if took := time.Since(began); took > patience+slack {
								t.Errorf("a call of %v took %v", patience, took)
							}
							if !errors.Is(err, mongo.ErrAway) || !errors.Is(err, context.DeadlineExceeded) {
								t.Errorf("a call into silence: %v", err)
							}
							calls.Add(1)
							time.Sleep(10 * time.Millisecond)
						}
					})
				}
				callers.Wait()
				s.Return()
				back := time.Now()
				for {
					_, err := e.Read(t.Context(), kept.Ops[0].Rec.Key)
					if err == nil {
						break
					}
					if time.Since(back) > 3*time.Second {
						t.Fatalf("not back after %v: %v", time.Since(back), err)
					}
				}
				t.Logf("%d calls while it was away, back after %v", calls.Load(), time.Since(back))
				for _, id := range []string{"late", "later"} {
					if err := store.Settle(t.Context(), e, batch(t, "practice-a", id)); err != nil {
						t.Errorf("%s: %v", id, err)
					}
				}
				if r, k, n := effects(t, e); r != 3 || k != 3 || n != 3 {
					t.Errorf("three batches left %d records, %d keys, %d entries", r, k, n)
				}
			})
		})
	}
}

// Open into nothing ends in its time, and says nothing of where it looked.
func TestOpenWithoutADatabase(t *testing.T) {
	s := wiretest.New(t)
	s.Leave()
	opts := options(t, s)
	opts.Timeout = 200 * time.Millisecond
	began := time.Now()
	_, err := mongo.Open(t.Context(), opts)
	if !errors.Is(err, mongo.ErrAway) || time.Since(began) > 2*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	quiet(t, err)
}
