package screening

import "slices"

// Assessment is what follows from one consultation's answers: facts, then findings. It holds no words and no person.
type Assessment struct {
	Findings []*Finding // most urgent first, then in the order of the bank
	Urgency  Urgency    // of the most urgent finding; None where nothing was raised
	Stopped  bool       // an unsafe setting: the questions stop here
	Lines    [3]LineState

	bank    *Bank
	answers Answers
	atoms   atomSet
	bases   []atomSet // what each derived fact and finding that holds rests on; the first is empty, for what does not hold
	at      []uint16  // by slot, the place in bases
}

// LineState says how far one line was looked into. "Nothing found today" is not "nothing there".
type LineState int

// The states of a line.
const (
	NotAsked LineState = iota
	Unfinished
	NothingToday
	OpenLine
)

var lineStates = []string{"not-asked", "unfinished", "nothing-today", "open"}

func (s LineState) String() string { return lineStates[s] }

// Assess turns answers into findings. Every answer given counts, whether or not its question was open: a concern that
// was voiced is never dropped. Findings do not depend on the order of the answers, only on which were given.
func (b *Bank) Assess(a Answers) Assessment {
	out := Assessment{bank: b, answers: a, Findings: make([]*Finding, 0, 24), bases: make([]atomSet, 1, 64), at: make([]uint16, b.slotCount)}
	for i, w := range a.bits {
		if w != 0 {
			b.Questions[i].raise(w, &out.atoms)
		}
	}
	out.derive()
	out.find()
	if len(out.Findings) > 0 {
		out.Urgency = out.Findings[0].Urgency
	}
	out.Stopped = b.stops.meets(&out.atoms)
	out.lineStates()
	return out
}

// derive adds the derived facts in one pass, top to bottom, and notes what each rests on.
func (a *Assessment) derive() {
	for i := range a.bank.Derived {
		if d := &a.bank.Derived[i]; d.when.holds(&a.atoms) {
			var support atomSet
			d.when.support(&a.atoms, &support)
			a.rest(d.atom, &support)
			a.atoms.add(d.atom)
		}
	}
}

// find adds the findings, most urgent first.
func (a *Assessment) find() {
	for _, i := range a.bank.byUrgency {
		f := &a.bank.Findings[i]
		if !f.when.holds(&a.atoms) {
			continue
		}
		var support atomSet
		f.when.support(&a.atoms, &support)
		a.rest(f.atom, &support)
		a.Findings = append(a.Findings, f)
	}
	for _, f := range a.Findings {
		a.atoms.add(f.atom)
	}
}

// Has reports whether a fact, derived fact or finding holds.
func (a *Assessment) Has(id string) bool {
	n, known := a.bank.index.byID[id]
	return known && a.atoms.has(n)
}

// Asked reports whether anything was asked that could open a line; who it is about and where they live is not that.
func (a *Assessment) Asked() bool { return a.Lines != [3]LineState{} }

// Benign reports that everything found is, as told today, an arrangement that looks chosen or explained.
func (a *Assessment) Benign() bool {
	return len(a.Findings) > 0 && !slices.ContainsFunc(a.Findings, func(f *Finding) bool { return !f.Benign && f.Urgency > Info })
}

// Pathways lists the kinds of help that the findings open, in the order of the bank.
func (a *Assessment) Pathways() []string {
	var out []string
	for i := range a.bank.Pathways {
		p := &a.bank.Pathways[i]
		if p.not.meets(&a.atoms) {
			continue
		}
		if slices.ContainsFunc(a.Findings, func(f *Finding) bool { return slices.Contains(f.Pathways, p.ID) }) {
			out = append(out, p.ID)
		}
	}
	return out
}

// lineStates looks at the open questions that can open each line: none answered, some, or all.
func (a *Assessment) lineStates() {
	var asked, left [3]int
	for i := range a.bank.Questions {
		q := &a.bank.Questions[i]
		if q.Tier == Deep || q.Tier == Pre || !(q.always || q.open.holds(&a.atoms)) {
			continue
		}
		for l, serves := range q.Lines {
			switch {
			case !serves:
			case a.answers.bits[i] != 0:
				asked[l]++
			default:
				left[l]++
			}
		}
	}
	for l := range a.Lines {
		switch {
		case asked[l] == 0:
			a.Lines[l] = NotAsked
		case left[l] > 0:
			a.Lines[l] = Unfinished
		default:
			a.Lines[l] = NothingToday
		}
	}
	for _, f := range a.Findings {
		if f.Urgency > Info {
			a.Lines[f.Line] = OpenLine
		}
	}
}

// Answers are the answers this assessment was made from.
func (a *Assessment) Answers() Answers { return a.answers }

// Bank is the bank this assessment was made with.
func (a *Assessment) Bank() *Bank { return a.bank }
