//go:build !unix

package sqlite

import (
	"fmt"
	"os"

	"waypost/internal/store"
)

// exclusive cannot keep a second process out here, so the engine is not offered.
func exclusive(*os.File) error {
	return fmt.Errorf("lock the data directory: %w", store.ErrUnsupported)
}
