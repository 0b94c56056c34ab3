package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
)

// ballast is a file that does nothing but hold room: it is removed when the disk is full, so that erasing and the trail
// can still be written, and put back when there is room again. Only the writer, and Open before it, change it.
type ballast struct {
	dir   string
	size  int64
	there atomic.Bool
}

func (b *ballast) path() string { return filepath.Join(b.dir, ballastName) }

// free gives the room away and says whether there was any to give.
func (b *ballast) free() bool {
	b.there.Store(false)
	return os.Remove(b.path()) == nil
}

// putBack says whether the ballast is there, after an attempt to make it. It waits for a little more room than it
// takes, or it would come and go with every batch on a disk that is just full.
func (b *ballast) putBack() bool {
	if b.there.Load() {
		return true
	}
	if at, err := os.Stat(b.path()); err == nil && at.Size() == b.size {
		b.there.Store(true)
		return true
	}
	_ = os.Remove(b.path()) // one of another size, or half made
	if left, err := room(b.dir); err != nil || left < b.size+b.size/4 {
		return false
	}
	if b.make() != nil {
		_ = os.Remove(b.path())
		return false
	}
	b.there.Store(true)
	return true
}

func (b *ballast) make() error {
	f, err := os.OpenFile(b.path(), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(reserve(f, b.size), f.Close())
}

// low says whether so little is left that only erasing may use it.
func (b *ballast) low() bool {
	left, err := room(b.dir)
	return err != nil || left < b.size/4
}
