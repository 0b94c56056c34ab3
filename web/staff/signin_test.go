package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waypost/internal/softkey/softkeytest"
	"waypost/internal/trail"
	"waypost/referrals/people"
	"waypost/web/staff/stafftest"
)

func TestALinkIsTakenUpAndTheKeySignsIn(t *testing.T) {
	w := newWorld(t)
	b := w.Lead(people.Practice)
	if b.Last.Header.Get("Location") != "/account" || b.Cookie == "" {
		t.Fatalf("after enrolment: %v", b.Last.Header)
	}
	set := b.Last.Header.Get("Set-Cookie")
	for _, part := range []string{"__Host-s=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(set, part) {
			t.Errorf("cookie %q lacks %s", set, part)
		}
	}
	if strings.Contains(set, "Max-Age") || strings.Contains(set, "Expires") {
		t.Errorf("the cookie outlives the browser: %q", set)
	}
	b.Get("/account")
	b.Want(200)
	for _, words := range []string{"Invented Lead", "Invented Organisation", "Lead", "GP practice"} {
		if !strings.Contains(b.Last.Body, words) {
			t.Errorf("the account does not say %q", words)
		}
	}
	before := b.Cookie
	b.Post("/sign-out", b.Signed(nil))
	b.Want(303)
	if b.Cookie != "" || b.Last.Header.Get("Location") != "/sign-in" || b.Last.Header.Get("Clear-Site-Data") == "" {
		t.Errorf("after signing out: %v", b.Last.Header)
	}
	if old := (&browser{Ground: w, Key: b.Key, Cookie: before}); old.Get("/account").Status != http.StatusUnauthorized {
		t.Error("the cookie lives after signing out")
	}
	b.SignIn(nil)
	b.Want(303)
	b.Get("/account")
	b.Want(200)
	if n := w.Heard("sign-in", trail.Done); n == 0 {
		t.Errorf("%d entries tell of the sign-in", n)
	}
}

// A5: whatever value the browser brought to the sign-in, it is worth nothing afterwards.
func TestNoCookieFromBeforeTheSignInCounts(t *testing.T) {
	w := newWorld(t)
	b := w.Lead(people.Practice)
	for _, planted := range []string{b.Cookie, strings.Repeat("A", 43), "x"} {
		b.Cookie = planted
		b.SignIn(nil)
		b.Want(303)
		if b.Cookie == planted {
			t.Fatal("the planted cookie was taken over")
		}
		old := &browser{Ground: w, Key: b.Key, Cookie: planted}
		if old.Get("/account").Status != http.StatusUnauthorized {
			t.Errorf("cookie %.8q from before the sign-in counts", planted)
		}
		b.Get("/account")
		b.Want(200)
	}
}

// Every refusal of a sign-in is the same page, byte for byte, and nothing that was sent is on it.
func TestRefusalsOfASignInReadAlike(t *testing.T) {
	w := newWorld(t)
	b := w.Lead(people.Practice)
	known := b.Key
	tries := map[string]func() string{
		"nothing":    func() string { return "" },
		"not base64": func() string { return "A" },
		"not JSON":   func() string { return softkeytest.Text([]byte("canary")) },
		"unknown key": func() string {
			b.Key = softkeytest.New(t, testURL)
			b.Key.Handle = make([]byte, 20)
			return b.Touch("/sign-in/begin", url.Values{})
		},
		"known, wrong": func() string {
			b.Key = softkeytest.New(t, testURL)
			b.Key.ID, b.Key.Handle = known.ID, known.Handle
			return b.Touch("/sign-in/begin", url.Values{})
		},
		"old challenge": func() string {
			b.Key = known
			c := b.Touch("/sign-in/begin", url.Values{})
			w.Clock.Pass(people.StepUpLife)
			return c
		},
		"revoked member": func() string { return revokedMember(t, w) },
	}
	var first string
	for name, try := range tries {
		b.Cookie = ""
		got := b.Post("/sign-in", url.Values{"credential": {try()}})
		if got.Status != http.StatusUnauthorized || got.Header.Get("Set-Cookie") != "" || strings.Contains(got.Body, "canary") {
			t.Errorf("%s: %d, cookie %q", name, got.Status, got.Header.Get("Set-Cookie"))
		}
		if first == "" {
			first = got.Body
		}
		if got.Body != first {
			t.Errorf("%s reads differently", name)
		}
	}
	if !strings.Contains(first, "not signed in") {
		t.Errorf("the page does not say that nobody was signed in: %.400s", first)
	}
}

func revokedMember(t *testing.T, w *world) string {
	lead := w.Lead(people.Practice)
	gone := lead.Colleague(people.Clinician)
	id := gone.Session().Actor.Member()
	lead.Post("/people/revoke", lead.Signed(url.Values{"id": {id}}))
	lead.Want(303)
	if gone.Get("/account").Status != http.StatusUnauthorized {
		t.Error("a revoked member's session lives")
	}
	gone.Cookie = ""
	return gone.Touch("/sign-in/begin", url.Values{})
}

func TestALinkWorksOnceAndIsInNoAddress(t *testing.T) {
	w := newWorld(t)
	_, token, err := w.People.Found(t.Context(), people.Practice, "Invented Organisation", "Invented Lead")
	stafftest.Must(t, err)
	b := w.Browser()
	if page := b.Get("/enrol").Body; !strings.Contains(page, "data-fragment") || strings.Contains(page, `method="get"`) {
		t.Error("the page does not take the token from the fragment, or sends it in an address")
	}
	b.Enrol(token.Reveal())
	again := w.Browser()
	if got := again.Post("/enrol/begin", url.Values{"invite": {token.Reveal()}}); got.Status != http.StatusGone {
		t.Errorf("a used link begins: %d", got.Status)
	}
	got := again.Post("/enrol", url.Values{"invite": {token.Reveal()}, "credential": {""}})
	if got.Status != http.StatusGone || !strings.Contains(got.Body, "cannot be used") || strings.Contains(got.Body, token.Reveal()) {
		t.Errorf("a used link: %d %.300s", got.Status, got.Body)
	}
	if strings.Contains(w.Log.String(), token.Reveal()) {
		t.Error("the token is in the log")
	}
}
