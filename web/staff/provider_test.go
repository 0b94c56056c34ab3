package staff_test

import (
	"net/url"
	"strings"
	"testing"

	"waypost/internal/vault"
	"waypost/referrals/people"
	"waypost/web/staff"
)

func provider(issuer string) *people.Provider {
	return &people.Provider{Issuer: issuer, ClientID: "waypost", Secret: vault.Keep("an invented secret"), Return: staff.ReturnPath}
}

// A provider that is away keeps nobody from the other way in, and says nothing of itself.
func TestAProviderThatIsAwayIsToldOf(t *testing.T) {
	w := newWorldWith(t, provider("https://localhost:1"), nil)
	b := w.Browser()
	for _, path := range []string{"/sign-in/provider", "/sign-in/return?code=canary&state=canary"} {
		got := b.Get(path)
		if got.Status != 503 || !strings.Contains(got.Body, "Signing in is not possible just now") || strings.Contains(got.Body, "canary") || b.Way != "" || b.Cookie != "" {
			t.Errorf("%s: %d, cookies %q %q", path, got.Status, b.Way, b.Cookie)
		}
	}
	if got := b.Do("POST", "/sign-in/ended", url.Values{"logout_token": {"a.b.c"}, "state": {"x"}}, "Sec-Fetch-Site", ""); got.Status != 503 {
		t.Errorf("the provider's word while it is away: %d", got.Status)
	}
	if got := b.Do("POST", "/sign-in/ended", url.Values{"logout_token": {"a b"}}, "Sec-Fetch-Site", ""); got.Status != 400 {
		t.Errorf("no token at all: %d", got.Status)
	}
	if got := b.Do("POST", "/sign-in/ended", url.Values{"logout_token": {"a.b.c"}}, "Sec-Fetch-Site", "cross-site"); got.Status != 403 {
		t.Errorf("from a page of another site: %d", got.Status)
	}
	for site, want := range map[string]int{"cross-site": 303, "same-site": 303, "same-origin": 503, "none": 503} { // a link of another site signs nobody in
		if got := b.Do("GET", "/sign-in/provider", nil, "Sec-Fetch-Site", site); got.Status != want || (want == 303 && got.Header.Get("Location") != staff.SignInPath) {
			t.Errorf("a sign-in begun by %s: %d %v", site, got.Status, got.Header)
		}
	}
	lead := w.Lead(people.Practice)
	if body := lead.Get("/sign-in").Header.Get("Location"); body != "/account" {
		t.Errorf("somebody who is in is not sent on: %q", body)
	}
}

// What leads to the provider comes from its own word and never from a form.
func TestWithoutAProviderThereIsNoWayToOne(t *testing.T) {
	w := newWorld(t)
	b := w.Browser()
	for _, path := range []string{"/sign-in/provider", "/sign-in/return"} {
		if got := b.Get(path); got.Status != 404 {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
	if strings.Contains(b.Get("/sign-in").Body, "/sign-in/provider") || strings.Contains(b.Get("/enrol").Body, "/enrol/provider") {
		t.Error("a way that does not exist is shown")
	}
}
