package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrUnsafeFile refuses a file or directory that others could read or put in place: wrong
// permissions, wrong owner, a symlink, a place beside the data it protects.
var ErrUnsafeFile = errors.New("vault: unsafe file")

// readGuarded reads a regular file that is no symlink, belongs to this process or to an
// accepted owner and carries no permission outside allowed. It looks at the opened file,
// so nothing can be put in its place between looking and reading.
func readGuarded(path string, limit int64, allowed fs.FileMode, owners ...int) ([]byte, error) {
	f, err := openNoFollow(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file: %w", path, ErrUnsafeFile)
	case info.Mode().Perm()&^allowed != 0:
		return nil, fmt.Errorf("%s has permissions %#o, at most %#o: %w", path, info.Mode().Perm(), allowed, ErrUnsafeFile)
	case !ownedBy(info, append(owners, os.Geteuid())):
		return nil, fmt.Errorf("%s belongs to somebody else: %w", path, ErrUnsafeFile)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s is too large: %w", path, ErrUnsafeFile)
	}
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// writeDurable puts content at path, whole or not at all: a new file, synced, read back,
// renamed over the old one, the directory synced. Then the old bytes are overwritten, as
// far as the medium lets us, for they may hold a key that was just destroyed.
func writeDurable(path string, content []byte) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeNew(fresh, content); err != nil {
		return err
	}
	back, err := readGuarded(fresh, int64(len(content)), 0o600)
	if err != nil {
		return err
	}
	if !bytes.Equal(back, content) {
		return fmt.Errorf("%s was read back changed", fresh)
	}
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		defer old.Close()
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return err
	}
	if old != nil {
		overwrite(old)
	}
	return nil
}

// writeNew makes a file that was not there, 0600, and syncs it.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(content); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// overwrite zeroes a file that no name leads to any more. A copy linked elsewhere is
// somebody's backup and is left alone. A journal, a snapshot or a solid-state disk may
// keep the blocks all the same: docs/keys.md.
func overwrite(f *os.File) {
	info, err := f.Stat()
	if err != nil || !unlinked(info) {
		return
	}
	if _, err := f.WriteAt(make([]byte, info.Size()), 0); err == nil {
		_ = f.Sync()
	}
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// inside says whether path lies in dir, whatever links lead there.
func inside(path, dir string) (bool, error) {
	path, err := resolve(path)
	if err != nil {
		return false, err
	}
	dir, err = resolve(dir)
	if err != nil {
		return false, err
	}
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)), nil
}

// resolve follows links as far as the path exists.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
		return real, err
	}
	parent, err := resolve(filepath.Dir(path))
	return filepath.Join(parent, filepath.Base(path)), err
}
