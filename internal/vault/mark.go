package vault

import (
	"encoding/hex"
	"fmt"
)

// Mark names a state of the keyring. The database keeps the newest one it has seen; it
// says nothing of the keys.
type Mark struct {
	Ring       string // drawn when the keyring was made
	Generation uint64 // one more with each change
}

func (r *ring) mark() Mark { return Mark{hex.EncodeToString(r.id[:]), r.generation} }

// Mark returns the present state, for the database to keep.
func (k *Keyring) Mark() Mark { return k.ring.Load().mark() }

// Generation counts the changes of the keyring.
func (k *Keyring) Generation() uint64 { return k.Mark().Generation }

// Check compares the keyring with the mark the database kept: ErrOldKeyring or
// ErrOtherKeyring refuse the start. The zero mark is a new database. The keyring is raised
// first, so it may be newer; then the database keeps the new mark before it writes.
func (k *Keyring) Check(kept Mark) error { return k.Mark().covers(kept) }

func (m Mark) covers(kept Mark) error {
	switch {
	case kept == Mark{}:
		return nil
	case m.Ring != kept.Ring:
		return ErrOtherKeyring
	case m.Generation < kept.Generation:
		return fmt.Errorf("generation %d, database knows %d: %w", m.Generation, kept.Generation, ErrOldKeyring)
	}
	return nil
}
