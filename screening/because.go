package screening

import "math/bits"

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

// basis is the facts raised by answers that an atom which holds rests on, through derived facts and findings.
func (a *Assessment) basis(n atom) atomSet {
	if slot := a.bank.slots[n]; slot >= 0 {
		return a.bases[a.at[slot]]
	}
	var own atomSet
	own.add(n)
	return own
}

// rest notes what an atom rests on, given the atoms that make it hold. Most atoms of a bank do not hold, so only those
// that do take a place.
func (a *Assessment) rest(n atom, support *atomSet) {
	slot := a.bank.slots[n]
	if a.at[slot] == 0 {
		a.at[slot], a.bases = uint16(len(a.bases)), append(a.bases, atomSet{})
	}
	a.ground(support, &a.bases[a.at[slot]])
}

func (a *Assessment) base(n atom) *atomSet { return &a.bases[a.at[a.bank.slots[n]]] }

// ground adds to out the raised facts that a set of atoms comes down to.
func (a *Assessment) ground(from, out *atomSet) {
	for i, w := range from {
		out[i] |= w & a.bank.raised[i]
		for w &^= a.bank.raised[i]; w != 0; w &= w - 1 {
			out.union(a.base(atom(i<<6 + bits.TrailingZeros64(w))))
		}
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
type Rule struct{ test test }

// Rule compiles a condition over facts, derived facts and findings. It returns an error that names an unknown id.
func (b *Bank) Rule(c Condition) (Rule, error) {
	t, err := b.index.compile(c)
	return Rule{t}, err
}

// Holds reports whether the rule holds for this assessment.
func (r *Rule) Holds(a *Assessment) bool { return r.test.holds(&a.atoms) }

// Reasons explains why the rule holds: the findings that stand behind it with the answers they share with it, each
// answer's fact once. Findings that rest on nothing else come first, the most urgent of them first. Answers that no
// finding rests on come last, without a finding.
func (r *Rule) Reasons(a *Assessment) []Reason {
	left := r.facts(a)
	var out []Reason
	for _, wholly := range []bool{true, false} {
		facts := left
		for _, f := range a.Findings {
			of := a.basis(f.atom)
			if wholly && !of.within(&facts) {
				continue
			}
			of.keep(&left)
			if of == (atomSet{}) {
				continue
			}
			left.drop(&of)
			out = append(out, Reason{f, a.because(of)})
		}
	}
	if left != (atomSet{}) {
		out = append(out, Reason{Because: a.because(left)})
	}
	return out
}

func (r *Rule) facts(a *Assessment) atomSet {
	var support, facts atomSet
	r.test.support(&a.atoms, &support)
	a.ground(&support, &facts)
	return facts
}

// Urgency is that of the most urgent finding the rule rests on: a finding it names, or one that shares an answer's fact
// with it, and the lines of all of these. A rule that rests on no finding has None.
func (r *Rule) Urgency(a *Assessment) (top Urgency, lines [3]bool) {
	facts := r.facts(a)
	for _, f := range a.Findings {
		if !a.base(f.atom).meets(&facts) {
			continue
		}
		lines[f.Line] = true
		top = max(top, f.Urgency)
	}
	return top, lines
}

// RestsOn reports whether a finding that was raised stands behind the rule: they share an answer's fact.
func (r *Rule) RestsOn(a *Assessment, f *Finding) bool {
	facts := r.facts(a)
	return a.atoms.has(f.atom) && a.base(f.atom).meets(&facts)
}
