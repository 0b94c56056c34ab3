package referrals_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/people"
)

// offered is a case whose packet waits for the service.
func (w *world) offered() (referrals.Case, referrals.Link) {
	w.t.Helper()
	c := w.accepted(consent("domestic-abuse"))
	c, link, err := w.Offer(w.t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	must(w.t, err)
	return c, link
}

func (w *world) redeem(a people.Actor, link referrals.Link) (referrals.Received, error) {
	return w.Redeem(w.t.Context(), a, link.Token.Reveal(), link.Code.Reveal())
}

func TestALinkIsLookedAtOftenAndOpenedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c, link := w.offered()
		if len(link.Token.Reveal()) != 43 || len(link.Code.Reveal()) != 6 || !link.Ends.Equal(w.clock.now().Add(referrals.LinkLife)) {
			t.Errorf("a link of %d characters, a code of %d", len(link.Token.Reveal()), len(link.Code.Reveal()))
		}
		for range 10 {
			must(t, w.Look(t.Context(), w.receiver, link.Token.Reveal()))
		}
		if got := w.read(c.Reference).Handovers[0].State; got != referrals.Out {
			t.Errorf("looking makes it %s", got)
		}
		got, err := w.redeem(w.receiver, link)
		must(t, err)
		text, err := got.Packet.JSON()
		must(t, err)
		if !strings.Contains(string(text), words["person.name"]) || got.Packet.Reference != c.Handovers[0].Reference || got.Packet.Destination != "domestic-abuse" {
			t.Errorf("the packet did not come: %s", got.Packet.Reference)
		}
		if h := w.read(c.Reference).Handovers[0]; h.State != referrals.Opened || !h.LinkEnds.IsZero() || h.Due.IsZero() {
			t.Errorf("the desk does not know: %+v", h)
		}
		_, err = w.redeem(w.receiver, link)
		want(t, err, referrals.ErrNotFound)
		want(t, w.Look(t.Context(), w.receiver, link.Token.Reveal()), referrals.ErrNotFound)
		w.sound()
	})
}

// T24: of fifty who post at once, one gets the packet.
func TestOfFiftyWhoOpenALinkAtOnceOneDoes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c, link := w.offered()
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 50 {
			who := w.receiver
			if i%2 == 1 {
				who = w.receiver2
			}
			wg.Go(func() {
				if _, err := w.redeem(who, link); err == nil {
					won.Add(1)
				} else if !errors.Is(err, referrals.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d opened it", won.Load())
		}
		if n := w.heard(practice, "handover.opened", trail.Done); n == 0 || w.read(c.Reference).Handovers[0].State != referrals.Opened {
			t.Error("the desk does not know")
		}
		w.sound()
	})
}

// T9, A14: whoever is not of that service, has another token or comes too late finds nothing, in the same words.
func TestForEverybodyElseThereIsNoSuchLink(t *testing.T) {
	w := newWorld(t)
	_, link := w.offered()
	_, used := w.offered()
	_, err := w.redeem(w.receiver, used)
	must(t, err)
	said := map[string]bool{}
	try := func(name string, a people.Actor, token, code string) {
		t.Helper()
		_, err := w.Redeem(t.Context(), a, token, code)
		want(t, err, referrals.ErrNotFound)
		if err != nil {
			said[strings.ReplaceAll(err.Error(), ": used", "")] = true
		}
		if _, err := w.Redeem(t.Context(), a, token, "000000"); !errors.Is(err, referrals.ErrNotFound) {
			t.Errorf("%s with a wrong code: %v", name, err)
		}
		want(t, w.Look(t.Context(), a, token), referrals.ErrNotFound)
	}
	token, code := link.Token.Reveal(), link.Code.Reveal()
	try("another service", w.elsewhere, token, code)
	try("a token of nobody", w.receiver, strings.Repeat("A", 43), code)
	try("no token", w.receiver, "", code)
	try("an odd token", w.receiver, "../../etc", code)
	try("a used one", w.receiver2, used.Token.Reveal(), used.Code.Reveal())
	for _, a := range []people.Actor{w.lead, w.clinician, w.auditor, w.agent} {
		_, err := w.Redeem(t.Context(), a, token, code)
		want(t, err, people.ErrForbidden)
	}
	w.clock.pass(referrals.LinkLife)
	try("too late", w.receiver, token, code)
	for s := range said {
		if strings.Contains(s, service) || strings.Contains(s, practice) {
			t.Errorf("an error tells whose it is: %s", s)
		}
	}
}

