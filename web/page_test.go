package web

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/molecule-man/go-brrr"
)

// paged is a journey of one page of a given text.
func paged(text string, pad bool) Journey {
	return JourneyFunc(func(k *Kit) ([]Route, error) {
		shell, err := k.Shell("en", ShellSpec{Title: "Check", Class: "public", Exit: true})
		if err != nil {
			return nil, err
		}
		page := Page{Shell: shell, Body: []Fragment{Escape(text)}, Pad: pad}
		return []Route{{Method: "GET", Path: "/p", Policy: Open(), Handler: func(*Request) (Page, error) { return page, nil }}}, nil
	})
}

func ask(t testing.TB, address, path string, headers ...string) (*http.Response, []byte, int) {
	t.Helper()
	answer := speak(t, address, "GET "+path+" HTTP/1.1\r\nHost: a\r\n"+strings.Join(append(headers, ""), "\r\n")+"\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body, len(answer)
}

// A page is the same whether it is packed or not, padded or not.
func TestAPageArrivesWhole(t *testing.T) {
	text := strings.Repeat("Words & <words>. ", 3000)
	for _, pad := range []bool{false, true} {
		address := listen(t, newServer(t, testConfig(t), paged(text, pad)))
		_, plain, _ := ask(t, address, "/p")
		if !bytes.HasPrefix(plain, []byte("<!doctype html>")) || !bytes.Contains(plain, Escape(text).html) || !bytes.HasSuffix(bytes.TrimSpace(plain), []byte("</html>")) {
			t.Fatalf("pad %v: the page is not whole", pad)
		}
		for accept, packed := range map[string]bool{
			"gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "deflate, gzip;q=1.0": true, "gzip ; q=0.1": true,
			"": false, "br": false, "gzip;q=0": false, "gzip;q=0.000": false, "gzip; q=0": false, "identity": false, "gzipped": false,
		} {
			resp, body, _ := ask(t, address, "/p", "Accept-Encoding: "+accept)
			if got := resp.Header.Get("Content-Encoding") == "gzip"; got != packed {
				t.Errorf("%q: packed %v", accept, got)
				continue
			}
			if packed {
				z, err := gzip.NewReader(bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				z.Multistream(false)
				if body, err = io.ReadAll(z); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(bytes.TrimSpace(body), bytes.TrimSpace(plain)) {
				t.Errorf("%q, pad %v: the page is another", accept, pad)
			}
			if resp.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%q: Vary is %q", accept, resp.Header.Get("Vary"))
			}
		}
	}
}

// T12: what a watcher of the line sees of a padded page is how many times 4 KiB it is, whatever stands on it.
func TestAPaddedPageTellsItsStepOnly(t *testing.T) {
	texts := []string{"", "no", strings.Repeat("yes ", 150), strings.Repeat("abcdefghij", 40)}
	for _, accept := range []string{"", "gzip"} {
		sizes := map[int]bool{}
		for _, text := range texts {
			_, body, wire := ask(t, listen(t, newServer(t, testConfig(t), paged(text, true))), "/p", "Accept-Encoding: "+accept)
			if len(body)%wireStep != 0 {
				t.Errorf("%q: %d bytes", accept, len(body))
			}
			sizes[wire] = true
		}
		if len(sizes) != 1 {
			t.Errorf("%q: %d sizes on the wire for four pages of one step: %v", accept, len(sizes), sizes)
		}
	}
	unpadded := map[int]bool{}
	for _, text := range texts {
		_, _, wire := ask(t, listen(t, newServer(t, testConfig(t), paged(text, false))), "/p", "Accept-Encoding: gzip")
		unpadded[wire] = true
	}
	if len(unpadded) < 3 {
		t.Error("without padding the sizes are alike: the test above proves nothing")
	}
}

// Every length on the way to the next step can be filled, those just below and above it too.
func TestPaddingFillsEveryGap(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("hello"))
	_ = z.Close()
	base := packed.Bytes()
	for gap := range 20 {
		for _, size := range []int{wireStep - gap, 2*wireStep - gap, wireStep + gap} {
			long := append(bytes.Clone(base), make([]byte, max(0, size-len(base)))...) // what follows the stream is read over here
			out := padGzip(long)
			if len(out)%wireStep != 0 || len(out) < len(long) || len(out) >= len(long)+2*wireStep {
				t.Fatalf("%d becomes %d", len(long), len(out))
			}
			r, err := gzip.NewReader(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			r.Multistream(false)
			if got, err := io.ReadAll(r); err != nil || string(got) != "hello" {
				t.Fatalf("%d: %q %v", size, got, err)
			}
		}
	}
}

// A24: a redirect leads to ourselves or to the one exit.
func TestRedirectsStayHere(t *testing.T) {
	for to, want := range map[string]bool{
		"/": true, "/x": true, "/desk/case/ab-12?l=cy": true,
		"//evil": false, "/\\evil": false, "\\\\evil": false, "https://evil": false, "evil": false, "javascript:alert(1)": false, "/a\r\nSet-Cookie: a=b": false,
		"/a b": false, "/\tevil": false, "/%0d%0a": true, "/a\x00": false, "/é": false,
	} {
		if got := ownPath(to); got != want {
			t.Errorf("%q: %v", to, got)
		}
	}
}

// Leaving: 303 to the address configured or our own empty page, and the marker, which is the only cookie there is.
func TestLeaving(t *testing.T) {
	cfg := testConfig(t)
	cfg.ExitURL = "https://weather.example.org/"
	address := listen(t, newServer(t, cfg))
	for _, path := range []string{"/x", "/x?to=https://evil.example", "/x?next=//evil.example"} {
		resp, _, _ := ask(t, address, path)
		if resp.StatusCode != 303 || resp.Header.Get("Location") != cfg.ExitURL || resp.Header.Get("Set-Cookie") != "left=1; Max-Age=120; Path=/; HttpOnly; SameSite=Lax" {
			t.Errorf("%s: %d %v", path, resp.StatusCode, resp.Header)
		}
	}
	here := listen(t, newServer(t, testConfig(t)))
	resp, body, _ := ask(t, here, "/x")
	if resp.StatusCode != 200 || resp.Header.Get("Location") != "" || resp.Header.Get("Set-Cookie") == "" {
		t.Errorf("without an exit: %d %v", resp.StatusCode, resp.Header)
	}
	if bytes.Contains(body, []byte("999")) || bytes.Contains(body, []byte("data-exit")) || !bytes.Contains(body, []byte("<title>Information</title>")) {
		t.Errorf("the empty page tells something: %s", body)
	}
	resp, _, _ = ask(t, here, "/", "Cookie: left=1")
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "/x" || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("after leaving the first page is shown: %d %v", resp.StatusCode, resp.Header)
	}
	cfg.PublicURL = "https://info.example.org"
	secure := listen(t, newServer(t, cfg))
	if resp, _, _ := ask(t, secure, "/x"); resp.Header.Get("Set-Cookie") != "__Host-left=1; Max-Age=120; Path=/; HttpOnly; SameSite=Lax; Secure" {
		t.Errorf("over TLS the marker is %v", resp.Header)
	}
	for cookie, want := range map[string]int{"__Host-left=1": 303, "left=1": 200} { // any neighbour of the host can set the second
		if resp, _, _ := ask(t, secure, "/", "Cookie: "+cookie); resp.StatusCode != want {
			t.Errorf("over TLS with %s: %d", cookie, resp.StatusCode)
		}
	}
	for _, path := range []string{"/", "/nothing", "/healthz"} {
		if resp, _, _ := ask(t, here, path); resp.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
}

func TestHealthSaysOneWord(t *testing.T) {
	ready := false
	cfg := testConfig(t)
	cfg.Ready = func() bool { return ready }
	address := listen(t, newServer(t, cfg))
	check := func(path string, status int, word string) {
		t.Helper()
		if resp, body, _ := ask(t, address, path); resp.StatusCode != status || string(body) != word {
			t.Errorf("%s: %d %q", path, resp.StatusCode, body)
		}
	}
	check("/healthz", 503, "not ready\n")
	check("/healthz/live", 200, "ok\n")
	ready = true
	check("/healthz", 200, "ok\n")
}

// The assets arrive whole in every form, under a name that holds their hash, and may be kept; no other name is known.
func TestAssets(t *testing.T) {
	s := newServer(t, testConfig(t))
	address := listen(t, s)
	for name, path := range s.assets.names {
		want := s.assets.named[strings.TrimPrefix(path, "/a/")].plain
		if len(want) == 0 {
			t.Fatalf("%s is empty", name)
		}
		for accept, coding := range map[string]string{"": "", "gzip": "gzip", "gzip, deflate, br, zstd": "br"} {
			resp, body, _ := ask(t, address, path, "Accept-Encoding: "+accept)
			var r io.Reader = bytes.NewReader(body)
			var err error
			switch coding {
			case "br":
				r = brrr.NewReader(r)
			case "gzip":
				r, err = gzip.NewReader(r)
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, want) || resp.Header.Get("Content-Encoding") != coding {
				t.Errorf("%s as %q: %d bytes of %d, %v", name, accept, len(got), len(want), err)
			}
			if resp.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || resp.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: %v", name, resp.Header)
			}
		}
		for _, other := range []string{"/a/" + name, path + "x", strings.ToUpper(path), "/a/..%2fserver.go", "/a/"} {
			if resp, _, _ := ask(t, address, other); resp.StatusCode != 404 || resp.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d %q", other, resp.StatusCode, resp.Header.Get("Cache-Control"))
			}
		}
	}
	if _, err := s.assets.address("other.css"); err == nil {
		t.Error("an asset that is not there has an address")
	}
}

func TestAForeignRedirectIsAnError(t *testing.T) {
	if errors.Is(errForeignRedirect, ErrMalformed) || statusOf(errForeignRedirect) != 500 {
		t.Error("a redirect that a visitor chose passes for the visitor's mistake")
	}
}
