package plan

import (
	"slices"

	"waypost/screening"
)

// Note is a draft for somebody outside, such as the coroner: the clinician reads it, changes it and copies it. It is put
// together from what was told, holds no name, and reads "not known" where nothing was. Nobody sends or keeps it.
type Note struct {
	ID     string
	When   screening.Condition
	Fields []Field
	screening.Evidence

	when screening.Rule
}

// Field is one line of a note.
type Field struct {
	ID    string   `yaml:"id"`
	Tells []string `yaml:"tells"` // facts that it repeats, where they hold
	Says  string   `yaml:"says"`  // words that always stand there
}

// Told are the facts that a field repeats, in its own order.
func (f *Field) Told(a *screening.Assessment) []string {
	var out []string
	for _, fact := range f.Tells {
		if a.Has(fact) {
			out = append(out, fact)
		}
	}
	return out
}

// NotesFor are the notes that an assessment gives reason for.
func (l *Library) NotesFor(a *screening.Assessment) []*Note {
	var out []*Note
	for i := range l.Notes {
		if l.Notes[i].when.Holds(a) {
			out = append(out, &l.Notes[i])
		}
	}
	return out
}

type rawNote struct {
	ID                 string              `yaml:"id"`
	When               screening.Condition `yaml:"when"`
	Fields             []Field             `yaml:"fields"`
	screening.Evidence `yaml:",inline"`
}

func (l *loader) note(raw rawNote) {
	n := Note{ID: raw.ID, When: raw.When, Fields: raw.Fields, Evidence: raw.Evidence}
	if err := screening.CheckID(raw.ID); err != nil {
		l.faults = append(l.faults, err)
	}
	if err := raw.Check(l.lib.bank.Sources); err != nil {
		l.fault(raw.ID, "%v", err)
	}
	if raw.When.Empty() || len(raw.Fields) == 0 {
		l.fault(raw.ID, "a note says when, and has fields")
	}
	if slices.ContainsFunc(l.lib.Notes, func(o Note) bool { return o.ID == n.ID }) {
		l.fault(raw.ID, "note is there twice")
	}
	n.when = l.rule(raw.ID, raw.When)
	for _, f := range raw.Fields {
		l.rule(raw.ID+" "+f.ID, anyOf(f.Tells))
		if err := screening.CheckID("note." + f.ID); err != nil {
			l.fault(raw.ID, "%v", err)
		}
		if f.Says != "" && len(f.Tells) > 0 {
			l.fault(raw.ID, "%s either tells what is known or says what always stands", f.ID)
		}
	}
	l.lib.Notes = append(l.lib.Notes, n)
}
