package referrals_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/packet"
)

// atDoor is a case whose packet waits for a service that has no organisation here.
func (w *world) atDoor() (referrals.Case, referrals.Link) {
	w.t.Helper()
	c := w.accepted(referrals.Choice{Destination: "domestic-abuse", Service: "far-away", Consent: packet.Consent{Decision: packet.Given}})
	c, link, err := w.Offer(w.t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	must(w.t, err)
	return c, link
}

func (w *world) collect(link referrals.Link) (referrals.Collected, error) {
	return w.Collect(w.t.Context(), link.Token.Reveal(), link.Code.Reveal())
}

func (w *world) reply(link referrals.Link, rev int64, e referrals.Event, reason string) (referrals.Collected, error) {
	return w.Reply(w.t.Context(), link.Token.Reveal(), link.Code.Reveal(), rev, e, reason)
}

func TestALinkAtTheDoorOpensOnceAndThenTakesAnswers(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c, link := w.atDoor()
		if !link.AtDoor {
			t.Error("a service without an organisation here is asked to sign in")
		}
		_, err := w.reply(link, 1, referrals.Acknowledge, "")
		want(t, err, referrals.ErrNotFound) // nothing is answered that was not opened
		got, err := w.collect(link)
		must(t, err)
		text, err := got.Packet.JSON()
		must(t, err)
		if !got.First || !strings.Contains(string(text), words["person.name"]) || got.Reference != c.Handovers[0].Reference {
			t.Errorf("the packet did not come: first %t, %s", got.First, got.Reference)
		}
		if h := w.read(c.Reference).Handovers[0]; h.State != referrals.Opened || !h.LinkEnds.IsZero() || h.Due.IsZero() {
			t.Errorf("the desk does not know: %s", h.State)
		}
		again, err := w.collect(link)
		must(t, err)
		if again.First || len(again.Packet.Lines) != 0 || again.State != referrals.Opened || !again.Opened.Equal(got.Opened) || again.Rev != got.Rev {
			t.Errorf("used twice: first %t, %d lines, %s", again.First, len(again.Packet.Lines), again.State)
		}
		for _, step := range []struct {
			event  referrals.Event
			reason string
			state  referrals.State
		}{{referrals.Acknowledge, "", referrals.Taken}, {referrals.TakeOn, "", referrals.Helping}, {referrals.Report, "help-began", referrals.Done}} {
			if again, err = w.reply(link, again.Rev, step.event, step.reason); err != nil || again.State != step.state {
				t.Fatalf("%s: %s, %v", step.event, again.State, err)
			}
			if h := w.read(c.Reference).Handovers[0]; h.State != step.state {
				t.Errorf("the desk has %s, the service said %s", h.State, step.event)
			}
		}
		if again.Outcome != "help-began" || w.read(c.Reference).Handovers[0].Outcome != "help-began" {
			t.Error("the outcome is lost")
		}
		w.sound()
	})
}

// What was opened at the door rests there no longer: somebody who breaks in later finds that an answer is awaited.
func TestWhatWasOpenedAtTheDoorIsNotKeptThere(t *testing.T) {
	w := newWorld(t)
	_, link := w.atDoor()
	held := func() bool {
		page, err := w.safe.Queue(t.Context(), records.Act{Tenant: referrals.Door, Actor: "tester", Action: "test.look"}, "packet", []string{"waiting", "opened"}, store.Cursor{}, 10)
		must(t, err)
		r, err := w.safe.Read(t.Context(), records.Act{Tenant: referrals.Door, Actor: "tester", Action: "test.look"}, "packet", page.Records[0].ID)
		must(t, err)
		return bytes.Contains(r.Content.Reveal(), []byte(words["person.name"]))
	}
	if !held() {
		t.Fatal("the packet is not where it should be")
	}
	_, err := w.collect(link)
	must(t, err)
	if held() {
		t.Error("the packet is kept after it was opened")
	}
}

func TestOfFiftyAtTheDoorOneGetsThePacket(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		_, link := w.atDoor()
		var first atomic.Int32
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				got, err := w.collect(link)
				if err == nil && got.First {
					first.Add(1)
				} else if err != nil && !errors.Is(err, referrals.ErrConflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if first.Load() != 1 {
			t.Errorf("%d have the packet", first.Load())
		}
		w.sound()
	})
}

// A link of one door opens nothing at the other, in the same words as one that nobody made.
func TestADoorOpensItsOwnLinksAlone(t *testing.T) {
	w := newWorld(t)
	_, link := w.atDoor()
	_, inside := w.offered()
	if inside.AtDoor {
		t.Error("a service that signs in is not asked to")
	}
	_, err := w.redeem(w.receiver, link)
	want(t, err, referrals.ErrNotFound)
	_, foreign := w.collect(inside)
	_, unknown := w.Collect(t.Context(), strings.Repeat("A", 43), "123456")
	_, odd := w.Collect(t.Context(), "../../etc", "123456")
	for _, err := range []error{foreign, unknown, odd} {
		want(t, err, referrals.ErrNotFound)
		if err.Error() != unknown.Error() {
			t.Errorf("%q is told from %q", err, unknown)
		}
	}
	w.clock.pass(referrals.LinkLife)
	_, err = w.collect(link)
	want(t, err, referrals.ErrNotFound)
}

