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
	read := w.Heard("people.names", trail.Done)
	w.clinician.Get("/desk/own")
	w.clinician.Want(200).says(own + "/away?l=en")
	w.clinician.Get(own)
	w.clinician.Want(200).says(own + "/away?l=en")
	if w.Heard("people.names", trail.Done) != read {
		t.Error("colleagues were looked up for nothing")
	}
	w.clinician.Get(own + "/away")
	w.clinician.Want(200).says("Invented Lead", "Invented Colleague").hides("Everybody who could decide")
	if w.Heard("people.names", trail.Done) == read {
		t.Error("names without an entry")
	}
	keep := func(b *browser, away string) {
		t.Helper()
		b.Get(own + "/away")
		for _, f := range formTag.FindAllStringSubmatch(b.Last.Body, -1) {
			if strings.Contains(f[2], `value="`+away+`"`) && strings.Contains(f[1], "/exclude") {
				b.Post(own+"/exclude", filled("<form"+f[2]))
				b.follow().Want(200)
				return
			}
		}
		t.Fatalf("no form for %s", away)
	}
	first, second := w.lead.Session().Actor.Member(), w.second.Session().Actor.Member()
	keep(w.clinician, first)
	w.clinician.says("kept away").hides("Everybody who could decide")
	w.lead.Get(strings.Replace(own, desk.OwnPath, desk.CasePath, 1))
	w.lead.Want(404)
	keep(w.clinician, second)
	w.clinician.says("Everybody who could decide this case is kept away")
	keep(w.clinician, second) // near again
	w.clinician.hides("Everybody who could decide")
	w.second.Get(desk.Path)
	w.second.Want(200).says(strings.TrimPrefix(own, desk.OwnPath))
	// Nobody is offered whom nobody may keep away, and nobody keeps somebody away from another's case.
	if strings.Contains(w.clinician.Last.Body, `name="id" value="`+w.clinician.Session().Actor.Member()) {
		t.Error("one's own name is offered")
	}
	other := w.lead.Colleague(people.Clinician).Again(false)
	other.Get(own + "/away")
	other.Want(404).hides("Invented Lead")
	other.Post(own+"/exclude", other.Signed(url.Values{"rev": {"1"}, "id": {second}, "away": {"yes"}}))
	other.Want(404)
}
