package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/store/sqlite"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/screening"
	"waypost/web"
)

// machine is one installation in a directory of its own.
type machine struct {
	t   *testing.T
	dir string
	env map[string]string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	dir := t.TempDir()
	return &machine{t, dir, map[string]string{
		"WAYPOST_DATA_DIR": filepath.Join(dir, "data"), "WAYPOST_KEY_DIR": filepath.Join(dir, "keys"), "WAYPOST_ADDR": "127.0.0.1:0",
		"WAYPOST_TRAIL_FILE": filepath.Join(dir, "kept"),
	}}
}

// do runs one command to its end.
func (m *machine) do(input string, args ...string) (out, errout string, code int) {
	m.t.Helper()
	var o, e bytes.Buffer
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "DIR", m.dir)
	}
	code = run(m.t.Context(), world{args: args, env: m.get, in: strings.NewReader(input), out: &o, errout: &e, now: time.Now})
	return o.String(), e.String(), code
}

func (m *machine) get(name string) string { return m.env[name] }

// must is do for what has to succeed.
func (m *machine) must(input string, args ...string) string {
	m.t.Helper()
	out, errout, code := m.do(input, args...)
	if code != 0 {
		m.t.Fatalf("%v: exit %d: %s%s", args, code, out, errout)
	}
	return out
}

