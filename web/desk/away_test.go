package desk_test

import (
	"net/url"
	"strings"
	"testing"

	"waypost/internal/trail"
	"waypost/referrals/people"
	"waypost/web/desk"
)

// A clinician keeps a colleague away from a case they opened themselves: the way leads there from the case and from the list,
// and the page says when nobody is left who could decide it.
func TestAClinicianKeepsSomebodyAwayFromTheirOwnCase(t *testing.T) {
	w := newWorld(t)
	own := desk.OwnPath + w.refer().Reference
	read := w.heard("people.names", trail.Done)
	w.clinician.get("/desk/own")
	w.clinician.want(200).says(own + "/away?l=en")
	w.clinician.get(own)
	w.clinician.want(200).says(own + "/away?l=en")
	if w.heard("people.names", trail.Done) != read {
		t.Error("colleagues were looked up for nothing")
	}
	w.clinician.get(own + "/away")
	w.clinician.want(200).says("Invented Lead", "Invented Colleague").hides("Everybody who could decide")
	if w.heard("people.names", trail.Done) == read {
		t.Error("names without an entry")
	}
	keep := func(b *browser, away string) {
		t.Helper()
		b.get(own + "/away")
		for _, f := range formTag.FindAllStringSubmatch(b.last.body, -1) {
			if strings.Contains(f[2], `value="`+away+`"`) && strings.Contains(f[1], "/exclude") {
				b.post(own+"/exclude", filled("<form"+f[2]))
				b.follow().want(200)
				return
			}
		}
		t.Fatalf("no form for %s", away)
	}
	first, second := w.lead.session().Actor.Member(), w.second.session().Actor.Member()
	keep(w.clinician, first)
	w.clinician.says("kept away").hides("Everybody who could decide")
	w.lead.get(strings.Replace(own, desk.OwnPath, desk.CasePath, 1))
	w.lead.want(404)
	keep(w.clinician, second)
	w.clinician.says("Everybody who could decide this case is kept away")
	keep(w.clinician, second) // near again
	w.clinician.hides("Everybody who could decide")
	w.second.get(desk.Path)
	w.second.want(200).says(strings.TrimPrefix(own, desk.OwnPath))
	// Nobody is offered whom nobody may keep away, and nobody keeps somebody away from another's case.
	if strings.Contains(w.clinician.last.body, `name="id" value="`+w.clinician.session().Actor.Member()) {
		t.Error("one's own name is offered")
	}
	other := w.lead.colleague(people.Clinician).again(false)
	other.get(own + "/away")
	other.want(404).hides("Invented Lead")
	other.post(own+"/exclude", other.signed(url.Values{"rev": {"1"}, "id": {second}, "away": {"yes"}}))
	other.want(404)
}
