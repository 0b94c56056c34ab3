package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"waypost/internal/vault"
	"waypost/referrals/people"
)

// demoKey is a passkey and the browser that holds it, for one invented person. It knows nothing that a real one does not:
// it answers the register's challenges by the ordinary ceremonies. The counter stays 0, as with keys that are synchronised,
// so several windows may use it at once.
type demoKey struct {
	private *ecdsa.PrivateKey
	id      []byte
	handle  string // the account, as the register named it
	origin  string
	host    string
}

func newDemoKey(origin string) (*demoKey, error) {
	u, err := people.ParsePublicURL(origin)
	if err != nil {
		return nil, err
	}
	k := &demoKey{id: make([]byte, 32), origin: origin, host: u.Hostname()}
	if _, err := rand.Read(k.id); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	if k.private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return k, nil
}

// enrol takes up an invitation.
func (k *demoKey) enrol(ctx context.Context, r *people.Register, invitation vault.Secret[string]) (people.SignedIn, error) {
	asked, err := r.BeginEnrol(ctx, invitation.Reveal())
	if err != nil {
		return people.SignedIn{}, err
	}
	answer, err := k.create(asked)
	if err != nil {
		return people.SignedIn{}, err
	}
	return r.FinishEnrol(ctx, invitation.Reveal(), answer, "")
}

// signIn signs in; previous is the cookie that the browser shows, if any.
func (k *demoKey) signIn(ctx context.Context, r *people.Register, previous string) (people.SignedIn, error) {
	asked, err := r.BeginSignIn(ctx)
	if err != nil {
		return people.SignedIn{}, err
	}
	answer, err := k.get(asked)
	if err != nil {
		return people.SignedIn{}, err
	}
	return r.FinishSignIn(ctx, answer, previous)
}

// touch is the touch of the key before something grave.
func (k *demoKey) touch(ctx context.Context, r *people.Register, cookie string) (people.SignedIn, error) {
	asked, err := r.BeginStepUp(ctx, cookie)
	if err != nil {
		return people.SignedIn{}, err
	}
	answer, err := k.get(asked)
	if err != nil {
		return people.SignedIn{}, err
	}
	return r.FinishStepUp(ctx, cookie, answer)
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

// create answers navigator.credentials.create, without attestation.
func (k *demoKey) create(asked []byte) ([]byte, error) {
	var a asking
	if err := json.Unmarshal(asked, &a); err != nil {
		return nil, fmt.Errorf("read what was asked: %w", err)
	}
	point, err := k.private.PublicKey.Bytes() // 4, then both coordinates
	if err != nil {
		return nil, fmt.Errorf("write the public key: %w", err)
	}
	k.handle = a.PublicKey.User.ID
	// The few bytes of CBOR (RFC 8949): a COSE key of P-256 (RFC 9053), and an attestation object of the form "none".
	cose := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 0x20), point[33:]...)
	attested := append(make([]byte, 16), 0, byte(len(k.id)))
	data := k.authenticatorData(0x40, append(append(attested, k.id...), cose...)) // 0x40: a key comes with it
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	return k.credential(map[string]any{
		"clientDataJSON": text64(k.client("webauthn.create", a.PublicKey.Challenge)), "attestationObject": text64(append(object, data...)),
		"transports": []string{"internal"},
	})
}

// get answers navigator.credentials.get.
func (k *demoKey) get(asked []byte) ([]byte, error) {
	var a asking
	if err := json.Unmarshal(asked, &a); err != nil {
		return nil, fmt.Errorf("read what was asked: %w", err)
	}
	client, data := k.client("webauthn.get", a.PublicKey.Challenge), k.authenticatorData(0, nil)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return k.credential(map[string]any{
		"clientDataJSON": text64(client), "authenticatorData": text64(data), "signature": text64(signature), "userHandle": k.handle,
	})
}

// authenticatorData says whose key it is, that somebody was there and proved who they are (1 and 4), and a counter of 0.
func (k *demoKey) authenticatorData(flags byte, more []byte) []byte {
	sum := sha256.Sum256([]byte(k.host))
	return append(append(sum[:], flags|1|4, 0, 0, 0, 0), more...)
}

func (k *demoKey) client(kind, challenge string) []byte {
	return fmt.Appendf(nil, `{"type":%q,"challenge":%q,"origin":%q,"crossOrigin":false}`, kind, challenge, k.origin)
}

func (k *demoKey) credential(response map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{
		"id": text64(k.id), "rawId": text64(k.id), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
	})
}

func text64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
