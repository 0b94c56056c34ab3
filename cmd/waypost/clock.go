package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"waypost/internal/records"
)

// clock confirms the present time where the machine's clock had run ahead and was set right. What rests does not open
// before: a clock put back would call the expired living. So it opens the store alone, which nobody may be using.
func clock(ctx context.Context, w world) (err error) {
	if len(w.args) != 1 || w.args[0] != "confirm" {
		return fmt.Errorf("arguments %w: clock confirm", errUsage)
	}
	p, err := readPlaces(w.env)
	if err != nil {
		return err
	}
	now := w.now().UTC().Truncate(time.Second)
	answer, err := w.answers([]string{"The clock of this machine says " + now.Format("2006-01-02 15:04:05") + " UTC. If that is right, type yes:"})
	if err != nil {
		return err
	}
	if line(bufio.NewScanner(answer)) != "yes" {
		return fmt.Errorf("input %w: nothing was changed", errUsage)
	}
	notary, err := openNotary(p.keys)
	if err != nil {
		return err
	}
	e, err := openEngine(ctx, p, notary, w.now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	err = records.ConfirmClock(ctx, records.Config{Store: e, Marks: e, Now: w.now, Random: rand.Reader},
		records.Act{Tenant: records.House, Actor: "operator", Action: "clock.confirm"})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.out, "Confirmed, in every log that was ahead. Start Waypost again.")
	return err
}
