package people

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/jws"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

var testAudiences = Audiences{testURL + "/oauth/token", testURL}

// machineKey is an invented client's key.
type machineKey struct {
	kid string
	ec  *ecdsa.PrivateKey
	rsa *rsa.PrivateKey
}

func newECKey(t testing.TB, kid string) machineKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return machineKey{kid: kid, ec: key}
}

var sharedRSA = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newRSAKey(t testing.TB, kid string) machineKey {
	t.Helper()
	key, err := sharedRSA()
	if err != nil {
		t.Fatal(err)
	}
	return machineKey{kid: kid, rsa: key}
}

func text64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// jwk is the public half as a client's makers paste it.
func (k machineKey) jwk() map[string]any {
	if k.rsa != nil {
		return map[string]any{"kty": "RSA", "kid": k.kid, "alg": "RS384", "n": text64(k.rsa.N.Bytes()), "e": text64(big.NewInt(int64(k.rsa.E)).Bytes())}
	}
	point, err := k.ec.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return map[string]any{"kty": "EC", "kid": k.kid, "crv": "P-384", "use": "sig", "x": text64(point[1:49]), "y": text64(point[49:])}
}

func keySet(keys ...machineKey) string {
	var all []any
	for _, k := range keys {
		all = append(all, k.jwk())
	}
	text, err := json.Marshal(map[string]any{"keys": all})
	if err != nil {
		panic(err)
	}
	return string(text)
}

type object = map[string]any

// sign makes the assertion, with the head and the claims as they are given.
func (k machineKey) sign(t testing.TB, head, claims object) string {
	t.Helper()
	first, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	second, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	text := text64(first) + "." + text64(second)
	return text + "." + text64(k.signature(t, text))
}

func (k machineKey) signature(t testing.TB, text string) []byte {
	t.Helper()
	sum := sha512.Sum384([]byte(text))
	if k.rsa != nil {
		out, err := rsa.SignPKCS1v15(nil, k.rsa, crypto.SHA384, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	r, s, err := ecdsa.Sign(rand.Reader, k.ec, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...)
}

func (k machineKey) head() object {
	alg := jws.ES384
	if k.rsa != nil {
		alg = jws.RS384
	}
	return object{"alg": alg, "kid": k.kid}
}

// machine is an invented client that is registered.
type machine struct {
	w    *world
	lead *staff
	key  machineKey
	Client
}

func (s *staff) client(key machineKey, scopes ...Scope) *machine {
	s.w.t.Helper()
	if len(scopes) == 0 {
		scopes = Scopes(s.actor.kind)
	}
	c, err := s.w.RegisterClient(s.w.t.Context(), s.stepUp().actor, "Invented System", keySet(key), scopes)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return &machine{s.w, s, key, c}
}

// claims are those of a good assertion, each with a jti of its own.
func (m *machine) claims() object {
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		panic(err)
	}
	return object{
		"iss": m.Public(), "sub": m.Public(), "aud": testAudiences.TokenEndpoint, "jti": text64(raw), "exp": m.w.clock.now().Add(time.Minute).Unix(),
	}
}

func (m *machine) word(change object) string {
	claims := m.claims()
	for name, value := range change {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return m.key.sign(m.w.t, m.key.head(), claims)
}

func (m *machine) ask(word, scopes string) (Access, error) {
	return m.w.GiveAccess(m.w.t.Context(), testAudiences, ClientWord{Assertion: word, Scopes: scopes})
}

func (m *machine) access(scopes string) string {
	m.w.t.Helper()
	got, err := m.ask(m.word(nil), scopes)
	if err != nil {
		m.w.t.Fatal(err)
	}
	return got.Token.Reveal()
}

func TestAClientProvesItselfAndActsWithinItsScopes(t *testing.T) {
	for name, key := range map[string]machineKey{"ES384": newECKey(t, "k1"), "RS384": newRSAKey(t, "k1")} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := w.found(Practice).client(key)
			got, err := m.ask(m.word(nil), "system/Task.rs system/ServiceRequest.crus")
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Scopes) != 2 || got.Scopes[0].String() != "system/Task.rs" || got.Scopes[1].String() != "system/ServiceRequest.cr" || got.Life != AccessLife {
				t.Errorf("granted %v for %v", got.Scopes, got.Life)
			}
			s, err := w.AdmitClient(t.Context(), got.Token.Reveal(), TaskRead, "Task", 'r')
			if err != nil {
				t.Fatal(err)
			}
			a := s.Actor
			if a.Member() != m.ID || a.Organisation() != m.Organisation || a.Kind() != Practice || !a.IsMachine() || a.Fresh() {
				t.Errorf("the actor is %+v", a)
			}
			for action, want := range map[Action]error{ReferralCreate: nil, CaseOwn: nil, TaskRead: nil, DirectoryRead: ErrForbidden, TaskUpdate: ErrForbidden, PacketRead: ErrForbidden, CaseRead: ErrForbidden} {
				if err := May(a, action, a.Organisation()); !errors.Is(err, want) || (want == nil) != (err == nil) {
					t.Errorf("%s: %v", action, err)
				}
			}
			if err := May(a, TaskRead, "another"); !errors.Is(err, ErrNotFound) {
				t.Errorf("another organisation's: %v", err)
			}
			if n := w.heard(forToken, trail.Done); n != 1 {
				t.Errorf("the trail has %d entries of the token", n)
			}
		})
	}
}

