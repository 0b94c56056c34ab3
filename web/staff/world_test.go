package staff_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
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
	"waypost/web/staff"
)

const testURL = "http://localhost:8080"

// awayStore is the store in memory, which can be made to go away or to take no trail.
type awayStore struct {
	*conform.Model
	gone, deaf atomic.Bool
}

func (s *awayStore) Read(ctx context.Context, k store.Key) (store.Record, error) {
	if s.gone.Load() {
		return store.Record{}, store.ErrClosed
	}
	return s.Model.Read(ctx, k)
}

func (s *awayStore) Commit(ctx context.Context, b store.Batch) error {
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

// notebook passes on what the gate notes, and counts the refusals.
type notebook struct {
	*records.Safe
	denied atomic.Int64
}

func (n *notebook) Note(ctx context.Context, act records.Act, o trail.Outcome, kind, id string) error {
	err := n.Safe.Note(ctx, act, o, kind, id)
	if err == nil && o == trail.Denied {
		n.denied.Add(1)
	}
	return err
}

// world is the whole service in memory, served on a port of the loopback. Everybody in it is invented.
type world struct {
	t       testing.TB
	people  *people.Register
	journey *staff.Journey
	server  *web.Server
	store   *awayStore
	safe    *records.Safe
	noted   *notebook
	clock   *clock
	address string
	log     *lockedBuffer
}

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

var loaded = sync.OnceValues(func() (*locales.Catalogue, error) { return locales.Load(locales.Files(), "en", "cy") })

func newWorld(t testing.TB) *world { return newWorldWith(t, nil, nil) }

func newWorldWith(t testing.TB, provider *people.Provider, more func(*staff.Journey) web.Journey) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{t: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}, store: &awayStore{Model: conform.NewModel(nil)}, log: &lockedBuffer{}}
	root, err := vault.NewRootKey(bytes.Repeat([]byte{7}, 32))
	must(t, err)
	keys, err := vault.CreateKeyring(vault.Ground{Path: filepath.Join(t.TempDir(), vault.RingName), Root: root, Random: rand.Reader, Now: w.clock.now})
	must(t, err)
	must(t, keys.Prepare(w.clock.now().AddDate(0, 15, 0)))
	w.safe, err = records.Open(t.Context(), records.Config{Store: w.store, Marks: w.store, Keys: keys, Now: w.clock.now, Random: rand.Reader, Kinds: people.Kinds()})
	must(t, err)
	forms, err := keys.Forms()
	must(t, err)
	w.people, err = people.New(people.Config{Safe: w.safe, Keys: keys, Forms: forms, Now: w.clock.now, Random: rand.Reader, PublicURL: testURL, Name: "Waypost", Provider: provider})
	must(t, err)
	words, err := loaded()
	must(t, err)
	w.noted = &notebook{Safe: w.safe}
	w.journey = &staff.Journey{Register: w.people, Forms: forms, Trail: w.noted, Words: words, PublicURL: testURL, Now: w.clock.now}
	journeys := []web.Journey{w.journey}
	if more != nil {
		journeys = append(journeys, more(w.journey))
	}
	w.server, err = web.New(web.Config{
		PublicURL: testURL, Words: words, Clock: time.Now, Rand: rand.Reader,
		Log: slog.New(web.NewLogHandler(slog.NewTextHandler(w.log, nil))),
	}, journeys...)
	must(t, err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w.address = "http://" + ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- w.server.Listen(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := w.server.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		<-done
	})
	w.browser().get("/healthz") // it serves; a server that is shut down before that never ends
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is what came back, whole.
type answer struct {
	status int
	body   string
	header http.Header
}

// browser is an invented member at an invented browser: it keeps the cookies and reads forms.
type browser struct {
	w      *world
	key    *softkeytest.Key
	cookie string // of the session
	way    string // through the provider
	last   answer
}

func (w *world) browser() *browser { return &browser{w: w, key: softkeytest.New(w.t, testURL)} }

