package referrals

import (
	"slices"

	"waypost/referrals/people"
)

// State is where a case stands. It rests in clear, because a queue is asked by it.
type State string

// The states of a case. A draft is none: nothing rests before somebody decides to refer. Expired is none either: what has
// expired is not found, and then gone.
const (
	InReview     State = "in-review"
	Returned     State = "returned"
	Accepted     State = "accepted"
	HandedOver   State = "handed-over"
	Acknowledged State = "acknowledged"
	Declined     State = "declined"
	Escalated    State = "escalated"
	Withdrawn    State = "withdrawn"
	Closed       State = "closed"
)

// Open lists the states in which somebody has something to do.
func Open() []State {
	return []State{InReview, Returned, Accepted, HandedOver, Acknowledged, Declined, Escalated}
}

// names are states as the store is asked for them.
func names(states []State) []string {
	out := make([]string, len(states))
	for i, s := range states {
		out[i] = string(s)
	}
	return out
}

// The states of one hand-over. The state of a case in the hands of the desk follows from those of its hand-overs.
const (
	Withheld State = "withheld" // no consent and no ground: there is no packet
	Waiting  State = "waiting"
	Out      State = "out"    // somebody confirmed that it was handed over, or a link waits
	Opened   State = "opened" // picked up
	Taken    State = "acknowledged"
	Helping  State = "accepted"
	Refused  State = "declined"
	Done     State = "done"    // an outcome was reported
	Dropped  State = "dropped" // the desk goes another way
)

// Event is what happens to a case or to one of its hand-overs.
type Event string

// The events.
const (
	Refer       Event = "refer"
	Return      Event = "return"
	Resubmit    Event = "resubmit"
	Amend       Event = "amend"
	Add         Event = "add"
	Accept      Event = "accept"
	HandOver    Event = "hand-over"
	Offer       Event = "offer"
	Recall      Event = "recall"
	Unopened    Event = "unopened"
	Locked      Event = "locked"
	PickedUp    Event = "picked-up"
	Acknowledge Event = "acknowledge"
	TakeOn      Event = "take-on"
	Decline     Event = "decline"
	Report      Event = "report"
	Drop        Event = "drop"
	Retry       Event = "retry"
	Escalate    Event = "escalate"
	Withdraw    Event = "withdraw"
	Close       Event = "close"
	Keep        Event = "keep-longer"
)

// Line is one line of the table of states.
type Line struct {
	Event    Event
	Handover bool    // it happens to one hand-over, and the case follows; else to the case
	From     []State // none: from nothing
	To       State   // empty: the state stays, or follows from the hand-overs
	Who      []people.Action
	System   bool     // a clock or the service's own answer does it too
	Reasons  []string // one of these is needed; none: no reason is asked
	Clock    string   // what runs then; empty: as it ran
	Action   string   // what the trail calls it
}

var (
	own    = []people.Action{people.CaseOwn}
	decide = []people.Action{people.CaseDecide}
	either = []people.Action{people.CaseDecide, people.CaseOwn}
	hand   = []people.Action{people.HandOver}
	answer = []people.Action{people.PacketAnswer, people.HandOver}
	inHand = []State{Accepted, HandedOver, Acknowledged, Declined, Escalated}
)

