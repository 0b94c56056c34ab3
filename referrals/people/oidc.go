package people

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"waypost/internal/vault"
)

// ProviderPatience is how long somebody may take at the provider. The sealed value that BeginProvider gives is kept for as
// long, by the browser, in one cookie: __Host-, HttpOnly, SameSite=Lax, because a Strict one is not sent on the way back.
const ProviderPatience = 10 * time.Minute

// waiting is what the browser carries, sealed, while it is at the provider.
type waiting struct {
	For      string    `json:"for"`
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"` // PKCE
	Since    time.Time `json:"since"`
	Invite   string    `json:"invite,omitempty"`
	Session  string    `json:"session,omitempty"`
}

// HasProvider says whether signing in by a provider is on offer.
func (r *Register) HasProvider() bool { return r.provider != nil }

// BeginProvider starts a sign-in at the provider: where to send the browser, and what it carries meanwhile.
func (r *Register) BeginProvider(ctx context.Context) (address, sealed string, err error) {
	return r.beginProvider(ctx, waiting{For: forSignIn})
}

// BeginProviderEnrol is BeginProvider for whoever takes up an invitation that way.
func (r *Register) BeginProviderEnrol(ctx context.Context, token string) (address, sealed string, err error) {
	inv, _, err := r.invited(ctx, forEnrol, token)
	if err != nil {
		return "", "", err
	}
	return r.beginProvider(ctx, waiting{For: forEnrol, Invite: inv.id})
}

// BeginProviderStepUp is BeginStepUp for whoever signed in by the provider: they prove there once more who they are.
func (r *Register) BeginProviderStepUp(ctx context.Context, cookie string) (address, sealed string, err error) {
	s, err := r.Resolve(ctx, cookie)
	if err != nil {
		return "", "", err
	}
	return r.beginProvider(ctx, waiting{For: forStepUp, Session: s.rested.id})
}

func (r *Register) beginProvider(ctx context.Context, w waiting) (address, sealed string, err error) {
	if r.provider == nil {
		return "", "", fmt.Errorf("begin sign-in: %w", ErrNotFound)
	}
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return "", "", err
	}
	defer leave()
	m, err := r.provider.metadata(ctx)
	if err != nil {
		return "", "", err
	}
	w.Since = r.now()
	for _, to := range []*string{&w.State, &w.Nonce, &w.Verifier} {
		value, _, err := r.newToken()
		if err != nil {
			return "", "", err
		}
		*to = value.Reveal()
	}
	text, err := json.Marshal(w)
	if err != nil {
		return "", "", fmt.Errorf("begin sign-in: %w", err)
	}
	if sealed, err = r.forms.Seal(r.waitingRoom(), text); err != nil {
		return "", "", fmt.Errorf("begin sign-in: %w", err)
	}
	return m.oauth.AuthCodeURL(w.State, r.provider.asks(w)...), sealed, nil
}

func (p *provider) asks(w waiting) []oauth2.AuthCodeOption {
	age := p.MaxAge
	asks := []oauth2.AuthCodeOption{oidc.Nonce(w.Nonce), oauth2.S256ChallengeOption(w.Verifier)}
	if w.For == forStepUp {
		age = 0
		asks = append(asks, oauth2.SetAuthURLParam("prompt", "login"))
	}
	asks = append(asks, oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(age/time.Second))))
	if len(p.ACR) > 0 {
		asks = append(asks, oauth2.SetAuthURLParam("acr_values", strings.Join(p.ACR, " ")))
	}
	return asks
}

// waitingRoom binds the sealed value to this purpose and this provider.
func (r *Register) waitingRoom() vault.Form {
	return vault.Form{Journey: "people.provider", Content: restsAs([]byte(r.provider.Issuer + " " + r.provider.ClientID))}
}

const longestReturn = 8 << 10

// returned is what the provider sent the browser back with.
type returned struct{ code, state, iss, fault string }

func parseReturn(query string) (returned, bool) {
	if len(query) > longestReturn {
		return returned{}, false
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return returned{}, false
	}
	for _, name := range []string{"code", "state", "iss", "error"} {
		if len(values[name]) > 1 {
			return returned{}, false
		}
	}
	out := returned{values.Get("code"), values.Get("state"), values.Get("iss"), values.Get("error")}
	return out, out.state != "" && (out.code == "") != (out.fault == "")
}

// openWaiting reads what the browser carried and checks that the answer belongs to it.
func (r *Register) openWaiting(m *metadata, sealed string, back returned) (waiting, bool) {
	var w waiting
	text, err := r.forms.Open(r.waitingRoom(), sealed)
	if err != nil || json.Unmarshal(text, &w) != nil {
		return w, false
	}
	age := r.now().Sub(w.Since)
	switch {
	case age < -clockSkew || age >= ProviderPatience:
	case w.State == "" || subtle.ConstantTimeCompare([]byte(w.State), []byte(back.state)) != 1:
	case back.iss != r.provider.Issuer && (back.iss != "" || m.TellsIss): // mix-up: RFC 9207
	default:
		return w, true
	}
	return w, false
}

// once makes sure that an answer, which the world may have seen, is taken once.
func (r *Register) once(ctx context.Context, action, what string, until time.Time) error {
	c, err := put(rested[struct{}]{kind: kindUsed, id: restsAs([]byte(what)), expires: until.UTC().Truncate(time.Millisecond)})
	if err != nil {
		return err
	}
	err = r.rest.write(ctx, nobody(action), c)
	if errors.Is(err, ErrConflict) {
		return ErrSignIn
	}
	return err
}