// shared is a buffer that a serving process writes while a test reads.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// serve serves until stop is called, and gives the address.
func (m *machine) serve() (address string, said *shared, stop func() int) {
	m.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	said = &shared{}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, world{args: []string{"serve"}, env: m.get, in: strings.NewReader(""), out: said, errout: said, now: time.Now})
	}()
	at := regexp.MustCompile(`Waypost is at (http://[^/]+)/consult`)
	for range 500 {
		if found := at.FindStringSubmatch(said.String()); found != nil {
			return found[1], said, func() int { cancel(); return <-code }
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	m.t.Fatalf("it does not serve: %s", said)
	return "", nil, nil
}

func status(t *testing.T, address string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode
}

const names = "Canary Invented Practice\nCanary Invented Lead\n"

var link = regexp.MustCompile(`/enrol#([A-Za-z0-9_-]{43})\n`)

// The whole life of an installation by its commands: with nobody serving, then through the serving process.
func TestCommandsOnWhatRests(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	out := m.must(names, "invite", "found", "practice")
	if !link.MatchString(out) || strings.Contains(out, "Canary") {
		t.Errorf("invite: %s", out)
	}
	id := regexp.MustCompile(`organisation (\S+)`).FindStringSubmatch(out)[1]

	address, said, stop := m.serve()
	for path, want := range map[string]int{"/consult": 200, "/x": 200, "/": 200, "/sign-in": 200, "/account": 401} {
		if got := status(t, address+path); got != want {
			t.Errorf("%s: %d", path, got)
		}
	}
	members := m.must("", "invite", "again", id)
	member := regexp.MustCompile(`member (\S+) `).FindStringSubmatch(members)[1]
	if again := m.must("", "invite", "again", id, member); !link.MatchString(again) || link.FindStringSubmatch(again)[1] == link.FindStringSubmatch(out)[1] {
		t.Errorf("a second link: %s", again)
	}
	m.must("", "doctor")
	m.must("", "store", "doctor")
	if out := m.must("", "keys", "status"); !strings.Contains(out, "generation") {
		t.Error(out)
	}
	m.must("", "backup", "DIR/backup")
	if _, _, code := m.do("", "backup", "DIR/backup"); code == 0 {
		t.Error("a backup was written over another file")
	}
	code := m.must("", "keys", "export", "DIR/escrow")
	if _, _, c := m.do("", "invite", "again", "no-such-organisation", "nobody"); c == 0 {
		t.Error("an unknown member was invited")
	}
	if out, _, c := m.do("", "audit"); c == 0 {
		t.Error(out)
	}
	if c := stop(); c != 0 {
		t.Fatalf("exit %d: %s", c, said)
	}

	// Heads left the machine, by file and by standard output, and the audit holds the logs against them.
	if out := m.must("", "audit", "verify", "DIR/kept"); !strings.Contains(out, " checkpoints from outside") || strings.Contains(out, " 0 checkpoints") {
		t.Errorf("audit: %s", out)
	}
	if !strings.Contains(said.String(), "waypost/trail/"+id) {
		t.Error("no head of the practice's log on standard output")
	}
	for _, word := range []string{"Canary", "Lead"} {
		if strings.Contains(said.String(), word) {
			t.Errorf("%s was said by the serving process", word)
		}
	}

	// The keyring comes back from its escrow copy, under a new root key, and opens what rests.
	words := lines(code)
	recovery := words[len(words)-1]
	if err := os.RemoveAll(m.env["WAYPOST_KEY_DIR"] + "/keyring"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(m.env["WAYPOST_KEY_DIR"], vault.RootName)); err != nil {
		t.Fatal(err)
	}
	if _, errout, c := m.do("", "doctor"); c == 0 {
		t.Errorf("a database without its keyring was given a new one: %s", errout)
	}
	_ = os.Remove(filepath.Join(m.env["WAYPOST_KEY_DIR"], vault.RootName)) // the refused start drew one
	if _, _, c := m.do("wrong\n", "keys", "restore", "DIR/escrow"); c == 0 {
		t.Error("a wrong code restores")
	}
	m.must(recovery+"\n", "keys", "restore", "DIR/escrow")
	if back := m.must("", "invite", "again", id); !strings.Contains(back, "Canary Invented Lead") {
		t.Errorf("after the restore: %s", back)
	}
}

// A backup takes the place of a database that was moved away, and of no other.
func TestRestoringABackup(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	id := regexp.MustCompile(`organisation (\S+)`).FindStringSubmatch(m.must(names, "invite", "found", "practice"))[1]
	m.must("", "backup", "DIR/backup")
	if _, errout, code := m.do("", "restore", "DIR/backup"); code == 0 {
		t.Errorf("a database was replaced: %s", errout)
	}
	if err := os.Rename(filepath.Join(m.dir, "data", "store"), filepath.Join(m.dir, "away")); err != nil {
		t.Fatal(err)
	}
	cut, err := os.ReadFile(filepath.Join(m.dir, "backup"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(m.dir, "cut"), cut[:len(cut)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"DIR/cut", "DIR/none", "DIR/data"} {
		if _, _, code := m.do("", "restore", bad); code == 0 {
			t.Errorf("%s was restored", bad)
		}
	}
	m.must("", "restore", "DIR/backup")
	if members := m.must("", "invite", "again", id); !strings.Contains(members, "Canary Invented Lead") {
		t.Error(members)
	}
	m.must("", "audit", "verify")
}

// The first start makes the store show that it keeps what it promises, and the next one does not ask again.
func TestTheFirstStartProbesTheStore(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	p := mustPlaces(m)
	e, err := openEngine(t.Context(), p, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if mark, err := e.Mark(t.Context(), probedMark); err != nil || string(mark) != "1" {
		t.Errorf("not probed: %q %v", mark, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := openEngine(ended, p, nil, time.Now); err == nil {
		t.Error("a start that was called off went on")
	}
	again, err := openEngine(t.Context(), p, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// A44: the store goes away while Waypost serves. Whoever asks for help is answered, and at once; whoever wants to sign in
// is told so, with the numbers that always help.
func TestTheStoreGoesAwayWhileServing(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	p, err := load(screening.Content(), "en")
	if err != nil {
		t.Fatal(err)
	}
	c := config{addr: "127.0.0.1:0"}
	r, err := openResting(t.Context(), world{env: m.get, now: time.Now}, c, mustPlaces(m))
	if err != nil {
		t.Fatal(err)
	}
	server, err := p.server(c, r, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Listen(l) }()
	address := "http://" + l.Addr().String()
	if got := status(t, address+"/sign-in"); got != http.StatusOK {
		t.Fatalf("before: %d", got)
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/x", "/consult"} {
		began := time.Now()
		if got := status(t, address+path); got != http.StatusOK || time.Since(began) > time.Second {
			t.Errorf("%s: %d after %v", path, got, time.Since(began))
		}
	}
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/sign-in/begin", strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set("Sec-Fetch-Site", "same-origin")
	ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusServiceUnavailable || !bytes.Contains(body, []byte("999")) || !bytes.Contains(body, []byte("111")) {
		t.Errorf("signing in: %d %s %v", answer.StatusCode, body, err)
	}
	if got := status(t, address+"/healthz"); got != http.StatusServiceUnavailable {
		t.Errorf("readiness: %d", got)
	}
}

// A36, for the whole installation: what was typed at the console rests nowhere in clear, in whatever spelling.
func TestNoNameRestsInClear(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.must(names, "invite", "found", "practice")
	m.must("", "backup", "DIR/backup")
	m.must("", "keys", "export", "DIR/escrow")
	files := 0
	err := filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, word := range []string{"Canary Invented", "Invented Lead", "Invented Practice"} {
			wide := ""
			for _, c := range word {
				wide += string(c) + "\x00"
			}
			spellings := []string{word, strings.ToLower(word), wide, hex.EncodeToString([]byte(word))}
			for cut := range 3 { // base64 has three phases
				spellings = append(spellings, base64.RawStdEncoding.EncodeToString([]byte(word)[cut:cut+9]))
			}
			for _, s := range spellings {
				if bytes.Contains(text, []byte(s)) {
					t.Errorf("%s holds %q as %q", filepath.Base(path), word, s)
				}
			}
		}
		return nil
	})
	if err != nil || files < 8 {
		t.Fatalf("%d files looked at: %v", files, err)
	}
}

// A store is carried into another one, sealed, and the copy opens with the same keys.
func TestCopyingAStore(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	id := regexp.MustCompile(`organisation (\S+)`).FindStringSubmatch(m.must(names, "invite", "found", "practice"))[1]
	out := m.must("", "store", "copy", "DIR/data/store", "DIR/data2/store")
	if !strings.Contains(out, "roots of all logs are equal") {
		t.Error(out)
	}
	m.must("", "store", "copy", "DIR/data/store", "DIR/data2/store") // again: no second effect
	m.env["WAYPOST_DATA_DIR"] = filepath.Join(m.dir, "data2")
	target, err := sqlite.Open(t.Context(), filepath.Join(m.dir, "data2", "store"), sqlite.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if mark, err := target.Mark(t.Context(), "keyring"); err != nil || len(mark) == 0 {
		t.Errorf("the copy does not know its keyring: %v", err)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
	if members := m.must("", "invite", "again", id); !strings.Contains(members, "Canary Invented Lead") {
		t.Error(members)
	}
	m.must("", "audit", "verify")
}

// What cannot be opened is said, and the consultation goes on.
func TestWhatCannotBeOpenedDoesNotStopTheConsultation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(m *machine)
		want  string
	}{
		"the root key is another": {func(m *machine) {
			_ = os.WriteFile(filepath.Join(m.env["WAYPOST_KEY_DIR"], vault.RootName), bytes.Repeat([]byte("0f"), 32), 0o600)
		}, "root key"},
		"the root key is gone": {func(m *machine) { _ = os.Remove(filepath.Join(m.env["WAYPOST_KEY_DIR"], vault.RootName)) }, "keyring without its root key"},
		"the keyring is gone":  {func(m *machine) { _ = os.Remove(filepath.Join(m.env["WAYPOST_KEY_DIR"], vault.RingName)) }, "keyring"},
		"the database is of somebody else": {func(m *machine) {
			_ = os.WriteFile(filepath.Join(m.env["WAYPOST_DATA_DIR"], "store", "waypost.db"), []byte("not a database at all, but long enough to look at"), 0o600)
		}, "not a Waypost database"},
		"others read the trail key": {func(m *machine) { _ = os.Chmod(filepath.Join(m.env["WAYPOST_KEY_DIR"], trailKey), 0o644) }, "trail key"},
		"another process has it": {func(m *machine) {
			r, err := openResting(context.Background(), world{env: m.get, now: time.Now}, config{addr: "127.0.0.1:1"}, mustPlaces(m))
			if err != nil {
				m.t.Fatal(err)
			}
			m.t.Cleanup(func() { _ = r.close() })
		}, "another process uses"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.must(names, "invite", "found", "practice")
			c.spoil(m)
			address, said, stop := m.serve()
			for path, want := range map[string]int{"/consult": 200, "/x": 200, "/": 200, "/healthz/live": 200, "/healthz": 503, "/sign-in": 503, "/account": 503} {
				if got := status(t, address+path); got != want {
					t.Errorf("%s: %d", path, got)
				}
			}
			if !strings.Contains(said.String(), c.want) || strings.Contains(said.String(), "Canary") {
				t.Errorf("it says: %s", said)
			}
			if code := stop(); code != 0 {
				t.Errorf("exit %d: %s", code, said)
			}
		})
	}
}

// opened is what rests on this machine, opened here until the test ends.
func (m *machine) opened(c config) *resting {
	m.t.Helper()
	r, err := openResting(m.t.Context(), world{env: m.get, now: time.Now}, c, mustPlaces(m))
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = r.close() })
	return r
}

// mounted is the product with all its routes, over what rests on this machine.
func (m *machine) mounted(c config, log slog.Handler) (*resting, *web.Server) {
	m.t.Helper()
	r := m.opened(c)
	server, err := loaded(m.t, "en").server(c, r, time.Now, slog.New(log))
	if err != nil {
		m.t.Fatal(err)
	}
	return r, server
}

func mustPlaces(m *machine) places {
	p, err := readPlaces(m.get)
	if err != nil {
		m.t.Fatal(err)
	}
	return p
}

// A keyring or a clock put back is refused, and the message says which.
func TestPutBackIsRefused(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.must(names, "invite", "found", "practice")
	p, c := mustPlaces(m), config{addr: "127.0.0.1:1"}
	ring := filepath.Join(p.keys, vault.RingName)
	old, err := os.ReadFile(ring)
	if err != nil {
		t.Fatal(err)
	}
	later := func() time.Time { return time.Now().AddDate(0, 3, 0) }
	r, err := openResting(t.Context(), world{env: m.get, now: later}, c, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.safe.Tend(t.Context(), longestRetention); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.register.Found(t.Context(), "practice", "Canary", "Canary"); err != nil {
		t.Fatal(err)
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openResting(t.Context(), world{env: m.get, now: time.Now}, c, p); !errors.Is(err, trail.ErrClock) {
		t.Errorf("a clock set back three months: %v", err)
	}
	if err := os.WriteFile(ring, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openResting(t.Context(), world{env: m.get, now: later}, c, p); !errors.Is(err, vault.ErrOldKeyring) {
		t.Errorf("an old keyring: %v", err)
	}
}

// One organisation whose log refuses keeps nothing from the others, and its refusal is told.
func TestOneLogThatFailsStopsNoOther(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for range 2 {
		m.must(names, "invite", "found", "practice")
	}
	r := m.opened(config{addr: "127.0.0.1:1"})
	refused, seen := errors.New("refused"), 0
	err := r.eachLog(t.Context(), func(string) error {
		seen++
		return refused
	})
	if !errors.Is(err, refused) || seen < 3 {
		t.Errorf("%d logs, %v", seen, err)
	}
}