func TestFiveWrongCodesEndALink(t *testing.T) {
	w := newWorld(t)
	c, link := w.offered()
	for range 5 {
		_, err := w.Redeem(t.Context(), w.receiver, link.Token.Reveal(), "nope")
		want(t, err, referrals.ErrCode)
	}
	_, err := w.redeem(w.receiver, link)
	want(t, err, referrals.ErrNotFound)
	got := w.read(c.Reference)
	if h := got.Handovers[0]; h.State != referrals.Waiting || h.Reason != "locked" || h.Packet != "" || !got.Due.Equal(w.clock.now()) {
		t.Errorf("%+v", h)
	}
	w.sound()
}

// Many guess at once: no guess is answered before it is counted, so five are all there are.
func TestManyWhoGuessAtOnceHaveFiveGuesses(t *testing.T) {
	w := newWorld(t)
	_, link := w.offered()
	var wrong atomic.Int32
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			_, err := w.Redeem(t.Context(), w.receiver, link.Token.Reveal(), fmt.Sprintf("x%d", i))
			switch {
			case errors.Is(err, referrals.ErrCode):
				wrong.Add(1)
			case !errors.Is(err, referrals.ErrNotFound):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wrong.Load() != 5 {
		t.Errorf("%d guesses were answered", wrong.Load())
	}
}

func TestALinkNobodyOpensIsOnTheDeskAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c, link := w.offered()
		w.clock.pass(referrals.LinkLife - time.Minute)
		done, err := w.Tick(t.Context(), practice)
		must(t, err)
		if done.Unopened != 0 {
			t.Error("too early")
		}
		w.clock.pass(time.Minute)
		done, err = w.Tick(t.Context(), practice)
		must(t, err)
		got := w.read(c.Reference)
		if h := got.Handovers[0]; done.Unopened != 1 || h.State != referrals.Waiting || got.State != referrals.Accepted || !got.Due.Equal(w.clock.now()) {
			t.Errorf("%d, %+v", done.Unopened, h)
		}
		_, err = w.redeem(w.receiver, link)
		want(t, err, referrals.ErrNotFound)
		again, err := w.Tick(t.Context(), practice)
		must(t, err)
		if again.Unopened != 0 {
			t.Error("a second look does it again")
		}
		_, _, err = w.Offer(t.Context(), w.lead, c.Reference, got.Rev, c.Handovers[0].Reference)
		must(t, err)
	})
}

func TestRecallWhileUnopenedAndNotAfter(t *testing.T) {
	w := newWorld(t)
	recall := line(t, referrals.Recall)
	c, link := w.offered()
	c = w.decide(w.lead, c, decision(recall, c, 0))
	if h := c.Handovers[0]; h.State != referrals.Waiting || h.Due.IsZero() || h.Packet != "" {
		t.Errorf("%+v", h)
	}
	_, err := w.redeem(w.receiver, link)
	want(t, err, referrals.ErrNotFound)

	// Opened, and the word of it was lost on the way: the recall still finds out.
	c, link = w.offered()
	w.wire.refuse(func(b store.Batch) error {
		if b.Tenant == practice {
			return store.ErrClosed
		}
		return nil
	})
	_, err = w.redeem(w.receiver, link)
	must(t, err)
	w.wire.refuse(nil)
	if w.read(c.Reference).Handovers[0].State != referrals.Out {
		t.Fatal("the word was not lost")
	}
	_, err = w.Decide(t.Context(), w.lead, c.Reference, c.Rev, decision(recall, c, 0))
	want(t, err, referrals.ErrOpened)
	done, err := w.Tick(t.Context(), service)
	must(t, err)
	if done.Told != 1 || w.read(c.Reference).Handovers[0].State != referrals.Opened {
		t.Errorf("the answer did not reach the desk: %+v", done)
	}
	// What was said on the phone is not unsaid.
	c = w.in(referrals.HandedOver)
	_, err = w.Decide(t.Context(), w.lead, c.Reference, c.Rev, decision(recall, c, 0))
	want(t, err, referrals.ErrState)
	w.sound()
}

// Recall and pick-up race: either the packet is back and nobody has it, or somebody has it and the recall says so.
func TestRecallAndPickUpRace(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		c, link := w.offered()
		var opened, recalled error
		var wg sync.WaitGroup
		wg.Go(func() { _, opened = w.redeem(w.receiver, link) })
		wg.Go(func() {
			_, recalled = w.Decide(t.Context(), w.lead, c.Reference, c.Rev, decision(line(t, referrals.Recall), c, 0))
		})
		wg.Wait()
		if (opened == nil) == (recalled == nil) {
			t.Fatalf("opened: %v, recalled: %v", opened, recalled)
		}
		state := w.read(c.Reference).Handovers[0].State
		if opened == nil && state != referrals.Opened || recalled == nil && state != referrals.Waiting {
			t.Fatalf("%s", state)
		}
	}
}

