package referrals_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

func (w *world) ask(a people.Actor, what referrals.Grave, c referrals.Case) referrals.Ask {
	w.t.Helper()
	ask, err := w.Ask(w.t.Context(), a, what, c.Reference, "person-asked")
	must(w.t, err)
	return ask
}

// yes is the second person's answer with the whole list looked at.
func (w *world) yes(c referrals.Case, what referrals.Grave, let ...string) referrals.Answer {
	return referrals.Answer{CaseRev: c.Rev, Checked: w.Care(what).Checks, Let: let}
}

func (w *world) released(c referrals.Case, let ...string) referrals.Ask {
	w.t.Helper()
	ask := w.ask(w.lead, referrals.Export, c)
	must(w.t, w.Release(w.t.Context(), w.second, ask.ID, w.yes(c, referrals.Export, let...)))
	return ask
}

// T11: a copy takes two people. It holds what is about the person, nothing that tells of the trouble or of others unless the
// second let that line through, and never how the person is reached; and it is opened once, by whoever asked.
func TestACopyTakesTwoPeopleAndIsOpenedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c := w.accepted()
		c = w.decide(w.lead, c, byPhone(c, 0))
		ask := w.ask(w.lead, referrals.Export, c)
		if len(w.alerts) != 1 || w.alerts[0] != practice {
			t.Errorf("alerts %v", w.alerts)
		}
		want(t, w.Release(t.Context(), w.lead, ask.ID, w.yes(c, referrals.Export)), people.ErrForbidden) // nobody releases one's own
		_, _, _, err := w.Weigh(t.Context(), w.lead, ask.ID)
		want(t, err, people.ErrForbidden)
		_, err = w.OpenCopy(t.Context(), w.lead, ask.ID) // not released yet
		want(t, err, referrals.ErrState)
		_, before, seen, err := w.Weigh(t.Context(), w.second, ask.ID)
		must(t, err)
		if seen.Rev != c.Rev || len(before) != 0 {
			t.Errorf("the second person sees revision %d, %d refusals", seen.Rev, len(before))
		}
		for i, check := range w.Care(referrals.Export).Checks { // each of the list, every time
			less := w.yes(c, referrals.Export)
			less.Checked = slices.Delete(slices.Clone(less.Checked), i, i+1)
			if err := w.Release(t.Context(), w.second, ask.ID, less); !errors.Is(err, referrals.ErrUnchecked) {
				t.Errorf("without %s: %v", check, err)
			}
		}
		want(t, w.Release(t.Context(), w.second, ask.ID, w.yes(c, referrals.Export, "contact.at.0")), referrals.ErrInvalid)
		want(t, w.Release(t.Context(), w.second, ask.ID, w.yes(c, referrals.Export, "person.name.0", "person.name.0")), referrals.ErrInvalid)
		old := w.yes(c, referrals.Export)
		old.CaseRev--
		want(t, w.Release(t.Context(), w.second, ask.ID, old), referrals.ErrConflict)
		if n := w.heard(practice, "export.release", trail.Done); n != 0 {
			t.Errorf("the trail says %d times that it was released, and it was not", n)
		}
		must(t, w.Release(t.Context(), w.second, ask.ID, w.yes(c, referrals.Export, "account.reason.0", "case.told.0")))
		want(t, w.Release(t.Context(), w.second, ask.ID, w.yes(c, referrals.Export)), referrals.ErrState)
		_, err = w.OpenCopy(t.Context(), w.second, ask.ID) // it is for whoever asked
		want(t, err, referrals.ErrState)
		given, err := w.OpenCopy(t.Context(), w.lead, ask.ID)
		must(t, err)
		text, err := given.JSON()
		must(t, err)
		for _, is := range []string{"Zephyrine Quillfeather", "1984-05-06", "he counts her steps", `"case.told"`, `"domestic-abuse"`} {
			if !bytes.Contains(text, []byte(is)) {
				t.Errorf("the copy lacks %q:\n%s", is, text)
			}
		}
		// Of others, of the trouble, of how she is reached, of what staff wrote, and that there is more.
		for _, not := range []string{"Ignatius", "Orchard Gate", "Perpetua", "Osric", "01632", "library book", "Tuesdays", "Ambrosia", "partner", "has a key", "killed", "taken by Hephzibah",
			"lead-1", "gp-1", "harm", "others", "never", "withheld"} {
			if bytes.Contains(text, []byte(not)) {
				t.Errorf("the copy says %q:\n%s", not, text)
			}
		}
		_, err = w.OpenCopy(t.Context(), w.lead, ask.ID)
		want(t, err, referrals.ErrNotFound)
		for _, action := range []string{"export.ask", "export.release", "export.open"} {
			if looked, _, err := w.Looked(t.Context(), w.second, c.Reference); err != nil || !slices.ContainsFunc(looked, func(l referrals.Looked) bool {
				return l.Action == action && l.Outcome == trail.Done
			}) {
				t.Errorf("the case's own trail does not say %s: %v", action, err)
			}
		}
		w.sound()
	})
}

