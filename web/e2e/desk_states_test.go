package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/people"
	deskpages "waypost/web/desk"
)

// walker takes the branches of the table of states in the browsers of a lead and of a service; what leads up to a branch is
// done without a browser.
type walker struct {
	*surgery
	t           *testing.T
	boss, taker people.Actor
	lead, other *Page
}

func newWalker(t *testing.T) *walker {
	t.Helper()
	s := newSurgery(t)
	w := &walker{surgery: s, t: t, lead: s.enrol(t, s.lead), other: s.enrol(t, s.receiver)}
	w.boss, w.taker = w.member(s.practice, people.Lead), w.member(s.service, people.Receiver)
	return w
}

// member is the one who has just enrolled in a browser.
func (w *walker) member(o people.Organisation, role people.Role) people.Actor {
	w.t.Helper()
	all, err := w.people.MembersFromConsole(w.t.Context(), o.ID)
	must(w.t, err)
	i := slices.IndexFunc(all, func(m people.Member) bool { return slices.Contains(m.Roles, role) && m.Enrolled() })
	a, err := people.NewActor(o, all[i], true)
	must(w.t, err)
	return a
}

// tale is a case on its way to a branch.
type tale struct {
	c    referrals.Case
	at   int // the hand-over
	link referrals.Link
	got  referrals.Received
}

// do takes one step without a browser.
func (w *walker) do(s *tale, e referrals.Event, reason string) {
	w.t.Helper()
	var err error
	h := s.c.Handovers[s.at]
	switch e {
	case referrals.Offer:
		s.c, s.link, err = w.desk.Offer(w.t.Context(), w.boss, s.c.Reference, s.c.Rev, h.Reference)
	case referrals.PickedUp:
		s.got, err = w.desk.Redeem(w.t.Context(), w.taker, s.link.Token.Reveal(), s.link.Code.Reveal())
	default:
		d := referrals.Decision{Event: e, Reason: reason, Channel: "phone"}
		if one(e).Handover {
			d.Handover = h.Reference
		}
		if e == referrals.HandOver {
			d.Theirs = vault.Keep("taken by Hephzibah")
		}
		s.c, err = w.desk.Decide(w.t.Context(), w.boss, s.c.Reference, s.c.Rev, d)
	}
	if err != nil {
		w.t.Fatalf("%s: %v", e, err)
	}
	s.c = w.now(s.c)
}

func (w *walker) now(c referrals.Case) referrals.Case {
	w.t.Helper()
	c, err := w.desk.Read(w.t.Context(), w.boss, c.Reference)
	must(w.t, err)
	return c
}

func one(e referrals.Event) referrals.Line {
	for _, l := range referrals.Table() {
		if l.Event == e {
			return l
		}
	}
	return referrals.Line{}
}

// The shortest way to each state of a hand-over and of a case.
var (
	toHandover = map[referrals.State][]string{
		referrals.Waiting: {"accept"}, referrals.Out: {"accept", "hand-over"}, referrals.Opened: {"accept", "offer", "picked-up"},
		referrals.Taken: {"accept", "hand-over", "acknowledge"}, referrals.Helping: {"accept", "hand-over", "take-on"},
		referrals.Refused: {"accept", "hand-over", "decline no-room"}, referrals.Dropped: {"accept", "drop not-needed"}, referrals.Withheld: {"accept"},
	}
	toCase = map[referrals.State][]string{
		referrals.InReview: {}, referrals.Returned: {"return incomplete"}, referrals.Accepted: {"accept", "drop not-needed"},
		referrals.HandedOver: {"accept", "hand-over"}, referrals.Acknowledged: {"accept", "hand-over", "acknowledge"},
		referrals.Declined: {"accept", "hand-over", "decline no-room"}, referrals.Escalated: {"accept", "drop not-needed", "escalate no-answer"},
		referrals.Withdrawn: {"withdraw duplicate"}, referrals.Closed: {"accept", "drop not-needed", "close no-help-found"},
	}
)

// bring takes a new case to where a branch begins.
func (w *walker) bring(l referrals.Line, from referrals.State) *tale {
	w.t.Helper()
	by := w.boss
	if l.Event == referrals.Amend { // what a lead did not refer themselves is mended without being sent back
		by = w.actor(w.t, w.practice, people.Clinician)
	}
	s := &tale{c: w.referBy(w.t, by)}
	steps := toCase[from]
	if l.Handover {
		steps = toHandover[from]
	}
	if slices.Contains([]referrals.Event{referrals.Recall, referrals.Unopened, referrals.Locked, referrals.PickedUp}, l.Event) {
		steps = []string{"accept", "offer"}
	}
	for _, step := range steps {
		e, reason, _ := strings.Cut(step, " ")
		w.do(s, referrals.Event(e), reason)
	}
	if from == referrals.Withheld {
		s.at = 1
	}
	return s
}

