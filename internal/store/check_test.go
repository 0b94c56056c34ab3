package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
)

func sound() store.Batch {
	r := conform.Record("practice-a", "one", 1, "sealed")
	r.Expires, r.Blind = conform.At().Add(time.Hour), [][]byte{conform.Blind(1), conform.Blind(2)}
	return store.Batch{
		ID: [16]byte{1}, Tenant: "practice-a",
		Ops:   []store.Op{{Verb: store.Insert, Rec: r}, {Verb: store.Replace, Rec: conform.Record("practice-a", "two", 2, "sealed")}, conform.Gone(conform.Record("practice-a", "three", 1, "").Key, 1)},
		Keys:  []store.KeyOp{{Key: r.Key, Put: &store.WrappedKey{Bucket: "2027-03", Wrapped: []byte("w")}}, {Key: conform.Record("practice-a", "three", 1, "").Key}},
		Trail: [][]byte{conform.Entry(conform.At(), "case.make"), conform.Entry(conform.At(), "case.erase")},
	}.Ready()
}

func TestOnlyASoundBatchMayBeCommitted(t *testing.T) {
	if err := store.Check(sound()); err != nil {
		t.Fatalf("a sound batch is refused: %v", err)
	}
	rec := func(change func(*store.Record)) func(*store.Batch) {
		return func(b *store.Batch) { change(&b.Ops[0].Rec) }
	}
	many := func(n int) func(*store.Batch) {
		return func(b *store.Batch) {
			b.Ops = nil
			for i := range n {
				b.Ops = append(b.Ops, store.Op{Verb: store.Insert, Rec: conform.Record("practice-a", fmt.Sprint("c-", i), 1, "x")})
			}
		}
	}
	full := sound()
	many(store.BatchLimit)(&full)
	if err := store.Check(full.Ready()); err != nil {
		t.Errorf("a batch of %d: %v", store.BatchLimit, err)
	}
	for name, change := range map[string]func(*store.Batch){
		"no id":                         func(b *store.Batch) { b.ID = [16]byte{} },
		"no tenant":                     func(b *store.Batch) { b.Tenant = "" },
		"a tenant with a space":         func(b *store.Batch) { b.Tenant = "practice a" },
		"another tenant":                func(b *store.Batch) { b.Tenant = "practice-b" },
		"empty":                         func(b *store.Batch) { b.Ops, b.Keys, b.Trail = nil, nil, nil },
		"too long":                      many(store.BatchLimit + 1),
		"too many entries":              func(b *store.Batch) { b.Trail = make([][]byte, store.BatchLimit+1) },
		"no verb":                       func(b *store.Batch) { b.Ops[0].Verb = 0 },
		"an unknown verb":               func(b *store.Batch) { b.Ops[0].Verb = store.Delete + 1 },
		"a replacement of nothing":      func(b *store.Batch) { b.Ops[1].Rec.Rev = 1 },
		"a deletion of revision 0":      func(b *store.Batch) { b.Ops[2].Rec.Rev = 0 },
		"a deletion that carries bytes": func(b *store.Batch) { b.Ops[2].Rec.Sealed = []byte("x") },
		"a deletion with a state":       func(b *store.Batch) { b.Ops[2].Rec.State = "new" },
		"a deletion with a time":        func(b *store.Batch) { b.Ops[2].Rec.Due = conform.At() },
		"the same record twice":         func(b *store.Batch) { b.Ops[1].Rec.Key = b.Ops[0].Rec.Key },
		"the same key twice":            func(b *store.Batch) { b.Keys[1].Key = b.Keys[0].Key },
		"another tenant's key":          func(b *store.Batch) { b.Keys[1].Key.Tenant = "practice-b" },
		"a key of no code":              func(b *store.Batch) { b.Keys[1].Key.ID = "Three" },
		"an empty wrapped key":          func(b *store.Batch) { b.Keys[0].Put = &store.WrappedKey{Bucket: "2027-03"} },
		"a long wrapped key": func(b *store.Batch) {
			b.Keys[0].Put = &store.WrappedKey{Bucket: "2027-03", Wrapped: make([]byte, store.WrappedLimit+1)}
		},
		"no month":              func(b *store.Batch) { b.Keys[0].Put = &store.WrappedKey{Bucket: "2027-13", Wrapped: []byte("w")} },
		"half a month":          func(b *store.Batch) { b.Keys[0].Put = &store.WrappedKey{Bucket: "2027-3", Wrapped: []byte("w")} },
		"revision 0":            rec(func(r *store.Record) { r.Rev = 0 }),
		"a name as state":       rec(func(r *store.Record) { r.State = "Jo Bloggs" }),
		"nothing sealed":        rec(func(r *store.Record) { r.Sealed = nil }),
		"too much sealed":       rec(func(r *store.Record) { r.Sealed = make([]byte, store.SealedLimit+1) }),
		"half a millisecond":    rec(func(r *store.Record) { r.Due = r.Due.Add(time.Microsecond) }),
		"another time zone":     rec(func(r *store.Record) { r.Created = r.Created.In(time.FixedZone("x", 3600)) }),
		"a year of five digits": rec(func(r *store.Record) { r.Expires = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }),
		"a short blind value":   rec(func(r *store.Record) { r.Blind[0] = r.Blind[0][1:] }),
		"a blind value twice":   rec(func(r *store.Record) { r.Blind[0] = r.Blind[1] }),
		"too many blind values": rec(func(r *store.Record) {
			for i := range store.BlindLimit {
				r.Blind = append(r.Blind, conform.Blind(10+i))
			}
		}),
		"an entry of free text": func(b *store.Batch) { b.Trail[0] = []byte("the GP looked\n") },
	} {
		b := sound()
		change(&b)
		if err := store.Check(b.Ready()); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	late := sound()
	late.Trail = late.Trail[:1]
	if err := store.Check(late); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("changed after it was made ready: %v", err)
	}
}

