package web

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// must is what no answer may lack, whoever wrote it.
var must = []string{
	"Content-Security-Policy: " + policy, "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
	"Permissions-Policy: geolocation=(), camera=(), microphone=(), usb=()", "Cross-Origin-Opener-Policy: same-origin",
	"Cross-Origin-Resource-Policy: same-origin", "X-Robots-Tag: noindex, nofollow, noarchive", "Request-Otr: ?1",
}

func missing(t *testing.T, name, answer string, kept bool) {
	t.Helper()
	head, _, _ := strings.Cut(answer, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	for _, want := range append(slices.Clone(must), "Cache-Control: no-store") {
		n := 0
		for _, line := range lines {
			if strings.EqualFold(line, want) {
				n++
			}
		}
		if kept && strings.HasPrefix(want, "Cache-Control") {
			continue
		}
		if n != 1 {
			t.Errorf("%s: %d times %q in\n%s", name, n, want, head)
		}
	}
	for _, line := range lines {
		if strings.HasPrefix(strings.ToLower(line), "server:") {
			t.Errorf("%s: says what it is made of: %s", name, line)
		}
	}
}

// A21, A25: what a browser would never send is refused with the same headers as a page, and nothing of it comes back.
func TestRawRequests(t *testing.T) {
	address := listen(t, newServer(t, testConfig(t), styleguide(ShellSpec{Title: "Check"})))
	long := strings.Repeat("a", maxHeader+1024)
	for _, c := range []struct{ name, request, status string }{
		{"a page", "GET / HTTP/1.1\r\nHost: good\r\n\r\n", "200"},
		{"its head", "HEAD / HTTP/1.1\r\nHost: good\r\n\r\n", "200"},
		{"an asset that is not there", "GET /a/app.0000000000.css HTTP/1.1\r\nHost: good\r\n\r\n", "404"},
		{"absolute form", "GET http://evil.example/ HTTP/1.1\r\nHost: good\r\n\r\n", "400"},
		{"two slashes", "GET //evil.example/ HTTP/1.1\r\nHost: good\r\n\r\n", "400"},
		{"authority form", "CONNECT evil.example:443 HTTP/1.1\r\nHost: good\r\n\r\n", "400"},
		{"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: good\r\n\r\n", "400"},
		{"two hosts", "GET / HTTP/1.1\r\nHost: good\r\nHost: evil.example\r\n\r\n", "400"},
		{"no host", "GET / HTTP/1.1\r\n\r\n", "400"},
		{"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "400"},
		{"host with a path", "GET / HTTP/1.1\r\nHost: good/evil\r\n\r\n", "400"},
		{"host with a user", "GET / HTTP/1.1\r\nHost: me@good\r\n\r\n", "400"},
		{"invented method", "MEOW / HTTP/1.1\r\nHost: good\r\n\r\n", "405"},
		{"trace", "TRACE / HTTP/1.1\r\nHost: good\r\n\r\n", "405"},
		{"put", "PUT / HTTP/1.1\r\nHost: good\r\nContent-Length: 1\r\n\r\na", "405"},
		{"delete", "DELETE /x HTTP/1.1\r\nHost: good\r\n\r\n", "405"},
		{"post where there is none", "POST /x HTTP/1.1\r\nHost: good\r\nContent-Length: 0\r\n\r\n", "405"},
		{"options", "OPTIONS /styleguide HTTP/1.1\r\nHost: good\r\n\r\n", "204"},
		{"unknown path", "GET /evil-path HTTP/1.1\r\nHost: good\r\n\r\n", "404"},
		{"other letters", "GET /STYLEGUIDE HTTP/1.1\r\nHost: good\r\n\r\n", "404"},
		{"slash at the end", "GET /styleguide/ HTTP/1.1\r\nHost: good\r\n\r\n", "404"},
		{"dots", "GET /a/../../etc/passwd HTTP/1.1\r\nHost: good\r\n\r\n", "404"},
		{"headers too large", "GET / HTTP/1.1\r\nHost: good\r\nX-Evil: " + long + "\r\n\r\n", "431"},
		{"body too large", "POST /styleguide HTTP/1.1\r\nHost: good\r\nContent-Length: 99999999\r\n\r\n", "413"},
		{"body of two lengths", "POST /styleguide HTTP/1.1\r\nHost: good\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
		{"two lengths", "POST /styleguide HTTP/1.1\r\nHost: good\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\naaaaa", "400"},
		{"negative length", "POST /styleguide HTTP/1.1\r\nHost: good\r\nContent-Length: -1\r\n\r\n", "400"},
		{"garbage", "\x16\x03\x01\x02\x00\x01\r\n\r\n", "400"},
		{"empty line of a header", "GET / HTTP/1.1\r\nHost: good\r\nevil header\r\n\r\n", "400"},
	} {
		answer := speak(t, address, c.request)
		if !strings.HasPrefix(answer, "HTTP/1.1 "+c.status+" ") {
			t.Errorf("%s: got %.60q, want %s", c.name, answer, c.status)
			continue
		}
		missing(t, c.name, answer, false)
		if strings.Contains(answer, "evil") || strings.Contains(answer, "MEOW") {
			t.Errorf("%s: what was sent comes back in %q", c.name, answer)
		}
		if c.name == "its head" && !strings.HasSuffix(answer, "\r\n\r\n") {
			t.Errorf("a HEAD has a body: %q", answer)
		}
	}
	for path, allow := range map[string]string{"/styleguide": "GET, HEAD, POST, OPTIONS", "/x": "GET, HEAD, OPTIONS"} {
		if answer := speak(t, address, "OPTIONS "+path+" HTTP/1.1\r\nHost: good\r\n\r\n"); !strings.Contains(answer, "Allow: "+allow+"\r\n") {
			t.Errorf("OPTIONS %s: %q, want %s", path, answer, allow)
		}
	}
	if answer := speak(t, address, "DELETE /styleguide HTTP/1.1\r\nHost: good\r\n\r\n"); !strings.Contains(answer, "Allow: ") || !strings.Contains(answer, "GET") {
		t.Errorf("a 405 does not say what is allowed: %q", answer)
	}
}

// A25: no header of the request reaches an address of ours.
func TestForwardedHeadersAndHostAreNotBelieved(t *testing.T) {
	cfg := testConfig(t)
	cfg.PublicURL, cfg.ExitURL = "https://info.example.org", "https://weather.example.org/"
	s := newServer(t, cfg, styleguide(ShellSpec{Title: "Check"}))
	address := listen(t, s)
	for _, path := range []string{"/", "/x", "/styleguide", "/nothing"} {
		answer := speak(t, address, "GET "+path+" HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-For: 6.6.6.6\r\n"+
			"X-Forwarded-Proto: evil\r\nForwarded: host=evil.example\r\nX-Original-URL: /evil\r\nX-HTTP-Method-Override: DELETE\r\n\r\n")
		if strings.Contains(answer, "evil") || strings.Contains(answer, "6.6.6.6") {
			t.Errorf("%s believes what it is told: %q", path, answer)
		}
	}
}

// Golden: a header that comes or goes is a decision, and shows in a diff.
func TestHeadersOfAPageAreGolden(t *testing.T) {
	cfg := testConfig(t)
	cfg.PublicURL, cfg.ExitURL = "https://info.example.org", "https://weather.example.org/"
	s := newServer(t, cfg)
	address := listen(t, s)
	var got strings.Builder
	css, err := s.assets.address("app.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/x", "/nothing", "/healthz", css} {
		answer := speak(t, address, "GET "+path+" HTTP/1.1\r\nHost: info.example.org\r\nAccept-Encoding: gzip\r\n\r\n")
		head, _, _ := strings.Cut(answer, "\r\n\r\n")
		if path == css {
			path = "/a/app.HASH.css"
		}
		got.WriteString("GET " + path + "\n" + strings.ReplaceAll(head, "\r\n", "\n") + "\n\n")
	}
	text := regexp.MustCompile(`(?m)^Date: .*$`).ReplaceAllString(got.String(), "Date: NOW")
	text = regexp.MustCompile(`(?m)^(Content-Length: )(\d*)$`).ReplaceAllStringFunc(text, func(line string) string {
		if line == "Content-Length: 4096" || line == "Content-Length: 0" {
			return line
		}
		return "Content-Length: N"
	})
	if *update {
		if err := os.WriteFile("testdata/headers.golden", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/headers.golden")
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("the headers are\n%s\nand were\n%s", text, want)
	}
}

func TestHSTSOnlyOverHTTPS(t *testing.T) {
	for address, want := range map[string]string{"": "", "http://info.example.org": "", "https://info.example.org": "max-age=63072000"} {
		cfg := testConfig(t)
		cfg.PublicURL = address
		answer := speak(t, listen(t, newServer(t, cfg)), "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		_, after, has := strings.Cut(answer, "Strict-Transport-Security: ")
		value, _, _ := strings.Cut(after, "\r\n")
		if has != (want != "") || value != want {
			t.Errorf("%q: HSTS is %q, want %q", address, value, want)
		}
	}
}
