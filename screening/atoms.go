package screening

import (
	"fmt"
	"math/bits"
)

// An atom is anything a condition can name: a fact raised by an answer, a derived fact, or a finding.
// Atoms are numbered once, when the bank is loaded; a set of them is a value that is copied, never shared.
type atom int

const (
	atomWords = 16
	maxAtoms  = atomWords * 64
)

type atomSet [atomWords]uint64

func (s *atomSet) add(a atom)      { s[a>>6] |= 1 << (a & 63) }
func (s *atomSet) has(a atom) bool { return s[a>>6]&(1<<(a&63)) != 0 }

func (s *atomSet) union(t *atomSet) {
	for i, w := range t {
		s[i] |= w
	}
}

func (s *atomSet) meets(t *atomSet) bool {
	for i, w := range t {
		if s[i]&w != 0 {
			return true
		}
	}
	return false
}

func (s *atomSet) within(t *atomSet) bool {
	for i, w := range t {
		if s[i]&^w != 0 {
			return false
		}
	}
	return true
}

func (s *atomSet) keep(t *atomSet) {
	for i, w := range t {
		s[i] &= w
	}
}

func (s *atomSet) drop(t *atomSet) {
	for i, w := range t {
		s[i] &^= w
	}
}

func (s *atomSet) each(visit func(atom)) {
	for i, w := range s {
		for w != 0 {
			visit(atom(i<<6 + bits.TrailingZeros64(w)))
			w &= w - 1
		}
	}
}

// index numbers the ids of a bank. It refuses an id that is used twice.
type index struct {
	byID map[string]atom
	ids  []string
}

func newIndex() *index { return &index{byID: map[string]atom{}} }

func (x *index) define(id string) (atom, error) {
	if _, taken := x.byID[id]; taken {
		return 0, fmt.Errorf("id %s is used twice", id)
	}
	if len(x.ids) == maxAtoms {
		return 0, fmt.Errorf("id %s: a bank holds at most %d facts and findings", id, maxAtoms)
	}
	a := atom(len(x.ids))
	x.byID[id], x.ids = a, append(x.ids, id)
	return a, nil
}

// intern numbers an id that may be named many times, such as a fact raised by several answers.
func (x *index) intern(id string) (atom, error) {
	if a, known := x.byID[id]; known {
		return a, nil
	}
	return x.define(id)
}