func TestAFaultNeverRepeatsWhatStandsInTheBatch(t *testing.T) {
	const canary = "Canary Name 4711"
	for _, change := range []func(*store.Batch){
		func(b *store.Batch) { b.Tenant = canary }, func(b *store.Batch) { b.Ops[0].Rec.ID = canary },
		func(b *store.Batch) { b.Ops[0].Rec.State = canary }, func(b *store.Batch) { b.Keys[0].Key.ID = canary },
		func(b *store.Batch) { b.Trail[0] = []byte(canary) }, func(b *store.Batch) { b.Keys[0].Put.Bucket = canary },
		func(b *store.Batch) { b.Ops[0].Rec.Blind[0] = []byte(canary) },
	} {
		b := sound()
		change(&b)
		if err := store.Check(b.Ready()); err == nil || strings.Contains(err.Error(), "Canary") {
			t.Errorf("got %v", err)
		}
	}
}

// Every part of a batch but its id goes into the digest, and no byte can move from one field to the next unseen.
func TestTheDigestTellsAnyTwoBatchesApart(t *testing.T) {
	seen := map[[32]byte]string{}
	for name, change := range map[string]func(*store.Batch){
		"as it was":         func(*store.Batch) {},
		"tenant":            func(b *store.Batch) { b.Tenant = "practice-b" },
		"verb":              func(b *store.Batch) { b.Ops[0].Verb = store.Replace },
		"key's tenant":      func(b *store.Batch) { b.Ops[0].Rec.Tenant = "practice-b" },
		"kind":              func(b *store.Batch) { b.Ops[0].Rec.Kind = "staff" },
		"id":                func(b *store.Batch) { b.Ops[0].Rec.ID = "other" },
		"kind and id moved": func(b *store.Batch) { b.Ops[0].Rec.Kind, b.Ops[0].Rec.ID = "caseo", "ne" },
		"revision":          func(b *store.Batch) { b.Ops[0].Rec.Rev = 9 },
		"state":             func(b *store.Batch) { b.Ops[0].Rec.State = "" },
		"due":               func(b *store.Batch) { b.Ops[0].Rec.Due = time.Time{} },
		"created":           func(b *store.Batch) { b.Ops[0].Rec.Created = time.Time{} },
		"expires":           func(b *store.Batch) { b.Ops[0].Rec.Expires = time.Time{} },
		"due and created": func(b *store.Batch) {
			b.Ops[0].Rec.Due = b.Ops[0].Rec.Due.Add(time.Hour)
			b.Ops[0].Rec.Created = b.Ops[0].Rec.Created.Add(-time.Hour)
		},
		"blind value": func(b *store.Batch) { b.Ops[0].Rec.Blind[0] = conform.Blind(7) },
		"blind order": func(b *store.Batch) {
			b.Ops[0].Rec.Blind[0], b.Ops[0].Rec.Blind[1] = b.Ops[0].Rec.Blind[1], b.Ops[0].Rec.Blind[0]
		},
		"one blind value less": func(b *store.Batch) { b.Ops[0].Rec.Blind = b.Ops[0].Rec.Blind[:1] },
		"sealed":               func(b *store.Batch) { b.Ops[0].Rec.Sealed = []byte("sealeD") },
		"order":                func(b *store.Batch) { b.Ops[0], b.Ops[1] = b.Ops[1], b.Ops[0] },
		"one operation less":   func(b *store.Batch) { b.Ops = b.Ops[:2] },
		"key's month":          func(b *store.Batch) { b.Keys[0].Put.Bucket = "2027-04" },
		"wrapped":              func(b *store.Batch) { b.Keys[0].Put.Wrapped = []byte("v") },
		"key destroyed":        func(b *store.Batch) { b.Keys[0].Put = nil },
		"one key less":         func(b *store.Batch) { b.Keys = b.Keys[:1] },
		"entry":                func(b *store.Batch) { b.Trail[0] = conform.Entry(conform.At(), "case.look") },
		"one entry less":       func(b *store.Batch) { b.Trail = b.Trail[:1] },
		"entries joined":       func(b *store.Batch) { b.Trail = [][]byte{bytes.Join(b.Trail, nil)} },
	} {
		b := sound()
		change(&b)
		b = b.Ready()
		if other, known := seen[b.Digest]; known {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[b.Digest] = name
	}
	b := sound()
	b.ID = [16]byte{2}
	if b.Ready().Digest != sound().Digest {
		t.Error("the id went into the digest")
	}
}

func TestMarksAndListsHaveBounds(t *testing.T) {
	for name, err := range map[string]error{
		"mark without value": store.CheckMark("keyring", nil), "mark without name": store.CheckMark("", []byte("x")),
		"long mark": store.CheckMark("keyring", make([]byte, store.MarkLimit+1)),
		"list of 0": store.CheckList(0), "list too long": store.CheckList(store.ListLimit + 1),
		"trail from below": store.CheckTrailRead("practice-a", -1, 1), "trail of no code": store.CheckTrailRead("A", 0, 1),
		"positions of no code": store.CheckTrailHashes("A", nil), "position below": store.CheckTrailHashes("practice-a", []int64{0, -1}),
	} {
		if !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"mark": store.CheckMark("keyring", make([]byte, store.MarkLimit)), "list": store.CheckList(store.ListLimit),
		"trail": store.CheckTrailRead("practice-a", 0, 1), "positions": store.CheckTrailHashes("practice-a", make([]int64, store.ListLimit)),
		"bucket": store.CheckBucket("2027-03", store.Key{}, 1),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
