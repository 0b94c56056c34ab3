package people

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"waypost/internal/trail"
)

// The bounds of a client's assertion (RFC 7523; SMART 2.2: five minutes).
const (
	LongestAssertion = 8 << 10
	longestJTI       = 255
	longestAhead     = 5 * time.Minute
	oldestIssue      = 10 * time.Minute
	clientSkew       = 30 * time.Second // a client's clock may be ahead of ours
)

// assertion is a client's signed word for one request, taken apart and not yet believed.
type assertion struct {
	alg, kid           string
	client             string // iss and sub
	audience, jti      string
	expires            time.Time
	issued, notBefore  time.Time // zero where it does not say
	signed, signature  []byte
	organisation, name string // the two halves of the client's id
}

// readAssertion takes a JWT in compact form apart. All is checked that can be without knowing anybody.
func readAssertion(text string) (assertion, bool) {
	var a assertion
	parts := strings.Split(text, ".")
	if len(text) > LongestAssertion || len(parts) != 3 {
		return a, false
	}
	head, ok1 := decode64(parts[0])
	body, ok2 := decode64(parts[1])
	signature, ok3 := decode64(parts[2])
	if !ok1 || !ok2 || !ok3 {
		return a, false
	}
	a.signed, a.signature = []byte(text[:len(parts[0])+1+len(parts[1])]), signature
	return a, a.readHead(head) && a.readBody(body)
}

// members are those of one JSON object by their exact names; encoding/json alone would take another letter case.
type members map[string]json.RawMessage

func readMembers(raw []byte) (m members, ok bool) {
	return m, json.Unmarshal(raw, &m) == nil && m != nil
}

// text is a member that must be there.
func (m members) text(name string) (out string, ok bool) {
	raw := m[name]
	return out, len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &out) == nil && out != ""
}

// date is a NumericDate, zero where there is none.
func (m members) date(name string) (time.Time, bool) {
	raw, there := m[name]
	if !there {
		return time.Time{}, true
	}
	var seconds float64
	if raw[0] == 'n' || json.Unmarshal(raw, &seconds) != nil || seconds < 1 || seconds > 1<<40 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

func (a *assertion) readHead(raw []byte) bool {
	m, ok := readMembers(raw)
	if _, critical := m["crit"]; !ok || critical { // an extension that must be understood, and is not
		return false
	}
	var ok1, ok2 bool
	a.alg, ok1 = m.text("alg")
	a.kid, ok2 = m.text("kid")
	return ok1 && ok2 && len(a.kid) <= longestKeyID && (a.alg == es384 || a.alg == rs384)
}

func (a *assertion) readBody(raw []byte) bool {
	m, ok := readMembers(raw)
	if !ok {
		return false
	}
	var sub string
	var dated [3]bool
	said := true
	for name, to := range map[string]*string{"iss": &a.client, "sub": &sub, "jti": &a.jti} {
		text, there := m.text(name)
		*to, said = text, said && there
	}
	a.audience, ok = m.audience()
	a.expires, dated[0] = m.date("exp")
	a.issued, dated[1] = m.date("iat")
	a.notBefore, dated[2] = m.date("nbf")
	if !said || !ok || slices.Contains(dated[:], false) || a.expires.IsZero() || a.client != sub || len(a.jti) > longestJTI {
		return false
	}
	a.organisation, a.name, ok = strings.Cut(a.client, clientDot)
	return ok && isPlainCode(a.organisation) && isPlainCode(a.name)
}

// audience is the one that the assertion is for. One with several could be shown elsewhere too.
func (m members) audience() (string, bool) {
	if one, ok := m.text("aud"); ok {
		return one, true
	}
	var list []string
	if json.Unmarshal(m["aud"], &list) != nil || len(list) != 1 {
		return "", false
	}
	return list[0], list[0] != ""
}

func isPlainCode(s string) bool {
	return trail.IsCode(s) && !strings.Contains(s, clientDot) && len(s) <= 64
}

// timely says whether the assertion counts now.
func (a assertion) timely(now time.Time) bool {
	latest := now.Add(clientSkew)
	switch {
	case !now.Before(a.expires) || a.expires.After(now.Add(longestAhead+clientSkew)):
	case a.issued.After(latest) || a.notBefore.After(latest):
	case !a.issued.IsZero() && (a.issued.Before(now.Add(-oldestIssue)) || a.issued.After(a.expires)):
	default:
		return true
	}
	return false
}

// signedBy checks the signature against the one of the keys that the assertion names. Where there is none the decoy is
// checked instead, so that it takes as long.
func (a assertion) signedBy(keys, decoys []publicKey) bool {
	known := true
	find := func(list []publicKey, kid string) int {
		return slices.IndexFunc(list, func(k publicKey) bool { return k.ID == kid && k.Alg == a.alg })
	}
	i := find(keys, a.kid)
	if i < 0 {
		known, keys, i = false, decoys, find(decoys, a.alg)
	}
	return i >= 0 && a.verify(keys[i].DER) && known
}

func (a assertion) verify(der []byte) bool {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return false
	}
	sum := sha512.Sum384(a.signed)
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		half := (key.Curve.Params().BitSize + 7) / 8
		if a.alg != es384 || len(a.signature) != 2*half {
			return false
		}
		r, s := new(big.Int).SetBytes(a.signature[:half]), new(big.Int).SetBytes(a.signature[half:])
		return ecdsa.Verify(key, sum[:], r, s)
	case *rsa.PublicKey:
		return a.alg == rs384 && rsa.VerifyPKCS1v15(key, crypto.SHA384, sum[:], a.signature) == nil
	}
	return false
}

// newDecoys makes a key for each algorithm to which nobody has the other half. That of RSA is an odd number of the right
// length: nothing needs to be signed with it, and to make a real one would take longer than the rest of the start.
func newDecoys(random io.Reader) ([]publicKey, error) {
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
	var out []publicKey
	for alg, key := range map[string]any{es384: &point.PublicKey, rs384: &rsa.PublicKey{N: new(big.Int).SetBytes(raw), E: smallestPower}} {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			return nil, fmt.Errorf("make decoy key: %w", err)
		}
		out = append(out, publicKey{alg, alg, der})
	}
	return out, nil
}
