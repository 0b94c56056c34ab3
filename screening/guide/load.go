package guide

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"waypost/screening"
)

const file = "public.yaml"

type raw struct {
	Reviewed  string
	Questions []struct {
		ID      string
		Many    bool
		Answers []string
	}
	Screens  []rawScreen
	Hints    map[string][]string
	Help     []string
	Lines    []rawLine
	Requests []rawRequest
	Reports  []rawReport
	Keep     struct {
		Lines   int
		Sources []string
	}
}

type rawScreen struct {
	ID, Ask          string
	MaySkip          bool `yaml:"may_skip"`
	Once             bool
	When, Not, Panel []string
	Paragraphs       int
}

type rawLine struct {
	ID, Quiet                 string
	When, Not, Needs, Sources []string
	Otherwise                 bool
}

type rawRequest struct {
	ID, Law              string
	Paragraphs           int
	When, Needs, Sources []string
}

type rawReport struct {
	ID                                  string
	When, Fields, Tells, Needs, Sources []string
}

// Load reads and checks the content. Every fault is reported: a guide with any fault does not start.
func Load(fsys fs.FS) (*Guide, error) {
	var r raw
	if err := screening.Decode(fsys, file, &r); err != nil {
		return nil, fmt.Errorf("load guide: %w", err)
	}
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("load guide: %w", err)
	}
	var sources struct{ Sources map[string]screening.Source }
	if err := screening.Decode(fsys, "sources.yaml", &sources); err != nil {
		return nil, fmt.Errorf("load guide: %w", err)
	}
	sum := sha256.Sum256(text)
	l := loader{guide: &Guide{questions: map[string]int{}, screens: map[string]int{}, hints: map[byte][]answer{}, Version: hex.EncodeToString(sum[:])}, lines: map[string]int{}}
	if r.Reviewed != "awaiting" {
		l.fault(file, "a review needs a name and a date, and a place in the grammar for them")
	}
	l.questions(r)
	l.planLines(r, sources.Sources)
	l.screens(r)
	l.hints(r)
	l.requests(r, sources.Sources)
	l.reports(r, sources.Sources)
	l.shape()
	if err := errors.Join(l.faults...); err != nil {
		return nil, fmt.Errorf("load guide: %w", err)
	}
	return l.guide, nil
}

type loader struct {
	guide  *Guide
	lines  map[string]int
	faults []error
}

func (l *loader) fault(id, format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf("%s: "+format, append([]any{id}, args...)...))
}

func (l *loader) questions(r raw) {
	if len(r.Questions) > maxQuestions {
		l.fault(file, "at most %d questions", maxQuestions)
		r.Questions = r.Questions[:maxQuestions]
	}
	for i, q := range r.Questions {
		if _, twice := l.guide.questions[q.ID]; twice || q.ID == "" {
			l.fault(q.ID, "a question has one name of its own")
		}
		if len(q.Answers) < 2 || len(q.Answers) > maxAnswers || len(slices.Compact(slices.Sorted(slices.Values(q.Answers)))) != len(q.Answers) {
			l.fault(q.ID, "two to %d answers, none twice", maxAnswers)
		}
		l.guide.questions[q.ID] = i
		l.guide.Questions = append(l.guide.Questions, Question{q.ID, q.Many, q.Answers})
	}
}

func (l *loader) planLines(r raw, sources map[string]screening.Source) {
	for i, x := range r.Lines {
		if _, twice := l.lines[x.ID]; twice || x.ID == "" {
			l.fault(x.ID, "a line has one name of its own")
		}
		if x.Otherwise != (i == len(r.Lines)-1) || x.Otherwise == (len(x.When) > 0) {
			l.fault(x.ID, "the last line, and no other, stands where nothing else is raised")
		}
		if len(x.Needs) == 0 || len(x.Sources) == 0 || !slices.Contains(Quiets(), x.Quiet) {
			l.fault(x.ID, "a line has needs, sources and a quiet heading")
		}
		l.known(x.ID, x.Sources, sources)
		l.lines[x.ID] = i
		l.guide.Lines = append(l.guide.Lines, Line{
			ID: x.ID, Needs: x.Needs, Quiet: x.Quiet, Sources: x.Sources,
			otherwise: x.Otherwise, when: l.answers(x.ID, x.When), not: l.answers(x.ID, x.Not),
		})
	}
	l.guide.Help = l.panel("help", r.Help)
}

