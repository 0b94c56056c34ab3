package sqlite_test

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/sqlite"
	"waypost/internal/trail"
)

// referral is what a referral commits: a sealed kilobyte with two blind values, its wrapped key and one entry.
func referral(n int) store.Batch {
	r := conform.Record("practice-a", fmt.Sprintf("r-%08d", n), 1, string(make([]byte, 1024)))
	r.Due = conform.At().Add(time.Duration(n) * time.Second)
	r.Blind = [][]byte{conform.Blind(n), conform.Blind(-n - 1)}
	b := store.Batch{Tenant: "practice-a", Ops: []store.Op{{Verb: store.Insert, Rec: r}},
		Keys:  []store.KeyOp{{Key: r.Key, Put: &store.WrappedKey{Bucket: "2027-03", Wrapped: make([]byte, 60)}}},
		Trail: [][]byte{conform.Entry(conform.At(), "case.make")}}
	binary.BigEndian.PutUint64(b.ID[8:], uint64(n+1))
	return b.Ready()
}

// raw commits the same SQL straight through the driver, one transaction each, as a bare engine would: the same
// settings and statements, the log's hashes and signed head made beforehand.
type raw struct {
	db    *sql.DB
	stmts []*sql.Stmt
}

type rawCommit struct{ args [][]any }

func openRaw(b *testing.B, dir string) *raw {
	e := open(b, dir, options(b)) // makes the tables
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "waypost.db")+"?"+sqlite.Settings)
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return &raw{db: db}
}

func (r *raw) prepare(b *testing.B, edge *trail.Edge, notary *trail.Notary, n int) rawCommit {
	batch := referral(n)
	rec, key := batch.Ops[0].Rec, batch.Keys[0]
	var c rawCommit
	add := func(i int, text string, args ...any) {
		for len(r.stmts) <= i {
			r.stmts = append(r.stmts, nil)
		}
		if r.stmts[i] == nil {
			stmt, err := r.db.Prepare(text)
			if err != nil {
				b.Fatal(err)
			}
			r.stmts[i] = stmt
		}
		c.args = append(c.args, append([]any{i}, args...))
	}
	s := sqlite.Statements()
	add(0, "BEGIN IMMEDIATE")
	add(1, s[0], batch.Tenant, batch.ID[:], batch.Digest[:], time.Now().UnixMilli())
	add(2, s[4], rec.Tenant, rec.Kind, rec.ID, rec.Rev, rec.State, rec.Due.UnixMilli(), rec.Created.UnixMilli(), rec.Expires.UnixMilli(),
		slices.Concat(rec.Blind...), rec.Sealed)
	for _, v := range rec.Blind {
		add(3, s[8], rec.Tenant, rec.Kind, v, rec.ID)
	}
	add(4, s[10], rec.Tenant, rec.Kind, rec.ID, key.Put.Bucket, key.Put.Wrapped)
	next, leaf, hashes, err := edge.Append(batch.Trail[0])
	if err != nil {
		b.Fatal(err)
	}
	add(5, s[19], batch.Tenant, edge.Size, leaf)
	for k, h := range hashes {
		add(6, s[20], batch.Tenant, trail.FirstHash(edge.Size)+int64(k), h[:])
	}
	note, err := notary.Sign(next.Head(batch.Tenant))
	if err != nil {
		b.Fatal(err)
	}
	add(7, s[22], batch.Tenant, edge.Size)
	add(8, s[21], batch.Tenant, next.Size, note)
	add(9, "COMMIT")
	*edge = next
	return c
}

