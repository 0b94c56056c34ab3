package jws

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
)

// The two ways in which a word may be signed (SMART 2.2, CDS Hooks 2.0). None and those of a shared secret are not among them.
const (
	ES384 = "ES384"
	RS384 = "RS384"
)

// The bounds of a key set: five keys are two in use, two to come and one too many.
const (
	LongestKeys   = 16 << 10
	mostKeys      = 5
	longestID     = 100
	smallestRSA   = 2048
	greatestRSA   = 4096
	smallestPower = 65537
)

// What can be wrong with a key set.
var (
	ErrKeys   = errors.New("jws: no key set of public keys for ES384 or RS384")
	ErrSecret = errors.New("jws: a private key was shown") // it has to be replaced
)

// Key is one public key. What it opens is another's.
type Key struct {
	ID  string `json:"id"`
	Alg string `json:"alg"`
	DER []byte `json:"der"` // PKIX
}

// jwk is a key as it is pasted (RFC 7517). What makes a key private is here to be found, not to be read.
type jwk struct {
	Kty string   `json:"kty"`
	Kid string   `json:"kid"`
	Use string   `json:"use"`
	Alg string   `json:"alg"`
	Ops []string `json:"key_ops"`
	Crv string   `json:"crv"`
	X   string   `json:"x"`
	Y   string   `json:"y"`
	N   string   `json:"n"`
	E   string   `json:"e"`
}

// ReadKeys reads a key set (RFC 7517, section 5), or one key by itself. It takes public keys for ES384 and RS384 with a kid
// each. A set with a private or a shared key in it is ErrSecret, whatever else is right or wrong with it; all else is ErrKeys.
func ReadKeys(text string) ([]Key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if len(text) > LongestKeys || json.Unmarshal([]byte(text), &set) != nil {
		return nil, ErrKeys
	}
	if set.Keys == nil {
		set.Keys = []json.RawMessage{json.RawMessage(text)}
	}
	if slices.ContainsFunc(set.Keys, isSecret) {
		return nil, ErrSecret
	}
	if len(set.Keys) == 0 || len(set.Keys) > mostKeys {
		return nil, ErrKeys
	}
	var out []Key
	for _, raw := range set.Keys {
		var k jwk
		if json.Unmarshal(raw, &k) != nil {
			return nil, ErrKeys
		}
		one, ok := k.public()
		if !ok || slices.ContainsFunc(out, func(p Key) bool { return p.ID == one.ID }) {
			return nil, ErrKeys
		}
		out = append(out, one)
	}
	return out, nil
}

// isSecret knows the members that only a private or a shared key has (RFC 7518, section 6).
func isSecret(raw json.RawMessage) bool {
	var m members
	if json.Unmarshal(raw, &m) != nil {
		return false
	}
	return slices.ContainsFunc([]string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}, func(name string) bool {
		_, there := m[name]
		return there
	})
}

func (k jwk) public() (Key, bool) {
	if k.Kid == "" || len(k.Kid) > longestID || k.Use != "" && k.Use != "sig" || len(k.Ops) > 1 || len(k.Ops) == 1 && k.Ops[0] != "verify" {
		return Key{}, false
	}
	var key any
	alg := ""
	switch k.Kty {
	case "EC":
		key, alg = k.curve(), ES384
	case "RSA":
		key, alg = k.modulus(), RS384
	}
	if alg == "" || k.Alg != "" && k.Alg != alg {
		return Key{}, false
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	return Key{k.Kid, alg, der}, err == nil
}

// curve is the key's point on P-384, or nothing.
func (k jwk) curve() any {
	x, okX := decode64(k.X)
	y, okY := decode64(k.Y)
	if k.Crv != "P-384" || !okX || !okY || len(x) != 48 || len(y) != 48 {
		return nil
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil
	}
	return key
}

// modulus is the key for RSA, or nothing.
func (k jwk) modulus() any {
	n, okN := decode64(k.N)
	e, okE := decode64(k.E)
	if !okN || !okE || len(e) > 4 {
		return nil
	}
	modulus, power := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e).Int64()
	if bits := modulus.BitLen(); bits < smallestRSA || bits > greatestRSA || modulus.Bit(0) == 0 || power < smallestPower || power > 1<<31-1 || power%2 == 0 {
		return nil
	}
	return &rsa.PublicKey{N: modulus, E: int(power)}
}

// NewDecoys makes a key for each algorithm, under its name as id, to which nobody has the other half: what a word is checked
// against where its key is not known, so that it takes as long. That of RSA is an odd number of the right length: nothing
// needs to be signed with it, and to make a real one would take longer than the rest of the start.
func NewDecoys(random io.Reader) ([]Key, error) {
	point, err := ecdsa.GenerateKey(elliptic.P384(), random)
	if err != nil {
		return nil, fmt.Errorf("make decoy key: %w", err)
	}
	raw := make([]byte, smallestRSA/8)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, fmt.Errorf("make decoy key: %w", err)
	}
	raw[0] |= 0x80
	raw[len(raw)-1] |= 1
	var out []Key
	for alg, key := range map[string]any{ES384: &point.PublicKey, RS384: &rsa.PublicKey{N: new(big.Int).SetBytes(raw), E: smallestPower}} {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			return nil, fmt.Errorf("make decoy key: %w", err)
		}
		out = append(out, Key{alg, alg, der})
	}
	return out, nil
}
