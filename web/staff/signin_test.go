package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waypost/internal/softkey/softkeytest"
	"waypost/internal/trail"
	"waypost/referrals/people"
)

func TestALinkIsTakenUpAndTheKeySignsIn(t *testing.T) {
	w := newWorld(t)
	b := w.lead(people.Practice)
	if b.last.header.Get("Location") != "/account" || b.cookie == "" {
		t.Fatalf("after enrolment: %v", b.last.header)
	}
	set := b.last.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-s=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(set, part) {
			t.Errorf("cookie %q lacks %s", set, part)
		}
	}
	if strings.Contains(set, "Max-Age") || strings.Contains(set, "Expires") {
		t.Errorf("the cookie outlives the browser: %q", set)
	}
	b.get("/account")
	b.want(200)
	for _, words := range []string{"Invented Lead", "Invented Organisation", "Lead", "GP practice"} {
		if !strings.Contains(b.last.body, words) {
			t.Errorf("the account does not say %q", words)
		}
	}
	before := b.cookie
	b.post("/sign-out", b.signed(nil))
	b.want(303)
	if b.cookie != "" || b.last.header.Get("Location") != "/sign-in" || b.last.header.Get("Clear-Site-Data") == "" {
		t.Errorf("after signing out: %v", b.last.header)
	}
	if old := (&browser{w: w, key: b.key, cookie: before}); old.get("/account").status != http.StatusUnauthorized {
		t.Error("the cookie lives after signing out")
	}
	b.signIn(nil)
	b.want(303)
	b.get("/account")
	b.want(200)
	if n := w.heard("sign-in", trail.Done); n == 0 {
		t.Errorf("%d entries tell of the sign-in", n)
	}
}

// A5: whatever value the browser brought to the sign-in, it is worth nothing afterwards.
func TestNoCookieFromBeforeTheSignInCounts(t *testing.T) {
	w := newWorld(t)
	b := w.lead(people.Practice)
	for _, planted := range []string{b.cookie, strings.Repeat("A", 43), "x"} {
		b.cookie = planted
		b.signIn(nil)
		b.want(303)
		if b.cookie == planted {
			t.Fatal("the planted cookie was taken over")
		}
		old := &browser{w: w, key: b.key, cookie: planted}
		if old.get("/account").status != http.StatusUnauthorized {
			t.Errorf("cookie %.8q from before the sign-in counts", planted)
		}
		b.get("/account")
		b.want(200)
	}
}

// Every refusal of a sign-in is the same page, byte for byte, and nothing that was sent is on it.
func TestRefusalsOfASignInReadAlike(t *testing.T) {
	w := newWorld(t)
	b := w.lead(people.Practice)
	known := b.key
	tries := map[string]func() string{
		"nothing":    func() string { return "" },
		"not base64": func() string { return "A" },
		"not JSON":   func() string { return softkeytest.Text([]byte("canary")) },
		"unknown key": func() string {
			b.key = softkeytest.New(t, testURL)
			b.key.Handle = make([]byte, 20)
			return b.touch("/sign-in/begin", url.Values{})
		},
		"known, wrong": func() string {
			b.key = softkeytest.New(t, testURL)
			b.key.ID, b.key.Handle = known.ID, known.Handle
			return b.touch("/sign-in/begin", url.Values{})
		},
		"old challenge": func() string {
			b.key = known
			c := b.touch("/sign-in/begin", url.Values{})
			w.clock.pass(people.StepUpLife)
			return c
		},
		"revoked member": func() string { return revokedMember(t, w) },
	}
	var first string
	for name, try := range tries {
		b.cookie = ""
		got := b.post("/sign-in", url.Values{"credential": {try()}})
		if got.status != http.StatusUnauthorized || got.header.Get("Set-Cookie") != "" || strings.Contains(got.body, "canary") {
			t.Errorf("%s: %d, cookie %q", name, got.status, got.header.Get("Set-Cookie"))
		}
		if first == "" {
			first = got.body
		}
		if got.body != first {
			t.Errorf("%s reads differently", name)
		}
	}
	if !strings.Contains(first, "not signed in") {
		t.Errorf("the page does not say that nobody was signed in: %.400s", first)
	}
}

func revokedMember(t *testing.T, w *world) string {
	lead := w.lead(people.Practice)
	gone := lead.colleague(people.Clinician)
	id := gone.session().Actor.Member()
	lead.post("/people/revoke", lead.signed(url.Values{"id": {id}}))
	lead.want(303)
	if gone.get("/account").status != http.StatusUnauthorized {
		t.Error("a revoked member's session lives")
	}
	gone.cookie = ""
	return gone.touch("/sign-in/begin", url.Values{})
}

func TestALinkWorksOnceAndIsInNoAddress(t *testing.T) {
	w := newWorld(t)
	_, token, err := w.people.Found(t.Context(), people.Practice, "Invented Organisation", "Invented Lead")
	must(t, err)
	b := w.browser()
	if page := b.get("/enrol").body; !strings.Contains(page, "data-fragment") || strings.Contains(page, `method="get"`) {
		t.Error("the page does not take the token from the fragment, or sends it in an address")
	}
	b.enrol(token.Reveal())
	again := w.browser()
	if got := again.post("/enrol/begin", url.Values{"invite": {token.Reveal()}}); got.status != http.StatusGone {
		t.Errorf("a used link begins: %d", got.status)
	}
	got := again.post("/enrol", url.Values{"invite": {token.Reveal()}, "credential": {""}})
	if got.status != http.StatusGone || !strings.Contains(got.body, "cannot be used") || strings.Contains(got.body, token.Reveal()) {
		t.Errorf("a used link: %d %.300s", got.status, got.body)
	}
	if strings.Contains(w.log.String(), token.Reveal()) {
		t.Error("the token is in the log")
	}
}
