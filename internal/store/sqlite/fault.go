package sqlite

import (
	"errors"
	"fmt"
	"syscall"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// Result codes of SQLite, https://www.sqlite.org/rescode.html. The low byte is the kind, the rest says more.
const (
	codeBusy    = 5
	codeIO      = 10
	codeCorrupt = 11
	codeFull    = 13
	codeNotADB  = 26
	codeShmSize = codeIO | 19<<8 // no room to grow the index of the log
)

func code(err error) int {
	var coded interface {
		error
		Code() int
	}
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return 0
}

// translate names an error of SQLite in the words of the store. SQLite's own text names tables, never values.
func translate(err error) error {
	switch c := code(err); {
	case c&0xff == codeFull, c == codeShmSize, errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case c&0xff == codeCorrupt:
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return err
}

// refused says whether err is an answer about the batch itself, after which the transaction is as sound as before.
func refused(err error) bool {
	for _, answer := range []error{
		store.ErrNotFound, store.ErrConflict, store.ErrDuplicate, store.ErrReused, store.ErrDamaged,
		trail.ErrClock, trail.ErrEntry,
	} {
		if errors.Is(err, answer) {
			return true
		}
	}
	return false
}
