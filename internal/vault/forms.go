package vault

import (
	"bytes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

var (
	// ErrExpired says that a form was carried longer than FormLife. The page may say so
	// kindly; the age is the form's own claim and was not checked against a key.
	ErrExpired = errors.New("vault: form expired")
	// ErrForeign says that a form is not ours: changed, moved from another journey,
	// content or person, or sealed under a key that is gone.
	ErrForeign = errors.New("vault: form not ours")
	// ErrFormTooLong refuses to seal more than MaxForm bytes.
	ErrFormTooLong = errors.New("vault: form state too long")
)

const (
	// FormLife is how long a sealed form may be carried between two steps.
	FormLife = time.Hour
	// MaxForm is the longest form state that can be sealed.
	MaxForm = largest - 4

	formSkew    = 2 * time.Minute // how far a neighbour's clock may run ahead
	formVersion = 1
	formHeader  = 9 // version, issue time in seconds
	formLabel   = "waypost/form/v1"
)

// Form says where a sealed state belongs. It opens there and nowhere else.
type Form struct {
	Journey string // "public", "consult"
	Content string // content version the answers were given to
	Staff   string // id of the signed-in person; empty where nobody signs in
}

// Forms seals what a journey carries from step to step, so that a saved page holds
// ciphertext and two consultations cannot mix. Each hour has its own key; the key of
// the present and of the previous hour are accepted, and a form lives for FormLife.
// Replaying a state within its life shows that step again: it must grant nothing.
type Forms struct {
	now   func() time.Time
	key   func(hour int64) ([]byte, error)
	mu    sync.Mutex
	boxes map[int64]Secret[cipher.AEAD]
}

// NewForms makes forms with a random key per hour that lives in this process only:
// after a restart every form is foreign. Replicas need Keyring.Forms instead. Keys come
// from random, nonces from the cryptographic module itself.
func NewForms(random io.Reader, now func() time.Time) (*Forms, error) {
	return newForms(now, func(int64) ([]byte, error) {
		key := make([]byte, keySize)
		_, err := io.ReadFull(random, key)
		return key, err
	})
}

// newForms makes the first key at once, so that a broken source shows at start.
func newForms(now func() time.Time, key func(hour int64) ([]byte, error)) (*Forms, error) {
	f := &Forms{now: now, key: key, boxes: map[int64]Secret[cipher.AEAD]{}}
	hour := hourOf(now().Unix())
	if _, err := f.box(hour, hour); err != nil {
		return nil, err
	}
	return f, nil
}

// Seal returns the state as base64url text for a hidden field. It is not compressed,
// for a compressed length would speak of the answers; it is padded, so that only 256 B,
// 1 KiB, 4 KiB and 16 KiB can be told apart.
func (f *Forms) Seal(form Form, state []byte) (string, error) {
	if len(state) > MaxForm {
		return "", fmt.Errorf("seal form of %d bytes: %w", len(state), ErrFormTooLong)
	}
	now := f.now().Unix()
	box, err := f.box(hourOf(now), hourOf(now))
	if err != nil {
		return "", err
	}
	size := bucket(len(state))
	sealed := make([]byte, formHeader, formHeader+size+boxOverhead)
	sealed[0] = formVersion
	binary.BigEndian.PutUint64(sealed[1:], uint64(now))
	sealed = box.Seal(sealed, nil, pad(make([]byte, 0, size), state), form.bind(sealed[:formHeader]))
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open returns the state, ErrExpired or ErrForeign.
func (f *Forms) Open(form Form, text string) ([]byte, error) {
	sealed, ok := decodeForm(text)
	if !ok {
		return nil, ErrForeign
	}
	now, issued := f.now().Unix(), int64(binary.BigEndian.Uint64(sealed[1:]))
	switch { // written so that no claimed time can overflow
	case issued <= now-int64(FormLife/time.Second):
		return nil, ErrExpired
	case issued > now+int64(formSkew/time.Second):
		return nil, ErrForeign
	}
	box, err := f.box(hourOf(issued), hourOf(now))
	if err != nil {
		return nil, err
	}
	padded, err := box.Open(nil, nil, sealed[formHeader:], form.bind(sealed[:formHeader]))
	if err != nil {
		return nil, ErrForeign
	}
	state, ok := unpad(padded)
	if !ok {
		return nil, ErrForeign
	}
	return state, nil
}

func (form Form) bind(header []byte) []byte {
	return bind(formLabel, form.Journey, form.Content, form.Staff, string(header))
}

// decodeForm accepts exactly the texts that Seal can write: the decoder of the standard
// library alone would skip line breaks, and one state would have many texts.
func decodeForm(text string) ([]byte, bool) {
	longest := base64.RawURLEncoding.EncodedLen(formHeader + largest + boxOverhead)
	if len(text) > longest || bytes.ContainsAny([]byte(text), "\r\n") {
		return nil, false
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(sealed) < formHeader || sealed[0] != formVersion {
		return nil, false
	}
	return sealed, isBucket(len(sealed) - formHeader - boxOverhead)
}

// box returns the cipher of an hour and forgets those no living form can need.
func (f *Forms) box(hour, present int64) (cipher.AEAD, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if box, ok := f.boxes[hour]; ok {
		return box.Reveal(), nil
	}
	key, err := f.key(hour)
	if err != nil {
		return nil, fmt.Errorf("vault: make form key: %w", err)
	}
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	clear(key)
	for old := range f.boxes {
		if old < present-1 || old > present+1 {
			delete(f.boxes, old)
		}
	}
	f.boxes[hour] = Keep(box)
	return box, nil
}

func hourOf(unix int64) int64 { return unix / 3600 }