// A copy that nobody looked through names nothing but the person: by its class, every field that is in every copy.
func TestACopyThatNobodyLookedThroughIsAboutThePersonAlone(t *testing.T) {
	w := newWorld(t)
	c := w.accepted(consent("domestic-abuse"), consent("marac"), consent("police"))
	w.released(c)
	asks, _, err := w.Asks(t.Context(), w.lead, store.Cursor{}, 10)
	must(t, err)
	given, err := w.OpenCopy(t.Context(), w.lead, asks[0].ID)
	must(t, err)
	if len(given.Parts) < 2 {
		t.Errorf("%d lines", len(given.Parts))
	}
	for _, p := range given.Parts {
		if topic, _, _ := strings.Cut(p.Field, "."); topic != "person" && topic != "needs" || p.Class != packet.ToGive {
			t.Errorf("it holds %s", p.ID)
		}
	}
	for _, p := range w.Parts(c) {
		if topic, _, _ := strings.Cut(p.Field, "."); topic == "contact" || topic == "safe" || topic == "unsafe" {
			t.Errorf("%s could be let through", p.ID)
		}
	}
}

// Who is kept away, who is of another organisation, and who is no lead: for them there is no ask, in no list, at no door.
func TestNobodyKeptAwayLearnsOfAnAsk(t *testing.T) {
	w := newWorld(t)
	third := actor(t, practice, people.Practice, "lead-3", people.Lead)
	c := w.accepted()
	c, err := w.Exclude(t.Context(), w.lead, c.Reference, c.Rev, w.second.Member(), true)
	must(t, err)
	ask := w.ask(w.lead, referrals.Export, c)
	list := func(a people.Actor) int {
		t.Helper()
		all, _, err := w.Asks(t.Context(), a, store.Cursor{}, 10)
		must(t, err)
		return len(all)
	}
	if list(third) != 1 || list(w.lead) != 1 || list(w.second) != 0 || list(w.foreign) != 0 {
		t.Error("the lists are not right")
	}
	none := strings.Repeat("0", 32)
	for who, a := range map[string]people.Actor{"kept away": w.second, "of another organisation": w.foreign} {
		for _, id := range []string{ask.ID, none} {
			_, err1 := w.Asked(t.Context(), a, id)
			_, _, _, err2 := w.Weigh(t.Context(), a, id)
			_, err3 := w.OpenCopy(t.Context(), a, id)
			for i, err := range []error{err1, err2, err3, w.Release(t.Context(), a, id, w.yes(c, referrals.Export)), w.Deny(t.Context(), a, id, "not-the-person"), w.TakeBack(t.Context(), a, id)} {
				if !errors.Is(err, referrals.ErrNotFound) {
					t.Errorf("%s, door %d: %v", who, i, err)
				}
			}
		}
		for _, id := range []string{c.Reference, none} {
			if _, err := w.Ask(t.Context(), a, referrals.Erase, id, "person-asked"); !errors.Is(err, referrals.ErrNotFound) {
				t.Errorf("%s asks: %v", who, err)
			}
		}
	}
	for who, a := range map[string]people.Actor{"a clinician": w.clinician, "an auditor": w.auditor, "a receiver": w.receiver, "a company": w.agent} {
		if _, _, err := w.Asks(t.Context(), a, store.Cursor{}, 10); !errors.Is(err, people.ErrForbidden) {
			t.Errorf("%s lists: %v", who, err)
		}
		if _, err := w.Ask(t.Context(), a, referrals.Export, c.Reference, "person-asked"); !errors.Is(err, people.ErrForbidden) {
			t.Errorf("%s asks: %v", who, err)
		}
	}
	stale, err := people.NewActor(people.Organisation{ID: practice, Kind: people.Practice}, people.Member{ID: "lead-3", Organisation: practice, Roles: []people.Role{people.Lead}, Active: true}, false)
	must(t, err)
	want(t, w.Release(t.Context(), stale, ask.ID, w.yes(c, referrals.Export)), people.ErrStepUp)
	_, err = w.Ask(t.Context(), stale, referrals.Export, c.Reference, "person-asked")
	want(t, err, people.ErrStepUp)
	// Kept away after it was asked and released: it opens no more.
	must(t, w.Release(t.Context(), third, ask.ID, w.yes(c, referrals.Export)))
	_, err = w.Exclude(t.Context(), third, c.Reference, c.Rev, w.lead.Member(), true)
	must(t, err)
	_, err = w.OpenCopy(t.Context(), w.lead, ask.ID)
	want(t, err, referrals.ErrNotFound)
}

