package web

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"waypost/locales"
)

// The world of these tests: the words that ship, a log that is kept, a clock that runs.
func testConfig(t testing.TB, offer ...string) Config {
	t.Helper()
	words, err := locales.Load(locales.Files(), offer...)
	if err != nil {
		t.Fatal(err)
	}
	return Config{Words: words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(NewLogHandler(slog.NewTextHandler(io.Discard, nil)))}
}

func newServer(t testing.TB, cfg Config, journeys ...Journey) *Server {
	t.Helper()
	s, err := New(cfg, journeys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// listen serves on a free port of the loopback until the test ends.
func listen(t testing.TB, s *Server) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listenOn(t, s, ln)
}

func listenOn(t testing.TB, s *Server, ln net.Listener) string {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.Listen(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("listen: %v", err)
		}
	})
	return ln.Addr().String()
}

// speak sends raw bytes and gives back one answer as it came.
func speak(t testing.TB, address, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte(request)); err != nil {
		t.Logf("%.40q: %v", request, err) // refused before all of it was sent; the answer is what is judged
	}
	var seen bytes.Buffer
	method, _, _ := strings.Cut(request, " ")
	resp, err := http.ReadResponse(bufio.NewReaderSize(io.TeeReader(c, &seen), 16), &http.Request{Method: method})
	if err != nil {
		t.Logf("%.40q: %v", request, err)
		return seen.String()
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Logf("%.40q: %v", request, err)
	}
	return seen.String()
}

// styleguide is a journey that shows every class of the design system.
func styleguide(spec ShellSpec) Journey {
	return JourneyFunc(func(k *Kit) ([]Route, error) {
		v, err := k.Views(os.DirFS("testdata"), nil, "styleguide.html")
		if err != nil {
			return nil, err
		}
		type question struct{ ID, Topic, Ask, Why, Given, More string }
		questions := []question{
			{"gateway.fear", "Safety", "Is there anyone you would be worried about knowing what we talked about today?", "Is the patient afraid of what someone would do?", "unsure", ""},
			{"location.alert", "Location and geofencing", "Does anyone track where you go, or get an alert when you leave or arrive somewhere?", "Does someone turn up without being told?", "yes", ""},
			{"phone.messages", "Phone and accounts", "Does anyone know things from your messages or calls that you did not tell them?", "Shared accounts are the usual way.", "", ""},
		}
		pages := map[string]Page{}
		for _, l := range k.Words().Languages() {
			shell, err := k.Shell(l.Tag, spec)
			if err != nil {
				return nil, err
			}
			body, err := v.Fragment(l.Tag, "sample", map[string]any{"Questions": questions})
			if err != nil {
				return nil, err
			}
			pages[l.Tag] = Page{Shell: shell, Body: []Fragment{body}}
		}
		show := func(r *Request) (Page, error) {
			q, _, err := r.Query(func(string) Kind { return One })
			if err != nil {
				return Page{}, err
			}
			asked, _ := q.One("l")
			return pages[r.Language(asked).Tag], nil
		}
		return []Route{{Method: "GET", Path: "/styleguide", Policy: Open(), Handler: show}, {Method: "POST", Path: "/styleguide", Policy: Open(), Handler: show}}, nil
	})
}
