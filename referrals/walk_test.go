package referrals_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waypost/internal/store"
	"waypost/referrals"
	"waypost/referrals/packet"
)

// timeout is a context for what may not end by itself.
func timeout(t testing.TB) context.Context {
	ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
	t.Cleanup(stop)
	return ctx
}

// Whatever happens to a case in whatever order: every open hand-over has a clock, the case is due when the first of them
// runs out, what is withheld never leaves, card and case say the same, and the trail fits what rests.
func TestWhateverHappensTheClocksRun(t *testing.T) {
	visited := map[referrals.State]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		refused := consent("stalking")
		refused.Consent = packet.Consent{Decision: packet.Refused}
		c := w.refer(consent("domestic-abuse"), consent("marac"), refused)
		var links []referrals.Link
		var got []referrals.Received
		for range rapid.IntRange(8, 30).Draw(rt, "moves") {
			w.clock.pass(time.Duration(rapid.IntRange(0, 40).Draw(rt, "hours")) * time.Hour / 4)
			before := c
			switch rapid.IntRange(0, 10).Draw(rt, "who") {
			case 0:
				_, err := w.Tick(t.Context(), practice)
				must(t, err)
			case 1:
				if len(links) > 0 {
					if r, err := w.redeem(w.receiver, links[len(links)-1]); err == nil {
						got = append(got, r)
					}
				}
			case 2, 3:
				if len(got) > 0 {
					l := rapid.SampledFrom([]referrals.Event{referrals.Acknowledge, referrals.TakeOn, referrals.Decline, referrals.Report}).Draw(rt, "answer")
					reason := ""
					if of := line(t, l).Reasons; len(of) > 0 {
						reason = of[0]
					}
					if r, err := w.Answer(t.Context(), w.receiver, got[0].ID, got[0].Rev, l, reason); err == nil {
						got[0] = r
					}
				}
			default:
				i := rapid.IntRange(0, 2).Draw(rt, "handover")
				lines := referrals.Table()
				if rapid.IntRange(0, 4).Draw(rt, "by the table") > 0 {
					lines = likely(slices.Concat(referrals.Events(c.State, false), referrals.Events(c.Handovers[i].State, true)))
				}
				if len(lines) == 0 {
					continue
				}
				l := rapid.SampledFrom(lines).Draw(rt, "event")
				if len(l.Who) == 0 || l.Event == referrals.Refer {
					continue
				}
				who := w.lead
				if l.Event == referrals.Resubmit {
					who = w.clinician
				}
				if l.Event == referrals.Offer {
					_, link, err := w.Offer(t.Context(), who, c.Reference, c.Rev, c.Handovers[i].Reference)
					if err == nil {
						links = append(links, link)
					}
				} else if _, err := w.do(who, l, c, i); errors.Is(err, referrals.ErrConflict) {
					rt.Fatalf("%s: a conflict with nobody", l.Event)
				}
			}
			now, err := w.Read(t.Context(), w.lead, c.Reference)
			if errors.Is(err, referrals.ErrNotFound) {
				return // its time was over
			}
			must(t, err)
			c = now
			holds(rt, w, before, c)
			visited[c.State]++
			for _, h := range c.Handovers {
				visited["hand-over "+h.State]++
			}
		}
		w.sound()
		if t.Failed() {
			rt.Fatal("the audit finds faults")
		}
	})
	t.Logf("states after a move: %v", visited)
}

// likely has what leads on more often among its lines than what leads away.
func likely(lines []referrals.Line) []referrals.Line {
	out := lines
	for _, l := range lines {
		if !slices.Contains([]referrals.Event{referrals.Withdraw, referrals.Drop, referrals.Return, referrals.Escalate, referrals.Amend}, l.Event) {
			out = append(out, l, l, l, l, l, l)
		}
	}
	return out
}

func holds(rt *rapid.T, w *world, before, c referrals.Case) {
	inHand := !slices.Contains([]referrals.State{referrals.InReview, referrals.Returned, referrals.Closed, referrals.Withdrawn}, c.State)
	if c.Due.IsZero() || c.Expires.IsZero() {
		rt.Fatalf("%s without a clock", c.State)
	}
	for i, h := range c.Handovers {
		if inHand && h.IsOpen() && h.Due.IsZero() {
			rt.Fatalf("%s: a hand-over that is %s has no clock", c.State, h.State)
		}
		if inHand && h.IsOpen() && h.Due.Before(c.Due) {
			rt.Fatalf("the case is due after its hand-over")
		}
		if !h.LinkEnds.IsZero() && (h.State != referrals.Out || h.Due.After(h.LinkEnds)) {
			rt.Fatalf("%s with a link that ends after its clock", h.State)
		}
		if h.Consent.Decision == packet.Refused && h.State != referrals.Withheld && h.State != referrals.Dropped {
			rt.Fatalf("refused, and %s", h.State)
		}
		if i < len(before.Handovers) && h.Reference != before.Handovers[i].Reference {
			rt.Fatal("a hand-over changed its reference")
		}
	}
	states := []referrals.State{c.State}
	rows, err := w.Queue(context.Background(), w.lead, referrals.Filter{States: states}, store.Cursor{}, 10)
	if err != nil || len(rows.Rows) != 1 || rows.Rows[0].State != c.State || !rows.Rows[0].Due.Equal(c.Due) {
		rt.Fatalf("the list says something else: %v, %+v", err, rows)
	}
}
