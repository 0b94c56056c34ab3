package vault

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
)

// formLead is how many hours ahead a new form secret is announced, so that every replica
// has read it before it is used.
const formLead = 2

// Forms seals journeys by keys that all replicas with this keyring share. They survive a
// restart, so whoever has both the keyring and a saved page can open that page until its
// form secret is rotated away.
func (k *Keyring) Forms() (*Forms, error) {
	return newForms(k.ground.Now, func(hour int64) ([]byte, error) {
		info := binary.BigEndian.AppendUint64([]byte(formLabel), uint64(hour))
		return hkdf.Key(sha256.New, k.ring.Load().formSecret(hour), nil, string(info), keySize)
	})
}

// RotateForms draws a new form secret for the hours after next and forgets those that no
// living form needs. Called daily, a page saved two days ago opens for nobody.
func (k *Keyring) RotateForms() error {
	return k.edit(func(r *ring) (bool, error) {
		hour := hourOf(k.ground.Now().Unix())
		changed := false
		for len(r.forms) > 1 && r.forms[1].from < hour-1 {
			r.forms, changed = r.forms[1:], true
		}
		if r.forms[len(r.forms)-1].from > hour {
			return changed, nil // one is announced already
		}
		key, err := freshKey(k.ground.Random)
		if err != nil {
			return false, err
		}
		r.forms = append(r.forms, formSecret{hour + formLead, key})
		return true, nil
	})
}

// formSecret returns the secret in force in an hour.
func (r *ring) formSecret(hour int64) []byte {
	secret := r.forms[0]
	for _, next := range r.forms[1:] {
		if next.from <= hour {
			secret = next
		}
	}
	return secret.key
}
