package people

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

const testURL = "https://waypost.example"

// told is one line that the trail of a test heard.
type told struct {
	records.Act
	outcome  trail.Outcome
	kind, id string
}

// memory is a Safe in memory. It seals nothing: what is tested on it is who may act.
type memory struct {
	mu    sync.Mutex
	recs  map[string]records.Record
	trail []told
	deaf  bool // the trail takes nothing: no trail, no access
	now   func() time.Time
}

func (m *memory) key(tenant, kind, id string) string { return tenant + "|" + kind + "|" + id }

func logged(kind string) bool {
	return slices.Contains(Kinds(), records.Kind{Name: kind, Logged: true})
}

var errDeaf = records.ErrTrail

func (m *memory) hear(a records.Act, o trail.Outcome, kind, id string) error {
	if m.deaf {
		return errDeaf
	}
	if !trail.IsCode(a.Tenant) || !trail.IsCode(a.Actor) || !trail.IsCode(a.Action) || (kind != "" && !trail.IsCode(id)) {
		return errors.New("not a code: " + a.Tenant + " " + a.Actor + " " + a.Action + " " + id)
	}
	m.trail = append(m.trail, told{a, o, kind, id})
	return nil
}

func (m *memory) NewID() (string, error) {
	raw := make([]byte, 16)
	_, err := rand.Read(raw)
	return hex.EncodeToString(raw), err
}

func (m *memory) Write(_ context.Context, a records.Act, _ [16]byte, changes ...records.Change) ([]records.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range changes {
		old, there := m.recs[m.key(a.Tenant, c.Record.Kind, c.Record.ID)]
		switch {
		case c.Record.Rev == 0 && there, c.Record.Rev > 0 && there && old.Rev != c.Record.Rev:
			return nil, records.ErrConflict
		case c.Record.Rev > 0 && !there:
			return nil, records.ErrNotFound
		case c.Verb != records.Destroy && len(c.Record.Content.Reveal()) == 0, !trail.IsCode(c.Record.ID):
			return nil, errors.New("no content or no code")
		}
	}
	for _, c := range changes {
		if logged(c.Record.Kind) {
			if err := m.hear(a, trail.Done, c.Record.Kind, c.Record.ID); err != nil {
				return nil, err
			}
		}
	}
	for _, c := range changes {
		k := m.key(a.Tenant, c.Record.Kind, c.Record.ID)
		if c.Verb == records.Destroy {
			delete(m.recs, k)
			continue
		}
		c.Record.Rev++
		m.recs[k] = c.Record
	}
	return nil, nil
}

func (m *memory) Read(_ context.Context, a records.Act, kind, id string) (records.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, there := m.recs[m.key(a.Tenant, kind, id)]
	there = there && (r.Expires.IsZero() || m.now().Before(r.Expires))
	o := trail.Done
	if !there {
		o = trail.Denied
	}
	if logged(kind) {
		if err := m.hear(a, o, kind, id); err != nil {
			return records.Record{}, err
		}
	}
	if !there {
		return records.Record{}, records.ErrNotFound
	}
	return r, nil
}

func (m *memory) Find(_ context.Context, a records.Act, kind string, blind [][]byte) ([]records.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []records.Record
	for k, r := range m.recs {
		if k == m.key(a.Tenant, kind, r.ID) && (r.Expires.IsZero() || m.now().Before(r.Expires)) &&
			slices.ContainsFunc(r.Blind, func(b []byte) bool {
				return slices.ContainsFunc(blind, func(c []byte) bool { return string(b) == string(c) })
			}) {
			out = append(out, r)
		}
	}
	if m.deaf && logged(kind) {
		return nil, errDeaf
	}
	return out, nil
}

func (m *memory) Note(_ context.Context, a records.Act, o trail.Outcome, kind, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hear(a, o, kind, id)
}

// heard counts the lines of one action and outcome.
func (m *memory) heard(action string, o trail.Outcome) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, l := range m.trail {
		if l.Action == action && l.outcome == o {
			n++
		}
	}
	return n
}

type testKeys struct{}

func (testKeys) Blind(tenant, field, value string) [][]byte {
	return [][]byte{[]byte(restsAs([]byte(tenant + "\x00" + field + "\x00" + value))[:20])}
}

// clock is the time of a test.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

type world struct {
	*Register
	t     testing.TB
	safe  *memory
	clock *clock
}

func newWorld(t testing.TB, change ...func(*Config)) *world {
	t.Helper()
	c := &clock{t: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	m := &memory{recs: map[string]records.Record{}, now: c.now}
	forms, err := vault.NewForms(rand.Reader, c.now)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Safe: m, Keys: testKeys{}, Forms: forms, Now: c.now, Random: rand.Reader, PublicURL: testURL, Name: "Waypost"}
	for _, f := range change {
		f(&cfg)
	}
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &world{r, t, m, c}
}

// staff is an invented member who is signed in.
type staff struct {
	w      *world
	key    *softKey
	cookie string
	actor  Actor
}

// found makes an organisation and signs its first lead in.
func (w *world) found(kind Kind) *staff {
	w.t.Helper()
	_, token, err := w.Found(w.t.Context(), kind, "Invented Organisation", "Invented Lead")
	if err != nil {
		w.t.Fatal(err)
	}
	return w.enrol(token)
}

func (w *world) enrol(token vault.Secret[string]) *staff {
	w.t.Helper()
	s := &staff{w: w, key: newSoftKey(w.t)}
	options, err := w.BeginEnrol(w.t.Context(), token.Reveal())
	if err != nil {
		w.t.Fatal(err)
	}
	in, err := w.FinishEnrol(w.t.Context(), token.Reveal(), s.key.create(options), "")
	if err != nil {
		w.t.Fatal(err)
	}
	s.cookie, s.actor = in.Token.Reveal(), in.Actor
	return s
}

func (s *staff) signIn() error {
	in, err := s.w.signIn(s.key, s.cookie)
	if err == nil {
		s.cookie, s.actor = in.Token.Reveal(), in.Actor
	}
	return err
}

func (w *world) signIn(k *softKey, previous string) (SignedIn, error) {
	w.t.Helper()
	options, err := w.BeginSignIn(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return w.FinishSignIn(w.t.Context(), k.get(options), previous)
}

func (s *staff) stepUp() *staff {
	s.w.t.Helper()
	options, err := s.w.BeginStepUp(s.w.t.Context(), s.cookie)
	if err != nil {
		s.w.t.Fatal(err)
	}
	in, err := s.w.FinishStepUp(s.w.t.Context(), s.cookie, s.key.get(options))
	if err != nil {
		s.w.t.Fatal(err)
	}
	s.cookie, s.actor = in.Token.Reveal(), in.Actor
	return s
}

// colleague is invited by a lead and enrols.
func (s *staff) colleague(roles ...Role) *staff {
	s.w.t.Helper()
	_, token, err := s.w.Invite(s.w.t.Context(), s.stepUp().actor, "Invented Colleague", roles)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return s.w.enrol(token)
}
