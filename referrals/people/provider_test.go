package people

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/softkey/softkeytest"
	"waypost/internal/vault"
)

// op is an OpenID provider in this process, with real keys and real checks; its fields let a test make it lie.
type op struct {
	t     testing.TB
	srv   *httptest.Server
	clock *clock
	ec    *ecdsa.PrivateKey
	rsa   *rsa.PrivateKey

	forger *ecdsa.PrivateKey // signs under the provider's name

	mu        sync.Mutex
	codes     map[string]grantOf
	exchanges int
	asked     url.Values // of the last authorisation request
	subject   string
	alg       string // ES256 unless a test says otherwise
	claims    func(map[string]any)
	answer    http.HandlerFunc // in the place of the token endpoint
	discovery func(map[string]any)
	assertion *ecdsa.PublicKey // set: the client proves itself by a key
}

type grantOf struct{ nonce, challenge, redirect string }

const (
	clientID     = "waypost-test"
	clientSecret = "not a secret"
	goodACR      = "AAL2_OR_AAL3_ANY"
)

func newOP(t testing.TB, c *clock) *op {
	t.Helper()
	p := &op{t: t, clock: c, codes: map[string]grantOf{}, subject: "invented-subject", alg: "ES256"}
	var err error
	if p.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.srv = httptest.NewTLSServer(mux)
	t.Cleanup(p.srv.Close)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		d := map[string]any{
			"issuer": p.srv.URL, "authorization_endpoint": p.srv.URL + "/authorize", "token_endpoint": p.srv.URL + "/token",
			"jwks_uri": p.srv.URL + "/jwks", "id_token_signing_alg_values_supported": []string{"ES256", "RS256", "HS256", "none"},
			"authorization_response_iss_parameter_supported": true,
		}
		if p.discovery != nil {
			p.discovery(d)
		}
		p.json(w, d)
	})
	mux.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) {
		point, _ := p.ec.PublicKey.Bytes()
		keys := []any{map[string]any{"kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "x": softkeytest.Text(point[1:33]), "y": softkeytest.Text(point[33:])}}
		if p.rsa != nil {
			keys = append(keys, map[string]any{"kty": "RSA", "kid": "rsa", "use": "sig", "n": softkeytest.Text(p.rsa.N.Bytes()), "e": "AQAB"})
		}
		p.json(w, map[string]any{"keys": keys})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.exchanges++
		if p.answer != nil {
			p.answer(w, r)
			return
		}
		p.token(w, r)
	})
	return p
}

func (p *op) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (p *op) token(w http.ResponseWriter, r *http.Request) {
	code := r.PostFormValue("code")
	g, ok := p.codes[code]
	delete(p.codes, code)
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || softkeytest.Text(sum[:]) != g.challenge || g.redirect != r.PostFormValue("redirect_uri") || !p.client(r) {
		w.WriteHeader(http.StatusBadRequest)
		p.json(w, map[string]any{"error": "invalid_grant"})
		return
	}
	p.json(w, map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": p.idToken(g.nonce)})
}

func (p *op) client(r *http.Request) bool {
	if p.assertion == nil {
		id, secret, ok := r.BasicAuth()
		return ok && id == clientID && secret == url.QueryEscape(clientSecret)
	}
	parts := strings.Split(r.PostFormValue("client_assertion"), ".")
	if len(parts) != 3 || r.PostFormValue("client_id") != clientID {
		return false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	sig := unb64(p.t, parts[2])
	var said struct {
		Iss, Sub, Aud, Jti string
		Exp                int64
	}
	_ = json.Unmarshal(unb64(p.t, parts[1]), &said)
	der := asn1Of(sig)
	return ecdsa.VerifyASN1(p.assertion, sum[:], der) && said.Iss == clientID && said.Sub == clientID && said.Aud == p.srv.URL+"/token" &&
		said.Jti != "" && said.Exp > p.clock.now().Unix()
}

// asn1Of writes r and s of a JWS signature as the DER that the standard library checks.
func asn1Of(sig []byte) []byte {
	integer := func(b []byte) []byte {
		for len(b) > 1 && b[0] == 0 {
			b = b[1:]
		}
		if b[0]&0x80 != 0 {
			b = append([]byte{0}, b...)
		}
		return append([]byte{2, byte(len(b))}, b...)
	}
	body := append(integer(sig[:len(sig)/2]), integer(sig[len(sig)/2:])...)
	return append([]byte{0x30, byte(len(body))}, body...)
}

func (p *op) idToken(nonce string) string {
	now := p.clock.now()
	c := map[string]any{
		"iss": p.srv.URL, "sub": p.subject, "aud": clientID, "exp": now.Add(5 * time.Minute).Unix(), "iat": now.Unix(),
		"auth_time": now.Unix(), "nonce": nonce, "acr": goodACR, "sid": "provider-session",
		// What no claim may do: make somebody a lead.
		"role": "lead", "roles": []string{"lead"}, "nhsid_nrbac_roles": []any{map[string]any{"role_code": "R0260"}},
	}
	if p.claims != nil {
		p.claims(c)
	}
	return p.sign(c)
}

func (p *op) sign(claims map[string]any) string {
	kid := "ec"
	if strings.HasPrefix(p.alg, "RS") {
		kid = "rsa"
	}
	head, _ := json.Marshal(map[string]any{"alg": p.alg, "kid": kid, "typ": "JWT"})
	body, err := json.Marshal(claims)
	if err != nil {
		p.t.Fatal(err)
	}
	text := softkeytest.Text(head) + "." + softkeytest.Text(body)
	sum := sha256.Sum256([]byte(text))
	var sig []byte
	switch p.alg {
	case "ES256":
		key := p.ec
		if p.forger != nil {
			key = p.forger
		}
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		if err != nil {
			p.t.Fatal(err)
		}
		sig = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case "RS256":
		if p.rsa == nil {
			if p.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
				p.t.Fatal(err)
			}
		}
		if sig, err = rsa.SignPKCS1v15(rand.Reader, p.rsa, crypto.SHA256, sum[:]); err != nil {
			p.t.Fatal(err)
		}
	case "HS256": // the old trick: the public key or the shared secret as the key of a MAC
		mac := hmac.New(sha256.New, []byte(clientSecret))
		mac.Write([]byte(text))
		sig = mac.Sum(nil)
	case "none":
		return text + "."
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// authorise is what a browser sees that goes where it was sent and comes back: the answer's query.
func (p *op) authorise(address string) url.Values {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, p.srv.URL+"/authorize?") {
		p.t.Fatalf("sent to %s, %v", address, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = u.Query()
	code, _, _ := (&Register{random: rand.Reader}).newToken()
	p.codes[code.Reveal()] = grantOf{p.asked.Get("nonce"), p.asked.Get("code_challenge"), p.asked.Get("redirect_uri")}
	return url.Values{"code": {code.Reveal()}, "state": {p.asked.Get("state")}, "iss": {p.srv.URL}}
}

func (p *op) config() *Provider {
	roots := x509.NewCertPool()
	roots.AddCert(p.srv.Certificate())
	return &Provider{
		Issuer: p.srv.URL, ClientID: clientID, Secret: vault.Keep(clientSecret), ACR: []string{goodACR},
		MaxAge: 10 * time.Minute, Return: "/sign-in/return", Roots: roots,
	}
}

func pemOf(t testing.TB, key any) vault.Secret[string] {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return vault.Keep(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}
