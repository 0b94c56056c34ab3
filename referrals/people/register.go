package people

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/jws"
	"waypost/internal/vault"
)

// The times of this room. Proposals from the NHS sign-in profile (10 minutes idle, security.md B10).
const (
	Idle          = 10 * time.Minute // a session nobody uses
	IdleWarning   = time.Minute      // how long before that the page says so
	Absolute      = 8 * time.Hour    // a session however much it is used
	StepUpLife    = 5 * time.Minute  // how long the touch of a key counts for what is grave
	InviteLife    = 72 * time.Hour
	challengeLife = 5 * time.Minute
	touchEvery    = time.Minute // how often a session in use is written
)

// Keys makes the blind indexes by which a record is found without being opened; *vault.Keyring does.
type Keys interface {
	Blind(tenant, field, value string) [][]byte
}

// Forms seals what waits in a browser during a sign-in at a provider; *vault.Forms does.
type Forms interface {
	Seal(form vault.Form, state []byte) (string, error)
	Open(form vault.Form, text string) ([]byte, error)
}

// Config is what a register stands on.
type Config struct {
	Safe   Safe
	Keys   Keys
	Forms  Forms
	Now    func() time.Time
	Random io.Reader // safe for concurrent use
	// PublicURL is where browsers reach us. The relying party and the one origin whose keys count follow from it and
	// never from what a request says of itself.
	PublicURL string
	Name      string // what a browser calls us when it asks for the key
	AtOnce    int    // sign-ins under way at once; 0 means 16
	Provider  *Provider
}

// Register is the room's door: it holds who may act and lets them in.
type Register struct {
	rest     rest
	keys     Keys
	forms    Forms
	now      func() time.Time
	random   io.Reader
	rp       *webauthn.WebAuthn
	decoy    []byte
	decoys   []jws.Key // of clients
	gate     gate
	provider *provider
}

// New builds a register, or says with ErrConfig what is missing.
func New(c Config) (*Register, error) {
	if c.Safe == nil || c.Keys == nil || c.Forms == nil || c.Now == nil || c.Random == nil || c.Name == "" || c.AtOnce < 0 {
		return nil, fmt.Errorf("%w: something is not given", ErrConfig)
	}
	if c.AtOnce == 0 {
		c.AtOnce = 16
	}
	base, err := ParsePublicURL(c.PublicURL)
	if err != nil {
		return nil, err
	}
	rp, err := relyingParty(base, c.Name)
	if err != nil {
		return nil, err
	}
	decoy, err := newDecoy(c.Random)
	if err != nil {
		return nil, err
	}
	decoys, err := jws.NewDecoys(c.Random)
	if err != nil {
		return nil, err
	}
	r := &Register{
		rest: rest{c.Safe, c.Random}, keys: c.Keys, forms: c.Forms, random: c.Random, rp: rp, decoy: decoy, decoys: decoys,
		now:  func() time.Time { return c.Now().UTC().Truncate(time.Millisecond) },
		gate: newGate(c.AtOnce),
	}
	if c.Provider != nil {
		if r.provider, err = newProvider(*c.Provider, base, r.now); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// ParsePublicURL takes scheme, host and port, https unless the host is this machine by name. Keys cannot be bound to a
// bare address, so for a trial it is http://localhost:8080 and not http://127.0.0.1:8080.
func ParsePublicURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Path != "" && u.Path != "/") {
		return nil, fmt.Errorf("%w: the public URL is not scheme, host and port", ErrConfig)
	}
	if net.ParseIP(u.Hostname()) != nil {
		return nil, fmt.Errorf("%w: the public URL names an address; keys need a host name", ErrConfig)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost") {
		return nil, fmt.Errorf("%w: the public URL is not https", ErrConfig)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

const tokenSize = 32

// newToken makes a value that only its holder has, and the id under which it rests: a stolen record is no token.
func (r *Register) newToken() (vault.Secret[string], string, error) {
	raw := make([]byte, tokenSize)
	if _, err := io.ReadFull(r.random, raw); err != nil {
		return vault.Secret[string]{}, "", fmt.Errorf("new token: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(raw)
	return vault.Keep(text), restsAs(raw), nil
}

// tokenID reads a token that somebody shows us.
func tokenID(text string) (string, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != tokenSize || len(text) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return "", false
	}
	return restsAs(raw), true
}

func restsAs(secret []byte) string {
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:])
}
