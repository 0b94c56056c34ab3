package vault

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
)

var (
	// ErrTampered says that a ciphertext or a wrapped key was changed, cut or moved.
	ErrTampered = errors.New("vault: changed or moved")
	// ErrPlace refuses a place without organisation, kind, id or revision.
	ErrPlace = errors.New("vault: incomplete place")
	// ErrNoKey refuses to seal with a DataKey that no Keyring made.
	ErrNoKey = errors.New("vault: no data key")
	// ErrTooLong refuses to seal more than MaxRecord bytes.
	ErrTooLong = errors.New("vault: record too long")
)

const (
	// MaxRecord is the longest text one record can hold.
	MaxRecord = 8 << 20

	sealVersion = 1
	sealHeader  = 1 + 2 + sha256.Size // version, schema, commitment
	sealLabel   = "waypost/seal/v1"
	sealInfo    = "waypost/seal/v1 enc+commit"
)

// Place says where a ciphertext belongs: it opens there and nowhere else. Tenant is the
// organisation. The revision stops an old text under a new revision; that a whole old
// row was put back, only the trail can show.
type Place struct {
	Tenant, Kind, ID string
	Rev              uint64
}

// check refuses a place that says too little; the revision is only asked of records.
func (p Place) check() error {
	if p.Tenant == "" || p.Kind == "" || p.ID == "" {
		return ErrPlace
	}
	return nil
}

func (p Place) bindRecord(schema uint16) []byte {
	context := bind(sealLabel, "record", p.Tenant, p.Kind, p.ID)
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint64(context, p.Rev), schema)
}

func (p Place) bindKey(bucket string) []byte {
	return bind(sealLabel, "dek", p.Tenant, p.Kind, p.ID, bucket)
}

// DataKey seals the revisions of one record. A Keyring makes and opens it; it lives in
// memory for the time of one act and rests only wrapped.
type DataKey struct{ s Secret[dataKey] }

type dataKey struct {
	box        cipher.AEAD
	commitment []byte
}

// newDataKey derives the encryption key and the commitment to it. The commitment stops a
// second key from opening the same bytes, which GCM alone allows.
func newDataKey(dek []byte) (DataKey, error) {
	both, err := hkdf.Key(sha256.New, dek, nil, sealInfo, keySize+sha256.Size)
	if err != nil {
		return DataKey{}, fmt.Errorf("vault: derive data key: %w", err)
	}
	box, err := newBox(both[:keySize])
	if err != nil {
		return DataKey{}, err
	}
	return DataKey{Keep(dataKey{box, both[keySize:]})}, nil
}

// Seal returns version, schema, commitment, nonce and ciphertext: 63 bytes over the
// padded length. The schema version says how to read the text; it stands in clear and is
// bound like the place. Sealing twice gives different bytes: a retry sends the first ones.
func (k DataKey) Seal(p Place, schema uint16, text []byte) ([]byte, error) {
	if k.s.IsZero() {
		return nil, fmt.Errorf("seal %s %s: %w", p.Kind, p.ID, ErrNoKey)
	}
	if err := p.check(); err != nil || p.Rev == 0 {
		return nil, fmt.Errorf("seal %s %s: %w", p.Kind, p.ID, ErrPlace)
	}
	if len(text) > MaxRecord {
		return nil, fmt.Errorf("seal %s %s of %d bytes: %w", p.Kind, p.ID, len(text), ErrTooLong)
	}
	key, size := k.s.Reveal(), bucket(len(text))
	sealed := make([]byte, 3, sealHeader+size+boxOverhead)
	sealed[0] = sealVersion
	binary.BigEndian.PutUint16(sealed[1:], schema)
	sealed = append(sealed, key.commitment...)
	padded := pad(make([]byte, 0, size), text)
	sealed = key.box.Seal(sealed, nil, padded, p.bindRecord(schema))
	clear(padded)
	return sealed, nil
}

// Open returns the text and its schema version, or ErrTampered.
func (k DataKey) Open(p Place, sealed []byte) ([]byte, uint16, error) {
	refused := func() ([]byte, uint16, error) {
		return nil, 0, fmt.Errorf("open %s %s: %w", p.Kind, p.ID, ErrTampered)
	}
	if len(sealed) < sealHeader || sealed[0] != sealVersion || k.s.IsZero() {
		return refused()
	}
	if !isBucket(len(sealed) - sealHeader - boxOverhead) {
		return refused()
	}
	key, schema := k.s.Reveal(), binary.BigEndian.Uint16(sealed[1:])
	if subtle.ConstantTimeCompare(sealed[3:sealHeader], key.commitment) != 1 {
		return refused()
	}
	padded, err := key.box.Open(nil, nil, sealed[sealHeader:], p.bindRecord(schema))
	if err != nil {
		return refused()
	}
	text, ok := unpad(padded)
	if !ok {
		return refused()
	}
	return text, schema, nil
}
