package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waypost/screening"
	"waypost/screening/plan"
)

// anyAnswers draws the answers of a consultation: some questions, each with answers it offers.
func anyAnswers(bank *screening.Bank) *rapid.Generator[map[string][]string] {
	return rapid.Custom(func(t *rapid.T) map[string][]string {
		given := map[string][]string{}
		n := rapid.IntRange(0, 25).Draw(t, "questions")
		for range n {
			q := &bank.Questions[rapid.IntRange(0, len(bank.Questions)-1).Draw(t, "question")]
			a := q.Answers[rapid.IntRange(0, len(q.Answers)-1).Draw(t, "answer")]
			if !q.Many || a.Alone || slices.ContainsFunc(given[q.ID], func(id string) bool { return q.Answers[q.Answer(id)].Alone }) {
				given[q.ID] = []string{a.ID}
			} else if !slices.Contains(given[q.ID], a.ID) {
				given[q.ID] = append(given[q.ID], a.ID)
			}
		}
		return given
	})
}

func read(t *rapid.T, bank *screening.Bank, given map[string][]string) screening.Answers {
	a, faults := bank.Read(given)
	if len(faults) > 0 {
		t.Fatalf("drawn answers are not sound: %v", faults)
	}
	return a
}

func ids(lists ...[]plan.Step) map[string]bool {
	out := map[string]bool{}
	for _, list := range lists {
		for _, s := range list {
			out[s.ID] = true
		}
	}
	return out
}

// lowers reports whether an answer raises a fact that may lower a line, or one that says who the case is about, which
// limits the steps by design.
func lowers(bank *screening.Bank, a screening.Answer) bool {
	return slices.ContainsFunc(a.Facts, func(f string) bool {
		return slices.Contains(bank.Lowering, f) || f == "about.person-who-died" || f == "about.company-customer"
	})
}

// One more worrying answer never lowers the urgency of any line and never takes a step away, save the named exceptions.
func TestWorryNeverLowers(t *testing.T) {
	bank, lib := product(t)
	draw := anyAnswers(bank)
	rapid.Check(t, func(t *rapid.T) {
		given := draw.Draw(t, "given")
		q := &bank.Questions[rapid.IntRange(0, len(bank.Questions)-1).Draw(t, "more")]
		a := q.Answers[rapid.IntRange(0, len(q.Answers)-1).Draw(t, "answer")]
		if _, answered := given[q.ID]; answered || lowers(bank, a) {
			return
		}
		before := lib.Make(bank.Assess(read(t, bank, given)))
		given[q.ID] = []string{a.ID}
		after := lib.Make(bank.Assess(read(t, bank, given)))
		for _, line := range screening.Lines() {
			if was, is := most(before, line), most(after, line); is < was {
				t.Fatalf("%s = %s lowers line %s from %s to %s", q.ID, a.ID, line, was, is)
			}
		}
		now := ids(after.Steps, after.Withheld)
		for id := range ids(before.Steps, before.Withheld) {
			if !now[id] && !slices.Contains(lib.Exceptions, id) {
				t.Fatalf("%s = %s takes away %s", q.ID, a.ID, id)
			}
		}
	})
}

func most(p plan.Plan, line screening.Line) screening.Urgency {
	top := screening.None
	for _, f := range p.Assessment.Findings {
		if f.Line == line {
			top = max(top, f.Urgency)
		}
	}
	return top
}

// The answers of a question stand in rising concern: a later answer in place of an earlier one never lowers a line.
func TestAnswersRise(t *testing.T) {
	bank, lib := product(t)
	draw := anyAnswers(bank)
	rapid.Check(t, func(t *rapid.T) {
		given := draw.Draw(t, "given")
		q := &bank.Questions[rapid.IntRange(0, len(bank.Questions)-1).Draw(t, "question")]
		if q.Many || q.Topic == "about" || len(q.Answers) < 2 {
			return
		}
		last := len(q.Answers) - 1
		if q.Answers[last].ID == "rather-not-say" {
			last--
		}
		given[q.ID] = []string{q.Answers[0].ID}
		first := lib.Make(bank.Assess(read(t, bank, given)))
		given[q.ID] = []string{q.Answers[last].ID}
		worst := lib.Make(bank.Assess(read(t, bank, given)))
		if !lowers(bank, q.Answers[last]) && worst.Urgency < first.Urgency {
			t.Fatalf("%s: %s is less urgent than %s", q.ID, q.Answers[last].ID, q.Answers[0].ID)
		}
	})
}