// An ask ends by itself: unanswered, released and not opened, refused. It can be taken back, and then be asked again.
func TestAnAskEnds(t *testing.T) {
	w := newWorld(t)
	c := w.accepted()
	ask := w.ask(w.lead, referrals.Export, c)
	_, err := w.Ask(t.Context(), w.second, referrals.Export, c.Reference, "person-asked") // one waits already
	want(t, err, referrals.ErrConflict)
	w.clock.pass(referrals.AskLife)
	want(t, w.Release(t.Context(), w.second, ask.ID, w.yes(c, referrals.Export)), referrals.ErrNotFound)

	ask = w.released(c)
	w.clock.pass(referrals.CopyLife)
	_, err = w.OpenCopy(t.Context(), w.lead, ask.ID)
	want(t, err, referrals.ErrNotFound)

	ask = w.ask(w.lead, referrals.Erase, c)
	want(t, w.TakeBack(t.Context(), w.second, ask.ID), people.ErrForbidden)
	must(t, w.TakeBack(t.Context(), w.lead, ask.ID))
	want(t, w.Release(t.Context(), w.second, ask.ID, w.yes(c, referrals.Erase)), referrals.ErrNotFound)

	ask = w.ask(w.lead, referrals.Export, c)
	want(t, w.Deny(t.Context(), w.lead, ask.ID, "not-the-person"), people.ErrForbidden)
	want(t, w.Deny(t.Context(), w.second, ask.ID, ""), referrals.ErrReason)
	must(t, w.Deny(t.Context(), w.second, ask.ID, "not-the-person"))
	_, err = w.OpenCopy(t.Context(), w.lead, ask.ID)
	want(t, err, referrals.ErrState)
	is, err := w.Asked(t.Context(), w.lead, ask.ID)
	must(t, err)
	if is.State != referrals.Denied || is.Why != "not-the-person" || is.AnsweredBy != w.second.Member() {
		t.Errorf("%+v", is)
	}
	want(t, w.TakeBack(t.Context(), w.lead, ask.ID), referrals.ErrState) // the refusal is for whoever answers next
	again := w.ask(w.lead, referrals.Export, c)
	_, before, _, err := w.Weigh(t.Context(), w.second, again.ID)
	must(t, err)
	if len(before) != 1 || before[0].Why != "not-the-person" {
		t.Errorf("whoever answers next does not see the refusal: %+v", before)
	}

	// The case is not any more as the second person saw it.
	must(t, w.Release(t.Context(), w.second, again.ID, w.yes(c, referrals.Export)))
	w.decide(w.lead, c, byPhone(c, 0))
	_, err = w.OpenCopy(t.Context(), w.lead, again.ID)
	want(t, err, referrals.ErrConflict)
	for _, bad := range []struct {
		what   referrals.Grave
		reason string
		want   error
	}{{"burn", "person-asked", referrals.ErrInvalid}, {referrals.Export, "made-in-error", referrals.ErrReason}, {referrals.Erase, "", referrals.ErrReason}} {
		_, err := w.Ask(t.Context(), w.lead, bad.what, c.Reference, bad.reason)
		want(t, err, bad.want)
	}
	w.clock.pass(referrals.AskLife + referrals.CopyLife)
	if all, _, err := w.Asks(t.Context(), w.lead, store.Cursor{}, 10); err != nil || len(all) != 0 {
		t.Errorf("%d rest: %v", len(all), err)
	}
}

