package consult

import (
	"slices"
	"strings"

	"waypost/screening/plan"
	"waypost/web"
)

// The notes to copy, such as that for the coroner. They stand in a box without a name, so that no form takes along what was
// written into it: what is not copied is gone with the page.

// noteOf is the note that a view shows; nil: it shows none.
func (j *Journey) noteOf(view string) *plan.Note {
	i := slices.IndexFunc(j.Steps.Notes, func(n plan.Note) bool { return noteView(&n) == view })
	if i < 0 {
		return nil
	}
	return &j.Steps.Notes[i]
}

// noteFor is the note that is asked for, where the answers give reason for it; nil: none.
func (j *Journey) noteFor(s state) *plan.Note {
	n := j.noteOf(s.view)
	if n == nil {
		return nil
	}
	counted, _ := s.answers.Open()
	assessed := j.Bank.Assess(counted)
	if !slices.Contains(j.Steps.NotesFor(&assessed), n) {
		return nil
	}
	return n
}

// noteView is the view of the one address that shows a note.
func noteView(n *plan.Note) string { return "note-" + n.ID }

// Note puts a note into words: each field on a line of its own, "not known" where nothing was told.
func (s *Sheet) Note(n *plan.Note) string {
	var out strings.Builder
	for i := range n.Fields {
		f := &n.Fields[i]
		var said []string
		for _, fact := range f.Told(&s.Plan.Assessment) {
			said = append(said, s.Words.Text("fact."+fact))
		}
		if f.Says != "" {
			said = append(said, s.Words.Text("note.says."+f.Says))
		}
		if len(said) == 0 {
			said = append(said, s.Words.Text("note.not-known"))
		}
		out.WriteString(s.Words.Text("note.field."+f.ID) + " " + strings.Join(said, "; ") + "\n")
	}
	return out.String()
}

// note shows one note, in a box to write in.
func (j *Journey) note(s state, n *plan.Note) (web.Page, error) {
	carried, err := j.seal(s.answers)
	if err != nil {
		return web.Page{}, err
	}
	counted, _ := s.answers.Open()
	text := NewSheet(j.Steps.Make(j.Bank.Assess(counted)), j.Words.In(s.lang, nil), j.Finder, FaceToFace, j.Now()).Note(n)
	set := j.sets[s.lang]
	body, err := set.views.Fragment(s.lang, "note", values{
		"Carried": carried, "Print": nil, "Buttons": nil, "Heading": "note." + n.ID + ".heading", "Lead": "note." + n.ID + ".lead",
		"Text": text, "Rows": strings.Count(text, "\n") + 2,
	})
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{Shell: set.shells[s.view], Body: []web.Fragment{body}}, nil
}
