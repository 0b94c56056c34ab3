package people

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"waypost/internal/vault"
)

// Provider says how staff sign in with OpenID Connect, as with NHS CIS2 or a practice's single sign-on. Who somebody is
// comes from there; what they may do never does.
type Provider struct {
	Issuer   string
	ClientID string
	// One of the two proves to the provider that it is us who ask.
	Secret vault.Secret[string] // a shared secret
	Key    vault.Secret[string] // a private key in PEM (PKCS 8): P-256, P-384 or RSA
	KeyID  string
	// ACR lists the levels of assurance that are good enough; empty: none is asked for.
	ACR    []string
	MaxAge time.Duration  // how long ago the provider may have seen the person; 0 means 30 minutes
	Return string         // the path the provider sends browsers back to, under PublicURL
	Roots  *x509.CertPool // nil: those of the machine
}

// The algorithms by which an ID token may be signed. None and the shared-secret ones are not among them.
var algorithms = []string{"ES256", "ES384", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512", "EdDSA"}

const (
	providerPatience = 10 * time.Second
	longestAnswer    = 1 << 20
	metadataLife     = 24 * time.Hour
	slowAnswer       = time.Second // a refusal that took longer is not waited for again
	askAgain         = time.Minute // before then
	clockSkew        = time.Minute
)

type provider struct {
	Provider
	back   string
	signer *clientKey
	client *http.Client
	now    func() time.Time

	known  atomic.Pointer[metadata]
	asking sync.Mutex // of whoever asks
	later  time.Time  // not asked before then; guarded by asking
}

// metadata is what the provider says of itself.
type metadata struct {
	read     time.Time
	oidc     *oidc.Provider
	verifier *oidc.IDTokenVerifier
	oauth    oauth2.Config
	TellsIss bool     `json:"authorization_response_iss_parameter_supported"`
	Methods  []string `json:"token_endpoint_auth_methods_supported"`
	Signing  []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	JWKS     string   `json:"jwks_uri"`
}

func newProvider(p Provider, base *url.URL, now func() time.Time) (*provider, error) {
	u, err := url.Parse(p.Issuer)
	switch {
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%w: the issuer is no https address", ErrConfig)
	case p.ClientID == "" || !strings.HasPrefix(p.Return, "/"):
		return nil, fmt.Errorf("%w: client id or return path is missing", ErrConfig)
	case p.Secret.IsZero() == p.Key.IsZero():
		return nil, fmt.Errorf("%w: a provider needs a client secret or a key, and not both", ErrConfig)
	case p.MaxAge < 0:
		return nil, fmt.Errorf("%w: the greatest age is negative", ErrConfig)
	}
	if p.MaxAge == 0 {
		p.MaxAge = 30 * time.Minute
	}
	out := &provider{Provider: p, back: base.JoinPath(p.Return).String(), now: now, client: newClient(u, p.Roots)}
	if !p.Key.IsZero() {
		if out.signer, err = parseClientKey(p.Key.Reveal(), p.KeyID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// newClient asks the provider and nobody else: it is not sent elsewhere, does not wait long and reads no more than 1 MB.
func newClient(issuer *url.URL, roots *x509.CertPool) *http.Client {
	dial := &net.Dialer{Timeout: 5 * time.Second}
	return &http.Client{
		Timeout: providerPatience,
		Transport: limited{&http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dial.DialContext,
			TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 8 * time.Second,
			MaxIdleConns: 4, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10,
		}},
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			if len(via) > 2 || to.URL.Scheme != issuer.Scheme || to.URL.Host != issuer.Host {
				return fmt.Errorf("%w: it sends us elsewhere", ErrProvider)
			}
			return nil
		},
	}
}

type limited struct{ http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%w: an address without TLS", ErrProvider)
	}
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{http.MaxBytesReader(nil, resp.Body, longestAnswer), resp.Body}
	}
	return resp, err
}

// metadata reads what the provider says of itself, once a day. While somebody asks and while it is away the former word
// counts. One that is away at start keeps nobody from starting. One that lets us wait for nothing is left alone for a minute:
// whoever waits for it holds the door that those with a key pass too.
func (p *provider) metadata(ctx context.Context) (*metadata, error) {
	former := p.known.Load()
	if former != nil && (p.isFresh(former) || !p.asking.TryLock()) {
		return former, nil
	}
	if former == nil {
		p.asking.Lock()
	}
	defer p.asking.Unlock()
	if m := p.known.Load(); m != nil && p.isFresh(m) {
		return m, nil
	}
	if began := p.now(); !began.Before(p.later) {
		m, err := p.discover(ctx)
		if err == nil {
			p.known.Store(m)
			return m, nil
		}
		if now := p.now(); now.Sub(began) >= slowAnswer {
			p.later = now.Add(askAgain)
		}
	}
	if former == nil {
		return nil, ErrProvider // the library quotes the answer
	}
	return former, nil
}

func (p *provider) isFresh(m *metadata) bool { return p.now().Sub(m.read) < metadataLife }

func (p *provider) discover(ctx context.Context) (*metadata, error) {
	// The key set outlives this request, and the library keeps the context for its client alone.
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.Issuer)
	if err != nil {
		return nil, err
	}
	m := &metadata{read: p.now(), oidc: found}
	if err := found.Claims(m); err != nil {
		return nil, err
	}
	end := found.Endpoint()
	for _, address := range []string{end.AuthURL, end.TokenURL, m.JWKS} {
		if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
			return nil, ErrProvider
		}
	}
	end.AuthStyle = oauth2.AuthStyleInHeader
	if p.signer != nil || len(m.Methods) > 0 && !slices.Contains(m.Methods, "client_secret_basic") {
		end.AuthStyle = oauth2.AuthStyleInParams
	}
	m.oauth = oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret.Reveal(), Endpoint: end, RedirectURL: p.back, Scopes: []string{oidc.ScopeOpenID}}
	m.verifier = found.Verifier(&oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: algorithms, Now: p.now})
	return m, nil
}