// Anybody can reach the door. Whoever makes tokens up writes nothing: not into the trail, which they could fill, nor else.
func TestWhoMakesTokensUpWritesNothing(t *testing.T) {
	w := newWorld(t)
	_, link := w.atDoor()
	before, calls := len(w.log(referrals.Door)), w.wire.calls
	token, other := link.Token.Reveal(), "B"
	if token[0] == 'B' {
		other = "C"
	}
	for _, made := range []string{strings.Repeat("A", 43), "", "canary", token[:42], token + "A", other + token[1:], token[:30] + "BBBBBBBBBBBBB"} {
		_, err := w.Collect(t.Context(), made, link.Code.Reveal())
		want(t, err, referrals.ErrNotFound)
		_, err = w.Reply(t.Context(), made, link.Code.Reveal(), 1, referrals.Acknowledge, "")
		want(t, err, referrals.ErrNotFound)
	}
	if w.wire.calls != calls || len(w.log(referrals.Door)) != before {
		t.Errorf("%d calls of the store, %d entries", w.wire.calls-calls, len(w.log(referrals.Door))-before)
	}
	_, err := w.ring.NewEpoch() // a link outlives a new key of the index
	must(t, err)
	if got, err := w.collect(link); err != nil || !got.First {
		t.Errorf("the link that was made: %v", err)
	}
}

func TestFiveWrongCodesEndALinkAtTheDoor(t *testing.T) {
	w := newWorld(t)
	wrong := func(link referrals.Link) {
		t.Helper()
		for i := range 5 {
			if _, err := w.Collect(t.Context(), link.Token.Reveal(), "nope"); !errors.Is(err, referrals.ErrCode) {
				t.Errorf("wrong code %d: %v", i+1, err)
			}
		}
		_, err := w.collect(link)
		want(t, err, referrals.ErrNotFound)
	}
	c, link := w.atDoor()
	wrong(link)
	if h := w.read(c.Reference).Handovers[0]; h.State != referrals.Waiting || h.Reason != "locked" {
		t.Errorf("before it was opened: %s, %s", h.State, h.Reason)
	}
	c, link = w.atDoor()
	_, err := w.collect(link)
	must(t, err)
	due := w.read(c.Reference).Handovers[0].Due
	wrong(link)
	if h := w.read(c.Reference).Handovers[0]; h.State != referrals.Opened || !h.Due.Equal(due) {
		t.Errorf("after: %s: the clock that waits for an answer is not as it was", h.State)
	}
	if n := w.heard(referrals.Door, "packet.wrong-code", trail.Done); n != 10 {
		t.Errorf("%d wrong codes in the trail", n)
	}
	w.sound()
}

// What waits at the door comes back to its desk like any other: recalled, or unopened in time.
func TestADoorIsClearedByItsDesk(t *testing.T) {
	w := newWorld(t)
	c, link := w.atDoor()
	_, err := w.Decide(t.Context(), w.lead, c.Reference, c.Rev, referrals.Decision{Event: referrals.Recall, Handover: c.Handovers[0].Reference, Reason: "wrong-service"})
	must(t, err)
	_, err = w.collect(link)
	want(t, err, referrals.ErrNotFound)
	c, _ = w.atDoor()
	w.clock.pass(referrals.LinkLife)
	done, err := w.Tick(t.Context(), practice)
	must(t, err)
	if done.Unopened != 1 || w.read(c.Reference).Handovers[0].State != referrals.Waiting {
		t.Errorf("%+v", done)
	}
	w.sound()
}

// Without a trail nothing opens; what could not be told is told by the next look at the clocks.
func TestTheDoorOpensNothingThatTheTrailCannotHold(t *testing.T) {
	w := newWorld(t)
	c, link := w.atDoor()
	w.wire.refuse(func(b store.Batch) error {
		if b.Tenant == referrals.Door {
			return store.ErrFull
		}
		return nil
	})
	if _, err := w.collect(link); err == nil {
		t.Error("it opened")
	}
	w.wire.refuse(func(b store.Batch) error {
		if b.Tenant == practice {
			return store.ErrFull
		}
		return nil
	})
	got, err := w.collect(link)
	must(t, err)
	w.wire.refuse(nil)
	if !got.First || w.read(c.Reference).Handovers[0].State != referrals.Out {
		t.Error("the desk heard while it could not")
	}
	done, err := w.Tick(t.Context(), referrals.Door)
	if err != nil || done.Told != 1 || w.read(c.Reference).Handovers[0].State != referrals.Opened {
		t.Errorf("%+v, %v", done, err)
	}
}

// A service that is given an organisation later finds what is offered then under its own roof.
func TestWhoPicksUpIsAskedWhenALinkIsMade(t *testing.T) {
	w := newWorld(t)
	at := ""
	w.Answering = func(context.Context, string) (string, error) { return at, nil }
	c, link := w.atDoor()
	if !link.AtDoor {
		t.Error("nobody answers for it, and somebody is to sign in")
	}
	c, err := w.Decide(t.Context(), w.lead, c.Reference, c.Rev, referrals.Decision{Event: referrals.Recall, Handover: c.Handovers[0].Reference, Reason: "wrong-service"})
	must(t, err)
	at = service
	_, link, err = w.Offer(t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	must(t, err)
	_, err = w.redeem(w.receiver, link)
	must(t, err)
	w.Answering = func(context.Context, string) (string, error) { return "", store.ErrFull }
	c = w.accepted(consent("domestic-abuse"))
	if _, _, err := w.Offer(t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference); !errors.Is(err, store.ErrFull) {
		t.Errorf("laid out although nobody knows for whom: %v", err)
	}
}
