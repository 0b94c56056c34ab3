package people

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/softkey/softkeytest"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// providerWorld is a world with a provider, and a member who enrolled by it.
func providerWorld(t testing.TB, change ...func(*Provider)) (*world, *op, *staff) {
	t.Helper()
	var p *op
	w := newWorld(t, func(c *Config) {
		p = newOP(t, &clock{t: c.Now()})
		c.Provider = p.config()
		for _, f := range change {
			f(c.Provider)
		}
	})
	p.clock = w.clock
	_, token, err := w.Found(t.Context(), Practice, "Invented Practice", "Invented Lead")
	if err != nil {
		t.Fatal(err)
	}
	address, sealed, err := w.BeginProviderEnrol(t.Context(), token.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	in, err := w.FinishProvider(t.Context(), p.authorise(address).Encode(), sealed, "")
	if err != nil {
		t.Fatal(err)
	}
	return w, p, &staff{w: w, cookie: in.Token.Reveal(), actor: in.Actor}
}

func (w *world) viaProvider(p *op, lie func(url.Values)) (SignedIn, error) {
	w.t.Helper()
	address, sealed, err := w.BeginProvider(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	back := p.authorise(address)
	if lie != nil {
		lie(back)
	}
	return w.FinishProvider(w.t.Context(), back.Encode(), sealed, "")
}

func TestAMemberSignsInByTheProvider(t *testing.T) {
	w, p, s := providerWorld(t)
	in, err := w.viaProvider(p, nil)
	if err != nil || in.Actor.Member() != s.actor.Member() {
		t.Fatal(err)
	}
	got, err := w.Resolve(t.Context(), in.Token.Reveal())
	if err != nil || got.Way != ByProvider || got.Actor.Fresh() {
		t.Errorf("%v %+v", err, got.Way)
	}
	for name, want := range map[string]string{
		"response_type": "code", "client_id": clientID, "redirect_uri": testURL + "/sign-in/return", "scope": "openid",
		"code_challenge_method": "S256", "acr_values": goodACR, "max_age": "600",
	} {
		if p.asked.Get(name) != want {
			t.Errorf("%s is %q", name, p.asked.Get(name))
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(p.asked.Get(name)) != 43 {
			t.Errorf("%s is %q", name, p.asked.Get(name))
		}
	}
	p.alg = "RS256"
	if _, err := w.viaProvider(p, nil); err != nil {
		t.Errorf("RS256: %v", err)
	}
}

// A9.
func TestATokenThatIsNotForUsSignsNobodyIn(t *testing.T) {
	set := func(name string, value any) func(*op) {
		return func(p *op) { p.claims = func(c map[string]any) { c[name] = value } }
	}
	without := func(name string) func(*op) {
		return func(p *op) { p.claims = func(c map[string]any) { delete(c, name) } }
	}
	at := func(name string, d time.Duration) func(*op) {
		return func(p *op) { p.claims = func(c map[string]any) { c[name] = p.clock.now().Add(d).Unix() } }
	}
	for name, lie := range map[string]func(*op){
		"alg none":                func(p *op) { p.alg = "none" },
		"alg HS256":               func(p *op) { p.alg = "HS256" },
		"signed by another":       func(p *op) { p.forger, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		"another nonce":           set("nonce", "another"),
		"no nonce":                without("nonce"),
		"another audience":        set("aud", "another"),
		"several and not for us":  set("aud", []string{clientID, "another"}),
		"for another party":       set("azp", "another"),
		"another issuer":          set("iss", "https://evil.example"),
		"expired":                 at("exp", -time.Second),
		"issued before we asked":  at("iat", -2*time.Minute),
		"issued in the future":    at("iat", 2*time.Minute),
		"seen too long ago":       at("auth_time", -12*time.Minute),
		"seen in the future":      at("auth_time", 2*time.Minute),
		"not said when seen":      without("auth_time"),
		"too weak":                set("acr", "AAL1"),
		"not said how strong":     without("acr"),
		"no subject":              without("sub"),
		"an unknown subject":      func(p *op) { p.subject = "nobody we know" },
		"a subject in other case": func(p *op) { p.subject = "Invented-Subject" },
		"a wrong at_hash":         set("at_hash", "AAAA"),
		"no token": func(p *op) {
			p.answer = func(w http.ResponseWriter, _ *http.Request) { p.json(w, map[string]any{"access_token": "a"}) }
		},
		"a token that is no token": func(p *op) {
			p.answer = func(w http.ResponseWriter, _ *http.Request) {
				p.json(w, map[string]any{"access_token": "a", "id_token": "x"})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, p, _ := providerWorld(t)
			if _, err := w.viaProvider(p, nil); err != nil {
				t.Fatal(err)
			}
			lie(p)
			if _, err := w.viaProvider(p, nil); err != ErrSignIn { //nolint:errorlint // the very value
				t.Errorf("%v", err)
			}
			if w.heard(forSignIn, trail.Denied) != 1 {
				t.Error("the refusal is not in the trail")
			}
		})
	}
}

func TestAnAnswerThatIsNotToOurQuestionSignsNobodyIn(t *testing.T) {
	w, p, _ := providerWorld(t)
	for name, lie := range map[string]func(url.Values){
		"another state":              func(v url.Values) { v.Set("state", strings.Repeat("A", 43)) },
		"no state":                   func(v url.Values) { v.Del("state") },
		"two states":                 func(v url.Values) { v.Add("state", v.Get("state")) },
		"another code":               func(v url.Values) { v.Set("code", "another") },
		"no code":                    func(v url.Values) { v.Del("code") },
		"two codes":                  func(v url.Values) { v.Add("code", "another") },
		"mix-up: another provider's": func(v url.Values) { v.Set("iss", "https://evil.example") },
		"mix-up: nobody's":           func(v url.Values) { v.Del("iss") },
		"an error":                   func(v url.Values) { v.Del("code"); v.Set("error", "access_denied") },
		"an error with a code":       func(v url.Values) { v.Set("error", "access_denied") },
		"too long":                   func(v url.Values) { v.Set("x", strings.Repeat("x", longestReturn)) },
	} {
		if _, err := w.viaProvider(p, lie); err != ErrSignIn { //nolint:errorlint // the very value
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.viaProvider(p, func(v url.Values) { v.Set("session_state", "harmless") }); err != nil {
		t.Errorf("what we do not know of: %v", err)
	}
}

func TestAnAnswerIsTakenOnceAndInItsOwnBrowser(t *testing.T) {
	w, p, _ := providerWorld(t)
	ask := func() (url.Values, string) {
		address, sealed, err := w.BeginProvider(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return p.authorise(address), sealed
	}
	back, sealed := ask()
	if _, err := w.FinishProvider(t.Context(), back.Encode(), sealed, ""); err != nil {
		t.Fatal(err)
	}
	before := p.exchanges
	if _, err := w.FinishProvider(t.Context(), back.Encode(), sealed, ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("replayed: %v", err)
	}
	if p.exchanges != before {
		t.Error("a replayed code was sent to the provider again")
	}
	back, mine := ask()
	_, theirs := ask()
	for name, carried := range map[string]string{"another browser's": theirs, "nothing": "", "rubbish": "x", "a changed value": mine[:len(mine)-4] + "AAAA"} {
		if _, err := w.FinishProvider(t.Context(), back.Encode(), carried, ""); !errors.Is(err, ErrSignIn) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.clock.pass(ProviderPatience)
	if _, err := w.FinishProvider(t.Context(), back.Encode(), mine, ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("after ten minutes: %v", err)
	}
	// A code stolen from the address of another's answer, with the thief's own browser and state.
	stolen, _ := ask()
	own, sealed := ask()
	own.Set("code", stolen.Get("code"))
	if _, err := w.FinishProvider(t.Context(), own.Encode(), sealed, ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("a stolen code: %v", err)
	}
}

func TestOfManyWhoBringOneAnswerOneIsLetIn(t *testing.T) {
	w, p, _ := providerWorld(t)
	for range 10 {
		address, sealed, err := w.BeginProvider(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		query := p.authorise(address).Encode()
		if won := race(t, 6, func() error { _, err := w.FinishProvider(t.Context(), query, sealed, ""); return err }, ErrSignIn); won != 1 {
			t.Fatalf("%d let in", won)
		}
	}
}

// Roles come from our own memberships: the token of the tests says lead in three ways.
func TestNoClaimMakesAnybodyALead(t *testing.T) {
	w, p, lead := providerWorld(t)
	address, sealed, err := w.BeginProviderStepUp(t.Context(), lead.cookie)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.pass(time.Minute)
	in, err := w.FinishProvider(t.Context(), p.authorise(address).Encode(), sealed, "")
	if err != nil || !in.Actor.Fresh() || w.alive(lead.cookie) {
		t.Fatalf("step-up: %v", err)
	}
	if p.asked.Get("prompt") != "login" || p.asked.Get("max_age") != "0" {
		t.Errorf("a step-up does not ask for the person: %v", p.asked)
	}
	_, token, err := w.Invite(t.Context(), in.Actor, "Invented Colleague", []Role{Clinician})
	if err != nil {
		t.Fatal(err)
	}
	p.subject = "another-subject"
	address, sealed, err = w.BeginProviderEnrol(t.Context(), token.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	doctor, err := w.FinishProvider(t.Context(), p.authorise(address).Encode(), sealed, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := May(doctor.Actor, CaseRead, doctor.Actor.Organisation()); !errors.Is(err, ErrForbidden) {
		t.Errorf("a claim counted: %v", err)
	}
	if _, err := w.BeginStepUp(t.Context(), doctor.Token.Reveal()); !errors.Is(err, ErrForbidden) {
		t.Errorf("a step-up by a key one does not have: %v", err)
	}
}

func TestAStepUpByTheProviderIsBySomebodySeenNow(t *testing.T) {
	for name, lie := range map[string]func(*op){
		"seen before the question": func(p *op) {
			p.claims = func(c map[string]any) { c["auth_time"] = p.clock.now().Add(-5 * time.Minute).Unix() }
		},
		"somebody else": func(p *op) { p.subject = "nobody we know" },
	} {
		w, p, s := providerWorld(t)
		address, sealed, err := w.BeginProviderStepUp(t.Context(), s.cookie)
		if err != nil {
			t.Fatal(err)
		}
		lie(p)
		if _, err := w.FinishProvider(t.Context(), p.authorise(address).Encode(), sealed, ""); !errors.Is(err, ErrSignIn) {
			t.Errorf("%s: %v", name, err)
		}
		if !w.alive(s.cookie) {
			t.Errorf("%s: the session ended", name)
		}
	}
	// Nor for a session that ended meanwhile.
	w, p, s := providerWorld(t)
	address, sealed, _ := w.BeginProviderStepUp(t.Context(), s.cookie)
	if err := w.SignOut(t.Context(), s.cookie); err != nil {
		t.Fatal(err)
	}
	if _, err := w.FinishProvider(t.Context(), p.authorise(address).Encode(), sealed, ""); !errors.Is(err, ErrNoSession) {
		t.Errorf("%v", err)
	}
}

func TestTheClientProvesItselfByAKey(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var p *op
	w := newWorld(t, func(c *Config) {
		p = newOP(t, &clock{t: c.Now()})
		p.assertion = &private.PublicKey
		c.Provider = p.config()
		c.Provider.Secret, c.Provider.Key, c.Provider.KeyID = vault.Secret[string]{}, pemOf(t, private), "k1"
	})
	_, token, _ := w.Found(t.Context(), Practice, "Invented Practice", "Invented Lead")
	address, sealed, err := w.BeginProviderEnrol(t.Context(), token.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.FinishProvider(t.Context(), p.authorise(address).Encode(), sealed, ""); err != nil {
		t.Fatal(err)
	}
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.assertion = &other.PublicKey
	if _, err := w.viaProvider(p, nil); !errors.Is(err, ErrSignIn) {
		t.Errorf("the provider refuses our key: %v", err)
	}
}

func TestAProviderThatIsAmissIsSaidSo(t *testing.T) {
	for name, break_ := range map[string]func(*op, *world){
		"broken": func(p *op, _ *world) {
			p.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
		},
		"sends us elsewhere": func(p *op, _ *world) {
			p.answer = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://169.254.169.254/", http.StatusTemporaryRedirect)
			}
		},
		"answers without end": func(p *op, _ *world) {
			p.answer = func(w http.ResponseWriter, _ *http.Request) {
				for range 40 {
					_, _ = w.Write(make([]byte, 64<<10))
				}
			}
		},
		"away": func(p *op, _ *world) { p.srv.CloseClientConnections(); p.srv.Listener.Close() },
	} {
		w, p, _ := providerWorld(t)
		address, sealed, err := w.BeginProvider(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		query := p.authorise(address).Encode()
		break_(p, w)
		if _, err := w.FinishProvider(t.Context(), query, sealed, ""); !errors.Is(err, ErrProvider) || strings.Contains(err.Error(), "169.254") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A provider that does not answer is asked once a minute, by one; nobody else waits for it.
func TestNobodyWaitsForAProviderThatIsAway(t *testing.T) {
	w, p, _ := providerWorld(t)
	var asked atomic.Int32
	hangs := make(chan struct{})
	p.discovery = func(d map[string]any) {
		asked.Add(1)
		<-hangs
		w.clock.pass(slowAnswer)
		d["issuer"] = "https://elsewhere.invalid"
	}
	w.provider.known.Load().read = w.now().Add(-metadataLife)
	begin := func() error { _, _, err := w.BeginProvider(t.Context()); return err }
	first := make(chan error)
	go func() { first <- begin() }()
	for asked.Load() == 0 {
		runtime.Gosched()
	}
	if err := begin(); err != nil { // while the first still asks
		t.Error(err)
	}
	close(hangs)
	if err := <-first; err != nil {
		t.Error(err)
	}
	w.provider.known.Store(nil) // as after a restart
	for range 3 {
		if err := begin(); !errors.Is(err, ErrProvider) {
			t.Error(err)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times in a minute", asked.Load())
	}
	p.discovery = nil
	w.clock.pass(askAgain)
	if err := begin(); err != nil {
		t.Errorf("back again: %v", err)
	}
}

func TestNobodyButTheProviderIsAsked(t *testing.T) {
	w, p, _ := providerWorld(t)
	var asked atomic.Int32
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })) // under the same certificate
	defer elsewhere.Close()
	p.answer = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	}
	if _, err := w.viaProvider(p, nil); !errors.Is(err, ErrProvider) || asked.Load() != 0 {
		t.Errorf("%v, asked %d times", err, asked.Load())
	}
}

func TestALongAnswerIsNotReadToItsEnd(t *testing.T) {
	for size, want := range map[int]error{longestAnswer / 2: nil, longestAnswer: ErrProvider} {
		var p *op
		w := newWorld(t, func(c *Config) {
			p = newOP(t, &clock{t: c.Now()})
			p.discovery = func(d map[string]any) { d["padding"] = strings.Repeat("x", size) }
			c.Provider = p.config()
		})
		if _, _, err := w.BeginProvider(t.Context()); !errors.Is(err, want) || (want == nil) != (err == nil) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// Two people may share a blind value; they do not share a sign-in. Nor does one step up for the other, and nobody enrols
// whom the provider does not name.
func TestOneSubjectIsNotAnother(t *testing.T) {
	w, p, s := providerWorld(t)
	enrol := func(sub string, claims func(map[string]any)) (SignedIn, error) {
		_, token, err := w.Found(t.Context(), Practice, "Invented Practice", "Invented Lead")
		if err != nil {
			t.Fatal(err)
		}
		address, sealed, err := w.BeginProviderEnrol(t.Context(), token.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		p.subject, p.claims = sub, claims
		defer func() { p.claims = nil }()
		return w.FinishProvider(t.Context(), p.authorise(address).Encode(), sealed, "")
	}
	if _, err := enrol("", func(c map[string]any) { delete(c, "sub") }); !errors.Is(err, ErrSignIn) {
		t.Errorf("enrolled without a subject: %v", err)
	}
	if _, err := enrol("another-subject", nil); err != nil {
		t.Fatal(err)
	}
	address, sealed, err := w.BeginProviderStepUp(t.Context(), s.cookie)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.FinishProvider(t.Context(), p.authorise(address).Encode(), sealed, ""); !errors.Is(err, ErrSignIn) || !w.alive(s.cookie) {
		t.Errorf("another person stepped up: %v", err)
	}
	w.Register.keys = oneBlind{w.Register.keys}
	if in, err := w.viaProvider(p, nil); !errors.Is(err, ErrSignIn) {
		t.Errorf("%s signed in as whoever was found: %v", in.Actor.Member(), err)
	}
}

// oneBlind gives everybody the blind value of the first person of the tests.
type oneBlind struct{ Keys }

func (k oneBlind) Blind(tenant, field, value string) [][]byte {
	if field == "account.subject" {
		value = strings.Replace(value, "another-subject", "invented-subject", 1)
	}
	return k.Keys.Blind(tenant, field, value)
}

// A document that names another issuer, or an address without TLS, is not believed; and nothing of it is kept.
func TestAProviderThatSpeaksForAnotherIsNotBelieved(t *testing.T) {
	for name, lie := range map[string]func(map[string]any){
		"another issuer":  func(d map[string]any) { d["issuer"] = "https://evil.example" },
		"token in clear":  func(d map[string]any) { d["token_endpoint"] = "http://evil.example/token" },
		"keys in clear":   func(d map[string]any) { d["jwks_uri"] = "http://evil.example/jwks" },
		"keys from files": func(d map[string]any) { d["jwks_uri"] = "file:///etc/passwd" },
		"no sign-in page": func(d map[string]any) { delete(d, "authorization_endpoint") },
	} {
		var p *op
		w := newWorld(t, func(c *Config) { p = newOP(t, &clock{t: c.Now()}); p.discovery = lie; c.Provider = p.config() })
		if _, _, err := w.BeginProvider(t.Context()); !errors.Is(err, ErrProvider) {
			t.Errorf("%s: %v", name, err)
		}
		p.discovery = nil
		if _, _, err := w.BeginProvider(t.Context()); err != nil {
			t.Errorf("%s, mended: %v", name, err)
		}
	}
}

func TestWhoSignsOutAtTheProviderIsOutHere(t *testing.T) {
	logout := func(p *op, change func(map[string]any)) string {
		c := map[string]any{
			"iss": p.srv.URL, "aud": clientID, "iat": p.clock.now().Unix(), "exp": p.clock.now().Add(time.Minute).Unix(), "jti": softkeytest.Text(random(9)),
			"sid": "provider-session", "events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
		}
		if change != nil {
			change(c)
		}
		return p.sign(c)
	}
	for name, change := range map[string]func(map[string]any){
		"by session": nil,
		"by subject": func(c map[string]any) { delete(c, "sid"); c["sub"] = "invented-subject" },
	} {
		w, p, s := providerWorld(t)
		stranger := w.found(Practice)
		token := logout(p, change)
		if err := w.ProviderSignOut(t.Context(), token); err != nil || w.alive(s.cookie) || !w.alive(stranger.cookie) {
			t.Errorf("%s: %v", name, err)
		}
		if err := w.ProviderSignOut(t.Context(), token); !errors.Is(err, ErrSignIn) {
			t.Errorf("%s, replayed: %v", name, err)
		}
	}
	w, p, s := providerWorld(t)
	for name, change := range map[string]func(map[string]any){
		"another audience":  func(c map[string]any) { c["aud"] = "another" },
		"another issuer":    func(c map[string]any) { c["iss"] = "https://evil.example" },
		"an ID token":       func(c map[string]any) { c["nonce"] = "n" },
		"no event":          func(c map[string]any) { delete(c, "events") },
		"old":               func(c map[string]any) { c["iat"] = p.clock.now().Add(-time.Hour).Unix() },
		"expired":           func(c map[string]any) { c["exp"] = p.clock.now().Add(-time.Minute).Unix() },
		"no id":             func(c map[string]any) { delete(c, "jti") },
		"nobody":            func(c map[string]any) { delete(c, "sid") },
		"far in the future": func(c map[string]any) { c["iat"] = p.clock.now().Add(time.Hour).Unix() },
	} {
		if err := w.ProviderSignOut(t.Context(), logout(p, change)); !errors.Is(err, ErrSignIn) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, alg := range []string{"none", "HS256"} {
		p.alg = alg
		if err := w.ProviderSignOut(t.Context(), logout(p, nil)); !errors.Is(err, ErrSignIn) {
			t.Errorf("%s: %v", alg, err)
		}
	}
	if err := w.ProviderSignOut(t.Context(), strings.Repeat("x", longestLogout+1)); !errors.Is(err, ErrSignIn) {
		t.Errorf("long: %v", err)
	}
	if !w.alive(s.cookie) {
		t.Error("a refused token ended a session")
	}
	p.alg = "ES256"
	if err := w.ProviderSignOut(t.Context(), logout(p, func(c map[string]any) { delete(c, "sid"); c["sub"] = "nobody we know" })); err != nil {
		t.Errorf("somebody we do not know: %v", err)
	}
}

func TestTheSubjectCannotBeReadWhereItRests(t *testing.T) {
	w, p, _ := providerWorld(t)
	p.subject = "invented-subject"
	w.dump(func(item any) {
		if r, ok := item.(store.Record); ok && strings.Contains(string(r.Sealed), "invented-subject") {
			t.Error("it can")
		}
	})
}

func TestAProviderIsConfiguredSoundly(t *testing.T) {
	good := newOP(t, &clock{}).config()
	for name, spoil := range map[string]func(*Provider){
		"issuer in clear":   func(p *Provider) { p.Issuer = "http://provider.example" },
		"issuer with query": func(p *Provider) { p.Issuer += "?a=b" },
		"no client":         func(p *Provider) { p.ClientID = "" },
		"no proof":          func(p *Provider) { p.Secret = vault.Secret[string]{} },
		"two proofs":        func(p *Provider) { p.Key = vault.Keep("x") },
		"a key that is none": func(p *Provider) {
			p.Secret, p.Key = vault.Secret[string]{}, vault.Keep("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
		},
		"no way back":  func(p *Provider) { p.Return = "https://evil.example" },
		"negative age": func(p *Provider) { p.MaxAge = -1 },
	} {
		p := *good
		spoil(&p)
		base, _ := ParsePublicURL(testURL)
		if _, err := newProvider(p, base, time.Now); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
