package records_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

func (r *room) start() (*vault.Keyring, error) {
	return records.Start(context.Background(), records.Ground{Keyring: r.ground, Store: r.wire, Marks: r.wire, Longest: longest})
}

// T30: a service that starts under a clock set back would call the expired living.
func TestAClockBehindTheTrailStopsTheStart(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		r.clock.set(today.Add(48 * time.Hour))
		must(t, r.Note(t.Context(), act(practice, "sign-in"), trail.Done, "", ""))
		r.clock.set(today.Add(24 * time.Hour))
		_, err := records.Open(t.Context(), r.config)
		want(t, err, records.ErrConfig)
		want(t, err, trail.ErrClock)
		r.clock.set(today.Add(48*time.Hour - trail.Slack))
		_, err = records.Open(t.Context(), r.config)
		must(t, err)
		r.clock.set(today.Add(72 * time.Hour)) // nobody did anything, the sweeper went by
		_, err = r.Sweep(t.Context())
		must(t, err)
		r.clock.set(today.Add(60 * time.Hour))
		_, err = records.Open(t.Context(), r.config)
		want(t, err, trail.ErrClock)
	})
}

// The machine was a year ahead for a moment; a member of staff confirms the true time in sight.
func TestAClockThatHadRunAheadIsConfirmed(t *testing.T) {
	r := furnish(t, model(t))
	r.clock.set(today.AddDate(1, 0, 0))
	must(t, r.Note(t.Context(), act(practice, "sign-in"), trail.Done, "", ""))
	r.clock.set(today)
	_, err := records.Open(t.Context(), r.config)
	want(t, err, trail.ErrClock)
	must(t, records.ConfirmClock(t.Context(), r.config, act(practice, "clock.confirm")))
	if e := r.newest(); e.Effect != trail.Clock || e.Actor != "staff-7" {
		t.Errorf("the trail says %+v", e)
	}
	r.open()
	must(t, r.Note(t.Context(), act(practice, "sign-in"), trail.Done, "", ""))
	n := len(r.log(practice))
	must(t, records.ConfirmClock(t.Context(), r.config, act(practice, "clock.confirm")))
	if len(r.log(practice)) != n {
		t.Error("an entry for a clock that was right")
	}
	r.sound()
}

func TestStartRefusesAKeyringOlderThanTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		old, err := os.ReadFile(r.ground.Path)
		must(t, err)
		r.clock.set(date(2027, 5, 1))
		_, err = r.Sweep(t.Context()) // destroys two months
		must(t, err)
		must(t, os.WriteFile(r.ground.Path, old, 0o600))
		_, err = r.start()
		want(t, err, vault.ErrOldKeyring)
	})
}

func TestStartRefusesALostOrAForeignKeyring(t *testing.T) {
	r, elsewhere := furnish(t, model(t)), furnish(t, model(t))
	foreign, err := os.ReadFile(elsewhere.ground.Path)
	must(t, err)
	must(t, os.WriteFile(r.ground.Path, foreign, 0o600))
	_, err = r.start()
	want(t, err, vault.ErrOtherKeyring)
	must(t, os.Remove(r.ground.Path))
	_, err = r.start()
	want(t, err, vault.ErrNoKeyring)
	// Even if somebody took the mark out of the database: the log of the house tells that there was one.
	_, err = records.Start(context.Background(), records.Ground{Keyring: r.ground, Store: r.wire, Marks: model(t), Longest: longest})
	want(t, err, vault.ErrNoKeyring)
}

// Each change of the keyring is known to the database before anything is written with it, wherever the start is cut off.
func TestAStartCutOffAnywhereIsBegunAgain(t *testing.T) {
	for n := 1; ; n++ {
		r := furnish(t, model(t))
		must(t, os.Remove(r.ground.Path))
		r.wire.base = model(t)
		calls, dead := 0, false
		r.wire.before = func(int, string) error {
			if calls++; calls >= n {
				dead = true
				return store.ErrClosed
			}
			return nil
		}
		_, err := r.start()
		if !dead {
			must(t, err)
			if n < 4 {
				t.Errorf("only %d steps", n)
			}
			return
		}
		want(t, err, records.ErrUnavailable)
		r.wire.before = nil
		ring, err := r.start()
		must(t, err)
		if kept(t, r.wire.base) != ring.Mark() {
			t.Errorf("step %d: the database keeps another mark", n)
		}
		if live, _ := ring.Months(); len(live) < 25 {
			t.Errorf("step %d: %d months", n, len(live))
		}
	}
}

func TestTendKeepsTheMark(t *testing.T) {
	r := furnish(t, model(t))
	r.clock.set(today.AddDate(0, 3, 0))
	before := r.ring.Mark()
	must(t, r.Tend(t.Context(), longest))
	if m := kept(t, r.wire.base); m != r.ring.Mark() || m == before {
		t.Errorf("kept %v, keyring at %v", m, r.ring.Mark())
	}
	r.wire.before = only("put mark", errors.New("away"))
	r.clock.set(today.AddDate(0, 6, 0))
	want(t, r.Tend(t.Context(), longest), records.ErrUnavailable)
}
