package records

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"waypost/internal/store"
	"waypost/internal/vault"
)

// Ground is what a keyring is started on. Keyring.Root was found by vault.Places before.
type Ground struct {
	Keyring vault.Ground
	Store   store.Store
	Marks   store.Marks
	Longest time.Duration // the longest retention of any kind
	// Follower: another process makes and tends the keyring; this one loads the file that was handed out and changes nothing.
	Follower bool
}

// aheadMonths is how far beyond the longest retention the months are prepared.
const aheadMonths = 12

// Start opens the keyring, or makes it where the database is new, and has the database keep its mark before anything is
// written with it. It refuses a keyring that is older than the database (vault.ErrOldKeyring), one of another database
// (vault.ErrOtherKeyring) and a database whose keyring is lost (vault.ErrNoKeyring). Where several processes share one
// keyring, one of them does this and the others are followers: they load what was handed out, and refuse where nothing was.
func Start(ctx context.Context, g Ground) (*vault.Keyring, error) {
	kept, err := keptMark(ctx, g.Marks)
	if err != nil {
		return nil, fmt.Errorf("start keyring: %w", err)
	}
	ring, err := load(ctx, g, kept)
	if err != nil {
		return nil, fmt.Errorf("start keyring: %w", err)
	}
	if err := ring.Check(kept); err != nil {
		return nil, fmt.Errorf("start keyring: %w", err)
	}
	if g.Follower {
		return ring, nil
	}
	if err := keepMark(ctx, g.Marks, ring.Mark()); err != nil {
		return nil, fmt.Errorf("start keyring: %w", err)
	}
	if err := prepare(ctx, g.Marks, ring, g.Keyring.Now().Add(g.Longest)); err != nil {
		return nil, fmt.Errorf("start keyring: %w", err)
	}
	return ring, nil
}

// load makes a keyring only for a database that never had one: no mark is kept and nothing was ever told.
func load(ctx context.Context, g Ground, kept vault.Mark) (*vault.Keyring, error) {
	ring, err := vault.LoadKeyring(g.Keyring)
	if !errors.Is(err, vault.ErrNoKeyring) || kept != (vault.Mark{}) || g.Follower {
		return ring, err
	}
	head, err2 := g.Store.TrailHead(ctx, House)
	if err2 != nil {
		return nil, fault(err2)
	}
	if head.Size > 0 {
		return nil, err
	}
	return vault.CreateKeyring(g.Keyring)
}

// Tend is what is due once a day: the months ahead, the secret of the forms, the mark. Sweep does the rest.
func (s *Safe) Tend(ctx context.Context, longest time.Duration) error {
	if s.follow {
		return fmt.Errorf("tend keyring: another process does: %w", ErrInvalid)
	}
	if err := prepare(ctx, s.marks, s.keys, s.clock.latest().Add(longest)); err != nil {
		return fmt.Errorf("tend keyring: %w", err)
	}
	if err := s.keys.RotateForms(); err != nil {
		return fmt.Errorf("tend keyring: %w", err)
	}
	if err := keepMark(ctx, s.marks, s.keys.Mark()); err != nil {
		return fmt.Errorf("tend keyring: %w", err)
	}
	return nil
}

func prepare(ctx context.Context, marks store.Marks, keys Keys, until time.Time) error {
	until = time.Date(until.UTC().Year(), until.UTC().Month()+aheadMonths, 1, 0, 0, 0, 0, time.UTC)
	if err := keys.Prepare(until); err != nil {
		return err
	}
	return keepMark(ctx, marks, keys.Mark())
}

const ringMark = "keyring"

// keptMark reads the mark of the keyring that the database was last used with, or the zero mark of a new one.
func keptMark(ctx context.Context, marks store.Marks) (vault.Mark, error) {
	value, err := marks.Mark(ctx, ringMark)
	if errors.Is(err, store.ErrNotFound) {
		return vault.Mark{}, nil
	}
	if err != nil {
		return vault.Mark{}, fault(err)
	}
	ring, number, _ := strings.Cut(string(value), ":")
	generation, err := strconv.ParseUint(number, 10, 64)
	if err != nil || ring == "" {
		return vault.Mark{}, fmt.Errorf("mark of the keyring: %w", ErrTampered)
	}
	return vault.Mark{Ring: ring, Generation: generation}, nil
}

// keepMark has the database keep a mark, if it is not the one it has. It never goes back to an older one.
func keepMark(ctx context.Context, marks store.Marks, m vault.Mark) error {
	kept, err := keptMark(ctx, marks)
	if err != nil || kept == m || kept.Ring == m.Ring && kept.Generation > m.Generation {
		return err
	}
	return fault(marks.PutMark(ctx, ringMark, fmt.Appendf(nil, "%s:%d", m.Ring, m.Generation)))
}

// CarryMark takes the mark of the keyring along when a store is copied: store.Copy leaves marks out, and a copy without it
// would take an older keyring for a new one.
func CarryMark(ctx context.Context, from, to store.Marks) error {
	kept, err := keptMark(ctx, from)
	if err != nil || kept == (vault.Mark{}) {
		return err
	}
	return keepMark(ctx, to, kept)
}
