package refer_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
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
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/referrals/directory/postcode"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/referrals/shelf/private"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
	"waypost/web/consult"
	"waypost/web/desk"
	"waypost/web/refer"
	"waypost/web/staff"
)

const testURL = "http://localhost:8080"

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

// world is the service in memory, served on a port of the loopback. Everybody in it is invented.
type world struct {
	t        testing.TB
	people   *people.Register
	gate     *staff.Journey
	services atomic.Pointer[directory.Directory]
	desk     *referrals.Desk
	server   *web.Server
	store    *conform.Model
	safe     *records.Safe
	drawer   *private.Drawer
	clock    *clock
	address  string
	log      *lockedBuffer
	seen     []string // every path and header that went to the server or came back, and no body
}

type content struct {
	words *locales.Catalogue
	bank  *screening.Bank
	steps *plan.Library
	book  *packet.Book
	all   []directory.Service
}

// loaded reads everything that is embedded, once for all tests.
var loaded = sync.OnceValues(func() (c content, err error) {
	if c.words, err = locales.Load(locales.Files(), "en"); err != nil {
		return c, err
	}
	if c.bank, err = screening.Load(screening.Content()); err != nil {
		return c, err
	}
	if c.steps, err = plan.Load(screening.Content(), c.bank); err != nil {
		return c, err
	}
	if c.book, err = packet.Load(packet.Content()); err != nil {
		return c, err
	}
	c.all, err = national.Load()
	return c, err
})

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// local are invented services of one invented council's area.
func local() []directory.Service {
	read := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	one := func(id, name string, is directory.Archetype, needs ...string) directory.Service {
		return directory.Service{
			ID: id, Name: name, Needs: needs, Nations: directory.Nations(0).With(directory.England), ShownTo: directory.StaffOnly, For: "Invented people",
			Ways: []directory.Way{{By: directory.Phone, At: "0808 157 0000", Status: directory.Official}}, Bill: directory.Bill{Trace: directory.BillUnknown},
			Prof: directory.Refer, Status: directory.Official, Sources: []directory.Source{{Address: "https://invented.example.org/a"}}, SourceDate: "undated", ReadOn: read,
			Is: is, Covers: directory.Coverage{Authorities: []string{"E09000007"}}, Hours: directory.Hours{Text: "Monday to Friday", Status: directory.Official},
		}
	}
	strict := one("invented-strict", "Invented strict conference", directory.MaracCoordinator, "marac")
	strict.Consent = directory.ConsentRequired
	return []directory.Service{
		one("invented-da", "Invented domestic abuse service", directory.DomesticAbuseService, "domestic-abuse"),
		one("invented-marac", "Invented conference", directory.MaracCoordinator, "marac"), strict,
	}
}

func newWorld(t testing.TB) *world { return newWorldWith(t, nil) }

func newWorldWith(t testing.TB, places *postcode.Index) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{t: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}, store: conform.NewModel(nil), log: &lockedBuffer{}}
	c, err := loaded()
	must(t, err)
	root, err := vault.NewRootKey(bytes.Repeat([]byte{7}, 32))
	must(t, err)
	keys, err := vault.CreateKeyring(vault.Ground{Path: filepath.Join(t.TempDir(), vault.RingName), Root: root, Random: rand.Reader, Now: w.clock.now})
	must(t, err)
	must(t, keys.Prepare(w.clock.now().AddDate(0, 15, 0)))
	w.safe, err = records.Open(t.Context(), records.Config{
		Store: w.store, Marks: w.store, Keys: keys, Now: w.clock.now, Random: rand.Reader, Kinds: slices.Concat(people.Kinds(), referrals.Kinds(), private.Kinds()),
	})
	must(t, err)
	forms, err := keys.Forms()
	must(t, err)
	w.people, err = people.New(people.Config{Safe: w.safe, Keys: keys, Forms: forms, Now: w.clock.now, Random: rand.Reader, PublicURL: testURL, Name: "Waypost"})
	must(t, err)
	w.desk, err = referrals.New(referrals.Config{Safe: w.safe, Gate: w.people, Keys: keys, Log: w.store, Book: c.book, Now: w.clock.now, Random: rand.Reader, Answering: w.people.Answering})
	must(t, err)
	d, err := directory.Open(append(slices.Clone(c.all), local()...))
	must(t, err)
	w.services.Store(d)
	w.gate = &staff.Journey{Register: w.people, Forms: forms, Trail: w.safe, Words: c.words, PublicURL: testURL, Now: w.clock.now}
	consultation := &consult.Journey{Bank: c.bank, Steps: c.steps, Words: c.words, Finder: consult.Finder{Directory: d}, Forms: forms, Nation: directory.England, Now: w.clock.now}
	drawer, err := private.Open(private.Config{Safe: w.safe, Now: w.clock.now, Random: rand.Reader})
	must(t, err)
	w.drawer = drawer
	journey := &refer.Journey{
		Consultation: consultation, Bank: c.bank, Steps: c.steps, Words: c.words, Directory: w.services.Load, Places: places,
		Nation: directory.England, Desk: w.desk, People: w.people, Trail: w.safe, Private: &desk.Journey{Register: w.people, Private: drawer, Now: w.clock.now}, Gate: w.gate, Forms: forms, Now: w.clock.now, Random: rand.Reader,
	}
	w.server, err = web.New(web.Config{
		PublicURL: testURL, Words: c.words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(web.NewLogHandler(slog.NewTextHandler(w.log, nil))),
	}, consultation, w.gate, journey)
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
	w.browser().get("/healthz")
	return w
}

