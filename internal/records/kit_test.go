package records_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/sqlite"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// Every person, number and word in these tests is invented.

const (
	practice = "practice-1"
	other    = "practice-2"
	longest  = 400 * 24 * time.Hour
)

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 9, 0, 0, 0, time.UTC)
}

var (
	today  = date(2027, 3, 10)
	spring = date(2027, 4, 20) // an expiry in the month after
	summer = date(2027, 8, 5)
)

func kinds() []records.Kind {
	return []records.Kind{{Name: "case", Logged: true}, {Name: "member", Logged: true}, {Name: "session"}}
}

type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) set(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = at
}

type base interface {
	store.Store
	store.Marks
}

// room is a Safe with everything below it in reach.
type room struct {
	*records.Safe
	t      testing.TB
	clock  *hand
	wire   *wire // what the Safe sees of the store
	ring   *vault.Keyring
	ground vault.Ground
	config records.Config
}

func model(t testing.TB) base { return conform.NewModel(conform.Notary(t)) }

func embedded(t testing.TB, dir string) base {
	t.Helper()
	e, err := sqlite.Open(t.Context(), dir, sqlite.Options{Notary: conform.Notary(t), Now: time.Now, Ballast: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// onBoth runs a test on the model and on the embedded engine.
func onBoth(t *testing.T, test func(*testing.T, base)) {
	t.Run("model", func(t *testing.T) { test(t, model(t)) })
	t.Run("sqlite", func(t *testing.T) { test(t, embedded(t, t.TempDir())) })
}

func furnish(t testing.TB, b base) *room {
	t.Helper()
	r := &room{t: t, clock: &hand{at: today}, wire: &wire{base: b}}
	root, err := vault.NewRootKey(make([]byte, 32))
	must(t, err)
	r.ground = vault.Ground{Path: filepath.Join(t.TempDir(), "keyring"), Root: root, Random: rand.Reader, Now: r.clock.now}
	r.ring, err = records.Start(context.Background(), records.Ground{Keyring: r.ground, Store: b, Marks: b, Longest: longest})
	must(t, err)
	r.config = records.Config{
		Store: r.wire, Marks: r.wire, Keys: keys{r.ring, r.wire}, Now: r.clock.now, Random: rand.Reader, Kinds: kinds(),
	}
	r.open()
	return r
}

// open opens the Safe again, as after a restart.
func (r *room) open() {
	r.t.Helper()
	var err error
	r.Safe, err = records.Open(context.Background(), r.config)
	must(r.t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, got, target error) {
	t.Helper()
	if !errors.Is(got, target) {
		t.Errorf("error %v, want %v", got, target)
	}
}

func act(tenant, action string) records.Act {
	return records.Act{Tenant: tenant, Actor: "staff-7", Role: "lead", Action: action}
}

func op() (id [16]byte) {
	_, _ = rand.Read(id[:])
	return id
}

func note(kind, text string, expires time.Time) records.Record {
	return records.Record{Kind: kind, State: "new", Due: today, Expires: expires, Schema: 1, Content: vault.Keep([]byte(text))}
}

// add writes a new record of the practice.
func (r *room) add(tenant string, rec records.Record) records.Record {
	r.t.Helper()
	var err error
	rec.ID, err = r.NewID()
	must(r.t, err)
	written, err := r.Write(context.Background(), act(tenant, "case.open"), op(), records.Change{Verb: records.Put, Record: rec})
	must(r.t, err)
	return written[0]
}

func (r *room) read(rec records.Record) (records.Record, error) {
	return r.Read(context.Background(), act(practice, "case.read"), rec.Kind, rec.ID)
}

// log reads the entries of one organisation.
func (r *room) log(tenant string) []trail.Entry {
	r.t.Helper()
	var out []trail.Entry
	for {
		leaves, err := r.wire.base.TrailRead(context.Background(), tenant, int64(len(out)), store.ListLimit)
		must(r.t, err)
		if len(leaves) == 0 {
			return out
		}
		for _, l := range leaves {
			_, e, err := trail.ParseLeaf(l)
			must(r.t, err)
			out = append(out, e)
		}
	}
}

// newest is the last entry of the practice.
func (r *room) newest() trail.Entry {
	r.t.Helper()
	all := r.log(practice)
	if len(all) == 0 {
		return trail.Entry{}
	}
	return all[len(all)-1]
}

// faults audits all logs against all records, as the Safe's store shows them.
func (r *room) faults() []trail.Fault {
	r.t.Helper()
	reports, err := store.Audit(context.Background(), r.wire, store.Auditing{Keys: conform.Notary(r.t).Readers, Refer: r.Refer})
	must(r.t, err)
	var out []trail.Fault
	for _, rep := range reports {
		out = append(out, rep.Faults...)
	}
	return out
}

func (r *room) sound() {
	r.t.Helper()
	for _, f := range r.faults() {
		r.t.Errorf("audit: %s", f)
	}
}

// backup restores a copy of the database into a new directory.
func backup(t testing.TB, b base) (dir string) {
	t.Helper()
	dir = t.TempDir()
	f, err := os.OpenFile(filepath.Join(dir, "waypost.db"), os.O_CREATE|os.O_WRONLY, 0o600)
	must(t, err)
	must(t, errors.Join(b.Backup(context.Background(), f), f.Close()))
	return dir
}
