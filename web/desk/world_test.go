package desk_test

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
	"waypost/referrals/directory/postcode"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/referrals/shelf"
	"waypost/referrals/shelf/private"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
	"waypost/web/desk"
	"waypost/web/staff"
)

// Every person, number, organisation and word in these tests is invented; numbers that begin with 999 are given to nobody.

const testURL = "http://localhost:8080"

// store in memory that can be made to take no trail.
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

// loaded is what is the same in every test and costs time.
type content struct {
	words *locales.Catalogue
	book  *packet.Book
	bank  *screening.Bank
	steps *plan.Library
}

var loaded = sync.OnceValues(func() (content, error) {
	var c content
	var err error
	if c.words, err = locales.Load(locales.Files(), "en", "en-XA"); err != nil {
		return c, err
	}
	if c.book, err = packet.Load(packet.Content()); err != nil {
		return c, err
	}
	if c.bank, err = screening.Load(screening.Content()); err != nil {
		return c, err
	}
	c.steps, err = plan.Load(screening.Content(), c.bank)
	return c, err
})

// world is the whole service in memory, served on a port of the loopback.
type world struct {
	t       testing.TB
	content content
	people  *people.Register
	desk    *referrals.Desk
	shelf   *shelf.Shelf
	gate    *staff.Journey
	server  *web.Server
	store   *deafStore
	safe    *records.Safe
	clock   *clock
	address string
	log     *lockedBuffer
	alerts  atomic.Int64
	denied  atomic.Int64 // refusals of the gate that are in the trail

	lead, second, clinician, receiver *browser
	service                           string // the receiver's organisation
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newWorld is a practice with two leads and a clinician, and a service with a receiver.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := newServer(t)
	w.lead = w.found(people.Practice)
	w.second = w.lead.colleague(people.Lead)
	w.clinician = w.lead.colleague(people.Clinician)
	head := w.found(people.ReceivingService)
	w.receiver = head.colleague(people.Receiver)
	w.service = head.session().Actor.Organisation()
	return w
}

func newServer(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{t: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}, store: &deafStore{Model: conform.NewModel(conform.Notary(t))}, log: &lockedBuffer{}}
	var err error
	w.content, err = loaded()
	must(t, err)
	root, err := vault.NewRootKey(bytes.Repeat([]byte{7}, 32))
	must(t, err)
	keys, err := vault.CreateKeyring(vault.Ground{Path: filepath.Join(t.TempDir(), vault.RingName), Root: root, Random: rand.Reader, Now: w.clock.now})
	must(t, err)
	must(t, keys.Prepare(w.clock.now().AddDate(0, 15, 0)))
	w.safe, err = records.Open(t.Context(), records.Config{
		Store: w.store, Marks: w.store, Keys: keys, Now: w.clock.now, Random: rand.Reader, Kinds: slices.Concat(people.Kinds(), referrals.Kinds(), shelf.Kinds(), private.Kinds()),
	})
	must(t, err)
	forms, err := keys.Forms()
	must(t, err)
	w.people, err = people.New(people.Config{Safe: w.safe, Keys: keys, Forms: forms, Now: w.clock.now, Random: rand.Reader, PublicURL: testURL, Name: "Waypost"})
	must(t, err)
	w.desk, err = referrals.New(referrals.Config{
		Safe: w.safe, Gate: w.people, Keys: keys, Log: w.store, Book: w.content.book, Now: w.clock.now, Random: rand.Reader,
		Alert: func(context.Context, string) { w.alerts.Add(1) }, Answering: w.answering,
	})
	must(t, err)
	w.shelf, err = shelf.Open(t.Context(), shelf.Config{Safe: w.safe, Now: w.clock.now, Random: rand.Reader})
	must(t, err)
	drawer, err := private.Open(private.Config{Safe: w.safe, Now: w.clock.now, Random: rand.Reader})
	must(t, err)
	w.gate = &staff.Journey{Register: w.people, Forms: forms, Trail: notebook{w}, Words: w.content.words, PublicURL: testURL, Now: w.clock.now, Ways: desk.Ways()}
	places, _, err := postcode.List{Names: map[string]string{"E06000019": "Invented County"}}.Read(strings.NewReader("pcd,pcds,dointr,doterm,laua,hlthau,ctry,pfa,stp\n" +
		`"ZZ1 1QX","ZZ1 1QX","199002","","E06000019","E18000007","E92000001","E23000001","E54000028"` + "\n"))
	must(t, err)
	pages := &desk.Journey{
		Desk: w.desk, Staff: w.gate, Register: w.people, Trail: w.safe, Log: w.store, Services: w.shelf, Private: drawer, Places: places, Words: w.content.words,
		PublicURL: testURL, Now: w.clock.now,
	}
	w.server, err = web.New(web.Config{
		PublicURL: testURL, Words: w.content.words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(web.NewLogHandler(slog.NewTextHandler(w.log, nil))),
	}, w.gate, pages)
	must(t, err)
	w.serve()
	return w
}

