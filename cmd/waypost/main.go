// Command waypost is how Waypost is put together: it reads the configuration once, joins the rooms, and offers the
// commands that waypost help lists.
//
// It refuses to start with a fault in its content or its configuration, and prints no value of either.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// Exit codes: 1 says that something failed, 2 that what was given cannot be used.
const (
	exitFailed = 1
	exitUsage  = 2
)

// errUsage marks a mistake in what was given: arguments, answers, configuration.
var errUsage = errors.New("cannot be used")

// world is what a command touches outside itself.
type world struct {
	name   string // of the command
	dir    string // where it was called, if not where this process stands
	args   []string
	env    func(string) string
	in     io.Reader
	out    io.Writer
	errout io.Writer
	now    func() time.Time
	// through carries questions to other houses; nil is the guarded way of package peer, and the product has no other.
	through http.RoundTripper
}

// path is a file as the person at the keyboard named it: a command may run in a process that stands elsewhere.
func (w world) path(name string) string {
	if w.dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(w.dir, name)
}

type command struct {
	name, about string
	run         func(context.Context, world) error
}

func commands() []command {
	return []command{
		{"serve", "serve the pages (default)", serve},
		{"demo", "serve a county in which nothing is real, on this machine alone, and leave nothing behind", demo},
		{"assess", "read answers, print the plan: assess [--json] [--nation N] [--lang L] [--mode M] [FILE]", assess},
		{"check", "check the content: bank, steps, words, services, reviews", check},
		{"import", "read a published list: import postcodes FILE... | import services FILE..., each says what else", importList},
		{"invite", "make a link by which one person, once, takes a place: invite found KIND | invite again ORGANISATION [MEMBER]", outside("invite")},
		{"pickup", "say which receiving service picks up what is for a service of the directory: pickup list|give|take ORGANISATION [SERVICE]", outside("pickup")},
		{"audit", "check that nothing was edited, removed or put back: audit verify [CHECKPOINTS]...", outside("audit")},
		{"keys", "what opens what rests: keys status | keys export FILE | keys restore FILE | keys rotate-month, rewrap, retire-month MONTH | keys rotate-root FILE", keys},
		{"erase", "destroy all that an organisation holds, asked twice: erase organisation ID", outside("erase")},
		{"backup", "write a verified copy of the database while it is used: backup FILE", outside("backup")},
		{"restore", "put a backup in the place of no database: restore FILE", restore},
		{"store", "carry everything between stores, sealed: store copy FROM TO | store doctor", storeCommand},
		{"clock", "say that the clock, which had run ahead, is right now: clock confirm", clock},
		{"doctor", "look whether the store keeps what it promises", outside("doctor")},
		{"book", "write the clinical book: book [--check] [FILE]", book},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, world{args: os.Args[1:], env: os.Getenv, in: os.Stdin, out: os.Stdout, errout: os.Stderr, now: time.Now})
	stop()
	os.Exit(code)
}

func run(ctx context.Context, w world) int {
	name := "serve"
	if len(w.args) > 0 {
		name, w.args = w.args[0], w.args[1:]
	}
	w.name = name
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		err := c.run(ctx, w)
		switch {
		case err == nil:
			return 0
		case errors.Is(err, errUsage):
			fmt.Fprintf(w.errout, "waypost %s: %v\n", name, err)
			return exitUsage
		default:
			fmt.Fprintf(w.errout, "waypost %s: %v\n", name, err)
			return exitFailed
		}
	}
	fmt.Fprintln(w.errout, "usage: waypost [command]")
	for _, c := range commands() {
		fmt.Fprintf(w.errout, "  %-8s %s\n", c.name, c.about)
	}
	if name == "help" || name == "--help" || name == "-h" {
		return 0
	}
	return exitUsage
}
