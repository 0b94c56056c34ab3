package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/store/sqlite"
)

// storeCommand works on stores without any key: what is copied stays sealed.
func storeCommand(ctx context.Context, w world) error {
	switch {
	case len(w.args) == 1 && w.args[0] == "doctor":
		w.args = nil
		return outside("doctor")(ctx, w)
	case len(w.args) == 3 && w.args[0] == "copy":
		return copyStore(ctx, w, w.args[1], w.args[2])
	}
	return fmt.Errorf("arguments %w: store copy FROM TO | store doctor; a store is the directory of an embedded one, or mongodb: and the file with the address of a deployment", errUsage)
}

// copyStore carries everything from one store into another and compares the roots of the logs. It may be stopped and
// asked again.
func copyStore(ctx context.Context, w world, from, to string) (err error) {
	p, err := readPlaces(w.env)
	if err != nil {
		return err
	}
	notary, err := openNotary(p.keys)
	if err != nil {
		return err
	}
	open := func(where string) (engine, error) {
		if file, deployment := strings.CutPrefix(where, "mongodb:"); deployment {
			return openMongo(ctx, file, notary, w.now)
		}
		return sqlite.Open(ctx, where, sqlite.Options{Notary: notary, Now: w.now, Entropy: rand.Reader})
	}
	source, err := open(from)
	if err != nil {
		return fmt.Errorf("open the store copied from: %w", err)
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := open(to)
	if err != nil {
		return fmt.Errorf("open the store copied to: %w", err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	items := 0
	if err := store.Copy(ctx, source, target, func(n int) {
		if items = n; n%10_000 < store.BatchLimit {
			fmt.Fprintf(w.errout, "%d items copied\n", n)
		}
	}); err != nil {
		return err
	}
	if err := records.CarryMark(ctx, source, target); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "%d items copied; the roots of all logs are equal\n", items)
	return err
}

// restore puts a backup in the place of no database. The next start says whether the keyring fits it.
func restore(ctx context.Context, w world) error {
	if len(w.args) != 1 {
		return fmt.Errorf("arguments %w: restore FILE", errUsage)
	}
	p, err := readPlaces(w.env)
	if err != nil {
		return err
	}
	from, err := os.Open(w.args[0])
	if err != nil {
		return fmt.Errorf("open backup: %w", err)
	}
	defer from.Close()
	if err := sqlite.Restore(ctx, p.store(), from); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.out, "The backup is checked and in its place. Start Waypost: it says if the keyring is older than the database.")
	return err
}
