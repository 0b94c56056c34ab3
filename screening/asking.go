package screening

// Asking is what may be asked now, given the answers so far.
type Asking struct {
	Stopped   bool  // it is not safe to ask: only the questions before asking remain
	Questions []int // places in the bank of the questions that are open, in the order of asking
	bank      *Bank
	answers   Answers
}

// Asking says which questions are open. An answer never closes a question, except that an unsafe setting stops them all.
func (b *Bank) Asking(a Answers) Asking {
	r := b.reach(a)
	out := Asking{Stopped: r.stopped, bank: b, answers: a, Questions: make([]int, 0, len(b.Questions))}
	for i := range b.Questions {
		if r.open(i) && (!r.stopped || b.Questions[i].Tier == Pre) {
			out.Questions = append(out.Questions, i)
		}
	}
	return out
}

// Next is the next open question without an answer, deep ones left out. At the end it reports false.
func (s Asking) Next() (*Question, bool) {
	for _, i := range s.Questions {
		if s.answers.bits[i] == 0 && s.bank.Questions[i].Tier != Deep {
			return &s.bank.Questions[i], true
		}
	}
	return nil, false
}

type reached struct {
	words   [8]uint64 // a bit for each open question
	facts   atomSet
	stopped bool
}

func (r *reached) open(i int) bool { return r.words[i>>6]&(1<<(i&63)) != 0 }

// reach opens questions until nothing more opens. Answers to closed questions raise nothing.
func (b *Bank) reach(a Answers) reached {
	var r reached
	for changed := true; changed; {
		changed = false
		for i := range b.Questions {
			q := &b.Questions[i]
			if r.open(i) || !(q.always || q.open.holds(&r.facts)) {
				continue
			}
			r.words[i>>6] |= 1 << (i & 63)
			if a.bits[i] != 0 {
				q.raise(a.bits[i], &r.facts)
				b.derive(&r.facts)
				changed = true
			}
		}
	}
	r.stopped = b.stops.meets(&r.facts)
	return r
}

func (q *Question) raise(bits uint32, into *atomSet) {
	for k := range q.Answers {
		if bits&(1<<k) != 0 {
			into.union(&q.Answers[k].atoms)
		}
	}
}

func (b *Bank) derive(s *atomSet) {
	for i := range b.Derived {
		if d := &b.Derived[i]; !s.has(d.atom) && d.when.holds(s) {
			s.add(d.atom)
		}
	}
}
