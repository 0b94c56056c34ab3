package agent

import (
	"slices"
	"strings"

	"waypost/referrals/directory"
)

// number is one telephone number as the directory lets anybody see it. The agent is no member of staff of a practice, and
// reads it to the caller.
type number struct {
	Name, Text, Tel, Note string
	InName, Always        bool
	Only                  []string // ids of words: for women, for adults, only in one nation
	Nations               []string // ids of the words before it, where it is not the number of all four
}

// hand is one need with the numbers for it.
type hand struct {
	Words     string // id
	Emergency bool
	Numbers   []number
}

// hands finds the numbers of the needs, for every nation: nobody asks a caller where they are for the sake of a form. Where
// the directory has none to show, the page says so.
func (j *Journey) hands(needs []string) []hand {
	var out []hand
	for _, need := range needs {
		h := hand{Words: "need." + need, Emergency: need == directory.Emergency}
		for _, nation := range directory.AllNations.List() {
			for _, n := range j.numbers(need, nation) {
				at := slices.IndexFunc(h.Numbers, func(x number) bool { return x.Name == n.Name && x.Tel == n.Tel })
				if at < 0 {
					at = len(h.Numbers)
					h.Numbers = append(h.Numbers, n)
				}
				h.Numbers[at].Nations = append(h.Numbers[at].Nations, nationWords(nation))
			}
		}
		for i := range h.Numbers {
			if len(h.Numbers[i].Nations) == len(directory.AllNations.List()) {
				h.Numbers[i].Nations = nil
			}
		}
		out = append(out, h)
	}
	return out
}

// numbers are whom to ring for a need in a nation.
func (j *Journey) numbers(need string, nation directory.Nation) []number {
	lines := j.Directory.Lines(directory.Wants{
		Needs: []string{need}, Nation: nation, Audience: directory.Public, Mode: j.Mode, Today: j.Now(),
	})
	out := make([]number, len(lines))
	for i, l := range lines {
		out[i] = told(l)
	}
	return out
}

func told(l directory.Line) number {
	n := number{
		Name: l.Service.Name, Text: l.At, Tel: strings.ReplaceAll(l.At, " ", ""), Note: l.Note,
		InName: l.Service.EmergencyNumber, Always: l.Service.Hours.Always,
	}
	for _, r := range l.Reasons {
		switch r.Code {
		case directory.LimitedBySex:
			n.Only = append(n.Only, "public.number."+r.ID)
		case directory.LimitedByAge:
			n.Only = append(n.Only, "public.number.adults")
		}
	}
	return n
}
