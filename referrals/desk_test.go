package referrals_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

// walk reads the whole queue page by page.
func (w *world) walk(a people.Actor, f referrals.Filter, limit int) []referrals.Row {
	w.t.Helper()
	var out []referrals.Row
	var after store.Cursor
	for {
		page, err := w.Queue(w.t.Context(), a, f, after, limit)
		must(w.t, err)
		if len(page.Rows) > limit {
			w.t.Fatalf("%d rows on a page of %d", len(page.Rows), limit)
		}
		out = append(out, page.Rows...)
		if page.Next == nil {
			return out
		}
		after = *page.Next
	}
}

func TestTheQueueShowsEachCaseOnceWhatIsDueFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		for i := range 23 {
			draft := w.draft(consent([]string{"iris", "domestic-abuse", "marac"}[i%3]))
			if i%4 == 0 {
				draft.Age = directory.From16To17
			}
			draft.Entries = entries(map[string]string{"children.involved": "not-known", "child.name": ""})
			_, _, err := w.Refer(t.Context(), w.clinician, draft)
			must(t, err)
			w.clock.pass(time.Minute)
		}
		for _, limit := range []int{1, 4, 50} {
			rows := w.walk(w.lead, referrals.Filter{}, limit)
			seen := map[string]bool{}
			for i, r := range rows {
				seen[r.Reference] = true
				if i > 0 && r.Due.Before(rows[i-1].Due) {
					t.Errorf("row %d is due before the one above", i)
				}
			}
			if len(rows) != 23 || len(seen) != 23 {
				t.Errorf("by pages of %d: %d rows, %d cases", limit, len(rows), len(seen))
			}
		}
		if rows := w.walk(w.lead, referrals.Filter{Kind: "marac"}, 3); len(rows) != 7 {
			t.Errorf("%d for the conference", len(rows))
		}
		if rows := w.walk(w.lead, referrals.Filter{Children: true}, 3); len(rows) != 6 {
			t.Errorf("%d with a child", len(rows))
		}
		if rows := w.walk(w.lead, referrals.Filter{Urgency: "info"}, 3); len(rows) != 0 {
			t.Errorf("%d that can wait", len(rows))
		}
		if rows := w.walk(w.lead, referrals.Filter{States: []referrals.State{referrals.Closed}}, 3); len(rows) != 0 {
			t.Errorf("%d closed", len(rows))
		}
		w.clock.pass(10 * time.Minute) // the first three are now over their half hour
		over, err := w.Queue(t.Context(), w.lead, referrals.Filter{Overdue: true}, store.Cursor{}, 50)
		must(t, err)
		if len(over.Rows) != 4 || !over.Rows[0].Overdue {
			t.Errorf("%d overdue", len(over.Rows))
		}
		own, whole, err := w.Own(t.Context(), w.clinician)
		must(t, err)
		none, _, err := w.Own(t.Context(), w.colleague)
		must(t, err)
		if len(own) != 23 || len(none) != 0 || !whole {
			t.Errorf("%d and %d of one's own", len(own), len(none))
		}
	})
}

// What is not acknowledged in time stands at the top, above whatever came later and is not overdue.
func TestWhatNobodyAcknowledgedStandsAtTheTop(t *testing.T) {
	w := newWorld(t)
	late := w.in(referrals.HandedOver)
	if over, err := w.Overdue(t.Context(), practice); err != nil || over {
		t.Fatalf("overdue already: %v", err)
	}
	w.clock.pass(3 * time.Hour)
	w.refer()
	rows := w.walk(w.lead, referrals.Filter{}, 10)
	if len(rows) != 2 || rows[0].Reference != late.Reference || !rows[0].Overdue || rows[1].Overdue {
		t.Errorf("%+v", rows)
	}
	if over, err := w.Overdue(t.Context(), practice); err != nil || !over {
		t.Errorf("not overdue: %v", err)
	}
}

// What has expired and was not swept yet hides nothing that is overdue behind it.
func TestAnExpiredCaseHidesNoOverdueOne(t *testing.T) {
	w := newWorld(t)
	w.refer()
	w.clock.pass(referrals.OpenLife - time.Hour)
	w.refer()
	w.clock.pass(time.Hour)
	if over, err := w.Overdue(t.Context(), practice); err != nil || !over {
		t.Errorf("nobody is reminded: %v", err)
	}
}

