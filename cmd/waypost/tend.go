package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
)

// tend does what is due while Waypost serves, until the context ends: it destroys what has expired, makes the months
// ahead, and carries the heads of the logs out of the machine. What fails is logged by its kind and tried again.
func (r *resting) tend(ctx context.Context, log *slog.Logger, sinks ...trail.Sink) {
	const tickEvery, sweepEvery, tendEvery, publishEvery = time.Minute, 10 * time.Minute, 24 * time.Hour, time.Hour
	tick, sweep, daily, hourly := time.NewTicker(tickEvery), time.NewTicker(sweepEvery), time.NewTicker(tendEvery), time.NewTicker(publishEvery)
	defer tick.Stop()
	defer sweep.Stop()
	defer daily.Stop()
	defer hourly.Stop()
	do := func(what string, act func() error) {
		if err := act(); err != nil && ctx.Err() == nil {
			log.Error("upkeep failed", slog.Any("what", upkeep(what)), slog.Any("kind", upkeep(fmt.Sprintf("%T", err))))
		}
	}
	do("publish", func() error { return r.publish(ctx, sinks...) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do("clocks", func() error { return r.clocks(ctx) })
		case <-r.waits:
			do("nudge", func() error { return r.nudge.Send(ctx) })
		case <-sweep.C:
			if r.places.follower { // what the other process did to the keyring, where the file is handed out
				do("keyring", func() error { return r.safe.Follow(ctx) })
			}
			do("sweep", func() error { _, err := r.safe.Sweep(ctx); return err })
			do("spools", func() error { return sweepSpools(r.places.data, r.now()) })
			do("overdue", func() error { return r.overdue(ctx) })
		case <-daily.C:
			if !r.places.follower {
				do("tend", func() error { return r.safe.Tend(ctx, longestRetention) })
			}
		case <-hourly.C:
			do("publish", func() error { return r.publish(ctx, sinks...) })
		}
	}
}

// eachLog goes through the organisations by their logs, the house's own among them. What fails in one keeps nothing from
// the others.
func (r *resting) eachLog(ctx context.Context, do func(log string) error) error {
	var errs []error
	for log := ""; ; {
		next, err := r.engine.NextLog(ctx, log)
		if errors.Is(err, store.ErrNotFound) {
			return errors.Join(errs...)
		}
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		if err := do(next); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", next, err))
		}
		log = next
	}
}

// clocks looks in every organisation at what is due without anybody asking: answers that were not told, links that nobody
// opened.
func (r *resting) clocks(ctx context.Context) error {
	return r.eachLog(ctx, func(log string) error {
		if log == records.House {
			return nil
		}
		_, err := r.desk.Tick(ctx, log)
		return err
	})
}

// remind has a message sent, without making anybody wait for a mail server. Where there is no mailbox the desk alone shows
// what waits.
func (r *resting) remind() {
	if r.nudge == nil {
		return
	}
	select {
	case r.waits <- struct{}{}:
	default: // one is on its way
	}
}

// overdue reminds if something waits beyond its clock, in whatever organisation.
func (r *resting) overdue(ctx context.Context) error {
	if r.nudge == nil {
		return nil
	}
	return r.eachLog(ctx, func(log string) error {
		if log == records.House {
			return nil
		}
		late, err := r.desk.Overdue(ctx, log)
		if err == nil && late {
			r.remind()
		}
		return err
	})
}

// publish carries the signed head of every log out of the machine.
func (r *resting) publish(ctx context.Context, sinks ...trail.Sink) error {
	return r.eachLog(ctx, func(log string) error {
		head, err := r.engine.TrailHead(ctx, log)
		if err != nil || head.Note == nil {
			return err
		}
		return trail.Publish(ctx, head.Note, sinks...)
	})
}

// upkeep is a word of ours that may stand in a log.
type upkeep string

// Loggable says so.
func (u upkeep) Loggable() string { return string(u) }
