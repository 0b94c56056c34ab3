package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Build makes the real binary in a folder and returns its path.
func Build(dir string) (string, error) {
	path := filepath.Join(dir, "waypost")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/waypost")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build waypost: %w\n%s", err, out)
	}
	return path, nil
}

// Server is the real binary serving on a free port of this machine, with data and keys in folders of its own.
type Server struct {
	URL    string
	output *output
}

// Start runs `waypost serve` and waits for its first answer. Settings are given as WAYPOST_NAME=value; none is inherited.
func Start(tb testing.TB, binary string, settings ...string) *Server {
	tb.Helper()
	return start(tb, binary, "serve", settings...)
}

// StartDemo runs `waypost demo`, in which nothing is real.
func StartDemo(tb testing.TB, binary string) *Server {
	tb.Helper()
	return start(tb, binary, "demo")
}

func start(tb testing.TB, binary, command string, settings ...string) *Server {
	tb.Helper()
	addr, home := freeAddress(tb), tb.TempDir()
	cmd := exec.Command(binary, command)
	cmd.Env = append(environment("HOME="+home, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=", "WAYPOST_ADDR="+addr,
		"WAYPOST_DATA_DIR="+filepath.Join(home, "data"), "WAYPOST_KEY_DIR="+filepath.Join(home, "keys")), settings...)
	out := &output{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = home, out, out
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start waypost: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tb.Cleanup(func() { stop(tb, cmd, ended, out) })
	s := &Server{URL: "http://" + addr, output: out}
	s.await(tb, ended)
	return s
}

// environment is that of this machine, with these settings and no other of Waypost.
func environment(settings ...string) []string {
	inherited := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "WAYPOST_") })
	return append(inherited, settings...)
}

// Output is everything the server has written so far, for tests that nothing a person said is in it.
func (s *Server) Output() string { return s.output.String() }

func (s *Server) await(tb testing.TB, ended chan error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/", nil)
		if err != nil {
			tb.Fatal(err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			tb.Fatalf("waypost ended before it answered: %v\n%s", err, s.output)
		case <-ctx.Done():
			tb.Fatalf("waypost has not answered in a minute\n%s", s.output)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop asks the server to end, as an operator would, and says so if it does not.
func stop(tb testing.TB, cmd *exec.Cmd, ended chan error, out *output) {
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		tb.Errorf("stop waypost: %v", err)
	}
	select {
	case err := <-ended:
		if err != nil {
			tb.Errorf("waypost ended badly: %v\n%s", err, out)
		}
	case <-time.After(12 * time.Second):
		_ = cmd.Process.Kill()
		tb.Errorf("waypost did not end within 12 s of SIGTERM\n%s", out)
	}
}

func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
