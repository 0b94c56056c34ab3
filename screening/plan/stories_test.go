package plan_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"waypost/screening"
	"waypost/screening/plan"
)

// A story is two files: the answers, as `waypost assess` reads them, and what a specialist expects of the plan. The
// people in them are invented.
type story struct {
	name     string
	answers  map[string][]string
	expected expectation
}

type expectation struct {
	Urgency   string   `yaml:"urgency"`
	Stopped   bool     `yaml:"stopped"`
	Findings  []string `yaml:"findings"`  // must be raised
	Silent    []string `yaml:"silent"`    // must not be raised
	Pathways  []string `yaml:"pathways"`  // exactly these
	Now       []string `yaml:"now"`       // on the now card
	Steps     []string `yaml:"steps"`     // shown, nothing holding them back
	Withheld  []string `yaml:"withheld"`  // shown as waiting
	Forbidden []string `yaml:"forbidden"` // neither shown nor waiting
}

const storyFolder = "../testdata/stories"

func stories(t *testing.T) []story {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(storyFolder, "*.expect.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var out []story
	for _, file := range files {
		s := story{name: strings.TrimSuffix(filepath.Base(file), ".expect.yaml")}
		var raw map[string]any
		for path, into := range map[string]any{file: &s.expected, filepath.Join(storyFolder, s.name+".yaml"): &raw} {
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			dec := yaml.NewDecoder(f)
			dec.KnownFields(true)
			if err := dec.Decode(into); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		s.answers = map[string][]string{}
		for q, a := range raw {
			switch a := a.(type) {
			case string:
				s.answers[q] = []string{a}
			case []any:
				for _, x := range a {
					s.answers[q] = append(s.answers[q], x.(string))
				}
			default:
				t.Fatalf("%s: %s: an answer is an id or a list of ids", s.name, q)
			}
		}
		out = append(out, s)
	}
	return out
}

func product(t testing.TB) (*screening.Bank, *plan.Library) {
	t.Helper()
	bank, err := screening.Load(screening.Content())
	if err != nil {
		t.Fatal(err)
	}
	lib, err := plan.Load(screening.Content(), bank)
	if err != nil {
		t.Fatal(err)
	}
	return bank, lib
}

func TestStories(t *testing.T) {
	bank, lib := product(t)
	all := stories(t)
	if len(all) < 30 {
		t.Fatalf("%d stories, at least 30 are wanted", len(all))
	}
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			answers, faults := bank.Read(s.answers)
			if len(faults) > 0 {
				t.Fatalf("the story's answers: %v", faults)
			}
			if _, closed := answers.Open(); closed > 0 {
				t.Errorf("%d answers are to questions that would never have been asked", closed)
			}
			check(t, lib.Make(bank.Assess(answers)), s.expected)
		})
	}
}

func check(t *testing.T, p plan.Plan, want expectation) {
	t.Helper()
	if p.Urgency.String() != want.Urgency {
		t.Errorf("urgency %s, want %s", p.Urgency, want.Urgency)
	}
	if p.Assessment.Stopped != want.Stopped {
		t.Errorf("stopped %v, want %v", p.Assessment.Stopped, want.Stopped)
	}
	var raised []string
	for _, f := range p.Assessment.Findings {
		raised = append(raised, f.ID)
	}
	for _, id := range want.Findings {
		if !slices.Contains(raised, id) {
			t.Errorf("finding %s is silent, raised: %v", id, raised)
		}
	}
	for _, id := range want.Silent {
		if slices.Contains(raised, id) {
			t.Errorf("finding %s is raised", id)
		}
	}
	if want.Pathways != nil && !slices.Equal(sorted(p.Pathways), sorted(want.Pathways)) {
		t.Errorf("pathways %v, want %v", sorted(p.Pathways), sorted(want.Pathways))
	}
	for _, list := range []struct {
		what string
		have []plan.Step
		want []string
	}{{"now", p.Now, want.Now}, {"steps", p.Steps, want.Steps}, {"withheld", p.Withheld, want.Withheld}} {
		for _, id := range list.want {
			if !slices.ContainsFunc(list.have, func(s plan.Step) bool { return s.ID == id }) {
				t.Errorf("%s lacks %s", list.what, id)
			}
		}
	}
	for _, s := range append(slices.Clone(p.Steps), p.Withheld...) {
		if slices.Contains(want.Forbidden, s.ID) {
			t.Errorf("forbidden step %s is there", s.ID)
		}
	}
}

func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return out
}

// Every rule has a story in which it fires and one in which it stays silent although its line was asked about.
func TestEveryRuleHasItsStories(t *testing.T) {
	bank, _ := product(t)
	fires, silent := map[string]int{}, map[string]int{}
	for _, s := range stories(t) {
		answers, _ := bank.Read(s.answers)
		a := bank.Assess(answers)
		for i := range bank.Findings {
			if f := &bank.Findings[i]; a.Has(f.ID) {
				fires[f.ID]++
			} else if a.Lines[f.Line] != screening.NotAsked {
				silent[f.ID]++
			}
		}
	}
	for i := range bank.Findings {
		id := bank.Findings[i].ID
		if fires[id] == 0 {
			t.Errorf("no story fires %s", id)
		}
		if silent[id] == 0 {
			t.Errorf("no story leaves %s silent", id)
		}
	}
}
