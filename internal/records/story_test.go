package records_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// B7: whatever people ask in whatever order, done or refused, each request about a logged record has exactly one entry
// (a search that finds several: one for each), in the log of the organisation that asked, and the audit finds no fault.
func TestEventsAreRequests(t *testing.T) {
	rapid.Check(t, func(game *rapid.T) {
		s := &story{room: furnish(t, model(t)), game: game, t: t}
		for range rapid.IntRange(1, 40).Draw(game, "moves") {
			s.move()
		}
		s.sound()
		for tenant, n := range s.expected {
			if got := len(s.log(tenant)); got != n {
				game.Fatalf("%s: %d entries for %d requests", tenant, got, n)
			}
		}
	})
}

type story struct {
	*room
	game     *rapid.T
	t        testing.TB
	known    []told
	expected map[string]int
}

type told struct {
	tenant string
	rec    records.Record
}

// move makes one request and counts the entries it must leave.
func (s *story) move() {
	ctx := context.Background()
	if s.expected == nil {
		s.expected = map[string]int{practice: 0, other: 0}
	}
	tenant := rapid.SampledFrom([]string{practice, other}).Draw(s.game, "asks")
	verb := rapid.SampledFrom([]string{"new", "read", "replace", "stale", "destroy", "erase", "extend", "find", "queue", "count", "note", "later"}).Draw(s.game, "verb")
	about := s.someone()
	a := act(tenant, "case."+verb)
	logged := about.Kind != "session"
	var err error
	n := 1
	switch verb {
	case "new":
		rec := note(about.Kind, "x", rapid.SampledFrom([]time.Time{spring, summer, {}}).Draw(s.game, "expires"))
		rec.ID, _ = s.NewID()
		rec.Blind = s.ring.Blind(tenant, "ref", "abc")
		if rec.Expires.Before(s.clock.now()) {
			rec.Expires = summer
		}
		var written []records.Record
		written, err = s.Write(ctx, a, op(), records.Change{Verb: records.Put, Record: rec})
		if err == nil {
			s.known = append(s.known, told{tenant, written[0]})
		}
	case "read":
		_, err = s.Read(ctx, a, about.Kind, about.ID)
	case "replace", "stale":
		if verb == "stale" {
			about.Rev += 3
		}
		about.Expires = summer
		about.Content = vault.Keep([]byte("y"))
		_, err = s.Write(ctx, a, op(), records.Change{Verb: records.Put, Record: about})
		if about.Rev == 0 && err == nil {
			s.known = append(s.known, told{tenant, about})
		}
	case "destroy":
		about.Rev = max(about.Rev, 1)
		_, err = s.Write(ctx, a, op(), records.Change{Verb: records.Destroy, Record: about})
	case "erase":
		err = s.Erase(ctx, a, about.Kind, about.ID)
	case "extend":
		_, err = s.Extend(ctx, a, op(), about.Kind, about.ID, summer.Add(time.Hour))
	case "find":
		var found []records.Record
		found, err = s.Find(ctx, a, about.Kind, s.ring.Blind(tenant, "ref", "abc"))
		n = max(len(found), 1)
	case "queue":
		_, err = s.Queue(ctx, a, about.Kind, []string{"new"}, store.Cursor{}, 5)
	case "count":
		_, err = s.Count(ctx, a, about.Kind, []string{"new"})
	case "note":
		err, logged = s.Note(ctx, a, trail.Denied, about.Kind, about.ID), true
	case "later":
		s.clock.set(s.clock.now().Add(time.Duration(rapid.IntRange(0, 20).Draw(s.game, "days")) * 24 * time.Hour))
		logged = false
	}
	if logged {
		s.expected[tenant] += n
	}
	for _, refusal := range []error{nil, records.ErrNotFound, records.ErrConflict, records.ErrDuplicate} {
		if errors.Is(err, refusal) {
			return
		}
	}
	s.game.Fatalf("%s: %v", verb, err)
}

// someone is a record that was once written, by whichever organisation, or one that never was.
func (s *story) someone() records.Record {
	i := rapid.IntRange(-1, len(s.known)-1).Draw(s.game, "about")
	if i < 0 {
		nobody := note(rapid.SampledFrom([]string{"case", "member", "session"}).Draw(s.game, "kind"), "x", summer)
		nobody.ID = "0190a5f0-0000-7000-8000-00000000abcd"
		return nobody
	}
	rec := s.known[i].rec
	if rapid.Bool().Draw(s.game, "up to date") {
		at := store.Key{Tenant: s.known[i].tenant, Kind: rec.Kind, ID: rec.ID}
		if now, err := s.wire.base.Read(context.Background(), at); err == nil {
			rec.Rev = now.Rev
		}
	}
	return rec
}

func TestWritersReadersAndSweepersTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, b base) {
		r := furnish(t, b)
		var recs []records.Record
		for range 40 {
			recs = append(recs, r.add(practice, note("case", "x", spring)))
		}
		r.clock.set(spring)
		errs := make(chan error, 400)
		done := make(chan struct{})
		for range 2 {
			go func() { _, err := r.Sweep(t.Context()); errs <- err; done <- struct{}{} }()
			go func() {
				for _, rec := range recs {
					if _, err := r.read(rec); !errors.Is(err, records.ErrNotFound) {
						errs <- errors.New("expired and read")
					}
					rec.Expires = summer
					if _, err := r.Write(t.Context(), act(practice, "case.change"), op(), records.Change{Verb: records.Put, Record: rec}); err == nil {
						errs <- errors.New("expired and written")
					}
				}
				done <- struct{}{}
			}()
		}
		for range 4 {
			<-done
		}
		close(errs)
		for err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		gone := slices.DeleteFunc(r.log(practice), func(e trail.Entry) bool { return e.Effect != trail.Gone })
		if len(gone) != 40 {
			t.Errorf("%d of 40 destroyed, each once", len(gone))
		}
		r.sound()
	})
}