// answer is what came back, whole.
type answer struct {
	status int
	body   string
	header http.Header
}

// browser is an invented member at an invented browser: it keeps the cookie and reads forms.
type browser struct {
	w      *world
	key    *softkeytest.Key
	cookie string
	last   answer
}

func (w *world) browser() *browser { return &browser{w: w, key: softkeytest.New(w.t, testURL)} }

var still = &http.Transport{MaxIdleConnsPerHost: 4}

func (b *browser) do(method, path string, form url.Values) answer {
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
	if b.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "__Host-s", Value: b.cookie})
	}
	res, err := still.RoundTrip(req)
	must(b.w.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(b.w.t, err)
	for _, c := range res.Cookies() {
		if c.Name == "__Host-s" {
			if b.cookie = c.Value; c.MaxAge < 0 {
				b.cookie = ""
			}
		}
	}
	var head strings.Builder
	must(b.w.t, res.Header.Write(&head))
	b.w.seen = append(b.w.seen, path, head.String())
	b.last = answer{res.StatusCode, string(text), res.Header}
	return b.last
}

func (b *browser) get(path string) answer { b.w.t.Helper(); return b.do("GET", path, nil) }

func (b *browser) post(path string, form url.Values) *browser {
	b.w.t.Helper()
	b.do("POST", path, form)
	return b
}

// want ends the test unless the last answer has the status.
func (b *browser) want(status int) *browser {
	b.w.t.Helper()
	if b.last.status != status {
		b.w.t.Fatalf("status %d, want %d:\n%.1500s\n%s", b.last.status, status, b.last.body, b.w.log)
	}
	return b
}

// says ends the test unless the page has the words.
func (b *browser) says(words ...string) *browser {
	b.w.t.Helper()
	for _, s := range words {
		if !strings.Contains(html.UnescapeString(b.last.body), s) {
			b.w.t.Fatalf("status %d, and the page does not say %q:\n%s", b.last.status, s, text(b.last.body))
		}
	}
	return b
}

func (b *browser) saysNot(words ...string) *browser {
	b.w.t.Helper()
	for _, s := range words {
		if strings.Contains(html.UnescapeString(b.last.body), s) {
			b.w.t.Errorf("the page says %q", s)
		}
	}
	return b
}

var tags = regexp.MustCompile(`<[^>]*>`)