func (w *world) serve() {
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
	w.browser().get("/healthz") // it serves; a server that is shut down before that never ends
}

// notebook passes on what the gate notes, and counts the refusals.
type notebook struct{ w *world }

func (n notebook) Note(ctx context.Context, act records.Act, o trail.Outcome, kind, id string) error {
	err := n.w.safe.Note(ctx, act, o, kind, id)
	if err == nil && o == trail.Denied {
		n.w.denied.Add(1)
	}
	return err
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
			b.cookie = c.Value
		}
	}
	b.last = answer{res.StatusCode, string(text), res.Header}
	return b.last
}

func (b *browser) get(path string) answer { b.w.t.Helper(); return b.do("GET", path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	b.w.t.Helper()
	return b.do("POST", path, form)
}

// want ends the test unless the last answer has the status.
func (b *browser) want(status int) *browser {
	b.w.t.Helper()
	if b.last.status != status {
		b.w.t.Fatalf("status %d, want %d:\n%.3000s", b.last.status, status, b.last.body)
	}
	return b
}

// says fails unless the last page holds each of the texts.
func (b *browser) says(texts ...string) *browser {
	b.w.t.Helper()
	for _, text := range texts {
		if !strings.Contains(b.last.body, text) {
			_, main, _ := strings.Cut(b.last.body, "<h1>")
			b.w.t.Errorf("the page does not say %q:\n%.2500s", text, main)
		}
	}
	return b
}

// hides fails if the last page holds one of the texts.
func (b *browser) hides(texts ...string) *browser {
	b.w.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.last.body, text) {
			b.w.t.Errorf("the page says %q", text)
		}
	}
	return b
}

// follow goes where the last answer sends the browser.
func (b *browser) follow() *browser {
	b.w.t.Helper()
	b.want(303)
	b.get(b.last.header.Get("Location"))
	return b
}

// send fills in a form of the last page and sends it.
func (b *browser) send(path string, more url.Values) answer {
	b.w.t.Helper()
	form := formTo(b.w.t, b.last.body, path, more.Get("event"), more.Get("handover"))
	for k, v := range more {
		form[k] = v
	}
	return b.post(path, form)
}

