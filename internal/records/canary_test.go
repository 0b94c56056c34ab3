package records_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// Invented: nobody has this name, and numbers that begin with 999 are given to nobody.
var canaries = []string{"Zephyrine Quillfeather", "he counts her steps from the orchard gate", "9990000018"}

// A36: a name, a note and an NHS number go every way through this room; nothing of them is found in what rests, in its
// backup, beside the keys, in an error or in a log, in plain or in any common writing.
func TestNoCanaryRestsAnywhere(t *testing.T) {
	dir := t.TempDir()
	b := embedded(t, dir)
	r := furnish(t, b)
	var logged bytes.Buffer
	out := slog.New(slog.NewJSONHandler(&logged, nil))
	tell := func(step string, rec any, err error) {
		asJSON, jsonErr := json.Marshal(rec)
		out.Info(step, "record", rec, "text", fmt.Sprintf("%v %+v %#v %s %q", rec, rec, rec, rec, rec), "json", string(asJSON), "err", err, "jsonErr", jsonErr)
	}
	r.everyWay(t, tell)
	copied := backup(t, b)

	places := []string{dir, copied, filepath.Dir(r.ground.Path)}
	sweepFor(t, "while it runs", places, logged.Bytes())
	if names := filesIn(t, dir); !strings.Contains(names, "waypost.db-wal") || !strings.Contains(names, "ballast") {
		t.Errorf("the sweep did not see the log and the ballast: %s", names)
	}
	must(t, b.Close())
	sweepFor(t, "at rest", places, logged.Bytes())
}

// everyWay writes, reads, changes, finds, holds, refuses, erases and sweeps the canaries.
func (r *room) everyWay(t *testing.T, tell func(string, any, error)) {
	text := []byte(strings.Join(canaries, "\n"))
	number, err := vault.ParseNHSNumber(canaries[2])
	must(t, err)
	blind := r.ring.BlindNHS(practice, number)
	ctx := t.Context()
	var all []records.Record
	for _, kind := range []string{"case", "member", "session"} {
		for _, expires := range []time.Time{spring, summer, {}} {
			rec := note(kind, string(text), expires)
			rec.Blind = blind
			rec = r.add(practice, rec)
			tell("written", rec, nil)
			all = append(all, rec)
		}
	}
	found, err := r.Find(ctx, act(practice, "case.find"), "case", blind)
	must(t, err)
	if len(found) != 3 || !bytes.Equal(found[0].Content.Reveal(), text) {
		t.Fatal("the canaries did not come back")
	}
	tell("found", found, err)
	for _, rec := range all {
		got, err := r.read(rec)
		tell("read", got, err)
		_, err = r.Read(ctx, act(other, "case.read"), rec.Kind, rec.ID)
		tell("refused", rec, err)
		for range 2 { // the second is a conflict
			changed, err := r.Write(ctx, act(practice, "case.change"), op(), records.Change{Verb: records.Put, Record: got})
			tell("changed", changed, err)
		}
		held, err := r.Extend(ctx, act(practice, "case.hold"), op(), rec.Kind, rec.ID, date(2027, 9, 1))
		tell("held", held, err)
	}
	// What a person typed where a code belongs.
	for _, typed := range canaries {
		_, err := r.Read(ctx, act(practice, "case.read"), "case", typed)
		tell("typed as id", nil, err)
		_, err = r.Read(ctx, act(practice, "case.read"), typed[:4]+" "+typed, "x")
		tell("typed as kind", nil, err)
		a := act(practice, "case.read")
		a.Reason = typed + " "
		tell("typed as reason", nil, r.Note(ctx, a, trail.Denied, "case", typed))
		wrong := note("case", string(text), summer)
		wrong.ID, wrong.State = "x", typed+" "
		_, err = r.Write(ctx, act(practice, "case.open"), op(), records.Change{Verb: records.Put, Record: wrong})
		tell("typed as state", nil, err)
	}
	for _, below := range []error{store.ErrFull, store.ErrUnknown, errors.New("odd")} {
		r.wire.before = only("commit", below)
		_, err := r.Write(ctx, act(practice, "case.change"), op(), records.Change{Verb: records.Put, Record: all[0]})
		tell("store away", all[0], err)
		r.wire.before = nil
	}
	tell("erased", all[0], r.Erase(ctx, act(practice, "case.erase"), "case", all[0].ID))
	r.clock.set(date(2027, 10, 1))
	done, err := r.Sweep(ctx)
	tell("swept", done, err)
	must(t, err)
}

// sweepFor looks for every canary in every writing.
func sweepFor(t *testing.T, when string, places []string, log []byte) {
	t.Helper()
	look := func(where string, data []byte) {
		lower := bytes.ToLower(data)
		for i, c := range canaries {
			for _, w := range writings(c) {
				if bytes.Contains(data, w.bytes) || w.fold && bytes.Contains(lower, bytes.ToLower(w.bytes)) {
					t.Errorf("%s: canary %d stands in %s as %s", when, i, where, w.name)
				}
			}
		}
	}
	look("the log", log)
	for _, place := range places {
		must(t, filepath.WalkDir(place, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			look(filepath.Base(path), data)
			return err
		}))
	}
}

func filesIn(t *testing.T, dir string) (names string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		names += e.Name() + " "
	}
	return names
}

type writing struct {
	name  string
	bytes []byte
	fold  bool // in any case of letters
}

func writings(text string) []writing {
	out := []writing{{"plain text", []byte(text), true}, {"hex", []byte(hex.EncodeToString([]byte(text))), true}}
	if first, _, ok := strings.Cut(text, " "); ok && len(first) > 4 {
		out = append(out, writing{"a part of it", []byte(first), true})
	}
	for shift := range 3 { // base64 looks different at each of three places; the ends depend on the neighbours
		shifted := base64.StdEncoding.EncodeToString(append(make([]byte, shift), text...))
		inner := shifted[4 : len(shifted)-4]
		out = append(out, writing{"base64", []byte(inner), false},
			writing{"base64 for addresses", []byte(strings.NewReplacer("+", "-", "/", "_").Replace(inner)), false})
	}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(text)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	return append(out, writing{"UTF-16 little endian", little, false}, writing{"UTF-16 big endian", big, false})
}

// The search itself is searched: each writing must be found where it stands.
func TestACanaryThatRestsIsSeen(t *testing.T) {
	for _, c := range canaries {
		raw := []byte("before " + c + " after")
		var wide []byte
		for _, u := range utf16.Encode([]rune(string(raw))) {
			wide = append(wide, byte(u), byte(u>>8))
		}
		for name, data := range map[string][]byte{
			"plain": raw, "hex": []byte(hex.EncodeToString(raw)), "HEX": []byte(strings.ToUpper(hex.EncodeToString(raw))),
			"base64": []byte(base64.StdEncoding.EncodeToString(raw)), "base64 moved": []byte(base64.URLEncoding.EncodeToString(raw[1:])),
			"base64 moved again": []byte(base64.RawStdEncoding.EncodeToString(raw[2:])), "wide": wide,
		} {
			seen := false
			for _, w := range writings(c) {
				seen = seen || bytes.Contains(data, w.bytes) || w.fold && bytes.Contains(bytes.ToLower(data), bytes.ToLower(w.bytes))
			}
			if !seen {
				t.Errorf("%q as %s is not seen", c, name)
			}
		}
	}
}