// A14, A17: for whoever is kept away, for another organisation and for a colleague, a case is as one that never was: same
// words, same calls of the store, and one denied entry.
func TestWhoIsKeptAwayFindsNothing(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(consent("domestic-abuse"))
	draft.Exclude = []string{w.second.Member()}
	c, _, err := w.Refer(t.Context(), w.clinician, draft)
	must(t, err)
	never := strings.Repeat("0", 32)
	refused := func(a people.Actor, id string) (string, int) {
		before := w.wire.calls
		_, err := w.Read(t.Context(), a, id)
		want(t, err, referrals.ErrNotFound)
		return fmt.Sprint(err), w.wire.calls - before
	}
	for name, a := range map[string]people.Actor{"kept away": w.second, "another practice": w.foreign, "a colleague": w.colleague} {
		denied := w.heard(a.Organisation(), string(people.CaseRead), trail.Denied) + w.heard(a.Organisation(), string(people.CaseOwn), trail.Denied)
		text, calls := refused(a, c.Reference)
		text2, calls2 := refused(a, never)
		if text != text2 || calls != calls2 {
			t.Errorf("%s: %q in %d calls of the store, one that never was %q in %d", name, text, calls, text2, calls2)
		}
		if now := w.heard(a.Organisation(), string(people.CaseRead), trail.Denied) + w.heard(a.Organisation(), string(people.CaseOwn), trail.Denied); now != denied+2 {
			t.Errorf("%s: %d denied entries", name, now-denied)
		}
	}
	if rows := w.walk(w.second, referrals.Filter{}, 10); len(rows) != 0 {
		t.Error("it is on the list of somebody kept away")
	}
	if rows := w.walk(w.lead, referrals.Filter{}, 10); len(rows) != 1 {
		t.Error("it is not on the lead's list")
	}
	want(t, w.BreakGlass(t.Context(), w.second, c.Reference, people.DangerNow), referrals.ErrNotFound)
	_, err = w.Duplicates(t.Context(), w.second, c.Reference)
	want(t, err, referrals.ErrNotFound)
	_, _, err = w.Looked(t.Context(), w.second, c.Reference)
	want(t, err, referrals.ErrNotFound)
	_, _, err = w.Offer(t.Context(), w.second, c.Reference, c.Rev, c.Handovers[0].Reference)
	want(t, err, referrals.ErrNotFound)
	_, err = w.Exclude(t.Context(), w.second, c.Reference, c.Rev, w.second.Member(), false)
	want(t, err, referrals.ErrInvalid)
	// A18
	_, err = w.Read(t.Context(), w.agent, c.Reference)
	want(t, err, people.ErrForbidden)
	_, err = w.Queue(t.Context(), w.agent, referrals.Filter{}, store.Cursor{}, 10)
	want(t, err, people.ErrForbidden)
}

func TestKeepingAwayAndLettingNear(t *testing.T) {
	w := newWorld(t)
	c := w.refer()
	ctx := t.Context()
	c, err := w.Exclude(ctx, w.clinician, c.Reference, c.Rev, w.lead.Member(), true)
	must(t, err)
	_, err = w.Read(ctx, w.lead, c.Reference)
	want(t, err, referrals.ErrNotFound)
	_, err = w.Exclude(ctx, w.second, c.Reference, c.Rev, w.clinician.Member(), true)
	want(t, err, referrals.ErrInvalid) // who opened it knows it
	_, err = w.Exclude(ctx, w.colleague, c.Reference, c.Rev, w.second.Member(), true)
	want(t, err, referrals.ErrNotFound)
	_, err = w.Exclude(ctx, w.second, c.Reference, c.Rev, w.lead.Member(), false)
	must(t, err)
	_, err = w.Read(ctx, w.lead, c.Reference)
	must(t, err)
}

