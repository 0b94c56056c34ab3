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
	b := w.browser()
	for _, path := range []string{"/sign-in/provider", "/sign-in/return?code=canary&state=canary"} {
		got := b.get(path)
		if got.status != 503 || !strings.Contains(got.body, "Signing in is not possible just now") || strings.Contains(got.body, "canary") || b.way != "" || b.cookie != "" {
			t.Errorf("%s: %d, cookies %q %q", path, got.status, b.way, b.cookie)
		}
	}
	if got := b.do("POST", "/sign-in/ended", url.Values{"logout_token": {"a.b.c"}, "state": {"x"}}, "Sec-Fetch-Site", ""); got.status != 503 {
		t.Errorf("the provider's word while it is away: %d", got.status)
	}
	if got := b.do("POST", "/sign-in/ended", url.Values{"logout_token": {"a b"}}, "Sec-Fetch-Site", ""); got.status != 400 {
		t.Errorf("no token at all: %d", got.status)
	}
	if got := b.do("POST", "/sign-in/ended", url.Values{"logout_token": {"a.b.c"}}, "Sec-Fetch-Site", "cross-site"); got.status != 403 {
		t.Errorf("from a page of another site: %d", got.status)
	}
	for site, want := range map[string]int{"cross-site": 303, "same-site": 303, "same-origin": 503, "none": 503} { // a link of another site signs nobody in
		if got := b.do("GET", "/sign-in/provider", nil, "Sec-Fetch-Site", site); got.status != want || (want == 303 && got.header.Get("Location") != staff.SignInPath) {
			t.Errorf("a sign-in begun by %s: %d %v", site, got.status, got.header)
		}
	}
	lead := w.lead(people.Practice)
	if body := lead.get("/sign-in").header.Get("Location"); body != "/account" {
		t.Errorf("somebody who is in is not sent on: %q", body)
	}
}

// What leads to the provider comes from its own word and never from a form.
func TestWithoutAProviderThereIsNoWayToOne(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for _, path := range []string{"/sign-in/provider", "/sign-in/return"} {
		if got := b.get(path); got.status != 404 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if strings.Contains(b.get("/sign-in").body, "/sign-in/provider") || strings.Contains(b.get("/enrol").body, "/enrol/provider") {
		t.Error("a way that does not exist is shown")
	}
}
