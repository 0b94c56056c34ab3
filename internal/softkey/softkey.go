// Package softkey is a passkey and the browser that holds it, in software: ECDSA P-256, no attestation. It answers what
// navigator.credentials would answer, so tests and the demonstration come in by the ordinary ceremonies.
//
// It knows nothing that a real passkey does not, and it refuses to be a way in: a register that did not enrol it knows it
// as a stranger. No room of the product but cmd may import it; the house test holds that. Its fields let a test lie.
package softkey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
)

// Key is one passkey.
type Key struct {
	Private   *ecdsa.PrivateKey
	ID        []byte
	Handle    []byte // the account, as the register named it when the key was made
	Origin    string
	Host      string // the relying party
	Count     uint32 // of signatures so far
	Synced    bool   // as keys that their maker copies: the counter stays where it is
	Verified  bool   // somebody proved who they are (UV)
	Challenge string // when set: answered in the place of the one that was posed
}

// New makes a key for the pages of one origin, such as https://waypost.example.
func New(origin string) (*Key, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("make a key: the origin is not scheme and host")
	}
	k := &Key{ID: make([]byte, 32), Origin: origin, Host: u.Hostname(), Verified: true}
	if _, err := rand.Read(k.ID); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	if k.Private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return k, nil
}

// asking is what a browser is told by either ceremony.
type asking struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

func read(options []byte) (asking, error) {
	var a asking
	if err := json.Unmarshal(options, &a); err != nil || a.PublicKey.Challenge == "" {
		return a, fmt.Errorf("read what was asked: no challenge")
	}
	return a, nil
}

// Create answers navigator.credentials.create.
func (k *Key) Create(options []byte) ([]byte, error) {
	a, err := read(options)
	if err != nil {
		return nil, err
	}
	if k.Handle, err = base64.RawURLEncoding.DecodeString(a.PublicKey.User.ID); err != nil {
		return nil, fmt.Errorf("read what was asked: the account is not base64url")
	}
	point, err := k.Private.PublicKey.Bytes() // 4, then both coordinates
	if err != nil {
		return nil, fmt.Errorf("write the public key: %w", err)
	}
	// The few bytes of CBOR (RFC 8949): a COSE key of P-256 (RFC 9053), and an attestation object of the form "none".
	cose := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 0x20), point[33:]...)
	attested := append(binary.BigEndian.AppendUint16(make([]byte, 16), uint16(len(k.ID))), k.ID...)
	data := k.data(append(attested, cose...))
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	return k.credential(map[string]any{
		"clientDataJSON": text(k.client("webauthn.create", a)), "attestationObject": text(append(object, data...)), "transports": []string{"internal"},
	})
}

// Get answers navigator.credentials.get.
func (k *Key) Get(options []byte) ([]byte, error) {
	a, err := read(options)
	if err != nil {
		return nil, err
	}
	if !k.Synced {
		k.Count++
	}
	client, data := k.client("webauthn.get", a), k.data(nil)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.Private, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return k.credential(map[string]any{
		"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature), "userHandle": text(k.Handle),
	})
}

// data says whose pages it is for, that somebody was there, and what the counter is; attested is a key that comes with it.
func (k *Key) data(attested []byte) []byte {
	sum, flags := sha256.Sum256([]byte(k.Host)), byte(1)
	if k.Verified {
		flags |= 4
	}
	if attested != nil {
		flags |= 0x40
	}
	return append(binary.BigEndian.AppendUint32(append(sum[:], flags), k.Count), attested...)
}

func (k *Key) client(kind string, a asking) []byte {
	challenge := a.PublicKey.Challenge
	if k.Challenge != "" {
		challenge = k.Challenge
	}
	return fmt.Appendf(nil, `{"type":%q,"challenge":%q,"origin":%q,"crossOrigin":false}`, kind, challenge, k.Origin)
}

func (k *Key) credential(response map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{
		"id": text(k.ID), "rawId": text(k.ID), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
	})
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
