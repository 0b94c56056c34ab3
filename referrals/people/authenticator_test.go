package people

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// softKey is an authenticator and its browser in software: ECDSA P-256, no attestation. Its fields let a test lie.
type softKey struct {
	t        testing.TB
	private  *ecdsa.PrivateKey
	id       []byte
	handle   []byte
	count    uint32
	origin   string
	rp       string
	verified bool   // the user was verified (UV)
	asked    string // when set: answer this challenge and not the one that was posed
}

func newSoftKey(t testing.TB) *softKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &softKey{t: t, private: private, id: id, origin: testURL, rp: "waypost.example", verified: true}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type softOptions struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"user"`
		Allow []struct {
			ID string `json:"id"`
		} `json:"allowCredentials"`
		Exclude []struct {
			ID string `json:"id"`
		} `json:"excludeCredentials"`
		Verification string `json:"userVerification"`
		Selection    struct {
			Resident     string `json:"residentKey"`
			Verification string `json:"userVerification"`
		} `json:"authenticatorSelection"`
		Attestation string `json:"attestation"`
		RP          struct {
			ID string `json:"id"`
		} `json:"rp"`
		RPID string `json:"rpId"`
	} `json:"publicKey"`
}

func readOptions(t testing.TB, text []byte) softOptions {
	t.Helper()
	var o softOptions
	if err := json.Unmarshal(text, &o); err != nil || o.PublicKey.Challenge == "" {
		t.Fatalf("options %s: %v", text, err)
	}
	return o
}

func (k *softKey) clientData(kind, challenge string) []byte {
	if k.asked != "" {
		challenge = k.asked
	}
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.origin, "crossOrigin": false})
	if err != nil {
		k.t.Fatal(err)
	}
	return text
}

func (k *softKey) authData(attested []byte) []byte {
	sum := sha256.Sum256([]byte(k.rp))
	flags := byte(1)
	if k.verified {
		flags |= 4
	}
	if attested != nil {
		flags |= 0x40
	}
	return append(binary.BigEndian.AppendUint32(append(sum[:], flags), k.count), attested...)
}

func (k *softKey) public() []byte {
	point, err := k.private.PublicKey.Bytes()
	if err != nil {
		k.t.Fatal(err)
	}
	out, err := webauthncbor.Marshal(webauthncose.EC2PublicKeyData{
		PublicKeyData: webauthncose.PublicKeyData{KeyType: int64(webauthncose.EllipticKey), Algorithm: int64(webauthncose.AlgES256)},
		Curve:         int64(webauthncose.P256), XCoord: point[1:33], YCoord: point[33:],
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return out
}

// create answers navigator.credentials.create.
func (k *softKey) create(options []byte) []byte {
	k.t.Helper()
	o := readOptions(k.t, options)
	k.handle = unb64(k.t, o.PublicKey.User.ID)
	attested := append(make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(k.id)))...)
	attested = append(append(attested, k.id...), k.public()...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": k.authData(attested)})
	if err != nil {
		k.t.Fatal(err)
	}
	return k.credential(map[string]any{
		"clientDataJSON": b64(k.clientData("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(object), "transports": []string{"internal"},
	})
}

// get answers navigator.credentials.get.
func (k *softKey) get(options []byte) []byte {
	k.t.Helper()
	k.count++
	client := k.clientData("webauthn.get", readOptions(k.t, options).PublicKey.Challenge)
	data, sum := k.authData(nil), sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
	if err != nil {
		k.t.Fatal(err)
	}
	return k.credential(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(k.handle),
	})
}

func (k *softKey) credential(response map[string]any) []byte {
	text, err := json.Marshal(map[string]any{
		"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return text
}
