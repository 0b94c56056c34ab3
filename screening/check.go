package screening

import (
	"errors"
	"fmt"
	"time"
)

// Check looks for what Load does not look for each time the product starts: a rule that no answers fire, and a review
// that is overdue. It takes about a second and belongs into the build.
func (b *Bank) Check(today time.Time) error {
	var faults []error
	for i := range b.Derived {
		if len(b.Witnesses(b.Derived[i].When)) == 0 {
			faults = append(faults, fmt.Errorf("%s: no answers ever derive this fact", b.Derived[i].ID))
		}
	}
	for i := range b.Findings {
		f := &b.Findings[i]
		if len(b.Witnesses(f.When)) == 0 {
			faults = append(faults, fmt.Errorf("%s: no answers ever raise this finding", f.ID))
		}
	}
	for _, item := range b.items() {
		if item.Reviewed.Overdue(today) {
			faults = append(faults, fmt.Errorf("%s: its review is overdue", item.id))
		}
	}
	return errors.Join(faults...)
}

type item struct {
	id string
	Evidence
}

func (b *Bank) items() []item {
	var out []item
	for i := range b.Questions {
		out = append(out, item{b.Questions[i].ID, b.Questions[i].Evidence})
	}
	for i := range b.Findings {
		out = append(out, item{b.Findings[i].ID, b.Findings[i].Evidence})
	}
	return out
}

// Awaiting counts the questions and findings that nobody has signed yet.
func (b *Bank) Awaiting() int {
	n := 0
	for _, item := range b.items() {
		if item.Reviewed.State == "awaiting" {
			n++
		}
	}
	return n
}

// Facts lists the facts that answers raise.
func (b *Bank) Facts() []string {
	var out []string
	b.raised.each(func(a atom) { out = append(out, b.index.ids[a]) })
	return out
}
