package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"waypost/referrals/people"
)

// A20, T19: {Sec-Fetch-Site} × {Origin} × {policy} × {address configured or not}: what passes is written out, all else is
// refused, and never before somebody asked for a session.
func TestOnlyOurOwnPagesSend(t *testing.T) {
	const ours, theirs = "https://info.example.org", "https://evil.example"
	type row struct {
		site, origin string
		open, signed bool
	}
	for _, c := range []row{
		{"same-origin", "", true, true},
		{"same-origin", ours, true, true},
		{"same-origin", "null", true, true}, // Chromium under no-referrer
		{"none", "", true, false},
		{"none", "null", true, false},
		{"same-site", "", false, false},
		{"same-site", ours, false, false},
		{"cross-site", "", false, false},
		{"cross-site", "null", false, false},
		{"cross-site", ours, false, false},
		{"invented", "", false, false},
		{"Same-Origin", "", false, false},
		{"", "", true, false},
		{"", "null", true, false},
		{"", ours, true, true},
		{"", strings.ToUpper(ours), true, true},
		{"", theirs, false, false},
		{"", ours + ".evil.example", false, false},
		{"", "http://info.example.org", false, false},
		{"", ours + ":8443", false, false},
	} {
		for _, signed := range []bool{false, true} {
			route := &Route{Policy: Open()}
			want := c.open
			if signed {
				route.Policy, want = SignedIn("lead", func(*Request) (people.Session, error) { return people.Session{}, nil }), c.signed
			}
			err := sameSite(&incoming{route: route, method: http.MethodPost, site: c.site, origin: c.origin, host: "evil.example"}, ours)
			if (err == nil) != want || (err != nil && !errors.Is(err, ErrCrossSite)) {
				t.Errorf("site %q, origin %q, signed in %v: %v", c.site, c.origin, signed, err)
			}
			if err := sameSite(&incoming{route: route, method: http.MethodGet, site: c.site, origin: c.origin}, ours); err != nil {
				t.Errorf("a GET is refused: %v", err)
			}
		}
	}
	for origin, want := range map[string]bool{"http://127.0.0.1:8080": true, "https://127.0.0.1:8080": true, "http://127.0.0.1": false, theirs: false} {
		err := sameSite(&incoming{route: &Route{Policy: Open()}, method: http.MethodPost, origin: origin, host: "127.0.0.1:8080"}, "")
		if (err == nil) != want {
			t.Errorf("without an address configured, origin %q: %v", origin, err)
		}
	}
}

// Every route that changes anything is covered, by the table and over the wire, and the handler never runs.
func TestEveryPostRefusesAnotherSite(t *testing.T) {
	ran := 0
	count := func(*Request) (Page, error) { ran++; return Data(200, "text/plain", nil), nil }
	s := newServer(t, testConfig(t), JourneyFunc(func(*Kit) ([]Route, error) {
		return []Route{
			{Method: "POST", Path: "/open", Policy: Open(), Handler: count},
			{Method: "POST", Path: "/safety", Policy: Safety(), Handler: count},
			{Method: "POST", Path: "/staff", Policy: SignedIn("lead", func(*Request) (people.Session, error) { return people.Session{}, nil }), Handler: count},
		}, nil
	}))
	address := listen(t, s)
	for _, r := range s.Routes() {
		if r.Method != "POST" {
			continue
		}
		answer := speak(t, address, "POST "+r.Path+" HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 403 ") {
			t.Errorf("%s: %.40q", r.Path, answer)
		}
		missing(t, r.Path, answer, false)
	}
	if ran != 0 {
		t.Errorf("%d handlers ran for another site", ran)
	}
	if answer := speak(t, address, "POST /open HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n\r\n"); !strings.HasPrefix(answer, "HTTP/1.1 200 ") || ran != 1 {
		t.Errorf("our own page is refused: %.40q", answer)
	}
}

// A cookie is read where somebody signs in and nowhere else.
func TestOpenPagesDoNotSeeCookies(t *testing.T) {
	var seen [2]string
	look := func(i int) Handler {
		return func(r *Request) (Page, error) { seen[i] = r.in().cookie.Reveal(); return Page{}, nil }
	}
	s := newServer(t, testConfig(t), JourneyFunc(func(*Kit) ([]Route, error) {
		return []Route{
			{Method: "GET", Path: "/open", Policy: Open(), Handler: look(0)},
			{Method: "GET", Path: "/staff", Policy: SignedIn("lead", func(*Request) (people.Session, error) { return people.Session{}, nil }), Handler: look(1)},
			{Method: "GET", Path: "/never", Policy: SignedIn("lead", func(*Request) (people.Session, error) { return people.Session{}, ErrSignIn }), Handler: look(0)},
		}, nil
	}))
	address := listen(t, s)
	for path, status := range map[string]string{"/open": "200", "/staff": "200", "/never": "401"} {
		answer := speak(t, address, "GET "+path+" HTTP/1.1\r\nHost: a\r\nCookie: "+sessionCookie+"=canary\r\n\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 "+status) || strings.Contains(answer, "Set-Cookie") {
			t.Errorf("%s: %.200q", path, answer)
		}
	}
	if seen != [2]string{"", "canary"} {
		t.Errorf("the open page saw %q, the staff page %q", seen[0], seen[1])
	}
}
