// Package guide is what the public journey asks and in which order, and which lines stand in its plan. It is pure: a set of
// answers goes in, the next screen or the plan comes out.
//
// It is not the clinician's bank: a frightened person alone with a telephone is asked nine short questions at most, and
// gets a few lines, each with one thing to do. It refuses to ask who did it, to judge what is true, to give a score, and to
// read silence as a no. Its content is screening/content/public.yaml; its words are in locales, its numbers in the directory.
package guide

import "slices"

// MostLines is how many lines a plan shows at once. What is raised beyond that comes on the next page, so that nothing that
// somebody told us is dropped.
const MostLines = 5

// Guide is the content, checked. It is loaded once and never changed.
type Guide struct {
	Questions []Question
	Screens   []Screen
	Lines     []Line
	Help      []*Line // behind "I need help right now"
	Requests  []Request
	Reports   []Report
	Keep      int    // how many lines the card on keeping evidence has
	Version   string // SHA-256 of the content file

	questions map[string]int
	screens   map[string]int
	hints     map[byte][]answer
}

// Question is one question and its answers, in the order in which they are shown.
type Question struct {
	ID      string
	Many    bool
	Answers []string
}

// Screen is one view of the journey.
type Screen struct {
	ID         string
	Ask        int  // index of the question; -1: none
	MaySkip    bool // silence is let pass
	Once       bool // not shown again on the way back
	Panel      []*Line
	Paragraphs int

	when, not []answer
}

// Line is one line of a plan: one thing to do, one number.
type Line struct {
	ID      string
	Needs   []string // of the directory; the first with a number to show wins
	Quiet   string   // urgent, talk or check
	Sources []string

	otherwise bool
	when, not []answer
}

// Request is what is said where a chip is wanted in another person: a kind no, and what does help. The law stands elsewhere.
type Request struct {
	ID, Law    string
	Paragraphs int
	Needs      []string // of the directory; the first with a number to show wins
	Sources    []string

	when []answer
}

// Requested is the request that the answers tell of; nil where they tell of none.
func (g *Guide) Requested(a Answers) *Request {
	a = g.Given(a)
	for i := range g.Requests {
		if a.any(g.Requests[i].when) {
			return &g.Requests[i]
		}
	}
	return nil
}

// Report is a draft that a person may copy: made from what was answered, sent by nobody.
type Report struct {
	ID      string
	Fields  []string
	Needs   []string // of the directory; none: whoever gets it is not in a directory
	Sources []string

	when, tells []answer
}

// Told is one answer as a report repeats it.
type Told struct{ Question, Answer string }

// Offered are the reports that the answers give reason for, by their index.
func (g *Guide) Offered(a Answers) []int {
	a = g.Given(a)
	var out []int
	for i := range g.Reports {
		if a.any(g.Reports[i].when) {
			out = append(out, i)
		}
	}
	return out
}

// Tells are the answers that a report repeats, in its own order.
func (g *Guide) Tells(r *Report, a Answers) []Told {
	a = g.Given(a)
	var out []Told
	for _, x := range r.tells {
		if a.given[x.question]>>x.at&1 == 1 {
			q := &g.Questions[x.question]
			out = append(out, Told{q.ID, q.Answers[x.at]})
		}
	}
	return out
}

// Quiets are the neutral headings of the quiet copy, in their order.
func Quiets() []string { return []string{"urgent", "talk", "check"} }

// answer is one answer to one question.
type answer struct{ question, at int }

// Answers is what was answered: for each question the answers chosen, as bits. The zero value is nothing answered.
type Answers struct{ given [maxQuestions]uint16 }

// maxQuestions and maxAnswers bound a guide, so that what is carried has one size whatever was answered.
const (
	maxQuestions = 12
	maxAnswers   = 16
)

// With gives the answers with one question answered anew.
func (a Answers) With(question int, chosen uint16) Answers {
	a.given[question] = chosen
	return a
}

// At is what was answered to a question.
func (a Answers) At(question int) uint16 { return a.given[question] }

func (a Answers) any(list []answer) bool {
	return slices.ContainsFunc(list, func(x answer) bool { return a.given[x.question]>>x.at&1 == 1 })
}

// Has reports whether an answer was given.
func (g *Guide) Has(a Answers, question, id string) bool {
	q, ok := g.questions[question]
	if !ok {
		return false
	}
	at := slices.Index(g.Questions[q].Answers, id)
	return at >= 0 && a.given[q]>>at&1 == 1
}

// Screen is the index of a screen.
func (g *Guide) Screen(id string) (int, bool) {
	i, ok := g.screens[id]
	return i, ok
}

// Question is the index of a question.
func (g *Guide) Question(id string) (int, bool) {
	i, ok := g.questions[id]
	return i, ok
}