// A16: reason, fresh key, an hour, an alert, and somebody else's review.
func TestBrokenGlass(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c, another := w.refer(), w.refer()
		stale := actorStale(t, w.colleague)
		want(t, w.BreakGlass(ctx, stale, c.Reference, people.DangerNow), people.ErrStepUp)
		want(t, w.BreakGlass(ctx, w.colleague, c.Reference, "curious"), people.ErrInvalid)
		want(t, w.BreakGlass(ctx, w.colleague, strings.Repeat("0", 32), people.DangerNow), referrals.ErrNotFound)
		want(t, w.BreakGlass(ctx, w.foreign, c.Reference, people.DangerNow), referrals.ErrNotFound)
		if len(w.alerts) != 0 {
			t.Error("an alert for nothing")
		}
		must(t, w.BreakGlass(ctx, w.colleague, c.Reference, people.DangerNow))
		if len(w.alerts) != 1 || w.alerts[0] != practice {
			t.Errorf("alerts: %q", w.alerts)
		}
		got, err := w.Read(ctx, w.colleague, c.Reference)
		must(t, err)
		if got.Reference != c.Reference || w.heard(practice, "break-glass.read", trail.Done) != 1 {
			t.Error("it is not told apart in the trail")
		}
		_, err = w.Read(ctx, w.colleague, another.Reference)
		want(t, err, referrals.ErrNotFound)
		_, err = w.Decide(ctx, w.colleague, c.Reference, c.Rev, referrals.Decision{Event: referrals.Withdraw, Reason: "person-asked"})
		want(t, err, referrals.ErrNotFound) // it lets look, not decide
		w.clock.pass(people.GrantLife)
		_, err = w.Read(ctx, w.colleague, c.Reference)
		want(t, err, referrals.ErrNotFound)

		list, _, err := w.Glasses(ctx, w.lead, store.Cursor{}, 10)
		must(t, err)
		if len(list) != 1 || list[0].Grant.Member != "gp-2" || list[0].Grant.Reason != people.DangerNow || !list[0].Due.Equal(list[0].Grant.Given.Add(people.ReviewWithin)) {
			t.Fatalf("%+v", list)
		}
		_, _, err = w.Glasses(ctx, w.colleague, store.Cursor{}, 10)
		want(t, err, people.ErrForbidden)
		want(t, w.ReviewGlass(ctx, w.lead, list[0].ID, "fine"), referrals.ErrReason)
		must(t, w.ReviewGlass(ctx, w.lead, list[0].ID, referrals.WasRight))
		want(t, w.ReviewGlass(ctx, w.second, list[0].ID, referrals.WasWrong), referrals.ErrNotFound)
		if list, _, _ := w.Glasses(ctx, w.lead, store.Cursor{}, 10); len(list) != 0 {
			t.Error("reviewed, and still waiting")
		}
		// A lead's own is for another lead.
		must(t, w.BreakGlass(ctx, w.lead, c.Reference, people.LeadAway))
		mine, _, err := w.Glasses(ctx, w.lead, store.Cursor{}, 10)
		must(t, err)
		theirs, _, err := w.Glasses(ctx, w.second, store.Cursor{}, 10)
		must(t, err)
		if len(mine) != 0 || len(theirs) != 1 {
			t.Fatalf("%d and %d", len(mine), len(theirs))
		}
		want(t, w.ReviewGlass(ctx, w.lead, theirs[0].ID, referrals.WasRight), people.ErrForbidden)
		w.sound()
	})
}

func actorStale(t *testing.T, a people.Actor) people.Actor {
	t.Helper()
	out, err := people.NewActor(people.Organisation{ID: a.Organisation(), Kind: a.Kind()},
		people.Member{ID: a.Member(), Organisation: a.Organisation(), Roles: a.Roles(), Active: true}, false)
	must(t, err)
	return out
}

func TestWhoLookedIsShown(t *testing.T) {
	w := newWorld(t)
	c, other := w.refer(), w.refer()
	_, _ = w.Read(t.Context(), w.second, c.Reference)
	_, _ = w.Read(t.Context(), w.colleague, c.Reference)
	_, _ = w.Read(t.Context(), w.second, other.Reference)
	all, whole, err := w.Looked(t.Context(), w.lead, c.Reference)
	must(t, err)
	var said []string
	for _, l := range all {
		said = append(said, l.Actor+" "+l.Action+" "+string(l.Outcome))
	}
	wants := []string{"lead-1 case.looked done", "gp-2 case.own denied", "lead-2 case.read done", "gp-1 referral.create done"}
	if !whole || !slices.Equal(said, wants) {
		t.Errorf("whole: %v, %q", whole, said)
	}
}

func TestTheSamePersonAgain(t *testing.T) {
	w := newWorld(t)
	first, second := w.refer(consent("iris")), w.refer(consent("domestic-abuse")) // neither service is told the number
	draft := w.draft(consent("iris"))
	draft.Entries = entries(map[string]string{"person.nhs-number": "9990000026"})
	_, _, err := w.Refer(t.Context(), w.clinician, draft)
	must(t, err)
	draft.Entries = entries(nil)
	draft.Exclude = []string{"lead-1"}
	_, _, err = w.Refer(t.Context(), w.clinician, draft)
	must(t, err)
	rows, err := w.Duplicates(t.Context(), w.lead, first.Reference)
	must(t, err)
	if len(rows) != 1 || rows[0].Reference != second.Reference {
		t.Errorf("%+v", rows)
	}
	if rows, _ := w.Duplicates(t.Context(), w.second, first.Reference); len(rows) != 2 {
		t.Errorf("%d for the other lead", len(rows))
	}
}

