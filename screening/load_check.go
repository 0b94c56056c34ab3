package screening

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var idShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$`)

// The message format keeps these words to itself, so no id may end in one of them.
var reserved = []string{"id", "description", "hash", "leftdelim", "rightdelim", "zero", "one", "two", "few", "many", "other", "translation"}

func (l *loader) checkID(id string) {
	if err := CheckID(id); err != nil {
		l.faults = append(l.faults, err)
	}
}

// CheckID refuses an id that is not lower-case words joined by dots and hyphens, or that ends in a word the message
// format reserves.
func CheckID(id string) error {
	if !idShape.MatchString(id) {
		return fmt.Errorf("%q is not an id", id)
	}
	if last := id[strings.LastIndexByte(id, '.')+1:]; slices.Contains(reserved, last) {
		return fmt.Errorf("id %s ends in a reserved word", id)
	}
	return nil
}

func (l *loader) word(id, field, value string, allowed []string) int {
	i := slices.Index(allowed, value)
	if i < 0 {
		l.fault(id, "%s is one of %s", field, strings.Join(allowed, ", "))
		return 0
	}
	return i
}

func (l *loader) evidence(id string, e Evidence) {
	if err := e.Check(l.bank.Sources); err != nil {
		l.fault(id, "%v", err)
	}
}

// Check refuses an item without a known source, a basis or a review state.
func (e Evidence) Check(sources map[string]Source) error {
	if len(e.Sources) == 0 {
		return fmt.Errorf("no source")
	}
	for _, s := range e.Sources {
		if _, known := sources[s]; !known {
			return fmt.Errorf("unknown source %s", s)
		}
	}
	if e.Basis != "adapted" && e.Basis != "synthesis" {
		return fmt.Errorf("basis is adapted or synthesis")
	}
	if e.Reviewed.State != "awaiting" && (e.Reviewed.State != "signed" || e.Reviewed.By == "" || e.Reviewed.On == "" || e.Reviewed.Again == "") {
		return fmt.Errorf("reviewed is awaiting, or signed with by, on and again")
	}
	return nil
}

// compile turns every condition into masks and holds the discipline of none: only facts listed as lowering may stand
// under it, except where a benign reading is voided.
func (l *loader) compile() {
	b := l.bank
	build := func(id string, c Condition, noneFree bool) test {
		l.none(id, c, noneFree)
		t, err := b.index.compile(c)
		if err != nil {
			l.fault(id, "%v", err)
		}
		return t
	}
	for i := range b.Questions {
		q := &b.Questions[i]
		q.always = q.Open.Empty()
		q.open = build(q.ID, q.Open, false)
		q.Open.Each(func(id string, none bool) {
			if none {
				l.fault(q.ID, "an open question is never closed by a fact: no none in open")
			}
		})
	}
	for i := range b.Derived {
		b.Derived[i].when = build(b.Derived[i].ID, b.Derived[i].When, b.Derived[i].Benign)
		l.order(i)
	}
	for i := range b.Findings {
		b.Findings[i].when = build(b.Findings[i].ID, b.Findings[i].When, b.Findings[i].Benign)
		b.Findings[i].When.Each(func(id string, _ bool) {
			if _, isFinding := b.findings[id]; isFinding {
				l.fault(b.Findings[i].ID, "a finding follows from facts, not from a finding")
			}
		})
	}
	for i := range b.Pathways {
		b.Pathways[i].not = l.known(b.Pathways[i].ID, b.Pathways[i].Not)
	}
	b.stops = l.known("stops", b.Stops)
	l.keptOnly()
}

// keptOnly refuses a fact that is listed as kept for the record alone and used by a rule: the clinical book says that none
// of them is.
func (l *loader) keptOnly() {
	look := func(rule string, c Condition) {
		c.Each(func(id string, _ bool) {
			if slices.Contains(l.bank.Recorded, id) {
				l.fault(rule, "uses %s, which is listed as kept for the record alone", id)
			}
		})
	}
	for i := range l.bank.Derived {
		look(l.bank.Derived[i].ID, l.bank.Derived[i].When)
	}
	for i := range l.bank.Findings {
		look(l.bank.Findings[i].ID, l.bank.Findings[i].When)
	}
}

// order refuses a derived fact that is used before it is derived: facts are derived in one pass, top to bottom.
func (l *loader) order(row int) {
	l.bank.Derived[row].When.Each(func(id string, _ bool) {
		a := l.bank.index.byID[id]
		for _, other := range l.bank.derived[a] {
			if other >= row {
				l.fault(l.bank.Derived[row].ID, "uses %s before it is derived", id)
			}
		}
		if _, isFinding := l.bank.findings[id]; isFinding {
			l.fault(l.bank.Derived[row].ID, "a fact does not follow from a finding")
		}
	})
}

func (l *loader) none(id string, c Condition, free bool) {
	c.Each(func(named string, none bool) {
		if !none || free || slices.Contains(l.bank.Lowering, named) {
			return
		}
		for _, d := range l.bank.Derived { // a benign derived fact that itself rests on lowering facts alone
			if d.ID == named && onlyOver(d.When, l.bank.Lowering) {
				return
			}
		}
		l.fault(id, "none may name only lowering facts, not %s", named)
	})
}

func onlyOver(c Condition, allowed []string) bool {
	ok := true
	c.Each(func(id string, none bool) { ok = ok && !none && slices.Contains(allowed, id) })
	return ok
}

func (l *loader) known(owner string, ids []string) mask {
	var atoms []atom
	for _, id := range ids {
		a, ok := l.bank.index.byID[id]
		if !ok {
			l.fault(owner, "unknown id %s", id)
		}
		atoms = append(atoms, a)
	}
	return l.bank.index.mask(atoms)
}
