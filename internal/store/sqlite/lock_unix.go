//go:build unix

package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// exclusive takes the lock of an open file for this process, without waiting.
func exclusive(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrInUse
	}
	return err
}
