package e2e

import (
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"waypost/internal/vault"
	"waypost/referrals/people"
	"waypost/web/staff"
)

// practiceSignIn is a real provider library in this process: a practice's single sign-on, with two invented people.
func practiceSignIn(t *testing.T) func(ours string) *people.Provider {
	t.Helper()
	var library http.Handler
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { library.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	return func(ours string) *people.Provider {
		us := storage.WebClient("waypost", "an invented secret", ours+staff.ReturnPath)
		rests := storage.NewStorageWithClients(storage.NewUserStore(s.URL), map[string]*storage.Client{"waypost": us})
		library = exampleop.SetupServer(s.URL, rests, slog.New(slog.DiscardHandler), false)
		roots := x509.NewCertPool()
		roots.AddCert(s.Certificate())
		return &people.Provider{Issuer: s.URL, ClientID: "waypost", Secret: vault.Keep("an invented secret"), Return: staff.ReturnPath, Roots: roots}
	}
}

// atProvider signs in at the provider as one of its people.
func (p *Page) atProvider(name string) {
	p.tb.Helper()
	p.Await("Username")
	p.Type(`[name="username"]`, name)
	p.Type(`[name="password"]`, "verysecure")
	p.Press(`button[type="submit"]`)
}

func TestStaffComeInByTheirOrganisationsSignIn(t *testing.T) {
	t.Parallel()
	const known = "test-user@127.0.0.1"
	o := newOffice(t, practiceSignIn(t))
	p := browser.Open(t, o.link(t), View{})
	p.TrustAll()
	p.Press(`form[action="/enrol/provider"] button`)
	p.Await("The next page is not ours")
	p.Press(`main a.button`)
	p.atProvider(known)
	p.Await("Invented Practice") // the page that the provider leads back to went on by itself
	if p.Address() != o.URL+"/account" || !strings.Contains(p.Text(), "You have no passkey") {
		t.Errorf("at %s", p.Address())
	}
	if got := strings.Join(p.cookiesOf(o.URL), " "); got != "cookie: __Host-s" {
		t.Errorf("cookies of ours: %s", got)
	}
	p.Press(outButton)
	p.Await("Sign in with a passkey")
	p.Press(`a[href="/sign-in/provider"]`)
	p.atProvider(known)
	p.Await("Invented Practice")

	// What is grave: typed first, proved at the provider in another window, sent from here.
	p.Goto(o.URL + "/people")
	p.Type("#name", "Invented Colleague")
	p.Press(`#invite label:has(input[value="clinician"])`)
	p.Press(`#invite button`)
	p.Await("Show that it is you")
	other := p.Tab("about:blank")
	other.TrustAll()
	other.Goto(o.URL + "/account")
	other.Press(`a[href="/account/step-up/provider"]`)
	other.atProvider(known)
	other.Await("Add a passkey")
	p.Press(`form[action="/sign-in/resume"] button`)
	p.Await("What you typed is still here")
	p.Press("#send-again")
	p.Await("shown once")

	// Somebody whom the provider knows and we do not is refused like anybody else.
	stranger := browser.Open(t, o.URL+"/sign-in", View{})
	stranger.TrustAll()
	stranger.Press(`a[href="/sign-in/provider"]`)
	stranger.atProvider("test-user2")
	stranger.Await("You were not signed in")
	if got := stranger.cookiesOf(o.URL); len(got) != 0 {
		t.Errorf("a stranger has %v", got)
	}
	clean(t, "console", withoutRefusals(withoutClearing(p.Console())))

	// What is not the provider's word ends nobody's session.
	word := url.Values{"logout_token": {"eyJhbGciOiJub25lIn0.e30."}}
	answer, err := http.Post(o.URL+"/sign-in/ended", "application/x-www-form-urlencoded", strings.NewReader(word.Encode())) //nolint:noctx // a server of this test
	must(t, err)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a forged word of the provider: %d", answer.StatusCode)
	}
	p.Goto(o.URL + "/account")
	p.Await("Invented Practice")
}