func (r *raw) commit(c rawCommit) error {
	for _, args := range c.args {
		if _, err := r.stmts[args[0].(int)].Exec(args[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkDurableCommit compares our commits with the raw engine's, one after the other in turns so that a busy disk
// disturbs both alike. The budget of the design is a share of 80 % or more.
func BenchmarkDurableCommit(b *testing.B) {
	b.Run("one writer", func(b *testing.B) {
		ours, theirs := open(b, b.TempDir(), options(b)), openRaw(b, b.TempDir())
		defer theirs.db.Close()
		notary := conform.Notary(b)
		var edge trail.Edge
		var spentOurs, spentTheirs []time.Duration
		b.ResetTimer()
		for n := range b.N {
			prepared := theirs.prepare(b, &edge, notary, n)
			begun := time.Now()
			if err := theirs.commit(prepared); err != nil {
				b.Fatal(err)
			}
			spentTheirs = append(spentTheirs, time.Since(begun))
			batch := referral(n)
			begun = time.Now()
			if err := ours.Commit(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			spentOurs = append(spentOurs, time.Since(begun))
		}
		mine, raw := sum(spentOurs), sum(spentTheirs)
		b.ReportMetric(float64(b.N)/mine.Seconds(), "commits/s")
		b.ReportMetric(float64(b.N)/raw.Seconds(), "raw-commits/s")
		b.ReportMetric(100*raw.Seconds()/mine.Seconds(), "%ofraw")
		b.ReportMetric(100*middle(spentTheirs).Seconds()/middle(spentOurs).Seconds(), "%ofraw-p50")
		b.ReportMetric(last99(spentOurs).Seconds()*1000, "p99-ms")
	})
	b.Run("sixteen writers", func(b *testing.B) {
		ours := open(b, b.TempDir(), options(b))
		var next atomic.Int64
		var mu sync.Mutex
		var spent []time.Duration
		begun := time.Now()
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
					batch := referral(n)
					at := time.Now()
					if err := ours.Commit(b.Context(), batch); err != nil {
						b.Error(err)
						return
					}
					mu.Lock()
					spent = append(spent, time.Since(at))
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "commits/s")
		b.ReportMetric(last99(spent).Seconds()*1000, "p99-ms")
	})
}

func sum(ds []time.Duration) (all time.Duration) {
	for _, d := range ds {
		all += d
	}
	return all
}

func middle(ds []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(ds))
	return s[len(s)/2]
}

func last99(ds []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(ds))
	return s[len(s)*99/100]
}

// BenchmarkQueuePage reads pages of 50 from the front and from the middle of a queue. A million records are made only
// when WAYPOST_BENCH_MILLION=1, it takes minutes.
func BenchmarkQueuePage(b *testing.B) {
	sizes := []int{100_000}
	if os.Getenv("WAYPOST_BENCH_MILLION") == "1" {
		sizes = append(sizes, 1_000_000)
	}
	for _, size := range sizes {
		e := open(b, b.TempDir(), options(b))
		fillQueue(b, e, size)
		for name, c := range map[string]struct {
			states  []string
			readers int
		}{
			"one state": {[]string{"new"}, 1}, "five states": {[]string{"new", "waiting", "accepted", "returned", "closed"}, 1},
			"five states, sixteen readers": {[]string{"new", "waiting", "accepted", "returned", "closed"}, 16},
		} {
			b.Run(fmt.Sprintf("%d records, %s", size, name), func(b *testing.B) {
				var next atomic.Int64
				var mu sync.Mutex
				var spent []time.Duration
				var wg sync.WaitGroup
				b.ResetTimer()
				for range c.readers {
					wg.Go(func() {
						for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
							q := store.Query{Tenant: "practice-a", Kind: "case", States: c.states, Limit: 50}
							if n%2 == 0 {
								q.After.Due = conform.At().Add(time.Duration(n*7919%size) * time.Second)
							}
							at := time.Now()
							page, err := e.Queue(b.Context(), q)
							if err != nil || len(page.Records) != 50 && n%2 == 1 {
								b.Errorf("%d records: %v", len(page.Records), err)
								return
							}
							mu.Lock()
							spent = append(spent, time.Since(at))
							mu.Unlock()
						}
					})
				}
				wg.Wait()
				b.ReportMetric(last99(spent).Seconds()*1000, "p99-ms")
			})
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func fillQueue(b *testing.B, e *sqlite.Engine, size int) {
	states := []string{"new", "waiting", "accepted", "returned", "closed"}
	sealed := string(make([]byte, 1024))
	for n := 0; n < size; n += store.BatchLimit {
		batch := store.Batch{Tenant: "practice-a"}
		binary.BigEndian.PutUint64(batch.ID[8:], uint64(n+1))
		for i := n; i < min(size, n+store.BatchLimit); i++ {
			r := conform.Record("practice-a", fmt.Sprintf("r-%08d", i), 1, sealed)
			r.State, r.Due = states[i%len(states)], conform.At().Add(time.Duration(i*7919%size)*time.Second)
			batch.Ops = append(batch.Ops, store.Op{Verb: store.Insert, Rec: r})
		}
		if err := e.Commit(b.Context(), batch.Ready()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen is from nothing, or from a database that stands, to the first answer. The budget is 50 ms.
func BenchmarkOpen(b *testing.B) {
	start := func(b *testing.B, dir string) {
		e, err := sqlite.Open(b.Context(), dir, options(b))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.TrailHead(b.Context(), "practice-a"); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.Run("new", func(b *testing.B) {
		for range b.N {
			start(b, b.TempDir())
		}
	})
	b.Run("existing", func(b *testing.B) {
		dir := b.TempDir()
		start(b, dir)
		b.ResetTimer()
		for range b.N {
			start(b, dir)
		}
	})
}
