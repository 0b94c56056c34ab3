// Package records is the one place where what rests is sealed, committed together with its entry in the trail, read
// with the trail written first, found by blind index, kept for its time, swept and erased. It stands above vault, store
// and trail and below everything that has a meaning, so nobody above it ever holds a data key.
//
// It refuses to open a record before the trail says so ("no trail, no access"), to tell a record of another
// organisation, an expired one and one that never was from each other, to show what has expired though nobody swept it,
// to run under a clock that lies behind the trail, and to know what a record means. Its errors name acts, kinds and ids,
// never content.
package records

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// The sentinels of this room. The cause stays wrapped below them.
var (
	ErrNotFound    = errors.New("records: not found")                     // unknown, of another organisation, or expired
	ErrConflict    = errors.New("records: somebody changed it first")     // read again, then decide again
	ErrDuplicate   = errors.New("records: id is taken")                   // a new record under the id of another
	ErrRepeated    = errors.New("records: this operation was done")       // the same op before; nothing was written twice
	ErrTrail       = errors.New("records: no trail, no access")           // the entry could not be written
	ErrUnavailable = errors.New("records: the store is not available")    // away, full, or outcome unknown after retries
	ErrTampered    = errors.New("records: changed or moved where it lay") // does not open where it stands
	ErrInvalid     = errors.New("records: not a valid request")           // a mistake of the caller
	ErrTooSoon     = errors.New("records: the month is not over")         // and may still be written to
	ErrConfig      = errors.New("records: incomplete set-up")             // or a clock behind the trail: then trail.ErrClock is below it
)

// House is the organisation under which this room keeps what belongs to the installation: the key of the references,
// and the log that tells which months were erased.
const House = "waypost"

// Kind is one line of the table of kinds.
type Kind struct {
	Name string // "case", "member", "session"
	// Logged: no trail, no access. False only for what is no record about a person (sessions, challenges): nothing
	// about it is written in the trail and the audit does not look for it.
	Logged bool
}

// Keys is what this room needs of *vault.Keyring.
type Keys interface {
	NewKey(p vault.Place, expires time.Time) (vault.Wrapped, vault.DataKey, error)
	OpenKey(p vault.Place, w vault.Wrapped) (vault.DataKey, error)
	Rewrap(p vault.Place, w vault.Wrapped, expires time.Time) (vault.Wrapped, error)
	IsCurrent(p vault.Place, w vault.Wrapped) (bool, error)
	Months() (live, destroyed []string)
	DestroyBucket(bucket string) error
	Prepare(until time.Time) error
	RotateForms() error
	Reload() error
	RotateMonth(bucket string) error
	RetireMonth(bucket string) error
	RotateRoot(root vault.KEK) error
	Mark() vault.Mark
}

// Config says what a Safe stands on.
type Config struct {
	Store  store.Store
	Marks  store.Marks // the same engine: both offer it
	Keys   Keys
	Now    func() time.Time
	Random io.Reader // ids only; keys and nonces come from the vault
	Kinds  []Kind
	// Follower: another process tends the keyring that this one only loads. Sweep then leaves the months alone, and
	// whatever changes the keyring refuses.
	Follower bool
}

// Safe holds the records of an installation. It is safe for concurrent use.
type Safe struct {
	store  store.Store
	marks  store.Marks
	keys   Keys
	clock  *clock
	logged map[string]bool
	ref    refKey
	follow bool

	mu     sync.Mutex // guards random
	random io.Reader
}

// Open looks at the clock, finds or makes the key of the references, and returns a Safe.
func Open(ctx context.Context, c Config) (*Safe, error) {
	if c.Store == nil || c.Marks == nil || c.Keys == nil || c.Now == nil || c.Random == nil {
		return nil, fmt.Errorf("open: %w", ErrConfig)
	}
	s := &Safe{
		store: c.Store, marks: c.Marks, keys: c.Keys, random: c.Random, follow: c.Follower,
		clock: &clock{now: c.Now}, logged: make(map[string]bool, len(c.Kinds)),
	}
	for _, k := range c.Kinds {
		if _, twice := s.logged[k.Name]; twice || !trail.IsCode(k.Name) || k.Name == refKind || k.Name == firstCode {
			return nil, fmt.Errorf("open: a kind is no code, stands twice or is our own: %w", ErrConfig)
		}
		s.logged[k.Name] = k.Logged
	}
	if err := s.openClock(ctx); err != nil {
		return nil, fmt.Errorf("open: %w: %w", ErrConfig, err)
	}
	ref, err := s.openRefKey(ctx)
	if err != nil {
		return nil, fmt.Errorf("open: key of the references: %w", err)
	}
	s.ref = ref
	return s, nil
}