func (b *browser) do(method, path string, form url.Values, headers ...string) answer {
	b.w.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(b.w.t.Context(), method, b.w.address+path, body)
	must(b.w.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Del(headers[i])
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	for name, value := range map[string]string{"__Host-s": b.cookie, "__Host-o": b.way} {
		if value != "" {
			req.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	res, err := still.RoundTrip(req)
	must(b.w.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(b.w.t, err)
	for _, c := range res.Cookies() {
		value := c.Value
		if c.MaxAge < 0 {
			value = ""
		}
		switch c.Name {
		case "__Host-s":
			b.cookie = value
		case "__Host-o":
			b.way = value
		}
	}
	b.last = answer{res.StatusCode, string(text), res.Header}
	return b.last
}

var still = &http.Transport{MaxIdleConnsPerHost: 4}

func (b *browser) get(path string) answer { b.w.t.Helper(); return b.do("GET", path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	b.w.t.Helper()
	return b.do("POST", path, form)
}

// want ends the test unless the last answer has the status.
func (b *browser) want(status int) *browser {
	b.w.t.Helper()
	if b.last.status != status {
		b.w.t.Fatalf("status %d, want %d:\n%.900s", b.last.status, status, b.last.body)
	}
	return b
}

// enrol opens the link, makes a key and is signed in.
func (b *browser) enrol(token string) *browser {
	b.w.t.Helper()
	b.get("/enrol")
	b.want(200)
	b.post("/enrol/begin", url.Values{"invite": {token}})
	b.want(200)
	b.post("/enrol", url.Values{"invite": {token}, "credential": {softkeytest.Text(b.key.Create([]byte(b.last.body)))}})
	return b.want(303)
}

// answerChallenge is what the script puts into the field.
func (b *browser) touch(begin string, form url.Values) string {
	b.w.t.Helper()
	b.post(begin, form)
	b.want(200)
	return softkeytest.Text(b.key.Get([]byte(b.last.body)))
}

func (b *browser) signIn(more url.Values) answer {
	b.w.t.Helper()
	form := url.Values{}
	for k, v := range more {
		form[k] = v
	}
	form.Set("credential", b.touch("/sign-in/begin", url.Values{}))
	return b.post("/sign-in", form)
}

func (b *browser) stepUp(more url.Values) answer {
	b.w.t.Helper()
	form := b.signed(more)
	form.Set("credential", b.touch("/account/step-up/begin", b.signed(nil)))
	return b.post("/account/step-up", form)
}

func (b *browser) session() people.Session {
	b.w.t.Helper()
	s, err := b.w.people.Resolve(b.w.t.Context(), b.cookie)
	must(b.w.t, err)
	return s
}

// signed is a form of the session, as its pages carry it.
func (b *browser) signed(more url.Values) url.Values {
	b.w.t.Helper()
	s := b.session()
	fields, err := b.w.journey.Fields("en", s)
	must(b.w.t, err)
	form := url.Values{}
	for _, in := range inputTag.FindAllStringSubmatch(string(fields.HTML()), -1) {
		form.Set(in[1], in[2])
	}
	for k, v := range more {
		form[k] = v
	}
	return form
}

// lead founds an organisation and signs its first lead in.
func (w *world) lead(k people.Kind) *browser {
	w.t.Helper()
	_, token, err := w.people.Found(w.t.Context(), k, "Invented Organisation", "Invented Lead")
	must(w.t, err)
	return w.browser().enrol(token.Reveal())
}

// colleague is invited by a lead, on the page, and enrols.
func (b *browser) colleague(roles ...people.Role) *browser {
	b.w.t.Helper()
	if !b.session().Actor.Fresh() {
		b.stepUp(nil)
		b.want(303)
	}
	form := b.signed(url.Values{"name": {"Invented Colleague"}})
	for _, r := range roles {
		form.Add("role", string(r))
	}
	b.post("/people/invite", form)
	b.want(200)
	return b.w.browser().enrol(linkIn(b.w.t, b.last.body))
}

// linkIn finds the token of the link that a page shows.
func linkIn(t testing.TB, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, testURL+"/enrol#")
	token, _, end := strings.Cut(rest, "<")
	if !ok || !end || token == "" {
		t.Fatalf("no link on the page:\n%.600s", body)
	}
	return token
}

// entries are the trail's, of all organisations.
func (w *world) entries() (all []trail.Entry) {
	w.t.Helper()
	must(w.t, w.store.Export(context.Background(), func(item any) error {
		leaf, ok := item.(store.ExportLeaf)
		if !ok {
			return nil
		}
		_, e, err := trail.ParseLeaf(leaf.Leaf)
		all = append(all, e)
		return err
	}))
	return all
}

func (w *world) heard(action string, o trail.Outcome) (n int) {
	w.t.Helper()
	for _, e := range w.entries() {
		if e.Action == action && e.Outcome == o {
			n++
		}
	}
	return n
}