// Two at once: of two who answer one counts, and of twenty who open a copy one has it.
func TestOfManyWhoOpenACopyAtOnceOneHasIt(t *testing.T) {
	w := newWorld(t)
	third := actor(t, practice, people.Practice, "lead-3", people.Lead)
	c := w.accepted()
	ask := w.ask(w.lead, referrals.Export, c)
	answers := together(
		func() error { return w.Release(t.Context(), w.second, ask.ID, w.yes(c, referrals.Export)) },
		func() error { return w.Deny(t.Context(), third, ask.ID, "not-the-person") },
	)
	if won(answers) != 1 {
		t.Errorf("%v", answers)
	}
	if is, err := w.Asked(t.Context(), w.lead, ask.ID); err != nil || (is.State == referrals.Released) != (answers[0] == nil) {
		t.Errorf("%+v %v, answers %v", is, err, answers)
	}
	if answers[0] == nil {
		must(t, w.TakeBack(t.Context(), w.lead, ask.ID))
	}
	ask = w.released(c)
	open := func() error { _, err := w.OpenCopy(t.Context(), w.lead, ask.ID); return err }
	opened := together(slices.Repeat([]func() error{open}, 20)...)
	if won(opened) != 1 {
		t.Errorf("%d have the copy", won(opened))
	}
	for _, err := range opened {
		if err != nil && !errors.Is(err, referrals.ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
}

func together(all ...func() error) []error {
	errs, begin := make([]error, len(all)), make(chan struct{})
	var done sync.WaitGroup
	for i, do := range all {
		done.Go(func() { <-begin; errs[i] = do() })
	}
	close(begin)
	done.Wait()
	return errs
}

func won(errs []error) (n int) {
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}

// No trail, no ask, no release, no copy, no erasure: whichever entry cannot be written, nothing was done and nothing given.
func TestNoTrailNoCopyAndNoErasure(t *testing.T) {
	w := newWorld(t)
	fresh, weighed, denied, let, erased, given := w.accepted(), w.accepted(), w.accepted(), w.accepted(), w.accepted(), w.accepted()
	one, two, three, four, five := w.ask(w.lead, referrals.Export, weighed), w.ask(w.lead, referrals.Export, denied), w.ask(w.lead, referrals.Export, let), w.ask(w.lead, referrals.Erase, erased), w.released(given)
	alerts := len(w.alerts)
	as := func(ask referrals.Ask, is referrals.State) func() bool {
		return func() bool { now, err := w.Asked(t.Context(), w.lead, ask.ID); return err == nil && now.State == is }
	}
	for _, act := range []struct {
		name   string
		do     func() error
		before func() bool // nothing was done
	}{
		{"ask", func() error { return w.asks(fresh) }, func() bool { return len(w.alerts) == alerts }},
		{"weigh", func() error { _, _, c, err := w.Weigh(t.Context(), w.second, one.ID); return leaked(err, c.Reference) }, as(one, referrals.Awaiting)},
		{"deny", func() error { return w.Deny(t.Context(), w.second, two.ID, "not-the-person") }, as(two, referrals.Awaiting)},
		{"release", func() error { return w.Release(t.Context(), w.second, three.ID, w.yes(let, referrals.Export)) }, as(three, referrals.Awaiting)},
		{"erase", func() error { return w.Release(t.Context(), w.second, four.ID, w.yes(erased, referrals.Erase)) }, as(four, referrals.Awaiting)},
		{"open", func() error { got, err := w.OpenCopy(t.Context(), w.lead, five.ID); return leaked(err, got.Case) }, as(five, referrals.Released)},
	} {
		stop := 1
		for ; ; stop++ {
			n := 0
			w.wire.refuse(func(b store.Batch) error {
				if n++; n >= stop {
					return store.ErrFull
				}
				return nil
			})
			err := act.do()
			w.wire.refuse(nil)
			if n < stop { // it never came to that entry
				must(t, err)
				break
			}
			if err == nil || errors.Is(err, errLeaked) || !act.before() {
				t.Fatalf("%s, the trail takes nothing from entry %d on: %v", act.name, stop, err)
			}
		}
		if stop < 3 {
			t.Errorf("%s has %d entries", act.name, stop-1)
		}
	}
	want(t, w.asks(fresh), referrals.ErrConflict)
	_, err := w.Read(t.Context(), w.lead, erased.Reference)
	want(t, err, referrals.ErrNotFound)
	w.sound()
}

func (w *world) asks(c referrals.Case) error {
	_, err := w.Ask(w.t.Context(), w.lead, referrals.Export, c.Reference, "person-asked")
	return err
}

var errLeaked = errors.New("something was given with the refusal")

func leaked(err error, reference string) error {
	if err != nil && reference != "" {
		return errors.Join(err, errLeaked)
	}
	return err
}

// A case is erased by two people, at once: text and key leave the file, what was laid out and not opened is gone, what a hold
// keeps stays, and the trail tells it.
func TestACaseIsErasedByTwoPeople(t *testing.T) {
	dir := t.TempDir()
	e := embedded(t, dir)
	w := furnish(t, e, t.TempDir())
	c := w.accepted(consent("domestic-abuse"), consent("iris"))
	c, link, err := w.Offer(t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	must(t, err)
	stays := w.accepted()
	at := store.Key{Tenant: practice, Kind: "case", ID: c.Reference}
	rec, err := e.Read(t.Context(), at)
	must(t, err)
	key, err := e.WrappedKey(t.Context(), at)
	must(t, err)
	backup := copied(t, e)
	copyAsk, ask := w.released(c), w.ask(w.lead, referrals.Erase, c)
	want(t, w.Release(t.Context(), w.lead, ask.ID, w.yes(c, referrals.Erase)), people.ErrForbidden)
	must(t, w.Release(t.Context(), w.second, ask.ID, w.yes(c, referrals.Erase)))

	_, err = w.Read(t.Context(), w.lead, c.Reference)
	want(t, err, referrals.ErrNotFound)
	want(t, w.Look(t.Context(), w.receiver, link.Token.Reveal()), referrals.ErrNotFound)
	_, err = w.Redeem(t.Context(), w.receiver, link.Token.Reveal(), link.Code.Reveal())
	want(t, err, referrals.ErrNotFound)
	_, err = w.OpenCopy(t.Context(), w.lead, copyAsk.ID)
	want(t, err, referrals.ErrNotFound)
	if rows := w.walk(w.lead, referrals.Filter{}, 10); len(rows) != 1 || rows[0].Reference != stays.Reference {
		t.Errorf("%d on the desk", len(rows))
	}
	if asks, _, err := w.Asks(t.Context(), w.lead, store.Cursor{}, 10); err != nil || len(asks) != 0 {
		t.Errorf("%d asks rest: %v", len(asks), err)
	}
	for _, gone := range []store.Key{at, {Tenant: practice, Kind: "card", ID: c.Reference}, {Tenant: practice, Kind: "ask", ID: ask.ID}} {
		if _, err := e.Read(t.Context(), gone); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s rests: %v", gone.Kind, err)
		}
		if _, err := e.WrappedKey(t.Context(), gone); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the key of %s rests: %v", gone.Kind, err)
		}
	}
	log := w.log(practice)
	must(t, e.Close())
	for what, raw := range map[string][]byte{"text": rec.Sealed[64:192], "key": key.Wrapped} { // of a long text that may lie on several pages
		if !inFiles(t, backup, raw) {
			t.Errorf("the search does not see the %s before it", what)
		}
		if inFiles(t, dir, raw) {
			t.Errorf("the %s is still in the file", what)
		}
	}
	told := 0
	for _, entry := range log {
		if entry.Action == "erase.release" && entry.Effect == trail.Gone && entry.Kind == "case" {
			told++
			if entry.Actor != w.second.Member() || entry.Reason != "person-asked" {
				t.Errorf("%+v", entry)
			}
		}
	}
	if told != 1 {
		t.Errorf("%d entries of the end of the case", told)
	}
}

// copied is a directory with a backup of the database.
func copied(t testing.TB, b base) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.OpenFile(filepath.Join(dir, "waypost.db"), os.O_CREATE|os.O_WRONLY, 0o600)
	must(t, err)
	must(t, errors.Join(b.Backup(context.Background(), f), f.Close()))
	return dir
}

