package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"waypost/screening"
	"waypost/web"
)

// demo serves a whole Waypost over a county that is made up: its people, services and cases. It takes no address but one of
// this machine, uses no data and no key of an installation, and removes what it wrote when it ends. What it shows went
// through the same doors as everything else (docs/decisions/0018-demo.md).
func demo(ctx context.Context, w world) (err error) {
	if len(w.args) != 0 {
		return fmt.Errorf("arguments %w: demo takes none", errUsage)
	}
	temporary := w.env("TMPDIR") // empty: where this machine keeps such things
	w.env = demoEnvironment(w.env)
	c, err := readConfig(w.env)
	if err != nil {
		return err
	}
	if !isLoopback(c.addr) {
		return fmt.Errorf("WAYPOST_ADDR %w: a demonstration is served on this machine alone, such as 127.0.0.1:8080", errUsage)
	}
	p, err := load(screening.Content(), c.languages...)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close()
	c.addr = listener.Addr().String()
	c.publicURL = c.signInURL()
	dir, err := os.MkdirTemp(temporary, "waypost-demo-")
	if err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	said := w.out
	stage := &stageClock{real: w.now}
	w.now, w.out = stage.now, io.Discard // the heads of the logs go nowhere: nothing here is to be held against them
	r, pages, err := p.perform(ctx, w, c, places{data: filepath.Join(dir, "data"), keys: filepath.Join(dir, "keys")}, stage)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(said, "Nothing here is real. The demonstration is at %s%s\n", c.publicURL, demoPath); err != nil {
		return errors.Join(err, r.close())
	}
	log := slog.New(web.NewLogHandler(slog.NewTextHandler(w.errout, nil)))
	return p.answer(ctx, w, c, r, listener, log, pages)
}

// perform opens what rests in empty directories and plays the county's last weeks.
func (p *product) perform(ctx context.Context, w world, c config, at places, stage *stageClock) (*resting, *demoPages, error) {
	stage.set(stage.real().Add(-demoSpan))
	if err := writeDemoPostcodes(at.data); err != nil {
		return nil, nil, err
	}
	r, err := openResting(ctx, w, c, at)
	if err != nil {
		return nil, nil, err
	}
	r.note = "" // where the root key lies is of no concern here
	pages, err := p.play(ctx, r, c, stage)
	if err != nil {
		return nil, nil, errors.Join(err, r.close())
	}
	return r, pages, nil
}

// demoEnvironment is the environment without what belongs to a real installation: its directories, keys, store, mailbox,
// provider and public address.
func demoEnvironment(env func(string) string) func(string) string {
	return func(name string) string {
		switch name {
		case "WAYPOST_ADDR", "WAYPOST_LANGUAGES", "WAYPOST_EXIT_URL":
			return env(name)
		case "WAYPOST_NATION":
			return "england"
		case "WAYPOST_AREAS":
			return "E06999901,E54999901,E23999901"
		}
		return ""
	}
}

// isLoopback says whether an address is of this machine alone. A name is, if it is localhost.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// stageClock stands where the story puts it until the story is told, and then runs with the machine's.
type stageClock struct {
	real func() time.Time
	mu   sync.Mutex
	at   time.Time
}

func (c *stageClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return c.real()
	}
	return c.at
}

// set moves it; to the zero time: off the stage.
func (c *stageClock) set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.at = t }
