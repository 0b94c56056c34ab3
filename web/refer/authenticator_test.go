package refer_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// softKey is an authenticator and its browser in software: ECDSA P-256, no attestation, its few lines of CBOR by hand.
type softKey struct {
	t       testing.TB
	private *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	count   uint32
}

func newSoftKey(t testing.TB) *softKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	id := make([]byte, 32)
	_, err = rand.Read(id)
	must(t, err)
	return &softKey{t: t, private: private, id: id}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

type softOptions struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

func (k *softKey) clientData(kind string, o softOptions) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": o.PublicKey.Challenge, "origin": testURL, "crossOrigin": false})
	must(k.t, err)
	return text
}

func (k *softKey) authData(attested []byte) []byte {
	sum := sha256.Sum256([]byte("localhost"))
	flags := byte(1 | 4)
	if attested != nil {
		flags |= 0x40
	}
	return append(binary.BigEndian.AppendUint32(append(sum[:], flags), k.count), attested...)
}

func (k *softKey) read(options []byte) softOptions {
	k.t.Helper()
	var o softOptions
	if err := json.Unmarshal(options, &o); err != nil || o.PublicKey.Challenge == "" {
		k.t.Fatalf("options %.200s: %v", options, err)
	}
	return o
}

// create answers navigator.credentials.create.
func (k *softKey) create(options []byte) []byte {
	k.t.Helper()
	o := k.read(options)
	handle, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	must(k.t, err)
	k.handle = handle
	point, err := k.private.PublicKey.Bytes()
	must(k.t, err)
	public := append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33]...)
	public = append(append(public, 0x22, 0x58, 32), point[33:]...)
	attested := append(make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(k.id)))...)
	data := k.authData(append(append(attested, k.id...), public...))
	object := append([]byte{0xa3, 0x63}, "fmt"...)
	object = append(append(object, 0x64), "none"...)
	object = append(append(object, 0x67), "attStmt"...)
	object = append(append(object, 0xa0, 0x68), "authData"...)
	object = append(append(object, 0x58, byte(len(data))), data...)
	return k.credential(map[string]any{
		"clientDataJSON": b64(k.clientData("webauthn.create", o)), "attestationObject": b64(object), "transports": []string{"internal"},
	})
}

// get answers navigator.credentials.get.
func (k *softKey) get(options []byte) []byte {
	k.t.Helper()
	k.count++
	client := k.clientData("webauthn.get", k.read(options))
	data, sum := k.authData(nil), sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
	must(k.t, err)
	return k.credential(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(k.handle),
	})
}

func (k *softKey) credential(response map[string]any) []byte {
	text, err := json.Marshal(map[string]any{
		"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
	})
	must(k.t, err)
	return text
}
