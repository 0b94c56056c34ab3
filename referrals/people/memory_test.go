package people

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/internal/vault"
)

const testURL = "https://waypost.example"

// told is one line that the trail of a test heard.
type told struct {
	act
	outcome  outcome
	kind, id string
}

// memory is a Safe in memory. It seals nothing: what is tested on it is who may act.
type memory struct {
	mu    sync.Mutex
	recs  map[string]record
	trail []told
	deaf  bool // the trail takes nothing: no trail, no access
	now   func() time.Time
}

func (m *memory) key(tenant, kind, id string) string { return tenant + "|" + kind + "|" + id }

func logged(kind string) bool {
	return kind != kindSession && kind != kindChallenge && kind != kindUsed
}

var errDeaf = errors.New("no trail")

func (m *memory) hear(a act, o outcome, kind, id string) error {
	if m.deaf {
		return errDeaf
	}
	if !trail.IsCode(a.tenant) || !trail.IsCode(a.actor) || !trail.IsCode(a.action) || (kind != "" && !trail.IsCode(id)) {
		return errors.New("not a code: " + a.tenant + " " + a.actor + " " + a.action + " " + id)
	}
	m.trail = append(m.trail, told{a, o, kind, id})
	return nil
}

func (m *memory) Write(_ context.Context, a act, _ [16]byte, changes ...change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range changes {
		old, there := m.recs[m.key(a.tenant, c.rec.kind, c.rec.id)]
		switch {
		case c.rec.rev == 0 && there, c.rec.rev > 0 && there && old.rev != c.rec.rev:
			return ErrConflict
		case c.rec.rev > 0 && !there:
			return ErrNotFound
		case !c.destroy && len(c.rec.content.Reveal()) == 0, !trail.IsCode(c.rec.id):
			return errors.New("no content or no code")
		}
	}
	for _, c := range changes {
		if logged(c.rec.kind) {
			if err := m.hear(a, trail.Done, c.rec.kind, c.rec.id); err != nil {
				return err
			}
		}
	}
	for _, c := range changes {
		k := m.key(a.tenant, c.rec.kind, c.rec.id)
		if c.destroy {
			delete(m.recs, k)
			continue
		}
		c.rec.rev++
		m.recs[k] = c.rec
	}
	return nil
}

func (m *memory) Read(_ context.Context, a act, kind, id string) (record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, there := m.recs[m.key(a.tenant, kind, id)]
	there = there && (r.expires.IsZero() || m.now().Before(r.expires))
	o := trail.Done
	if !there {
		o = trail.Denied
	}
	if logged(kind) && a.action != "session.resolve" {
		if err := m.hear(a, o, kind, id); err != nil {
			return record{}, err
		}
	}
	if !there {
		return record{}, ErrNotFound
	}
	return r, nil
}

func (m *memory) Find(_ context.Context, a act, kind string, blind [][]byte) ([]record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []record
	for k, r := range m.recs {
		if k == m.key(a.tenant, kind, r.id) && (r.expires.IsZero() || m.now().Before(r.expires)) &&
			slices.ContainsFunc(r.blind, func(b []byte) bool { return slices.ContainsFunc(blind, func(c []byte) bool { return string(b) == string(c) }) }) {
			out = append(out, r)
		}
	}
	if m.deaf && logged(kind) {
		return nil, errDeaf
	}
	return out, nil
}

func (m *memory) Note(_ context.Context, a act, o outcome, kind, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hear(a, o, kind, id)
}

// heard counts the lines of one action and outcome.
func (m *memory) heard(action string, o outcome) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, l := range m.trail {
		if l.action == action && l.outcome == o {
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
	m := &memory{recs: map[string]record{}, now: c.now}
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
