package fhir

import (
	"fmt"
	"slices"
	"strings"

	"waypost/screening"
)

// choice is one answer to one question, by their places in the bank: its order sorts as the bank does.
type choice struct{ question, answer int }

// clause is a set of answers of which one is enough. A condition is a list of clauses that must all hold, because an item of a
// Questionnaire joins its conditions by one word, all or any, and an item inside a group is enabled only where both are.
type clause []choice

func compare(a, b choice) int {
	if a.question != b.question {
		return a.question - b.question
	}
	return a.answer - b.answer
}

// enabling turns the bank's conditions into clauses of answers.
type enabling struct {
	bank     *screening.Bank
	raisedBy map[string]clause
	derived  map[string][]screening.Condition
}

func newEnabling(bank *screening.Bank) *enabling {
	e := &enabling{bank: bank, raisedBy: map[string]clause{}, derived: map[string][]screening.Condition{}}
	for i := range bank.Questions {
		for k, a := range bank.Questions[i].Answers {
			for _, f := range a.Facts {
				e.raisedBy[f] = append(e.raisedBy[f], choice{i, k})
			}
		}
	}
	for _, d := range bank.Derived {
		e.derived[d.ID] = append(e.derived[d.ID], d.When)
	}
	return e
}

// opening gives the clauses under which a question is asked. What stands under "none" is left out: an answer never closes a
// question (screening.Asking), and the bank counts such a fact from the moment it held, before the answer that would undo it
// could be given. A test compares the two on thousands of answer sets.
func (e *enabling) opening(c screening.Condition) []clause {
	if c.Empty() {
		return nil
	}
	if c.ID != "" {
		return e.atom(c.ID)
	}
	var out []clause
	for _, part := range c.All {
		out = append(out, e.opening(part)...)
	}
	if len(c.Any) > 0 {
		var parts [][]clause
		for _, part := range c.Any {
			parts = append(parts, e.opening(part))
		}
		out = append(out, either(parts)...)
	}
	return absorb(out)
}

func (e *enabling) atom(id string) []clause {
	var parts [][]clause
	if raised := e.raisedBy[id]; len(raised) > 0 {
		parts = append(parts, []clause{raised})
	}
	for _, when := range e.derived[id] {
		parts = append(parts, e.opening(when))
	}
	return either(parts)
}

// either joins conditions of which one is enough: every clause of the one with every clause of the other.
func either(parts [][]clause) []clause {
	if len(parts) == 0 {
		return []clause{{}} // never
	}
	out := parts[0]
	for _, next := range parts[1:] {
		var both []clause
		for _, a := range out {
			for _, b := range next {
				c := slices.Concat(a, b)
				slices.SortFunc(c, compare)
				both = append(both, slices.Compact(c))
			}
		}
		out = absorb(both)
	}
	return out
}

// absorb drops a clause that says less than another.
func absorb(in []clause) []clause {
	var out []clause
	for i, c := range in {
		if !slices.ContainsFunc(in[:i], func(d clause) bool { return within(d, c) }) &&
			!slices.ContainsFunc(in[i+1:], func(d clause) bool { return within(d, c) && len(d) < len(c) }) {
			out = append(out, c)
		}
	}
	return out
}

func within(small, large clause) bool {
	for _, c := range small {
		if !slices.Contains(large, c) {
			return false
		}
	}
	return true
}

// asking gives the conditions under which the questions may be put at all, one list for each question whose answers can stop
// them: it is not answered, or by an answer that stops nothing. It is said without "!=", which the specification and a renderer
// read differently where there is no answer. Only single-choice questions can be said so; another is a fault at start.
func (e *enabling) asking() ([][]EnableWhen, error) {
	var stop clause
	for _, id := range e.bank.Stops {
		clauses := e.atom(id)
		if len(clauses) != 1 {
			return nil, fmt.Errorf("fhir: %s cannot be said as a list of answers", id)
		}
		stop = append(stop, clauses[0]...)
	}
	var out [][]EnableWhen
	for i := range e.bank.Questions {
		q := &e.bank.Questions[i]
		if !slices.ContainsFunc(stop, func(c choice) bool { return c.question == i }) {
			continue
		}
		if q.Many {
			return nil, fmt.Errorf("fhir: %s stops the questions and takes several answers", q.ID)
		}
		var others clause
		for k := range q.Answers {
			if c := (choice{i, k}); !slices.Contains(stop, c) {
				others = append(others, c)
			}
		}
		no := false
		out = append(out, append([]EnableWhen{{Question: q.ID, Operator: "exists", AnswerBoolean: &no}}, e.when(others)...))
	}
	return out, nil
}

// without leaves out the answers to some questions: nothing opens itself.
func (c clause) without(questions []int) clause {
	var out clause
	for _, one := range c {
		if !slices.Contains(questions, one.question) {
			out = append(out, one)
		}
	}
	return out
}

// when writes a clause as FHIR's conditions.
func (e *enabling) when(c clause) []EnableWhen {
	var out []EnableWhen
	for _, one := range c {
		q := &e.bank.Questions[one.question]
		out = append(out, EnableWhen{Question: q.ID, Operator: "=", AnswerCoding: &Coding{System: codeSystemOf(q.ID), Code: q.Answers[one.answer].ID}})
	}
	return out
}

// expression writes a condition over facts in FHIRPath, over a variable that holds the ids of what was raised.
func expression(c screening.Condition) string {
	if c.ID != "" {
		return "%facts contains '" + c.ID + "'"
	}
	var all []string
	for _, part := range c.All {
		all = append(all, bracket(part))
	}
	if len(c.Any) > 0 {
		var any []string
		for _, part := range c.Any {
			any = append(any, bracket(part))
		}
		all = append(all, "("+strings.Join(any, " or ")+")")
	}
	for _, part := range c.None {
		all = append(all, "("+expression(part)+").not()")
	}
	return strings.Join(all, " and ")
}

func bracket(c screening.Condition) string { return "(" + expression(c) + ")" }
