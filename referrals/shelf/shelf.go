// Package shelf is where local services rest: sealed like everything else, loaded at start into one directory that is
// replaced as a whole after every change, so that matching never waits for a disk.
//
// It keeps public facts only. Contacts that may get somebody killed lie in package private below it, another type in
// another collection, which nothing here imports: what this package hands out cannot hold one. It refuses a change whose
// maker it cannot name, writes the trail before a change, and shows no entry that the directory would refuse.
package shelf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals/directory"
	"waypost/referrals/directory/ledger"
)

// The sentinels of this room; those of the ledger and of the records are wrapped in what it returns.
var (
	ErrNotFound = errors.New("shelf: no such service")
	ErrTaken    = errors.New("shelf: a service has that id")
	ErrChanged  = errors.New("shelf: somebody changed services meanwhile: run it again")
	ErrFull     = errors.New("shelf: too many services for one place")
	ErrConfig   = errors.New("shelf: incomplete set-up")
)

// house is the tenant of public facts: they belong to the installation, are the same for every organisation in it, and stay
// when one of them is erased.
const house = "waypost.directory"

// kind is that of a box of services. It is not logged: it holds no person, and a start that reads it is no access to
// anybody's record. Every change is noted in the log of the house, with its maker, before it is made.
const kind = "services"

// Kinds is this room's part of the table that records.Open takes.
func Kinds() []records.Kind { return []records.Kind{{Name: kind}} }

// Safe is what this room needs of *records.Safe.
type Safe interface {
	Read(ctx context.Context, act records.Act, kind, id string) (records.Record, error)
	Write(ctx context.Context, act records.Act, op [16]byte, changes ...records.Change) ([]records.Record, error)
	Queue(ctx context.Context, act records.Act, kind string, states []string, after store.Cursor, limit int) (records.Page, error)
	Note(ctx context.Context, act records.Act, outcome trail.Outcome, kind, id string) error
}

// Config says what a shelf stands on. National are the services that are embedded: they are in the directory and not on the
// shelf.
type Config struct {
	Safe     Safe
	National []directory.Service
	Now      func() time.Time
	Random   io.Reader // ids of operations only
}

// Shelf holds the local services of an installation. It is safe for concurrent use.
type Shelf struct {
	config   Config
	national []directory.Sound
	turn     chan struct{} // of whoever changes; nobody who reads waits for it
	boxes    [boxCount]box
	view     atomic.Pointer[view]
}

// view is everything at one moment. It is never changed.
type view struct {
	directory *directory.Directory
	entries   map[string]ledger.Entry
	ids       []string // in order
	unsound   []string // what the directory refuses, and is shown to nobody
}

// Open loads what rests.
func Open(ctx context.Context, c Config) (*Shelf, error) {
	if c.Safe == nil || c.Now == nil || c.Random == nil {
		return nil, ErrConfig
	}
	s := &Shelf{config: c, turn: make(chan struct{}, 1)}
	for _, n := range c.National {
		sound, err := directory.Admit(n)
		if err != nil {
			return nil, fmt.Errorf("open shelf: %w", err)
		}
		s.national = append(s.national, sound)
	}
	if _, err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// patience is how long a change waits for another one. The store may be slow, and whoever typed something is told so rather
// than kept waiting for as long as it is.
const patience = 5 * time.Second

// take waits for one's turn to change something. Changes of one process come one after the other, for two of one box would only
// be refused by the store; but none waits for longer than its caller does, or than patience.
func (s *Shelf) take(ctx context.Context) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for another change of services: %w: %w", records.ErrUnavailable, ctx.Err())
	}
}

// Directory is the national and the local services, as they stand now.
func (s *Shelf) Directory() *directory.Directory { return s.view.Load().directory }

// Entry is one local service with what is known of it.
func (s *Shelf) Entry(id string) (ledger.Entry, bool) {
	e, ok := s.view.Load().entries[id]
	return e, ok
}

// Entries are all local services by id.
func (s *Shelf) Entries() iter.Seq[ledger.Entry] { return s.view.Load().all }

func (v *view) all(yield func(ledger.Entry) bool) {
	for _, id := range v.ids {
		if !yield(v.entries[id]) {
			return
		}
	}
}

// Dues lists the local services that somebody must look at.
func (s *Shelf) Dues(today time.Time) []ledger.Due { return ledger.Dues(s.Entries(), today) }

// Unsound are the ids of services that rest here and that the directory refuses: written by another version, or made so by a
// word that is known no more. They are shown to nobody.
func (s *Shelf) Unsound() []string { return slices.Clone(s.view.Load().unsound) }

// arrange makes a view of the boxes.
func (s *Shelf) arrange() error {
	v := &view{entries: make(map[string]ledger.Entry, s.count())}
	shown := slices.Clone(s.national)
	national := make(map[string]bool, len(s.national))
	for _, n := range s.national {
		national[n.ID()] = true
	}
	for i := range s.boxes {
		for k, e := range s.boxes[i].entries {
			id := e.Service.ID
			v.entries[id] = e
			v.ids = append(v.ids, id)
			if _, ok := e.Shown(); !ok {
				continue
			}
			if sound := s.boxes[i].sound[k]; sound.ID() == id && !national[id] {
				shown = append(shown, sound)
			} else {
				v.unsound = append(v.unsound, id)
			}
		}
	}
	slices.Sort(v.ids)
	slices.Sort(v.unsound)
	slices.SortFunc(shown[len(s.national):], func(a, b directory.Sound) int { return cmp.Compare(a.ID(), b.ID()) })
	d, err := directory.Arrange(shown)
	if err != nil {
		return fmt.Errorf("arrange services: %w", err)
	}
	v.directory = d
	s.view.Store(v)
	return nil
}

func (s *Shelf) count() (n int) {
	for i := range s.boxes {
		n += len(s.boxes[i].entries)
	}
	return n
}

// op draws the id of an operation.
func (s *Shelf) op() (op [16]byte, err error) {
	if _, err = io.ReadFull(s.config.Random, op[:]); err != nil {
		return op, fmt.Errorf("draw an operation: %w", err)
	}
	return op, nil
}
