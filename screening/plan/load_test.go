package plan_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"waypost/screening"
	"waypost/screening/plan"
)

// A small sound bank. Each case below breaks it in one place.
const (
	questions = `stops: [setting.unsafe]
questions:
  - {id: setting.alone, topic: safe, tier: pre, asked: clinician, choose: one, answers: {alone: [], adult-present: [setting.unsafe]}, sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
  - {id: gateway.fear, topic: gateway, tier: gate, asked: patient, choose: one, answers: {"no": [], "yes": [gateway.fear], rather-not-say: [declined]}, sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
  - {id: place.alarm, topic: place, tier: branch, asked: patient, choose: one, open: gateway.fear, answers: {"no": [], chosen: [place.chosen], "yes": [place.alarm], rather-not-say: [declined]}, sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
  - {id: ready.gates, topic: judgement, tier: deep, asked: clinician, choose: many, answers: {a: [gate.plan], b: [gate.safe-device], c: [gate.evidence], d: [gate.wants-it], e: [gate.clinical-advice]}, sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
`
	facts = `lowering: [place.chosen]
recorded: []
derived:
  - {id: place.controlled, when: {all: [place.alarm, gateway.fear], none: [place.chosen]}}
`
	findings = `pathways: [{id: domestic-abuse}]
findings:
  - {id: place.alarm-as-control, line: abuse, when: {any: [place.controlled]}, urgency: 7_days, pathways: [domestic-abuse], sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
  - {id: abuse.afraid, line: abuse, when: gateway.fear, urgency: 7_days, sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
  - {id: abuse.ask-again, line: abuse, when: declined, urgency: next_review, sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
  - {id: abuse.not-safe-to-ask, line: abuse, when: setting.unsafe, urgency: next_review, sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
`
	sources = `sources: {SYN: {address: our own, kind: SYN}}
`
	actions = `exceptions: []
subjects: []
company_needs_any: []
actions:
  - {id: conduct.listen, phase: conduct, time: before_leaving, owner: gp, kind: task, alert: none, evidence: none, gates: [], when: {any: [abuse.afraid, declined, setting.unsafe]}, copies: [staff], sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
  - {id: technology.sharing, phase: technology, time: 4_weeks, owner: patient, kind: change, alert: likely, evidence: likely, gates: [plan, evidence], when: place.controlled, copies: [staff], sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}
`
)

