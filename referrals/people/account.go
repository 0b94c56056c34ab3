package people

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/records"
)

// An account is how one person proves to be that person: keys, or a subject at a provider, and the places they open. It
// holds no name. A place counts only while the membership names this account in turn, so that a new invitation for a
// place takes it away from the keys that were lost.
type accountForm struct {
	Places  []placeForm `json:"places"`
	Keys    []keyForm   `json:"keys,omitempty"`
	Subject string      `json:"subject,omitempty"` // issuer and subject as subjectOf joins them
}

type placeForm struct {
	Organisation string `json:"organisation"`
	Member       string `json:"member"`
}

// keyForm is a passkey without its attestation: which make of key a person carries is not our business.
type keyForm struct {
	ID        string    `json:"id"` // ours, for the page that lists keys
	Handle    []byte    `json:"handle"`
	Public    []byte    `json:"public"`
	Count     uint32    `json:"count"`
	Eligible  bool      `json:"eligible,omitempty"` // may be synchronised between devices
	Backed    bool      `json:"backed,omitempty"`
	Transport []string  `json:"transport,omitempty"`
	Added     time.Time `json:"added"`
	Warned    bool      `json:"warned,omitempty"` // its counter once went back: there may be a copy
}

const handleSize = 20

// newAccountID is random: it travels to the authenticator as the user handle, which is to say nothing.
func (r *Register) newAccountID() (string, error) {
	raw := make([]byte, handleSize)
	if _, err := io.ReadFull(r.random, raw); err != nil {
		return "", fmt.Errorf("new account: %w", err)
	}
	return hex.EncodeToString(raw), nil
}

// accountOf is the account that a user handle claims to be: always an id that can be looked for, known or not.
func accountOf(handle []byte) string {
	if len(handle) == handleSize {
		return hex.EncodeToString(handle)
	}
	return restsAs(handle)[:2*handleSize]
}

// user is an account in the words of the library.
type user struct {
	handle []byte
	name   string
	keys   []webauthn.Credential
}

func (u user) WebAuthnID() []byte                         { return u.handle }
func (u user) WebAuthnName() string                       { return u.name }
func (u user) WebAuthnDisplayName() string                { return u.name }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.keys }

func userOf(id, name string, a accountForm) user {
	handle, _ := hex.DecodeString(id) // our own id
	u := user{handle: handle, name: name}
	for _, k := range a.Keys {
		u.keys = append(u.keys, k.credential())
	}
	return u
}

func (k keyForm) credential() webauthn.Credential {
	c := webauthn.Credential{
		ID: k.Handle, PublicKey: k.Public,
		Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: k.Eligible, BackupState: k.Backed},
		Authenticator: webauthn.Authenticator{SignCount: k.Count},
	}
	for _, t := range k.Transport {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c
}

func (r *Register) keyOf(c *webauthn.Credential) (keyForm, error) {
	id, err := r.rest.safe.NewID()
	k := keyForm{
		ID: id, Handle: c.ID, Public: c.PublicKey, Count: c.Authenticator.SignCount,
		Eligible: c.Flags.BackupEligible, Backed: c.Flags.BackupState, Added: r.now(),
	}
	for _, t := range c.Transport {
		k.Transport = append(k.Transport, string(t))
	}
	return k, err
}

// used writes what the key said of itself at this sign-in, and whether its counter went back.
func (r *Register) used(ctx context.Context, a records.Act, acc rested[accountForm], c *webauthn.Credential) error {
	i := slices.IndexFunc(acc.content.Keys, func(k keyForm) bool { return string(k.Handle) == string(c.ID) })
	if i < 0 {
		return ErrSignIn
	}
	next := acc.content.Keys[i]
	next.Count, next.Backed = max(next.Count, c.Authenticator.SignCount), c.Flags.BackupState
	next.Warned = next.Warned || c.Authenticator.CloneWarning
	if same := acc.content.Keys[i]; same.Count == next.Count && same.Backed == next.Backed && same.Warned == next.Warned {
		return nil
	}
	acc.content.Keys = slices.Clone(acc.content.Keys)
	acc.content.Keys[i] = next
	change, err := put(acc)
	if err != nil {
		return err
	}
	return r.rest.write(ctx, a, change)
}