func TestAServiceAnswersAndTheDeskKnows(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c, link := w.offered()
		got, err := w.redeem(w.receiver, link)
		must(t, err)
		answer := func(a people.Actor, e referrals.Event, reason string) error {
			now, err := w.Answer(t.Context(), a, got.ID, got.Rev, e, reason)
			if err == nil {
				got = now
			}
			return err
		}
		want(t, answer(w.receiver, referrals.Report, "help-began"), referrals.ErrState)
		want(t, answer(w.elsewhere, referrals.Acknowledge, ""), referrals.ErrNotFound)
		want(t, answer(w.receiver, referrals.Close, "help-began"), referrals.ErrInvalid)
		want(t, answer(w.receiver, referrals.Decline, "no idea"), referrals.ErrReason)
		want(t, answer(w.receiver, referrals.Decline, ""), referrals.ErrReason)
		stale := got
		for _, s := range []struct {
			e      referrals.Event
			reason string
			of     referrals.State
			is     referrals.State
		}{
			{referrals.Acknowledge, "", referrals.Taken, referrals.Acknowledged},
			{referrals.TakeOn, "", referrals.Helping, referrals.Acknowledged},
			{referrals.Report, "help-began", referrals.Done, referrals.Acknowledged},
		} {
			must(t, answer(w.receiver2, s.e, s.reason))
			now := w.read(c.Reference)
			if now.Handovers[0].State != s.of || now.State != s.is || got.State != s.of {
				t.Errorf("%s: %s, %s", s.e, now.Handovers[0].State, now.State)
			}
			if last := now.Timeline[len(now.Timeline)-1]; last.By != "service" || last.Event != s.e {
				t.Errorf("%+v", last)
			}
		}
		_, err = w.Answer(t.Context(), w.receiver, stale.ID, stale.Rev, referrals.Acknowledge, "")
		want(t, err, referrals.ErrConflict)
		list, _, err := w.Inbox(t.Context(), w.receiver2, store.Cursor{}, 10)
		must(t, err)
		if len(list) != 1 || list[0].State != referrals.Done || !list[0].Due.Equal(list[0].Expires) { // answered: no clock stands open
			t.Errorf("%+v", list)
		}
		none, _, err := w.Inbox(t.Context(), w.elsewhere, store.Cursor{}, 10)
		must(t, err)
		if len(none) != 0 {
			t.Error("another service sees it")
		}
		_, err = w.Received(t.Context(), w.elsewhere, got.ID)
		want(t, err, referrals.ErrNotFound)
		again, err := w.Received(t.Context(), w.receiver2, got.ID)
		must(t, err)
		if again.Outcome != "help-began" || w.heard(service, "packet.read", trail.Done) == 0 {
			t.Error("opened again without a trace, or without its outcome")
		}
		w.clock.pass(referrals.PacketLife)
		_, err = w.Received(t.Context(), w.receiver, got.ID)
		want(t, err, referrals.ErrNotFound)
		w.sound()
	})
}

// A service goes on answering while the case is back with whoever referred it, and the desk finds the answer when it comes
// back.
func TestAnAnswerIsHeardWhileTheCaseIsReturned(t *testing.T) {
	w := newWorld(t)
	c, link := w.offered()
	c = w.decide(w.lead, c, referrals.Decision{Event: referrals.Escalate, Reason: "disagreement"})
	c = w.decide(w.lead, c, referrals.Decision{Event: referrals.Return, Reason: "ask-again"})
	got, err := w.redeem(w.receiver, link)
	must(t, err)
	_, err = w.Answer(t.Context(), w.receiver, got.ID, got.Rev, referrals.Decline, "no-room")
	must(t, err)
	c = w.read(c.Reference)
	if c.State != referrals.Returned || c.Handovers[0].State != referrals.Refused || c.Handovers[0].Reason != "no-room" {
		t.Fatalf("%s, and the hand-over %s", c.State, c.Handovers[0].State)
	}
	c, _, err = w.Resubmit(t.Context(), w.clinician, c.Reference, c.Rev, referrals.Change{Entries: entries(nil)})
	must(t, err)
	if c = w.decide(w.lead, c, referrals.Decision{Event: referrals.Accept}); c.State != referrals.Declined {
		t.Errorf("accepted again it is %s", c.State)
	}
	w.sound()
}