func bank(file, from, to string) fs.FS {
	out := fstest.MapFS{}
	for name, text := range map[string]string{"questions.yaml": questions, "facts.yaml": facts, "findings.yaml": findings, "sources.yaml": sources, "actions.yaml": actions} {
		if name == file {
			text = strings.Replace(text, from, to, 1)
		}
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// build does what the build does: load, then check what is too dear for every start.
func build(content fs.FS) error {
	b, err := screening.Load(content)
	if err != nil {
		return err
	}
	lib, err := plan.Load(content, b)
	if err != nil {
		return err
	}
	today := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	if err := b.Check(today); err != nil {
		return err
	}
	return lib.Check(today)
}

func TestASoundBankLoads(t *testing.T) {
	if err := build(bank("", "", "")); err != nil {
		t.Fatal(err)
	}
}

func TestABrokenBankIsRefused(t *testing.T) {
	note := func(fields, rest string) string {
		return "notes: [{id: coroner, when: declined, fields: [" + fields + "], basis: synthesis, " + rest + "}]\nactions:"
	}
	const sound = "sources: [SYN], reviewed: {state: awaiting}"
	if err := build(bank("actions.yaml", "actions:", note("{id: what, tells: [declined]}", sound))); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ file, from, to, says string }{
		"a note that tells an unknown fact":              {"actions.yaml", "actions:", note("{id: what, tells: [declined-twice]}", sound), "declined-twice"},
		"a note that tells and always says":              {"actions.yaml", "actions:", note("{id: what, tells: [declined], says: so}", sound), "always stands"},
		"a note with a field that is reserved":           {"actions.yaml", "actions:", note("{id: other}", sound), "reserved"},
		"a note without fields":                          {"actions.yaml", "actions:", note("", sound), "has fields"},
		"a note without a source":                        {"actions.yaml", "actions:", note("{id: what}", "sources: [], reviewed: {state: awaiting}"), "no source"},
		"an overdue review of a note":                    {"actions.yaml", "actions:", note("{id: what}", "sources: [SYN], reviewed: {state: signed, by: A, on: 2025-01-01, again: 2026-01-01}"), "overdue"},
		"an unknown key":                                 {"questions.yaml", "topic: safe,", "topic: safe, weight: 3,", "weight"},
		"an unknown fact in a rule":                      {"findings.yaml", "when: gateway.fear", "when: gateway.fright", "gateway.fright"},
		"an unknown fact in a step":                      {"actions.yaml", "when: place.controlled", "when: place.alarmed", "place.alarmed"},
		"an unknown pathway":                             {"findings.yaml", "pathways: [domestic-abuse]", "pathways: [nowhere]", "nowhere"},
		"an unknown source":                              {"questions.yaml", "sources: [SYN]", "sources: [HEARSAY]", "HEARSAY"},
		"no source":                                      {"findings.yaml", "sources: [SYN]", "sources: []", "no source"},
		"a step without a source":                        {"actions.yaml", "sources: [SYN]", "sources: []", "no source"},
		"no review state":                                {"findings.yaml", "reviewed: {state: awaiting}", "reviewed: {}", "reviewed"},
		"an overdue review of a finding":                 {"findings.yaml", "{state: awaiting}", "{state: signed, by: A, on: 2025-01-01, again: 2026-01-01}", "overdue"},
		"an overdue review of a step":                    {"actions.yaml", "{state: awaiting}", "{state: signed, by: A, on: 2025-01-01, again: 2026-01-01}", "overdue"},
		"the same question twice":                        {"questions.yaml", "id: place.alarm,", "id: gateway.fear,", "twice"},
		"an id that the message format reserves":         {"questions.yaml", "chosen: [", "other: [", "reserved"},
		"a patient who cannot decline":                   {"questions.yaml", ", rather-not-say: [declined]}", "}", "decline"},
		"a question nobody can reach":                    {"questions.yaml", "open: gateway.fear", "open: place.alarm", "no answer ever opens"},
		"an open question that a fact closes":            {"questions.yaml", "open: gateway.fear", "open: {any: [gateway.fear], none: [place.chosen]}", "no none in open"},
		"a rule that never fires":                        {"facts.yaml", "none: [place.chosen]", "none: [place.chosen], any: [place.chosen]", "ever"},
		"answers that exclude each other":                {"findings.yaml", "when: {any: [place.controlled]}", "when: {all: [place.controlled, place.chosen]}", "no answers ever raise"},
		"none over a worrying fact":                      {"facts.yaml", "none: [place.chosen]", "none: [declined]", "lowering"},
		"a fact used before it is derived":               {"facts.yaml", "all: [place.alarm, gateway.fear]", "all: [place.alarm, place.controlled]", "before it is derived"},
		"a finding that follows from a finding":          {"findings.yaml", "when: declined", "when: abuse.afraid", "from a finding"},
		"a benign finding that is urgent":                {"findings.yaml", "when: gateway.fear, urgency", "when: gateway.fear, benign: true, urgency", "benign"},
		"a finding without a step":                       {"actions.yaml", "declined, setting.unsafe", "setting.unsafe", "leads to no step"},
		"an alerting change without a plan":              {"actions.yaml", "gates: [plan, evidence]", "gates: [evidence]", "waits for a plan"},
		"a change that destroys proof before it is kept": {"actions.yaml", "gates: [plan, evidence]", "gates: [plan]", "until it is kept"},
		"a step that a worry hides":                      {"actions.yaml", "when: place.controlled", "when: place.controlled, not: [declined]", "exception"},
		"an exception for nothing":                       {"actions.yaml", "exceptions: []", "exceptions: [no.such-step]", "unknown step"},
		"a lowering fact nobody raises":                  {"facts.yaml", "lowering: [place.chosen]", "lowering: [place.chosen, place.dreamt]", "place.dreamt"},
		"a recorded fact that a rule uses":               {"facts.yaml", "recorded: []", "recorded: [declined]", "for the record alone"},
		"an urgency that is none":                        {"findings.yaml", "urgency: 7_days", "urgency: low", "urgency"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := build(bank(c.file, c.from, c.to))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("want an error that says %q, got %v", c.says, err)
			}
		})
	}
}

