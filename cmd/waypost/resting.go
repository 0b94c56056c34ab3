package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/store/mongo"
	"waypost/internal/store/sqlite"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/directory/national"
	"waypost/referrals/directory/postcode"
	"waypost/referrals/nudge"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/referrals/shelf"
	"waypost/referrals/shelf/private"
)

// longestRetention is how far ahead month keys are made: the longest that any record is kept (docs/retention.md).
const longestRetention = 365 * 24 * time.Hour

// engine is what both stores offer.
type engine interface {
	store.Store
	store.Marks
}

// resting is everything that rests, opened: the store, what opens it, and who may ask.
type resting struct {
	engine   engine
	keyring  *vault.Keyring
	safe     *records.Safe
	register *people.Register
	shelf    *shelf.Shelf
	drawer   *private.Drawer
	desk     *referrals.Desk
	nudge    *nudge.Nudge    // nil: no mailbox hears that something waits
	waits    chan struct{}   // somebody should look at a desk
	index    *postcode.Index // of postcodes; nil where nobody imported one
	notary   *trail.Notary
	places   places
	now      func() time.Time
	address  string // under which browsers reach us
	note     string // what the operator must be told, loudly
}

// openResting opens what rests, making keys and database on a first start. It refuses a keyring that is older than the
// database, a clock behind the trail, and a directory that another process uses.
func openResting(ctx context.Context, w world, c config, p places) (_ *resting, err error) {
	for _, dir := range []string{p.data, p.keys} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make directory: %w", err)
		}
	}
	root, err := p.root(w.env)
	if err != nil {
		return nil, fmt.Errorf("root key: %w", err)
	}
	r := &resting{waits: make(chan struct{}, 1), places: p, now: w.now, note: root.Note, address: c.signInURL()}
	if r.notary, err = p.notary(); err != nil {
		return nil, err
	}
	if r.engine, err = openEngine(ctx, p, r.notary, w.now); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.engine.Close())
		}
	}()
	r.keyring, err = records.Start(ctx, records.Ground{
		Keyring: vault.Ground{Path: filepath.Join(p.keys, vault.RingName), Root: root.KEK, Random: rand.Reader, Now: w.now},
		Store:   r.engine, Marks: r.engine, Longest: longestRetention, Follower: p.follower,
	})
	if err != nil {
		return nil, err
	}
	r.safe, err = records.Open(ctx, records.Config{
		Store: r.engine, Marks: r.engine, Keys: r.keyring, Now: w.now, Random: rand.Reader, Kinds: slices.Concat(people.Kinds(), shelf.Kinds(), private.Kinds(), referrals.Kinds()),
		Follower: p.follower,
	})
	if err != nil {
		return nil, err
	}
	everywhere, err := national.Load()
	if err != nil {
		return nil, err
	}
	if r.shelf, err = shelf.Open(ctx, shelf.Config{Safe: r.safe, National: everywhere, Now: w.now, Random: rand.Reader}); err != nil {
		return nil, err
	}
	if r.drawer, err = private.Open(private.Config{Safe: r.safe, Now: w.now, Random: rand.Reader}); err != nil {
		return nil, err
	}
	forms, err := r.keyring.Forms()
	if err != nil {
		return nil, err
	}
	r.register, err = people.New(people.Config{
		Safe: r.safe, Keys: r.keyring, Forms: forms, Now: w.now, Random: rand.Reader, PublicURL: c.signInURL(), Name: "Waypost", Provider: c.provider,
	})
	if err != nil {
		return nil, err
	}
	if err := sweepSpools(p.data, w.now()); err != nil {
		return nil, err
	}
	if r.index, err = openPostcodes(p.data); err != nil {
		return nil, err
	}
	book, err := packet.Load(packet.Content())
	if err != nil {
		return nil, err
	}
	r.desk, err = referrals.New(referrals.Config{
		Safe: r.safe, Gate: r.register, Keys: r.keyring, Log: r.engine, Book: book, Now: w.now, Random: rand.Reader,
		Answering: r.register.Answering,
		Alert:     func(context.Context, string) { r.remind() },
	})
	return r, err
}

// openEngine opens the embedded store, or the deployment whose address is in a file. A deployment has to show at every
// start that it keeps what it promises; the embedded store, whose disk and driver do not change by themselves, on its first
// start and whenever the doctor asks. What fails is refused.
func openEngine(ctx context.Context, p places, notary *trail.Notary, now func() time.Time) (e engine, err error) {
	if p.mongoURI == "" {
		e, err = sqlite.Open(ctx, p.store(), sqlite.Options{Notary: notary, Now: now, Entropy: rand.Reader})
	} else {
		e, err = openMongo(ctx, p.mongoURI, notary, now)
	}
	if err != nil {
		return nil, err
	}
	if p.mongoURI == "" {
		if _, err = e.Mark(ctx, probedMark); err == nil {
			return e, nil
		}
	}
	if err := e.Probe(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	if p.mongoURI == "" {
		if err := e.PutMark(ctx, probedMark, []byte("1")); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return e, nil
}

// probedMark says that the embedded store has shown once, here, that it keeps what it promises.
const probedMark = "probed"

func openMongo(ctx context.Context, file string, notary *trail.Notary, now func() time.Time) (engine, error) {
	address, err := os.ReadFile(file) // #nosec G304 -- the operator's own file
	if err != nil {
		return nil, fmt.Errorf("read the address of the store: %w", err)
	}
	return mongo.Open(ctx, mongo.Options{URI: strings.TrimSpace(string(address)), Notary: notary, Now: now, Entropy: rand.Reader})
}

// openPostcodes reads the index of postcodes where there is one. One that cannot be used is said at the start, not when
// somebody asks where they are.
func openPostcodes(data string) (*postcode.Index, error) {
	f, err := os.Open(filepath.Join(data, postcodeFile)) // #nosec G304 -- the data directory of this installation
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open postcodes: %w", err)
	}
	defer f.Close()
	index, err := postcode.Read(f)
	if err != nil {
		return nil, fmt.Errorf("read postcodes: import them again: %w", err)
	}
	return index, nil
}

// store is the directory of the embedded store.
func (p places) store() string { return filepath.Join(p.data, "store") }

// vault says where the root key may lie.
func (p places) vault(env func(string) string) vault.Places {
	return vault.Places{Credentials: env("CREDENTIALS_DIRECTORY"), File: p.rootKey, KeyDir: p.keys, DataDir: p.data}
}

// root finds the root key, or makes it on a first start. Who follows makes none: it would open nothing.
func (p places) root(env func(string) string) (vault.Root, error) {
	if p.follower {
		return p.vault(env).Find()
	}
	return p.vault(env).FindOrMake(rand.Reader)
}

// close lets go of the store. Nothing open is nothing to close.
func (r *resting) close() error {
	if r == nil {
		return nil
	}
	return r.engine.Close()
}

// ready says whether what rests is open and sound, for those who watch over the service.
func (r *resting) ready() bool {
	if r == nil {
		return false
	}
	e, embedded := r.engine.(interface {
		Condition() (sqlite.Condition, error)
	})
	if !embedded {
		return true
	}
	is, err := e.Condition()
	return err == nil && is.Checked && !is.Damaged && is.Ballast
}
