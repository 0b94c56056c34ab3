package people

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
)

// The two ways in which a client may sign (SMART 2.2). None and the shared-secret ones are not among them.
const (
	es384 = "ES384"
	rs384 = "RS384"
)

// The bounds of a key set: five keys are two in use, two to come and one too many.
const (
	LongestKeys   = 16 << 10
	mostPublic    = 5
	longestKeyID  = 100
	smallestRSA   = 2048
	greatestRSA   = 4096
	smallestPower = 65537
)

// publicKey is one key of a client as it rests. It is public: what it opens is another's.
type publicKey struct {
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

// readKeys reads a key set (RFC 7517, section 5), or one key by itself. It takes public keys for ES384 and RS384 with a kid
// each. A set with a private or a shared key in it is ErrSecret, whatever else is right or wrong with it; all else is
// ErrInvalid.
func readKeys(text string) ([]publicKey, error) {
	bad := fmt.Errorf("%w: key set", ErrInvalid)
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if len(text) > LongestKeys || json.Unmarshal([]byte(text), &set) != nil {
		return nil, bad
	}
	if set.Keys == nil {
		set.Keys = []json.RawMessage{json.RawMessage(text)}
	}
	for _, raw := range set.Keys {
		if isSecret(raw) {
			return nil, fmt.Errorf("%w: key set", ErrSecret)
		}
	}
	if len(set.Keys) == 0 || len(set.Keys) > mostPublic {
		return nil, bad
	}
	var out []publicKey
	for _, raw := range set.Keys {
		var k jwk
		if json.Unmarshal(raw, &k) != nil {
			return nil, bad
		}
		one, ok := k.public()
		if !ok || slices.ContainsFunc(out, func(p publicKey) bool { return p.ID == one.ID }) {
			return nil, bad
		}
		out = append(out, one)
	}
	return out, nil
}

// isSecret knows the members that only a private or a shared key has (RFC 7518, section 6).
func isSecret(raw json.RawMessage) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return false
	}
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, there := members[name]; there {
			return true
		}
	}
	return false
}

func (k jwk) public() (publicKey, bool) {
	if k.Kid == "" || len(k.Kid) > longestKeyID || k.Use != "" && k.Use != "sig" || len(k.Ops) > 1 || len(k.Ops) == 1 && k.Ops[0] != "verify" {
		return publicKey{}, false
	}
	var key any
	alg := ""
	switch k.Kty {
	case "EC":
		key, alg = k.curve(), es384
	case "RSA":
		key, alg = k.modulus(), rs384
	}
	if alg == "" || k.Alg != "" && k.Alg != alg {
		return publicKey{}, false
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	return publicKey{k.Kid, alg, der}, err == nil
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

// decode64 takes base64url without padding, in its one spelling.
func decode64(text string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return raw, err == nil && len(text) == base64.RawURLEncoding.EncodedLen(len(raw)) // the library skips line ends
}
