package fhir_test

import (
	"slices"
	"strings"
	"testing"

	"waypost/screening/plan"
	"waypost/web/fhir"
)

// marksOf are the codes of a step's extensions, each under the last part of its name.
func marksOf(d fhir.ActivityDetail) map[string][]string {
	out := map[string][]string{}
	for _, e := range d.Extension {
		name := e.URL[strings.LastIndexByte(e.URL, '/')+1:]
		out[name] = append(out[name], e.ValueCode)
	}
	return out
}

// No step is shown without its marks and gates, in codes and in words; what must wait says that it does and for what; what is
// to be left alone is not told as something to do. Every step of every case story.
func TestNoStepStandsWithoutItsGate(t *testing.T) {
	t.Parallel()
	w := product(t)
	words := w.words.In("en", nil)
	marked, gated, withheld, avoided := 0, 0, 0, 0
	for name, given := range stories(t) {
		answers, _ := w.bank.Read(given)
		p := w.steps.Make(w.bank.Assess(answers))
		care := fhir.Apply(&p, words, "Patient/1")
		steps := slices.Concat(p.InOrder(), p.Withheld)
		if len(care.Activity) != len(steps) {
			t.Fatalf("%s: %d activities, %d steps", name, len(care.Activity), len(steps))
		}
		for n, s := range steps {
			d, waits := care.Activity[n].Detail, n >= len(p.InOrder())
			marks, want := marksOf(d), map[string][]string{"gate": s.Gates.List(), "gate-unmet": s.Unmet.List()}
			var said []string
			for of, m := range map[string]struct {
				words string
				level plan.Level
			}{"alert": {"alert.", s.Alert}, "evidence": {"evidence-mark.", s.Mark}} {
				if m.level != plan.NoMark {
					marked++
					want[of] = []string{m.level.String()}
					said = append(said, words.Text(m.words+m.level.String()))
				}
			}
			for _, g := range s.Unmet.List() {
				said = append(said, words.Text("gate."+g+"-unmet"))
			}
			for of, codes := range want {
				if !slices.Equal(marks[of], codes) {
					t.Errorf("%s: %s: %s is %v, want %v", name, s.ID, of, marks[of], codes)
				}
			}
			for _, text := range said {
				if !strings.Contains(d.Description, text) || waits && !strings.Contains(d.StatusReason.Text, text) {
					t.Errorf("%s: %s does not say %q", name, s.ID, text)
				}
			}
			if waits != (d.Status == "on-hold") || waits != (d.StatusReason != nil) || (s.Kind == plan.Avoid) != (d.DoNotPerform != nil && *d.DoNotPerform) {
				t.Errorf("%s: %s waits: %v; is to be left alone: %v; stands as %s", name, s.ID, waits, s.Kind == plan.Avoid, d.Status)
			}
			gated += len(s.Gates.List())
			if waits {
				withheld++
			}
			if s.Kind == plan.Avoid {
				avoided++
			}
		}
	}
	if marked < 100 || gated < 100 || withheld < 100 || avoided < 50 {
		t.Errorf("%d marks, %d gates, %d withheld, %d to be left alone are too few to show anything", marked, gated, withheld, avoided)
	}
}

// Silence is never told as "nothing raised", a stop is told, and no plan is without the words that no answer proves safety.
func TestSilenceIsNotTakenForSafety(t *testing.T) {
	t.Parallel()
	w := product(t)
	words := w.words.In("en", nil)
	for name, c := range map[string]struct {
		given   map[string][]string
		title   string
		stopped bool
	}{
		"nothing asked":     {nil, "plan.nothing-asked", false},
		"nothing raised":    {map[string][]string{"setting.alone": {"alone"}, "gateway.fear": {"no"}}, "plan.nothing-raised", false},
		"somebody is there": {map[string][]string{"setting.alone": {"adult-present"}}, "", true},
	} {
		answers, faults := w.bank.Read(c.given)
		if len(faults) > 0 {
			t.Fatalf("%s: the answers do not read: %v", name, faults)
		}
		p := w.steps.Make(w.bank.Assess(answers))
		care := fhir.Apply(&p, words, "")
		if c.title != "" && care.Title != words.Text(c.title) {
			t.Errorf("%s: the title is %q", name, care.Title)
		}
		if (care.Note[0].Text == words.Text("plan.stopped")) != c.stopped {
			t.Errorf("%s: the first note is %q", name, care.Note[0].Text)
		}
		if last := care.Note[len(care.Note)-1].Text; last != words.Text("plan.absence") || len(care.Note) < 4 {
			t.Errorf("%s: %d notes, the last is %q", name, len(care.Note), last)
		}
	}
}
