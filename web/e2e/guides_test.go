package e2e

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// guideBlock is one block of commands of a guide. Its word says at which Waypost it is run: a plain one, one with the list of
// hooks clients that commands before it have made, or the demonstration.
type guideBlock struct{ at, commands string }

var fencedCommands = regexp.MustCompile("(?ms)^```sh ?([a-z]*)\n(.*?)^```$")

func guideBlocks(text string) (out []guideBlock) {
	for _, m := range fencedCommands.FindAllStringSubmatch(text, -1) {
		out = append(out, guideBlock{m[1], m[2]})
	}
	return out
}

// Whoever connects a system copies the commands of the guides. They are run here as they stand, in the order of the guides, in
// one folder, but for the port.
func TestTheCommandsOfTheGuidesWork(t *testing.T) {
	t.Parallel()
	binary, err := product()
	must(t, err)
	dir := t.TempDir()
	places := map[string]func() string{
		"": func() string { return Start(t, binary).URL },
		"hooks": func() string {
			return Start(t, binary, "WAYPOST_CDS_CLIENTS_FILE="+filepath.Join(dir, "clients.json")).URL
		},
		"demo": func() string { return StartDemo(t, binary).URL },
	}
	running := map[string]string{}
	for _, guide := range []struct {
		name   string
		blocks int
		expect []string
	}{
		{"form-renderers.md", 1, []string{"setting.alone", `"code": "informational"`}},
		{"councils.md", 1, []string{"HSDS-UK-3.0", `"phones"`}},
		{"gp-systems.md", 5, []string{"QuestionnaireResponse", "\nexample-aid\t", "not-started  ", `"hook": "patient-view"`, "Safeguarding tool available", "/consult", "{}", "active", `"status": "draft"`}},
		{"receiving-services.md", 2, []string{"it opens once", "requested", "404\naccepted\ncontacting-subject-prohibited\nunsafe.contact", "in-progress\ncompleted"}},
	} {
		text, err := os.ReadFile(filepath.Join("../../docs/integrate", guide.name))
		must(t, err)
		blocks := guideBlocks(string(text))
		if len(blocks) != guide.blocks {
			t.Errorf("%s has %d blocks, want %d", guide.name, len(blocks), guide.blocks)
		}
		shell := newTerminal(t, dir)
		for _, b := range blocks {
			if running[b.at] == "" {
				running[b.at] = strings.TrimPrefix(places[b.at](), "http://127.0.0.1:")
			}
			shell.run(strings.ReplaceAll(b.commands, ":8080", ":"+running[b.at]))
		}
		said := shell.end()
		for _, want := range guide.expect {
			if !strings.Contains(said, want) {
				t.Errorf("%s: the commands never say %q:\n%.4000s", guide.name, want, said)
			}
		}
	}
}

// terminal is a shell that somebody types into, a block at a time. It ends at the first command that fails.
type terminal struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *output
	ended chan error
	typed int
}

func newTerminal(t *testing.T, dir string) *terminal {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	s := &terminal{t: t, cmd: exec.CommandContext(ctx, "bash", "-eu"), out: &output{}, ended: make(chan error, 1)}
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = dir, s.out, s.out
	var err error
	s.in, err = s.cmd.StdinPipe()
	must(t, err)
	must(t, s.cmd.Start())
	go func() { s.ended <- s.cmd.Wait() }()
	return s
}

// run types a block and waits until it is done.
func (s *terminal) run(commands string) {
	s.t.Helper()
	s.typed++
	mark := fmt.Sprintf("block %d is done", s.typed)
	if _, err := io.WriteString(s.in, commands+"\necho '"+mark+"'\n"); err != nil {
		s.t.Fatalf("type: %v\n%s", err, s.out)
	}
	for !strings.Contains(s.out.String(), mark) {
		select {
		case err := <-s.ended:
			s.t.Fatalf("the commands fail: %v\n%s", err, s.out)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// end gives back what was said.
func (s *terminal) end() string {
	s.t.Helper()
	must(s.t, s.in.Close())
	if err := <-s.ended; err != nil {
		s.t.Errorf("the commands fail: %v", err)
	}
	return s.out.String()
}
