package vault

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrEpoch says that an index epoch is unknown or the only one left.
var ErrEpoch = errors.New("vault: no such index epoch, or the last one")

const (
	blindLabel = "waypost/index/v1"
	blindSize  = 16
	epochLimit = 64
	// NHSField is the field of the index under which NHS numbers are found.
	NHSField = "nhs-number"
)

// Blind returns the entry of a value in the index of an organisation, one for each living
// epoch, newest first: epoch (4 bytes) and HMAC-SHA-256 cut to 16. A record is stored with
// all of them, a search asks for any, and the hit is opened and compared in clear.
//
// The same value gives unlinkable entries in two organisations. The key is the whole
// protection: with it, all NHS numbers are listed in minutes.
func (k *Keyring) Blind(tenant, field, value string) [][]byte {
	r := k.ring.Load()
	out := make([][]byte, 0, len(r.epochs))
	for _, e := range slices.Backward(r.epochs) {
		entry := binary.BigEndian.AppendUint32(make([]byte, 0, 4+sha256.Size), e.number)
		mac := hmac.New(sha256.New, e.tenantKey(tenant))
		mac.Write(bind(blindLabel, field, value))
		out = append(out, mac.Sum(entry)[:4+blindSize])
	}
	return out
}

// BlindNHS returns the entries of an NHS number, and none where no number was parsed.
func (k *Keyring) BlindNHS(tenant string, n NHSNumber) [][]byte {
	if n.IsZero() {
		return nil
	}
	return k.Blind(tenant, NHSField, n.Reveal())
}

func (e epoch) tenantKey(tenant string) []byte {
	key, err := hkdf.Key(sha256.New, e.key, nil, string(bind(blindLabel, tenant)), keySize)
	if err != nil { // only for a key too short or too much asked: the ring holds neither
		panic("vault: derive index key")
	}
	return key
}

// NewEpoch adds an index key. Every record is indexed again, then DropEpoch drops the old.
func (k *Keyring) NewEpoch() (number uint32, err error) {
	err = k.edit(func(r *ring) (bool, error) {
		if len(r.epochs) == epochLimit {
			return false, fmt.Errorf("new index epoch: %d are living", epochLimit)
		}
		key, err := freshKey(k.ground.Random)
		if err != nil {
			return false, err
		}
		r.lastEpoch++
		number = r.lastEpoch
		r.epochs = append(r.epochs, epoch{number, key})
		return true, nil
	})
	return number, err
}

// DropEpoch destroys an index key. The last one stays: without it nobody is found.
func (k *Keyring) DropEpoch(number uint32) error {
	return k.edit(func(r *ring) (bool, error) {
		i := slices.IndexFunc(r.epochs, func(e epoch) bool { return e.number == number })
		if i < 0 || len(r.epochs) == 1 {
			return false, fmt.Errorf("drop index epoch %d: %w", number, ErrEpoch)
		}
		r.epochs = slices.Delete(r.epochs, i, i+1)
		return true, nil
	})
}
