package fhir

import (
	"slices"

	"waypost/screening"
	"waypost/web/tree"
)

// answer reads one answer: one value, which is a code that the question offers.
func (r *responseReader) answer(n *tree.Node, into *given) {
	r.value(n, "valueCoding", func(v *tree.Node) {
		if answer, ok := r.offered(v, into.question); ok {
			into.answers = append(into.answers, answer)
		}
	})
}

type code struct{ system, code string }

// offered reads a code and looks it up among the answers of the question.
func (r *responseReader) offered(n *tree.Node, q *screening.Question) (answer string, ok bool) {
	before := len(r.refused)
	c := r.coding(n)
	if len(r.refused) > before {
		return "", false
	}
	if c.system != codeSystemOf(q.ID) || q.Answer(c.code) < 0 {
		r.fail(unknownCode)
		return "", false
	}
	return c.code, true
}

func (r *reader) coding(n *tree.Node) (c code) {
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "system":
			return r.text(name, v, uriForm, &c.system)
		case "code":
			return r.text(name, v, codeForm, &c.code)
		case "version", "display":
			return r.text(name, v, nil, nil)
		case "userSelected":
			if v.Kind != tree.Bool {
				return wrongType
			}
			return taken
		}
		return unknownElement
	})
	return c
}

// answers asks the bank whether the answers go together and whether their questions were open. An unsafe setting stops the
// questions of a form; what was answered before counts all the same, as it does in a consultation: a concern that was voiced
// is never dropped.
func (r *responseReader) answers() screening.Answers {
	all := map[string][]string{}
	for _, g := range r.given {
		all[g.question.ID] = g.answers
	}
	a, faults := r.form.bank.Read(all)
	for _, f := range faults {
		i := slices.IndexFunc(r.given, func(g given) bool { return g.question.ID == f.Question })
		switch {
		case i < 0:
		case f.Message == screening.Contradiction:
			r.failAt(contradiction, r.given[i].at)
		default:
			r.failAt(tooMany, r.given[i].at)
		}
	}
	open, closed := a.Open()
	if closed == 0 {
		return a
	}
	for _, g := range r.given {
		if given := g.answers[0]; a.Has(g.question.ID, given) && !open.Has(g.question.ID, given) {
			r.failAt(disabled, g.at)
		}
	}
	return open
}