// Nothing that waits for a gate is ever among the steps to do, and every alerting change carries its gates.
func TestNothingIsEmittedUngated(t *testing.T) {
	bank, lib := product(t)
	draw := anyAnswers(bank)
	rapid.Check(t, func(t *rapid.T) {
		p := lib.Make(bank.Assess(read(t, bank, draw.Draw(t, "given"))))
		for _, s := range append(slices.Clone(p.Steps), p.Now...) {
			if s.Unmet&^plan.WantsIt != 0 || (s.Kind == plan.Change && s.Unmet != 0) {
				t.Fatalf("%s is shown although it waits for %v", s.ID, s.Unmet.List())
			}
			if s.Phase == plan.Technology && s.Alert == plan.Likely && s.Gates&(plan.PlanMade|plan.ClinicalAdvice) == 0 {
				t.Fatalf("%s can alert and has no gate", s.ID)
			}
		}
		for _, s := range p.Withheld {
			if len(s.Unmet.List()) == 0 {
				t.Fatalf("%s is withheld by nothing", s.ID)
			}
		}
		for _, s := range plan.Copy(p.Steps, plan.ForPatient) {
			if s.Phase == plan.Technology || s.Kind == plan.Change || s.Alert == plan.Likely || s.Mark == plan.Likely {
				t.Fatalf("%s stands on the patient's paper", s.ID)
			}
		}
	})
}

// An unsafe setting never yields a benign reading, and a benign reading never stands beside an open strong signal of
// abuse.
func TestBenignIsNeverASafetyVerdict(t *testing.T) {
	bank, lib := product(t)
	draw := anyAnswers(bank)
	rapid.Check(t, func(t *rapid.T) {
		p := lib.Make(bank.Assess(read(t, bank, draw.Draw(t, "given"))))
		benign, open := false, screening.None
		for _, f := range p.Assessment.Findings {
			benign = benign || f.Benign
			if !f.Benign && f.Line == screening.Abuse {
				open = max(open, f.Urgency)
			}
		}
		if benign && p.Assessment.Stopped {
			t.Fatal("an unsafe setting gave a benign reading")
		}
		if benign && open >= screening.SevenDays {
			t.Fatalf("a benign reading beside an abuse finding of %s", open)
		}
	})
}

// The now card shows at most seven steps, keeps one for each open line that has a step for today, and never drops a step
// raised by a "now" finding while it shows a lesser one that no line needs.
func TestNowCard(t *testing.T) {
	bank, lib := product(t)
	draw := anyAnswers(bank)
	rapid.Check(t, func(t *rapid.T) {
		p := lib.Make(bank.Assess(read(t, bank, draw.Draw(t, "given"))))
		if len(p.Now) > plan.NowLimit {
			t.Fatalf("%d steps on the now card", len(p.Now))
		}
		on := ids(p.Now)
		for _, line := range screening.Lines() {
			has, shown := false, false
			for _, s := range p.Steps {
				if s.Lines[line] && s.Urgency > screening.None && (s.Time == plan.BeforeLeaving || s.Time == plan.SameDay) {
					has, shown = true, shown || on[s.ID]
				}
			}
			if has && !shown && p.Assessment.Lines[line] == screening.OpenLine {
				t.Fatalf("the now card leaves out line %s", line)
			}
		}
		for _, s := range p.Steps {
			if on[s.ID] || s.Urgency != screening.Now || (s.Time != plan.BeforeLeaving && s.Time != plan.SameDay) {
				continue
			}
			for i := range p.Now {
				if lesser := &p.Now[i]; lesser.Urgency < screening.Now && !alone(p.Now, lesser) {
					t.Fatalf("%s is now, and %s stands in its place", s.ID, lesser.ID)
				}
			}
		}
	})
}

