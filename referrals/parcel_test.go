package referrals_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/people"
)

func (w *world) parcels(a people.Actor) []referrals.Parcel {
	w.t.Helper()
	all, next, err := w.Parcels(w.t.Context(), a, referrals.ParcelStates(), store.Cursor{}, 50)
	must(w.t, err)
	if next != nil {
		w.t.Error("there is another page")
	}
	return all
}

func (w *world) say(a people.Actor, p referrals.Parcel, e referrals.Event, reason string) referrals.Parcel {
	w.t.Helper()
	out, err := w.AnswerParcel(w.t.Context(), a, p.ID, referrals.Answered{Event: e, Reason: reason, Rev: p.Rev, Request: string(e)})
	must(w.t, err)
	return out
}

// The loop: laid out, seen without content, acknowledged by the service's own system, read, taken on, done; and the desk it
// came from knows of every step.
func TestASystemOfTheServiceTakesAPacketThroughToItsEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		c, link := w.offered()
		all := w.parcels(w.receiver)
		if len(all) != 1 || all[0].State != referrals.Waiting || !all[0].Changed.Equal(all[0].Made) {
			t.Fatalf("laid out: %+v", all)
		}
		p := all[0]
		_, err := w.Contents(t.Context(), w.receiver, p.ID)
		want(t, err, referrals.ErrNotFound)
		w.clock.pass(time.Hour)
		p = w.say(w.receiver, p, referrals.Acknowledge, "")
		if p.State != referrals.Taken || !p.Changed.Equal(w.clock.now()) || p.Rev != 2 {
			t.Errorf("acknowledged: %+v", p)
		}
		if h := w.read(c.Reference).Handovers[0]; h.State != referrals.Taken || !h.LinkEnds.IsZero() {
			t.Errorf("the desk does not know: %s", h.State)
		}
		got, err := w.Contents(t.Context(), w.receiver, p.ID)
		must(t, err)
		text, err := got.Packet.JSON()
		must(t, err)
		if !strings.Contains(string(text), words["person.name"]) {
			t.Error("the packet did not come")
		}
		_, err = w.redeem(w.receiver, link) // the link is used
		want(t, err, referrals.ErrNotFound)
		p = w.say(w.receiver, p, referrals.TakeOn, "")
		p = w.say(w.receiver, p, referrals.Report, "help-began")
		if p.State != referrals.Done || p.Outcome != "help-began" {
			t.Errorf("done: %+v", p)
		}
		if h := w.read(c.Reference).Handovers[0]; h.State != referrals.Done || h.Outcome != "help-began" {
			t.Errorf("the desk does not know: %+v", h.State)
		}
		for _, action := range []string{"packet.acknowledge", "packet.take-on", "packet.report", "packet.status", "packet.list", "packet.read"} {
			if w.heard(service, action, trail.Done) == 0 {
				t.Errorf("no entry %s", action)
			}
		}
		w.sound()
	})
}

// Nobody else's system finds the packet, and for theirs there is nothing to read of what it has not acknowledged, or has
// declined. What nobody opened and somebody declined holds nothing any more.
func TestAPacketIsThereForItsOwnServiceAlone(t *testing.T) {
	w := newWorld(t)
	_, _ = w.offered()
	p := w.parcels(w.receiver)[0]
	if n := len(w.parcels(w.elsewhere)); n != 0 {
		t.Errorf("another service sees %d", n)
	}
	_, err := w.Parcel(t.Context(), w.elsewhere, p.ID)
	want(t, err, referrals.ErrNotFound)
	_, err = w.AnswerParcel(t.Context(), w.elsewhere, p.ID, referrals.Answered{Event: referrals.Acknowledge, Rev: p.Rev, Request: "r"})
	want(t, err, referrals.ErrNotFound)
	for _, a := range []people.Actor{w.lead, w.clinician, w.auditor, w.agent} {
		_, _, err := w.Parcels(t.Context(), a, referrals.ParcelStates(), store.Cursor{}, 5)
		want(t, err, people.ErrForbidden)
		_, err = w.AnswerParcel(t.Context(), a, p.ID, referrals.Answered{Event: referrals.Acknowledge, Rev: p.Rev})
		want(t, err, people.ErrForbidden)
	}
	p = w.say(w.receiver, p, referrals.Decline, "no-room")
	if p.State != referrals.Refused || p.Reason != "no-room" {
		t.Errorf("declined: %+v", p)
	}
	_, err = w.Contents(t.Context(), w.receiver, p.ID)
	want(t, err, referrals.ErrNotFound)
	got, err := w.Received(t.Context(), w.receiver, p.ID)
	must(t, err)
	if len(got.Packet.Lines) != 0 {
		t.Error("what nobody opened is still there")
	}
	w.sound()
}

