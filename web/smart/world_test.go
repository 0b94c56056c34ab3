package smart_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/softkey/softkeytest"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/smart"
	"waypost/web/staff/stafftest"
)

const testURL = stafftest.URL

// world is the face in memory, served on a port of the loopback, with some doors for machines. Everybody in it is invented.
type world struct {
	*stafftest.Ground
	keys  map[people.Kind]*softkeytest.Key
	leads map[people.Kind]vault.Secret[string] // their cookies
}

type answer = stafftest.Answer

var loaded = sync.OnceValues(func() (*locales.Catalogue, error) { return locales.Load(locales.Files(), "en") })

func newWorld(t testing.TB) *world {
	t.Helper()
	words, err := loaded()
	stafftest.Must(t, err)
	w := &world{stafftest.New(t, stafftest.Config{Words: words}), map[people.Kind]*softkeytest.Key{}, map[people.Kind]vault.Secret[string]{}}
	w.Watch = func(method, path string, a answer) {
		described.Hold(t, method, path, a.Status, a.Header, []byte(a.Body))
	}
	face := &smart.Journey{Register: w.People, PublicURL: testURL}
	w.Serve(face, web.JourneyFunc(func(*web.Kit) ([]web.Route, error) { return doors(face), nil }))
	return w
}

// doors are some routes for machines, which say who came in.
func doors(gate *smart.Journey) (all []web.Route) {
	who := func(r *web.Request) (web.Page, error) {
		return web.Data(200, "text/plain", []byte(r.Session().Actor.Member())), nil
	}
	for _, one := range []struct {
		method, path string
		policy       web.Policy
	}{
		{"GET", "/test/task", gate.For(people.TaskRead, "Task", 'r')},
		{"PUT", "/test/task", gate.For(people.TaskUpdate, "Task", 'u')},
		{"POST", "/test/request", gate.For(people.ReferralCreate, "ServiceRequest", 'c')},
		{"GET", "/test/request", gate.For(people.TaskRead, "ServiceRequest", 'r')},
		{"GET", "/test/audit", gate.For(people.AuditRead, "AuditEvent", 's')},
	} {
		all = append(all, web.Route{Method: one.method, Path: one.path, Policy: one.policy, Handler: who})
	}
	return all
}

func (w *world) do(method, path, body string, headers ...string) answer {
	w.T.Helper()
	req, err := http.NewRequestWithContext(w.T.Context(), method, w.Address+path, strings.NewReader(body))
	stafftest.Must(w.T, err)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	return w.Send(req)
}

// fresh is the lead of the kind's one organisation, with the key just touched.
func (w *world) fresh(k people.Kind) people.Actor {
	w.T.Helper()
	ctx := w.T.Context()
	if w.keys[k] == nil {
		_, token, err := w.People.Found(ctx, k, "Invented Organisation", "Invented Lead")
		stafftest.Must(w.T, err)
		w.keys[k] = softkeytest.New(w.T, testURL)
		options, err := w.People.BeginEnrol(ctx, token.Reveal())
		stafftest.Must(w.T, err)
		in, err := w.People.FinishEnrol(ctx, token.Reveal(), w.keys[k].Create(options), "")
		stafftest.Must(w.T, err)
		w.leads[k] = in.Token
	}
	options, err := w.People.BeginStepUp(ctx, w.leads[k].Reveal())
	stafftest.Must(w.T, err)
	in, err := w.People.FinishStepUp(ctx, w.leads[k].Reveal(), w.keys[k].Get(options))
	stafftest.Must(w.T, err)
	w.leads[k] = in.Token
	return in.Actor
}

// machine is an invented client that is registered, with every scope of its kind.
type machine struct {
	people.Client
	w   *world
	key *ecdsa.PrivateKey
}

func (w *world) client(k people.Kind) *machine {
	w.T.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	stafftest.Must(w.T, err)
	point, err := key.PublicKey.Bytes()
	stafftest.Must(w.T, err)
	set, err := json.Marshal(map[string]any{"keys": []any{map[string]string{"kty": "EC", "crv": "P-384", "kid": "k1", "x": text64(point[1:49]), "y": text64(point[49:])}}})
	stafftest.Must(w.T, err)
	c, err := w.People.RegisterClient(w.T.Context(), w.fresh(k), "Invented System", string(set), people.Scopes(k))
	stafftest.Must(w.T, err)
	return &machine{c, w, key}
}

func text64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// word is the client's assertion, each with an id of its own.
func (m *machine) word(change map[string]any) string {
	m.w.T.Helper()
	claims := map[string]any{"iss": m.Public(), "sub": m.Public(), "aud": testURL + "/oauth/token", "jti": rand.Text(), "exp": m.w.Clock.Now().Add(time.Minute).Unix()}
	for name, value := range change {
		claims[name] = value
	}
	second, err := json.Marshal(claims)
	stafftest.Must(m.w.T, err)
	text := text64([]byte(`{"alg":"ES384","kid":"k1"}`)) + "." + text64(second)
	sum := sha512.Sum384([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, m.key, sum[:])
	stafftest.Must(m.w.T, err)
	return text + "." + text64(append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...))
}

func (w *world) denied() int { w.T.Helper(); return w.Heard("", trail.Denied) }
