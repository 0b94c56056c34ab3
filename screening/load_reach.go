package screening

import "slices"

// lines marks each question with the lines that its answers can open.
func (l *loader) lines() {
	b := l.bank
	for i := range b.Findings {
		f := &b.Findings[i]
		below := b.below(f.When)
		for k := range b.Questions {
			for j := range b.Questions[k].Answers {
				if b.Questions[k].Answers[j].atoms.meets(&below) {
					b.Questions[k].Lines[f.Line] = true
				}
			}
		}
	}
}

// below is every raised fact that a condition can rest on, through derived facts.
func (b *Bank) below(c Condition) atomSet {
	var seen, out atomSet
	var walk func(Condition)
	walk = func(c Condition) {
		c.Each(func(id string, none bool) {
			a := b.index.byID[id]
			if none || seen.has(a) {
				return
			}
			seen.add(a)
			if b.raised.has(a) {
				out.add(a)
			}
			for _, row := range b.derived[a] {
				walk(b.Derived[row].When)
			}
			if i, ok := b.findings[id]; ok {
				walk(b.Findings[i].When)
			}
		})
	}
	walk(c)
	return out
}

// reach refuses a question that no answers open.
func (l *loader) reach() {
	b := l.bank
	var can atomSet
	opened := make([]bool, len(b.Questions))
	for changed := true; changed; {
		changed = false
		for i := range b.Questions {
			q := &b.Questions[i]
			if opened[i] || !(q.always || q.open.holds(&can)) {
				continue
			}
			opened[i], changed = true, true
			for k := range q.Answers {
				can.union(&q.Answers[k].atoms)
			}
			b.derive(&can)
		}
	}
	for i, open := range opened {
		if !open {
			l.fault(b.Questions[i].ID, "no answer ever opens this question")
		}
	}
}

// Witnesses lists smallest sets of answers under which a condition holds, at most a few hundred of them. An empty list
// means that no answers ever make it hold: the facts it needs are never raised, or exclude each other.
func (b *Bank) Witnesses(c Condition) []Answers {
	t, err := b.index.compile(c)
	if err != nil {
		return nil
	}
	var out []Answers
	for _, facts := range b.waysTo(c, 12) {
		a, ok := b.give(facts)
		if !ok {
			continue
		}
		if s := b.Assess(a); t.holds(&s.atoms) {
			out = append(out, a)
		}
	}
	return out
}

const maxWays = 400

// waysTo lists sets of raised facts that would satisfy a condition, leaving none aside; Witnesses tries them out.
func (b *Bank) waysTo(c Condition, depth int) [][]string {
	if depth == 0 {
		return nil
	}
	if c.ID != "" {
		a := b.index.byID[c.ID]
		if b.raised.has(a) {
			return [][]string{{c.ID}}
		}
		var ways [][]string
		for _, row := range b.derived[a] {
			ways = append(ways, b.waysTo(b.Derived[row].When, depth-1)...)
		}
		if i, ok := b.findings[c.ID]; ok {
			ways = append(ways, b.waysTo(b.Findings[i].When, depth-1)...)
		}
		return ways
	}
	ways := [][]string{nil}
	for _, part := range c.All {
		ways = join(ways, b.waysTo(part, depth))
	}
	if len(c.Any) > 0 {
		var anyOf [][]string
		for _, part := range c.Any {
			anyOf = append(anyOf, b.waysTo(part, depth)...)
		}
		ways = join(ways, anyOf)
	}
	return ways
}

func join(left, right [][]string) [][]string {
	var out [][]string
	for _, x := range left {
		for _, y := range right {
			if len(out) == maxWays {
				return out
			}
			out = append(out, append(slices.Clone(x), y...))
		}
	}
	return out
}

// give finds answers that raise the facts, one after the other, and reports whether they can be given together.
func (b *Bank) give(facts []string) (Answers, bool) {
	a := b.Empty()
	for _, f := range facts {
		if !b.giveOne(&a, f) {
			return a, false
		}
	}
	return a, true
}

func (b *Bank) giveOne(a *Answers, fact string) bool {
	for _, g := range b.raisedBy[fact] {
		if a.Has(g.Question, g.Answer) {
			return true
		}
	}
	best, bestFacts := Given{}, 1<<30
	for _, g := range b.raisedBy[fact] {
		i := b.questions[g.Question]
		q := &b.Questions[i]
		k := q.Answer(g.Answer)
		if a.bits[i] != 0 && (!q.Many || q.Answers[k].Alone) {
			continue
		}
		if n := len(q.Answers[k].Facts); n < bestFacts {
			best, bestFacts = g, n
		}
	}
	if best.Question == "" {
		return false
	}
	i := b.questions[best.Question]
	a.bits[i] |= 1 << b.Questions[i].Answer(best.Answer)
	return true
}

// Unused lists facts that answers raise and nothing uses: no rule, no open condition, no list. Steps may use them too,
// so the caller names the ids that steps use.
func (b *Bank) Unused(usedElsewhere map[string]bool) []string {
	used := map[string]bool{}
	mark := func(c Condition) { c.Each(func(id string, _ bool) { used[id] = true }) }
	for i := range b.Questions {
		mark(b.Questions[i].Open)
	}
	for i := range b.Derived {
		mark(b.Derived[i].When)
	}
	for i := range b.Findings {
		mark(b.Findings[i].When)
	}
	for _, p := range b.Pathways {
		for _, id := range p.Not {
			used[id] = true
		}
	}
	for _, id := range append(slices.Clone(b.Recorded), b.Stops...) {
		used[id] = true
	}
	var out []string
	for _, id := range b.index.ids {
		_, isFinding := b.findings[id]
		if !isFinding && !used[id] && !usedElsewhere[id] {
			out = append(out, id)
		}
	}
	return out
}