func (l *loader) screens(r raw) {
	for i, x := range r.Screens {
		if _, twice := l.guide.screens[x.ID]; twice || x.ID == "" {
			l.fault(x.ID, "a screen has one name of its own")
		}
		s := Screen{
			ID: x.ID, Ask: -1, MaySkip: x.MaySkip, Once: x.Once, Paragraphs: x.Paragraphs,
			Panel: l.panel(x.ID, x.Panel), when: l.answers(x.ID, x.When), not: l.answers(x.ID, x.Not),
		}
		if x.Ask != "" {
			q, known := l.guide.questions[x.Ask]
			if !known {
				l.fault(x.ID, "no question %s", x.Ask)
			}
			s.Ask = q
		}
		if x.Paragraphs < 0 || x.Paragraphs > 9 {
			l.fault(x.ID, "at most nine paragraphs")
		}
		l.guide.screens[x.ID] = i
		l.guide.Screens = append(l.guide.Screens, s)
	}
}

func (l *loader) known(of string, ids []string, sources map[string]screening.Source) {
	for _, s := range ids {
		if _, known := sources[s]; !known {
			l.fault(of, "no source %s", s)
		}
	}
}

func (l *loader) requests(r raw, sources map[string]screening.Source) {
	for _, x := range r.Requests {
		if x.ID == "" || x.Law == "" || len(x.When) == 0 || len(x.Sources) == 0 || x.Paragraphs < 1 || x.Paragraphs > 9 {
			l.fault(x.ID, "a request has a name, a law, a reason, one to nine paragraphs, and sources")
		}
		l.known(x.ID, x.Sources, sources)
		l.guide.Requests = append(l.guide.Requests, Request{
			ID: x.ID, Law: x.Law, Paragraphs: x.Paragraphs, Needs: x.Needs, Sources: x.Sources, when: l.answers(x.ID, x.When),
		})
	}
}

func (l *loader) reports(r raw, sources map[string]screening.Source) {
	for _, x := range r.Reports {
		if x.ID == "" || len(x.When) == 0 || len(x.Fields) == 0 || len(x.Tells) == 0 || len(x.Sources) == 0 {
			l.fault(x.ID, "a report has a name, a reason, fields, something to tell, and sources")
		}
		l.known(x.ID, x.Sources, sources)
		l.guide.Reports = append(l.guide.Reports, Report{
			ID: x.ID, Fields: x.Fields, Needs: x.Needs, Sources: x.Sources, when: l.answers(x.ID, x.When), tells: l.answers(x.ID, x.Tells),
		})
	}
	l.known("keep", r.Keep.Sources, sources)
	if l.guide.Keep = r.Keep.Lines; l.guide.Keep < 1 || l.guide.Keep > 9 || len(r.Keep.Sources) == 0 {
		l.fault("keep", "one to nine lines, and sources")
	}
}

func (l *loader) hints(r raw) {
	for letter, ids := range r.Hints {
		if len(letter) != 1 || letter < "a" || letter > "z" || len(ids) == 0 {
			l.fault(file, "a hint is one letter and some answers")
			continue
		}
		l.guide.hints[letter[0]] = l.answers("hint "+letter, ids)
	}
}

func (l *loader) panel(of string, ids []string) []*Line {
	var out []*Line
	for _, id := range ids {
		i, known := l.lines[id]
		if !known {
			l.fault(of, "no line %s", id)
			continue
		}
		out = append(out, &l.guide.Lines[i])
	}
	return out
}

func (l *loader) answers(of string, ids []string) []answer {
	var out []answer
	for _, id := range ids {
		question, name, _ := strings.Cut(id, ".")
		q, known := l.guide.questions[question]
		at := -1
		if known {
			at = slices.Index(l.guide.Questions[q].Answers, name)
		}
		if at < 0 {
			l.fault(of, "no answer %s", id)
			continue
		}
		out = append(out, answer{q, at})
	}
	return out
}

// shape holds what the journey relies on: it begins with a screen that may be passed over and ends with the plan; a screen
// depends on answers that come before it alone; every question is asked, and every answer but a quiet one raises something.
func (l *loader) shape() {
	g := l.guide
	n := len(g.Screens)
	if n < 2 || !g.Screens[0].MaySkip || g.Screens[n-1].Ask >= 0 || len(g.Screens[n-1].when) > 0 || len(g.Help) == 0 {
		l.fault(file, "first a screen that may be passed over, last the plan, and help on every screen")
		return
	}
	asked := map[int]bool{}
	for i := range g.Screens {
		s := &g.Screens[i]
		for _, x := range append(slices.Clone(s.when), s.not...) {
			if !asked[x.question] {
				l.fault(s.ID, "depends on a question that comes later")
			}
		}
		if s.Ask >= 0 {
			asked[s.Ask] = true
		}
	}
	for q := range g.Questions {
		if !asked[q] {
			l.fault(g.Questions[q].ID, "never asked")
		}
	}
}
