package consult

import (
	"strings"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/screening"
	"waypost/screening/plan"
)

// Sheet is a plan put into words, for plain text and JSON: what a printer, a record or another program reads.
type Sheet struct {
	Plan  plan.Plan
	Words *locales.Words
	Found directory.Found
	Today time.Time
	Mode  string // chooses the wording of the question to ask next

	finder Finder
}

// NewSheet puts a plan into words, with the services that staff may see.
func NewSheet(p plan.Plan, words *locales.Words, finder Finder, mode string, today time.Time) *Sheet {
	return &Sheet{Plan: p, Words: words, Found: finder.Find(&p, directory.Staff, today), Today: today, Mode: mode, finder: finder}
}

// Told lists in plain words what the answers said, each thing once, in the order of the bank.
func (s *Sheet) Told(because []screening.Because) []string {
	var out []string
	seen := map[string]bool{}
	for _, b := range because {
		if !seen[b.Fact] {
			seen[b.Fact] = true
			out = append(out, s.Words.Text("fact."+b.Fact))
		}
	}
	return out
}

// Headline is the title of the most urgent finding, or says that nothing was raised, which is not the same as nothing
// being there.
func (s *Sheet) Headline() string {
	switch {
	case s.Plan.Headline == nil && s.Plan.Assessment.Asked():
		return s.Words.Text("plan.nothing-raised")
	case s.Plan.Headline == nil:
		return s.Words.Text("plan.nothing-asked")
	}
	return s.Words.Text("finding." + s.Plan.Headline.ID + ".title")
}

// Next is the question to ask next, in the words for the way in which the consultation is held; at the end it is false.
func (s *Sheet) Next() (id, words string, more bool) {
	q, more := s.Plan.Assessment.Bank().Asking(s.Plan.Assessment.Answers()).Next()
	if !more {
		return "", "", false
	}
	form := ".ask"
	if s.Mode == Telephone && !q.Clinician {
		form = ".phone"
	}
	return q.ID, s.Words.Text("question." + q.ID + form), true
}

// level is the id of the words for how urgent it is. Where nothing was asked it says so: silence is not "nothing raised".
func level(p *plan.Plan) string {
	if p.Urgency == screening.None && !p.Assessment.Asked() {
		return "line-state." + screening.NotAsked.String()
	}
	return "urgency." + key(p.Urgency.String())
}

// Because explains a step in words: each finding behind it, with what was told.
func (s *Sheet) Because(step plan.Step) []string {
	var out []string
	for _, r := range s.Plan.Why(step) {
		line := strings.Join(s.Told(r.Because), "; ")
		if r.Finding != nil {
			line = s.Words.Text("finding."+r.Finding.ID+".title") + ": " + line
		}
		out = append(out, line)
	}
	return out
}

// needs lists the needs that a service was matched for.
func needs(m directory.Match) []string {
	out := []string{}
	for _, r := range m.Reasons {
		if r.Code == directory.ForNeed {
			out = append(out, r.ID)
		}
	}
	return out
}

// key turns an id into the form a message id may have.
func key(id string) string { return strings.ReplaceAll(id, "_", "-") }
