package vault

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// KEK wraps small secrets. A RootKey is one implementation, a key management service or
// a hardware module another: it is asked once at start and once per change of the
// keyring, never per record.
type KEK interface {
	Wrap(secret, aad []byte) ([]byte, error)
	Unwrap(wrapped, aad []byte) ([]byte, error)
}

// RootKey is a KEK made of 32 bytes.
type RootKey struct{ s Secret[rootKey] }

type rootKey struct {
	box cipher.AEAD
	id  [8]byte
}

// NewRootKey makes a root key of 32 random bytes. It derives what it needs and keeps
// nothing of them.
func NewRootKey(random []byte) (RootKey, error) {
	if len(random) != keySize {
		return RootKey{}, ErrRootFormat
	}
	return deriveRoot(random, "waypost/root/v1")
}

func deriveRoot(random []byte, label string) (RootKey, error) {
	both, err := hkdf.Key(sha256.New, random, nil, label, keySize+8)
	if err != nil {
		return RootKey{}, fmt.Errorf("vault: derive root key: %w", err)
	}
	box, err := newBox(both[:keySize])
	if err != nil {
		return RootKey{}, err
	}
	return RootKey{Keep(rootKey{box, [8]byte(both[keySize:])})}, nil
}

// Wrap seals a small secret.
func (r RootKey) Wrap(secret, aad []byte) ([]byte, error) {
	if r.s.IsZero() {
		return nil, ErrNoRoot
	}
	return r.s.Reveal().box.Seal(nil, nil, secret, aad), nil
}

// Unwrap opens it, or fails with ErrTampered.
func (r RootKey) Unwrap(wrapped, aad []byte) ([]byte, error) {
	if r.s.IsZero() {
		return nil, ErrNoRoot
	}
	secret, err := r.s.Reveal().box.Open(nil, nil, wrapped, aad)
	if err != nil {
		return nil, ErrTampered
	}
	return secret, nil
}

// rootID names a root key in the keyring's header, so that a wrong key and a damaged file
// can be told apart. It says nothing of the key. A service has none: zero.
func rootID(k KEK) (id [8]byte) {
	if r, ok := k.(RootKey); ok && !r.s.IsZero() {
		id = r.s.Reveal().id
	}
	return id
}
