package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"waypost/screening"
)

type file struct {
	Exceptions []string `yaml:"exceptions"`
	Subjects   []struct {
		Fact string   `yaml:"fact"`
		Only []string `yaml:"only"`
	} `yaml:"subjects"`
	CompanyNeedsAny []string    `yaml:"company_needs_any"`
	Actions         []rawAction `yaml:"actions"`
	Notes           []rawNote   `yaml:"notes"`
}

type rawAction struct {
	ID                 string              `yaml:"id"`
	Phase              string              `yaml:"phase"`
	Time               string              `yaml:"time"`
	Owner              string              `yaml:"owner"`
	Kind               string              `yaml:"kind"`
	Alert              string              `yaml:"alert"`
	Mark               string              `yaml:"evidence"`
	Gates              []string            `yaml:"gates"`
	General            bool                `yaml:"general"`
	When               screening.Condition `yaml:"when"`
	Not                []string            `yaml:"not"`
	Copies             []string            `yaml:"copies"`
	Needs              []string            `yaml:"needs"`
	screening.Evidence `yaml:",inline"`
}

// Load reads the steps that belong to a bank and checks them. Every fault is reported, joined into one error.
func Load(fsys fs.FS, bank *screening.Bank) (*Library, error) {
	var f file
	if err := screening.Decode(fsys, "actions.yaml", &f); err != nil {
		return nil, fmt.Errorf("load steps: %w", err)
	}
	l := loader{lib: &Library{bank: bank, byID: map[string]int{}, Exceptions: f.Exceptions}}
	for _, raw := range f.Actions {
		l.action(raw)
	}
	for _, raw := range f.Notes {
		l.note(raw)
	}
	l.subjects(f)
	l.lists(f)
	if len(l.faults) > 0 {
		return nil, fmt.Errorf("load steps: %w", errors.Join(l.faults...))
	}
	return l.lib, nil
}

type loader struct {
	lib    *Library
	faults []error
}

func (l *loader) fault(id, format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf("%s: "+format, append([]any{id}, args...)...))
}

func (l *loader) action(raw rawAction) {
	a := Action{ID: raw.ID, General: raw.General, When: raw.When, Not: raw.Not, Needs: raw.Needs, Evidence: raw.Evidence}
	a.Phase = Phase(l.word(raw.ID, "phase", raw.Phase, phases))
	a.Time = Time(l.word(raw.ID, "time", raw.Time, times))
	a.Owner = Owner(l.word(raw.ID, "owner", raw.Owner, owners))
	a.Kind = Kind(l.word(raw.ID, "kind", raw.Kind, kinds))
	a.Alert = Level(l.word(raw.ID, "alert", raw.Alert, levels))
	a.Mark = Level(l.word(raw.ID, "evidence", raw.Mark, levels))
	for _, g := range raw.Gates {
		a.Gates |= 1 << l.word(raw.ID, "a gate", g, gateNames)
	}
	for _, c := range raw.Copies {
		a.Copies |= 1 << l.word(raw.ID, "a copy", c, copyNames)
	}
	if err := screening.CheckID(raw.ID); err != nil {
		l.faults = append(l.faults, err)
	}
	if err := raw.Check(l.lib.bank.Sources); err != nil {
		l.fault(raw.ID, "%v", err)
	}
	if raw.When.Empty() {
		l.fault(raw.ID, "a step says when")
	}
	if a.Copies&ForStaff == 0 {
		l.fault(raw.ID, "every step stands on the staff copy")
	}
	raw.When.Each(func(id string, none bool) {
		if none && !slices.Contains(l.lib.bank.Lowering, id) && !slices.Contains(l.lib.Exceptions, raw.ID) {
			l.fault(raw.ID, "only an exception may be hidden by %s", id)
		}
	})
	for _, id := range raw.Not {
		if !slices.Contains(l.lib.bank.Lowering, id) && !slices.Contains(l.lib.Exceptions, raw.ID) && !strings.HasPrefix(id, "about.") {
			l.fault(raw.ID, "only an exception may be hidden by %s", id)
		}
	}
	l.gated(&a)
	a.when = l.rule(raw.ID, raw.When)
	a.not = l.rule(raw.ID, anyOf(raw.Not))
	if _, twice := l.lib.byID[a.ID]; twice {
		l.fault(a.ID, "step is there twice")
	}
	l.lib.byID[a.ID] = len(l.lib.Actions)
	l.lib.Actions = append(l.lib.Actions, a)
}

