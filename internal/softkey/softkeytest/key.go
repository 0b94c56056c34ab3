// Package softkeytest is a passkey for a test: one that cannot answer ends it. It refuses to be linked into the product.
package softkeytest

import (
	"encoding/base64"
	"testing"

	"waypost/internal/softkey"
)

// Key is a passkey in the hands of a test.
type Key struct {
	*softkey.Key
	t testing.TB
}

// New makes a key for the pages of one origin.
func New(t testing.TB, origin string) *Key {
	t.Helper()
	k, err := softkey.New(origin)
	if err != nil {
		t.Fatal(err)
	}
	return &Key{k, t}
}

// Copy is another key of the same person that differs where the test changes it.
func (k *Key) Copy() *Key {
	inner := *k.Key
	return &Key{&inner, k.t}
}

// Create answers navigator.credentials.create.
func (k *Key) Create(options []byte) []byte {
	k.t.Helper()
	return k.answer(k.Key.Create(options))
}

// Get answers navigator.credentials.get.
func (k *Key) Get(options []byte) []byte {
	k.t.Helper()
	return k.answer(k.Key.Get(options))
}

func (k *Key) answer(credential []byte, err error) []byte {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
	return credential
}

// Text is how bytes of a credential stand in a form: base64url.
func Text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
