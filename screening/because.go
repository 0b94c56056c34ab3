package screening

// Because is one link of the chain behind a finding or a step: this answer to this question raised this fact.
type Because struct {
	Given
	Fact string
}

// Reason is a whole chain: the finding, and the answers that raised it.
type Reason struct {
	Finding *Finding
	Because []Because
}

// Why explains a finding by the answers that raised it, in the order of the bank.
func (a *Assessment) Why(f *Finding) []Because { return a.because(a.basis(f.atom)) }

// WhyID explains any fact, derived fact or finding by id.
func (a *Assessment) WhyID(id string) []Because {
	n, known := a.bank.index.byID[id]
	if !known || !a.atoms.has(n) {
		return nil
	}
	return a.because(a.basis(n))
}

// basis follows an atom down to the facts that answers raised.
func (a *Assessment) basis(n atom) atomSet {
	var out, next atomSet
	next.add(n)
	a.descend(next, &out)
	return out
}

func (a *Assessment) descend(from atomSet, out *atomSet) {
	for from != (atomSet{}) {
		var below atomSet
		from.each(func(n atom) {
			if a.bank.raised.has(n) {
				out.add(n)
				return
			}
			for _, row := range a.bank.derived[n] {
				if d := &a.bank.Derived[row]; d.when.holds(&a.atoms) {
					d.when.support(&a.atoms, &below)
				}
			}
			if i, isFinding := a.bank.findings[a.bank.index.ids[n]]; isFinding {
				a.bank.Findings[i].when.support(&a.atoms, &below)
			}
		})
		from = below
	}
}

func (a *Assessment) because(facts atomSet) []Because {
	var out []Because
	for i, w := range a.answers.bits {
		if w == 0 {
			continue
		}
		q := &a.bank.Questions[i]
		for k := range q.Answers {
			if w&(1<<k) == 0 || !q.Answers[k].atoms.meets(&facts) {
				continue
			}
			for _, f := range q.Answers[k].Facts {
				if facts.has(a.bank.index.byID[f]) {
					out = append(out, Because{Given{q.ID, q.Answers[k].ID}, f})
				}
			}
		}
	}
	return out
}

// Rule is a condition compiled against a bank, for steps and other consumers of facts and findings.
type Rule struct {
	bank *Bank
	test test
}

// Rule compiles a condition over facts, derived facts and findings. It returns an error that names an unknown id.
func (b *Bank) Rule(c Condition) (Rule, error) {
	t, err := b.index.compile(c)
	return Rule{b, t}, err
}

// Holds reports whether the rule holds for this assessment.
func (r *Rule) Holds(a *Assessment) bool { return r.test.holds(&a.atoms) }

// Reasons explains why the rule holds: each finding that rests on the same answers, most urgent first, with those
// answers. Answers that the rule rests on and no finding does come last, without a finding.
func (r *Rule) Reasons(a *Assessment) []Reason {
	facts := r.facts(a)
	var out []Reason
	rest := facts
	for _, f := range a.Findings {
		shared := a.basis(f.atom)
		if !shared.meets(&facts) {
			continue
		}
		for i := range shared {
			shared[i] &= facts[i]
			rest[i] &^= shared[i]
		}
		out = append(out, Reason{f, a.because(shared)})
	}
	if left := a.because(rest); len(left) > 0 {
		out = append(out, Reason{Because: left})
	}
	return out
}

func (r *Rule) facts(a *Assessment) atomSet {
	var support, facts atomSet
	r.test.support(&a.atoms, &support)
	a.descend(support, &facts)
	return facts
}

// Urgency is that of the most urgent finding the rule rests on: a finding it names, or one that shares an answer's fact
// with it. A rule that rests on no finding has None.
func (r *Rule) Urgency(a *Assessment, basis *Basis) (Urgency, [3]bool) {
	facts := r.facts(a)
	var lines [3]bool
	top := None
	for i, f := range a.Findings {
		if !basis.of[i].meets(&facts) {
			continue
		}
		lines[f.Line] = true
		top = max(top, f.Urgency)
	}
	return top, lines
}

// Basis holds, for each finding of one assessment, the facts it rests on, so that many rules can be compared with it.
type Basis struct{ of []atomSet }

// Basis works out what each finding rests on.
func (a *Assessment) Basis() *Basis {
	b := &Basis{of: make([]atomSet, len(a.Findings))}
	for i, f := range a.Findings {
		b.of[i] = a.basis(f.atom)
	}
	return b
}
