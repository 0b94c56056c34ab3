package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/people"
	pages "waypost/web"
	"waypost/web/staff"
)

// office is the pages of staff on the rooms below them, in this process, so that a test can move their clock. Everybody in
// it is invented.
type office struct {
	URL    string
	people *people.Register
	ahead  atomic.Int64 // how far the clock was moved
	gone   atomic.Bool  // the store is away
	output *output
}

// rest is the store in memory, which can be made to go away.
type rest struct {
	*conform.Model
	gone *atomic.Bool
}

func (r rest) Read(ctx context.Context, k store.Key) (store.Record, error) {
	if r.gone.Load() {
		return store.Record{}, store.ErrClosed
	}
	return r.Model.Read(ctx, k)
}

func (o *office) now() time.Time { return time.Now().Add(time.Duration(o.ahead.Load())) }

func (o *office) pass(d time.Duration) { o.ahead.Add(int64(d)) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listen lets pages of this process be reached until the test ends.
func listen(t *testing.T, server *pages.Server, ln net.Listener) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- server.Listen(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		<-done
	})
}

func newOffice(t *testing.T, provider func(url string) *people.Provider) *office {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, err := net.SplitHostPort(ln.Addr().String())
	must(t, err)
	o := &office{URL: "http://localhost:" + port, output: &output{}}
	root, err := vault.NewRootKey(bytes.Repeat([]byte{7}, 32))
	must(t, err)
	keys, err := vault.CreateKeyring(vault.Ground{Path: filepath.Join(t.TempDir(), vault.RingName), Root: root, Random: rand.Reader, Now: o.now})
	must(t, err)
	must(t, keys.Prepare(o.now().AddDate(0, 15, 0)))
	kept := rest{conform.NewModel(nil), &o.gone}
	safe, err := records.Open(t.Context(), records.Config{Store: kept, Marks: kept, Keys: keys, Now: o.now, Random: rand.Reader, Kinds: people.Kinds()})
	must(t, err)
	forms, err := keys.Forms()
	must(t, err)
	c := people.Config{Safe: safe, Keys: keys, Forms: forms, Now: o.now, Random: rand.Reader, PublicURL: o.URL, Name: "Waypost"}
	if provider != nil {
		c.Provider = provider(o.URL)
	}
	o.people, err = people.New(c)
	must(t, err)
	words, err := locales.Load(locales.Files(), "en", "cy", "en-XA", "ar-XB")
	must(t, err)
	server, err := pages.New(pages.Config{
		PublicURL: o.URL, Words: words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(pages.NewLogHandler(slog.NewTextHandler(o.output, nil))),
	}, &staff.Journey{Register: o.people, Forms: forms, Trail: safe, Words: words, PublicURL: o.URL, Now: o.now})
	must(t, err)
	listen(t, server, ln)
	return o
}

// link founds an organisation and gives the link of its first lead.
func (o *office) link(t *testing.T) string {
	t.Helper()
	_, token, err := o.people.Found(t.Context(), people.Practice, "Invented Practice", "Invented Lead")
	must(t, err)
	return o.URL + "/enrol#" + token.Reveal()
}

// enrol opens the link in a tab of its own and makes a key there.
func (o *office) enrol(t *testing.T, view View) (*Page, *Authenticator) {
	t.Helper()
	p := browser.Open(t, o.link(t), view)
	key := p.Authenticator()
	p.Press(`form[data-ceremony] button`)
	p.Await("Invented Practice")
	return p, key
}

// withoutClearing removes a console line that the browser writes by itself when a page has it forget what it keeps.
func withoutClearing(lines []string) []string {
	var out []string
	for _, l := range lines {
		if !strings.Contains(l, "Clear-Site-Data") {
			out = append(out, l)
		}
	}
	return out
}
