package public

import (
	"slices"
	"strings"

	"waypost/referrals/directory"
	"waypost/screening/guide"
)

// number is one telephone number as the directory lets the public see it, with what must be said beside it.
type number struct {
	Name, Text, Tel, Note, Hours string
	InName                       bool     // the name says what the note says: so with 999, 101 and 111
	Only                         []string // ids of words: for women, for adults, only in Wales
	Nations                      []string // ids of the words before it, where nobody said in which nation they are
}

// entry is one line of a plan or a panel with its number.
type entry struct {
	Words string // id
	Quiet string
	List  []number // one, or where nobody said in which nation they are, those of every nation; two where one is for women alone
}

// numbersFor is the number of the first need that has one to show. 999 is the number of a line that asks for it and of no
// other: a person who is told to see a doctor this week is not told to ring an ambulance.
func (j *Journey) numbersFor(l *guide.Line, nation directory.Nation) []number {
	for _, need := range l.Needs {
		if all := j.numbersOf(need, nation); len(all) > 0 {
			return all
		}
	}
	return nil
}

// numbersOf are whom to ring for a need.
func (j *Journey) numbersOf(need string, nation directory.Nation) []number {
	lines := j.Directory.Lines(directory.Wants{
		Needs: []string{need}, Nation: nation, Audience: directory.Public, Mode: j.Mode, Today: j.Now(),
	})
	out := make([]number, len(lines))
	for i, l := range lines {
		out[i] = told(l)
	}
	return out
}

// numberOf is the first number for a need; nil where there is none to show.
func (j *Journey) numberOf(need string, nation directory.Nation) *number {
	if all := j.numbersOf(need, nation); len(all) > 0 {
		return &all[0]
	}
	return nil
}

// told is what the public is shown of a match.
func told(l directory.Line) number {
	n := number{Name: l.Service.Name, Text: l.At, Tel: strings.ReplaceAll(l.At, " ", ""), Note: l.Note, InName: l.Service.EmergencyNumber}
	if l.Service.Hours.Always {
		n.Hours = "public.number.always"
	}
	for _, r := range l.Reasons {
		switch r.Code {
		case directory.OnlyInNation:
			n.Only = append(n.Only, nationWords(r.ID))
		case directory.LimitedBySex:
			n.Only = append(n.Only, sexWords(r.ID))
		case directory.LimitedByAge:
			n.Only = append(n.Only, "public.number.adults")
		}
	}
	return n
}

func sexWords(sex string) string {
	if sex == "women" {
		return "public.number.women"
	}
	return "public.number.men"
}

func nationWords(nation string) string { return guide.AnswerWords("nation", nation) }

// entries are the lines with their numbers. Somebody who has not said where they are is shown the number of every nation
// where they differ: the wrong one helps nobody.
func (j *Journey) entries(lines []*guide.Line, a guide.Answers) []entry {
	nation := j.nation(a)
	out := make([]entry, 0, len(lines))
	for _, l := range lines {
		e := entry{Words: guide.LineWords(l.ID), Quiet: l.Quiet}
		if nation == directory.UnknownNation {
			e.List = j.everywhere(l)
		} else {
			e.List = j.numbersFor(l, nation)
		}
		out = append(out, e)
	}
	return out
}

func (j *Journey) everywhere(l *guide.Line) []number {
	var out []number
	for _, nation := range directory.AllNations.List() {
		for _, n := range j.numbersFor(l, nation) {
			at := slices.IndexFunc(out, func(x number) bool { return x.Name == n.Name })
			if at < 0 {
				at = len(out)
				out = append(out, n)
			}
			out[at].Nations = append(out[at].Nations, nationWords(nation.String()))
		}
	}
	if len(out) == 1 && len(out[0].Nations) == len(directory.AllNations.List()) {
		out[0].Nations = nil
	}
	return out
}

func (j *Journey) nation(a guide.Answers) directory.Nation {
	for _, n := range directory.AllNations.List() {
		if j.Guide.Has(a, "nation", n.String()) {
			return n
		}
	}
	return directory.UnknownNation
}
