package vault_test

import (
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"waypost/internal/vault"
)

// The house of the tests: a fresh keyring with the months to the end of 2027, in an
// invented practice, on 24 November 2026.
type house struct {
	*vault.Keyring
	clock  *clock
	ground vault.Ground
}

func rootKey(t testing.TB, seed byte) vault.RootKey {
	t.Helper()
	raw := make([]byte, 32)
	for i := range raw {
		raw[i] = seed + byte(i)
	}
	root, err := vault.NewRootKey(raw)
	must(t, err)
	return root
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{clock: tenPast()}
	h.ground = vault.Ground{
		Path: filepath.Join(t.TempDir(), vault.RingName), Root: rootKey(t, 1), Random: rand.Reader, Now: h.clock.now,
	}
	k, err := vault.CreateKeyring(h.ground)
	must(t, err)
	must(t, k.Prepare(time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC)))
	h.Keyring = k
	return h
}

// loaded opens the file again, as another process would.
func (h *house) loaded(t testing.TB) *vault.Keyring {
	t.Helper()
	k, err := vault.LoadKeyring(h.ground)
	must(t, err)
	return k
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	aCase = vault.Place{Tenant: "practice-a", Kind: "case", ID: "0192", Rev: 1}
	march = time.Date(2027, 3, 9, 12, 0, 0, 0, time.UTC)
)

// sealed is a record as the store would keep it.
type sealed struct {
	place   vault.Place
	wrapped vault.Wrapped
	bytes   []byte
}

func (h *house) seal(t testing.TB, p vault.Place, expires time.Time, text string) sealed {
	t.Helper()
	w, key, err := h.NewKey(p, expires)
	must(t, err)
	bytes, err := key.Seal(p, 3, []byte(text))
	must(t, err)
	return sealed{p, w, bytes}
}

// open does what a reader does: unwrap the key, open the text.
func open(k *vault.Keyring, s sealed) (string, error) {
	key, err := k.OpenKey(s.place, s.wrapped)
	if err != nil {
		return "", err
	}
	text, schema, err := key.Open(s.place, s.bytes)
	if err == nil && schema != 3 {
		panic("another schema version")
	}
	return string(text), err
}
