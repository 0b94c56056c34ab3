package records_test

import (
	"context"
	"crypto/rand"
	"testing"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
)

// What sealing, the key, the index and the entry cost over the engine's own durable commit of the same bytes. Compare the
// lines of one run: the design asks for 80 % of the raw engine.
func BenchmarkWrite(b *testing.B) {
	text := make([]byte, 900)
	b.Run("raw", func(b *testing.B) {
		r := furnish(b, embedded(b, b.TempDir()))
		sealed := make([]byte, 1024+63)
		_, _ = rand.Read(sealed)
		entry, err := trail.Entry{At: today, Actor: "staff-7", Action: "case.open", Outcome: trail.Done, Effect: trail.None}.Encode()
		must(b, err)
		for b.Loop() {
			id, err := r.NewID()
			must(b, err)
			k := store.Key{Tenant: practice, Kind: "case", ID: id}
			must(b, r.wire.base.Commit(context.Background(), store.Batch{
				ID: op(), Tenant: practice, Trail: [][]byte{entry},
				Ops:  []store.Op{{Verb: store.Insert, Rec: store.Record{Sealed: sealed, Meta: store.Meta{Key: k, Rev: 1, State: "new", Due: today.UTC(), Created: today.UTC(), Expires: spring.UTC()}}}},
				Keys: []store.KeyOp{{Key: k, Put: &store.WrappedKey{Bucket: "2027-04", Wrapped: sealed[:60]}}},
			}.Ready()))
		}
	})
	b.Run("records", func(b *testing.B) {
		r := furnish(b, embedded(b, b.TempDir()))
		for b.Loop() {
			r.add(practice, note("case", string(text), spring))
		}
	})
}

// A logged read is a durable commit; the raw line is the store's read without trail or opening.
func BenchmarkRead(b *testing.B) {
	r := furnish(b, embedded(b, b.TempDir()))
	logged, free := r.add(practice, note("case", "x", spring)), r.add(practice, note("session", "x", spring))
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			_, err := r.wire.base.Read(context.Background(), store.Key{Tenant: practice, Kind: "case", ID: logged.ID})
			must(b, err)
		}
	})
	for name, rec := range map[string]records.Record{"logged": logged, "not logged": free} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := r.read(rec)
				must(b, err)
			}
		})
	}
}

// Without the disk: what this room itself costs, on the store in memory.
func BenchmarkInMemory(b *testing.B) {
	r := furnish(b, model(b))
	session := note("session", "x", spring)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			r.add(practice, session)
		}
	})
	rec := r.add(practice, session)
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			_, err := r.read(rec)
			must(b, err)
		}
	})
}
