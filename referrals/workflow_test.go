package referrals_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

var update = flag.Bool("update", false, "rewrite docs/workflow.md")

// decision is one that the table takes, with the first of its reasons.
func decision(l referrals.Line, c referrals.Case, i int) referrals.Decision {
	in := referrals.Decision{Event: l.Event, Until: c.Expires.Add(24 * time.Hour)}
	if l.Handover {
		in.Handover = c.Handovers[i].Reference
	}
	if len(l.Reasons) > 0 {
		in.Reason = l.Reasons[0]
	}
	if l.Event == referrals.HandOver {
		in.Channel, in.Theirs = byPhone(c, i).Channel, vault.Keep("Hephzibah")
	}
	return in
}

// do is what a page does for an event.
func (w *world) do(a people.Actor, l referrals.Line, c referrals.Case, i int) (referrals.Case, error) {
	ctx := w.t.Context()
	switch l.Event {
	case referrals.Amend:
		out, _, err := w.Amend(ctx, a, c.Reference, c.Rev, referrals.Change{Entries: entries(nil)})
		return out, err
	case referrals.Add:
		return w.Add(ctx, a, c.Reference, c.Rev, referrals.Addition{Choice: consent("stalking")})
	case referrals.Resubmit:
		out, _, err := w.Resubmit(ctx, a, c.Reference, c.Rev, referrals.Change{Entries: entries(nil)})
		return out, err
	case referrals.Offer:
		out, _, err := w.Offer(ctx, a, c.Reference, c.Rev, c.Handovers[i].Reference)
		return out, err
	}
	return w.Decide(ctx, a, c.Reference, c.Rev, decision(l, c, i))
}

// in brings a case into a state by the table's own lines.
func (w *world) in(s referrals.State) referrals.Case {
	w.t.Helper()
	one := consent("domestic-abuse")
	of := func(c referrals.Case, e referrals.Event) referrals.Case {
		w.t.Helper()
		out, err := w.do(w.lead, line(w.t, e), c, 0)
		must(w.t, err)
		return out
	}
	switch s {
	case referrals.InReview:
		return w.refer(one)
	case referrals.Returned:
		return of(w.refer(one), referrals.Return)
	case referrals.Accepted:
		return w.accepted(one)
	case referrals.HandedOver:
		return of(w.accepted(one), referrals.HandOver)
	case referrals.Acknowledged:
		return of(w.in(referrals.HandedOver), referrals.Acknowledge)
	case referrals.Declined:
		return of(w.in(referrals.HandedOver), referrals.Decline)
	case referrals.Escalated:
		return of(w.in(referrals.Acknowledged), referrals.Escalate)
	case referrals.Withdrawn:
		return of(w.refer(one), referrals.Withdraw)
	case referrals.Closed:
		return of(w.in(referrals.Acknowledged), referrals.Close)
	}
	w.t.Fatalf("no way to %s", s)
	return referrals.Case{}
}

