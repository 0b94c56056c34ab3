package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrNoKeyring says that there is no keyring file. Where a database exists, that is a
	// loss, not a beginning.
	ErrNoKeyring = errors.New("vault: no keyring")
	// ErrKeyringExists refuses to make a keyring over another.
	ErrKeyringExists = errors.New("vault: keyring exists")
	// ErrOldKeyring says that the keyring is older than the database or than the one in use:
	// an old copy was put back, and with it keys that were destroyed.
	ErrOldKeyring = errors.New("vault: keyring older than the database")
	// ErrOtherKeyring says that the keyring never belonged to this database.
	ErrOtherKeyring = errors.New("vault: keyring of another database")
)

// Ground is what a keyring stands on. The file lies outside the database and its backups.
type Ground struct {
	Path   string           // the keyring file
	Root   KEK              // seals it
	Random io.Reader        // makes keys; nonces come from the cryptographic module itself
	Now    func() time.Time // judges which month is over
}

// Keyring holds a key for each month of expiry, the index keys and the form secrets. It is
// safe for concurrent use; reading never waits for a change.
type Keyring struct {
	ground Ground
	change sync.Mutex // one change at a time; guards ground.Root
	ring   atomic.Pointer[ring]
}

// CreateKeyring makes a keyring with an index key and a form secret but without months,
// and refuses where one exists.
func CreateKeyring(g Ground) (*Keyring, error) {
	first := &ring{generation: 1, months: map[string]month{}, lastEpoch: 1}
	if _, err := io.ReadFull(g.Random, first.id[:]); err != nil {
		return nil, fmt.Errorf("vault: make keyring: %w", err)
	}
	index, err := freshKey(g.Random)
	if err != nil {
		return nil, err
	}
	forms, err := freshKey(g.Random)
	if err != nil {
		return nil, err
	}
	first.epochs, first.forms = []epoch{{1, index}}, []formSecret{{0, forms}}
	return place(g, first)
}

// place writes the first file of a keyring.
func place(g Ground, first *ring) (*Keyring, error) {
	unlock, err := lock(g.Path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("create keyring: %w", err)
	}
	defer unlock()
	if _, err := readFile(g.Path); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(ErrKeyringExists, err)
	}
	k := &Keyring{ground: g}
	if err := k.write(first, g.Root); err != nil {
		return nil, err
	}
	return k, nil
}

// LoadKeyring opens the keyring file. The caller then asks Check whether it is the one the
// database knows.
func LoadKeyring(g Ground) (*Keyring, error) {
	k := &Keyring{ground: g}
	if err := k.Reload(); err != nil {
		return nil, err
	}
	return k, nil
}

// Reload reads the file again, after another process changed it, and refuses an older one.
func (k *Keyring) Reload() error {
	k.change.Lock()
	defer k.change.Unlock()
	if unlock, err := lock(k.ground.Path + ".lock"); err == nil { // a read-only copy needs none
		defer unlock()
	}
	r, err := k.read()
	if err != nil {
		return err
	}
	k.ring.Store(r)
	return nil
}

// read opens the file and refuses one that is older than what this process holds.
func (k *Keyring) read() (*ring, error) {
	file, err := readFile(k.ground.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrNoKeyring, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read keyring: %w", err)
	}
	r, err := openRing(file, k.ground.Root)
	if err != nil {
		return nil, err
	}
	if held := k.ring.Load(); held != nil {
		if err := r.mark().covers(held.mark()); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func readFile(path string) ([]byte, error) { return readGuarded(path, ringLimit, 0o600) }

// write makes a ring durable, then shows it to readers. A ring the reader would refuse is
// never written.
func (k *Keyring) write(next *ring, root KEK) error {
	file, err := sealRing(next, root, k.ground.Random)
	if err != nil {
		return err
	}
	if _, err := openRing(file, root); err != nil {
		return fmt.Errorf("check keyring before writing: %w", err)
	}
	if err := writeDurable(k.ground.Path, file); err != nil {
		return fmt.Errorf("write keyring: %w", err)
	}
	k.ground.Root = root
	k.ring.Store(next)
	return nil
}

// edit changes the newest ring on disk and returns once the change is durable. An edit
// that finds nothing to do returns false; the file is then synced all the same, since an
// earlier change may have been cut off between renaming and syncing.
func (k *Keyring) edit(do func(*ring) (bool, error)) error {
	k.change.Lock()
	defer k.change.Unlock()
	return k.editWith(k.ground.Root, do)
}

func (k *Keyring) editWith(root KEK, do func(*ring) (bool, error)) error {
	unlock, err := lock(k.ground.Path + ".lock")
	if err != nil {
		return fmt.Errorf("change keyring: %w", err)
	}
	defer unlock()
	current, err := k.read()
	if err != nil {
		return err
	}
	next := current.clone()
	changed, err := do(next)
	if err != nil {
		return err
	}
	if !changed {
		k.ring.Store(current)
		return syncDir(filepath.Dir(k.ground.Path))
	}
	next.generation++
	return k.write(next, root)
}

// RotateRoot seals the keyring under another root key. The old root key opens old copies
// of the file only; where these cannot be recalled, rotate after a month is destroyed.
func (k *Keyring) RotateRoot(root KEK) error {
	k.change.Lock()
	defer k.change.Unlock()
	return k.editWith(root, func(*ring) (bool, error) { return true, nil })
}
