package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
)

// keySize is the length of every symmetric key in this package.
const keySize = 32

// boxOverhead is what a box adds to its content: a nonce of 12 and a tag of 16 bytes.
const boxOverhead = 28

// bind writes the context a ciphertext is tied to. Every part carries its length, so
// no two different contexts share one encoding. The label is part of what rests on
// disk: it is frozen by testdata.
func bind(label string, parts ...string) []byte {
	size := 4 + len(label)
	for _, part := range parts {
		size += 4 + len(part)
	}
	out := appendPart(make([]byte, 0, size+8), label)
	for _, part := range parts {
		out = appendPart(out, part)
	}
	return out
}

func appendPart(out []byte, part string) []byte {
	return append(binary.BigEndian.AppendUint32(out, uint32(len(part))), part...)
}

// newBox makes AES-256-GCM which draws its own nonces from the module's approved
// generator: the one form of GCM that FIPS-only mode lets through, and the one in
// which no caller can repeat a nonce.
func newBox(key []byte) (cipher.AEAD, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("vault: key of %d bytes, want %d", len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("vault: make cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