// A number that was another person's is taken out of the case and no longer leads to it; one that no service is told, and
// that no form shows, stays where it was found.
func TestANumberTakenOutLeadsNowhere(t *testing.T) {
	w := newWorld(t)
	without := func() []packet.Entry {
		return slices.DeleteFunc(entries(nil), func(e packet.Entry) bool { return e.Field == "person.nhs-number" })
	}
	first, kept := w.refer(consent("adult-england")), w.refer(consent("iris"))
	for _, c := range []referrals.Case{first, kept} {
		_, _, err := w.Amend(t.Context(), w.clinician, c.Reference, c.Rev, referrals.Change{Entries: without()})
		must(t, err)
	}
	third := w.refer(consent("iris"))
	rows, err := w.Duplicates(t.Context(), w.lead, third.Reference)
	must(t, err)
	if len(rows) != 1 || rows[0].Reference != kept.Reference {
		t.Errorf("%+v", rows)
	}
	if rows, err = w.Duplicates(t.Context(), w.lead, first.Reference); err != nil || len(rows) != 0 {
		t.Errorf("%+v, %v", rows, err)
	}
}

// B7: no trail, no access, on every way in.
func TestWithoutATrailNothingOpens(t *testing.T) {
	w := newWorld(t)
	c, link := w.offered()
	w.wire.refuse(func(store.Batch) error { return store.ErrFull })
	for name, err := range map[string]error{
		"read":       second(w.Read(t.Context(), w.lead, c.Reference)),
		"queue":      second(w.Queue(t.Context(), w.lead, referrals.Filter{}, store.Cursor{}, 10)),
		"own":        third(w.Own(t.Context(), w.clinician)),
		"look":       w.Look(t.Context(), w.receiver, link.Token.Reveal()),
		"redeem":     second(w.redeem(w.receiver, link)),
		"duplicates": second(w.Duplicates(t.Context(), w.lead, c.Reference)),
		"statistics": second(w.Statistics(t.Context(), w.lead, "2026-q1")),
		"unknown":    second(w.Read(t.Context(), w.lead, strings.Repeat("0", 32))),
	} {
		if !errors.Is(err, records.ErrTrail) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }

// B9: closed and withdrawn cases go after their time, whether or not anybody sweeps; a recorded reason puts it off.
func TestAClosedCaseGoesAfterItsTime(t *testing.T) {
	w := newWorld(t)
	closed, kept := w.in(referrals.Closed), w.in(referrals.Closed)
	if !closed.Expires.Equal(w.clock.now().Add(referrals.AfterClosing)) {
		t.Errorf("kept until %s", closed.Expires)
	}
	keep := referrals.Decision{Event: referrals.Keep, Reason: "inquiry", Until: w.clock.now().Add(200 * 24 * time.Hour)}
	kept = w.decide(w.lead, kept, keep)
	for _, until := range []time.Time{{}, kept.Expires, w.clock.now().Add(referrals.LongestHold + time.Hour)} {
		keep.Until = until
		_, err := w.Decide(t.Context(), w.lead, kept.Reference, kept.Rev, keep)
		want(t, err, referrals.ErrInvalid)
	}
	w.clock.pass(referrals.AfterClosing)
	_, err := w.Read(t.Context(), w.lead, closed.Reference)
	want(t, err, referrals.ErrNotFound)
	if rows := w.walk(w.lead, referrals.Filter{States: []referrals.State{referrals.Closed}}, 10); len(rows) != 1 || rows[0].Reference != kept.Reference {
		t.Errorf("%d closed cases are listed", len(rows))
	}
	_, err = w.safe.Sweep(context.Background())
	must(t, err)
	if left := w.rests(closed.Reference); len(left) != 0 {
		t.Errorf("%q rest of it", left)
	}
	must(t, second(w.Read(t.Context(), w.lead, kept.Reference)))
	w.clock.pass(120 * 24 * time.Hour)
	_, err = w.Read(t.Context(), w.lead, kept.Reference)
	want(t, err, referrals.ErrNotFound)
	w.sound()
}

// rests names the kinds of record that rest under an id.
func (w *world) rests(id string) (kinds []string) {
	must(w.t, w.wire.base.Export(context.Background(), func(item any) error {
		if r, ok := item.(store.Record); ok && r.ID == id {
			kinds = append(kinds, r.Kind)
		}
		return nil
	}))
	return kinds
}
