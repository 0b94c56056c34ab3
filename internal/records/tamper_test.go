package records_test

import (
	"bytes"
	"slices"
	"testing"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// A37: whoever can write to the database moves, flips and puts back.
func TestWhatWasMovedOrFlippedDoesNotOpen(t *testing.T) {
	r := furnish(t, model(t))
	key := func(rec records.Record) store.Key { return store.Key{Tenant: practice, Kind: rec.Kind, ID: rec.ID} }
	at := func(rec records.Record) store.Record {
		rested, err := r.wire.base.Read(t.Context(), key(rec))
		must(t, err)
		return rested
	}
	mine, theirs := r.add(practice, note("case", "mine", spring)), r.add(practice, note("case", "theirs", spring))
	refused := func(name string, forged store.Record, swapped bool) {
		t.Helper()
		r.wire.forged = map[store.Key]store.Record{key(mine): forged}
		if swapped {
			r.wire.swaps = map[store.Key]store.Key{key(mine): key(theirs)}
		}
		got, err := r.read(mine)
		want(t, err, records.ErrTampered)
		if !got.Content.IsZero() {
			t.Errorf("%s: something was shown", name)
		}
		log := r.log(practice)
		if first, second := log[len(log)-2], log[len(log)-1]; first.Outcome != trail.Done || second.Outcome != trail.Failed || second.Reason != "tampered" {
			t.Errorf("%s: the trail says %s, then %s %s", name, first.Outcome, second.Outcome, second.Reason)
		}
		r.wire.forged, r.wire.swaps = nil, nil
	}
	text := at(mine)
	text.Sealed = at(theirs).Sealed
	refused("the other's text", text, false)
	refused("the other's text and key", text, true)
	refused("the other's key", at(mine), true)
	later := at(mine)
	later.Rev = 2
	refused("the text under another revision", later, false)
	for i := range at(mine).Sealed {
		flipped := at(mine)
		flipped.Sealed = bytes.Clone(flipped.Sealed)
		flipped.Sealed[i] ^= 1 << (i % 8)
		r.wire.forged = map[store.Key]store.Record{key(mine): flipped}
		if _, err := r.read(mine); err == nil {
			t.Fatalf("opened with byte %d changed", i)
		}
	}
	r.wire.forged = nil
	if _, err := r.read(mine); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

// A whole old row opens, for it once stood there. The audit sees it.
func TestAnOldRowPutBackIsFoundByTheAudit(t *testing.T) {
	r := furnish(t, model(t))
	rec := r.add(practice, note("case", "before", spring))
	at := store.Key{Tenant: practice, Kind: "case", ID: rec.ID}
	old, err := r.wire.base.Read(t.Context(), at)
	must(t, err)
	rec.Content = vault.Keep([]byte("after"))
	_, err = r.Write(t.Context(), act(practice, "case.change"), op(), records.Change{Verb: records.Put, Record: rec})
	must(t, err)
	r.sound()
	r.wire.forged = map[store.Key]store.Record{at: old}
	got, err := r.read(rec)
	if err != nil || string(got.Content.Reveal()) != "before" {
		t.Errorf("this test no longer shows what it says: %v", err)
	}
	if !slices.ContainsFunc(r.faults(), func(f trail.Fault) bool { return f.What == trail.Altered }) {
		t.Errorf("audit found %v", r.faults())
	}
}

func TestReferencesOutliveRestartsAndIndexEpochs(t *testing.T) {
	r := furnish(t, model(t))
	at := store.Key{Tenant: practice, Kind: "case", ID: "x"}
	first := r.Refer(at)
	_, err := r.ring.NewEpoch()
	must(t, err)
	must(t, r.ring.DropEpoch(1))
	r.open()
	if !bytes.Equal(first, r.Refer(at)) || len(first) != 16 {
		t.Error("the reference changed")
	}
	for _, k := range []store.Key{{Tenant: other, Kind: "case", ID: "x"}, {Tenant: practice, Kind: "member", ID: "x"}, {Tenant: practice, Kind: "case", ID: "y"}} {
		if bytes.Equal(first, r.Refer(k)) {
			t.Errorf("%v has the same reference", k)
		}
	}
	if r.Refer(store.Key{Tenant: practice, Kind: "session", ID: "x"}) != nil {
		t.Error("a session has a reference")
	}
	if bytes.Equal(first, furnish(t, model(t)).Refer(at)) {
		t.Error("two databases make the same reference")
	}
}

// If the key of the references could be drawn anew, the audit would lose every record's history without a word.
func TestTheKeyOfTheReferencesIsNotMadeTwice(t *testing.T) {
	r := furnish(t, model(t))
	at := store.Key{Tenant: records.House, Kind: "trail-key", ID: "reference"}
	must(t, r.wire.base.Commit(t.Context(), store.Batch{ID: op(), Tenant: records.House, Ops: []store.Op{
		{Verb: store.Delete, Rec: store.Record{Meta: store.Meta{Key: at, Rev: 1}}},
	}}.Ready()))
	_, err := records.Open(t.Context(), r.config)
	want(t, err, records.ErrTampered)
}
