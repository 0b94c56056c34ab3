package mongo_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/mongo"
	"waypost/internal/store/mongo/wiretest"
)

const (
	password = "correct-horse"
	canary   = "Ada Example, 1 Invented Street" // an invented person
)

// quiet says that an error names no host, no password and no part of a document.
func quiet(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, word := range []string{password, "invalid:", "mongodb://", canary, "E11000", "one", "injected"} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("an error says %q: %v", word, err)
		}
	}
}

func TestErrorsSayNothingOfWhatTheyMet(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{
		"", "mongodb://", "mongodb://user:" + password + "@", "http://user:" + password + "@a.invalid", "mongodb://u:" + password + "@a.invalid/?w=%zz",
		"mongodb://u:" + password + "@a.invalid/?tls=maybe",
	} {
		_, err := mongo.Open(t.Context(), mongo.Options{URI: uri, Now: time.Now, Timeout: 100 * time.Millisecond})
		if !errors.Is(err, mongo.ErrURI) {
			t.Errorf("%q: %v", uri, err)
		}
		quiet(t, err)
	}
	s := wiretest.New(t)
	e := on(t, s)
	b := batch(t, "practice-a", "one")
	if err := e.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	again := b
	again.ID[0]++
	quiet(t, e.Commit(t.Context(), again.Ready()))
	for _, code := range []int32{8000, 13, 14031, 11600, 2} {
		s.Inject(faults("find", 1, wiretest.Before, wiretest.Action{Code: code})...)
		s.Inject(faults("find", 1, wiretest.Before, wiretest.Action{Code: code})...)
		_, err := e.Read(t.Context(), b.Ops[0].Rec.Key)
		quiet(t, err)
		if code == 14031 && !errors.Is(err, store.ErrFull) || code == 11600 && !errors.Is(err, mongo.ErrAway) {
			t.Errorf("error %d is %v", code, err)
		}
		for s.Pending() > 0 { // where the driver did not ask again
			_, _ = e.Read(t.Context(), b.Ops[0].Rec.Key)
		}
	}
	s.Inject(faults("insert", 2, wiretest.Before, wiretest.Action{Code: 14031})...)
	if err := e.Commit(t.Context(), batch(t, "practice-a", "two")); !errors.Is(err, store.ErrFull) {
		t.Errorf("a full disk: %v", err)
	}
	if r, k, n := effects(t, e); r != 1 || k != 1 || n != 1 {
		t.Errorf("a refused batch left %d records, %d keys, %d entries", r, k, n)
	}
}

// The driver can be told by the environment to log whole commands.
func TestTheEnvironmentCannotMakeTheDriverLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	t.Setenv("MONGODB_LOG_ALL", "debug")
	t.Setenv("MONGODB_LOG_PATH", path)
	e := on(t, wiretest.New(t))
	if err := e.Commit(t.Context(), batch(t, "practice-a", "one")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); len(b) > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it logged %d bytes: %v", len(b), err)
	}
}

// What was sealed arrives, and what was not would be seen: the server refuses the planted plaintext.
func TestOnlySealedBytesArrive(t *testing.T) {
	s := wiretest.New(t)
	s.Canary(canary)
	e := on(t, s)
	sealed := []byte(canary)
	for i := range sealed {
		sealed[i] ^= 0x5a // stands for the seal, which is made above the store
	}
	b := batch(t, "practice-a", "one")
	b.Ops[0].Rec.Sealed = sealed
	if err := e.Commit(t.Context(), b.Ready()); err != nil {
		t.Fatal(err)
	}
	open := batch(t, "practice-a", "two")
	open.Ops[0].Rec.Sealed = []byte(canary)
	refused := s.Expect()
	err := e.Commit(t.Context(), open.Ready())
	quiet(t, err)
	if got := refused(); len(got) != 1 || !strings.Contains(got[0], "plaintext") {
		t.Errorf("refused: %q", got)
	}
	if !slices.Equal(s.Ids("record"), []string{"practice-a case one"}) {
		t.Errorf("records: %q", s.Ids("record"))
	}
}
