package vault_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"waypost/internal/vault"
)

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func TestKeyringIsMadeOnce(t *testing.T) {
	h := newHouse(t)
	if _, err := vault.CreateKeyring(h.ground); !errors.Is(err, vault.ErrKeyringExists) {
		t.Errorf("made over another: %v", err)
	}
	h.ground.Path += "-elsewhere"
	if _, err := vault.LoadKeyring(h.ground); !errors.Is(err, vault.ErrNoKeyring) {
		t.Errorf("loaded from nowhere: %v", err)
	}
}

func TestKeyringFileHoldsNoKeyInClear(t *testing.T) {
	h := newHouse(t)
	before, err := os.ReadFile(h.ground.Path)
	must(t, err)
	if bytes.Contains(before, []byte("2027-03")) {
		t.Error("months stand in clear")
	}
	info, err := os.Stat(h.ground.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestKeyringRefusesWrongRootAndEveryFlippedBit(t *testing.T) {
	h := newHouse(t)
	g := h.ground
	g.Root = rootKey(t, 2)
	if _, err := vault.LoadKeyring(g); !errors.Is(err, vault.ErrWrongRoot) {
		t.Errorf("wrong root: %v", err)
	}
	file, err := os.ReadFile(h.ground.Path)
	must(t, err)
	for bit := range len(file) * 8 {
		file[bit/8] ^= 1 << (bit % 8)
		err := vault.ReadRing(file, h.ground.Root)
		if !errors.Is(err, vault.ErrTampered) && !errors.Is(err, vault.ErrWrongRoot) {
			t.Errorf("bit %d: %v", bit, err)
		}
		file[bit/8] ^= 1 << (bit % 8)
	}
	for _, n := range []int{0, 1, 36, 37, 38, 39, 98, 99, len(file) - 1} {
		must(t, os.WriteFile(h.ground.Path, file[:n], 0o600))
		if _, err := vault.LoadKeyring(h.ground); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("cut to %d: %v", n, err)
		}
	}
	must(t, os.WriteFile(h.ground.Path, file, 0o600))
	h.loaded(t)
}

func TestPrepareMakesEachMonthOnce(t *testing.T) {
	h := newHouse(t)
	live, destroyed := h.Months()
	if len(live) != 14 || live[0] != "2026-11" || live[13] != "2027-12" || destroyed != nil {
		t.Errorf("live %v, destroyed %v", live, destroyed)
	}
	s, generation := h.seal(t, aCase, march, "note"), h.Generation()
	must(t, h.Prepare(date(2027, 12, 31)))
	if h.Generation() != generation {
		t.Error("nothing to prepare, yet the generation rose")
	}
	must(t, h.Prepare(date(2028, 1, 1)))
	if _, err := open(h.loaded(t), s); err != nil || h.Generation() != generation+1 {
		t.Errorf("preparing further lost a key: %v", err)
	}
	if err := h.Prepare(date(2300, 1, 1)); !errors.Is(err, vault.ErrNoMonth) {
		t.Errorf("for ever: %v", err)
	}
	if _, _, err := h.NewKey(aCase, date(2029, 1, 1)); !errors.Is(err, vault.ErrNoMonth) {
		t.Errorf("month not prepared: %v", err)
	}
	if _, _, err := h.NewKey(aCase, h.clock.at); !errors.Is(err, vault.ErrPast) {
		t.Errorf("expired at birth: %v", err)
	}
}

// The month counts in UTC, wherever the clock that gave the expiry stands.
func TestBucketIsTheMonthInUTC(t *testing.T) {
	east := time.FixedZone("east", 14*3600)
	if got := vault.Bucket(time.Date(2027, 4, 1, 13, 59, 0, 0, east)); got != "2027-03" {
		t.Errorf("got %s", got)
	}
	h := newHouse(t)
	w, _, err := h.NewKey(aCase, time.Date(2027, 4, 1, 13, 59, 0, 0, east))
	if err != nil || w.Bucket != "2027-03" {
		t.Errorf("wrapped under %s, %v", w.Bucket, err)
	}
}

func TestDestroyedMonthStaysDestroyed(t *testing.T) {
	h := newHouse(t)
	s, other := h.seal(t, aCase, march, "note"), h.seal(t, aCase, date(2027, 4, 2), "kept")
	h.clock.at = date(2027, 3, 31).Add(24*time.Hour - 1)
	if err := h.DestroyBucket("2027-03"); !errors.Is(err, vault.ErrTooSoon) {
		t.Errorf("while it runs: %v", err)
	}
	h.clock.at = date(2027, 4, 1)
	must(t, h.DestroyBucket("2027-03"))
	generation := h.Generation()
	must(t, h.DestroyBucket("2027-03"))
	if h.Generation() != generation {
		t.Error("destroying again was a change")
	}
	for name, k := range map[string]*vault.Keyring{"in use": h.Keyring, "loaded": h.loaded(t)} {
		if _, err := open(k, s); !errors.Is(err, vault.ErrShredded) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := k.Rewrap(aCase, s.wrapped, date(2027, 6, 1)); !errors.Is(err, vault.ErrShredded) {
			t.Errorf("%s, rewrapped out: %v", name, err)
		}
		if text, err := open(k, other); err != nil || text != "kept" {
			t.Errorf("%s, other month: %v", name, err)
		}
	}
	// the clock is set back and the months prepared anew: the tombstone holds
	h.clock.at = date(2027, 2, 1)
	must(t, h.Prepare(date(2027, 12, 1)))
	if _, _, err := h.NewKey(aCase, march); !errors.Is(err, vault.ErrShredded) {
		t.Errorf("made again: %v", err)
	}
	if _, destroyed := h.Months(); len(destroyed) != 1 || destroyed[0] != "2027-03" {
		t.Errorf("destroyed: %v", destroyed)
	}
	for _, bad := range []string{"", "2027-13", "2027-3", "../etc", "2027-03-01"} {
		if err := h.DestroyBucket(bad); !errors.Is(err, vault.ErrNoMonth) {
			t.Errorf("bucket %q: %v", bad, err)
		}
	}
}

// The honest limit: only an old copy of the keyring undoes shredding, and the mark kept
// by the database tells of it.
func TestKeyringOlderThanTheDatabaseIsRefused(t *testing.T) {
	h := newHouse(t)
	s := h.seal(t, aCase, march, "note")
	old, err := os.ReadFile(h.ground.Path)
	must(t, err)
	h.clock.at = date(2027, 4, 1)
	must(t, h.DestroyBucket("2027-03"))
	kept := h.Mark() // what the database keeps

	must(t, os.WriteFile(h.ground.Path, old, 0o600))
	back := h.loaded(t)
	if err := back.Check(kept); !errors.Is(err, vault.ErrOldKeyring) {
		t.Errorf("old copy: %v", err)
	}
	if _, err := open(back, s); err != nil {
		t.Errorf("an old copy opens nothing, so this test shows nothing: %v", err)
	}
	if err := h.Reload(); !errors.Is(err, vault.ErrOldKeyring) {
		t.Errorf("reload of an old copy: %v", err)
	}
	if err := h.Prepare(date(2028, 12, 1)); !errors.Is(err, vault.ErrOldKeyring) {
		t.Errorf("change on an old copy: %v", err)
	}
	if err := newHouse(t).Check(kept); !errors.Is(err, vault.ErrOtherKeyring) {
		t.Errorf("another keyring: %v", err)
	}
	if err := errors.Join(h.Check(kept), h.Check(vault.Mark{}), h.Check(vault.Mark{Ring: kept.Ring})); err != nil {
		t.Errorf("as new as the database, new database, newer: %v", err)
	}
}

func TestRewrapMovesTheExpiryAndNotTheText(t *testing.T) {
	h := newHouse(t)
	s := h.seal(t, aCase, march, "legal hold")
	later, err := h.Rewrap(aCase, s.wrapped, date(2027, 9, 1))
	must(t, err)
	moved := sealed{s.place, later, s.bytes}
	h.clock.at = date(2027, 4, 1)
	must(t, h.DestroyBucket("2027-03"))
	if text, err := open(h.Keyring, moved); err != nil || text != "legal hold" || later.Bucket != "2027-09" {
		t.Errorf("%s: %v", later.Bucket, err)
	}
	for name, p := range map[string]vault.Place{
		"other organisation": {Tenant: "practice-b", Kind: "case", ID: "0192"},
		"nowhere":            {},
	} {
		if _, err := h.Rewrap(p, later, date(2027, 10, 1)); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRotatingAMonthLosesNothing(t *testing.T) {
	h := newHouse(t)
	old := h.seal(t, aCase, march, "old key")
	must(t, h.RotateMonth("2027-03"))
	fresh := h.seal(t, aCase, march, "new key")
	for _, s := range []sealed{old, fresh} {
		current, err := h.IsCurrent(s.place, s.wrapped)
		if _, openErr := open(h.loaded(t), s); err != nil || openErr != nil || current != (string(s.bytes) == string(fresh.bytes)) {
			t.Errorf("current %v, %v, %v", current, err, openErr)
		}
	}
	if err := h.RetireMonth("2027-03"); !errors.Is(err, vault.ErrTooSoon) {
		t.Errorf("retired at once: %v", err)
	}
	again, err := h.Rewrap(aCase, old.wrapped, march)
	must(t, err)
	h.clock.at = h.clock.at.Add(24 * time.Hour)
	must(t, h.RetireMonth("2027-03"))
	must(t, h.RetireMonth("2027-03"))
	if text, err := open(h.loaded(t), sealed{old.place, again, old.bytes}); err != nil || text != "old key" {
		t.Errorf("rewrapped: %v", err)
	}
	if _, err := open(h.loaded(t), old); !errors.Is(err, vault.ErrTampered) {
		t.Errorf("not rewrapped: %v", err)
	}
	for _, act := range []func(string) error{h.RotateMonth, h.RetireMonth} {
		if err := act("2031-01"); !errors.Is(err, vault.ErrNoMonth) {
			t.Errorf("unknown month: %v", err)
		}
	}
	for range 15 {
		must(t, h.RotateMonth("2027-03"))
	}
	if err := h.RotateMonth("2027-03"); err == nil {
		t.Error("a seventeenth key")
	}
}

func TestRotatingTheRootKeepsEveryKey(t *testing.T) {
	h := newHouse(t)
	s := h.seal(t, aCase, march, "note")
	must(t, h.RotateRoot(rootKey(t, 9)))
	if _, err := vault.LoadKeyring(h.ground); !errors.Is(err, vault.ErrWrongRoot) {
		t.Errorf("old root: %v", err)
	}
	must(t, h.Prepare(date(2028, 1, 1))) // the keyring in use goes on with the new root
	h.ground.Root = rootKey(t, 9)
	if text, err := open(h.loaded(t), s); err != nil || text != "note" {
		t.Errorf("new root: %v", err)
	}
}

func TestTwoProcessesOneKeyring(t *testing.T) {
	h := newHouse(t)
	other := h.loaded(t)
	must(t, h.Prepare(date(2028, 6, 1)))
	s := h.seal(t, aCase, date(2028, 6, 1), "note")
	if _, err := open(other, s); !errors.Is(err, vault.ErrNoMonth) {
		t.Errorf("before reloading: %v", err)
	}
	must(t, other.RotateForms()) // builds on the file, not on what this process remembers
	if text, err := open(other, s); err != nil || text != "note" || other.Generation() != h.Generation()+1 {
		t.Errorf("after a change of its own: %v", err)
	}
	must(t, h.Reload())
	if h.Mark() != other.Mark() {
		t.Error("reload did not catch up")
	}
}

// A disk that fails: nothing changes in memory, nothing is claimed.
func TestKeyringThatCannotBeWrittenDoesNotChange(t *testing.T) {
	h := newHouse(t)
	s, mark := h.seal(t, aCase, march, "note"), h.Mark()
	must(t, os.Mkdir(h.ground.Path+".new", 0o700)) // stands in the way of the new file
	must(t, os.WriteFile(filepath.Join(h.ground.Path+".new", "x"), nil, 0o600))
	h.clock.at = date(2027, 4, 1)
	for name, act := range map[string]func() error{
		"destroy": func() error { return h.DestroyBucket("2027-03") },
		"prepare": func() error { return h.Prepare(date(2030, 1, 1)) },
		"rotate":  func() error { return h.RotateMonth("2027-05") },
		"root":    func() error { return h.RotateRoot(rootKey(t, 5)) },
		"epoch":   func() error { _, err := h.NewEpoch(); return err },
		"forms":   h.RotateForms,
	} {
		if err := act(); err == nil {
			t.Errorf("%s claims to be durable", name)
		}
	}
	if _, err := open(h.Keyring, s); err != nil || h.Mark() != mark {
		t.Errorf("the keyring in use changed: %v", err)
	}
	if _, err := open(h.loaded(t), s); err != nil {
		t.Errorf("the file changed: %v", err)
	}
	must(t, os.RemoveAll(h.ground.Path+".new"))
	must(t, h.DestroyBucket("2027-03")) // and it goes on as soon as the disk does
}

// A process killed while writing leaves a half-made neighbour; it is no obstacle.
func TestHalfWrittenNeighbourIsIgnored(t *testing.T) {
	h := newHouse(t)
	must(t, os.WriteFile(h.ground.Path+".new", []byte("WPKR"), 0o600))
	h.loaded(t)
	must(t, h.Prepare(date(2028, 1, 1)))
	if _, err := os.Lstat(h.ground.Path + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

func TestKeyringFileMustBeOurs(t *testing.T) {
	h := newHouse(t)
	must(t, os.Chmod(h.ground.Path, 0o640))
	if _, err := vault.LoadKeyring(h.ground); !errors.Is(err, vault.ErrUnsafeFile) {
		t.Errorf("group can read: %v", err)
	}
	must(t, os.Chmod(h.ground.Path, 0o600))
	link := h.ground.Path + "-link"
	must(t, os.Symlink(h.ground.Path, link))
	h.ground.Path = link
	if _, err := vault.LoadKeyring(h.ground); !errors.Is(err, vault.ErrUnsafeFile) {
		t.Errorf("symlink: %v", err)
	}
}

// The bytes of a destroyed key do not stay behind in the file that was replaced, but a
// backup linked to it is left alone.
func TestReplacedFileIsOverwritten(t *testing.T) {
	h := newHouse(t)
	f, err := os.Open(h.ground.Path)
	must(t, err)
	defer f.Close()
	must(t, h.Prepare(date(2028, 1, 1)))
	gone := make([]byte, 4096)
	if n, _ := f.ReadAt(gone, 0); n == 0 || bytes.Count(gone[:n], []byte{0}) != n {
		t.Error("the old keyring can still be read from its blocks")
	}
	linked := h.ground.Path + "-backup"
	must(t, os.Link(h.ground.Path, linked))
	before, err := os.ReadFile(linked)
	must(t, err)
	must(t, h.Prepare(date(2028, 2, 1)))
	if after, err := os.ReadFile(linked); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a linked backup was changed: %v", err)
	}
}
