package trail_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"waypost/internal/trail"
)

func TestCheckpointIsBoundToItsLogItsSizeAndItsKey(t *testing.T) {
	notary, readers := keys(t, 1)
	other, _ := keys(t, 2)
	head := trail.Checkpoint{Log: "practice-a", Size: 12, Root: trail.Sum([]byte("x")), Clock: noon}
	signed, err := notary.Sign(head)
	if err != nil {
		t.Fatal(err)
	}
	back, err := readers.Open(signed)
	if err != nil || back != head {
		t.Fatalf("came back as %+v, %v", back, err)
	}
	for i := range signed {
		for bit := range 8 {
			bad := bytes.Clone(signed)
			bad[i] ^= 1 << bit
			if c, err := readers.Open(bad); err == nil && c != head {
				t.Fatalf("bit %d of byte %d flipped: accepted as %+v", bit, i, c)
			}
		}
	}
	foreign, _ := other.Sign(head)
	for name, bad := range map[string][]byte{
		"another key":   foreign,
		"nothing":       nil,
		"no signature":  signed[:bytes.Index(signed, []byte("\n\n"))+2],
		"another size":  bytes.Replace(signed, []byte("\n12\n"), []byte("\n13\n"), 1),
		"another log":   bytes.Replace(signed, []byte("practice-a"), []byte("practice-b"), 1),
		"another clock": bytes.Replace(signed, []byte("clock 2026"), []byte("clock 2027"), 1),
	} {
		if _, err := readers.Open(bad); !errors.Is(err, trail.ErrNote) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := (trail.Readers{}).Open(signed); !errors.Is(err, trail.ErrNote) {
		t.Errorf("without any key: %v", err)
	}
	if _, err := notary.Sign(trail.Checkpoint{Log: "Imogen Testwell"}); !errors.Is(err, trail.ErrNote) { // invented
		t.Errorf("a name as the name of a log: %v", err)
	}
}

func TestCheckpointHasOneSpelling(t *testing.T) {
	private, _, _ := trail.NewKey(seeded(1), "waypost")
	notary, readers := keys(t, 1)
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	signed, _ := notary.Sign(trail.Checkpoint{Log: "practice-a", Size: 12, Clock: noon})
	text, _, _ := strings.Cut(string(signed), "\n\n")
	for _, change := range [][2]string{{"\n12\n", "\n12\n"}, {"\n12\n", "\n012\n"}, {"\n12\n", "\n+12\n"}, {"\n12\n", "\n-12\n"},
		{"clock", "clock "}, {"waypost/trail/", "another/log/"}, {"AAAA=\n", "AAAB=\n"}, {"AAAA=\n", "\n"}, {"Z", "Z\nmore"}} {
		again, err := note.Sign(&note.Note{Text: strings.Replace(text, change[0], change[1], 1) + "\n"}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readers.Open(again); (err == nil) != (change[0] == change[1]) {
			t.Errorf("%q for %q: %v", change[1], change[0], err)
		}
	}
}

func TestNotaryKnowsItsOwnKeyAndKeepsItToItself(t *testing.T) {
	private, _, _ := trail.NewKey(seeded(1), "waypost")
	_, public, _ := trail.NewKey(seeded(2), "waypost")
	if _, err := trail.NewNotary(private, public); err == nil {
		t.Error("a signing key whose public key is not known was accepted")
	}
	secret := private[strings.LastIndex(private, "+")+1:]
	for _, bad := range []string{"x" + private, private[:len(private)-4], private + "!"} {
		if _, err := trail.NewNotary(bad, public); err == nil || strings.Contains(err.Error(), secret[:12]) {
			t.Errorf("malformed key: %v", err)
		}
	}
}

func TestKeyChangeKeepsOldCheckpointsReadable(t *testing.T) {
	old, _ := keys(t, 1)
	_, oldPublic, _ := trail.NewKey(seeded(1), "waypost")
	private, public, _ := trail.NewKey(seeded(2), "waypost")
	fresh, err := trail.NewNotary(private, public, oldPublic)
	if err != nil {
		t.Fatal(err)
	}
	signed, _ := old.Sign(trail.Checkpoint{Log: "practice-a"})
	if _, err := fresh.Open(signed); err != nil {
		t.Error(err)
	}
}

func TestSinksKeepEveryCheckpoint(t *testing.T) {
	notary, readers := keys(t, 1)
	path := filepath.Join(t.TempDir(), "kept")
	var out bytes.Buffer
	var want [][]byte
	for n := range int64(5) {
		signed, _ := notary.Sign(trail.Checkpoint{Log: "practice-a", Size: n, Clock: noon})
		want = append(want, signed)
		if n == 3 { // a process killed in the middle of a line, and one killed before the signature
			f, _ := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			_, err := f.Write(signed[:bytes.Index(signed, []byte("\n\n"))+2])
			if _, err2 := f.Write([]byte("waypost/trail/prac")); err != nil || err2 != nil || f.Close() != nil {
				t.Fatal(err, err2)
			}
		}
		if err := trail.Publish(t.Context(), signed, trail.ToFile(path), trail.To(&out)); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string][]byte{"file": file, "stdout": out.Bytes()} {
		got, err := trail.Kept(bytes.NewReader(from))
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d checkpoints, %v", name, len(got), err)
		}
		for i := range want {
			if c, err := readers.Open(got[i]); err != nil || c.Size != int64(i) {
				t.Errorf("%s: checkpoint %d: %+v, %v", name, i, c, err)
			}
		}
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	err = trail.Publish(t.Context(), want[0], trail.ToFile(filepath.Join(path, "not-a-directory")), trail.To(&out))
	if err == nil || !bytes.HasSuffix(out.Bytes(), want[0]) {
		t.Errorf("a sink that fails must be reported and must not keep the others from theirs: %v", err)
	}
}
