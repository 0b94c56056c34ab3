package consult

import (
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/screening"
	"waypost/screening/plan"
)

// paper makes the sheet of an invented consultation.
func paper(t *testing.T, given map[string][]string) *Sheet {
	t.Helper()
	bank, err := screening.Load(screening.Content())
	if err != nil {
		t.Fatal(err)
	}
	steps, err := plan.Load(screening.Content(), bank)
	if err != nil {
		t.Fatal(err)
	}
	words, err := locales.Load(locales.Files())
	if err != nil {
		t.Fatal(err)
	}
	list, err := national.Load()
	if err != nil {
		t.Fatal(err)
	}
	services, err := directory.Open(list)
	if err != nil {
		t.Fatal(err)
	}
	answers, faults := bank.Read(given)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return NewSheet(steps.Make(bank.Assess(answers)), words.In(locales.Source, nil), Finder{Directory: services}, FaceToFace, time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
}

// The same ordinary line twice on a paper in a pocket looks odd; it stands once.
func TestThePatientsPaperSaysNothingTwice(t *testing.T) {
	s := paper(t, map[string][]string{
		"about.subject": {"patient-here"}, "gateway.location": {"yes"}, "gateway.fear": {"yes"}, "danger.violence": {"yes"},
		"danger.separation": {"yes"}, "danger.control": {"yes"}, "mind.suicidal": {"yes"}, "location.geofence": {"yes"}, "danger.observed-injury": {"refuses-examination"},
	})
	ids, seen := s.patient(false)["Steps"].([]string), map[string]bool{}
	if len(ids) == 0 {
		t.Fatal("the paper is empty")
	}
	for _, id := range ids {
		if step, ok := strings.CutSuffix(strings.TrimPrefix(id, "step."), ".patient"); !ok || !slices.ContainsFunc(s.Plan.Steps, func(x plan.Step) bool { return x.ID == step && x.Copies&plan.ForPatient != 0 }) {
			t.Errorf("%s is not for the patient", id)
		}
		if line := s.Words.Text(id); seen[line] {
			t.Errorf("%q stands twice", line)
		} else {
			seen[line] = true
		}
	}
	if copied := plan.Copy(s.Plan.Steps, plan.ForPatient); len(copied) == len(ids) {
		t.Error("no two steps share a line here, so this test shows nothing")
	}
}

// A number that needs a key pressed is of no use without it, and the paper still does not say what the line is for.
func TestThePatientsNumbersSayWhichKeyToPress(t *testing.T) {
	for nation, want := range map[string]string{"england": "111, then press 2", "wales": "111, then press 2"} {
		s := paper(t, map[string][]string{"about.nation": {nation}, "about.subject": {"patient-here"}, "mind.suicidal": {"yes"}, "mind.suicidal-detail": {"plan-or-means"}})
		var all []string
		for _, group := range s.numbers() {
			all = append(all, group["Numbers"].([]string)...)
		}
		if !slices.Contains(all, want) {
			t.Errorf("%s: %v lacks %q", nation, all, want)
		}
		if text := strings.ToLower(strings.Join(all, " ")); strings.Contains(text, "mental") || strings.Contains(text, "abuse") {
			t.Errorf("%s: the numbers tell what they are for: %v", nation, all)
		}
	}
}

// Silence is never "nothing raised": where nobody was asked anything, every copy says so.
func TestNothingAskedIsNotNothingRaised(t *testing.T) {
	silent := paper(t, map[string][]string{"about.nation": {"wales"}, "about.subject": {"patient-here"}, "setting.alone": {"alone"}})
	asked := paper(t, map[string][]string{"gateway.any": {"no"}})
	raised := silent.Words.Text("plan.nothing-raised")
	for _, s := range []*Sheet{silent, asked} {
		var text strings.Builder
		if err := s.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		record, _ := s.Record()
		for name, copy := range map[string]string{"text": text.String(), "record": record, "headline": s.Headline()} {
			if says := strings.Contains(copy, raised); says != (s == asked) {
				t.Errorf("%s: says %q: %v", name, raised, says)
			}
			if s == silent && strings.Contains(strings.ToLower(copy), silent.Words.Text("urgency.none")) {
				t.Errorf("%s says %q and nothing was asked", name, silent.Words.Text("urgency.none"))
			}
		}
	}
}

// A gate that is met is not shown as one that is waited for, and one that is not met stays.
func TestOnlyUnmetGatesAreShown(t *testing.T) {
	given := map[string][]string{
		"gateway.fear": {"yes"}, "danger.control": {"yes"}, "location.who-can-see": {"someone-who-insists"},
		"ready.gates": {"safety-plan-made", "patient-wants-it"},
	}
	s := paper(t, given)
	waiting := 0
	for _, step := range s.Plan.Withheld {
		for _, m := range marks(step) {
			if m.words == "gate.plan-unmet" || m.words == "gate.wants-it-unmet" {
				t.Errorf("%s still waits for %s", step.ID, m.words)
			}
			if m.class == "gate" {
				waiting++
			}
		}
	}
	if waiting == 0 {
		t.Error("nothing waits here, so this test shows nothing")
	}
}
