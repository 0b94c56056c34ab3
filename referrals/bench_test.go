package referrals_test

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"testing"

	"waypost/internal/store"
	"waypost/referrals"
)

// One page of the queue, fifty lines, its entry in the trail and the cards opened, on the embedded engine.
func BenchmarkQueuePage(b *testing.B) {
	w := furnish(b, embedded(b, b.TempDir()), b.TempDir())
	for range 60 {
		if _, _, err := w.Refer(b.Context(), w.clinician, w.draft(consent("iris"))); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		page, err := w.Queue(b.Context(), w.lead, referrals.Filter{}, store.Cursor{}, 50)
		if err != nil || len(page.Rows) != 50 {
			b.Fatal(err, len(page.Rows))
		}
	}
}

// One referral: case, card, count and entry in one durable commit.
func BenchmarkRefer(b *testing.B) {
	w := furnish(b, embedded(b, b.TempDir()), b.TempDir())
	draft := w.draft(consent("domestic-abuse"), consent("marac"))
	for b.Loop() {
		if _, _, err := w.Refer(b.Context(), w.clinician, draft); err != nil {
			b.Fatal(err)
		}
	}
}

// What a referral writes, written by the engine alone: the ratio to BenchmarkRefer is what this room and the records cost.
func BenchmarkTheSameByTheEngine(b *testing.B) {
	w := furnish(b, embedded(b, b.TempDir()), b.TempDir())
	var last store.Batch
	w.wire.refuse(func(s store.Batch) error {
		if len(s.Ops) > 0 {
			last = s
		}
		return nil
	})
	if _, _, err := w.Refer(b.Context(), w.clinician, w.draft(consent("domestic-abuse"), consent("marac"))); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		again := last
		_, _ = rand.Read(again.ID[:])
		name := hex.EncodeToString(again.ID[:])
		again.Ops, again.Keys = slices.Clone(last.Ops), slices.Clone(last.Keys)
		for i := range again.Ops {
			again.Ops[i].Rec.ID, again.Ops[i].Verb, again.Ops[i].Rec.Rev = name, store.Insert, 1
		}
		for i := range again.Keys {
			again.Keys[i].Key.ID = name
		}
		if err := w.wire.base.Commit(b.Context(), again.Ready()); err != nil {
			b.Fatal(err)
		}
	}
}