// table is the one table of states: what is not in it does not happen. Docs/workflow.md is written from it.
var table = [...]Line{
	{Event: Refer, To: InReview, Who: []people.Action{people.ReferralCreate}, Clock: "review", Action: "referral.create"},
	{Event: Return, From: []State{InReview, Escalated}, To: Returned, Who: decide, Clock: "answer", Action: "case.return",
		Reasons: []string{"incomplete", "consent-unclear", "wrong-destination", "contact-not-safe", "ask-again"}},
	{Event: Resubmit, From: []State{Returned}, To: InReview, Who: own, Clock: "review", Action: "case.resubmit"},
	{Event: Amend, From: slices.Concat([]State{InReview, Returned}, inHand), Who: either, Action: "case.amend"},
	{Event: Add, From: slices.Concat([]State{InReview, Returned}, inHand), Who: either, Action: "case.add"},
	{Event: Accept, From: []State{InReview, Escalated}, To: Accepted, Who: decide, Clock: "hand-over", Action: "case.accept"},

	{Event: HandOver, Handover: true, From: []State{Waiting}, To: Out, Who: hand, Clock: "acknowledge", Action: "handover.confirm"},
	{Event: Offer, Handover: true, From: []State{Waiting}, To: Out, Who: hand, Clock: "acknowledge", Action: "handover.offer"},
	{Event: Recall, Handover: true, From: []State{Out}, To: Waiting, Who: decide, Clock: "hand-over", Action: "handover.recall",
		Reasons: []string{"wrong-service", "new-danger", "consent-withdrawn", "wrong-content"}},
	{Event: Unopened, Handover: true, From: []State{Out}, To: Waiting, System: true, Clock: "at-once", Action: "handover.unopened"},
	{Event: Locked, Handover: true, From: []State{Out}, To: Waiting, System: true, Clock: "at-once", Action: "handover.locked"},
	{Event: PickedUp, Handover: true, From: []State{Out}, To: Opened, System: true, Action: "handover.opened"},
	{Event: Acknowledge, Handover: true, From: []State{Out, Opened}, To: Taken, Who: answer, System: true, Clock: "outcome", Action: "handover.acknowledge"},
	{Event: TakeOn, Handover: true, From: []State{Out, Opened, Taken}, To: Helping, Who: answer, System: true, Clock: "outcome", Action: "handover.accept"},
	{Event: Decline, Handover: true, From: []State{Out, Opened, Taken, Helping}, To: Refused, Who: answer, System: true, Clock: "at-once", Action: "handover.decline",
		Reasons: []string{"not-our-area", "not-our-kind", "no-room", "incomplete", "not-reached", "person-said-no"}},
	{Event: Report, Handover: true, From: []State{Taken, Helping}, To: Done, Who: answer, System: true, Clock: "at-once", Action: "handover.outcome", Reasons: Outcomes()},
	{Event: Retry, Handover: true, From: []State{Refused, Dropped}, To: Waiting, Who: decide, Clock: "hand-over", Action: "handover.retry",
		Reasons: []string{"mended", "danger-rose"}},
	{Event: Drop, Handover: true, From: []State{Waiting, Refused, Withheld}, To: Dropped, Who: decide, Action: "handover.drop",
		Reasons: []string{"another-way", "not-wanted", "not-safe-now", "not-needed", anotherService}},

	{Event: Escalate, From: []State{InReview, Accepted, HandedOver, Acknowledged, Declined}, To: Escalated, Who: decide, Clock: "at-once", Action: "case.escalate",
		Reasons: []string{"danger-rose", "no-answer", "disagreement", "second-opinion"}},
	{Event: Withdraw, From: slices.Concat([]State{InReview, Returned}, inHand), To: Withdrawn, Who: either, Clock: "erasure", Action: "case.withdraw",
		Reasons: []string{"person-asked", "not-safe-now", "made-in-error", "duplicate"}},
	{Event: Close, From: inHand, To: Closed, Who: decide, Clock: "erasure", Action: "case.close", Reasons: Outcomes()},
	{Event: Keep, From: []State{Closed, Withdrawn}, Who: decide, Clock: "erasure", Action: "case.keep",
		Reasons: []string{"legal-order", "complaint", "inquiry"}},
}

// Outcomes are the ways in which a hand-over or a case ends.
func Outcomes() []string {
	return []string{"help-began", "plan-shared", "person-said-no", "not-reached", "helped-elsewhere", "no-help-found"}
}

// Table is the table, for whoever prints, tests or offers it.
func Table() []Line { return slices.Clone(table[:]) }

func lineOf(e Event) (Line, bool) {
	i := slices.IndexFunc(table[:], func(l Line) bool { return l.Event == e })
	if i < 0 {
		return Line{}, false
	}
	return table[i], true
}

// takes says whether the event may happen from a state for that reason.
func (l Line) takes(from State, reason string) error {
	switch {
	case !slices.Contains(l.From, from):
		return ErrState
	case len(l.Reasons) > 0 && !slices.Contains(l.Reasons, reason), len(l.Reasons) == 0 && reason != "":
		return ErrReason
	}
	return nil
}

// Events lists what may happen to something in that state, for the buttons of a page.
func Events(from State, handover bool) []Line {
	var out []Line
	for _, l := range table {
		if l.Handover == handover && slices.Contains(l.From, from) && len(l.Who) > 0 {
			out = append(out, l)
		}
	}
	return out
}