func TestAnUnusedFactIsFound(t *testing.T) {
	b, err := screening.Load(bank("questions.yaml", "chosen: [place.chosen]", "chosen: [place.chosen, place.idle]"))
	if err != nil {
		t.Fatal(err)
	}
	lib, err := plan.Load(bank("", "", ""), b)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Unused(lib.Uses()); len(got) != 1 || got[0] != "place.idle" {
		t.Errorf("unused: %v", got)
	}
}

func TestReadKeepsWhatIsSound(t *testing.T) {
	b, err := screening.Load(bank("", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	a, faults := b.Read(map[string][]string{
		"gateway.fear": {"yes"}, "place.alarm": {"yes", "no"}, "setting.alone": {"alone", "alone"}, "ready.gates": {"z"}, "no.question": {"x"},
	})
	want := map[string]string{"place.alarm": screening.TooManyAnswers, "setting.alone": screening.TooManyAnswers, "ready.gates": screening.UnknownAnswer, "": screening.UnknownQuestion}
	if len(faults) != len(want) || !a.Has("gateway.fear", "yes") || a.Count() != 1 {
		t.Errorf("%d answers kept, faults %v", a.Count(), faults)
	}
	for _, f := range faults {
		if want[f.Question] != f.Message {
			t.Errorf("%s: %s, want %s", f.Question, f.Message, want[f.Question])
		}
	}
}

// An answer to a branch counts again only while its gateway is open, and an unsafe setting stops the questions.
func TestOpenAndStopped(t *testing.T) {
	b, err := screening.Load(bank("", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := b.Read(map[string][]string{"gateway.fear": {"no"}, "place.alarm": {"yes"}})
	if open, closed := a.Open(); closed != 1 || open.Count() != 1 {
		t.Errorf("%d closed, %d open", closed, open.Count())
	}
	a, _ = b.Read(map[string][]string{"gateway.fear": {"yes"}, "setting.alone": {"adult-present"}})
	asking := b.Asking(a)
	if !asking.Stopped || len(asking.Questions) != 1 {
		t.Errorf("stopped %v, %d questions left", asking.Stopped, len(asking.Questions))
	}
	if s := b.Assess(a); !s.Stopped || s.Urgency != screening.SevenDays {
		t.Errorf("an unsafe setting dropped what was told before: %v %s", s.Stopped, s.Urgency)
	}
}

// A line is not asked, unfinished, open, or with nothing found today; one line says nothing about another.
func TestStatesOfTheLines(t *testing.T) {
	b, err := screening.Load(bank("", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		given map[string][]string
		want  screening.LineState
	}{
		"nothing":              {nil, screening.NotAsked},
		"only the setting":     {map[string][]string{"setting.alone": {"alone"}}, screening.NotAsked},
		"all that is open, no": {map[string][]string{"gateway.fear": {"no"}}, screening.NothingToday},
		"a concern":            {map[string][]string{"gateway.fear": {"yes"}}, screening.OpenLine},
	} {
		a, _ := b.Read(c.given)
		s := b.Assess(a)
		if got := s.Lines[screening.Abuse]; got != c.want {
			t.Errorf("%s: the line is %s, want %s", name, got, c.want)
		}
		if s.Lines[screening.Mind] != screening.NotAsked || s.Asked() != (c.want != screening.NotAsked) {
			t.Errorf("%s: another line was touched: %v", name, s.Lines)
		}
	}
	whole, _ := product(t)
	a, _ := whole.Read(map[string][]string{"gateway.fear": {"no"}})
	if s := whole.Assess(a); s.Lines[screening.Abuse] != screening.Unfinished {
		t.Errorf("one answer of many: the line is %s", s.Lines[screening.Abuse])
	}
}

func FuzzUnpack(f *testing.F) {
	b, err := screening.Load(bank("", "", ""))
	if err != nil {
		f.Fatal(err)
	}
	a, _ := b.Read(map[string][]string{"gateway.fear": {"yes"}, "ready.gates": {"a", "c"}})
	f.Add(a.Pack())
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, packed []byte) {
		got, ok := b.Unpack(packed)
		if !ok {
			return
		}
		if again, ok := b.Unpack(got.Pack()); !ok || len(again.List()) != len(got.List()) {
			t.Error("what was unpacked does not pack again")
		}
		b.Assess(got)
	})
}
