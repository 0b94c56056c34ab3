package people

import (
	"slices"
	"strings"
	"time"

	"waypost/internal/jws"
	"waypost/internal/trail"
)

// The bounds of a client's assertion (RFC 7523; SMART 2.2: five minutes).
const (
	longestJTI   = 255
	longestAhead = 5 * time.Minute
	oldestIssue  = 10 * time.Minute
	clientSkew   = 30 * time.Second // a client's clock may be ahead of ours
)

// assertion is a client's signed word for one request, taken apart and not yet believed.
type assertion struct {
	word               jws.Token
	client             string // iss and sub
	audience, jti      string
	expires            time.Time
	issued, notBefore  time.Time // zero where it does not say
	organisation, name string    // the two halves of the client's id
}

// readAssertion takes a JWT in compact form apart. All is checked that can be without knowing anybody.
func readAssertion(text string) (assertion, bool) {
	word, ok := jws.Read(text)
	a := assertion{word: word}
	return a, ok && a.readClaims()
}

func (a *assertion) readClaims() (ok bool) {
	var sub string
	var dated [3]bool
	said := true
	for name, to := range map[string]*string{"iss": &a.client, "sub": &sub, "jti": &a.jti} {
		text, there := a.word.Text(name)
		*to, said = text, said && there
	}
	a.audience, ok = a.word.Audience()
	a.expires, dated[0] = a.word.Date("exp")
	a.issued, dated[1] = a.word.Date("iat")
	a.notBefore, dated[2] = a.word.Date("nbf")
	if !said || !ok || slices.Contains(dated[:], false) || a.expires.IsZero() || a.client != sub || len(a.jti) > longestJTI {
		return false
	}
	a.organisation, a.name, ok = strings.Cut(a.client, clientDot)
	return ok && isPlainCode(a.organisation) && isPlainCode(a.name)
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
func (a assertion) signedBy(keys, decoys []jws.Key) bool {
	key, known := jws.Find(keys, a.word.KeyID, a.word.Alg)
	if !known {
		key, _ = jws.Find(decoys, a.word.Alg, a.word.Alg)
	}
	return a.word.By(key) && known
}
