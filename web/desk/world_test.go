package desk_test

import (
	"context"
	"crypto/rand"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

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
	"waypost/web/desk"
	"waypost/web/staff/stafftest"
)

// Every person, number, organisation and word in these tests is invented; numbers that begin with 999 are given to nobody.

const testURL = stafftest.URL

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
	*stafftest.Ground
	content content
	desk    *referrals.Desk
	shelf   *shelf.Shelf
	alerts  atomic.Int64

	lead, second, clinician, receiver *browser
	service                           string // the receiver's organisation
}

// newWorld is a practice with two leads and a clinician, and a service with a receiver.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := newServer(t)
	w.lead = w.found(people.Practice)
	w.second = w.lead.Colleague(people.Lead)
	w.clinician = w.lead.Colleague(people.Clinician)
	head := w.found(people.ReceivingService)
	w.receiver = head.Colleague(people.Receiver)
	w.service = head.Session().Actor.Organisation()
	return w
}

func newServer(t testing.TB) *world {
	t.Helper()
	c, err := loaded()
	stafftest.Must(t, err)
	w := &world{content: c, Ground: stafftest.New(t, stafftest.Config{Words: c.words, Kinds: slices.Concat(referrals.Kinds(), shelf.Kinds(), private.Kinds())})}
	w.Gate.Ways = desk.Ways()
	w.desk, err = referrals.New(referrals.Config{
		Safe: w.Safe, Gate: w.People, Keys: w.Keys, Log: w.Store, Book: w.content.book, Now: w.Clock.Now, Random: rand.Reader,
		Alert: func(context.Context, string) { w.alerts.Add(1) }, Answering: w.answering,
	})
	stafftest.Must(t, err)
	w.shelf, err = shelf.Open(t.Context(), shelf.Config{Safe: w.Safe, Now: w.Clock.Now, Random: rand.Reader})
	stafftest.Must(t, err)
	drawer, err := private.Open(private.Config{Safe: w.Safe, Now: w.Clock.Now, Random: rand.Reader})
	stafftest.Must(t, err)
	places, _, err := postcode.List{Names: map[string]string{"E06000019": "Invented County"}}.Read(strings.NewReader("pcd,pcds,dointr,doterm,laua,hlthau,ctry,pfa,stp\n" +
		`"ZZ1 1QX","ZZ1 1QX","199002","","E06000019","E18000007","E92000001","E23000001","E54000028"` + "\n"))
	stafftest.Must(t, err)
	pages := &desk.Journey{
		Desk: w.desk, Staff: w.Gate, Register: w.People, Trail: w.Safe, Services: w.shelf, Private: drawer, Places: places, Words: w.content.words,
		PublicURL: testURL, Now: w.Clock.Now,
	}
	w.Serve(w.Gate, pages)
	return w
}

// browser is an invented member's. What it does as every browser does it hands on as itself, so that says may follow.
type browser struct{ *stafftest.Browser }

type answer = stafftest.Answer

func (w *world) browser() *browser { return &browser{w.Browser()} }

func (w *world) found(k people.Kind) *browser { w.T.Helper(); return &browser{w.Lead(k)} }

func (b *browser) Colleague(roles ...people.Role) *browser {
	b.T.Helper()
	return &browser{b.Browser.Colleague(roles...)}
}

func (b *browser) Again(fresh bool) *browser { b.T.Helper(); b.Browser.Again(fresh); return b }

func (b *browser) Want(status int) *browser { b.T.Helper(); b.Browser.Want(status); return b }

// says fails unless the last page holds each of the texts.
func (b *browser) says(texts ...string) *browser {
	b.T.Helper()
	for _, text := range texts {
		if !strings.Contains(b.Last.Body, text) {
			_, main, _ := strings.Cut(b.Last.Body, "<h1>")
			b.T.Errorf("the page does not say %q:\n%.2500s", text, main)
		}
	}
	return b
}

// hides fails if the last page holds one of the texts.
func (b *browser) hides(texts ...string) *browser {
	b.T.Helper()
	for _, text := range texts {
		if strings.Contains(b.Last.Body, text) {
			b.T.Errorf("the page says %q", text)
		}
	}
	return b
}

// follow goes where the last answer sends the browser.
func (b *browser) follow() *browser {
	b.T.Helper()
	b.Want(303)
	b.Get(b.Last.Header.Get("Location"))
	return b
}

// send fills in a form of the last page and sends it.
func (b *browser) send(path string, more url.Values) answer {
	b.T.Helper()
	form := formTo(b.T, b.Last.Body, path, more.Get("event"), more.Get("handover"))
	for k, v := range more {
		form[k] = v
	}
	return b.Post(path, form)
}

var (
	formTag   = regexp.MustCompile(`(?s)<form[^>]* method="post" action="([^"]*)"[^>]*>(.*?)</form>`)
	memberTag = regexp.MustCompile(`name="member" value="[^"]*"|data-(member|warn|end)="[^"]*"`)
	inputTag  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// formTo reads the form of a page that leads to a path and, if given, is for an event and a hand-over, as a browser would.
func formTo(t testing.TB, body, path, event, handover string) url.Values {
	t.Helper()
	for _, form := range stafftest.Forms(body, path) {
		if event == "" || form.Get("event") == event && (handover == "" || form.Get("handover") == handover) {
			return form
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
	w.T.Helper()
	if len(destinations) == 0 {
		destinations = []string{"domestic-abuse"}
	}
	f, ok := w.content.bank.Finding("going-home.not-safe")
	if !ok {
		w.T.Fatal("no such finding")
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
	c, faults, err := w.desk.Refer(w.T.Context(), w.clinician.Session().Actor, d)
	if err != nil {
		w.T.Fatalf("%v %v", err, faults)
	}
	return c
}

// accepted is a case that the lead has accepted, on the page.
func (w *world) accepted(destinations ...string) string {
	w.T.Helper()
	path := desk.CasePath + w.refer(destinations...).Reference
	w.lead.Get(path)
	w.lead.Want(200)
	w.lead.send(path+"/decide", url.Values{"event": {"accept"}})
	w.lead.Want(303)
	return path
}

// offered is the link and the code for the first destination of an accepted case.
func (w *world) offered(path string) (token, code string) {
	w.T.Helper()
	w.lead.Get(path)
	w.lead.Want(200)
	w.lead.send(path+"/offer", url.Values{"event": {"offer"}})
	w.lead.Want(200)
	_, rest, _ := strings.Cut(w.lead.Last.Body, `id="link" tabindex="0">`)
	_, rest, _ = strings.Cut(rest, "#")
	token, _, _ = strings.Cut(rest, "<")
	_, rest, _ = strings.Cut(w.lead.Last.Body, `id="code">`)
	code, _, _ = strings.Cut(rest, "<")
	if len(token) != 43 || len(code) != 6 {
		w.T.Fatalf("no link or no code on the page:\n%.3000s", w.lead.Last.Body)
	}
	return token, code
}
