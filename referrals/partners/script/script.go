// Package script is what a support agent of an implant company says in the first minutes, and to whom the caller is handed
// over. It is pure: the choices that were pressed go in, the step to show comes out.
//
// It refuses to go round in circles: a choice leads only to a later step, so that every call ends. It refuses to ask who did
// it or what is true, to take a word typed, and to be changed by a company. Its content is script.yaml and law.yaml beside
// it; its words are in locales, its numbers in the directory.
package script

import (
	"errors"
	"slices"
	"time"

	"waypost/referrals/directory"
)

// Script is the content, checked. It is loaded once and never changed.
type Script struct {
	Steps   []Step
	Hard    []string // the hard moments
	Law     Law
	Version string // SHA-256 of the content files
}

// Step is one view of the call.
type Step struct {
	ID             string
	Say, Do, Never int
	Urgent         bool
	Choices        []Choice
	Hands          []string // needs of the directory
	Company        []Company
	Why            string // a step of the clinician's bank; empty: none
	Law, Facts     bool
	Address        bool
	Entry          string // of the public journey, whose letter may go with the address; empty: none
	Sources        []string
}

// Choice is one button.
type Choice struct {
	ID string
	To int
}

// Company is a part of the partner's own entry.
type Company string

// What of a partner's entry may stand on a step.
const (
	Lead     Company = "lead"
	Legal    Company = "legal"
	Products Company = "products"
	Hours    Company = "hours"
)

// Law is what is known of the law about chips in another person, good until a day.
type Law struct {
	ReadOn, Again time.Time
	Points        []Point
}

// Point is one thing about the law.
type Point struct {
	ID       string
	Requests []string // steps
	Nations  directory.Nations
	Findings []string // of the clinician's bank
	Sources  []string
}

// For is the law that stands on a step. Fresh is false where it is past its day: then there is none to show.
func (l *Law) For(step string, today time.Time) (points []Point, fresh bool) {
	if l.Overdue(today) {
		return nil, false
	}
	for _, p := range l.Points {
		if slices.Contains(p.Requests, step) {
			points = append(points, p)
		}
	}
	return points, true
}

// Overdue reports whether the law is past the day on which it is looked at again.
func (l *Law) Overdue(today time.Time) bool {
	y, m, d := today.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).After(l.Again)
}

// Check says what is past its day.
func (s *Script) Check(today time.Time) error {
	if s.Law.Overdue(today) {
		return errors.New("the law in the script for support agents is past the day on which it was to be looked at again")
	}
	return nil
}

// Urgent are the steps behind "danger" on every other: the red ones that stand before any question of what it is about.
func (s *Script) Urgent() []*Step {
	var out []*Step
	for i := 1; i < len(s.Steps) && s.Steps[i].Urgent; i++ {
		out = append(out, &s.Steps[i])
	}
	return out
}

// Last reports whether a step is the end of the call.
func (s *Script) Last(at int) bool { return at == len(s.Steps)-1 }

// Words lists the ids of the words that the content needs.
func (s *Script) Words() []string {
	var ids []string
	for i := range s.Steps {
		x := &s.Steps[i]
		ids = append(ids, HeadingWords(x.ID))
		ids = append(ids, x.SayWords()...)
		ids = append(ids, x.DoWords()...)
		ids = append(ids, x.NeverWords()...)
		for _, c := range x.Choices {
			ids = append(ids, x.ChoiceWords(c.ID))
		}
		if x.Why != "" {
			ids = append(ids, WhyWords(x.Why))
		}
	}
	for _, h := range s.Hard {
		ids = append(ids, HardWords(h)...)
	}
	for _, p := range s.Law.Points {
		ids = append(ids, LawWords(p.ID), PlainLawWords(p.ID))
	}
	return ids
}

// HeadingWords is the id of the words at the top of a step.
func HeadingWords(step string) string { return "agent." + step + ".heading" }

// SayWords are the ids of the lines read aloud.
func (s *Step) SayWords() []string { return lines(s.ID, "say", s.Say) }

// DoWords are the ids of what the agent does.
func (s *Step) DoWords() []string { return lines(s.ID, "do", s.Do) }

// NeverWords are the ids of what the agent never does or says.
func (s *Step) NeverWords() []string { return lines(s.ID, "never", s.Never) }

// ChoiceWords is the id of the words of a button.
func (s *Step) ChoiceWords(choice string) string { return "agent." + s.ID + ".choice." + choice }

// HardWords are the ids of a hard moment: what is heard, and the line to say or the thing to do.
func HardWords(moment string) []string {
	return []string{"agent.hard." + moment + ".heard", "agent.hard." + moment + ".line"}
}

// LawWords is the id of a point of the law.
func LawWords(point string) string { return "agent.law." + point }

// PlainLawWords is the id of the same point in the plainer words of the public journey.
func PlainLawWords(point string) string { return "public.law." + point }

// WhyWords is the id of the reason that the clinician's bank gives.
func WhyWords(step string) string { return "step." + step + ".why" }

func lines(step, kind string, n int) []string {
	var ids []string
	for i := range n {
		ids = append(ids, "agent."+step+"."+kind+"-"+string(rune('1'+i)))
	}
	return ids
}
