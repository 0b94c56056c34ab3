package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrWrongRoot says that the keyring was sealed by another root key.
var ErrWrongRoot = errors.New("vault: keyring sealed by another root key")

// A keyring file: magic and version (5), ring id (16), generation (8), root key id (8),
// length (2) and bytes of the wrapped file key, then one box with everything in clear
// bound to it.
const (
	ringMagic  = "WPKR\x01"
	ringHeader = 5 + 16 + 8 + 8
	ringLabel  = "waypost/keyring/v1"
	wrapLimit  = 4 << 10
	ringLimit  = 1 << 20
)

// sealRing writes a ring as a file. A fresh key seals the content and the root key wraps
// that key, so that a service with a small limit can be the root.
func sealRing(r *ring, root KEK, random io.Reader) ([]byte, error) {
	key, err := freshKey(random)
	if err != nil {
		return nil, err
	}
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	id := rootID(root)
	file := append([]byte(ringMagic), r.id[:]...)
	file = binary.BigEndian.AppendUint64(file, r.generation)
	file = append(file, id[:]...)
	wrapped, err := root.Wrap(key, bind(ringLabel, "file key", string(file)))
	if err != nil {
		return nil, fmt.Errorf("vault: wrap keyring: %w", err)
	}
	if len(wrapped) > wrapLimit {
		return nil, fmt.Errorf("vault: wrap keyring: %d bytes", len(wrapped))
	}
	file = binary.BigEndian.AppendUint16(file, uint16(len(wrapped)))
	file = append(file, wrapped...)
	return box.Seal(file, nil, encodeRing(r), bind(ringLabel, "keys", string(file))), nil
}

// openRing reads a file, or fails with ErrWrongRoot or ErrTampered.
func openRing(file []byte, root KEK) (*ring, error) {
	if len(file) < ringHeader+2 || len(file) > ringLimit || !bytes.HasPrefix(file, []byte(ringMagic)) {
		return nil, fmt.Errorf("read keyring: not a keyring of this version: %w", ErrTampered)
	}
	header, rest := file[:ringHeader], file[ringHeader:]
	if id := rootID(root); id != [8]byte(header[ringHeader-8:]) {
		return nil, ErrWrongRoot
	}
	n := int(binary.BigEndian.Uint16(rest))
	if n > wrapLimit || len(rest) < 2+n {
		return nil, fmt.Errorf("read keyring: %w", ErrTampered)
	}
	key, err := root.Unwrap(rest[2:2+n], bind(ringLabel, "file key", string(header)))
	if err != nil {
		return nil, fmt.Errorf("unwrap keyring: %w", err)
	}
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	bound := file[:ringHeader+2+n]
	content, err := box.Open(nil, nil, file[len(bound):], bind(ringLabel, "keys", string(bound)))
	if err != nil {
		return nil, fmt.Errorf("read keyring: %w", ErrTampered)
	}
	r, err := decodeRing(content)
	if err != nil {
		return nil, err
	}
	r.id, r.generation = [16]byte(header[5:21]), binary.BigEndian.Uint64(header[21:29])
	return r, nil
}
