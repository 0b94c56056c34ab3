package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
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

// notary finds the signing key of the logs, or makes it on a first start. Who follows makes none: the other process could
// not check what it signed.
func (p places) notary() (*trail.Notary, error) {
	if p.follower {
		if _, err := os.Stat(filepath.Join(p.keys, trailKey)); err != nil {
			return nil, fmt.Errorf("trail key, which the process that is followed has made: %w", err)
		}
	}
	return openNotary(p.keys)
}

// The key that signs the heads of the logs, and the public half by which anybody checks them. It is none of the vault's.
const (
	trailKey    = "trail.key"
	trailPublic = "trail.pub"
)

// openNotary finds the signing key of the logs, or makes it on a first start.
func openNotary(dir string) (*trail.Notary, error) {
	path := filepath.Join(dir, trailKey)
	private, err := os.ReadFile(path) // #nosec G304 -- the key directory of this installation
	if errors.Is(err, fs.ErrNotExist) {
		if private, err = makeTrailKey(dir); err != nil {
			return nil, fmt.Errorf("make trail key: %w", err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read trail key: %w", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		return nil, errors.Join(fmt.Errorf("trail key: %w: others could read it", vault.ErrUnsafeFile), err)
	}
	public, err := trailReaders(dir)
	if err != nil {
		return nil, err
	}
	return trail.NewNotary(string(private), public...)
}

func makeTrailKey(dir string) ([]byte, error) {
	private, public, err := trail.NewKey(rand.Reader, "waypost")
	if err != nil {
		return nil, err
	}
	// The public half first: a key that signs and that nobody can check would be worse than none. Those of keys that were
	// lost stay, because what they signed still has to be checked.
	before, err := os.ReadFile(filepath.Join(dir, trailPublic)) // #nosec G304 -- the key directory of this installation
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := replace(filepath.Join(dir, trailPublic), writing(public+"\n"+string(before))); err != nil {
		return nil, err
	}
	return []byte(private), replace(filepath.Join(dir, trailKey), writing(private))
}

// writing writes a text.
func writing(text string) func(io.Writer) (int64, error) {
	return func(w io.Writer) (int64, error) {
		n, err := io.WriteString(w, text)
		return int64(n), err
	}
}

// trailReaders reads the public keys, one a line: the present one and its predecessors.
func trailReaders(dir string) ([]string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, trailPublic)) // #nosec G304 -- the key directory of this installation
	if err != nil {
		return nil, fmt.Errorf("read public trail keys: %w", err)
	}
	return lines(string(raw)), nil
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

// tend does what is due while Waypost serves, until the context ends: it destroys what has expired, makes the months
// ahead, and carries the heads of the logs out of the machine. What fails is logged by its kind and tried again.
func (r *resting) tend(ctx context.Context, log *slog.Logger, sinks ...trail.Sink) {
	const tickEvery, sweepEvery, tendEvery, publishEvery = time.Minute, 10 * time.Minute, 24 * time.Hour, time.Hour
	tick, sweep, daily, hourly := time.NewTicker(tickEvery), time.NewTicker(sweepEvery), time.NewTicker(tendEvery), time.NewTicker(publishEvery)
	defer tick.Stop()
	defer sweep.Stop()
	defer daily.Stop()
	defer hourly.Stop()
	do := func(what string, act func() error) {
		if err := act(); err != nil && ctx.Err() == nil {
			log.Error("upkeep failed", slog.Any("what", upkeep(what)), slog.Any("kind", upkeep(fmt.Sprintf("%T", err))))
		}
	}
	do("publish", func() error { return r.publish(ctx, sinks...) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do("clocks", func() error { return r.clocks(ctx) })
		case <-r.waits:
			do("nudge", func() error { return r.nudge.Send(ctx) })
		case <-sweep.C:
			if r.places.follower { // what the other process did to the keyring, where the file is handed out
				do("keyring", func() error { return r.safe.Follow(ctx) })
			}
			do("sweep", func() error { _, err := r.safe.Sweep(ctx); return err })
			do("spools", func() error { return sweepSpools(r.places.data, r.now()) })
			do("overdue", func() error { return r.overdue(ctx) })
		case <-daily.C:
			if !r.places.follower {
				do("tend", func() error { return r.safe.Tend(ctx, longestRetention) })
			}
		case <-hourly.C:
			do("publish", func() error { return r.publish(ctx, sinks...) })
		}
	}
}

// eachLog goes through the organisations by their logs, the house's own among them. What fails in one keeps nothing from
// the others.
func (r *resting) eachLog(ctx context.Context, do func(log string) error) error {
	var errs []error
	for log := ""; ; {
		next, err := r.engine.NextLog(ctx, log)
		if errors.Is(err, store.ErrNotFound) {
			return errors.Join(errs...)
		}
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		if err := do(next); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", next, err))
		}
		log = next
	}
}

// clocks looks in every organisation at what is due without anybody asking: answers that were not told, links that nobody
// opened.
func (r *resting) clocks(ctx context.Context) error {
	return r.eachLog(ctx, func(log string) error {
		if log == records.House {
			return nil
		}
		_, err := r.desk.Tick(ctx, log)
		return err
	})
}

// remind has a message sent, without making anybody wait for a mail server. Where there is no mailbox the desk alone shows
// what waits.
func (r *resting) remind() {
	if r.nudge == nil {
		return
	}
	select {
	case r.waits <- struct{}{}:
	default: // one is on its way
	}
}

// overdue reminds if something waits beyond its clock, in whatever organisation.
func (r *resting) overdue(ctx context.Context) error {
	if r.nudge == nil {
		return nil
	}
	return r.eachLog(ctx, func(log string) error {
		if log == records.House {
			return nil
		}
		late, err := r.desk.Overdue(ctx, log)
		if err == nil && late {
			r.remind()
		}
		return err
	})
}

// publish carries the signed head of every log out of the machine.
func (r *resting) publish(ctx context.Context, sinks ...trail.Sink) error {
	return r.eachLog(ctx, func(log string) error {
		head, err := r.engine.TrailHead(ctx, log)
		if err != nil || head.Note == nil {
			return err
		}
		return trail.Publish(ctx, head.Note, sinks...)
	})
}

// upkeep is a word of ours that may stand in a log.
type upkeep string

// Loggable says so.
func (u upkeep) Loggable() string { return string(u) }
