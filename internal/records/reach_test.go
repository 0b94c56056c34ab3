package records_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/vault"
)

// What docs/retention.md says that erasing reaches, and what it says that it does not.

// opensBy says whether that database and that keyring open a record: what a thief or a court has who got hold of both.
func opensBy(t *testing.T, b base, ring *vault.Keyring, rec records.Record) error {
	t.Helper()
	at := store.Key{Tenant: practice, Kind: rec.Kind, ID: rec.ID}
	rested, err := b.Read(t.Context(), at)
	must(t, err)
	wrapped, err := b.WrappedKey(t.Context(), at)
	must(t, err)
	p := vault.Place{Tenant: practice, Kind: rec.Kind, ID: rec.ID, Rev: uint64(rec.Rev)}
	key, err := ring.OpenKey(p, vault.Wrapped{Bucket: wrapped.Bucket, Bytes: wrapped.Wrapped})
	if err == nil {
		_, _, err = key.Open(p, rested.Sealed)
	}
	return err
}

func stands(t *testing.T, dir string, what []byte) bool {
	t.Helper()
	found := false
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		found = found || bytes.Contains(data, what)
		return err
	}))
	return found
}

func TestErasedBytesLeaveTheDatabaseAndItsLog(t *testing.T) {
	for name, erase := range map[string]func(*room, records.Record) error{
		"one record": func(r *room, rec records.Record) error {
			return r.Erase(t.Context(), act(practice, "case.erase"), "case", rec.ID)
		},
		"expiry": func(r *room, _ records.Record) error {
			r.clock.set(spring)
			_, err := r.Sweep(t.Context())
			return err
		},
		"organisation": func(r *room, _ records.Record) error {
			_, err := r.EraseOrganisation(t.Context(), act(practice, "organisation.erase"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := furnish(t, embedded(t, dir))
			rec := note("case", "x", spring)
			rec.Blind = r.ring.Blind(practice, "ref", "abc")
			rec = r.add(practice, rec)
			for range 30 { // so that its pages are not the last ones written
				r.add(practice, note("case", "y", summer))
			}
			at := store.Key{Tenant: practice, Kind: "case", ID: rec.ID}
			rested, err := r.wire.base.Read(t.Context(), at)
			must(t, err)
			wrapped, err := r.wire.base.WrappedKey(t.Context(), at)
			must(t, err)
			traces := map[string][]byte{"text": rested.Sealed[40:140], "data key": wrapped.Wrapped, "index": rec.Blind[0]}
			for what, b := range traces {
				if !stands(t, dir, b) {
					t.Fatalf("the search does not see the %s before", what)
				}
			}
			must(t, erase(r, rec))
			for what, b := range traces {
				if stands(t, dir, b) {
					t.Errorf("the sealed %s still stands in a file", what)
				}
			}
		})
	}
}

// Honest limit: one record erased early stays in old backups until its month is over and destroyed.
func TestAnOldBackupOpensWhatWasErasedAloneUntilItsMonthGoes(t *testing.T) {
	r := furnish(t, embedded(t, t.TempDir()))
	rec := r.add(practice, note("case", "x", spring))
	copied := embedded(t, backup(t, r.wire.base))
	must(t, r.Erase(t.Context(), act(practice, "case.erase"), "case", rec.ID))
	must(t, opensBy(t, copied, r.ring, rec))
	r.clock.set(date(2027, 4, 30))
	_, err := r.Sweep(t.Context())
	must(t, err)
	must(t, opensBy(t, copied, r.ring, rec))
	r.clock.set(date(2027, 5, 1))
	_, err = r.Sweep(t.Context())
	must(t, err)
	want(t, opensBy(t, copied, r.ring, rec), vault.ErrShredded)
}

// Honest limit: an old keyring with its root key, and an old escrow with its code, undo the destruction of a month.
func TestAnOldKeyringUndoesADestroyedMonth(t *testing.T) {
	r := furnish(t, embedded(t, t.TempDir()))
	rec := r.add(practice, note("case", "x", spring))
	copied := embedded(t, backup(t, r.wire.base))
	kept, err := os.ReadFile(r.ground.Path)
	must(t, err)
	escrow, code, err := r.ring.Escrow()
	must(t, err)
	r.clock.set(date(2027, 5, 1))
	must(t, r.EraseMonth(t.Context(), act("", "month.erase"), "2027-04"))
	want(t, opensBy(t, copied, r.ring, rec), vault.ErrShredded)

	old := r.ground
	old.Path = filepath.Join(t.TempDir(), "keyring")
	must(t, os.WriteFile(old.Path, kept, 0o600))
	ring, err := vault.LoadKeyring(old)
	must(t, err)
	must(t, opensBy(t, copied, ring, rec))
	old.Path += "-from-escrow"
	ring, err = vault.RestoreKeyring(old, escrow, code)
	must(t, err)
	must(t, opensBy(t, copied, ring, rec))
}

// Standing records lie under keys that are moved on, so a backup can be put back whole for a year and then no more.
func TestABackupComesBackWholeForAYear(t *testing.T) {
	r := furnish(t, embedded(t, t.TempDir()))
	rec := r.add(practice, note("member", "stands", time.Time{}))
	copied := embedded(t, backup(t, r.wire.base))
	for month := range 13 { // to the month in which the standing keys of that backup lie
		r.clock.set(today.AddDate(0, month, 0))
		must(t, r.Tend(t.Context(), longest))
		_, err := r.Sweep(t.Context())
		must(t, err)
	}
	live := r.wire.base
	r.wire.base = copied
	r.open()
	_, err := r.read(rec)
	must(t, err)
	r.wire.base = live
	r.open()
	r.clock.set(today.AddDate(0, 13, 0))
	_, err = r.Sweep(t.Context())
	must(t, err)
	want(t, opensBy(t, copied, r.ring, rec), vault.ErrShredded)
	r.wire.base = copied
	_, err = records.Open(t.Context(), r.config)
	want(t, err, records.ErrNotFound)
	r.wire.base = live
	r.open()
	_, err = r.read(rec)
	must(t, err)
}
