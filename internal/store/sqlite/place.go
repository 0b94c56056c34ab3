package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"waypost/internal/store"
)

// occupy makes the data directory if need be, closes it to everybody else on the machine, and takes its lock, which
// lasts as long as the file it returns is open, and no longer than the process.
func occupy(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := private(dir, 0o700); err != nil {
		return nil, err
	}
	if far, err := networked(dir); err != nil {
		return nil, err
	} else if far {
		return nil, ErrNetwork
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := exclusive(lock); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	left, err := filepath.Glob(filepath.Join(dir, backupGlob)) // by a process that was killed in a backup
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// ownFile makes the database file, if need be, before SQLite would make it for others to read. The files beside it get
// the same mode from SQLite.
func ownFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := private(path, 0o600); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func private(path string, mode os.FileMode) error {
	at, err := os.Stat(path)
	if err != nil || at.Mode().Perm()&^mode == 0 {
		return err
	}
	return os.Chmod(path, mode)
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Condition is what a readiness check may ask.
type Condition struct {
	Checked bool  // the check after start has ended
	Damaged bool  // it, or a later access, found damage: nothing is written any more
	Ballast bool  // the room kept back for erasing is there; without it only erasing and the trail are written
	Free    int64 // bytes left beside the ballast
}

// Condition reports on the engine without touching the database.
func (e *Engine) Condition() (Condition, error) {
	if e.life.Err() != nil {
		return Condition{}, store.ErrClosed
	}
	left, err := room(e.dir)
	if err != nil {
		return Condition{}, fmt.Errorf("free space: %w", err)
	}
	return Condition{e.checked.Load(), e.damaged.Load(), e.ballast.there.Load(), left}, nil
}
