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
	Input string
}

// onResting runs a command on what rests: in the process that serves, if there is one, else in this one.
func onResting(ctx context.Context, w world, act func(context.Context, *resting, world) error) error {
	c, err := readConfig(w.env)
	if err != nil {
		return err
	}
	p, err := readPlaces(w.env)
	if err != nil {
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
	return errors.Join(act(ctx, r, w), r.close())
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
	if err != nil {
		return true, err
	}
	text, err := json.Marshal(errand{Args: append([]string{w.name}, w.args...), Input: string(input)})
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
			if n, err := strconv.Atoi(string(bytes.TrimSpace(code))); err != nil || n != 0 {
				return true, errTold
			}
			return true, nil
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
			inner := w
			inner.name, inner.args, inner.in, inner.out, inner.errout = e.Args[0], e.Args[1:], bytes.NewReader([]byte(e.Input)), conn, conn
			fmt.Fprintf(conn, "\x00%d\n", r.run(ctx, inner))
		})
	}
}

// run runs one of the commands that work on what rests.
func (r *resting) run(ctx context.Context, w world) int {
	for _, c := range inner() {
		if c.name == w.name {
			if err := c.act(ctx, r, w); err != nil {
				fmt.Fprintf(w.errout, "waypost %s: %v\n", w.name, err)
				return exitFailed
			}
			return 0
		}
	}
	fmt.Fprintf(w.errout, "waypost %s: this command is not for a serving process\n", w.name)
	return exitUsage
}
