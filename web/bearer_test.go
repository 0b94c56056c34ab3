package web

import (
	"fmt"
	"strings"
	"testing"

	"waypost/referrals/people"
)

// A token is read where the policy asks for one and nowhere else, one at a time; what is said of it is kept by nobody and
// readable by no page of another site.
func TestATokenIsReadWhereTheRouteAsksForIt(t *testing.T) {
	seen := func(r *Request) (Page, error) {
		switch r.Bearer().Reveal() {
		case "":
			return Page{}, ErrSignIn
		case "less":
			return Page{}, ErrForbidden
		}
		return Data(200, "application/json", fmt.Appendf(nil, `{"bytes":%d}`, len(r.Bearer().Reveal()))), nil
	}
	admit := func(*Request) (people.Session, error) { return people.Session{}, nil }
	address := listen(t, newServer(t, testConfig(t), JourneyFunc(func(*Kit) ([]Route, error) {
		return []Route{{Method: "POST", Path: "/signed", Policy: Signed("test"), Handler: seen}, {Method: "POST", Path: "/machine", Policy: Machine("test", admit), Handler: seen}, {Method: "POST", Path: "/open", Policy: Open(), Handler: seen}}, nil
	})))
	for _, c := range []struct{ name, headers, status, challenge string }{
		{"a token", "Authorization: Bearer abc\r\n", "200", ""},
		{"the scheme in other letter case", "Authorization: bearer abc\r\n", "200", ""},
		{"no token", "", "401", "Bearer"},
		{"an empty token", "Authorization: Bearer \r\n", "401", "Bearer"},
		{"a scheme alone", "Authorization: Bearer\r\n", "401", "Bearer"},
		{"another scheme", "Authorization: Basic YWJj\r\n", "401", "Bearer"},
		{"two tokens", "Authorization: Bearer abc\r\nAuthorization: Bearer def\r\n", "401", "Bearer"},
		{"a token for less", "Authorization: Bearer less\r\n", "403", `Bearer error="insufficient_scope"`},
	} {
		for _, path := range []string{"/signed", "/machine", "/open"} {
			answer := speak(t, address, "POST "+path+" HTTP/1.1\r\nHost: a\r\nOrigin: null\r\nContent-Length: 0\r\n"+c.headers+"\r\n")
			status, challenge := c.status, c.challenge
			switch {
			case path == "/open":
				status, challenge = "401", ""
			case path == "/signed" && status == "403":
				challenge = "" // there are no scopes
			}
			if !strings.HasPrefix(answer, "HTTP/1.1 "+status+" ") {
				t.Errorf("%s, %s: %.60q", path, c.name, answer)
			}
			if got := strings.Contains(answer, "Www-Authenticate: "); got != (challenge != "") || got && !strings.Contains(answer, "Www-Authenticate: "+challenge+"\r\n") {
				t.Errorf("%s, %s: not challenged by %q", path, c.name, challenge)
			}
			if strings.Contains(answer, "Access-Control") || strings.Contains(answer, "Set-Cookie") || !strings.Contains(answer, "Cache-Control: no-store\r\n") {
				t.Errorf("%s, %s: %q", path, c.name, answer)
			}
		}
	}
}