var (
	formTag   = regexp.MustCompile(`(?s)<form[^>]* method="post" action="([^"]*)"[^>]*>(.*?)</form>`)
	memberTag = regexp.MustCompile(`name="member" value="[^"]*"|data-(member|warn|end)="[^"]*"`)
	inputTag  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// formTo reads the form of a page that leads to a path and, if given, is for an event and a hand-over, as a browser would.
func formTo(t testing.TB, body, path, event, handover string) url.Values {
	t.Helper()
	for _, f := range formTag.FindAllStringSubmatch(body, -1) {
		if html.UnescapeString(f[1]) != path {
			continue
		}
		out := url.Values{}
		for _, in := range inputTag.FindAllStringSubmatch(f[2], -1) {
			out.Add(in[1], html.UnescapeString(in[2]))
		}
		if event == "" || out.Get("event") == event && (handover == "" || out.Get("handover") == handover) {
			return out
		}
	}
	t.Fatalf("no form to %s for %q on the page:\n%.6000s", path, event, body)
	return nil
}

var (
	anyInput = regexp.MustCompile(`<input name="([^"]*)"[^>]* value="([^"]*)"`)
	anyText  = regexp.MustCompile(`(?s)<textarea name="([^"]*)"[^>]*>(.*?)</textarea>`)
	anyList  = regexp.MustCompile(`(?s)<select name="([^"]*)">(.*?)</select>`)
	chosen   = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

// filled is the last form of a page with what stands in its fields.
func filled(body string) url.Values {
	body = body[strings.LastIndex(body, "<form"):]
	out := url.Values{}
	for _, shape := range []*regexp.Regexp{inputTag, anyInput, anyText} {
		for _, in := range shape.FindAllStringSubmatch(body, -1) {
			out.Set(in[1], html.UnescapeString(in[2]))
		}
	}
	for _, in := range anyList.FindAllStringSubmatch(body, -1) {
		out.Set(in[1], "")
		if on := chosen.FindStringSubmatch(in[2]); on != nil {
			out.Set(in[1], on[1])
		}
	}
	return out
}

func (b *browser) enrol(token string) *browser {
	b.w.t.Helper()
	b.post("/enrol/begin", url.Values{"invite": {token}})
	b.want(200)
	b.post("/enrol", url.Values{"invite": {token}, "credential": {softkeytest.Text(b.key.Create([]byte(b.last.body)))}})
	return b.want(303)
}

func (b *browser) touch(begin string, form url.Values) string {
	b.w.t.Helper()
	b.post(begin, form)
	b.want(200)
	return softkeytest.Text(b.key.Get([]byte(b.last.body)))
}

func (b *browser) stepUp() *browser {
	b.w.t.Helper()
	form := b.signed(nil)
	form.Set("credential", b.touch("/account/step-up/begin", b.signed(nil)))
	b.post("/account/step-up", form)
	return b.want(303)
}

// again is the member in a new session, fresh after a step-up if wanted.
func (b *browser) again(fresh bool) *browser {
	b.w.t.Helper()
	b.cookie = ""
	b.post("/sign-in", url.Values{"credential": {b.touch("/sign-in/begin", url.Values{})}})
	b.want(303)
	if fresh {
		b.stepUp()
	}
	return b
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
	fields, err := b.w.gate.Fields("en", b.session())
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

// found founds an organisation and signs its first lead in.
func (w *world) found(k people.Kind) *browser {
	w.t.Helper()
	_, token, err := w.people.Found(w.t.Context(), k, "Invented Organisation", "Invented Lead")
	must(w.t, err)
	return w.browser().enrol(token.Reveal())
}

// colleague is invited by a lead and enrols.
func (b *browser) colleague(roles ...people.Role) *browser {
	b.w.t.Helper()
	if !b.session().Actor.Fresh() {
		b.stepUp()
	}
	_, token, err := b.w.people.Invite(b.w.t.Context(), b.session().Actor, "Invented Colleague", roles)
	must(b.w.t, err)
	return b.w.browser().enrol(token.Reveal())
}

// typed is what somebody typed of an invented person: every field that the destinations of the tests want.
var typed = map[string]string{
	"person.name": "Zephyrine Quillfeather", "person.birth": "1984-05-06", "person.address": "9 Orchard Gate, Nowhere",
	"person.nhs-number": "9990000018", "contact.channel": "phone", "contact.at": "01632 960123", "contact.times": "Tuesdays at ten",
	"contact.voicemail": "no", "contact.texts": "no", "contact.emails": "no", "contact.letters": "no", "contact.portal": "no",
	"contact.device-watched": "yes", "contact.code-word": "about the library book", "feared.relationship": "partner",
	"feared.name": "Ignatius Thornquist", "unsafe.name": "Perpetua Thornquist", "unsafe.relationship": "in-law",
	"children.involved": "yes", "child.name": "Osric Quillfeather", "child.birth": "2019-01-02",
	"account.reason": "he counts her steps from the orchard gate", "account.risk-now": "he has a key to the house",
	"account.harm-to-child": "he shouts at the child", "account.parent-knows": "she knows, he does not",
	"household.members": "mother and son", "account.technology": "a tag in the pram", "needs.care": "none told",
	"criteria.judgement": "yes", "criteria.judgement-why": "she expects to be killed",
	"referrer.organisation": "The Invented Practice", "referrer.name": "Dr Ambrosia Fairweather", "referrer.contact": "01632 960999",
}

// secrets are the words of typed that nobody but an opened case may show: no log, address, title or list. None is so short
// that chance finds it in a token.
var secrets = []string{"Zephyrine", "Quillfeather", "Orchard Gate", "9990000018", "Ignatius", "Osric Q", "orchard gate", "has a key to the house"}

// answering is the invented service, for whatever service is called after where it is but the one for iris, which has no
// organisation here.
func (w *world) answering(_ context.Context, service string) (string, error) {
	if strings.HasSuffix(service, "-here") && service != "iris-here" {
		return w.service, nil
	}
	return "", nil
}

func (w *world) choice(destination string) referrals.Choice {
	return referrals.Choice{Destination: destination, Service: destination + "-here", Consent: packet.Consent{Decision: packet.Given}}
}

// refer makes a case as the clinician, through the domain.
func (w *world) refer(destinations ...string) referrals.Case {
	w.t.Helper()
	if len(destinations) == 0 {
		destinations = []string{"domestic-abuse"}
	}
	f, ok := w.content.bank.Finding("going-home.not-safe")
	if !ok {
		w.t.Fatal("no such finding")
	}
	d := referrals.Draft{
		Plan:   w.content.steps.Make(w.content.bank.Assess(w.content.bank.Witnesses(f.When)[0])),
		Nation: directory.England, Age: directory.Adult,
	}
	for field, value := range typed {
		d.Entries = append(d.Entries, packet.Entry{Field: field, Value: vault.Keep(value)})
	}
	for _, one := range destinations {
		d.Choices = append(d.Choices, w.choice(one))
	}
	c, faults, err := w.desk.Refer(w.t.Context(), w.clinician.session().Actor, d)
	if err != nil {
		w.t.Fatalf("%v %v", err, faults)
	}
	return c
}

// accepted is a case that the lead has accepted, on the page.
func (w *world) accepted(destinations ...string) string {
	w.t.Helper()
	path := desk.CasePath + w.refer(destinations...).Reference
	w.lead.get(path)
	w.lead.want(200)
	w.lead.send(path+"/decide", url.Values{"event": {"accept"}})
	w.lead.want(303)
	return path
}

// offered is the link and the code for the first destination of an accepted case.
func (w *world) offered(path string) (token, code string) {
	w.t.Helper()
	w.lead.get(path)
	w.lead.want(200)
	w.lead.send(path+"/offer", url.Values{"event": {"offer"}})
	w.lead.want(200)
	_, rest, _ := strings.Cut(w.lead.last.body, `id="link" tabindex="0">`)
	_, rest, _ = strings.Cut(rest, "#")
	token, _, _ = strings.Cut(rest, "<")
	_, rest, _ = strings.Cut(w.lead.last.body, `id="code">`)
	code, _, _ = strings.Cut(rest, "<")
	if len(token) != 43 || len(code) != 6 {
		w.t.Fatalf("no link or no code on the page:\n%.3000s", w.lead.last.body)
	}
	return token, code
}

// heard counts entries of the trail.
func (w *world) heard(action string, o trail.Outcome) (n int) {
	w.t.Helper()
	must(w.t, w.store.Export(context.Background(), func(item any) error {
		leaf, ok := item.(store.ExportLeaf)
		if !ok {
			return nil
		}
		_, e, err := trail.ParseLeaf(leaf.Leaf)
		if e.Action == action && e.Outcome == o {
			n++
		}
		return err
	}))
	return n
}
