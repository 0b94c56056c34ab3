package refer_test

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
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
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
	"waypost/web/consult"
	"waypost/web/desk"
	"waypost/web/refer"
	"waypost/web/staff/stafftest"
)

// world is the service in memory, served on a port of the loopback. Everybody in it is invented.
type world struct {
	*stafftest.Ground
	services atomic.Pointer[directory.Directory]
	desk     *referrals.Desk
	drawer   *private.Drawer
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
	c, err := loaded()
	stafftest.Must(t, err)
	w := &world{Ground: stafftest.New(t, stafftest.Config{Words: c.words, Kinds: slices.Concat(referrals.Kinds(), private.Kinds())})}
	w.Watch = func(_, path string, a answer) {
		var head strings.Builder
		stafftest.Must(t, a.Header.Write(&head))
		w.seen = append(w.seen, path, head.String())
	}
	w.desk, err = referrals.New(referrals.Config{Safe: w.Safe, Gate: w.People, Keys: w.Keys, Log: w.Store, Book: c.book, Now: w.Clock.Now, Random: rand.Reader, Answering: w.People.Answering})
	stafftest.Must(t, err)
	d, err := directory.Open(append(slices.Clone(c.all), local()...))
	stafftest.Must(t, err)
	w.services.Store(d)
	consultation := &consult.Journey{Bank: c.bank, Steps: c.steps, Words: c.words, Finder: consult.Finder{Directory: d}, Forms: w.Forms, Nation: directory.England, Now: w.Clock.Now}
	drawer, err := private.Open(private.Config{Safe: w.Safe, Now: w.Clock.Now, Random: rand.Reader})
	stafftest.Must(t, err)
	w.drawer = drawer
	journey := &refer.Journey{
		Consultation: consultation, Bank: c.bank, Steps: c.steps, Words: c.words, Directory: w.services.Load, Places: places,
		Nation: directory.England, Desk: w.desk, People: w.People, Trail: w.Safe, Private: &desk.Journey{Register: w.People, Private: drawer, Now: w.Clock.Now}, Gate: w.Gate, Forms: w.Forms, Now: w.Clock.Now, Random: rand.Reader,
	}
	w.Serve(consultation, w.Gate, journey)
	return w
}

type answer = stafftest.Answer

// browser is an invented member's. What it does as every browser does it hands on as itself, so that says may follow.
type browser struct{ *stafftest.Browser }

func (b *browser) Post(path string, form url.Values) *browser {
	b.T.Helper()
	b.Browser.Post(path, form)
	return b
}

func (b *browser) SignIn(more url.Values) *browser { b.T.Helper(); b.Browser.SignIn(more); return b }

func (b *browser) Want(status int) *browser { b.T.Helper(); b.Browser.Want(status); return b }

// says ends the test unless the page has the words.
func (b *browser) says(words ...string) *browser {
	b.T.Helper()
	for _, s := range words {
		if !strings.Contains(html.UnescapeString(b.Last.Body), s) {
			b.T.Fatalf("status %d, and the page does not say %q:\n%s", b.Last.Status, s, text(b.Last.Body))
		}
	}
	return b
}

func (b *browser) saysNot(words ...string) *browser {
	b.T.Helper()
	for _, s := range words {
		if strings.Contains(html.UnescapeString(b.Last.Body), s) {
			b.T.Errorf("the page says %q", s)
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
	b.T.Helper()
	_, rest, ok := strings.Cut(b.Last.Body, `<section class="part" id="`+id+`"`)
	if !ok {
		b.T.Fatalf("no part %s on the page:\n%s", id, text(b.Last.Body))
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
	b.T.Helper()
	for _, f := range formTag.FindAllStringSubmatch(b.Last.Body, -1) {
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
	b.T.Fatalf("status %d: no form to %s on the page:\n%s", b.Last.Status, path, text(b.Last.Body))
	return nil
}

func with(form url.Values, more url.Values) url.Values {
	for k, v := range more {
		form[k] = v
	}
	return form
}

// practice founds a practice and gives its lead and a clinician, both signed in.
func (w *world) practice() (lead, clinician *browser) {
	w.T.Helper()
	_, token, err := w.People.Found(w.T.Context(), people.Practice, "Invented Practice", "Invented Lead")
	stafftest.Must(w.T, err)
	lead = &browser{w.Browser().Enrol(token.Reveal())}
	return lead, &browser{lead.Colleague(people.Clinician)}
}

func (b *browser) actor() people.Actor { b.T.Helper(); return b.Session().Actor }

// cases counts what rests of a kind.
func (w *world) rests(kind string) (n int) {
	w.T.Helper()
	stafftest.Must(w.T, w.Store.Export(context.Background(), func(item any) error {
		if r, ok := item.(store.Record); ok && r.Key.Kind == kind {
			n++
		}
		return nil
	}))
	return n
}

// clear is everything that rests and is not sealed, and the trail.
func (w *world) clear() string {
	w.T.Helper()
	var b strings.Builder
	stafftest.Must(w.T, w.Store.Export(context.Background(), func(item any) error {
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
