package main

import (
	"slices"
	"testing"

	"waypost/screening"
	"waypost/screening/plan"
)

// TestTheScriptPointsIntoTheBank holds that the law names findings that the bank raises, each request for somebody else
// among them, and that the reason below a step is one that the bank gives to a company.
func TestTheScriptPointsIntoTheBank(t *testing.T) {
	p := loaded(t)
	named := map[string]bool{}
	for _, point := range p.script.Law.Points {
		for _, id := range point.Findings {
			named[id] = true
			if !slices.ContainsFunc(p.bank.Findings, func(f screening.Finding) bool { return f.ID == id }) {
				t.Errorf("%s: no finding %s", point.ID, id)
			}
		}
	}
	for _, id := range []string{"implant.request-for-a-child", "implant.request-for-a-partner", "implant.request-for-an-employee", "implant.request-for-adult-who-cannot-decide", "implant.adult-not-asked"} {
		if !named[id] {
			t.Errorf("the law does not name %s", id)
		}
	}
	for _, x := range p.script.Steps {
		i := slices.IndexFunc(p.steps.Actions, func(a plan.Action) bool { return a.ID == x.Why })
		if x.Why != "" && (i < 0 || p.steps.Actions[i].Owner != plan.Company) {
			t.Errorf("%s: the bank has no step %s for a company", x.ID, x.Why)
		}
	}
}