// Both must allow it: the policy, and a scope of the token with the letter for that resource.
func TestScopeAndPolicyMustBothAllow(t *testing.T) {
	w := newWorld(t)
	m := w.found(ReceivingService).client(newECKey(t, "k1"))
	token := m.access("system/Task.rs")
	for name, c := range map[string]struct {
		action   Action
		resource string
		letter   rune
		want     error
	}{
		"what the scope names":        {TaskRead, "Task", 's', nil},
		"another letter":              {TaskRead, "Task", 'u', ErrForbidden},
		"another resource":            {TaskRead, "ServiceRequest", 'r', ErrForbidden},
		"an action beyond the scope":  {TaskUpdate, "Task", 'r', ErrForbidden},
		"an action beyond the policy": {CaseRead, "Task", 'r', ErrForbidden},
		"no resource":                 {TaskRead, "", 'r', ErrForbidden},
	} {
		denied := w.heard(string(c.action), trail.Denied)
		_, err := w.AdmitClient(t.Context(), token, c.action, c.resource, c.letter)
		if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if c.want != nil && w.heard(string(c.action), trail.Denied) != denied+1 {
			t.Errorf("%s: the refusal is not in the trail", name)
		}
	}
}

func TestWhateverIsWrongWithAClientReadsAlike(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"))
	rsaToo := w.found(Practice).client(newRSAKey(t, "k1"))
	other := w.found(Practice).client(newECKey(t, "k2"))
	ended := m.lead.client(newECKey(t, "k3"))
	if err := w.RevokeClient(t.Context(), m.lead.actor, ended.ID); err != nil {
		t.Fatal(err)
	}
	now := w.clock.now()
	good := m.word(nil)
	used := m.word(nil)
	if _, err := m.ask(used, "system/Task.rs"); err != nil {
		t.Fatal(err)
	}
	cut := strings.Split(good, ".")
	head := func(change object) string {
		h := m.key.head()
		maps.Copy(h, change)
		return m.key.sign(t, h, m.claims())
	}
	public, err := x509.MarshalPKIXPublicKey(&m.key.ec.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	shared := func(alg string, secret []byte) string {
		first, _ := json.Marshal(object{"alg": alg, "kid": "k1"})
		second, _ := json.Marshal(m.claims())
		text := text64(first) + "." + text64(second)
		mac := hmac.New(sha512.New384, secret)
		mac.Write([]byte(text))
		return text + "." + text64(mac.Sum(nil))
	}
	for name, word := range map[string]string{
		"nothing": "", "no JWT": "canary", "two parts": cut[0] + "." + cut[1], "four parts": good + ".", "huge": strings.Repeat("a", jws.Longest) + "." + cut[1] + "." + cut[2],
		"no signature": cut[0] + "." + cut[1] + ".", "padding": good + "==", "a line end": good + "\n", "bad base64": cut[0] + ".!." + cut[2], "another spelling of the last bits": cut[0] + "." + cut[1] + "." + cut[2][:len(cut[2])-1] + "!",
		"the claims changed": cut[0] + "." + text64([]byte(`{"iss":"x"}`)) + "." + cut[2], "no JSON": text64([]byte("{")) + "." + cut[1] + "." + cut[2], "null": text64([]byte("null")) + "." + cut[1] + "." + cut[2],
		"alg none": head(object{"alg": "none"}), "alg none, unsigned": text64([]byte(`{"alg":"none","kid":"k1"}`)) + "." + cut[1] + ".", "alg in another case": head(object{"alg": "es384"}), "alg ES256": head(object{"alg": "ES256"}), "alg RS384 for a curve": head(object{"alg": "RS384"}),
		"HS384 with the public key": shared("HS384", public), "HS256 with the public key": shared("HS256", public), "ES384 with a MAC": shared("ES384", public), "no alg": head(object{"alg": ""}),
		"no kid": head(object{"kid": ""}), "an unknown kid": head(object{"kid": "k9"}), "another client's kid": head(object{"kid": "k2"}), "a kid that is no text": head(object{"kid": 1}), "a decoy's kid": head(object{"kid": jws.ES384}), "a long kid": head(object{"kid": strings.Repeat("k", 200)}),
		"an extension that must be understood": head(object{"crit": []string{"b64"}, "b64": false}),
		"another client's key":                 other.key.sign(t, m.key.head(), m.claims()),
		"ES384 for a key of RSA":               m.key.sign(t, m.key.head(), rsaToo.claims()),
		"another iss":                          m.word(object{"iss": other.Public()}), "another sub": m.word(object{"sub": other.Public()}), "another client": m.word(object{"iss": other.Public(), "sub": other.Public()}),
		"iss without organisation": m.word(object{"iss": m.ID, "sub": m.ID}), "a client of another organisation": m.word(object{"iss": other.Organisation + "." + m.ID, "sub": other.Organisation + "." + m.ID}),
		"nobody": m.word(object{"iss": "0190.0190", "sub": "0190.0190"}), "a client that is no code": m.word(object{"iss": "Canary.X", "sub": "Canary.X"}), "our own tenant": m.word(object{"iss": "waypost.people", "sub": "waypost.people"}),
		"no iss": m.word(object{"iss": nil}), "no sub": m.word(object{"sub": nil}), "iss is a list": m.word(object{"iss": []string{m.Public()}}),
		"another aud": m.word(object{"aud": "https://evil.example/oauth/token"}), "aud with a slash": m.word(object{"aud": testURL + "/"}), "aud in another case": m.word(object{"aud": strings.ToUpper(testURL)}), "two aud": m.word(object{"aud": []string{testAudiences.TokenEndpoint, testURL}}), "no aud": m.word(object{"aud": nil}), "empty aud": m.word(object{"aud": []string{}}),
		"expired": m.word(object{"exp": now.Unix()}), "long expired": m.word(object{"exp": now.Add(-time.Hour).Unix()}), "far exp": m.word(object{"exp": now.Add(longestAhead + clientSkew + time.Second).Unix()}), "no exp": m.word(object{"exp": nil}), "exp is text": m.word(object{"exp": "2000000000"}), "exp is null": m.key.sign(t, m.key.head(), object{"iss": m.Public(), "sub": m.Public(), "aud": testURL, "jti": "x", "exp": nil}), "exp beyond all time": m.word(object{"exp": 1e300}), "exp below": m.word(object{"exp": -1}),
		"issued later": m.word(object{"iat": now.Add(clientSkew + time.Second).Unix()}), "issued long ago": m.word(object{"iat": now.Add(-oldestIssue - time.Second).Unix()}), "not yet": m.word(object{"nbf": now.Add(clientSkew + time.Second).Unix()}),
		"no jti": m.word(object{"jti": nil}), "an empty jti": m.word(object{"jti": ""}), "jti is a number": m.word(object{"jti": 7}), "a long jti": m.word(object{"jti": strings.Repeat("j", 256)}),
		"used before": used, "an ended client": ended.word(nil),
	} {
		before := w.heard(forToken, trail.Denied)
		got, err := m.ask(word, "system/Task.rs")
		if err != ErrSignIn { //nolint:errorlint // the very value
			t.Errorf("%s: %v", name, err)
		}
		if !got.Token.IsZero() {
			t.Errorf("%s: a token", name)
		}
		if n := w.heard(forToken, trail.Denied); n != before+1 {
			t.Errorf("%s: %d entries in the trail", name, n-before)
		}
	}
	if _, err := w.GiveAccess(t.Context(), testAudiences, ClientWord{Assertion: m.word(nil), Client: other.Public(), Scopes: "system/Task.rs"}); !errors.Is(err, ErrSignIn) {
		t.Errorf("another client_id beside the assertion: %v", err)
	}
	if _, err := m.ask(good, "system/Task.rs"); err != nil {
		t.Errorf("what was never used is good: %v", err)
	}
}

func TestWhatAClientMaySayBesides(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"))
	now := w.clock.now()
	for name, word := range map[string]string{
		"the issuer as audience": m.word(object{"aud": testURL}), "a list of one": m.word(object{"aud": []string{testURL}}),
		"five minutes": m.word(object{"exp": now.Add(longestAhead).Unix()}), "a clock ahead": m.word(object{"iat": now.Add(clientSkew).Unix(), "nbf": now.Unix()}),
		"parts of a second": m.word(object{"exp": float64(now.Unix()) + 30.5}), "more claims": m.word(object{"scope": "x", "email": "y"}),
		"a typ": m.key.sign(t, object{"alg": jws.ES384, "kid": "k1", "typ": "JWT", "jku": "https://evil.example/keys"}, m.claims()),
	} {
		if _, err := m.ask(word, "system/Task.rs"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOfManyWithOneAssertionOneIsLetIn(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.AtOnce = 16 })
	m := w.found(Practice).client(newECKey(t, "k1"))
	for range 10 {
		word, before := m.word(nil), w.rests(kindAccess)
		if won := race(t, 12, func() error { _, err := m.ask(word, "system/Task.rs"); return err }, ErrSignIn); won != 1 {
			t.Fatalf("%d let in", won)
		}
		if n := w.rests(kindAccess); n != before+1 {
			t.Fatalf("%d tokens from one assertion", n-before)
		}
	}
}

// An id is one client's own: another client may use the same.
func TestTwoClientsMayUseOneID(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	one, two := lead.client(newECKey(t, "k1")), lead.client(newECKey(t, "k1"))
	for _, m := range []*machine{one, two} {
		if _, err := m.ask(m.word(object{"jti": "1"}), "system/Task.rs"); err != nil {
			t.Error(err)
		}
	}
	if _, err := one.ask(one.word(object{"jti": "1"}), "system/Task.rs"); !errors.Is(err, ErrSignIn) {
		t.Errorf("the second time: %v", err)
	}
}

func TestATokenEndsByItselfAndWithItsClient(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"))
	token := m.access("system/Task.rs")
	w.clock.pass(AccessLife - time.Millisecond)
	if _, err := w.ResolveClient(t.Context(), token); err != nil {
		t.Error(err)
	}
	w.clock.pass(time.Millisecond)
	if _, err := w.ResolveClient(t.Context(), token); !errors.Is(err, ErrNoSession) {
		t.Errorf("after its time: %v", err)
	}
	token = m.access("system/Task.rs")
	if err := w.RevokeClient(t.Context(), m.lead.stepUp().actor, m.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ResolveClient(t.Context(), token); !errors.Is(err, ErrNoSession) {
		t.Errorf("of an ended client: %v", err)
	}
	if _, err := m.ask(m.word(nil), "system/Task.rs"); !errors.Is(err, ErrSignIn) {
		t.Errorf("an ended client asks: %v", err)
	}
	for _, no := range []string{"", "x", token + "=", token[1:], m.lead.cookie} {
		if _, err := w.ResolveClient(t.Context(), no); !errors.Is(err, ErrNoSession) {
			t.Errorf("%q: %v", no, err)
		}
	}
}

// A token is no cookie and a cookie no token; no client stands where a person does.
func TestNoClientHasASession(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	m := lead.client(newECKey(t, "k1"))
	if _, err := w.Resolve(t.Context(), m.access("system/Task.rs")); !errors.Is(err, ErrNoSession) {
		t.Errorf("a token signs in: %v", err)
	}
	if _, _, err := w.Invite(t.Context(), lead.stepUp().actor, "Invented Name", []Role{Machine}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a person is invited as a client: %v", err)
	}
	person := lead.colleague(Auditor)
	if err := w.ChangeRoles(t.Context(), lead.actor, person.actor.member, []Role{Auditor, Machine}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a person becomes a client: %v", err)
	}
	for _, s := range Seats() {
		if _, err := NewActor(Organisation{ID: "o", Kind: s.Kind}, Member{ID: "m", Organisation: "o", Roles: []Role{Machine}, Active: true}, true); err == nil {
			t.Errorf("a member is a client of a %s", s.Kind)
		}
	}
	for _, change := range []func() error{
		func() error { return w.ChangeRoles(t.Context(), lead.actor, m.ID, []Role{Lead}) },
		func() error { return w.Revoke(t.Context(), lead.actor, m.ID) },
		func() error { _, err := w.InviteAgain(t.Context(), lead.actor, m.ID); return err },
		func() error { return w.RevokeClient(t.Context(), lead.actor, person.actor.member) },
	} {
		if err := change(); !errors.Is(err, ErrNotFound) {
			t.Errorf("a client is a member, or the other way round: %v", err)
		}
	}
}

func TestOnlyALeadWithTheKeyTouchedRegistersAndEndsClients(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	m := lead.client(newECKey(t, "k1"))
	foreign := w.found(Practice).stepUp()
	company := w.found(ImplantCompany).stepUp()
	set := keySet(newECKey(t, "k1"))
	for name, c := range map[string]struct {
		a    Actor
		want error
	}{
		"a clinician":       {lead.colleague(Clinician).stepUp().actor, ErrForbidden},
		"an auditor":        {lead.colleague(Auditor).stepUp().actor, ErrForbidden},
		"a company's lead":  {company.actor, ErrForbidden},
		"a lead, no touch":  {w.newSession(lead), ErrStepUp},
		"the client itself": {mustResolve(t, w, m.access("system/Task.rs")), ErrForbidden},
		"nobody":            {Actor{}, ErrForbidden},
	} {
		if _, err := w.RegisterClient(t.Context(), c.a, "Invented System", set, Scopes(Practice)); !errors.Is(err, c.want) {
			t.Errorf("%s registers: %v", name, err)
		}
		if err := w.RevokeClient(t.Context(), c.a, m.ID); !errors.Is(err, c.want) {
			t.Errorf("%s ends: %v", name, err)
		}
	}
	if err := w.RevokeClient(t.Context(), foreign.actor, m.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another organisation's lead: %v", err)
	}
	if got, err := w.Clients(t.Context(), foreign.actor); err != nil || len(got) != 0 {
		t.Errorf("another organisation sees %d clients: %v", len(got), err)
	}
	got, err := w.Clients(t.Context(), lead.actor)
	if err != nil || len(got) != 1 || got[0].Name.Reveal() != "Invented System" || !got[0].Active || got[0].Keys[0] != "k1" || got[0].Public() != m.Public() {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := w.ResolveClient(t.Context(), m.access("system/Task.rs")); err != nil {
		t.Errorf("after all refusals: %v", err)
	}
}

// newSession is the lead without a touch of the key.
func (w *world) newSession(s *staff) Actor {
	w.t.Helper()
	if err := s.signIn(); err != nil {
		w.t.Fatal(err)
	}
	return s.actor
}

func mustResolve(t *testing.T, w *world, token string) Actor {
	t.Helper()
	s, err := w.ResolveClient(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return s.Actor
}

func TestWhatRestsOfAClientIsNoToken(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"))
	token := m.access("system/Task.rs")
	w.dump(func(item any) {
		text, err := json.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{token, "Invented System", text64([]byte("Invented System"))} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%.8s rests in clear", secret)
			}
		}
	})
	_ = vault.Keep(token)
}

func TestADissolvedOrganisationHasNoClients(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"))
	other := w.found(Practice).client(newECKey(t, "k1"))
	token, kept := m.access("system/Task.rs"), other.access("system/Task.rs")
	if _, err := w.Dissolve(t.Context(), m.Organisation); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ResolveClient(t.Context(), token); !errors.Is(err, ErrNoSession) {
		t.Errorf("its token: %v", err)
	}
	if _, err := m.ask(m.word(nil), "system/Task.rs"); !errors.Is(err, ErrSignIn) {
		t.Errorf("it asks: %v", err)
	}
	if _, err := w.ResolveClient(t.Context(), kept); err != nil || w.rests(kindClient) != 1 || w.rests(kindClearance) != 1 {
		t.Errorf("another's: %v", err)
	}
}

func TestScopesAreReadStrictly(t *testing.T) {
	w := newWorld(t)
	m := w.found(Practice).client(newECKey(t, "k1"), Scope{"Task", "rs"})
	for _, asked := range []string{
		"", " ", "system/Task.rs ", " system/Task.rs", "system/Task.rs  system/Task.r", "Task.rs", "system/*.rs", "system/*.*", "system/Task.*", "patient/Task.rs", "user/Task.rs", "system/Task",
		"system/Task.", "system/Task.sr", "system/Task.rr", "system/Task.read", "system/Task.x", "system/task.rs", "system/Patient.rs", "system/Task.rs?status=x", "openid", "launch", "offline_access",
		"system/Task.rs system/Patient.rs", "system/Task.rs system/ServiceRequest.c", "system/Task.u", "system/AuditEvent.rs", strings.Repeat("system/Task.rs ", 80) + "system/Task.r", "system/Task.rs\tsystem/Task.r",
	} {
		before := w.heard(forToken, trail.Denied)
		if _, err := m.ask(m.word(nil), asked); err != ErrScope { //nolint:errorlint // the very value
			t.Errorf("%q: %v", asked, err)
		}
		if w.heard(forToken, trail.Denied) != before+1 {
			t.Errorf("%q: the refusal is not in the trail", asked)
		}
	}
	got, err := m.ask(m.word(nil), "system/Task.r system/Task.cruds")
	if err != nil || len(got.Scopes) != 1 || got.Scopes[0].String() != "system/Task.rs" {
		t.Errorf("%v, %v", got.Scopes, err)
	}
}

// What a kind of organisation may give its clients is what the policy has for them; a company's have none.
func TestScopesFollowThePolicy(t *testing.T) {
	for kind, want := range map[Kind]string{
		Practice:         "[system/ServiceRequest.cr system/Task.rs]",
		ReceivingService: "[system/ServiceRequest.r system/Task.rus]",
		SafeguardingTeam: "[system/AuditEvent.rs]",
		ImplantCompany:   "[]",
	} {
		var text []string
		for _, s := range Scopes(kind) {
			text = append(text, s.String())
		}
		if got := "[" + strings.Join(text, " ") + "]"; got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
	w := newWorld(t)
	lead := w.found(SafeguardingTeam).stepUp()
	for name, scopes := range map[string][]Scope{
		"none": nil, "another kind's": {{"Task", "rs"}}, "no letter": {{"AuditEvent", ""}}, "a letter too many": {{"AuditEvent", "crs"}}, "unknown": {{"Patient", "r"}}, "one of two": {{"AuditEvent", "r"}, {"Task", "r"}},
	} {
		if _, err := w.RegisterClient(t.Context(), lead.actor, "Invented System", keySet(newECKey(t, "k1")), scopes); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
