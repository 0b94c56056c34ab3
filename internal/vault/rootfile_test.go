package vault_test

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"waypost/internal/vault"
)

// machine is a host with a key and a data directory beside each other.
func machine(t *testing.T) vault.Places {
	t.Helper()
	dir := t.TempDir()
	return vault.Places{KeyDir: filepath.Join(dir, "keys"), DataDir: filepath.Join(dir, "data")}
}

func writeKey(t *testing.T, path string, seed byte, mode os.FileMode) string {
	t.Helper()
	raw := make([]byte, 32)
	for i := range raw {
		raw[i] = seed + byte(i)
	}
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(hex.EncodeToString(raw)+"\n"), 0o600))
	must(t, os.Chmod(path, mode))
	return path
}

// same says whether a found root key is the one written from seed.
func same(t *testing.T, root vault.Root, seed byte) bool {
	t.Helper()
	wrapped, err := rootKey(t, seed).Wrap([]byte("secret"), []byte("here"))
	must(t, err)
	got, err := root.KEK.Unwrap(wrapped, []byte("here"))
	return err == nil && string(got) == "secret"
}

func TestFirstStartMakesARootKeyAndSaysSo(t *testing.T) {
	p := machine(t)
	if _, err := p.Find(); !errors.Is(err, vault.ErrNoRoot) {
		t.Errorf("found before any was made: %v", err)
	}
	first, err := p.FindOrMake(rand.Reader)
	must(t, err)
	path := filepath.Join(p.KeyDir, vault.RootName)
	if !strings.Contains(first.Note, path) || first.Origin != "key directory" {
		t.Errorf("origin %q, note %q", first.Origin, first.Note)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	second, err := p.FindOrMake(rand.Reader)
	must(t, err)
	wrapped, err := first.KEK.Wrap([]byte("x"), nil)
	must(t, err)
	if _, err := second.KEK.Unwrap(wrapped, nil); err != nil || second.Note != "" {
		t.Errorf("second start: %v, note %q", err, second.Note)
	}
}

func TestNoNewRootKeyBesideAKeyring(t *testing.T) {
	p := machine(t)
	must(t, os.MkdirAll(p.KeyDir, 0o700))
	must(t, os.WriteFile(filepath.Join(p.KeyDir, vault.RingName), []byte("x"), 0o600))
	if _, err := p.FindOrMake(rand.Reader); !errors.Is(err, vault.ErrRootLost) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Lstat(filepath.Join(p.KeyDir, vault.RootName)); err == nil {
		t.Error("a new root key was written all the same")
	}
}

func TestRootKeyIsFoundInOrder(t *testing.T) {
	p := machine(t)
	p.Credentials = filepath.Join(t.TempDir(), "credentials")
	writeKey(t, filepath.Join(p.Credentials, vault.CredentialName), 1, 0o400)
	p.File = writeKey(t, filepath.Join(t.TempDir(), "root"), 1, 0o600)
	writeKey(t, filepath.Join(p.KeyDir, vault.RootName), 1, 0o600)
	root, err := p.FindOrMake(rand.Reader)
	if err != nil || root.Origin != "credential" || !same(t, root, 1) || root.Note != "" {
		t.Errorf("all three agree: %q, %v", root.Origin, err)
	}
	must(t, os.Remove(filepath.Join(p.Credentials, vault.CredentialName))) // other credentials may lie there
	if root, err = p.Find(); err != nil || root.Origin != "file" || !same(t, root, 1) {
		t.Errorf("file: %q, %v", root.Origin, err)
	}
	writeKey(t, filepath.Join(p.KeyDir, vault.RootName), 2, 0o600)
	if _, err = p.FindOrMake(rand.Reader); !errors.Is(err, vault.ErrTwoRoots) {
		t.Errorf("file and key directory differ: %v", err)
	}
	p.File = ""
	p.Service = rootKey(t, 2)
	if _, err = p.Find(); !errors.Is(err, vault.ErrTwoRoots) {
		t.Errorf("key directory and a service: %v", err)
	}
	must(t, os.Remove(filepath.Join(p.KeyDir, vault.RootName)))
	if root, err = p.FindOrMake(rand.Reader); err != nil || root.Origin != "service" {
		t.Errorf("service: %q, %v", root.Origin, err)
	}
}

func TestRootKeyFileIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, p *vault.Places)
		want  error
	}{
		"group can read":  {func(t *testing.T, p *vault.Places) { must(t, os.Chmod(p.File, 0o640)) }, vault.ErrUnsafeFile},
		"world can read":  {func(t *testing.T, p *vault.Places) { must(t, os.Chmod(p.File, 0o604)) }, vault.ErrUnsafeFile},
		"can be executed": {func(t *testing.T, p *vault.Places) { must(t, os.Chmod(p.File, 0o700)) }, vault.ErrUnsafeFile},
		"symlink": {func(t *testing.T, p *vault.Places) {
			must(t, os.Symlink(p.File, p.File+"-link"))
			p.File += "-link"
		}, vault.ErrUnsafeFile},
		"directory": {func(t *testing.T, p *vault.Places) { p.File = filepath.Dir(p.File) }, vault.ErrUnsafeFile},
		"pipe": {func(t *testing.T, p *vault.Places) {
			p.File += "-pipe"
			must(t, syscall.Mkfifo(p.File, 0o600))
		}, vault.ErrUnsafeFile},
		"somebody else's": {func(t *testing.T, p *vault.Places) {
			if err := os.Chown(p.File, 12345, -1); err != nil {
				t.Skip("needs the right to give files away")
			}
		}, vault.ErrUnsafeFile},
		"in the data directory": {func(t *testing.T, p *vault.Places) {
			p.File = writeKey(t, filepath.Join(p.DataDir, "root"), 1, 0o600)
		}, vault.ErrUnsafeFile},
		"in the data directory by a link": {func(t *testing.T, p *vault.Places) {
			writeKey(t, filepath.Join(p.DataDir, "root"), 1, 0o600)
			link := filepath.Join(t.TempDir(), "link")
			must(t, os.Symlink(p.DataDir, link))
			p.File = filepath.Join(link, "root")
		}, vault.ErrUnsafeFile},
		"absent": {func(t *testing.T, p *vault.Places) { p.File += "-none" }, os.ErrNotExist},
		"too short": {func(t *testing.T, p *vault.Places) {
			must(t, os.WriteFile(p.File, []byte("abcdef\n"), 0o600))
		}, vault.ErrRootFormat},
		"too long": {func(t *testing.T, p *vault.Places) {
			must(t, os.WriteFile(p.File, make([]byte, 4096), 0o600))
		}, vault.ErrUnsafeFile},
		"empty": {func(t *testing.T, p *vault.Places) { must(t, os.WriteFile(p.File, nil, 0o600)) }, vault.ErrRootFormat},
		"zeros": {func(t *testing.T, p *vault.Places) {
			must(t, os.WriteFile(p.File, make([]byte, 32), 0o600))
		}, vault.ErrRootFormat},
		"a passphrase": {func(t *testing.T, p *vault.Places) {
			must(t, os.WriteFile(p.File, []byte(strings.Repeat("correct horse ", 5)[:64]), 0o600))
		}, vault.ErrRootFormat},
		"keys among the data": {func(t *testing.T, p *vault.Places) { p.KeyDir = filepath.Join(p.DataDir, "keys") }, vault.ErrUnsafeFile},
		"data among the keys": {func(t *testing.T, p *vault.Places) { p.DataDir = filepath.Join(p.KeyDir, "data") }, vault.ErrUnsafeFile},
		"one directory":       {func(t *testing.T, p *vault.Places) { p.DataDir = p.KeyDir }, vault.ErrUnsafeFile},
		"no directory named":  {func(t *testing.T, p *vault.Places) { p.KeyDir = "" }, vault.ErrUnsafeFile},
		"key directory open": {func(t *testing.T, p *vault.Places) {
			must(t, os.MkdirAll(p.KeyDir, 0o700))
			must(t, os.Chmod(p.KeyDir, 0o777))
		}, vault.ErrUnsafeFile},
	} {
		t.Run(name, func(t *testing.T) {
			p := machine(t)
			p.File = writeKey(t, filepath.Join(t.TempDir(), "root"), 1, 0o600)
			if root, err := p.Find(); err != nil || !same(t, root, 1) {
				t.Fatalf("before it is spoilt: %v", err)
			}
			tc.spoil(t, &p)
			if _, err := p.FindOrMake(rand.Reader); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestCredentialIsReadAsSystemdGivesIt(t *testing.T) {
	for mode, want := range map[os.FileMode]error{
		0o400: nil, 0o440: nil, 0o404: vault.ErrUnsafeFile, 0o460: vault.ErrUnsafeFile, 0o660: vault.ErrUnsafeFile,
	} {
		p := machine(t)
		p.Credentials = t.TempDir()
		path := filepath.Join(p.Credentials, vault.CredentialName)
		raw := []byte("\x01\x02\x03 thirty-two raw bytes here \x00\xff")
		must(t, os.WriteFile(path, raw[:32], 0o600))
		must(t, os.Chmod(path, mode))
		if _, err := p.Find(); !errors.Is(err, want) {
			t.Errorf("mode %#o: got %v, want %v", mode, err, want)
		}
	}
}

func TestRootKeyWrapsAndRefuses(t *testing.T) {
	root := rootKey(t, 1)
	wrapped, err := root.Wrap([]byte("secret"), []byte("here"))
	must(t, err)
	for name, try := range map[string]func() ([]byte, error){
		"elsewhere": func() ([]byte, error) { return root.Unwrap(wrapped, []byte("there")) },
		"other key": func() ([]byte, error) { return rootKey(t, 2).Unwrap(wrapped, []byte("here")) },
		"cut":       func() ([]byte, error) { return root.Unwrap(wrapped[1:], []byte("here")) },
	} {
		if _, err := try(); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (vault.RootKey{}).Wrap(nil, nil); !errors.Is(err, vault.ErrNoRoot) {
		t.Errorf("no key: %v", err)
	}
	for _, short := range [][]byte{nil, make([]byte, 16), make([]byte, 33)} {
		if _, err := vault.NewRootKey(short); err == nil {
			t.Errorf("root key of %d bytes", len(short))
		}
	}
}