// out brings the first hand-over of a case into a state.
func (w *world) out(s referrals.State) referrals.Case {
	w.t.Helper()
	step := func(c referrals.Case, e referrals.Event) referrals.Case {
		w.t.Helper()
		out, err := w.do(w.lead, line(w.t, e), c, 0)
		must(w.t, err)
		return out
	}
	switch s {
	case referrals.Withheld:
		refused := consent("iris")
		refused.Consent.Decision = packet.Refused
		return w.accepted(refused, consent("domestic-abuse"))
	case referrals.Waiting:
		return w.accepted(consent("domestic-abuse"))
	case referrals.Out:
		return step(w.out(referrals.Waiting), referrals.Offer)
	case referrals.Opened:
		c := w.out(referrals.Waiting)
		_, link, err := w.Offer(w.t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
		must(w.t, err)
		_, err = w.Redeem(w.t.Context(), w.receiver, link.Token.Reveal(), link.Code.Reveal())
		must(w.t, err)
		return w.read(c.Reference)
	case referrals.Taken:
		return step(w.out(referrals.Out), referrals.Acknowledge)
	case referrals.Helping:
		return step(w.out(referrals.Taken), referrals.TakeOn)
	case referrals.Refused:
		return step(w.out(referrals.Out), referrals.Decline)
	case referrals.Done:
		return step(w.out(referrals.Taken), referrals.Report)
	case referrals.Dropped:
		return step(w.out(referrals.Waiting), referrals.Drop)
	}
	w.t.Fatalf("no way to %s", s)
	return referrals.Case{}
}

func line(t testing.TB, e referrals.Event) referrals.Line {
	t.Helper()
	for _, l := range referrals.Table() {
		if l.Event == e {
			return l
		}
	}
	t.Fatalf("no line for %s", e)
	return referrals.Line{}
}

func allStates() []referrals.State {
	return append(referrals.Open(), referrals.Withdrawn, referrals.Closed)
}

var handoverStates = []referrals.State{
	referrals.Withheld, referrals.Waiting, referrals.Out, referrals.Opened, referrals.Taken, referrals.Helping, referrals.Refused, referrals.Done, referrals.Dropped,
}

// Every event in every state: it happens exactly where the table has a line, and elsewhere nothing changes.
func TestTheTableIsTheOnlyWay(t *testing.T) {
	w := newWorld(t)
	for _, l := range referrals.Table() {
		if l.Event == referrals.Refer || len(l.Who) == 0 {
			continue
		}
		states, bring := allStates(), w.in
		if l.Handover {
			states, bring = handoverStates, w.out
		}
		for _, s := range states {
			c := bring(s)
			who := w.lead
			if slices.Equal(l.Who, []people.Action{people.CaseOwn}) {
				who = w.clinician
			}
			now, err := w.do(who, l, c, 0)
			if l.Event == referrals.Close && (s == referrals.Accepted || s == referrals.HandedOver) {
				want(t, err, referrals.ErrStillOut) // the line is there, and here a hand-over is open
				continue
			}
			if takes := slices.Contains(l.From, s); takes != (err == nil) {
				t.Errorf("%s from %s: %v", l.Event, s, err)
				continue
			} else if !takes {
				want(t, err, referrals.ErrState)
				if after := w.read(c.Reference); after.Rev != c.Rev {
					t.Errorf("%s from %s was refused and changed something", l.Event, s)
				}
				continue
			}
			got := now.State
			if l.Handover {
				got = now.Handovers[0].State
			}
			if l.To != "" && got != l.To && l.Event != referrals.Accept {
				t.Errorf("%s from %s leads to %s", l.Event, s, got)
			}
			last := now.Timeline[len(now.Timeline)-1]
			if last.Event != l.Event || last.By != who.Member() {
				t.Errorf("%s from %s is not in the timeline: %+v", l.Event, s, last)
			}
			if w.heard(practice, l.Action, trail.Done) == 0 {
				t.Errorf("%s is not in the trail as %s", l.Event, l.Action)
			}
		}
	}
	w.sound()
}

func TestAReasonIsNeededAndComesFromTheList(t *testing.T) {
	w := newWorld(t)
	for _, l := range referrals.Table() {
		if len(l.Who) == 0 || l.Event == referrals.Refer || l.Event == referrals.Amend || l.Event == referrals.Add || l.Event == referrals.Resubmit || l.Event == referrals.Offer {
			continue
		}
		bring := w.in
		if l.Handover {
			bring = w.out
		}
		c := bring(l.From[0])
		for _, reason := range []string{"", "because", "made-in-error "} {
			if len(l.Reasons) == 0 && reason == "" {
				continue
			}
			in := decision(l, c, 0)
			in.Reason = reason
			if _, err := w.Decide(t.Context(), w.lead, c.Reference, c.Rev, in); !errors.Is(err, referrals.ErrReason) {
				t.Errorf("%s for %q: %v", l.Event, reason, err)
			}
		}
	}
}

// Who may not, learns nothing: another organisation and whoever is kept away find nothing, a colleague finds nothing that
// is not theirs, an auditor is refused.
func TestWhoMayDecide(t *testing.T) {
	w := newWorld(t)
	for _, l := range referrals.Table() {
		if l.Event == referrals.Refer || len(l.Who) == 0 {
			continue
		}
		bring := w.in
		if l.Handover {
			bring = w.out
		}
		c := bring(l.From[0])
		own := slices.Contains(l.Who, people.CaseOwn)
		for name, who := range map[string]struct {
			actor people.Actor
			err   error
		}{
			"an auditor": {w.auditor, people.ErrForbidden}, "another practice's lead": {w.foreign, referrals.ErrNotFound},
			"a company": {w.agent, people.ErrForbidden}, "the colleague next door": {w.colleague, people.ErrForbidden},
		} {
			err := who.err
			if own && name == "the colleague next door" {
				err = referrals.ErrNotFound
			}
			if own && name == "another practice's lead" {
				err = referrals.ErrNotFound
			}
			if _, got := w.do(who.actor, l, c, 0); !errors.Is(got, err) {
				t.Errorf("%s by %s: %v, want %v", l.Event, name, got, err)
			}
		}
		c, err := w.Exclude(t.Context(), w.lead, c.Reference, c.Rev, w.second.Member(), true)
		must(t, err)
		if _, got := w.do(w.second, l, c, 0); !errors.Is(got, referrals.ErrNotFound) {
			t.Errorf("%s by somebody kept away: %v", l.Event, got)
		}
	}
}

// Two leads decide at once: one decision stands, and the other lead gets the case as it now is.
func TestOfTwoLeadsWhoDecideAtOnceOneDoes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		rounds := 20
		if testing.Short() {
			rounds = 5
		}
		for range rounds {
			c := w.refer(consent("domestic-abuse"))
			ways := []struct {
				who people.Actor
				in  referrals.Decision
			}{
				{w.lead, referrals.Decision{Event: referrals.Accept}},
				{w.second, referrals.Decision{Event: referrals.Return, Reason: "ask-again", Words: vault.Keep("typed at length")}},
			}
			var won []referrals.State
			var mu sync.Mutex
			var wg sync.WaitGroup
			for _, way := range ways {
				wg.Go(func() {
					got, err := w.Decide(t.Context(), way.who, c.Reference, c.Rev, way.in)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won = append(won, got.State)
						return
					}
					want(t, err, referrals.ErrConflict)
					if got.Rev != c.Rev+1 || got.State == referrals.InReview || len(got.Timeline) != 2 {
						t.Errorf("the newer case does not come with the conflict: %d, %s", got.Rev, got.State)
					}
				})
			}
			wg.Wait()
			if len(won) != 1 || w.read(c.Reference).State != won[0] {
				t.Fatalf("%v won", won)
			}
		}
		w.sound()
	})
}

