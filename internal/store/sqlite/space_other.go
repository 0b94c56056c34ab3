//go:build !linux

package sqlite

import (
	"math"
	"os"
)

// networked cannot tell here; the manual says what the data directory must not be.
func networked(string) (bool, error) { return false, nil }

// room cannot tell here: SQLite says when there is none.
func room(string) (int64, error) { return math.MaxInt64, nil }

func reserve(f *os.File, size int64) error { return fill(f, size) }
