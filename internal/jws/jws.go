// Package jws answers one question: did the holder of a key that we know sign this word?
//
// It reads a JSON Web Token in compact form and a set of public keys, and knows the two algorithms that SMART and CDS Hooks
// recommend, ES384 and RS384. It refuses all others, none and shared secrets first of all, fetches no key from anywhere, and
// does not say why a word is refused. Whether a signed word is for us, in time and new is for whoever asks.
package jws

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Longest is how long a token may be.
const Longest = 8 << 10

// Token is a signed word, taken apart and not yet believed.
type Token struct {
	Alg, KeyID        string
	claims            members
	signed, signature []byte
}

// Read takes a JWT in compact form apart (RFC 7519). What must be understood and is not ("crit") is refused.
func Read(text string) (Token, bool) {
	parts := strings.Split(text, ".")
	if len(text) > Longest || len(parts) != 3 {
		return Token{}, false
	}
	head, ok1 := readMembers(parts[0])
	claims, ok2 := readMembers(parts[1])
	signature, ok3 := decode64(parts[2])
	if _, critical := head["crit"]; !ok1 || !ok2 || !ok3 || critical {
		return Token{}, false
	}
	t := Token{claims: claims, signed: []byte(text[:len(parts[0])+1+len(parts[1])]), signature: signature}
	t.Alg, ok1 = head.text("alg")
	t.KeyID, ok2 = head.text("kid")
	return t, ok1 && ok2 && len(t.KeyID) <= longestID && (t.Alg == ES384 || t.Alg == RS384)
}

// Text is a claim that must be there and not be empty.
func (t Token) Text(name string) (string, bool) { return t.claims.text(name) }

// Date is a claim that is a NumericDate; zero where it is not there, false where it is no date.
func (t Token) Date(name string) (time.Time, bool) {
	raw, there := t.claims[name]
	if !there {
		return time.Time{}, true
	}
	var seconds float64
	if raw[0] == 'n' || json.Unmarshal(raw, &seconds) != nil || seconds < 1 || seconds > 1<<40 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// Audience is the one that the token is for. One with several could be shown elsewhere too, so it has none.
func (t Token) Audience() (string, bool) {
	if one, ok := t.Text("aud"); ok {
		return one, true
	}
	var list []string
	if json.Unmarshal(t.claims["aud"], &list) != nil || len(list) != 1 {
		return "", false
	}
	return list[0], list[0] != ""
}

// SignedBy checks the signature against the one of the keys that the token names.
func (t Token) SignedBy(keys []Key) bool {
	k, known := Find(keys, t.KeyID, t.Alg)
	return known && t.By(k)
}

// Find is the key of a set with that id, for that algorithm.
func Find(keys []Key, id, alg string) (Key, bool) {
	i := slices.IndexFunc(keys, func(k Key) bool { return k.ID == id && k.Alg == alg })
	if i < 0 {
		return Key{}, false
	}
	return keys[i], true
}

// By checks the signature against this key, whatever the token says of its id.
func (t Token) By(k Key) bool {
	key, err := x509.ParsePKIXPublicKey(k.DER)
	if err != nil {
		return false
	}
	sum := sha512.Sum384(t.signed)
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		half := (key.Curve.Params().BitSize + 7) / 8
		if t.Alg != ES384 || len(t.signature) != 2*half {
			return false
		}
		r, s := new(big.Int).SetBytes(t.signature[:half]), new(big.Int).SetBytes(t.signature[half:])
		return ecdsa.Verify(key, sum[:], r, s)
	case *rsa.PublicKey:
		return t.Alg == RS384 && rsa.VerifyPKCS1v15(key, crypto.SHA384, sum[:], t.signature) == nil
	}
	return false
}

// members are those of one JSON object by their exact names; encoding/json alone would take another letter case.
type members map[string]json.RawMessage

func readMembers(part string) (m members, ok bool) {
	raw, ok := decode64(part)
	return m, ok && json.Unmarshal(raw, &m) == nil && m != nil
}

func (m members) text(name string) (out string, ok bool) {
	raw := m[name]
	return out, len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &out) == nil && out != ""
}

// decode64 takes base64url without padding, in its one spelling.
func decode64(text string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return raw, err == nil && len(text) == base64.RawURLEncoding.EncodedLen(len(raw)) // the library skips line ends
}
