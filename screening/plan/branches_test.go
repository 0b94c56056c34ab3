package plan_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"waypost/screening"
	"waypost/screening/plan"
)

// branch is what the sources say of one finding: how soon, and which answers raise it and which do not.
type branch struct {
	Urgency        string
	Raised, Silent []string
}

// TestBranchesOnImplantsDevicesAndApps tries every way in which a finding of these branches can be raised, one at a time, and
// the nearest ways in which it must not be. A slip in the content is seen here, not signed unread.
func TestBranchesOnImplantsDevicesAndApps(t *testing.T) {
	raw, err := os.ReadFile("../testdata/branches.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var branches map[string]branch
	if err := yaml.Unmarshal(raw, &branches); err != nil {
		t.Fatal(err)
	}
	if len(branches) < 50 {
		t.Fatalf("%d findings are tried", len(branches))
	}
	bank, lib := product(t)
	for finding, c := range branches {
		t.Run(finding, func(t *testing.T) {
			if f, known := bank.Finding(finding); !known || f.Urgency.String() != c.Urgency || len(c.Raised) == 0 || len(c.Silent) == 0 {
				t.Fatalf("no such finding, no row, or its urgency is not %s", c.Urgency)
			}
			for _, row := range c.Raised {
				p := lib.Make(bank.Assess(rowAnswers(t, bank, row)))
				if !p.Assessment.Has(finding) {
					t.Errorf("%s: not raised", row)
				}
				if !slices.ContainsFunc(append(slices.Clone(p.Steps), p.Withheld...), func(s plan.Step) bool { return s.ID != "review.universal-information" }) {
					t.Errorf("%s: leads to no step of its own", row)
				}
			}
			for _, row := range c.Silent {
				if a := bank.Assess(rowAnswers(t, bank, row)); a.Has(finding) {
					t.Errorf("%s: raised", row)
				}
			}
		})
	}
}

func rowAnswers(t *testing.T, bank *screening.Bank, row string) screening.Answers {
	t.Helper()
	given := map[string][]string{}
	for _, pair := range strings.Fields(row) {
		q, a, _ := strings.Cut(pair, "=")
		given[q] = append(given[q], strings.Split(a, "+")...)
	}
	answers, faults := bank.Read(given)
	if len(faults) > 0 {
		t.Fatalf("%s: %v", row, faults)
	}
	return answers
}