// What a person of the service opened with link and code is not yet the system's to read.
func TestWhatAPersonOpenedIsReadOnceItIsAcknowledged(t *testing.T) {
	w := newWorld(t)
	_, link := w.offered()
	got, err := w.redeem(w.receiver, link)
	must(t, err)
	p, err := w.Parcel(t.Context(), w.receiver2, got.ID)
	must(t, err)
	if p.State != referrals.Opened {
		t.Errorf("it is %s", p.State)
	}
	_, err = w.Contents(t.Context(), w.receiver2, got.ID)
	want(t, err, referrals.ErrNotFound)
	w.say(w.receiver2, p, referrals.TakeOn, "")
	_, err = w.Contents(t.Context(), w.receiver2, got.ID)
	must(t, err)
}

// The table of states holds for systems, too; what is older than the packet is a conflict, and the same request twice is
// one answer.
func TestASystemIsHeldToTheTableAndTheRevision(t *testing.T) {
	w := newWorld(t)
	c, _ := w.offered()
	p := w.parcels(w.receiver)[0]
	try := func(e referrals.Event, reason string, rev int64, request string, fails error) referrals.Parcel {
		t.Helper()
		out, err := w.AnswerParcel(t.Context(), w.receiver, p.ID, referrals.Answered{Event: e, Reason: reason, Rev: rev, Request: request})
		if fails == nil {
			must(t, err)
		} else {
			want(t, err, fails)
		}
		return out
	}
	try(referrals.Report, "help-began", 1, "a", referrals.ErrState)
	try(referrals.Decline, "", 1, "b", referrals.ErrReason)
	try(referrals.Decline, "Perpetua", 1, "b", referrals.ErrReason)
	try(referrals.Decline, "help-began", 1, "b", referrals.ErrReason)
	try(referrals.Acknowledge, "no-room", 1, "b", referrals.ErrReason)
	try(referrals.Recall, "new-danger", 1, "b", referrals.ErrInvalid)
	try(referrals.Acknowledge, "", 2, "b", referrals.ErrConflict)
	first := try(referrals.Acknowledge, "", 1, "once", nil)
	told := w.heard(practice, "handover.acknowledge", trail.Done)
	if again := try(referrals.Acknowledge, "", 1, "once", nil); again != first {
		t.Errorf("the same request: %+v, then %+v", first, again)
	}
	if n := w.heard(practice, "handover.acknowledge", trail.Done); n != told {
		t.Error("it was told twice")
	}
	if out := try(referrals.Acknowledge, "", 1, "another", referrals.ErrConflict); out.Rev != 2 {
		t.Errorf("the newer state does not come: %+v", out)
	}
	try(referrals.TakeOn, "", 1, "other", referrals.ErrConflict)
	try(referrals.Acknowledge, "", 2, "once", referrals.ErrState)
	if got := w.read(c.Reference).Handovers[0].State; got != referrals.Taken {
		t.Errorf("the desk has %s", got)
	}
}

func TestOfTwentySystemsThatAnswerAtOnceOneDoes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		_, _ = w.offered()
		p := w.parcels(w.receiver)[0]
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_, err := w.AnswerParcel(t.Context(), w.receiver, p.ID, referrals.Answered{Event: referrals.Acknowledge, Rev: 1, Request: strings.Repeat("x", i+1)})
				if err == nil {
					won.Add(1)
				} else {
					want(t, err, referrals.ErrConflict)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d were answered", won.Load())
		}
		w.sound()
	})
}