// gated holds the rule that may never be broken: a change that is likely to alert the other person waits for a plan or
// for clinical advice, one that is likely to destroy evidence waits until it has been kept.
func (l *loader) gated(a *Action) {
	if (a.Kind == Change || a.Phase == Technology) && a.Alert == Likely && a.Gates&(PlanMade|ClinicalAdvice) == 0 {
		l.fault(a.ID, "a change that is likely to alert waits for a plan or clinical advice")
	}
	if (a.Kind == Change || a.Phase == Technology) && a.Mark == Likely && a.Gates&EvidenceKept == 0 {
		l.fault(a.ID, "a change that is likely to destroy evidence waits until it is kept")
	}
}

func anyOf(ids []string) screening.Condition {
	var c screening.Condition
	for _, id := range ids {
		c.Any = append(c.Any, screening.Condition{ID: id})
	}
	return c
}

func (l *loader) rule(owner string, c screening.Condition) screening.Rule {
	r, err := l.lib.bank.Rule(c)
	if err != nil {
		l.fault(owner, "%v", err)
	}
	return r
}

func (l *loader) word(id, field, value string, allowed []string) int {
	i := slices.Index(allowed, value)
	if i < 0 {
		l.fault(id, "%s is one of %s", field, strings.Join(allowed, ", "))
		return 0
	}
	return i
}

func (l *loader) subjects(f file) {
	for _, raw := range f.Subjects {
		s := Subject{Fact: raw.Fact, only: map[string]bool{}, rule: l.rule(raw.Fact, screening.Condition{ID: raw.Fact})}
		for _, id := range raw.Only {
			if _, known := l.lib.byID[id]; !known {
				l.fault(raw.Fact, "allows an unknown step %s", id)
			}
			s.only[id] = true
		}
		l.lib.Subjects = append(l.lib.Subjects, s)
	}
}

func (l *loader) lists(f file) {
	for _, id := range f.Exceptions {
		if _, known := l.lib.byID[id]; !known {
			l.fault(id, "an exception for an unknown step")
		}
	}
	l.lib.company = l.rule("company_needs_any", anyOf(f.CompanyNeedsAny))
	for i, name := range gateNames {
		l.lib.gates[i] = l.rule("gate."+name, screening.Condition{ID: "gate." + name})
	}
}

// Check tries out the smallest sets of answers that raise each finding: each must lead to a step that rests on it, shown
// or withheld. It also finds steps whose review is overdue. It belongs into the build, not into the start.
func (l *Library) Check(today time.Time) error {
	var faults []error
	for i := range l.bank.Findings {
		f := &l.bank.Findings[i]
		for _, answers := range l.bank.Witnesses(screening.Condition{ID: f.ID}) {
			p := l.Make(l.bank.Assess(answers))
			if !p.actsOn(f) {
				faults = append(faults, fmt.Errorf("%s: raised by %v, leads to no step", f.ID, answers.List()))
				break
			}
		}
	}
	for i := range l.Actions {
		if a := &l.Actions[i]; a.Reviewed.Overdue(today) {
			faults = append(faults, fmt.Errorf("%s: its review is overdue", a.ID))
		}
	}
	for i := range l.Notes {
		if n := &l.Notes[i]; n.Reviewed.Overdue(today) {
			faults = append(faults, fmt.Errorf("%s: its review is overdue", n.ID))
		}
	}
	return errors.Join(faults...)
}

// Awaiting counts the steps and notes that nobody has signed yet.
func (l *Library) Awaiting() int {
	n := 0
	for i := range l.Actions {
		if l.Actions[i].Reviewed.State == "awaiting" {
			n++
		}
	}
	for i := range l.Notes {
		if l.Notes[i].Reviewed.State == "awaiting" {
			n++
		}
	}
	return n
}

func (p *Plan) actsOn(f *screening.Finding) bool {
	for _, steps := range [][]Step{p.Steps, p.Withheld} {
		for _, s := range steps {
			if s.when.RestsOn(&p.Assessment, f) {
				return true
			}
		}
	}
	return false
}

// Uses lists every id that a step's conditions name.
func (l *Library) Uses() map[string]bool {
	used := map[string]bool{}
	for i := range l.Actions {
		l.Actions[i].When.Each(func(id string, _ bool) { used[id] = true })
		for _, id := range l.Actions[i].Not {
			used[id] = true
		}
	}
	for _, s := range l.Subjects {
		used[s.Fact] = true
	}
	for _, g := range gateNames {
		used["gate."+g] = true
	}
	return used
}
