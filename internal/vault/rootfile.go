package vault

import (
	"bytes"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

var (
	// ErrNoRoot says that no root key was found.
	ErrNoRoot = errors.New("vault: no root key")
	// ErrTwoRoots refuses to choose between root keys that differ or cannot be compared.
	ErrTwoRoots = errors.New("vault: two root keys")
	// ErrRootLost says that a keyring lies there but the root key that opens it does not:
	// a new one would open nothing.
	ErrRootLost = errors.New("vault: keyring without its root key")
	// ErrRootFormat refuses a file that is not 32 random bytes, raw or as 64 hex digits.
	ErrRootFormat = errors.New("vault: not a root key")
)

const (
	// CredentialName is the name of the root key among systemd credentials.
	CredentialName = "waypost-root"
	// RootName is the file of a generated root key in the key directory.
	RootName = "root.key"
	// RingName is the file of the keyring in the key directory.
	RingName = "keyring"
)

// Places are where a root key may come from. It is never an environment variable: those
// reach child processes, dumps and container inspection.
type Places struct {
	Credentials string // $CREDENTIALS_DIRECTORY, empty where systemd gave none
	File        string // WAYPOST_ROOT_KEY_FILE, empty where unset
	Service     KEK    // key management service or hardware module, nil where none
	KeyDir      string // WAYPOST_KEY_DIR: keyring and generated root key
	DataDir     string // WAYPOST_DATA_DIR: no key may lie in it
}

// Root is a root key and where it came from.
type Root struct {
	KEK    KEK
	Origin string // "credential", "file", "service", "key directory"
	Note   string // what the operator must be told, loudly; empty where nothing
}

// Find looks for the root key: credential, file, service, key directory. It refuses with
// ErrTwoRoots where two differ, with ErrUnsafeFile where others could read or replace one,
// and with ErrNoRoot where there is none.
func (p Places) Find() (Root, error) {
	if err := p.apart(); err != nil {
		return Root{}, err
	}
	var found []Root
	var first []byte
	for _, candidate := range p.candidates() {
		key, err := candidate.read()
		if errors.Is(err, fs.ErrNotExist) && candidate.optional {
			continue
		}
		if err != nil {
			return Root{}, fmt.Errorf("root key from %s: %w", candidate.origin, err)
		}
		defer clear(key)
		if first != nil && subtle.ConstantTimeCompare(first, key) != 1 {
			return Root{}, fmt.Errorf("%s and %s differ: %w", found[0].Origin, candidate.origin, ErrTwoRoots)
		}
		root, err := NewRootKey(key)
		if err != nil {
			return Root{}, err
		}
		first, found = key, append(found, Root{KEK: root, Origin: candidate.origin})
	}
	switch {
	case p.Service != nil && len(found) > 0:
		return Root{}, fmt.Errorf("%s and a service: %w", found[0].Origin, ErrTwoRoots)
	case p.Service != nil:
		return Root{KEK: p.Service, Origin: "service"}, nil
	case len(found) == 0:
		return Root{}, ErrNoRoot
	}
	return found[0], nil
}

// FindOrMake finds the root key or, on a first start, draws one into the key directory.
// It refuses with ErrRootLost where a keyring lies there already.
func (p Places) FindOrMake(random io.Reader) (Root, error) {
	root, err := p.Find()
	if !errors.Is(err, ErrNoRoot) {
		return root, err
	}
	if _, err := os.Lstat(filepath.Join(p.KeyDir, RingName)); !errors.Is(err, fs.ErrNotExist) {
		return Root{}, errors.Join(ErrRootLost, err)
	}
	path := filepath.Join(p.KeyDir, RootName)
	if err := makeRoot(path, random); err != nil {
		return Root{}, fmt.Errorf("make root key: %w", err)
	}
	if root, err = p.Find(); err != nil {
		return Root{}, err
	}
	root.Note = "A new root key was written to " + path + ". Without it and the keyring beside it, " +
		"nothing that Waypost seals can ever be read again. Make an escrow copy now, and keep both " +
		"apart from every backup of the database."
	return root, nil
}

// makeRoot writes a new root key, unless another process was quicker.
func makeRoot(path string, random io.Reader) error {
	unlock, err := lock(path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	key, err := freshKey(random)
	if err != nil {
		return err
	}
	defer clear(key)
	return writeDurable(path, []byte(hex.EncodeToString(key)+"\n"))
}

type candidate struct {
	origin   string
	optional bool // absence is no fault
	read     func() ([]byte, error)
}

func (p Places) candidates() (out []candidate) {
	if p.Credentials != "" {
		// systemd: 0400, or root's with an access list for us, which shows as group read
		out = append(out, candidate{"credential", true, func() ([]byte, error) {
			return readRoot(filepath.Join(p.Credentials, CredentialName), 0o640, 0)
		}})
	}
	if p.File != "" {
		out = append(out, candidate{"file", false, func() ([]byte, error) {
			if in, err := inside(p.File, p.DataDir); err != nil || in {
				return nil, errors.Join(fmt.Errorf("%s lies in the data directory: %w", p.File, ErrUnsafeFile), err)
			}
			return readRoot(p.File, 0o600)
		}})
	}
	return append(out, candidate{"key directory", true, func() ([]byte, error) {
		return readRoot(filepath.Join(p.KeyDir, RootName), 0o600)
	}})
}

// ReadRootKey reads a root key that an operator made to take the place of the present one, held to the same: a file of
// one's own that nobody else may read, and not among the data.
func ReadRootKey(path, dataDir string) (RootKey, error) {
	if in, err := inside(path, dataDir); err != nil || in {
		return RootKey{}, errors.Join(fmt.Errorf("%s lies in the data directory: %w", path, ErrUnsafeFile), err)
	}
	key, err := readRoot(path, 0o600)
	if err != nil {
		return RootKey{}, err
	}
	defer clear(key)
	return NewRootKey(key)
}

func readRoot(path string, allowed fs.FileMode, owners ...int) ([]byte, error) {
	content, err := readGuarded(path, 128, allowed, owners...)
	if err != nil {
		return nil, err
	}
	key := content
	if len(content) != keySize {
		key, err = hex.DecodeString(string(bytes.TrimSuffix(content, []byte("\n"))))
	}
	if err != nil || len(key) != keySize || bytes.Count(key, key[:1]) == keySize {
		return nil, fmt.Errorf("%s: %w", path, ErrRootFormat)
	}
	return key, nil
}

// apart makes the key directory and refuses one that shares ground with the data, or in
// which others could put a file.
func (p Places) apart() error {
	if p.KeyDir == "" || p.DataDir == "" {
		return fmt.Errorf("key and data directory are not both named: %w", ErrUnsafeFile)
	}
	for _, pair := range [][2]string{{p.KeyDir, p.DataDir}, {p.DataDir, p.KeyDir}} {
		in, err := inside(pair[0], pair[1])
		if err != nil {
			return fmt.Errorf("compare directories: %w", err)
		}
		if in {
			return fmt.Errorf("keys in %s and data in %s are not apart: %w", p.KeyDir, p.DataDir, ErrUnsafeFile)
		}
	}
	if err := os.MkdirAll(p.KeyDir, 0o700); err != nil {
		return fmt.Errorf("make key directory: %w", err)
	}
	info, err := os.Stat(p.KeyDir)
	if err != nil {
		return fmt.Errorf("look at key directory: %w", err)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s can be written by others: %w", p.KeyDir, ErrUnsafeFile)
	}
	return nil
}
