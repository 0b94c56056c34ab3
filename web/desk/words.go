package desk

import (
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
)

// The words of what the rooms below name.
var (
	stateWords = map[referrals.State]string{
		referrals.InReview: "desk.state.in-review", referrals.Returned: "desk.state.returned", referrals.Accepted: "desk.state.accepted",
		referrals.HandedOver: "desk.state.handed-over", referrals.Acknowledged: "desk.state.acknowledged", referrals.Declined: "desk.state.declined",
		referrals.Escalated: "desk.state.escalated", referrals.Withdrawn: "desk.state.withdrawn", referrals.Closed: "desk.state.closed",
	}
	handoverWords = map[referrals.State]string{
		referrals.Withheld: "desk.handover.withheld", referrals.Waiting: "desk.handover.waiting", referrals.Out: "desk.handover.out",
		referrals.Opened: "desk.handover.opened", referrals.Taken: "desk.handover.taken", referrals.Helping: "desk.handover.helping",
		referrals.Refused: "desk.handover.refused", referrals.Done: "desk.handover.done", referrals.Dropped: "desk.handover.dropped",
	}
	eventWords = map[referrals.Event]string{
		referrals.Refer: "desk.event.refer", referrals.Return: "desk.event.return", referrals.Resubmit: "desk.event.resubmit", referrals.Amend: "desk.event.amend", referrals.Add: "desk.event.add",
		referrals.Accept: "desk.event.accept", referrals.HandOver: "desk.event.hand-over", referrals.Offer: "desk.event.offer", referrals.Recall: "desk.event.recall",
		referrals.Unopened: "desk.event.unopened", referrals.Locked: "desk.event.locked", referrals.PickedUp: "desk.event.picked-up",
		referrals.Acknowledge: "desk.event.acknowledge", referrals.TakeOn: "desk.event.take-on", referrals.Decline: "desk.event.decline",
		referrals.Report: "desk.event.report", referrals.Drop: "desk.event.drop", referrals.Retry: "desk.event.retry", referrals.Escalate: "desk.event.escalate",
		referrals.Withdraw: "desk.event.withdraw", referrals.Close: "desk.event.close", referrals.Keep: "desk.event.keep-longer",
	}
	// What a decision brings with it, said before it is taken.
	effectWords = map[referrals.Event]string{
		referrals.Return: "desk.effect.return", referrals.Accept: "desk.effect.accept", referrals.HandOver: "desk.effect.hand-over",
		referrals.Offer: "desk.effect.offer", referrals.Recall: "desk.effect.recall", referrals.Acknowledge: "desk.effect.acknowledge",
		referrals.TakeOn: "desk.effect.take-on", referrals.Decline: "desk.effect.decline", referrals.Report: "desk.effect.report",
		referrals.Drop: "desk.effect.drop", referrals.Retry: "desk.effect.retry", referrals.Escalate: "desk.effect.escalate",
		referrals.Withdraw: "desk.effect.withdraw", referrals.Close: "desk.effect.close", referrals.Keep: "desk.effect.keep-longer",
	}
	mendWords   = map[referrals.Event]string{referrals.Resubmit: "desk.mend.resubmit", referrals.Amend: "desk.mend.amend"}
	reasonWords = map[string]string{
		"incomplete": "desk.reason.incomplete", "consent-unclear": "desk.reason.consent-unclear", "wrong-destination": "desk.reason.wrong-destination",
		"contact-not-safe": "desk.reason.contact-not-safe", "ask-again": "desk.reason.ask-again", "wrong-service": "desk.reason.wrong-service",
		"new-danger": "desk.reason.new-danger", "consent-withdrawn": "desk.reason.consent-withdrawn", "wrong-content": "desk.reason.wrong-content",
		"not-our-area": "desk.reason.not-our-area", "not-our-kind": "desk.reason.not-our-kind", "no-room": "desk.reason.no-room",
		"not-reached": "desk.reason.not-reached", "person-said-no": "desk.reason.person-said-no", "another-service": "desk.reason.another-service",
		"mended": "desk.reason.mended", "danger-rose": "desk.reason.danger-rose", "another-way": "desk.reason.another-way",
		"not-wanted": "desk.reason.not-wanted", "not-safe-now": "desk.reason.not-safe-now", "not-needed": "desk.reason.not-needed",
		"no-answer": "desk.reason.no-answer", "disagreement": "desk.reason.disagreement", "second-opinion": "desk.reason.second-opinion",
		"person-asked": "desk.reason.person-asked", "made-in-error": "desk.reason.made-in-error", "duplicate": "desk.reason.duplicate",
		"legal-order": "desk.reason.legal-order", "complaint": "desk.reason.complaint", "inquiry": "desk.reason.inquiry",
		"help-began": "desk.reason.help-began", "plan-shared": "desk.reason.plan-shared", "helped-elsewhere": "desk.reason.helped-elsewhere",
		"no-help-found": "desk.reason.no-help-found", "unopened": "desk.reason.unopened", "locked": "desk.reason.locked",
		"danger-now": "desk.reason.danger-now", "child-now": "desk.reason.child-now", "lead-away": "desk.reason.lead-away",
	}
	ageWords = map[directory.Age]string{
		directory.AgeUnknown: "desk.age.not-told", directory.Under13: "desk.age.under-13", directory.From13To15: "desk.age.from-13",
		directory.Under16: "desk.age.under-16", directory.From16To17: "desk.age.from-16", directory.Under18: "desk.age.under-18", directory.Adult: "desk.age.adult",
	}
)

func nationWords(n directory.Nation) string {
	if n == directory.UnknownNation {
		return "desk.case.nation-unknown"
	}
	return "question.about.nation.answer." + n.String()
}

func channelWords(c packet.Channel) string { return "referral.channel." + string(c) }

func destinationWords(id string) string { return "referral.destination." + id + ".name" }

// said gives the words for a code, or those that say that it is not known here.
func said[K comparable](words map[K]string, code K) string {
	if w, ok := words[code]; ok {
		return w
	}
	return "desk.case.unknown-code"
}
