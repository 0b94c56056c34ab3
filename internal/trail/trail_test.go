package trail_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"waypost/internal/trail"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// seeded is a reader of repeatable bytes, for keys of tests only.
func seeded(n uint64) *rand.ChaCha8 {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], n)
	return rand.NewChaCha8(seed)
}

func keys(t testing.TB, n uint64) (*trail.Notary, trail.Readers) {
	t.Helper()
	private, public, err := trail.NewKey(seeded(n), "waypost")
	if err != nil {
		t.Fatal(err)
	}
	notary, err := trail.NewNotary(private, public)
	if err != nil {
		t.Fatal(err)
	}
	return notary, notary.Readers
}

func ref(n int) []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "record %d", n))
	return h[:20]
}

func looked(at time.Time, n int) trail.Entry {
	return trail.Entry{At: at, Actor: "staff-7f", Role: "lead", Action: "case.read", Outcome: trail.Done,
		Kind: "case", Ref: ref(n), Effect: trail.None}
}

func encode(t testing.TB, e trail.Entry) []byte {
	t.Helper()
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEntryKeepsEveryFieldAndHasOneSpelling(t *testing.T) {
	whole := trail.Entry{At: noon.Add(7 * time.Millisecond), Actor: "staff-7f", Role: "lead", Action: "case.replace",
		Outcome: trail.Done, Kind: "case", Ref: ref(1), Effect: trail.Put, Rev: 3, Record: trail.Sum([]byte("sealed")), Reason: "break-glass"}
	least := trail.Entry{At: noon, Actor: "system", Action: "sweep", Outcome: trail.Failed, Effect: trail.None}
	for name, e := range map[string]trail.Entry{"whole": whole, "least": least} {
		text := encode(t, e)
		back, err := trail.ParseEntry(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(encode(t, back), text) || !back.At.Equal(e.At) || back.Rev != e.Rev || back.Record != e.Record || back.Reason != e.Reason {
			t.Errorf("%s: came back as %+v", name, back)
		}
		for i := range text { // another spelling, a byte more, a byte less: none of them is the same entry
			if got, err := trail.ParseEntry(append(text[:i:i], text[i+1:]...)); err == nil && bytes.Equal(encode(t, got), text) {
				t.Errorf("%s: without byte %d it reads as the same entry", name, i)
			}
		}
		for _, other := range []string{string(text) + "\n", "\n" + string(text), strings.Replace(string(text), "rev ", "rev +", 1),
			strings.Replace(string(text), "rev ", "rev 0", 1), strings.ToUpper(string(text)), strings.ReplaceAll(string(text), "\n", "\r\n"),
			strings.Replace(string(text), "Z\n", "+00:00\n", 1)} {
			if _, err := trail.ParseEntry([]byte(other)); !errors.Is(err, trail.ErrEntry) {
				t.Errorf("%s: another spelling was accepted: %q", name, other)
			}
		}
	}
}

func TestEntryRefusesWhatMightBeAPerson(t *testing.T) {
	sound := looked(noon, 1)
	for name, change := range map[string]func(*trail.Entry){
		"a name as actor":          func(e *trail.Entry) { e.Actor = "Imogen Testwell" }, // invented
		"a name in capitals":       func(e *trail.Entry) { e.Actor = "IMOGEN" },
		"an address":               func(e *trail.Entry) { e.Actor = "imogen@example.org" },
		"free text as reason":      func(e *trail.Entry) { e.Reason = "husband rang, upset" },
		"a path as action":         func(e *trail.Entry) { e.Action = "GET /desk/case/1" },
		"accents":                  func(e *trail.Entry) { e.Kind = "caf\u00e9" },
		"a line of its own":        func(e *trail.Entry) { e.Role = "lead\nrole" },
		"the empty mark":           func(e *trail.Entry) { e.Role = "-" },
		"no actor":                 func(e *trail.Entry) { e.Actor = "" },
		"no action":                func(e *trail.Entry) { e.Action = "" },
		"a very long code":         func(e *trail.Entry) { e.Reason = strings.Repeat("a", 65) },
		"a reference in the clear": func(e *trail.Entry) { e.Ref = []byte("9434765919") },
		"a long reference":         func(e *trail.Entry) { e.Ref = make([]byte, 33) },
		"microseconds":             func(e *trail.Entry) { e.At = e.At.Add(time.Microsecond) },
		"no time":                  func(e *trail.Entry) { e.At = time.Time{} },
		"no outcome":               func(e *trail.Entry) { e.Outcome = "" },
		"no effect":                func(e *trail.Entry) { e.Effect = "" },
		"a digest without a put":   func(e *trail.Entry) { e.Record = trail.Sum(nil) },
		"a put without a digest":   func(e *trail.Entry) { e.Effect, e.Rev = trail.Put, 1 },
		"a put that was denied": func(e *trail.Entry) {
			e.Effect, e.Rev, e.Record, e.Outcome = trail.Put, 1, trail.Sum(nil), trail.Denied
		},
		"a destruction of nothing": func(e *trail.Entry) { e.Effect, e.Rev, e.Ref = trail.Gone, 1, nil },
		"a revision below zero":    func(e *trail.Entry) { e.Rev = -1 },
	} {
		e := sound
		change(&e)
		if _, err := e.Encode(); !errors.Is(err, trail.ErrEntry) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := sound.Encode(); err != nil {
		t.Errorf("the sound entry itself: %v", err)
	}
}

func TestEdgeGrowsAsTlogDoes(t *testing.T) {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(pos []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(pos))
		for i, p := range pos {
			out[i] = stored[p]
		}
		return out, nil
	})
	var edge trail.Edge
	for n := range int64(600) {
		next, leaf, hashes, err := edge.Append(encode(t, looked(noon.Add(time.Duration(n)*time.Second), int(n))))
		if err != nil {
			t.Fatal(err)
		}
		want, err := tlog.StoredHashes(n, leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(stored)) != trail.FirstHash(n) || len(hashes) != len(want) || len(hashes) != trail.HashesOf(n) {
			t.Fatalf("leaf %d: %d hashes at %d, tlog says %d", n, len(hashes), len(stored), len(want))
		}
		for i := range want {
			if tlog.Hash(hashes[i]) != want[i] {
				t.Fatalf("leaf %d hash %d differs from tlog", n, i)
			}
		}
		stored = append(stored, want...)
		root, err := tlog.TreeHash(n+1, read)
		if err != nil || trail.Hash(root) != next.Root() {
			t.Fatalf("root at %d differs from tlog (%v)", n+1, err)
		}
		at := make([]trail.Hash, 0, 10)
		for _, p := range trail.Positions(n + 1) {
			at = append(at, trail.Hash(stored[p]))
		}
		reopened, err := trail.OpenEdge(n+1, leaf, at)
		if err != nil || reopened.Root() != next.Root() || !reopened.Clock.Equal(next.Clock) {
			t.Fatalf("reopened at %d: %v", n+1, err)
		}
		if n%7 == 0 { // an edge that was forgotten leaves no trace in the one it grew from
			if _, _, _, err := next.Append(encode(t, looked(noon.Add(time.Hour), -1))); err != nil {
				t.Fatal(err)
			}
		}
		edge = next
	}
	if empty, err := tlog.TreeHash(0, read); err != nil || (trail.Edge{}).Root() != trail.Hash(empty) {
		t.Errorf("the empty log has another root than tlog's (%v)", err)
	}
}

func TestClockSetBackIsRefused(t *testing.T) {
	var edge trail.Edge
	add := func(at time.Time, effect trail.Effect) error {
		e := looked(at, 1)
		e.Effect = effect
		next, _, _, err := edge.Append(encode(t, e))
		if err == nil {
			edge = next
		}
		return err
	}
	for _, step := range []struct {
		name   string
		at     time.Duration
		effect trail.Effect
		refuse bool
	}{
		{"first", 0, trail.None, false},
		{"late in the queue", -59 * time.Second, trail.None, false},
		{"later still: slack is measured from the latest, not from the previous", -61 * time.Second, trail.None, true},
		{"a day back", -24 * time.Hour, trail.None, true},
		{"the clock runs ahead a year", 365 * 24 * time.Hour, trail.None, false},
		{"the true time is refused", time.Minute, trail.None, true},
		{"a correction is confirmed in sight", time.Minute, trail.Clock, false},
		{"the true time again", 2 * time.Minute, trail.None, false},
	} {
		err := add(noon.Add(step.at), step.effect)
		if step.refuse != errors.Is(err, trail.ErrClock) || (!step.refuse && err != nil) {
			t.Errorf("%s: got %v", step.name, err)
		}
	}
	if err := trail.Guard(noon.Add(-24*time.Hour), noon); !errors.Is(err, trail.ErrClock) {
		t.Errorf("guard let a clock set back a day start: %v", err)
	}
	if err := trail.Guard(noon.Add(-trail.Slack), noon); err != nil {
		t.Errorf("guard refused a clock within slack: %v", err)
	}
}
