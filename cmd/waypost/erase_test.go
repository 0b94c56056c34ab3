package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/internal/vault"
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

// A month's key and the root key are changed through the process that serves; the log of the house speaks of it, and the
// next start opens with the new root key alone.
func TestKeysAreChangedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	id := regexp.MustCompile(`organisation (\S+)`).FindStringSubmatch(m.must(names, "invite", "found", "practice"))[1]
	_, said, stop := m.serve()
	month := vault.Bucket(time.Now().UTC().AddDate(0, 12, -time.Now().UTC().Day()+1)) // that of standing records
	m.must("", "keys", "rotate-month", month)
	if out := m.must("", "keys", "rewrap", month); strings.HasPrefix(out, "0 keys") {
		t.Errorf("nothing rests in %s: %s", month, out)
	}
	if out := m.must("", "keys", "rewrap", month); !strings.HasPrefix(out, "0 keys") {
		t.Errorf("again: %s", out)
	}
	if _, errout, code := m.do("", "keys", "retire-month", month); code != exitFailed || !strings.Contains(errout, "too soon") && !strings.Contains(errout, "see above") {
		t.Errorf("retired at once: %d %s", code, errout)
	}
	key := filepath.Join(m.dir, "new.key")
	for path, text := range map[string]string{key: strings.Repeat("5a", 31) + "00", filepath.Join(m.dir, "data", "new.key"): strings.Repeat("5a", 31) + "01", filepath.Join(m.dir, "short"): "5a5a"} {
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range [][]string{{"keys", "rotate-root", "DIR/data/new.key"}, {"keys", "rotate-root", "DIR/short"}, {"keys", "rotate-root", "DIR/none"}, {"keys", "rotate-month", "2027-13"}} {
		if _, _, code := m.do("", bad...); code == 0 {
			t.Errorf("%v was done", bad)
		}
	}
	for _, bad := range [][]string{{"keys", "rotate-root"}, {"keys", "rotate", month}} {
		if _, _, code := m.do("", bad...); code != exitUsage {
			t.Errorf("%v: exit %d", bad, code)
		}
	}
	m.must("", "keys", "rotate-root", "DIR/new.key")
	if members := m.must("", "invite", "again", id); !strings.Contains(members, "Canary") {
		t.Errorf("while it serves: %s", members)
	}
	if code := stop(); code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
	if _, _, code := m.do("", "doctor"); code == 0 {
		t.Error("the old root key still opens the keyring")
	}
	if err := os.Rename(key, filepath.Join(m.env["WAYPOST_KEY_DIR"], vault.RootName)); err != nil {
		t.Fatal(err)
	}
	if members := m.must("", "invite", "again", id); !strings.Contains(members, "Canary") {
		t.Errorf("with the new root key: %s", members)
	}
	m.must("", "audit", "verify", "DIR/kept")
}

// Who follows makes no key of any kind, changes none, and the doctor says which one it is.
func TestAFollowerMakesNoKeysAndChangesNone(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.env["WAYPOST_FOLLOWER"] = "yes"
	if _, errout, code := m.do("", "doctor"); code != exitUsage || !strings.Contains(errout, "WAYPOST_FOLLOWER") {
		t.Errorf("a follower of an embedded store: %d %s", code, errout)
	}
	m.env["WAYPOST_FOLLOWER"] = "canary"
	if _, errout, code := m.do("", "doctor"); code != exitUsage || strings.Contains(errout, "canary") {
		t.Errorf("%d %s", code, errout)
	}
	delete(m.env, "WAYPOST_FOLLOWER")
	// The embedded store stands in for a deployment: what is shown is what this process does to its keys.
	p, err := readPlaces(m.get)
	if err != nil {
		t.Fatal(err)
	}
	c, err := readConfig(m.get)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := world{env: m.get, now: time.Now, out: &out, errout: &out}
	p.follower = true
	if _, err := openResting(t.Context(), w, c, p); err == nil {
		t.Error("it follows nobody")
	}
	for _, name := range []string{vault.RootName, vault.RingName, trailKey} {
		if _, err := os.Stat(filepath.Join(p.keys, name)); err == nil {
			t.Errorf("it made %s", name)
		}
	}
	m.must("", "doctor") // the one that is followed makes them
	r, err := openResting(t.Context(), w, c, p)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.close() }()
	before := r.keyring.Mark()
	for _, args := range [][]string{{"rotate-month", vault.Bucket(time.Now())}, {"retire-month", vault.Bucket(time.Now())}} {
		w.args = args
		if err := ringKeys(context.Background(), r, w); err == nil {
			t.Errorf("%v was done", args)
		}
	}
	w.args = nil
	if err := doctor(t.Context(), r, w); err != nil || !strings.Contains(out.String(), "another process makes and destroys its months") {
		t.Errorf("%v: %s", err, out.String())
	}
	if r.keyring.Mark() != before {
		t.Error("it changed the keyring")
	}
	if err := r.safe.Tend(t.Context(), longestRetention); err == nil {
		t.Error("it tends the keyring")
	}
}
