package records_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// A month's key changed early, as whoever runs the machine does it: the log of the house speaks of each step, the database
// keeps the mark, and after a day the older key is gone and every record still opens.
func TestAMonthsKeyIsChangedEarlyInTheLogOfTheHouse(t *testing.T) {
	r := furnish(t, model(t))
	rec := r.add(practice, note("case", "x", summer))
	month := func(action string) records.Act { return act("", action) }
	must(t, r.RotateMonth(t.Context(), month("keys.rotate-month"), "2027-08"))
	if kept(t, r.wire.base) != r.ring.Mark() {
		t.Error("the database does not know the newer keyring")
	}
	want(t, r.RetireMonth(t.Context(), month("keys.retire-month"), "2027-08"), records.ErrTooSoon)
	r.clock.set(today.Add(25 * time.Hour))
	must(t, r.RetireMonth(t.Context(), month("keys.retire-month"), "2027-08"))
	if _, err := r.read(rec); err != nil {
		t.Error(err)
	}
	var told []string
	for _, e := range r.log(records.House) {
		if e.Kind == "month-key" {
			told = append(told, e.Action+" "+string(e.Outcome)+" "+e.Reason)
		}
	}
	if !slices.Equal(told, []string{"keys.rotate-month done 2027-08", "keys.retire-month done 2027-08", "keys.retire-month failed 2027-08", "keys.retire-month done 2027-08"}) {
		t.Errorf("the log of the house: %q", told)
	}
	r.clock.set(date(2027, 9, 1)) // that entry is not taken for the month's destruction
	_, err := r.Sweep(t.Context())
	must(t, err)
	if n := len(slices.DeleteFunc(r.log(records.House), func(e trail.Entry) bool { return e.Kind != "month" || e.Reason != "2027-08" })); n != 1 {
		t.Errorf("%d entries for the destroyed month", n)
	}
	r.sound()
}

// The root key changes: the same keys open everything, the new root opens the file and the old one does not.
func TestTheRootKeyChangesInTheLogOfTheHouse(t *testing.T) {
	r := furnish(t, model(t))
	rec := r.add(practice, note("case", "x", summer))
	root, err := vault.NewRootKey(bytes.Repeat([]byte{3}, 32))
	must(t, err)
	must(t, r.RotateRoot(t.Context(), act("", "keys.rotate-root"), root))
	if _, err := r.read(rec); err != nil {
		t.Error(err)
	}
	if _, err := vault.LoadKeyring(r.ground); err == nil {
		t.Error("the old root key still opens the keyring")
	}
	ground := r.ground
	ground.Root = root
	if _, err := vault.LoadKeyring(ground); err != nil {
		t.Error(err)
	}
	if kept(t, r.wire.base) != r.ring.Mark() {
		t.Error("the database does not know the newer keyring")
	}
}

// No trail, no change; nor by a follower, nor of what is no month, nor of one that is destroyed.
func TestNoTrailNoChangeOfAKey(t *testing.T) {
	r := furnish(t, model(t))
	root, err := vault.NewRootKey(bytes.Repeat([]byte{3}, 32))
	must(t, err)
	all := func(bucket string, target error) {
		t.Helper()
		before := r.ring.Mark()
		want(t, r.RotateMonth(t.Context(), act("", "keys.rotate-month"), bucket), target)
		want(t, r.RetireMonth(t.Context(), act("", "keys.retire-month"), bucket), target)
		if bucket == "2027-08" {
			want(t, r.RotateRoot(t.Context(), act("", "keys.rotate-root"), root), target)
		}
		if r.ring.Mark() != before {
			t.Errorf("the keyring was changed")
		}
	}
	r.wire.before = func(_ int, name string) error {
		if name == "commit" {
			return errors.New("invented fault")
		}
		return nil
	}
	all("2027-08", records.ErrTrail)
	r.wire.before = nil
	for _, bad := range []string{"", "2027-13", "2027-8", "x", "2027-08-01"} {
		all(bad, records.ErrInvalid)
	}
	all("2099-01", records.ErrInvalid) // never prepared
	r.clock.set(date(2027, 4, 2))
	_, err = r.Sweep(t.Context())
	must(t, err)
	all("2027-03", records.ErrNotFound) // destroyed
	want(t, r.Follow(t.Context()), records.ErrInvalid)
	r.config.Follower = true
	r.open()
	all("2027-08", records.ErrInvalid)
	_, err = r.RewrapMonth(t.Context(), "2027-08")
	want(t, err, records.ErrInvalid)
}

// A follower takes up what the one that leads did to the keyring, and says so where that did not arrive.
func TestAFollowerTakesUpTheNewerKeyring(t *testing.T) {
	r := furnish(t, model(t))
	handed := filepath.Join(t.TempDir(), "keyring")
	hand := func() {
		text, err := os.ReadFile(r.ground.Path)
		must(t, err)
		must(t, os.WriteFile(handed, text, 0o600))
	}
	hand()
	ground := r.ground
	ground.Path = handed
	ring, err := records.Start(t.Context(), records.Ground{Keyring: ground, Store: r.wire, Marks: r.wire, Longest: longest, Follower: true})
	must(t, err)
	config := r.config
	config.Keys, config.Follower = ring, true
	follower, err := records.Open(t.Context(), config)
	must(t, err)
	must(t, follower.Follow(t.Context()))
	must(t, r.RotateMonth(t.Context(), act("", "keys.rotate-month"), "2027-08"))
	want(t, follower.Follow(t.Context()), vault.ErrOldKeyring)
	hand()
	must(t, follower.Follow(t.Context()))
	if ring.Mark() != r.ring.Mark() {
		t.Errorf("at %v, the leader at %v", ring.Mark(), r.ring.Mark())
	}
}
