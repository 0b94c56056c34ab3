package desk

import (
	"errors"
	"slices"
	"strings"

	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/web"
)

// The ticks of the second person, each a field of its own: a line that is let through, a point that was looked at.
const (
	letField   = "let."
	checkField = "check."
)

func releaseFields(name string) web.Kind {
	switch {
	case name == "rev", name == "reason", strings.HasPrefix(name, letField), strings.HasPrefix(name, checkField):
		return web.One
	}
	return web.Refused
}

// ticked are the ids whose fields were sent.
func ticked(a asked, prefix string) []string {
	var all []string
	for name := range a.All() {
		if id, ok := strings.CutPrefix(name, prefix); ok {
			all = append(all, id)
		}
	}
	return all
}

func topicOf(field string) string { topic, _, _ := strings.Cut(field, "."); return topic }

func (j *Journey) weigh(r *web.Request) (web.Page, error) {
	a, err := j.read(r, releaseFields)
	if err != nil {
		return web.Page{}, err
	}
	return j.weighWith(r, 200, a, "")
}

// weighWith shows the second person what is asked: what a copy would hold, line by line, or what a case's end brings; what to
// look at before saying yes; and how the person is reached, which is in no copy. A line that was let through stays ticked only
// on the case as it was seen: in a later one it may say something else under the same id.
func (j *Journey) weighWith(r *web.Request, status int, a asked, notice string) (web.Page, error) {
	s := r.Session()
	one, before, c, err := j.Desk.Weigh(r.Context(), s.Actor, r.Param("id"))
	if err != nil {
		return j.notWeighed(r, a, err)
	}
	care, checks, refusals := j.Desk.Care(one.What), []option{}, []option{}
	for _, id := range care.Checks {
		checks = append(checks, option{id, "referral." + string(one.What) + ".check." + id, a.typed.Has(checkField + id)})
	}
	for _, id := range care.Refusals {
		refusals = append(refusals, option{id, "referral." + string(one.What) + ".refusal." + id, a.typed.Get("reason") == id})
	}
	refused := []string{}
	for _, b := range before {
		refused = append(refused, "referral."+string(b.What)+".refusal."+b.Why)
	}
	let, changed := ticked(a, letField), a.typed.Has("rev") && revOf(a) != c.Rev
	v := values{
		"LetAgain": changed && len(let) > 0, "One": j.askingOf(s, one), "Notice": notice, "Case": CasePath + c.Reference, "Reason": askReason(one.What, one.Reason), "Contact": j.contact(c), "Rev": revText(c.Rev),
		"Checks": checks, "Refusals": refusals, "Before": refused, "IsCopy": one.What == referrals.Export, "Given": []copyPart{}, "Asked": []copyPart{}, "Handovers": []handover{},
		"State": said(stateWords, c.State),
	}
	if one.What == referrals.Erase {
		v["Handovers"] = room{j, CasePath, people.CaseRead}.handovers(s, c, nil)
		return j.within(s, status, a.lang, "weigh", v)
	}
	var given, rest []referrals.Part
	for _, p := range j.Desk.Parts(c) {
		if p.Class == packet.ToGive {
			given = append(given, p)
		} else {
			rest = append(rest, p)
		}
	}
	v["Given"], v["Asked"] = j.copied(given, nil), j.copied(rest, func(id string) bool { return !changed && slices.Contains(let, id) })
	return j.within(s, status, a.lang, "weigh", v)
}

// notWeighed shows the ask as it stands where there is nothing to answer any more, or nothing for this member.
func (j *Journey) notWeighed(r *web.Request, a asked, cause error) (web.Page, error) {
	switch {
	case errors.Is(cause, referrals.ErrState):
		return j.askedWith(r, 409, a, "desk.ask.answered")
	case errors.Is(cause, referrals.ErrHeld):
		return j.askedWith(r, 409, a, "desk.ask.is-held")
	case errors.Is(cause, people.ErrForbidden):
		return j.askedWith(r, 403, a, "desk.ask.own")
	}
	return web.Page{}, cause
}

func (j *Journey) release(r *web.Request) (web.Page, error) {
	a, err := j.read(r, releaseFields)
	if err != nil {
		return web.Page{}, err
	}
	err = j.Desk.Release(r.Context(), r.Session().Actor, r.Param("id"), referrals.Answer{CaseRev: revOf(a), Checked: ticked(a, checkField), Let: ticked(a, letField)})
	switch {
	case err == nil:
		return j.to(r, asksPath, a.lang), nil
	case errors.Is(err, referrals.ErrUnchecked):
		return j.weighWith(r, 422, a, "desk.ask.unchecked")
	case errors.Is(err, referrals.ErrConflict):
		return j.weighWith(r, 409, a, "desk.ask.changed")
	}
	return j.notWeighed(r, a, err)
}

func (j *Journey) deny(r *web.Request) (web.Page, error) {
	a, err := j.read(r, releaseFields)
	if err != nil {
		return web.Page{}, err
	}
	reason, _ := a.One("reason")
	err = j.Desk.Deny(r.Context(), r.Session().Actor, r.Param("id"), reason)
	switch {
	case err == nil:
		return j.to(r, asksPath, a.lang), nil
	case errors.Is(err, referrals.ErrReason):
		return j.weighWith(r, 422, a, "desk.fault.reason")
	}
	return j.notWeighed(r, a, err)
}