// take does the branch in a browser as somebody who may, and says where.
func (w *walker) take(s *tale, l referrals.Line) *Page {
	w.t.Helper()
	h, case_ := s.c.Handovers[s.at], w.URL+deskpages.CasePath+s.c.Reference
	switch {
	case l.Event == referrals.Unopened:
		w.late.Add(int64(referrals.LinkLife + time.Minute))
		_, err := w.desk.Tick(w.t.Context(), w.practice.ID)
		w.late.Store(0)
		must(w.t, err)
		return nil
	case l.Event == referrals.PickedUp || l.Event == referrals.Locked:
		w.other.Goto(w.URL + deskpages.PickUpPath + "#" + s.link.Token.Reveal())
		w.other.Press(`form[action="/pick-up"] button`)
		code, times := s.link.Code.Reveal(), 1
		if l.Event == referrals.Locked {
			code, times = "no code", 5
		}
		for range times {
			w.other.Type("#code", code)
			w.other.Press(`form[action="/pick-up/packet"] button`)
		}
		return w.other
	case h.State == referrals.Opened: // the service answers for itself
		w.other.Goto(w.URL + deskpages.InboxPath + "/" + s.got.ID)
		w.press(w.other, string(l.Event), l)
		return w.other
	case l.Event == referrals.Add:
		w.lead.Goto(case_)
		w.lead.Press("#more")
		ask[string](w.lead, `document.querySelector('[name="destination"]').value = "iris"`)
		w.lead.Press("#look")
		w.lead.Press(`label:has([id="service.none"])`)
		ask[string](w.lead, `document.querySelector('[name="decision"]').value = "given"`)
		w.lead.Press("#check")
		w.lead.Press("#add")
		return w.lead
	case l.Event == referrals.Amend || l.Event == referrals.Resubmit:
		if l.Event == referrals.Resubmit {
			case_ = w.URL + deskpages.OwnPath + s.c.Reference
		}
		w.lead.Goto(case_)
		w.lead.Press("#mend")
		w.lead.Press(`[id="mend.go"]`)
		return w.lead
	case l.Handover:
		w.lead.Goto(case_)
		w.press(w.lead, fmt.Sprintf("%s.%d", l.Event, s.at+1), l)
		return w.lead
	}
	w.lead.Goto(case_)
	w.press(w.lead, fmt.Sprintf("%s.0", l.Event), l)
	return w.lead
}

// press fills one form of a page in and sends it.
func (w *walker) press(p *Page, id string, l referrals.Line) {
	w.t.Helper()
	if !ask[bool](p, `!!document.getElementById(`+quote(id+".open")+`)?.parentElement.open`) {
		p.Press(`[id="` + id + `.open"]`)
	}
	fill := func(field, value string) {
		ask[string](p, fmt.Sprintf(`document.getElementById(%s).querySelector('[name="%s"]').value = %s`, quote(id), field, quote(value)))
	}
	if len(l.Reasons) > 0 {
		fill("reason", l.Reasons[0])
	}
	if l.Event == referrals.HandOver {
		fill("channel", "phone")
		fill("theirs", "taken by Hephzibah")
	}
	if l.Event == referrals.Keep {
		fill("until", time.Now().AddDate(0, 6, 0).Format(time.DateOnly))
	}
	p.Press(`[id="` + id + `.go"]`)
}

// Every branch of the table, from every state it may be taken from: somebody takes it on a page, and the case is where the
// table says.
func TestEveryBranchOfTheTableInABrowser(t *testing.T) {
	t.Parallel()
	w := newWalker(t)
	taken := 0
	for _, l := range referrals.Table() {
		for _, from := range l.From {
			s := w.bring(l, from)
			is := func() referrals.State {
				c := w.now(s.c)
				if l.Handover {
					return c.Handovers[s.at].State
				}
				return c.State
			}
			name := fmt.Sprintf("%s from %s", l.Event, from)
			if is() != from {
				t.Errorf("%s: it begins at %s", name, is())
				continue
			}
			before := w.now(s.c)
			page := w.take(s, l)
			want, steps := l.To, 1
			if want == "" {
				want = from
			}
			if l.Event == referrals.Add && slices.Contains([]referrals.State{referrals.HandedOver, referrals.Acknowledged}, from) {
				want = referrals.Accepted // there is something to hand over again
			}
			if l.Event == referrals.Close && from == referrals.HandedOver { // nothing is closed while a service has not answered
				want, steps = from, 0
				page.Await("waits for its answer")
			}
			after := w.now(s.c)
			if is() != want || len(after.Timeline) != len(before.Timeline)+steps {
				t.Errorf("%s: it ends at %s, %d steps on, and not at %s", name, is(), len(after.Timeline)-len(before.Timeline), want)
				if page != nil {
					t.Logf("%.400s", page.Text())
				}
			}
			if steps == 1 && after.Timeline[len(after.Timeline)-1].Event != l.Event {
				t.Errorf("%s: the timeline says %s", name, after.Timeline[len(after.Timeline)-1].Event)
			}
			taken++
		}
	}
	if taken < 50 {
		t.Errorf("%d branches", taken)
	}
	clean(t, "console", withoutRefusals(withoutClearing(slices.Concat(w.lead.Console(), w.other.Console()))))
}
