// Package stafftest is the ground that tests of signed-in pages stand on: the rooms below in memory, the pages on a port of
// the loopback, and invented members who come with a browser and a key. It knows the ways in and nothing of what a journey
// shows after them. It refuses to be linked into the product, and to go on with a test once one of its own steps failed.
package stafftest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/staff"
)

// URL is where every ground says that it is.
const URL = "http://localhost:8080"

// Config is what one journey's tests want otherwise than another's.
type Config struct {
	Words    *locales.Catalogue
	Kinds    []records.Kind   // what rests beside the people
	Provider *people.Provider // nil: there is no way in but by a key
}

// Ground is the service in memory, which a test gives its own journeys. Everybody on it is invented.
type Ground struct {
	T       testing.TB
	Store   *Store
	Clock   *Clock
	Log     *Log
	Keys    *vault.Keyring
	Forms   *vault.Forms
	Safe    *records.Safe
	People  *people.Register
	Gate    *staff.Journey // to be mounted by whoever wants it
	Server  *web.Server
	Address string                              // of the loopback, once it serves
	Denied  atomic.Int64                        // the gate's refusals that are in the trail
	Watch   func(method, path string, a Answer) // nil, or told of every answer
	Wire    http.Transport                      // to the pages, for requests that may fail
}

// New is a ground on a Wednesday morning in November. Nothing is served yet.
func New(t testing.TB, c Config) *Ground {
	t.Helper()
	g := &Ground{T: t, Clock: &Clock{t: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}, Store: &Store{Model: conform.NewModel(conform.Notary(t))}, Log: &Log{}}
	root, err := vault.NewRootKey(bytes.Repeat([]byte{7}, 32))
	Must(t, err)
	g.Keys, err = vault.CreateKeyring(vault.Ground{Path: filepath.Join(t.TempDir(), vault.RingName), Root: root, Random: rand.Reader, Now: g.Clock.Now})
	Must(t, err)
	Must(t, g.Keys.Prepare(g.Clock.Now().AddDate(0, 15, 0)))
	g.Safe, err = records.Open(t.Context(), records.Config{
		Store: g.Store, Marks: g.Store, Keys: g.Keys, Now: g.Clock.Now, Random: rand.Reader, Kinds: append(people.Kinds(), c.Kinds...),
	})
	Must(t, err)
	g.Forms, err = g.Keys.Forms()
	Must(t, err)
	g.People, err = people.New(people.Config{
		Safe: g.Safe, Keys: g.Keys, Forms: g.Forms, Now: g.Clock.Now, Random: rand.Reader, PublicURL: URL, Name: "Waypost", Provider: c.Provider,
	})
	Must(t, err)
	g.Gate = &staff.Journey{Register: g.People, Forms: g.Forms, Trail: notebook{g}, Words: c.Words, PublicURL: URL, Now: g.Clock.Now}
	return g
}

// Serve mounts the journeys and serves them until the test ends.
func (g *Ground) Serve(journeys ...web.Journey) {
	g.T.Helper()
	var err error
	g.Server, err = web.New(web.Config{
		PublicURL: URL, Words: g.Gate.Words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(web.NewLogHandler(slog.NewTextHandler(g.Log, nil))),
	}, journeys...)
	Must(g.T, err)
	ln, err := (&net.ListenConfig{}).Listen(g.T.Context(), "tcp", "127.0.0.1:0")
	Must(g.T, err)
	g.Address = "http://" + ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- g.Server.Listen(ln) }()
	g.T.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		g.Wire.CloseIdleConnections()
		if err := errors.Join(g.Server.Shutdown(ctx), <-done); err != nil {
			g.T.Errorf("shut down: %v", err)
		}
	})
	req, err := http.NewRequestWithContext(g.T.Context(), "GET", g.Address+"/healthz", nil)
	Must(g.T, err)
	g.Send(req) // it serves; a server that is shut down before that never ends
}

// Answer is what came back, whole.
type Answer struct {
	Status int
	Body   string
	Header http.Header
}

// Send sends a request as it is, and follows no redirect.
func (g *Ground) Send(req *http.Request) Answer {
	g.T.Helper()
	res, err := g.Wire.RoundTrip(req)
	Must(g.T, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	Must(g.T, err)
	a := Answer{res.StatusCode, string(text), res.Header}
	if g.Watch != nil {
		g.Watch(req.Method, req.URL.RequestURI(), a)
	}
	return a
}

// Heard counts the entries of one action, or of all where it is empty, and one outcome in every organisation's trail.
func (g *Ground) Heard(action string, o trail.Outcome) (n int) {
	g.T.Helper()
	Must(g.T, g.Store.Export(context.Background(), func(item any) error {
		leaf, ok := item.(store.ExportLeaf)
		if !ok {
			return nil
		}
		_, e, err := trail.ParseLeaf(leaf.Leaf)
		if err == nil && (action == "" || e.Action == action) && e.Outcome == o {
			n++
		}
		return err
	}))
	return n
}

// notebook passes on what the gate notes, and counts the refusals.
type notebook struct{ g *Ground }

func (n notebook) Note(ctx context.Context, act records.Act, o trail.Outcome, kind, id string) error {
	err := n.g.Safe.Note(ctx, act, o, kind, id)
	if err == nil && o == trail.Denied {
		n.g.Denied.Add(1)
	}
	return err
}

// Must ends the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
