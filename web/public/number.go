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

// entry is one line of a plan or a panel with its number. The line for England's women alone has another for men.
type entry struct {
	Words string // id
	Quiet string
	Also  *number
	List  []number // one, or where nobody said in which nation they are, those of every nation
}

// numberFor is the number of the first need that has one to show. 999 is the number of a line that asks for it and of no
// other: a person who is told to see a doctor this week is not told to ring an ambulance.
func (j *Journey) numberFor(l *guide.Line, nation directory.Nation) (first, other *number) {
	for _, need := range l.Needs {
		if first, other = j.numberOf(need, nation); first != nil {
			return first, other
		}
	}
	return nil, nil
}

func (j *Journey) numberOf(need string, nation directory.Nation) (first, other *number) {
	found := j.Directory.Match(directory.Wants{
		Needs: []string{need}, Nation: nation, Audience: directory.Public, Mode: j.Mode, Today: j.Now(), Limit: directory.HardLimit,
	})
	var only directory.Sex
	for _, m := range found.Matches {
		if need != directory.Emergency && slices.Contains(m.Service.Needs, directory.Emergency) {
			continue
		}
		at := slices.IndexFunc(m.Service.Ways, func(w directory.Way) bool { return w.By == directory.Phone })
		if at < 0 {
			continue
		}
		if first == nil {
			first, only = told(m, m.Service.Ways[at]), m.Service.Who.Only
			if only == directory.SexUnknown {
				return first, nil
			}
			continue
		}
		if m.Service.Who.Only != only {
			return first, told(m, m.Service.Ways[at])
		}
	}
	return first, nil
}

// told is what the public is shown of a match.
func told(m directory.Match, w directory.Way) *number {
	n := &number{Name: m.Service.Name, Text: w.At, Tel: strings.ReplaceAll(w.At, " ", ""), Note: w.Note, InName: m.Service.EmergencyNumber}
	if m.Service.Hours.Always {
		n.Hours = "public.number.always"
	}
	for _, r := range m.Reasons {
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
		} else if first, other := j.numberFor(l, nation); first != nil {
			e.List, e.Also = []number{*first}, other
		}
		out = append(out, e)
	}
	return out
}

func (j *Journey) everywhere(l *guide.Line) []number {
	var out []number
	for _, nation := range directory.AllNations.List() {
		first, _ := j.numberFor(l, nation)
		if first == nil {
			continue
		}
		at := slices.IndexFunc(out, func(n number) bool { return n.Name == first.Name })
		if at < 0 {
			at = len(out)
			out = append(out, *first)
		}
		out[at].Nations = append(out[at].Nations, nationWords(nation.String()))
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