// Last reports whether a screen is the plan, after which there is none.
func (g *Guide) Last(at int) bool { return at == len(g.Screens)-1 }

// Open reports whether a screen is part of the way for these answers.
func (g *Guide) Open(at int, a Answers) bool {
	s := &g.Screens[at]
	return (len(s.when) == 0 || a.any(s.when)) && !a.any(s.not)
}

// Next is the screen after this one. The order of the screens only ever goes forward, so every way ends at the plan.
func (g *Guide) Next(at int, a Answers) int {
	for i := at + 1; i < len(g.Screens); i++ {
		if g.Open(i, a) {
			return i
		}
	}
	return len(g.Screens) - 1
}

// Back is the screen before this one. What is shown once is passed over.
func (g *Guide) Back(at int, a Answers) int {
	for i := at - 1; i > 0; i-- {
		if g.Open(i, a) && !g.Screens[i].Once || g.changes(i, a) {
			return i
		}
	}
	return 0
}

// changes reports whether a screen is closed only because its own question was answered: the way back leads there, so that
// the answer can be changed.
func (g *Guide) changes(at int, a Answers) bool {
	s := &g.Screens[at]
	return s.Ask >= 0 && slices.ContainsFunc(s.not, func(x answer) bool { return x.question == s.Ask }) && a.any(s.not)
}

// Given drops the answers to questions whose every screen is closed: what somebody said before they changed an earlier
// answer counts for nothing.
func (g *Guide) Given(a Answers) Answers {
	var kept Answers
	for i := range g.Screens {
		if s := &g.Screens[i]; s.Ask >= 0 && (len(s.when) == 0 || kept.any(s.when)) {
			kept.given[s.Ask] = a.given[s.Ask]
		}
	}
	return kept
}

// Plan is the lines that the answers raise, most urgent first. There is always at least one.
func (g *Guide) Plan(a Answers) []*Line {
	a = g.Given(a)
	var out []*Line
	for i := range g.Lines {
		l := &g.Lines[i]
		if l.otherwise && len(out) == 0 || a.any(l.when) && !a.any(l.not) {
			out = append(out, l)
		}
	}
	return out
}

// Words lists the ids of the words that the content needs.
func (g *Guide) Words() []string {
	var ids []string
	for i := range g.Questions {
		for _, a := range g.Questions[i].Answers {
			ids = append(ids, AnswerWords(g.Questions[i].ID, a))
		}
	}
	for i := range g.Screens {
		ids = append(ids, HeadingWords(g.Screens[i].ID))
		ids = append(ids, g.Screens[i].Texts()...)
	}
	for i := range g.Lines {
		ids = append(ids, LineWords(g.Lines[i].ID))
	}
	for _, q := range Quiets() {
		ids = append(ids, "public.quiet."+q)
	}
	for i := range g.Requests {
		ids = append(ids, RequestWords(g.Requests[i].ID))
		ids = append(ids, g.Requests[i].Texts()...)
	}
	for i := range g.Reports {
		ids = append(ids, ReportWords(g.Reports[i].ID))
		for _, f := range g.Reports[i].Fields {
			ids = append(ids, FieldWords(f))
		}
		for _, x := range g.Reports[i].tells {
			q := &g.Questions[x.question]
			ids = append(ids, ToldWords(Told{q.ID, q.Answers[x.at]}))
		}
	}
	for i := range g.Keep {
		ids = append(ids, KeepWords(i))
	}
	return ids
}

// HeadingWords is the id of the words at the top of a screen.
func HeadingWords(screen string) string { return "public." + screen + ".heading" }

// AnswerWords is the id of the words of an answer.
func AnswerWords(question, answer string) string { return "public.answer." + question + "." + answer }

// LineWords is the id of the words of a line.
func LineWords(line string) string { return "public.line." + line }

// RequestWords is the id of the words at the top of what is said to a request.
func RequestWords(request string) string { return "public.request." + request + ".heading" }

// Texts are the ids of what is said to a request.
func (r *Request) Texts() []string { return texts("request."+r.ID, r.Paragraphs) }

// ReportWords is the id of the name of a report.
func ReportWords(report string) string { return "public.report." + report }

// FieldWords is the id of the name of a field of a report.
func FieldWords(field string) string { return "public.field." + field }

// ToldWords is the id of the words in which a report repeats an answer.
func ToldWords(t Told) string { return "public.told." + t.Question + "." + t.Answer }

// KeepWords is the id of a line of the card on keeping evidence.
func KeepWords(line int) string { return "public.keep.text-" + string(rune('1'+line)) }

// Texts are the ids of the paragraphs of a screen.
func (s *Screen) Texts() []string { return texts(s.ID, s.Paragraphs) }

func texts(of string, n int) []string {
	var ids []string
	for i := range n {
		ids = append(ids, "public."+of+".text-"+string(rune('1'+i)))
	}
	return ids
}