func text(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

// part is the element of the page with that id, as far as the next one of its kind.
func (b *browser) part(id string) string {
	b.w.t.Helper()
	_, rest, ok := strings.Cut(b.last.body, `<section class="part" id="`+id+`"`)
	if !ok {
		b.w.t.Fatalf("no part %s on the page:\n%s", id, text(b.last.body))
	}
	rest, _, _ = strings.Cut(rest, "</section>")
	return html.UnescapeString(rest)
}

var (
	formTag   = regexp.MustCompile(`(?s)<form[^>]* action="([^"]*)"[^>]*>(.*?)</form>`)
	inputTag  = regexp.MustCompile(`<input ([^>]*)>`)
	selectTag = regexp.MustCompile(`(?s)<select name="([^"]*)"[^>]*>(.*?)</select>`)
	chosenTag = regexp.MustCompile(`<option value="([^"]*)" selected>`)
	areaTag   = regexp.MustCompile(`(?s)<textarea name="([^"]*)"[^>]*>\n?(.*?)</textarea>`)
	attribute = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

// form reads the form of the page that leads to a path, as a browser would send it.
func (b *browser) form(path string) url.Values {
	b.w.t.Helper()
	for _, f := range formTag.FindAllStringSubmatch(b.last.body, -1) {
		if html.UnescapeString(f[1]) != path {
			continue
		}
		out := url.Values{}
		for _, in := range inputTag.FindAllStringSubmatch(f[2], -1) {
			a := map[string]string{}
			for _, x := range attribute.FindAllStringSubmatch(in[1], -1) {
				a[x[1]] = html.UnescapeString(x[2])
			}
			ticked := a["type"] != "radio" && a["type"] != "checkbox" || strings.HasSuffix(in[1], " checked")
			if a["name"] != "" && ticked {
				out.Add(a["name"], a["value"])
			}
		}
		for _, s := range selectTag.FindAllStringSubmatch(f[2], -1) {
			out.Set(s[1], "")
			if c := chosenTag.FindStringSubmatch(s[2]); c != nil {
				out.Set(s[1], c[1])
			}
		}
		for _, a := range areaTag.FindAllStringSubmatch(f[2], -1) {
			out.Set(a[1], html.UnescapeString(a[2]))
		}
		return out
	}
	b.w.t.Fatalf("status %d: no form to %s on the page:\n%s", b.last.status, path, text(b.last.body))
	return nil
}

func with(form url.Values, more url.Values) url.Values {
	for k, v := range more {
		form[k] = v
	}
	return form
}

func (b *browser) enrol(token string) *browser {
	b.w.t.Helper()
	b.post("/enrol/begin", url.Values{"invite": {token}}).want(200)
	return b.post("/enrol", url.Values{"invite": {token}, "credential": {softkeytest.Text(b.key.Create([]byte(b.last.body)))}}).want(303)
}

// signIn is what the page that asks for it does, with what it carries.
func (b *browser) signIn(more url.Values) *browser {
	b.w.t.Helper()
	b.post("/sign-in/begin", url.Values{}).want(200)
	more.Set("credential", softkeytest.Text(b.key.Get([]byte(b.last.body))))
	return b.post("/sign-in", more)
}

// practice founds a practice and gives its lead and a clinician, both signed in.
func (w *world) practice() (lead, clinician *browser) {
	w.t.Helper()
	_, token, err := w.people.Found(w.t.Context(), people.Practice, "Invented Practice", "Invented Lead")
	must(w.t, err)
	lead = w.browser().enrol(token.Reveal())
	lead.get("/account")
	lead.post("/account/step-up/begin", lead.form("/account/step-up")).want(200)
	credential := softkeytest.Text(lead.key.Get([]byte(lead.last.body)))
	lead.get("/account")
	lead.post("/account/step-up", with(lead.form("/account/step-up"), url.Values{"credential": {credential}})).want(303)
	s, err := w.people.Resolve(w.t.Context(), lead.cookie)
	must(w.t, err)
	_, link, err := w.people.Invite(w.t.Context(), s.Actor, "Invented Clinician", []people.Role{people.Clinician})
	must(w.t, err)
	return lead, w.browser().enrol(link.Reveal())
}

func (b *browser) actor() people.Actor {
	b.w.t.Helper()
	s, err := b.w.people.Resolve(b.w.t.Context(), b.cookie)
	must(b.w.t, err)
	return s.Actor
}

// cases counts what rests of a kind.
func (w *world) rests(kind string) (n int) {
	w.t.Helper()
	must(w.t, w.store.Export(context.Background(), func(item any) error {
		if r, ok := item.(store.Record); ok && r.Key.Kind == kind {
			n++
		}
		return nil
	}))
	return n
}

// clear is everything that rests and is not sealed, and the trail.
func (w *world) clear() string {
	w.t.Helper()
	var b strings.Builder
	must(w.t, w.store.Export(context.Background(), func(item any) error {
		switch x := item.(type) {
		case store.ExportLeaf:
			_, e, err := trail.ParseLeaf(x.Leaf)
			if err != nil {
				return err
			}
			b.WriteString(e.Action + " " + e.Actor + " " + e.Kind + " " + e.Reason + "\n")
			b.Write(x.Leaf)
		case store.Record:
			b.WriteString(x.Key.Kind + " " + x.State + "\n")
			b.Write(x.Sealed)
			for _, one := range x.Blind {
				b.Write(one)
			}
		}
		return nil
	}))
	return b.String()
}
