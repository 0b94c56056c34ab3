package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Restore puts a backup into a directory that has no database yet, checks it, and only then gives it its name. It never
// replaces a database: what stands there is moved away by a person, who then knows where it is.
func Restore(ctx context.Context, dir string, from io.Reader) error {
	if err := restore(ctx, dir, from); err != nil {
		return fmt.Errorf("restore: %w", translate(err))
	}
	return nil
}

func restore(ctx context.Context, dir string, from io.Reader) (err error) {
	lock, err := occupy(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	path := filepath.Join(dir, fileName)
	// A log that was left beside a database would be laid over the backup: it is moved away together with its own.
	for _, there := range []string{path, path + "-wal", path + "-journal"} {
		if _, err := os.Lstat(there); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(fs.ErrExist, err)
		}
	}
	f, err := os.CreateTemp(dir, backupName)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, patient{ctx, from})
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		var fresh bool
		if fresh, err = identify(ctx, f.Name()); fresh {
			err = ErrForeign // a file of nothing would be taken for a new database
		}
	}
	if err == nil {
		err = sound(ctx, f.Name(), "mode=ro&immutable=1")
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}
