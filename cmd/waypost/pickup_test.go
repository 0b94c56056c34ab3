package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestWhoPicksUpIsSaidAtTheConsole(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	organisation := regexp.MustCompile(`organisation (\S+)`)
	aid := organisation.FindStringSubmatch(m.must(names, "invite", "found", "receiving-service"))[1]
	practice := organisation.FindStringSubmatch(m.must(names, "invite", "found", "practice"))[1]
	const service = "national-stalking-helpline"
	m.must("", "pickup", "give", aid, service)
	if out := m.must("", "pickup", "list", aid); out != service+"\n" {
		t.Errorf("given: %q", out)
	}
	_, _, stop := m.serve() // through the serving process too
	defer stop()
	m.must("", "pickup", "take", aid, service)
	if out := m.must("", "pickup", "list", aid); out != "" {
		t.Errorf("taken: %q", out)
	}
	for _, args := range [][]string{
		{"pickup"}, {"pickup", "give", aid}, {"pickup", "give", aid, "no-such-service"}, {"pickup", "give", practice, service},
		{"pickup", "give", "nobody", service}, {"pickup", "take", aid, service}, {"pickup", "list", aid, "more"},
	} {
		if _, errout, code := m.do("", args...); code == 0 || strings.Contains(errout, "Canary") {
			t.Errorf("%v: %d %s", args, code, errout)
		}
	}
}
