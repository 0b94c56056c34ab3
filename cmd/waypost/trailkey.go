package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"waypost/internal/trail"
	"waypost/internal/vault"
)

// The key that signs the heads of the logs, and the public half by which anybody checks them. It is none of the vault's.
const (
	trailKey    = "trail.key"
	trailPublic = "trail.pub"
)

// notary finds the signing key of the logs, or makes it on a first start. Who follows makes none: the other process could
// not check what it signed.
func (p places) notary() (*trail.Notary, error) {
	if p.follower {
		if _, err := os.Stat(filepath.Join(p.keys, trailKey)); err != nil {
			return nil, fmt.Errorf("trail key, which the process that is followed has made: %w", err)
		}
	}
	return openNotary(p.keys)
}

// openNotary finds the signing key of the logs, or makes it on a first start.
func openNotary(dir string) (*trail.Notary, error) {
	path := filepath.Join(dir, trailKey)
	private, err := os.ReadFile(path) // #nosec G304 -- the key directory of this installation
	if errors.Is(err, fs.ErrNotExist) {
		if private, err = makeTrailKey(dir); err != nil {
			return nil, fmt.Errorf("make trail key: %w", err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read trail key: %w", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		return nil, errors.Join(fmt.Errorf("trail key: %w: others could read it", vault.ErrUnsafeFile), err)
	}
	public, err := trailReaders(dir)
	if err != nil {
		return nil, err
	}
	return trail.NewNotary(string(private), public...)
}

func makeTrailKey(dir string) ([]byte, error) {
	private, public, err := trail.NewKey(rand.Reader, "waypost")
	if err != nil {
		return nil, err
	}
	// The public half first: a key that signs and that nobody can check would be worse than none. Those of keys that were
	// lost stay, because what they signed still has to be checked.
	before, err := os.ReadFile(filepath.Join(dir, trailPublic)) // #nosec G304 -- the key directory of this installation
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := replace(filepath.Join(dir, trailPublic), strings.NewReader(public+"\n"+string(before)).WriteTo); err != nil {
		return nil, err
	}
	return []byte(private), replace(filepath.Join(dir, trailKey), strings.NewReader(private).WriteTo)
}

// trailReaders reads the public keys, one a line: the present one and its predecessors.
func trailReaders(dir string) ([]string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, trailPublic)) // #nosec G304 -- the key directory of this installation
	if err != nil {
		return nil, fmt.Errorf("read public trail keys: %w", err)
	}
	return lines(string(raw)), nil
}
