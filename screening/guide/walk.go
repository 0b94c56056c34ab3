package guide

import (
	"encoding/binary"
	"math/bits"
)

// Walk is where a person is, what they have answered, and with which hint they came. It is what a page carries, sealed.
type Walk struct {
	At      int
	Answers Answers
	Hint    byte // 'a' to 'h'; 0: none
}

// Start is a person who has just come, by an address that may have held a letter. What is no hint counts for nothing.
func (g *Guide) Start(letter string) Walk {
	if len(letter) == 1 && len(g.hints[letter[0]]) > 0 {
		return Walk{Hint: letter[0]}
	}
	return Walk{}
}

// Shown is what is ticked when a screen is shown: what was answered, or else what the hint suggests.
func (g *Guide) Shown(w Walk) uint16 {
	q := g.Screens[w.At].Ask
	if q < 0 {
		return 0
	}
	if given := w.Answers.At(q); given != 0 {
		return given
	}
	for _, x := range g.hints[w.Hint] {
		if x.question == q {
			return 1 << x.at
		}
	}
	return 0
}

// Answer takes the answer to the screen where the person is and goes on. It stays where what came is no answer, or where
// nothing came and the screen does not let silence pass. A screen without a question takes no answer.
func (g *Guide) Answer(w Walk, chosen uint16) (Walk, bool) {
	s := &g.Screens[w.At]
	if s.Ask >= 0 {
		if !g.Questions[s.Ask].takes(chosen) || chosen == 0 && !s.MaySkip {
			return w, false
		}
		w.Answers = w.Answers.With(s.Ask, chosen)
	}
	w.At = g.Next(w.At, g.Given(w.Answers))
	return w, true
}

// Tick keeps what is ticked on the screen where the person is, without going on: for a look at something else, and for the
// way back. What is no answer there changes nothing, and neither does nothing.
func (g *Guide) Tick(w Walk, chosen uint16) Walk {
	if q := g.Screens[w.At].Ask; q >= 0 && chosen != 0 && g.Questions[q].takes(chosen) {
		w.Answers = w.Answers.With(q, chosen)
	}
	return w
}

// StepBack goes to the screen before.
func (g *Guide) StepBack(w Walk) Walk {
	w.At = g.Back(w.At, g.Given(w.Answers))
	return w
}

func (q *Question) takes(chosen uint16) bool {
	return chosen>>len(q.Answers) == 0 && (q.Many || bits.OnesCount16(chosen) <= 1)
}

// packed is the size of a walk, the same whatever was answered.
const packed = 2 + 2*maxQuestions

// Pack writes a walk.
func (w Walk) Pack() []byte {
	out := make([]byte, 0, packed)
	out = append(out, byte(w.At), w.Hint)
	for _, given := range w.Answers.given {
		out = binary.BigEndian.AppendUint16(out, given)
	}
	return out
}

// Unpack reads what Pack wrote and nothing else: a screen that these answers do not lead to is refused.
func (g *Guide) Unpack(b []byte) (Walk, bool) {
	if len(b) != packed || int(b[0]) >= len(g.Screens) || b[1] != 0 && len(g.hints[b[1]]) == 0 {
		return Walk{}, false
	}
	w := Walk{At: int(b[0]), Hint: b[1]}
	for q := range w.Answers.given {
		given := binary.BigEndian.Uint16(b[2+2*q:])
		if given != 0 && (q >= len(g.Questions) || !g.Questions[q].takes(given)) {
			return Walk{}, false
		}
		w.Answers.given[q] = given
	}
	given := g.Given(w.Answers)
	return w, w.At == 0 || g.Open(w.At, given) || g.changes(w.At, given)
}
