package smart_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/softkey/softkeytest"
	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/smart"
)

const testURL = "http://localhost:8080"

// deafStore is the store in memory, which can be made to take no trail.
type deafStore struct {
	*conform.Model
	deaf atomic.Bool
}

func (s *deafStore) Commit(ctx context.Context, b store.Batch) error {
	if s.deaf.Load() && len(b.Trail) > 0 {
		return store.ErrFull
	}
	return s.Model.Commit(ctx, b)
}

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// world is the face in memory, served on a port of the loopback, with some doors for machines. Everybody in it is invented.
type world struct {
	t       testing.TB
	people  *people.Register
	server  *web.Server
	store   *deafStore
	clock   *clock
	log     *lockedBuffer
	address string
	keys    map[people.Kind]*softkeytest.Key
	leads   map[people.Kind]vault.Secret[string] // their cookies
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var loaded = sync.OnceValues(func() (*locales.Catalogue, error) { return locales.Load(locales.Files(), "en") })

func testConfig(t testing.TB, now func() time.Time) web.Config {
	t.Helper()
	words, err := loaded()
	must(t, err)
	return web.Config{PublicURL: testURL, Words: words, Clock: now, Rand: rand.Reader, Log: slog.New(web.NewLogHandler(slog.NewTextHandler(io.Discard, nil)))}
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		t: t, clock: &clock{t: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}, store: &deafStore{Model: conform.NewModel(nil)}, log: &lockedBuffer{},
		keys: map[people.Kind]*softkeytest.Key{}, leads: map[people.Kind]vault.Secret[string]{},
	}
	root, err := vault.NewRootKey(bytes.Repeat([]byte{7}, 32))
	must(t, err)
	keys, err := vault.CreateKeyring(vault.Ground{Path: filepath.Join(t.TempDir(), vault.RingName), Root: root, Random: rand.Reader, Now: w.clock.now})
	must(t, err)
	must(t, keys.Prepare(w.clock.now().AddDate(0, 15, 0)))
	safe, err := records.Open(t.Context(), records.Config{Store: w.store, Marks: w.store, Keys: keys, Now: w.clock.now, Random: rand.Reader, Kinds: people.Kinds()})
	must(t, err)
	forms, err := keys.Forms()
	must(t, err)
	w.people, err = people.New(people.Config{Safe: safe, Keys: keys, Forms: forms, Now: w.clock.now, Random: rand.Reader, PublicURL: testURL, Name: "Waypost"})
	must(t, err)
	face := &smart.Journey{Register: w.people, PublicURL: testURL}
	cfg := testConfig(t, time.Now)
	cfg.Log = slog.New(web.NewLogHandler(slog.NewTextHandler(w.log, nil)))
	w.server, err = web.New(cfg, face, web.JourneyFunc(func(*web.Kit) ([]web.Route, error) { return doors(face), nil }))
	must(t, err)
	w.serve()
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
		{"GET", "/test/request", gate.For(people.TaskRead, "ServiceRequest", 's')},
		{"GET", "/test/audit", gate.For(people.AuditRead, "AuditEvent", 's')},
	} {
		all = append(all, web.Route{Method: one.method, Path: one.path, Policy: one.policy, Handler: who})
	}
	return all
}

func (w *world) serve() {
	w.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(w.t, err)
	w.address = "http://" + ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- w.server.Listen(ln) }()
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := w.server.Shutdown(ctx); err != nil {
			w.t.Errorf("shut down: %v", err)
		}
		<-done
	})
	w.do("GET", "/healthz", "") // it serves; a server that is shut down before that never ends
}

type answer struct {
	status int
	body   string
	header http.Header
}

var still = &http.Transport{MaxIdleConnsPerHost: 4}

func (w *world) do(method, path, body string, headers ...string) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.address+path, strings.NewReader(body))
	must(w.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	res, err := still.RoundTrip(req)
	must(w.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(w.t, err)
	described.Hold(w.t, method, path, res.StatusCode, res.Header, text)
	return answer{res.StatusCode, string(text), res.Header}
}

// fresh is the lead of the kind's one organisation, with the key just touched.
func (w *world) fresh(k people.Kind) people.Actor {
	w.t.Helper()
	ctx := w.t.Context()
	if w.keys[k] == nil {
		_, token, err := w.people.Found(ctx, k, "Invented Organisation", "Invented Lead")
		must(w.t, err)
		w.keys[k] = softkeytest.New(w.t, testURL)
		options, err := w.people.BeginEnrol(ctx, token.Reveal())
		must(w.t, err)
		in, err := w.people.FinishEnrol(ctx, token.Reveal(), w.keys[k].Create(options), "")
		must(w.t, err)
		w.leads[k] = in.Token
	}
	options, err := w.people.BeginStepUp(ctx, w.leads[k].Reveal())
	must(w.t, err)
	in, err := w.people.FinishStepUp(ctx, w.leads[k].Reveal(), w.keys[k].Get(options))
	must(w.t, err)
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
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(w.t, err)
	point, err := key.PublicKey.Bytes()
	must(w.t, err)
	set, err := json.Marshal(map[string]any{"keys": []any{map[string]string{"kty": "EC", "crv": "P-384", "kid": "k1", "x": text64(point[1:49]), "y": text64(point[49:])}}})
	must(w.t, err)
	c, err := w.people.RegisterClient(w.t.Context(), w.fresh(k), "Invented System", string(set), people.Scopes(k))
	must(w.t, err)
	return &machine{c, w, key}
}

func text64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// word is the client's assertion, each with an id of its own.
func (m *machine) word(change map[string]any) string {
	m.w.t.Helper()
	claims := map[string]any{"iss": m.Public(), "sub": m.Public(), "aud": testURL + "/oauth/token", "jti": rand.Text(), "exp": m.w.clock.now().Add(time.Minute).Unix()}
	for name, value := range change {
		claims[name] = value
	}
	second, err := json.Marshal(claims)
	must(m.w.t, err)
	text := text64([]byte(`{"alg":"ES384","kid":"k1"}`)) + "." + text64(second)
	sum := sha512.Sum384([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, m.key, sum[:])
	must(m.w.t, err)
	return text + "." + text64(append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...))
}

// heard counts the entries of one action and outcome in every log.
func (w *world) heard(action string, o trail.Outcome) (n int) {
	w.t.Helper()
	must(w.t, w.store.Export(context.Background(), func(item any) error {
		leaf, ok := item.(store.ExportLeaf)
		if !ok {
			return nil
		}
		_, e, err := trail.ParseLeaf(leaf.Leaf)
		if err == nil && (action == "" || e.Action == action) && e.Outcome == o {
			n++
		}
		return err
	}))
	return n
}

func (w *world) denied() int { w.t.Helper(); return w.heard("", trail.Denied) }
