// Package screening answers one question: what is going on?
//
// It holds the bank of questions and rules as data (screening/content), turns the answers of a consultation into facts,
// facts into findings, and says which answers raised each of them. It keeps three lines apart: abuse, mind, body.
//
// It refuses to add anything up. There is no score, no probability and no verdict, silence is never read as "no", and
// nothing a person says is stored, logged or put into an error: an error names an id, never a value.
package screening

import (
	"embed"
	"io/fs"
	"time"
)

//go:embed content/*.yaml
var content embed.FS

// Content is the bank that ships with Waypost: questions, facts, findings, actions and sources.
func Content() fs.FS {
	sub, err := fs.Sub(content, "content")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// Urgency says how soon somebody must act. It is always shown in words with its reasons.
type Urgency int

// The one scale, for every line. Info is the least: it asks for nothing but to be known.
const (
	None Urgency = iota
	Info
	NextReview
	TwoWeeks
	SevenDays
	TwoDays
	SameDay
	Now
)

var urgencies = []string{"none", "info", "next_review", "2_weeks", "7_days", "2_days", "same_day", "now"}

func (u Urgency) String() string { return urgencies[u] }

// Line is one of the three independent lines of enquiry. Each opens on its own evidence and none closes another.
type Line int

// The three lines.
const (
	Abuse Line = iota
	Mind
	Body
)

var lines = []string{"abuse", "mind", "body"}

func (l Line) String() string { return lines[l] }

// Lines lists the three lines in the order in which they are shown.
func Lines() []Line { return []Line{Abuse, Mind, Body} }

// Tier says how deep a question lies: before asking, gateway, risk core, branch, or for a specialist or second visit.
type Tier int

// The tiers in the order of a consultation.
const (
	Pre Tier = iota
	Gate
	Core
	Branch
	Deep
)

var tiers = []string{"pre", "gate", "core", "branch", "deep"}

func (t Tier) String() string { return tiers[t] }

// Review says whether a named person has signed an item and until when. Everything starts as awaiting.
type Review struct {
	State string `yaml:"state"` // awaiting | signed
	By    string `yaml:"by"`
	On    string `yaml:"on"`    // the day it was signed, 2006-01-02
	Again string `yaml:"again"` // the day by which it must be read again, 2006-01-02
}

// Overdue reports a signed item whose review date has passed; such content breaks the build.
func (r Review) Overdue(today time.Time) bool {
	if r.State != "signed" {
		return false
	}
	again, err := time.Parse(time.DateOnly, r.Again)
	return err != nil || today.After(again.AddDate(0, 0, 1))
}

// Source is where a claim was read: a guideline, a paper, a page, or a mark that it is our own synthesis.
type Source struct {
	ID      string   `yaml:"-"`
	Title   string   `yaml:"title"`
	Note    string   `yaml:"note"`
	Address string   `yaml:"address"`
	Also    []string `yaml:"also"`
	Kind    string   `yaml:"kind"` // P G R C U L V N X SYN MEM, as explained at the top of sources.yaml
	Date    string   `yaml:"date"`
	Read    string   `yaml:"read"`
	SameAs  string   `yaml:"same_as"`
}

// Evidence is what every item of the bank carries about itself.
type Evidence struct {
	Sources  []string `yaml:"sources"`
	Basis    string   `yaml:"basis"` // adapted from a source, or our synthesis
	Reviewed Review   `yaml:"reviewed"`
}

// Answer is one of the answers a question offers, with the facts it raises.
type Answer struct {
	ID    string
	Facts []string
	Alone bool // given together with another answer it is a contradiction, as "no" is

	atoms atomSet
}

// Question is one question of the bank. Its words are in locales under its id.
type Question struct {
	ID        string
	Topic     string
	Tier      Tier
	Clinician bool // ticked by the clinician, never read aloud
	Many      bool // may have several answers
	Open      Condition
	Answers   []Answer // in rising concern
	Lines     [3]bool  // the lines that its answers can open
	Evidence

	open   test
	always bool
}

// Answer finds an answer by its id, or reports -1.
func (q *Question) Answer(id string) int {
	for i := range q.Answers {
		if q.Answers[i].ID == id {
			return i
		}
	}
	return -1
}

// Derived is a fact that follows from other facts. Several rows may derive the same fact.
type Derived struct {
	ID       string    `yaml:"id"`
	When     Condition `yaml:"when"`
	Benign   bool      `yaml:"benign"` // used only to void or allow a benign finding; may name anything under none
	Evidence `yaml:",inline"`

	atom atom
	when test
}

// Finding is a named concern, or a benign reading of one arrangement, that follows from facts.
type Finding struct {
	ID       string
	Line     Line
	When     Condition
	Urgency  Urgency
	Pathways []string
	Benign   bool
	Evidence

	atom atom
	when test
}

// Pathway is a kind of help that a finding opens. Not lists the facts that close it, such as the person having died.
type Pathway struct {
	ID  string   `yaml:"id"`
	Not []string `yaml:"not"`

	not mask
}

// Bank is the whole of what Waypost asks and concludes. It is loaded once, checked, and never changed.
type Bank struct {
	Questions []Question
	Derived   []Derived
	Findings  []Finding
	Pathways  []Pathway
	Sources   map[string]Source
	Lowering  []string // the only facts that may lower a line
	Recorded  []string // raised and kept for the copy for the record, used by no rule
	Stops     []string // facts that stop the questions: it is not safe to ask
	Version   string   // SHA-256 of the content files

	index     *index
	questions map[string]int
	findings  map[string]int
	stops     mask
	raised    atomSet // the facts that answers can raise
	raisedBy  map[string][]Given
	derived   [maxAtoms][]int // rows that derive an atom
	slots     [maxAtoms]int32 // place of a derived fact or finding among them, -1 for a raised fact
	slotCount int
	byUrgency []int // places of the findings, most urgent first
}

// Question finds a question by id.
func (b *Bank) Question(id string) (*Question, bool) {
	i, ok := b.questions[id]
	if !ok {
		return nil, false
	}
	return &b.Questions[i], true
}

// Finding finds a finding by id.
func (b *Bank) Finding(id string) (*Finding, bool) {
	i, ok := b.findings[id]
	if !ok {
		return nil, false
	}
	return &b.Findings[i], true
}

// Known reports whether a condition may name this id.
func (b *Bank) Known(id string) bool { _, ok := b.index.byID[id]; return ok }

// Atoms lists every id that a condition may name: facts, derived facts, findings.
func (b *Bank) Atoms() []string { return append([]string(nil), b.index.ids...) }
