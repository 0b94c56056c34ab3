//go:build !unix

package vault

import (
	"fmt"
	"io/fs"
	"os"
)

// Without owners, permissions and locks as Unix has them no key file can be judged, so
// none is read.
func openNoFollow(path string) (*os.File, error) {
	return nil, fmt.Errorf("%s cannot be judged on this system: %w", path, ErrUnsafeFile)
}

func ownedBy(fs.FileInfo, []int) bool { return false }

func unlinked(fs.FileInfo) bool { return false }

func lock(path string) (func(), error) {
	return nil, fmt.Errorf("%s cannot be locked on this system: %w", path, ErrUnsafeFile)
}
