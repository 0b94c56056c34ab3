package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/peer"
	"waypost/referrals/shelf"
)

// fetchServices reads the pages of another API into the spool, going on where an earlier reading ended. Importing them is
// the next step, as if they were files; until it is done nobody else reads the same feed.
func fetchServices(ctx context.Context, w world, l listing) (letGo func(), err error) {
	c, err := readConfig(w.env)
	if err != nil {
		return nil, err
	}
	p, err := readPlaces(w.env)
	if err != nil {
		return nil, err
	}
	if !feed.IsSource(l.source) {
		return nil, fmt.Errorf("--source %w: up to 20 small letters and digits", errUsage)
	}
	api, err := peer.Open(peer.Config{
		Base: l.from, Hosts: c.imports, Limits: peer.Usual(), Now: w.now, Wait: sleep, Through: w.through,
		Told: func(s peer.State) {
			fmt.Fprintf(w.errout, "page %d: %d services read, of %d as it says\n", s.Pages, s.Read, s.Total)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("--from %w: %w; hosts are named in WAYPOST_IMPORT_HOSTS", errUsage, err)
	}
	pages := spoolOf(p.data, l.source)
	if letGo, err = pages.hold(); err != nil {
		return nil, err
	}
	if err := pages.fetch(ctx, w, api, l.anew); err != nil {
		letGo()
		return nil, err
	}
	return letGo, nil
}

// fetch reads what the spool lacks.
func (s spool) fetch(ctx context.Context, w world, api *peer.API, anew bool) error {
	from, err := s.state(w.now())
	if err != nil {
		return err
	}
	if anew || from.Base != api.Base() {
		if err := s.clear(); err != nil {
			return err
		}
		from = peer.State{}
	}
	if from.Pages > 0 {
		fmt.Fprintf(w.errout, "%d pages were read on %s and are used; --anew forgets them\n", from.Pages, from.Started.Format(time.DateTime))
	}
	at, err := api.Read(ctx, from, s.keep)
	if err != nil {
		return fmt.Errorf("read --from: %w; %d pages are kept for a day, and the same command goes on from there", err, at.Pages)
	}
	if at.Lacking > 0 {
		fmt.Fprintf(w.errout, "%d services stand in its list and could not be had\n", at.Lacking)
	}
	return nil
}

// sleep waits, unless there is nothing left to wait for.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// order makes an import of the pages in a spool.
func (s spool) order(order *shelf.Order) error {
	at, err := s.state(order.Source.Read)
	switch {
	case err != nil:
		return err
	case !at.Done:
		return fmt.Errorf("--from %w: its pages were not read to the end", errUsage)
	}
	order.Source.Read = at.Started.Truncate(24 * time.Hour)
	for n := 1; n <= at.Pages; n++ {
		order.Read = append(order.Read, func(r *feed.Reading) error {
			in, err := os.Open(s.page(n))
			if err != nil {
				return fmt.Errorf("open page: %w", err)
			}
			defer in.Close()
			return r.JSON(in)
		})
	}
	if !at.Whole() {
		order.Read = append(order.Read, func(r *feed.Reading) error {
			r.Lacking()
			return nil
		})
	}
	return nil
}

// spool is where the pages of one API lie between their reading and their import: as they came, with whatever names and
// addresses the other side publishes, readable by this user alone, and not for longer than a day.
type spool struct{ dir string }

const (
	spoolsName = "import"
	spoolLife  = 24 * time.Hour
	stateName  = "state"
)

func spoolOf(data, source string) spool { return spool{filepath.Join(data, spoolsName, source)} }

func (s spool) page(n int) string { return filepath.Join(s.dir, fmt.Sprintf("page-%05d.json", n)) }

// state is how far a reading came. One that is too old, or that lacks a page, is cleared away and is none.
func (s spool) state(now time.Time) (peer.State, error) {
	raw, err := os.ReadFile(filepath.Join(s.dir, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return peer.State{}, nil
	}
	if err != nil {
		return peer.State{}, fmt.Errorf("read state of the import: %w", err)
	}
	var at peer.State
	good := json.Unmarshal(raw, &at) == nil && at.Pages >= 0 && now.Sub(at.Started) < spoolLife
	for n := 1; good && n <= at.Pages; n++ {
		_, err := os.Stat(s.page(n))
		good = err == nil
	}
	if !good {
		return peer.State{}, s.clear()
	}
	return at, nil
}

// keep puts a page on the disk, then the state that counts it: whoever is killed between the two reads that page again.
func (s spool) keep(page []byte, after peer.State) error {
	if page != nil {
		if err := replace(s.page(after.Pages), bytes.NewReader(page).WriteTo); err != nil {
			return fmt.Errorf("keep page: %w", err)
		}
	}
	raw, err := json.Marshal(after)
	if err != nil {
		return err
	}
	return replace(filepath.Join(s.dir, stateName), bytes.NewReader(raw).WriteTo)
}

func (s spool) clear() error { return os.RemoveAll(s.dir) }

// sweepSpools clears away what was read for an import that nobody finished. Who serves does it again and again.
func sweepSpools(data string, now time.Time) error {
	all, err := os.ReadDir(filepath.Join(data, spoolsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, one := range all {
		if one.IsDir() { // beside each lies the file by which it is held
			err = errors.Join(err, spoolOf(data, one.Name()).sweep(now))
		}
	}
	return err
}

// sweep clears a spool away that is of no use any more, unless an import is at it.
func (s spool) sweep(now time.Time) error {
	letGo, err := s.hold()
	if err != nil {
		return nil //nolint:nilerr // somebody reads into it
	}
	defer letGo()
	if at, err := s.state(now); err == nil && at.Base != "" {
		return nil
	}
	return s.clear()
}
