package web

import (
	"errors"
	"strings"
	"testing"
)

// openFace is a journey that says no in its own language.
func openFace(policy Policy) Journey {
	return JourneyFunc(func(k *Kit) ([]Route, error) {
		no := func(status int, ref Reference) Page {
			return Data(0, "application/problem+json", []byte(`{"no":"`+string(ref)+`"}`))
		}
		answer := func(r *Request) (Page, error) {
			f, _, err := r.Query(func(string) Kind { return One })
			if err != nil {
				return Page{}, err
			}
			switch v, _ := f.One("do"); v {
			case "panic":
				panic("secret words")
			case "fail":
				return Page{}, errors.New("secret words")
			}
			p := Data(200, "application/json", []byte(`{}`))
			p.Keep = 300
			return p, nil
		}
		return []Route{
			{Method: "GET", Path: "/face/things", Policy: policy, Handler: answer, Refuse: no},
			{Method: "GET", Path: "/face/of-another-room", Policy: policy, Handler: answer},
		}, nil
	})
}

func TestOpenDataIsForEverySiteAndNothingElseIs(t *testing.T) {
	address := listen(t, newServer(t, testConfig(t), openFace(OpenData()), styleguide(ShellSpec{Title: "Check"})))
	for _, c := range []struct {
		name, request, status string
		shared, face          bool
		keep                  string
	}{
		{"open data", "GET /face/things", "200", true, false, "public, max-age=300"},
		{"its head", "HEAD /face/things", "200", true, false, "public, max-age=300"},
		{"an answer to a query", "GET /face/things?do=a", "200", true, false, "no-store"},
		{"a preflight", "OPTIONS /face/things", "204", true, false, "no-store"},
		{"a query that cannot be read", "GET /face/things?do=a&do=b", "400", true, true, "no-store"},
		{"a panic", "GET /face/things?do=panic", "500", true, true, "no-store"},
		{"a failure", "GET /face/things?do=fail", "500", true, true, "no-store"},
		{"a failure of a room that leaves it to the face", "GET /face/of-another-room?do=fail", "500", true, true, "no-store"},
		{"what the face does not have", "GET /face/nothing", "404", true, true, "no-store"},
		{"a method it does not have", "POST /face/things", "405", true, true, "no-store"},
		{"a page", "GET /styleguide", "200", false, false, "no-store"},
		{"the methods of a page", "OPTIONS /styleguide", "204", false, false, "no-store"},
		{"a path that only begins alike", "GET /facets", "404", false, false, "no-store"},
		{"no page", "GET /nothing/face/things", "404", false, false, "no-store"},
	} {
		answer := speak(t, address, c.request+" HTTP/1.1\r\nHost: a\r\nOrigin: https://council.example\r\n\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 "+c.status+" ") {
			t.Errorf("%s: %.60q", c.name, answer)
		}
		resource := map[bool]string{true: "cross-origin", false: "same-origin"}[c.shared]
		if got := strings.Contains(answer, "Access-Control-Allow-Origin: *\r\n"); got != c.shared {
			t.Errorf("%s: open to every site: %v", c.name, got)
		}
		if strings.Count(answer, "Cross-Origin-Resource-Policy: ") != 1 || !strings.Contains(answer, "Cross-Origin-Resource-Policy: "+resource+"\r\n") {
			t.Errorf("%s: not %s in %q", c.name, resource, answer)
		}
		if !strings.Contains(answer, "Cache-Control: "+c.keep+"\r\n") {
			t.Errorf("%s: not %s in %q", c.name, c.keep, answer)
		}
		if got := strings.Contains(answer, "application/problem+json"); got != c.face {
			t.Errorf("%s: says no as its face does: %v", c.name, got)
		}
		if strings.Contains(answer, "secret") || strings.Contains(answer, "Access-Control-Allow-Credentials") || strings.Contains(answer, "Set-Cookie") {
			t.Errorf("%s: %q", c.name, answer)
		}
		for _, want := range must {
			if !strings.HasPrefix(want, "Cross-Origin-Resource-Policy") && !strings.Contains(answer, want+"\r\n") {
				t.Errorf("%s: no %q", c.name, want)
			}
		}
	}
	if answer := speak(t, address, "GET /face/things?do=fail HTTP/1.1\r\nHost: a\r\n\r\n"); strings.HasSuffix(answer, `{"no":""}`) {
		t.Errorf("no reference in %q", answer)
	}
}

func TestOpenDataIsOnlyRead(t *testing.T) {
	_, err := New(testConfig(t), JourneyFunc(func(*Kit) ([]Route, error) {
		return []Route{{Method: "POST", Path: "/face", Policy: OpenData(), Handler: func(*Request) (Page, error) { return Page{}, nil }}}, nil
	}))
	if !errors.Is(err, ErrConfig) {
		t.Errorf("a POST of open data was taken: %v", err)
	}
}

// What another face says no with is its own, and stays with its site.
func TestAFaceThatIsNotOpenIsNotShared(t *testing.T) {
	address := listen(t, newServer(t, testConfig(t), openFace(Open())))
	for _, path := range []string{"/face/things", "/face/nothing", "/face/things?do=fail"} {
		answer := speak(t, address, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
		if strings.Contains(answer, "Access-Control") || strings.Contains(answer, "max-age=300") || strings.Contains(answer, "cross-origin\r\n") {
			t.Errorf("%s: %q", path, answer)
		}
		if refused := !strings.HasPrefix(answer, "HTTP/1.1 200"); refused != strings.Contains(answer, "problem+json") {
			t.Errorf("%s: %q", path, answer)
		}
	}
}

func TestAFaceKeepsWhenToComeAgain(t *testing.T) {
	f := face{func(status int, ref Reference) Page { return Data(status, "application/problem+json", []byte(ref)) }, true}
	if p := f.speak(Page{Status: 429, retry: "5", cause: "AAAA-BBBB"}); p.Status != 429 || p.retry != "5" || !p.open || string(p.Body[0].html) != "AAAA-BBBB" {
		t.Errorf("%+v", p)
	}
}
