package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/vault"
)

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

// Where the root key was changed and the database did not take its mark, whoever reads the fault still knows that the new key
// must not be lost: it alone opens the keyring.
func TestARootKeyThatMayBeInUseIsNotThrownAway(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	r := m.opened(config{addr: "127.0.0.1:1"})
	safe, err := records.Open(t.Context(), records.Config{Store: r.engine, Marks: forgetful{r.engine}, Keys: r.keyring, Now: time.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	r.safe = safe
	key := filepath.Join(m.dir, "new.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("5a", 31)+"00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := r.keyring.Mark()
	err = ringKeys(t.Context(), r, world{args: []string{"rotate-root", key}})
	if r.keyring.Mark() == before {
		t.Fatal("it did not come as far as the keyring")
	}
	if err == nil || !strings.Contains(err.Error(), "throw neither away") {
		t.Errorf("it says %v", err)
	}
}

// forgetful takes no mark of a keyring.
type forgetful struct{ store.Marks }

func (f forgetful) PutMark(ctx context.Context, name string, value []byte) error {
	if name == "keyring" {
		return store.ErrFull
	}
	return f.Marks.PutMark(ctx, name, value)
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
