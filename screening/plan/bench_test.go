package plan_test

import (
	"testing"
)

// positive is an invented, typical positive consultation about place and phone.
var positive = map[string][]string{
	"about.nation": {"england"}, "about.subject": {"patient-here"}, "setting.alone": {"alone"},
	"gateway.any": {"yes"}, "gateway.location": {"yes"}, "gateway.phone": {"yes"}, "gateway.fear": {"yes"},
	"danger.separation": {"yes"}, "danger.escalation": {"yes"}, "danger.violence": {"yes"}, "danger.control": {"yes"},
	"location.geofence": {"yes"}, "location.if-late": {"anger-or-punishment"}, "phone.code": {"yes-could-not-refuse"},
	"phone.content": {"content"}, "health.record": {"yes"}, "mind.suicidal": {"no"},
}

// Budget (design section 7): answers to plan over the whole bank in 30 µs or less, under 60 allocations.
func BenchmarkAssess(b *testing.B) {
	bank, lib := product(b)
	answers, faults := bank.Read(positive)
	if len(faults) > 0 {
		b.Fatal(faults)
	}
	b.ReportAllocs()
	steps := 0
	for b.Loop() {
		p := lib.Make(bank.Assess(answers))
		steps = len(p.Steps)
	}
	b.ReportMetric(float64(steps), "steps")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/30, "of-budget")
}

// TestAssessAllocations holds the part of the budget that does not depend on the machine.
func TestAssessAllocations(t *testing.T) {
	bank, lib := product(t)
	answers, faults := bank.Read(positive)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if n := testing.AllocsPerRun(100, func() { lib.Make(bank.Assess(answers)) }); n >= 60 {
		t.Errorf("%v allocations, the budget is under 60", n)
	}
}
