package screening

import (
	"math/bits"
	"slices"
)

// Given is one answer to one question.
type Given struct{ Question, Answer string }

// Answers are the answers of one consultation. They are a value: nothing changes them, nothing stores them.
type Answers struct {
	bank *Bank
	bits []uint32 // one word a question, one bit an answer
}

// Fault is a mistake in the answers. It names the question and a message, never what was given.
type Fault struct {
	Question string // empty where the question itself is unknown
	Message  string // id of the words that explain it
}

// The faults an answer can have; their words are in locales.
const (
	UnknownQuestion = "fault.unknown-question"
	UnknownAnswer   = "fault.unknown-answer"
	TooManyAnswers  = "fault.too-many-answers"
	Contradiction   = "fault.contradiction"
)

// Read takes answers as question id to answer ids. It returns the sound answers and a fault for every other one, in the
// order of the bank, so that a page can show each fault at its question and keep the rest.
func (b *Bank) Read(given map[string][]string) (Answers, []Fault) {
	a := Answers{bank: b, bits: make([]uint32, len(b.Questions))}
	var faults []Fault
	known := 0
	for i := range b.Questions {
		ids, there := given[b.Questions[i].ID]
		if !there {
			continue
		}
		known++
		bits, message := b.Questions[i].read(ids)
		if message != "" {
			faults = append(faults, Fault{b.Questions[i].ID, message})
			continue
		}
		a.bits[i] = bits
	}
	for ; known < len(given); known++ {
		faults = append(faults, Fault{Message: UnknownQuestion})
	}
	return a, faults
}

func (q *Question) read(ids []string) (bits uint32, fault string) {
	if len(ids) > 1 && !q.Many {
		return 0, TooManyAnswers
	}
	alone := false
	for _, id := range ids {
		i := q.Answer(id)
		if i < 0 {
			return 0, UnknownAnswer
		}
		if bits&(1<<i) != 0 {
			return 0, TooManyAnswers // the same answer twice
		}
		bits |= 1 << i
		alone = alone || q.Answers[i].Alone
	}
	if alone && len(ids) > 1 {
		return 0, Contradiction
	}
	return bits, ""
}

// Has reports whether this answer was given.
func (a Answers) Has(question, answer string) bool {
	i, ok := a.bank.questions[question]
	if !ok {
		return false
	}
	k := a.bank.Questions[i].Answer(answer)
	return k >= 0 && a.bits[i]&(1<<k) != 0
}

// At reports the answers to the question at place i of the bank, a bit for each answer.
func (a Answers) At(i int) uint32 { return a.bits[i] }

// Count is the number of questions answered.
func (a Answers) Count() int {
	n := 0
	for _, w := range a.bits {
		if w != 0 {
			n++
		}
	}
	return n
}

// List gives the answers in the order of the bank.
func (a Answers) List() []Given {
	var out []Given
	for i, w := range a.bits {
		for k := range a.bank.Questions[i].Answers {
			if w&(1<<k) != 0 {
				out = append(out, Given{a.bank.Questions[i].ID, a.bank.Questions[i].Answers[k].ID})
			}
		}
	}
	return out
}

// With returns these answers with one question answered anew.
func (a Answers) With(question string, answers ...string) (Answers, []Fault) {
	i, ok := a.bank.questions[question]
	if !ok {
		return a, []Fault{{Message: UnknownQuestion}}
	}
	bits, message := a.bank.Questions[i].read(answers)
	if message != "" {
		return a, []Fault{{question, message}}
	}
	a.bits = slices.Clone(a.bits)
	a.bits[i] = bits
	return a, nil
}

// Open returns the answers to questions that are open, and how many closed ones were left out. An answer to a branch
// counts no longer once its gateway has been answered "no".
func (a Answers) Open() (open Answers, closed int) {
	seen := a.bank.reach(a)
	open = Answers{bank: a.bank, bits: make([]uint32, len(a.bits))}
	for i, w := range a.bits {
		if w != 0 && seen.open(i) {
			open.bits[i] = w
		} else if w != 0 {
			closed++
		}
	}
	return open, closed
}

// Empty is the answers of a consultation in which nothing has been asked.
func (b *Bank) Empty() Answers { return Answers{bank: b, bits: make([]uint32, len(b.Questions))} }

// Chosen is the place of the one answer given to a single-choice question, or the number of its answers where none was.
func (q *Question) Chosen(given uint32) int {
	if given == 0 {
		return len(q.Answers)
	}
	return bits.TrailingZeros32(given)
}

// Without returns these answers with some questions, by place, not answered.
func (a Answers) Without(questions []int) Answers {
	a.bits = slices.Clone(a.bits)
	for _, i := range questions {
		a.bits[i] = 0
	}
	return a
}