// Many cases are opened at once; their counts share records, and none is lost for it.
func TestManyCasesOpenedAtOnce(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			if _, _, err := w.Refer(t.Context(), w.clinician, w.draft(consent("iris"))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.sound()
}

func TestTheClocksOfACase(t *testing.T) {
	w := newWorld(t)
	c := w.refer()
	at := func(c referrals.Case, after time.Duration, what string) {
		t.Helper()
		if wants := w.clock.now().Add(after); !c.Due.Equal(wants) {
			t.Errorf("%s is due in %s, want %s", what, c.Due.Sub(w.clock.now()), after)
		}
	}
	at(c, 30*time.Minute, "the review of what is urgent now")
	w.clock.pass(10 * time.Minute)
	c = w.decide(w.lead, c, referrals.Decision{Event: referrals.Accept})
	at(c, 30*time.Minute, "the hand-over")
	c = w.decide(w.lead, c, byPhone(c, 0))
	at(c, 30*time.Minute, "the other hand-over")
	w.clock.pass(5 * time.Minute)
	c = w.decide(w.lead, c, byPhone(c, 1))
	at(c, 115*time.Minute, "the earlier acknowledgement")
	c = w.decide(w.lead, c, decision(line(t, referrals.Acknowledge), c, 0))
	at(c, 2*time.Hour, "the later acknowledgement")
	c = w.decide(w.lead, c, decision(line(t, referrals.Acknowledge), c, 1))
	at(c, 24*time.Hour, "the outcome")
	c = w.decide(w.lead, c, decision(line(t, referrals.Report), c, 0))
	c = w.decide(w.lead, c, decision(line(t, referrals.Report), c, 1))
	at(c, 0, "closing what is over")
	c = w.decide(w.lead, c, decision(line(t, referrals.Close), c, 0))
	at(c, referrals.AfterClosing, "erasing")
}

func TestHandingOverNeedsAWholePacketAChannelAndSomebodyWhoTookIt(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(consent("marac"))
	draft.Entries = entries(map[string]string{"feared.name": ""})
	c, _, err := w.Refer(t.Context(), w.clinician, draft)
	must(t, err)
	c = w.decide(w.lead, c, referrals.Decision{Event: referrals.Accept})
	try := func(in referrals.Decision) error {
		_, err := w.Decide(t.Context(), w.lead, c.Reference, c.Rev, in)
		return err
	}
	want(t, try(byPhone(c, 0)), referrals.ErrNotReady)
	_, _, err = w.Offer(t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	want(t, err, referrals.ErrNotReady)
	c, _, err = w.Amend(t.Context(), w.lead, c.Reference, c.Rev, referrals.Change{Entries: entries(nil)})
	must(t, err)
	in := byPhone(c, 0)
	in.Theirs = vault.Keep(" ")
	want(t, try(in), referrals.ErrInvalid)
	in = byPhone(c, 0)
	in.Channel = packet.ByPhone // a conference is not referred to by phone
	want(t, try(in), referrals.ErrInvalid)
	in.Channel = packet.PickUp
	want(t, try(in), referrals.ErrInvalid)
	must(t, try(byPhone(c, 0)))
}

// A case is not closed over the head of a service that was told and has not answered.
func TestClosingWaitsForEveryAnswer(t *testing.T) {
	w := newWorld(t)
	c := w.in(referrals.HandedOver)
	_, err := w.Decide(t.Context(), w.lead, c.Reference, c.Rev, decision(line(t, referrals.Close), c, 0))
	want(t, err, referrals.ErrStillOut)
}

// Consent that changes before a packet has left keeps it here.
func TestConsentThatIsTakenBackKeepsThePacketHere(t *testing.T) {
	w := newWorld(t)
	c := w.accepted()
	c, _, err := w.Amend(t.Context(), w.clinician, c.Reference, c.Rev, referrals.Change{
		Entries: entries(nil), Consent: map[string]packet.Consent{c.Handovers[1].Reference: {Decision: packet.Refused}},
	})
	must(t, err)
	if h := c.Handovers[1]; h.State != referrals.Withheld || !h.Due.IsZero() || h.Consent.By != "gp-1" {
		t.Errorf("%+v", h)
	}
	if c.Dossier.Holds("person.address") {
		t.Error("the address stays though nobody is told of it any more")
	}
	_, err = w.Decide(t.Context(), w.lead, c.Reference, c.Rev, byPhone(c, 1))
	want(t, err, referrals.ErrState)
	c = w.decide(w.lead, c, byPhone(c, 0))
	_, _, err = w.Amend(t.Context(), w.clinician, c.Reference, c.Rev, referrals.Change{
		Entries: entries(nil), Consent: map[string]packet.Consent{c.Handovers[0].Reference: {Decision: packet.Refused}},
	})
	want(t, err, referrals.ErrInvalid) // it has left; nobody unsays it here
}

func TestTheWorkflowPageIsCurrent(t *testing.T) {
	const path = "../docs/workflow.md"
	page := workflowPage()
	if *update {
		must(t, os.WriteFile(path, []byte(page), 0o644))
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != page {
		t.Errorf("docs/workflow.md is not what the table says (%v); go test ./referrals -run WorkflowPage -update", err)
	}
}

func workflowPage() string {
	var b strings.Builder
	b.WriteString(`# How a referral moves

Written by a test from the table in ` + "`referrals/workflow.go`" + `; change it there. What is not here does not happen. A case moves by
the first table; each of its hand-overs by the second, and then the case follows the hand-over that needs somebody most:
declined, waiting, handed over, acknowledged. An escalated case stays escalated until it is accepted.

*Who* names the action of [policy.md](policy.md). ` + "`case.own`" + ` counts only for whoever opened the case. *System* is a clock, or the
service's own answer. Clocks are proposals (` + "`referrals/packet/content/destinations.yaml`" + `). Every open case and hand-over has one;
what runs out stands at the top of the queue.

There is no draft: nothing rests before somebody decides to refer. There is no state "expired": a closed or withdrawn case is
erased after ` + days(referrals.AfterClosing) + `, or later for a recorded reason, a link that nobody opened after ` + days(referrals.LinkLife) + `, and an open case on which
nobody has acted for ` + days(referrals.OpenLife) + `, which has then stood at the top of the queue for months; what has expired is not found.
`)
	for _, h := range []bool{false, true} {
		if h {
			b.WriteString("\n## A hand-over\n\n")
		} else {
			b.WriteString("\n## The case\n\n")
		}
		b.WriteString("| what | from | to | who | a reason is needed, one of | clock that runs then | in the trail |\n|---|---|---|---|---|---|---|\n")
		for _, l := range referrals.Table() {
			if l.Handover != h {
				continue
			}
			var who []string
			for _, a := range l.Who {
				who = append(who, "`"+string(a)+"`")
			}
			if l.System {
				who = append(who, "system")
			}
			from, to, clock := join(l.From), string(l.To), l.Clock
			if from == "" {
				from = "nothing"
			}
			if to == "" {
				to = "as it was"
			}
			if clock == "" {
				clock = "as it ran"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | `%s` |\n", l.Event, from, to, strings.Join(who, ", "), strings.Join(l.Reasons, ", "), clock, l.Action)
		}
	}
	return b.String()
}

func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 && d > 72*time.Hour {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return fmt.Sprintf("%d hours", d/time.Hour)
}

func join(states []referrals.State) string {
	var out []string
	for _, s := range states {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}

// What left stays as it was told, whatever is mended in the case afterwards; what came back is made anew.
func TestWhatWasHandedOverStaysAsItWasTold(t *testing.T) {
	w := newWorld(t)
	c := w.accepted(consent("domestic-abuse"), consent("iris"))
	told := func(i int) string {
		t.Helper()
		p, err := w.Packet(c, c.Handovers[i].Reference)
		must(t, err)
		text, err := p.JSON()
		must(t, err)
		return string(text)
	}
	c = w.decide(w.lead, c, byPhone(c, 0))
	before := told(0)
	w.clock.pass(time.Hour)
	c, _, err := w.Amend(t.Context(), w.lead, c.Reference, c.Rev, referrals.Change{Entries: entries(map[string]string{"contact.at": "01632 960777"})})
	must(t, err)
	if told(0) != before || !strings.Contains(before, words["contact.at"]) {
		t.Error("what was told has changed")
	}
	if after := told(1); !strings.Contains(after, "01632 960777") {
		t.Error("what will be told has not changed")
	}
	c, _, err = w.Offer(t.Context(), w.lead, c.Reference, c.Rev, c.Handovers[1].Reference)
	must(t, err)
	c = w.decide(w.lead, c, decision(line(t, referrals.Recall), c, 1))
	if !c.Handovers[1].Given.IsZero() {
		t.Error("nobody has it, and it counts as told")
	}
}
