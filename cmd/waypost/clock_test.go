package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
)

// A machine whose clock was a day ahead once is not lost: whoever looks at it confirms the time, and the log says so.
func TestAClockThatHadRunAheadIsConfirmed(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.must(names, "invite", "found", "practice")
	p, c := mustPlaces(m), config{addr: "127.0.0.1:1"}
	r, err := openResting(t.Context(), world{env: m.get, now: func() time.Time { return time.Now().AddDate(0, 0, 1) }}, c, p)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.register.Found(t.Context(), "practice", "Canary", "Canary"); err != nil {
		t.Fatal(err)
	}
	if _, errout, code := m.do("yes\n", "clock", "confirm"); code != exitFailed || !strings.Contains(errout, "another process") {
		t.Errorf("while another process has it: exit %d, %s", code, errout)
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	behind := func() bool {
		r, err := openResting(t.Context(), world{env: m.get, now: time.Now}, c, p)
		if err == nil {
			err = r.close()
		}
		if err != nil && !errors.Is(err, trail.ErrClock) {
			t.Fatal(err)
		}
		return err != nil
	}
	for _, unsaid := range []string{"", "\n", "no\n", "YES\n"} {
		if _, _, code := m.do(unsaid, "clock", "confirm"); code != exitUsage || !behind() {
			t.Errorf("%q confirms the time: exit %d", unsaid, code)
		}
	}
	if _, _, code := m.do("yes\n", "clock"); code != exitUsage {
		t.Errorf("clock alone: exit %d", code)
	}
	_, errout, code := m.do("yes\n", "clock", "confirm")
	if code != 0 || !strings.Contains(errout, time.Now().UTC().Format("2006-01-02")) || behind() {
		t.Fatalf("confirmed: exit %d, %s", code, errout)
	}
	if said := m.must("", "audit", "verify"); !strings.Contains(said, "entries") {
		t.Errorf("the logs: %s", said)
	}
}
