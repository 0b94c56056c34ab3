package plan

import (
	"cmp"
	"slices"
)

// InOrder gives the steps whose gates are met by phase, then by time, then by id: the order in which they are done.
func (p *Plan) InOrder() []Step {
	out := slices.Clone(p.Steps)
	slices.SortStableFunc(out, func(x, y Step) int {
		return cmp.Or(cmp.Compare(x.Phase, y.Phase), cmp.Compare(x.Time, y.Time), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// Rest gives the steps in order that are not on the now card.
func (p *Plan) Rest() []Step {
	return slices.DeleteFunc(p.InOrder(), func(s Step) bool {
		return slices.ContainsFunc(p.Now, func(n Step) bool { return n.ID == s.ID })
	})
}
