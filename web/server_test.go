package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"waypost/referrals/people"
)

// A2: the one setting whose absence gives a patient's words to another.
func TestTheAppIsImmutable(t *testing.T) {
	if !newServer(t, testConfig(t)).app.Config().Immutable {
		t.Fatal("Immutable is off: values kept from a request turn into another patient's")
	}
}

func TestConfigurationThatCannotBeUsedIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"no words":                    func(c *Config) { c.Words = nil },
		"no clock":                    func(c *Config) { c.Clock = nil },
		"no randomness":               func(c *Config) { c.Rand = nil },
		"no log":                      func(c *Config) { c.Log = nil },
		"public address with a path":  func(c *Config) { c.PublicURL = "https://example.org/safe" },
		"public address with a user":  func(c *Config) { c.PublicURL = "https://a@example.org" },
		"public address with a query": func(c *Config) { c.PublicURL = "https://example.org?x=1" },
		"public address of a file":    func(c *Config) { c.PublicURL = "file:///etc/passwd" },
		"exit over http":              func(c *Config) { c.ExitURL = "http://example.org" },
		"exit with a query":           func(c *Config) { c.ExitURL = "https://example.org/?from=waypost" },
		"exit with a user":            func(c *Config) { c.ExitURL = "https://me@example.org/" },
		"exit that is script":         func(c *Config) { c.ExitURL = "javascript:alert(1)" },
		"exit that breaks the line":   func(c *Config) { c.ExitURL = "https://example.org/\r\nSet-Cookie: a=b" },
	} {
		cfg := testConfig(t)
		spoil(&cfg)
		if _, err := New(cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", name, err)
		}
	}
}

func TestARouteThatNobodyThoughtAboutIsRefused(t *testing.T) {
	fine := func(*Request) (Page, error) { return Page{}, nil }
	admit := func(*Request) (people.Session, error) { return people.Session{}, nil }
	for name, routes := range map[string][]Route{
		"no policy":              {{Method: "GET", Path: "/p", Handler: fine}},
		"signed in, nobody asks": {{Method: "GET", Path: "/p", Policy: SignedIn("lead", nil), Handler: fine}},
		"policy without a name":  {{Method: "GET", Path: "/p", Policy: SignedIn("", admit), Handler: fine}},
		"no handler":             {{Method: "GET", Path: "/p", Policy: Open()}},
		"foreign method":         {{Method: "PUT", Path: "/p", Policy: Open(), Handler: fine}},
		"pattern":                {{Method: "GET", Path: "/p/*", Policy: Open(), Handler: fine}},
		"no slash":               {{Method: "GET", Path: "p", Policy: Open(), Handler: fine}},
		"twice":                  {{Method: "GET", Path: "/p", Policy: Open(), Handler: fine}, {Method: "GET", Path: "/p", Policy: Safety(), Handler: fine}},
		"twice, one is ours":     {{Method: "GET", Path: "/x", Policy: Open(), Handler: fine}},
	} {
		if _, err := New(testConfig(t), JourneyFunc(func(*Kit) ([]Route, error) { return routes, nil })); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", name, err)
		}
	}
}

// The router knows no route that is not in the table, so a matrix made from the table misses none.
func TestTheRouterKnowsOnlyTheTable(t *testing.T) {
	s := newServer(t, testConfig(t), styleguide(ShellSpec{Title: "Check"}))
	known := map[string]bool{}
	for _, r := range s.Routes() {
		known[r.Method+" "+r.Path] = true
		known["OPTIONS "+r.Path] = true
		if r.Method == "GET" {
			known["HEAD "+r.Path] = true
		}
		if r.Policy.Name() == "" {
			t.Errorf("%s %s has no policy", r.Method, r.Path)
		}
	}
	mounted := s.app.GetRoutes()
	if len(mounted) == 0 {
		t.Fatal("the router knows nothing")
	}
	for _, r := range mounted {
		if !known[r.Method+" "+r.Path] {
			t.Errorf("%s %s is mounted past the table", r.Method, r.Path)
		}
		delete(known, r.Method+" "+r.Path)
	}
	for left := range known {
		t.Errorf("%s is in the table and not mounted", left)
	}
}

func TestShutdownLetsARequestFinish(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	slow := JourneyFunc(func(*Kit) ([]Route, error) {
		return []Route{{Method: "GET", Path: "/slow", Policy: Open(), Handler: func(r *Request) (Page, error) {
			close(started)
			<-finish
			if r.Context().Err() != nil {
				return Page{}, r.Context().Err()
			}
			return Data(200, "text/plain", []byte("whole")), nil
		}}}, nil
	})
	s := newServer(t, testConfig(t), slow)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Listen(ln) }()
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + ln.Addr().String() + "/slow")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		answer <- string(body)
	}()
	<-started
	stopped := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- s.Shutdown(ctx)
	}()
	select {
	case err := <-stopped:
		t.Fatalf("stopped with a request under way: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(finish)
	if got := <-answer; got != "whole" {
		t.Errorf("the request under way got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("shut down: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("listen: %v", err)
	}
	if s.context.Err() == nil {
		t.Error("the context of requests outlives the server")
	}
}

// T25: who sends a byte now and then holds no connection for longer than the time to read a request.
func TestSlowSendersAreCutOff(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as the time to read a request")
	}
	t.Parallel()
	address := listen(t, newServer(t, testConfig(t)))
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	start := time.Now()
	if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\n"); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(500 * time.Millisecond):
				_, _ = io.WriteString(c, "X-A: b\r\n")
			}
		}
	}()
	_ = c.SetReadDeadline(start.Add(readTimeout + 3*time.Second))
	answer, _ := io.ReadAll(c)
	if took := time.Since(start); took < readTimeout-time.Second || took > readTimeout+2*time.Second {
		t.Errorf("cut off after %v, want about %v", took, readTimeout)
	}
	if !bytes.Contains(answer, []byte("HTTP/1.1 408")) || !bytes.Contains(answer, []byte("Content-Security-Policy")) {
		t.Errorf("the slow sender is told %.80q", answer)
	}
}

// One connection too many gets our headers and a sentence, and a place is free again as soon as another leaves.
func TestOneConnectionTooMany(t *testing.T) {
	s := newServer(t, testConfig(t))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	few := &bounded{Listener: ln, most: 1, busy: busy(s.headers)}
	served := make(chan error, 1)
	go func() { served <- s.app.Listener(few) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
		<-served
	})
	first, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return few.open.Load() == 1 })
	second, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = second.SetReadDeadline(time.Now().Add(2 * time.Second))
	told, err := io.ReadAll(second)
	if err != nil || !bytes.HasPrefix(told, []byte("HTTP/1.1 503 ")) || !bytes.Contains(told, []byte("999")) {
		t.Fatalf("the second is told %q, %v", told, err)
	}
	missing(t, "busy", string(told), false)
	_ = first.Close()
	eventually(t, func() bool { return few.open.Load() == 0 })
	if got := speak(t, ln.Addr().String(), "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200") {
		t.Errorf("the place is not free again: %.40q", got)
	}
}

func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for range 200 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it did not come about within two seconds")
}
