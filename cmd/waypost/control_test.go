package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// silent is a keyboard at which nobody sits: who waits for it waits for ever.
type silent struct{ t *testing.T }

func (s silent) Read([]byte) (int, error) {
	s.t.Error("a command that asks for nothing waits for the keyboard")
	return 0, io.EOF
}

// What was named on the command line lies where the person at the keyboard stands, not where the process that serves does.
func TestAnErrandKnowsWhereItWasCalled(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	_, _, stop := m.serve()
	elsewhere := t.TempDir()
	for _, args := range [][]string{{"backup", "copy"}, {"keys", "export", "escrow"}} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", filepath.Join(m.env["WAYPOST_DATA_DIR"], controlName))
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(errand{Args: args, Dir: elsewhere})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write(append(text, '\n'))
		said, err := io.ReadAll(conn)
		if err != nil || !bytes.HasSuffix(said, []byte("\x000\n")) {
			t.Errorf("%v: %q %v", args, said, err)
		}
		if _, err := os.Stat(filepath.Join(elsewhere, args[len(args)-1])); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
	var out, errout bytes.Buffer
	for _, args := range [][]string{{"doctor"}, {"keys", "status"}, {"audit", "verify"}} {
		if code := run(t.Context(), world{args: args, env: m.get, in: silent{t}, out: &out, errout: &errout, now: time.Now}); code != 0 {
			t.Errorf("%v: %d %s", args, code, errout.String())
		}
	}
	for _, bad := range [][]string{{"backup"}, {"audit"}, {"keys", "what"}, {"import", "services"}} {
		if _, _, code := m.do("", bad...); code != exitUsage {
			t.Errorf("%v through the serving process: exit %d", bad, code)
		}
	}
	if _, errout, code := m.do("only one line\n", "invite", "found", "practice"); code != exitUsage || !strings.Contains(errout, "its first lead") {
		t.Errorf("half an answer: %d %s", code, errout)
	}
	if code := stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

// The command that asks says where it stands.
func TestAskingSaysWhereItStands(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan errand, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		line, _ := bufio.NewReader(conn).ReadBytes('\n')
		var e errand
		_ = json.Unmarshal(line, &e)
		got <- e
		_, _ = fmt.Fprint(conn, "done\n\x002\n")
		_ = conn.Close()
	}()
	var out bytes.Buffer
	done, err := ask(t.Context(), path, world{name: "backup", args: []string{"copy"}, in: strings.NewReader("a\n"), out: &out})
	here, _ := os.Getwd()
	if e := <-got; !done || e.Dir != here || len(e.Args) != 2 || e.Input != "a\n" || out.String() != "done\n" {
		t.Errorf("%t %+v %q", done, e, out.String())
	}
	if err == nil || !strings.Contains(err.Error(), errUsage.Error()) {
		t.Errorf("a mistake in what was given comes back as %v", err)
	}
}

// A path that no socket may have costs the commands, and nobody who asks for help.
func TestALongPathDoesNotStopTheService(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.env["WAYPOST_DATA_DIR"] = filepath.Join(m.dir, strings.Repeat("d", 60), strings.Repeat("d", 60))
	address, said, stop := m.serve()
	if got := status(t, address+"/consult"); got != 200 {
		t.Errorf("%d", got)
	}
	if got := status(t, address+"/sign-in"); got != 200 || !strings.Contains(said.String(), "commands cannot be taken") {
		t.Errorf("%d %s", got, said)
	}
	if code := stop(); code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
}

// A signing key that was lost is replaced, and what the lost one signed can still be checked and built on.
func TestALostTrailKeyLeavesItsPublicHalf(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.must(names, "invite", "found", "practice")
	before, err := os.ReadFile(filepath.Join(m.env["WAYPOST_KEY_DIR"], trailPublic))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(m.env["WAYPOST_KEY_DIR"], trailKey)); err != nil {
		t.Fatal(err)
	}
	m.must(names, "invite", "found", "practice") // signs with a new key over heads of the old one
	after, err := os.ReadFile(filepath.Join(m.env["WAYPOST_KEY_DIR"], trailPublic))
	if err != nil || !bytes.HasSuffix(after, before) || len(lines(string(after))) != 2 {
		t.Errorf("%q then %q: %v", before, after, err)
	}
	m.must("", "audit", "verify")
}