// What could not be told at once is told in the order in which it was said; and a word that cannot be told keeps back
// nobody else's.
func TestAnswersReachTheDeskInTheirOrder(t *testing.T) {
	w := newWorld(t)
	deaf := map[string]bool{} // cases that cannot be written
	w.wire.refuse(func(b store.Batch) error {
		for _, o := range b.Ops {
			if o.Rec.Kind == "case" && deaf[o.Rec.ID] {
				return store.ErrDamaged
			}
		}
		return nil
	})
	var cases []referrals.Case
	var packets []referrals.Received
	for range 2 {
		c, link := w.offered()
		got, err := w.redeem(w.receiver, link)
		must(t, err)
		cases, packets = append(cases, c), append(packets, got)
		deaf[c.Reference] = true
	}
	for i := range packets {
		w.clock.pass(time.Second)
		got, err := w.Answer(t.Context(), w.receiver, packets[i].ID, packets[i].Rev, referrals.Acknowledge, "")
		must(t, err)
		w.clock.pass(time.Second)
		packets[i] = got
	}
	deaf[cases[1].Reference] = false
	_, err := w.Answer(t.Context(), w.receiver, packets[1].ID, packets[1].Rev, referrals.Report, "help-began")
	must(t, err)
	if h := w.read(cases[1].Reference).Handovers[0]; h.State != referrals.Done || h.Outcome != "help-began" {
		t.Errorf("the outcome came before its acknowledgement: %s", h.State)
	}
	if ticked, err := w.Tick(t.Context(), service); err == nil || ticked.Told != 0 {
		t.Errorf("%+v, %v: nobody hears that a case takes no word", ticked, err)
	}
	deaf[cases[0].Reference] = false
	if ticked, err := w.Tick(t.Context(), service); err != nil || ticked.Told != 1 {
		t.Errorf("%+v, %v", ticked, err)
	}
	if h := w.read(cases[0].Reference).Handovers[0]; h.State != referrals.Taken {
		t.Errorf("%s", h.State)
	}
}

// A packet that waits opens by link and code alone, not by its id.
func TestAWaitingPacketIsNotOpenedPastItsLink(t *testing.T) {
	w := newWorld(t)
	c, _ := w.offered()
	id := w.read(c.Reference).Handovers[0].Packet
	_, err := w.Received(t.Context(), w.receiver, id)
	want(t, err, referrals.ErrNotFound)
	_, err = w.Answer(t.Context(), w.receiver, id, 1, referrals.Acknowledge, "")
	want(t, err, referrals.ErrNotFound)
}

// A decline brings the case to the top; withdrawing takes back what nobody opened.
func TestDeclinedIsAtTheTopAndWithdrawnIsTakenBack(t *testing.T) {
	w := newWorld(t)
	c, link := w.offered()
	got, err := w.redeem(w.receiver, link)
	must(t, err)
	w.clock.pass(time.Minute)
	_, err = w.Answer(t.Context(), w.receiver, got.ID, got.Rev, referrals.Decline, "not-our-area")
	must(t, err)
	if now := w.read(c.Reference); now.State != referrals.Declined || !now.Due.Equal(w.clock.now()) || now.Handovers[0].Reason != "not-our-area" {
		t.Errorf("%s due %s", now.State, now.Due)
	}
	c, link = w.offered() // said no on the phone, and the link still waits
	_ = w.decide(w.lead, c, decision(line(t, referrals.Decline), c, 0))
	_, err = w.redeem(w.receiver, link)
	want(t, err, referrals.ErrNotFound)
	c, link = w.offered()
	c, err = w.Decide(t.Context(), w.clinician, c.Reference, c.Rev, referrals.Decision{Event: referrals.Withdraw, Reason: "person-asked", Words: vault.Keep("she is not ready")})
	must(t, err)
	if c.State != referrals.Withdrawn || c.Handovers[0].State != referrals.Dropped || !c.Expires.Equal(w.clock.now().Add(referrals.AfterClosing)) {
		t.Errorf("%s, %s", c.State, c.Handovers[0].State)
	}
	_, err = w.redeem(w.receiver, link)
	want(t, err, referrals.ErrNotFound)
}

// An offer whose case cannot be written leaves no packet behind that anybody could open, and the lead can offer again.
func TestAnOfferThatFailsLeavesNothing(t *testing.T) {
	w := newWorld(t)
	c := w.accepted(consent("domestic-abuse"))
	laid := false
	w.wire.refuse(func(b store.Batch) error {
		if b.Tenant == practice && laid && len(b.Ops) > 0 {
			return store.ErrFull
		}
		laid = laid || b.Tenant == service
		return nil
	})
	_, link, err := w.Offer(t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	if err == nil || !link.Token.IsZero() {
		t.Fatal("it did not fail")
	}
	w.wire.refuse(nil)
	left := 0
	must(t, w.wire.base.Export(context.Background(), func(item any) error {
		if r, ok := item.(store.Record); ok && r.Kind == "packet" {
			left++
		}
		return nil
	}))
	if left != 0 {
		t.Errorf("%d packets are left", left)
	}
	_, _, err = w.Offer(t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	must(t, err)
}
