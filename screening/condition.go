package screening

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Condition is what a rule or a step asks of the atoms: any, all and none, nested. There are no strings to parse and
// no numbers to compare, so nothing can be added up.
type Condition struct {
	ID             string // one atom, or else the lists below, which must all hold
	Any, All, None []Condition
}

// UnmarshalYAML reads an id, or a mapping of any, all and none.
func (c *Condition) UnmarshalYAML(node *yaml.Node) error {
	switch node.Kind {
	case yaml.ScalarNode:
		c.ID = node.Value
		return nil
	case yaml.MappingNode:
		for i := 0; i < len(node.Content); i += 2 {
			into := map[string]*[]Condition{"any": &c.Any, "all": &c.All, "none": &c.None}[node.Content[i].Value]
			if into == nil || *into != nil {
				return fmt.Errorf("line %d: a condition has each of any, all, none at most once", node.Line)
			}
			if err := node.Content[i+1].Decode(into); err != nil {
				return fmt.Errorf("condition %s: %w", node.Content[i].Value, err)
			}
			if len(*into) == 0 {
				return fmt.Errorf("line %d: an empty %s", node.Line, node.Content[i].Value)
			}
		}
		return nil
	default:
		return fmt.Errorf("line %d: a condition is an id or a mapping of any, all, none", node.Line)
	}
}

// Empty reports a condition that was not written.
func (c Condition) Empty() bool {
	return c.ID == "" && len(c.Any) == 0 && len(c.All) == 0 && len(c.None) == 0
}

// Each visits every id the condition names and says whether it stands under none.
func (c Condition) Each(visit func(id string, none bool)) { c.each(visit, false) }

func (c Condition) each(visit func(string, bool), none bool) {
	if c.ID != "" {
		visit(c.ID, none)
	}
	for _, k := range c.Any {
		k.each(visit, none)
	}
	for _, k := range c.All {
		k.each(visit, none)
	}
	for _, k := range c.None {
		k.each(visit, true)
	}
}

// test is a compiled condition: the plain ids as masks, the nested parts as further tests.
type test struct {
	any, all, none                   mask
	nestedAny, nestedAll, nestedNone []test
	hasAny                           bool
}

// mask keeps only the words of an atom set that hold something; most conditions touch one or two of them.
type mask []struct {
	word int
	bits uint64
}

func (m mask) meets(s *atomSet) bool {
	for _, w := range m {
		if s[w.word]&w.bits != 0 {
			return true
		}
	}
	return false
}

func (m mask) within(s *atomSet) bool {
	for _, w := range m {
		if s[w.word]&w.bits != w.bits {
			return false
		}
	}
	return true
}

func (x *index) mask(atoms []atom) mask {
	var s atomSet
	for _, a := range atoms {
		s.add(a)
	}
	var m mask
	for i, w := range s {
		if w != 0 {
			m = append(m, struct {
				word int
				bits uint64
			}{i, w})
		}
	}
	return m
}

func (x *index) compile(c Condition) (test, error) {
	if c.ID != "" {
		c = Condition{All: []Condition{{ID: c.ID}}}
	}
	t := test{hasAny: len(c.Any) > 0}
	for _, part := range []struct {
		conds  []Condition
		plain  *mask
		nested *[]test
	}{{c.Any, &t.any, &t.nestedAny}, {c.All, &t.all, &t.nestedAll}, {c.None, &t.none, &t.nestedNone}} {
		var atoms []atom
		for _, k := range part.conds {
			if k.ID == "" {
				sub, err := x.compile(k)
				if err != nil {
					return test{}, err
				}
				*part.nested = append(*part.nested, sub)
				continue
			}
			a, known := x.byID[k.ID]
			if !known {
				return test{}, fmt.Errorf("unknown id %s", k.ID)
			}
			atoms = append(atoms, a)
		}
		*part.plain = x.mask(atoms)
	}
	return t, nil
}

func (t *test) holds(s *atomSet) bool {
	if !t.all.within(s) || t.none.meets(s) {
		return false
	}
	for i := range t.nestedAll {
		if !t.nestedAll[i].holds(s) {
			return false
		}
	}
	for i := range t.nestedNone {
		if t.nestedNone[i].holds(s) {
			return false
		}
	}
	if !t.hasAny || t.any.meets(s) {
		return true
	}
	for i := range t.nestedAny {
		if t.nestedAny[i].holds(s) {
			return true
		}
	}
	return false
}

// support adds to out the atoms that make the test true. What stands under none makes nothing true and is left out.
func (t *test) support(s, out *atomSet) {
	add := func(m mask) {
		for _, w := range m {
			out[w.word] |= s[w.word] & w.bits
		}
	}
	add(t.all)
	add(t.any)
	for i := range t.nestedAll {
		t.nestedAll[i].support(s, out)
	}
	for i := range t.nestedAny {
		if t.nestedAny[i].holds(s) {
			t.nestedAny[i].support(s, out)
		}
	}
}
