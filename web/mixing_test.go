package web

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// A1: two thousand notes of the same length over sixteen connections that stay open. What a handler keeps of one must not
// turn into another's. The same crowd is sent against Fiber as it comes out of the box, where it must go wrong, or this
// test would prove nothing; the race detector sees neither.
const (
	notes       = 2000
	connections = 16
)

// kept is what a careless or a careful handler holds on to.
type kept struct {
	mu    sync.Mutex
	notes map[string]string
}

func (k *kept) keep(ref, note string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.notes[ref] = note
}

func marker(i int) string { return fmt.Sprintf("note-%08d-of-somebody", i) }

// post sends every note and lets the answers come in before anybody looks.
func post(t *testing.T, address string) {
	t.Helper()
	var crowd sync.WaitGroup
	for c := range connections {
		crowd.Go(func() {
			client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
			defer client.CloseIdleConnections()
			for i := c; i < notes; i += connections {
				form := url.Values{"ref": {fmt.Sprintf("r%08d", i)}, "note": {marker(i)}}
				resp, err := client.Post("http://"+address+"/keep", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
					t.Errorf("note %d: %d %v", i, resp.StatusCode, err)
				}
				resp.Body.Close()
			}
		})
	}
	crowd.Wait()
}

// mixed counts the notes that are not where they were put.
func (k *kept) mixed() int {
	wrong := 0
	for i := range notes {
		if k.notes[fmt.Sprintf("r%08d", i)] != marker(i) {
			wrong++
		}
	}
	return wrong
}

func TestOnePersonsWordsNeverTurnIntoAnothers(t *testing.T) {
	here := &kept{notes: map[string]string{}}
	fields := func(name string) Kind {
		switch name {
		case "ref":
			return One
		case "note":
			return Line
		}
		return Refused
	}
	s := newServer(t, testConfig(t), JourneyFunc(func(*Kit) ([]Route, error) {
		return []Route{{Method: "POST", Path: "/keep", Policy: Open(), Handler: func(r *Request) (Page, error) {
			f, _, err := r.Form(fields)
			if err != nil {
				return Page{}, err
			}
			ref, _ := f.One("ref")
			note, _ := f.One("note")
			here.keep(ref, note)
			return Data(200, "text/plain", []byte(ref)), nil
		}}}, nil
	}))
	post(t, listen(t, s))
	if n := here.mixed(); n != 0 || len(here.notes) != notes {
		t.Fatalf("%d of %d notes hold another's words, %d references", n, notes, len(here.notes))
	}
}

func TestTheMixingTestCanFail(t *testing.T) {
	for _, immutable := range []bool{false, true} {
		there := &kept{notes: map[string]string{}}
		app := fiber.New(fiber.Config{Immutable: immutable, DisableStartupMessage: true})
		app.Post("/keep", func(c *fiber.Ctx) error {
			there.keep(strings.Clone(c.FormValue("ref")), c.FormValue("note"))
			return c.SendStatus(fiber.StatusOK)
		})
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- app.Listener(ln) }()
		post(t, ln.Addr().String())
		n := there.mixed()
		t.Logf("Fiber with Immutable %v: %d of %d notes hold another's words", immutable, n, notes)
		if immutable != (n == 0) {
			t.Errorf("Immutable %v: %d notes mixed", immutable, n)
		}
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		<-done
	}
}

// A4: what outlives its handler still holds what it was given.
func TestAGoroutineMayOutliveItsHandler(t *testing.T) {
	later := make(chan func() (string, string), notes)
	s := newServer(t, testConfig(t), JourneyFunc(func(*Kit) ([]Route, error) {
		return []Route{{Method: "POST", Path: "/keep", Policy: Open(), Handler: func(r *Request) (Page, error) {
			later <- func() (string, string) {
				f, _, err := r.Form(func(string) Kind { return Line })
				if err != nil {
					return "", err.Error()
				}
				ref, _ := f.One("ref")
				note, _ := f.One("note")
				return ref, note
			}
			return Page{Status: 200}, nil
		}}}, nil
	}))
	post(t, listen(t, s))
	close(later)
	here := &kept{notes: map[string]string{}}
	for read := range later {
		here.keep(read())
	}
	if n := here.mixed(); n != 0 {
		t.Fatalf("%d of %d requests read later hold another's words", n, notes)
	}
}
