package main

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

// An organisation is erased through the process that serves, asked twice: what it held opens no more, its log stays, and no
// other organisation is touched.
func TestAnOrganisationIsErasedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	found := func() string {
		return regexp.MustCompile(`organisation (\S+)`).FindStringSubmatch(m.must(names, "invite", "found", "practice"))[1]
	}
	id, other := found(), found()
	_, said, stop := m.serve()
	for _, answers := range []string{"", id + "\n", other + "\nerase\n", id + "\nyes\n"} {
		if out, errout, code := m.do(answers, "erase", "organisation", id); code != exitUsage {
			t.Errorf("%q: exit %d %s%s", answers, code, out, errout)
		}
	}
	for _, none := range []string{"waypost", "waypost.people", "no-such", "a b"} {
		if _, errout, code := m.do(none+"\nerase\n", "erase", "organisation", none); code != exitUsage {
			t.Errorf("%s: exit %d %s", none, code, errout)
		}
	}
	for _, bad := range [][]string{{"erase"}, {"erase", "case", id}, {"erase", "organisation"}} {
		if _, _, code := m.do("", bad...); code != exitUsage {
			t.Errorf("%v: exit %d", bad, code)
		}
	}
	if members := m.must("", "invite", "again", id); !strings.Contains(members, "Canary") {
		t.Fatalf("it is gone already: %s", members)
	}
	if out := m.must(id+"\nerase\n", "erase", "organisation", id); !strings.Contains(out, "1 places, 0 accounts") {
		t.Error(out)
	}
	if members := m.must("", "invite", "again", id); strings.Contains(members, "member") {
		t.Errorf("after it: %s", members)
	}
	if members := m.must("", "invite", "again", other); !strings.Contains(members, "Canary") {
		t.Errorf("another organisation: %s", members)
	}
	if code := stop(); code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
	if out := m.must("", "audit", "verify", "DIR/kept"); !strings.Contains(out, id+": ") {
		t.Errorf("its log is not there: %s", out)
	}
}

// A store that does not answer is no organisation that is not there: somebody would believe that it was erased.
func TestWhatCannotBeLookedForIsNotCalledGone(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	id := regexp.MustCompile(`organisation (\S+)`).FindStringSubmatch(m.must(names, "invite", "found", "practice"))[1]
	r := m.opened(config{addr: "127.0.0.1:1"})
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	err := erase(t.Context(), r, world{args: []string{"organisation", id}, in: strings.NewReader(id + "\nerase\n")})
	if err == nil || errors.Is(err, errUsage) {
		t.Errorf("it says %v", err)
	}
}