// What stands beside every line, such as hiding the entry, is no answer to one of them: whatever else one more answer brings
// to a patient who is afraid, has thought of ending their life and has a device in other hands, the talk about that is on the card, or what keeps
// them safe from themselves this minute, unless the card is full of what is "now".
func TestTheTalkAboutSuicideStaysOnTheCard(t *testing.T) {
	bank, lib := product(t)
	const told = "gateway.fear=yes mind.suicidal=yes health.settings=not-agreed"
	mind, full := [3]bool{screening.Mind: true}, 0
	for i := range bank.Questions {
		q := &bank.Questions[i]
		if strings.Contains(told, q.ID+"=") {
			continue
		}
		for _, a := range q.Answers {
			p := lib.Make(bank.Assess(rowAnswers(t, bank, told+" "+q.ID+"="+a.ID)))
			const talk = "health.risk-talk-today"
			if !ids(p.Steps)[talk] || !slices.ContainsFunc(p.Now, func(s plan.Step) bool { return s.Urgency < screening.Now }) {
				continue
			}
			if len(p.Now) == plan.NowLimit {
				full++
			}
			if !slices.ContainsFunc(p.Now, func(s plan.Step) bool { return s.ID == talk || s.Lines == mind && s.Phase == plan.SafetyNow }) {
				t.Errorf("%s=%s pushes the talk off the card", q.ID, a.ID)
			}
		}
	}
	if full < 10 {
		t.Errorf("only %d full cards: it was not tried", full)
	}
}

// alone reports a step without which a line would have no step on the card.
func alone(card []plan.Step, s *plan.Step) bool {
	for line, yes := range s.Lines {
		others := slices.ContainsFunc(card, func(o plan.Step) bool { return o.ID != s.ID && o.Lines[line] })
		if yes && !others {
			return true
		}
	}
	return false
}

// The same answers give the same plan, whatever the order they are read in.
func TestSameAnswersSamePlan(t *testing.T) {
	bank, lib := product(t)
	draw := anyAnswers(bank)
	rapid.Check(t, func(t *rapid.T) {
		given := draw.Draw(t, "given")
		one, two := lib.Make(bank.Assess(read(t, bank, given))), lib.Make(bank.Assess(read(t, bank, given)))
		for i, s := range one.Steps {
			if two.Steps[i].ID != s.ID {
				t.Fatalf("step %d is %s, then %s", i, s.ID, two.Steps[i].ID)
			}
		}
	})
}

// Asking always ends: answering every next question, whatever the answer, comes to an end within the bank's length.
func TestNextAlwaysEnds(t *testing.T) {
	bank, _ := product(t)
	rapid.Check(t, func(t *rapid.T) {
		a := bank.Empty()
		for range len(bank.Questions) + 1 {
			q, more := bank.Asking(a).Next()
			if !more {
				return
			}
			choice := q.Answers[rapid.IntRange(0, len(q.Answers)-1).Draw(t, q.ID)]
			var faults []screening.Fault
			if a, faults = a.With(q.ID, choice.ID); len(faults) > 0 {
				t.Fatal(faults)
			}
		}
		t.Fatal("the questions never end")
	})
}

// Every answer that raises a concern, given alone, leads to a step: nobody who says something is met with silence.
func TestEveryConcernAloneReachesAStep(t *testing.T) {
	bank, lib := product(t)
	for i := range bank.Questions {
		q := &bank.Questions[i]
		for _, answer := range q.Answers {
			a, _ := bank.Empty().With(q.ID, answer.ID)
			p := lib.Make(bank.Assess(a))
			if len(p.Assessment.Findings) > 0 && len(p.Steps)+len(p.Withheld) < 2 { // one step is for everybody
				t.Errorf("%s = %s raises %s and leads to no step of its own", q.ID, answer.ID, p.Headline.ID)
			}
		}
	}
}

