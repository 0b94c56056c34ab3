package vault

import (
	"fmt"
	"time"
)

// Wrapped is a data key at rest: 60 bytes, kept apart from the ciphertext it opens.
// Destroying it erases one record, destroying the key of its month all that expire then.
type Wrapped struct {
	Bucket string // month of expiry in UTC, "2027-03"
	Bytes  []byte
}

// wrappedSize is a data key with nonce and tag.
const wrappedSize = keySize + boxOverhead

// NewKey draws the data key of a record and wraps it by the key of the month it expires
// in. One data key serves all revisions of its record; p.Rev plays no part.
func (k *Keyring) NewKey(p Place, expires time.Time) (Wrapped, DataKey, error) {
	dek, err := freshKey(k.ground.Random)
	if err != nil {
		return Wrapped{}, DataKey{}, err
	}
	defer clear(dek)
	wrapped, err := k.wrap(p, dek, expires)
	if err != nil {
		return Wrapped{}, DataKey{}, fmt.Errorf("make key of %s %s: %w", p.Kind, p.ID, err)
	}
	key, err := newDataKey(dek)
	return wrapped, key, err
}

// OpenKey unwraps the data key of a record: ErrShredded where its month is destroyed,
// ErrTampered where it was changed or belongs elsewhere.
func (k *Keyring) OpenKey(p Place, w Wrapped) (DataKey, error) {
	dek, _, err := k.unwrap(p, w)
	if err != nil {
		return DataKey{}, fmt.Errorf("open key of %s %s: %w", p.Kind, p.ID, err)
	}
	defer clear(dek)
	return newDataKey(dek)
}

// Rewrap wraps the same data key for another expiry, or by the newest key of its month.
// The ciphertext is untouched.
func (k *Keyring) Rewrap(p Place, w Wrapped, expires time.Time) (Wrapped, error) {
	dek, _, err := k.unwrap(p, w)
	if err != nil {
		return Wrapped{}, fmt.Errorf("rewrap key of %s %s: %w", p.Kind, p.ID, err)
	}
	defer clear(dek)
	again, err := k.wrap(p, dek, expires)
	if err != nil {
		return Wrapped{}, fmt.Errorf("rewrap key of %s %s: %w", p.Kind, p.ID, err)
	}
	return again, nil
}

// IsCurrent says whether a data key is wrapped by the newest key of its month.
func (k *Keyring) IsCurrent(p Place, w Wrapped) (bool, error) {
	dek, age, err := k.unwrap(p, w)
	if err != nil {
		return false, fmt.Errorf("look at key of %s %s: %w", p.Kind, p.ID, err)
	}
	clear(dek)
	return age == 0, nil
}

func (k *Keyring) wrap(p Place, dek []byte, expires time.Time) (Wrapped, error) {
	if err := p.check(); err != nil {
		return Wrapped{}, err
	}
	if !expires.After(k.ground.Now()) {
		return Wrapped{}, ErrPast
	}
	bucket := Bucket(expires)
	m, err := k.ring.Load().month(bucket)
	if err != nil {
		return Wrapped{}, err
	}
	return Wrapped{bucket, m.keys[0].box.Seal(nil, nil, dek, p.bindKey(bucket))}, nil
}

// unwrap tries the newest key first and says how many rotations back the right one is.
func (k *Keyring) unwrap(p Place, w Wrapped) (dek []byte, age int, err error) {
	m, err := k.ring.Load().month(w.Bucket)
	if err != nil {
		return nil, 0, err
	}
	if len(w.Bytes) != wrappedSize {
		return nil, 0, ErrTampered
	}
	for age, key := range m.keys {
		if dek, err := key.box.Open(nil, nil, w.Bytes, p.bindKey(w.Bucket)); err == nil {
			return dek, age, nil
		}
	}
	return nil, 0, ErrTampered
}
