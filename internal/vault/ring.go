package vault

import (
	"crypto/cipher"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// ring is what a keyring file holds. It is never changed: an edit is made on a copy.
type ring struct {
	id         [16]byte
	generation uint64
	months     map[string]month
	epochs     []epoch // oldest first
	lastEpoch  uint32
	forms      []formSecret // oldest first
}

// month holds the keys of one month of expiry, newest first. No key is a tombstone: the
// month was destroyed and is never made again.
type month struct {
	keys    []kek
	rotated int64 // when the newest key was added, Unix seconds
}

func (m month) destroyed() bool { return len(m.keys) == 0 }

type kek struct {
	key []byte
	box cipher.AEAD
}

// epoch is one generation of the index key.
type epoch struct {
	number uint32
	key    []byte
}

// formSecret derives the form keys from an hour on.
type formSecret struct {
	from int64
	key  []byte
}

func (r *ring) clone() *ring {
	next := *r
	next.months = maps.Clone(r.months)
	next.epochs = slices.Clone(r.epochs)
	next.forms = slices.Clone(r.forms)
	return &next
}

func newKEK(key []byte) (kek, error) {
	box, err := newBox(key)
	return kek{key, box}, err
}

func freshKEK(random io.Reader) (kek, error) {
	key, err := freshKey(random)
	if err != nil {
		return kek{}, err
	}
	return newKEK(key)
}

func freshKey(random io.Reader) ([]byte, error) {
	key := make([]byte, keySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("vault: make key: %w", err)
	}
	return key, nil
}

const monthLayout = "2006-01"

// Bucket names the month of expiry, in UTC, whose key guards a record: "2027-03".
func Bucket(expires time.Time) string { return expires.UTC().Format(monthLayout) }

// monthEnd is the first moment after a bucket, or false for what is no bucket.
func monthEnd(bucket string) (time.Time, bool) {
	start, err := time.Parse(monthLayout, bucket)
	return start.AddDate(0, 1, 0), err == nil && Bucket(start) == bucket
}