func inFiles(t testing.TB, dir string, text []byte) bool {
	t.Helper()
	found := false
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all, err := os.ReadFile(path)
		found = found || bytes.Contains(all, text)
		return err
	}))
	return found
}

// What a recorded reason keeps is not erased: neither asked, nor released where the hold came after the asking; nor with its
// organisation.
func TestWhatIsHeldIsNotErased(t *testing.T) {
	w := newWorld(t)
	c := w.accepted()
	c = w.decide(w.lead, c, referrals.Decision{Event: referrals.Withdraw, Reason: "person-asked"})
	if c.Held() {
		t.Fatal("held by nobody")
	}
	ask := w.ask(w.lead, referrals.Erase, c)
	c = w.decide(w.second, c, referrals.Decision{Event: referrals.Keep, Reason: "legal-order", Until: c.Expires.Add(24 * time.Hour)})
	if !c.Held() {
		t.Fatal("not held")
	}
	want(t, w.Release(t.Context(), w.second, ask.ID, w.yes(c, referrals.Erase)), referrals.ErrHeld)
	must(t, w.TakeBack(t.Context(), w.lead, ask.ID))
	_, err := w.Ask(t.Context(), w.lead, referrals.Erase, c.Reference, "person-asked")
	want(t, err, referrals.ErrHeld)
	want(t, w.Dissolve(t.Context(), practice), referrals.ErrHeld)
	if is := w.read(c.Reference); !is.Held() {
		t.Error("it is gone, or not held")
	}
	w.released(c) // a hold forbids no copy
	if n := w.heard(practice, "erase.ask", trail.Denied) + w.heard(practice, "erase.release", trail.Denied); n != 2 {
		t.Errorf("%d refusals in the trail", n)
	}
}

// An organisation that is to be erased leaves nothing laid out at a service; what a service has opened is theirs.
func TestAnOrganisationThatEndsRecallsWhatItLaidOut(t *testing.T) {
	w := newWorld(t)
	c := w.accepted(consent("domestic-abuse"), consent("iris"))
	c, link, err := w.Offer(t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	must(t, err)
	_, second, err := w.Offer(t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[1].Reference)
	must(t, err)
	got, err := w.Redeem(t.Context(), w.receiver, second.Token.Reveal(), second.Code.Reveal())
	must(t, err)
	must(t, w.Dissolve(t.Context(), practice))
	_, err = w.safe.EraseOrganisation(t.Context(), records.Act{Tenant: practice, Actor: "operator", Action: "organisation.erase"})
	must(t, err)
	want(t, w.Look(t.Context(), w.receiver, link.Token.Reveal()), referrals.ErrNotFound)
	if _, err := w.Received(t.Context(), w.receiver, got.ID); err != nil {
		t.Errorf("what was opened: %v", err)
	}
	_, err = w.Answer(t.Context(), w.receiver, got.ID, got.Rev, referrals.Acknowledge, "") // its word finds no desk
	must(t, err)
	w.sound()
}