// Whoever opened a case learns how each hand-over stands; nobody else does, and no case is opened for it.
func TestASenderLearnsHowItsOwnHandOversStand(t *testing.T) {
	w := newWorld(t)
	c, _ := w.offered()
	h := c.Handovers[0]
	read := w.heard(practice, "handover.status", trail.Done)
	all, err := w.Placed(t.Context(), w.clinician)
	must(t, err)
	if len(all) != 1 || all[0].State != referrals.Out || all[0].Reference != h.Reference || all[0].Case != c.Reference || all[0].Destination != "domestic-abuse" {
		t.Fatalf("placed: %+v", all)
	}
	w.clock.pass(time.Hour)
	w.say(w.receiver, w.parcels(w.receiver)[0], referrals.Decline, "no-room")
	one, err := w.PlacedOne(t.Context(), w.clinician, c.Reference, h.Reference)
	must(t, err)
	if one.State != referrals.Refused || one.Reason != "no-room" || !one.Changed.Equal(w.clock.now()) {
		t.Errorf("declined: %+v", one)
	}
	if w.heard(practice, "handover.status", trail.Done) != read+1 {
		t.Error("it left no entry")
	}
	for _, a := range []people.Actor{w.colleague, w.lead, w.second} {
		if all, err := w.Placed(t.Context(), a); err != nil || len(all) != 0 {
			t.Errorf("somebody else sees %d (%v)", len(all), err)
		}
		_, err := w.PlacedOne(t.Context(), a, c.Reference, h.Reference)
		want(t, err, referrals.ErrNotFound)
	}
	_, err = w.PlacedOne(t.Context(), w.clinician, c.Reference, strings.Repeat("0", 32))
	want(t, err, referrals.ErrNotFound)
	_, err = w.PlacedOne(t.Context(), w.clinician, strings.Repeat("0", 32), h.Reference)
	want(t, err, referrals.ErrNotFound)
	_, err = w.PlacedOne(t.Context(), w.foreign, c.Reference, h.Reference)
	want(t, err, referrals.ErrNotFound)
}

// The trail is read by whoever may, a page at a time, and of one case alone where that is asked.
func TestEntriesComeNewestFirstAndOfOwnTrailAlone(t *testing.T) {
	w := newWorld(t)
	c, _ := w.offered()
	_ = w.accepted(consent("domestic-abuse"))
	seen, before := map[int64]bool{}, int64(0)
	for {
		page, next, err := w.Entries(t.Context(), w.lead, referrals.Search{Before: before}, 3)
		must(t, err)
		for i, e := range page {
			if seen[e.Seq] || i > 0 && e.Seq >= page[i-1].Seq {
				t.Fatalf("entry %d twice or out of order", e.Seq)
			}
			seen[e.Seq] = true
		}
		if before = next; next == 0 {
			break
		}
	}
	all := w.log(practice)
	if len(seen) < len(all)/2 || !seen[0] {
		t.Errorf("%d of %d entries", len(seen), len(all))
	}
	own, _, err := w.Entries(t.Context(), w.auditor, referrals.Search{About: []string{c.Reference}}, 200)
	must(t, err)
	if len(own) == 0 || len(own) >= len(all) {
		t.Errorf("%d entries about one case of %d", len(own), len(all))
	}
	for _, e := range own {
		if e.Kind != "case" || string(e.Ref) != string(own[0].Ref) {
			t.Errorf("entry %d is about something else", e.Seq)
		}
	}
	one, err := w.Entry(t.Context(), w.auditor, own[0].Seq)
	must(t, err)
	if one.Action != own[0].Action || one.Seq != own[0].Seq {
		t.Error("another entry comes")
	}
	elsewhere, _, err := w.Entries(t.Context(), w.foreign, referrals.Search{About: []string{c.Reference}}, 200)
	must(t, err)
	if len(elsewhere) != 0 {
		t.Errorf("another practice sees %d", len(elsewhere))
	}
	_, err = w.Entry(t.Context(), w.foreign, own[0].Seq+100000)
	want(t, err, referrals.ErrNotFound)
	for _, a := range []people.Actor{w.clinician, w.receiver} {
		_, _, err := w.Entries(t.Context(), a, referrals.Search{}, 10)
		want(t, err, people.ErrForbidden)
		_, err = w.Entry(t.Context(), a, 0)
		want(t, err, people.ErrForbidden)
	}
	_, _, err = w.Entries(t.Context(), w.lead, referrals.Search{}, 0)
	want(t, err, referrals.ErrInvalid)
	if w.heard(practice, string(people.AuditRead), trail.Done) < 3 {
		t.Error("asking left no entry")
	}
}

// torn is a log whose head can be had and whose entries cannot.
type torn struct{ referrals.Log }

func (torn) TrailRead(context.Context, string, int64, int) ([][]byte, error) {
	return nil, store.ErrClosed
}

// A log that cannot be read is not had now, whoever asks it what: it is no fault of the service, and no empty page.
func TestALogThatCannotBeReadIsSaidToBeAway(t *testing.T) {
	w := newWorld(t)
	c, _ := w.offered()
	set := w.Config
	set.Log = torn{set.Log}
	d, err := referrals.New(set)
	must(t, err)
	_, _, err = d.Looked(t.Context(), w.lead, c.Reference)
	want(t, err, records.ErrUnavailable)
	_, _, err = d.Entries(t.Context(), w.lead, referrals.Search{}, 10)
	want(t, err, records.ErrUnavailable)
	_, err = d.Entry(t.Context(), w.lead, 0)
	want(t, err, records.ErrUnavailable)
}
