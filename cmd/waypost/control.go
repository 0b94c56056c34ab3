package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The store belongs to one process at a time. A command that needs it while Waypost serves asks the serving process to
// run it, through a socket in the data directory that only the same user can open.
const (
	controlName  = "control"
	controlLimit = 64 << 10
	controlWait  = 10 * time.Second
)

// errand is what one command asks of the serving process.
type errand struct {
	Args  []string
	Input string // what was asked of the person at the keyboard
	Dir   string // where the command was called
}

// onResting runs a command on what rests: in the process that serves, if there is one, else in this one. What it asks of
// the person at the keyboard is asked here, and nothing else is read from there.
func onResting(ctx context.Context, w world, command inside) error {
	c, err := readConfig(w.env)
	if err != nil {
		return err
	}
	p, err := readPlaces(w.env)
	if err != nil {
		return err
	}
	if w.in, err = w.answers(command.asks(w.args)); err != nil {
		return err
	}
	done, err := ask(ctx, filepath.Join(p.data, controlName), w)
	if done || err != nil {
		return err
	}
	r, err := openResting(ctx, w, c, p)
	if err != nil {
		return err
	}
	if r.note != "" {
		fmt.Fprintln(w.errout, r.note)
	}
	return errors.Join(command.act(ctx, r, w), r.close())
}

// answers asks the person at the keyboard for a line each.
func (w world) answers(questions []string) (io.Reader, error) {
	var given strings.Builder
	in := bufio.NewScanner(w.in)
	for _, q := range questions {
		fmt.Fprintln(w.errout, q)
		if !in.Scan() {
			return nil, errors.Join(fmt.Errorf("input %w: %d lines are needed", errUsage, len(questions)), in.Err())
		}
		given.WriteString(in.Text() + "\n")
	}
	return strings.NewReader(given.String()), nil
}

// ask hands a command to the serving process. It reports false where nobody serves.
func ask(ctx context.Context, path string, w world) (done bool, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return false, nil //nolint:nilerr // nobody serves: the command runs here
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	input, err := io.ReadAll(io.LimitReader(w.in, controlLimit))
	dir, err2 := os.Getwd()
	if err := errors.Join(err, err2); err != nil {
		return true, err
	}
	text, err := json.Marshal(errand{Args: append([]string{w.name}, w.args...), Input: string(input), Dir: dir})
	if err != nil {
		return true, err
	}
	if _, err := conn.Write(append(text, '\n')); err != nil {
		return true, fmt.Errorf("ask the serving process: %w", err)
	}
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadBytes('\n')
		if code, ends := bytes.CutPrefix(line, []byte{0}); ends {
			switch string(bytes.TrimSpace(code)) {
			case "0":
				return true, nil
			case strconv.Itoa(exitUsage):
				return true, fmt.Errorf("arguments %w: %w", errUsage, errTold)
			}
			return true, errTold
		}
		if _, err2 := w.out.Write(line); err2 != nil {
			return true, err2
		}
		if err != nil {
			return true, fmt.Errorf("the serving process went away: %w", err)
		}
	}
}

// errTold says that the serving process has said already what went wrong.
var errTold = errors.New("see above")

// control answers such commands until the context ends.
type control struct {
	listener net.Listener
	all      sync.WaitGroup
}

func openControl(ctx context.Context, dir string) (*control, error) {
	path := filepath.Join(dir, controlName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a process that was killed; the lock is ours
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	return &control{listener: l}, errors.Join(os.Chmod(path, 0o600))
}

func (c *control) close() error {
	err := c.listener.Close()
	c.all.Wait()
	return err
}

// serve takes one errand a connection.
func (c *control) serve(ctx context.Context, r *resting, w world) {
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return
		}
		c.all.Go(func() {
			defer conn.Close()
			_ = conn.SetReadDeadline(time.Now().Add(controlWait))
			line, err := bufio.NewReader(io.LimitReader(conn, 2*controlLimit)).ReadBytes('\n')
			var e errand
			if err != nil || json.Unmarshal(line, &e) != nil || len(e.Args) == 0 {
				return
			}
			theirs := w
			theirs.name, theirs.args, theirs.dir = e.Args[0], e.Args[1:], e.Dir
			theirs.in, theirs.out, theirs.errout = strings.NewReader(e.Input), conn, conn
			fmt.Fprintf(conn, "\x00%d\n", r.run(ctx, theirs))
		})
	}
}

// run runs one of the commands that work on what rests.
func (r *resting) run(ctx context.Context, w world) int {
	for _, c := range inner() {
		if c.name == w.name {
			err := c.act(ctx, r, w)
			if err == nil {
				return 0
			}
			fmt.Fprintf(w.errout, "waypost %s: %v\n", w.name, err)
			if errors.Is(err, errUsage) {
				return exitUsage
			}
			return exitFailed
		}
	}
	fmt.Fprintf(w.errout, "waypost %s: this command is not for a serving process\n", w.name)
	return exitUsage
}