// The content passes every check that the build makes.
func TestContent(t *testing.T) {
	bank, lib := product(t)
	today := time.Now()
	if err := bank.Check(today); err != nil {
		t.Error(err)
	}
	if err := lib.Check(today); err != nil {
		t.Error(err)
	}
	for _, id := range bank.Unused(lib.Uses()) {
		t.Errorf("%s: nothing uses this fact", id)
	}
}

// arrangements are what can be told of one arrangement, each with the question whether it was chosen; random draws over the
// whole bank seldom meet a benign reading.
var arrangements = [][]string{
	{"location.geofence", "choice.location"}, {"location.who-can-see", "choice.location"}, {"phone.code", "choice.phone-code"},
	{"phone.shared-device", "choice.shared-device"}, {"smart-home.set-up", "choice.smart-home"},
	{"health.record", "choice.record"}, {"child-device.device", "choice.child-device"}, {"child-device.controls"},
	{"implant.wear", "choice.worn-device"}, {"health.readings", "choice.readings"}, {"location.tag", "location.tag-pattern"},
	{"implant.health-alert"}, {"gateway.location"}, {"gateway.phone"}, {"gateway.any"},
}

// Where everything told is an arrangement that looks chosen, no technology step is shown and no abuse finding but an open
// gateway answer stands beside it.
func TestChosenArrangementsLeaveNothingToChange(t *testing.T) {
	bank, lib := product(t)
	met := 0
	rapid.Check(t, func(t *rapid.T) {
		given := map[string][]string{}
		for range rapid.IntRange(1, 3).Draw(t, "arrangements") {
			for _, id := range rapid.SampledFrom(arrangements).Draw(t, "arrangement") {
				q, known := bank.Question(id)
				if !known {
					t.Fatalf("%s is no question of the bank", id)
				}
				a := q.Answers[rapid.IntRange(0, len(q.Answers)-1).Draw(t, "answer")]
				if q.Answer("chosen") >= 0 {
					a = q.Answers[q.Answer("chosen")]
				}
				given[q.ID] = []string{a.ID}
			}
		}
		p := lib.Make(bank.Assess(read(t, bank, given)))
		if !slices.ContainsFunc(p.Assessment.Findings, func(f *screening.Finding) bool { return f.Benign }) {
			return
		}
		met++
		for _, f := range p.Assessment.Findings {
			if f.Line == screening.Abuse && f.Urgency > screening.Info && f.ID != "gateway.opening-answer" {
				t.Fatalf("a benign reading beside %s", f.ID)
			}
		}
		for _, s := range append(slices.Clone(p.Steps), p.Withheld...) {
			if s.Phase == plan.Technology {
				t.Fatalf("a chosen arrangement, and %s", s.ID)
			}
		}
	})
	t.Logf("%d draws met a benign reading", met)
	if met == 0 {
		t.Error("no draw met a benign reading: the property was not tried")
	}
}

// A general step never keeps a step of this patient's own off a full card, except one that is less urgent than "now" while
// it is not, or where a line would stay empty without it.
func TestWhatIsGeneralGivesWay(t *testing.T) {
	bank, lib := product(t)
	draw := anyAnswers(bank)
	rapid.Check(t, func(t *rapid.T) {
		p := lib.Make(bank.Assess(read(t, bank, draw.Draw(t, "given"))))
		on := ids(p.Now)
		for _, s := range p.Steps {
			if on[s.ID] || s.General || s.Urgency <= screening.None || (s.Time != plan.BeforeLeaving && s.Time != plan.SameDay) {
				continue
			}
			for i := range p.Now {
				g := &p.Now[i]
				outranks := g.Urgency == screening.Now && s.Urgency != screening.Now
				if g.General && !outranks && !alone(p.Now, g) {
					t.Fatalf("%s stands where %s belongs", g.ID, s.ID)
				}
			}
		}
	})
}
