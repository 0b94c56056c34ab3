package e2e

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// What all tests share: one browser, and the folder of the binary under test, which is built when the first test asks.
var (
	browser *Browser
	workdir string
	product = sync.OnceValues(func() (string, error) { return Build(workdir) })
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "e2e-") // no word of ours: the laboratory looks for one in everything that a browser writes
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	workdir = dir
	// Chromium is killed at the end and leaves its sockets and profile where temporary files go: let that be in there.
	if err := os.Setenv("TMPDIR", dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if browser, err = Launch(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer browser.Close()
	return m.Run()
}

// clean fails the test for every fault of a check.
func clean(t *testing.T, check string, faults []string) {
	t.Helper()
	for _, f := range faults {
		t.Errorf("%s: %s", check, f)
	}
}

// red fails the test unless one of the faults contains the words: the check has been seen to fail.
func red(t *testing.T, check string, faults []string, words string) {
	t.Helper()
	for _, f := range faults {
		if strings.Contains(f, words) {
			return
		}
	}
	t.Errorf("%s did not see %q: %q", check, words, faults)
}

// refused runs a step that must end its test, and returns what it said; "" if it was content.
func refused(t *testing.T, step func(tb testing.TB)) string {
	t.Helper()
	v := &verdict{TB: t}
	done := make(chan struct{})
	go func() { defer close(done); step(v) }()
	<-done
	return v.said
}

// verdict is a test that notes its end instead of failing.
type verdict struct {
	testing.TB
	said string
}

func (v *verdict) Fatalf(format string, args ...any) {
	v.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// with lets a page report to another test.
func (p *Page) with(tb testing.TB) *Page { p.tb = tb; return p }
