package fhir_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"waypost/screening"
	"waypost/web/fhir"
)

// renderer is FHIR's enableWhen, written from the specification: an item is enabled where its own conditions hold and the
// group around it is enabled, and a question that is not enabled has no answer.
type renderer struct {
	given   map[string][]string
	enabled map[string]bool
}

func (r *renderer) holds(w fhir.EnableWhen) bool {
	given := r.given[w.Question]
	if !r.enabled[w.Question] {
		given = nil
	}
	if w.Operator == "exists" {
		return len(given) > 0 == *w.AnswerBoolean
	}
	return w.Operator == "=" && slices.Contains(given, w.AnswerCoding.Code)
}

func (r *renderer) round(items []fhir.Item, within bool) {
	for _, i := range items {
		on := within
		if len(i.EnableWhen) > 0 {
			met := 0
			for _, w := range i.EnableWhen {
				if r.holds(w) {
					met++
				}
			}
			on = on && (met == len(i.EnableWhen) || i.EnableBehavior == "any" && met > 0)
		}
		r.enabled[i.LinkID] = on
		r.round(i.Item, on)
	}
}

// show goes round until nothing changes, as a form does after each answer.
func show(items []fhir.Item, given map[string][]string) map[string]bool {
	r := renderer{given, map[string]bool{}}
	for range 20 {
		before := len(open(r.enabled))
		r.round(items, true)
		if len(open(r.enabled)) == before {
			break
		}
	}
	return r.enabled
}

func open(all map[string]bool) (out []string) {
	for id, on := range all {
		if on {
			out = append(out, id)
		}
	}
	return out
}

// at random: answers in number and kind as they come, worrying ones among them.
func draw(r *rand.Rand, bank *screening.Bank) map[string][]string {
	given := map[string][]string{}
	share, calm := r.IntN(10), r.IntN(4) > 0
	for i := range bank.Questions {
		q := &bank.Questions[i]
		if r.IntN(10) >= share {
			continue
		}
		k := r.IntN(len(q.Answers))
		if calm && q.Tier == screening.Pre {
			k = 0
		}
		given[q.ID] = []string{q.Answers[k].ID}
		if other := r.IntN(len(q.Answers)); q.Many && other != k && !q.Answers[k].Alone && !q.Answers[other].Alone {
			given[q.ID] = append(given[q.ID], q.Answers[other].ID)
		}
	}
	return given
}

func TestTheFormBranchesAsTheBankDoes(t *testing.T) {
	t.Parallel()
	w := product(t)
	r := rand.New(rand.NewPCG(6, 2026))
	opened, stopped := map[string]int{}, 0
	for range 3000 {
		given := draw(r, w.bank)
		answers, faults := w.bank.Read(given)
		if len(faults) > 0 {
			t.Fatal("the draw does not read")
		}
		asking := w.bank.Asking(answers)
		if asking.Stopped {
			stopped++
		}
		shown := show(w.form.Questionnaire.Item, given)
		for i := range w.bank.Questions {
			id := w.bank.Questions[i].ID
			want := slices.Contains(asking.Questions, i)
			if want {
				opened[id]++
			}
			// Where the questions stop, a form hides what an answer below the stop had opened before the stop as well.
			if shown[id] != want && !(asking.Stopped && w.bank.Questions[i].Tier == screening.Pre) {
				t.Fatalf("%s: the form shows it: %v, the bank asks it: %v", id, shown[id], want)
			}
		}
	}
	for i := range w.bank.Questions {
		q := &w.bank.Questions[i]
		if n := opened[q.ID]; n == 0 || !q.Open.Empty() && n == 3000 {
			t.Errorf("%s was opened %d times of 3000: its condition is not tried out", q.ID, n)
		}
	}
	if stopped < 300 || stopped > 2700 {
		t.Errorf("the questions stopped %d times of 3000", stopped)
	}
}

// R4's own rule asks for enableBehavior from three conditions up only (interop.md, T7). Here it always stands.
func TestEveryConditionSaysHowItsPartsAreJoined(t *testing.T) {
	t.Parallel()
	w := product(t)
	conditions, seen := 0, map[string]bool{}
	var walk func(items []fhir.Item)
	walk = func(items []fhir.Item) {
		for _, i := range items {
			if (len(i.EnableWhen) > 0) != (i.EnableBehavior != "") {
				t.Errorf("%s: conditions %d, behaviour %q", i.LinkID, len(i.EnableWhen), i.EnableBehavior)
			}
			for _, e := range i.EnableWhen {
				q, ok := w.bank.Question(e.Question)
				if !ok || (e.AnswerBoolean != nil) == (e.AnswerCoding != nil) || e.AnswerCoding != nil && q.Answer(e.AnswerCoding.Code) < 0 {
					t.Errorf("%s depends on what is not asked", i.LinkID)
				}
				if e.Question == i.LinkID || e.Operator == "!=" { // what LHC-Forms cannot do, and what it reads in another way
					t.Errorf("%s depends on %s %s", i.LinkID, e.Operator, e.Question)
				}
				conditions++
			}
			if seen[i.LinkID] {
				t.Errorf("%s stands twice", i.LinkID)
			}
			seen[i.LinkID] = true
			walk(i.Item)
		}
	}
	walk(w.form.Questionnaire.Item)
	for i := range w.bank.Questions {
		if !seen[w.bank.Questions[i].ID] {
			t.Errorf("%s is not in the form", w.bank.Questions[i].ID)
		}
	}
	t.Logf("%d conditions in %d items", conditions, len(seen))
}
