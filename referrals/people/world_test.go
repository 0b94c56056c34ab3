package people

import (
	"bytes"
	"context"
	"crypto/rand"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/softkey/softkeytest"
	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

const testURL = "https://waypost.example"

// deafStore is the store in memory whose trail can be made to take nothing.
type deafStore struct {
	*conform.Model
	deaf  atomic.Bool
	calls atomic.Int64
	hold  func() // runs within every commit
	fails func(store.Batch) error
	old   map[store.Key]laid // what somebody put back who can write to the database
}

// laid is a record with its key as somebody copied them, to put them back later.
type laid struct {
	record store.Record
	key    store.WrappedKey
}

func (d *deafStore) copy(t testing.TB, k store.Key) laid {
	t.Helper()
	r, err := d.Model.Read(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.Model.WrappedKey(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return laid{r, w}
}

func (d *deafStore) Read(ctx context.Context, k store.Key) (store.Record, error) {
	d.calls.Add(1)
	if r, back := d.old[k]; back {
		return r.record, nil
	}
	return d.Model.Read(ctx, k)
}

func (d *deafStore) WrappedKey(ctx context.Context, k store.Key) (store.WrappedKey, error) {
	d.calls.Add(1)
	if r, back := d.old[k]; back {
		return r.key, nil
	}
	return d.Model.WrappedKey(ctx, k)
}

func (d *deafStore) Commit(ctx context.Context, b store.Batch) error {
	d.calls.Add(1)
	if d.hold != nil {
		d.hold()
	}
	if d.deaf.Load() && len(b.Trail) > 0 {
		return store.ErrFull
	}
	if d.fails != nil {
		if err := d.fails(b); err != nil {
			return err
		}
	}
	return d.Model.Commit(ctx, b)
}

// heard counts the entries of one action and outcome in every log.
func (w *world) heard(action string, o trail.Outcome) (n int) {
	w.t.Helper()
	for _, e := range w.entries() {
		if e.Action == action && e.Outcome == o {
			n++
		}
	}
	return n
}

func (w *world) entries() (all []trail.Entry) {
	w.t.Helper()
	w.dump(func(item any) {
		if leaf, ok := item.(store.ExportLeaf); ok {
			_, e, err := trail.ParseLeaf(leaf.Leaf)
			if err != nil {
				w.t.Fatal(err)
			}
			all = append(all, e)
		}
	})
	return all
}

// rests counts the records of a kind.
func (w *world) rests(kind string) (n int) {
	w.dump(func(item any) {
		if r, ok := item.(store.Record); ok && r.Kind == kind {
			n++
		}
	})
	return n
}

func (w *world) dump(take func(any)) {
	w.t.Helper()
	if err := w.store.Export(context.Background(), func(item any) error { take(item); return nil }); err != nil {
		w.t.Fatal(err)
	}
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
	safe  *records.Safe
	store *deafStore
	keys  *vault.Keyring
	clock *clock
}

func newWorld(t testing.TB, change ...func(*Config)) *world {
	t.Helper()
	c := &clock{t: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	st := &deafStore{Model: conform.NewModel(nil)}
	root, err := vault.NewRootKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.CreateKeyring(vault.Ground{Path: filepath.Join(t.TempDir(), vault.RingName), Root: root, Random: rand.Reader, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Prepare(c.now().AddDate(2, 0, 0)); err != nil {
		t.Fatal(err)
	}
	safe, err := records.Open(t.Context(), records.Config{Store: st, Marks: st, Keys: keys, Now: c.now, Random: rand.Reader, Kinds: Kinds()})
	if err != nil {
		t.Fatal(err)
	}
	forms, err := keys.Forms()
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Safe: safe, Keys: keys, Forms: forms, Now: c.now, Random: rand.Reader, PublicURL: testURL, Name: "Waypost"}
	for _, f := range change {
		f(&cfg)
	}
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &world{r, t, safe, st, keys, c}
}

// staff is an invented member who is signed in.
type staff struct {
	w      *world
	key    *softkeytest.Key
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
	s := &staff{w: w, key: softkeytest.New(w.t, testURL)}
	options, err := w.BeginEnrol(w.t.Context(), token.Reveal())
	if err != nil {
		w.t.Fatal(err)
	}
	in, err := w.FinishEnrol(w.t.Context(), token.Reveal(), s.key.Create(options), "")
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

func (w *world) signIn(k *softkeytest.Key, previous string) (SignedIn, error) {
	w.t.Helper()
	options, err := w.BeginSignIn(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return w.FinishSignIn(w.t.Context(), k.Get(options), previous)
}

func (s *staff) stepUp() *staff {
	s.w.t.Helper()
	options, err := s.w.BeginStepUp(s.w.t.Context(), s.cookie)
	if err != nil {
		s.w.t.Fatal(err)
	}
	in, err := s.w.FinishStepUp(s.w.t.Context(), s.cookie, s.key.Get(options))
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
