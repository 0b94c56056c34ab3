package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"waypost/internal/records"
	"waypost/internal/vault"
)

// keys looks after what opens what rests. Restoring is for a machine that has no keyring, so it touches no store.
func keys(ctx context.Context, w world) error {
	if len(w.args) == 2 && w.args[0] == "restore" {
		return restoreKeys(w)
	}
	return outside("keys")(ctx, w)
}

func ringKeys(ctx context.Context, r *resting, w world) error {
	switch {
	case len(w.args) == 1 && w.args[0] == "status":
		live, destroyed := r.keyring.Months()
		fmt.Fprintf(w.out, "generation %d\n", r.keyring.Generation())
		if len(live) > 0 {
			fmt.Fprintf(w.out, "months %s to %s, %d of them\n", live[0], live[len(live)-1], len(live))
		}
		for _, m := range destroyed {
			fmt.Fprintf(w.out, "destroyed %s\n", m)
		}
		return nil
	case len(w.args) == 2 && w.args[0] == "export":
		file, code, err := r.keyring.Escrow()
		if err != nil {
			return err
		}
		if err := writeNew(w.path(w.args[1]), file); err != nil {
			return fmt.Errorf("write escrow copy: %w", err)
		}
		_, err = fmt.Fprintf(w.out, "The escrow copy is written. Write this code on paper and keep it apart from the file; it is shown once:\n%s\n", code.Reveal())
		return err
	}
	return r.rekey(ctx, w)
}

// rekey changes a key before its time. Each is told in the log of the house first, and refused where another process tends
// the keyring.
func (r *resting) rekey(ctx context.Context, w world) error {
	const usage = "arguments %w: keys status | keys export FILE | keys restore FILE | keys rotate-month MONTH | keys rewrap MONTH | keys retire-month MONTH | keys rotate-root FILE; a month is written 2027-03"
	if len(w.args) != 2 {
		return fmt.Errorf(usage, errUsage)
	}
	what := w.args[1]
	act := records.Act{Tenant: records.House, Actor: "operator", Action: "keys." + w.args[0]}
	switch w.args[0] {
	case "rotate-month":
		if err := r.safe.RotateMonth(ctx, act, what); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.out, "%s has a new key for what is written from now on. Hand the keyring out to other processes, then: waypost keys rewrap %s\n", what, what)
		return err
	case "rewrap":
		n, err := r.safe.RewrapMonth(ctx, what)
		fmt.Fprintf(w.out, "%d keys of records are wrapped by the newest key of %s. A day after it was made: waypost keys retire-month %s\n", n, what, what)
		return err
	case "retire-month":
		if err := r.safe.RetireMonth(ctx, act, what); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.out, "%s has its newest key alone. Make a new escrow copy and destroy the old one.\n", what)
		return err
	case "rotate-root":
		root, err := vault.ReadRootKey(w.path(what), r.places.data)
		if err != nil {
			return err
		}
		if err := r.safe.RotateRoot(ctx, act, root); err != nil { // perhaps behind the writing of the keyring
			return fmt.Errorf("%w; the keyring may be sealed under the new root key already: throw neither away before Waypost has started with one of them", err)
		}
		_, err = fmt.Fprintln(w.out, "The keyring is sealed under that key and opens by no other. Put it now where the root key is looked for, in the place of the old one, before the next start, and make a new escrow copy.")
		return err
	}
	return fmt.Errorf(usage, errUsage)
}

// writeNew writes a file that was not there, for its owner alone.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the file that the person at the keyboard named
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// restoreKeys makes the keyring anew from an escrow copy. The code is read from standard input.
func restoreKeys(w world) error {
	p, err := readPlaces(w.env)
	if err != nil {
		return err
	}
	copied, err := os.ReadFile(w.args[1]) // #nosec G304 -- the file that the person at the keyboard named
	if err != nil {
		return fmt.Errorf("read escrow copy: %w", err)
	}
	if err := os.MkdirAll(p.keys, 0o700); err != nil {
		return err
	}
	fmt.Fprintln(w.errout, "The recovery code:")
	code := vault.Keep(line(bufio.NewScanner(io.LimitReader(w.in, 1<<10))))
	root, err := p.vault(w.env).FindOrMake(rand.Reader)
	if err != nil {
		return fmt.Errorf("root key: %w", err)
	}
	ring, err := vault.RestoreKeyring(vault.Ground{Path: filepath.Join(p.keys, vault.RingName), Root: root.KEK, Random: rand.Reader, Now: w.now}, copied, code)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "keyring of generation %d is back. %s\nThe next start says whether it is older than the database.\n", ring.Generation(), root.Note)
	return err
}
