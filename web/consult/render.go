package consult

import (
	"embed"
	"fmt"
	"strings"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
)

//go:embed templates/*.html
var templates embed.FS

// set is everything of one language that is the same for everybody, rendered once. A page is a list of its pieces; only
// which pieces is decided for a request.
type set struct {
	lang      string
	parts     map[string]web.Fragment // pieces without a choice, by template name
	shells    map[string]*web.Shell   // by view
	questions []questionSet
	sections  map[string]sectionSet
	order     []string // of the sections, deep last
	steps     map[string]stepSet
	findings  map[string]findingSet
	told      map[string]web.Fragment // by fact
	words     map[string]web.Fragment // single phrases, by message id
	services  map[serviceKey]web.Fragment
	reasons   map[directory.Reason]web.Fragment // why a service is listed
	views     *web.Views
}

type questionSet struct {
	// open, answers and close, first in the words for face to face, then in those for the telephone
	open    [2]web.Fragment
	answers [][2]web.Fragment // not given, given
	close   [2]web.Fragment
	whole   [2][]web.Fragment // a single-choice question, ready for each answer, the last one "not asked"
	hidden  []web.Fragment
}

type sectionSet struct{ open, about web.Fragment }

type stepSet struct{ open, more, close web.Fragment }

type findingSet struct{ reason, open, headline web.Fragment }

type renderer struct {
	*Journey
	*set
	err error
}

// render makes the pieces of one language.
func (j *Journey) render(lang string) (*set, error) {
	views, err := j.kit.Views(templates, nil, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("consult pages: %w", err)
	}
	r := renderer{Journey: j, set: &set{lang: lang, parts: map[string]web.Fragment{}, shells: map[string]*web.Shell{}, sections: map[string]sectionSet{},
		steps: map[string]stepSet{}, findings: map[string]findingSet{}, told: map[string]web.Fragment{},
		words: map[string]web.Fragment{}, services: map[serviceKey]web.Fragment{}, reasons: map[directory.Reason]web.Fragment{}, views: views}}
	r.page()
	r.questionPieces()
	r.planPieces()
	r.servicePieces()
	if r.err != nil {
		return nil, fmt.Errorf("consult pages in %s: %w", lang, r.err)
	}
	return r.set, nil
}

func (r *renderer) piece(name string, data any) web.Fragment {
	f, err := r.views.Fragment(r.lang, name, data)
	if err != nil && r.err == nil {
		r.err = err
	}
	return f
}

type values = map[string]any

func (r *renderer) page() {
	for _, name := range []string{"form-open", "asking-open", "asking-close", "form-close", "self-asking", "self-close", "faults-open", "faults-close", "stopped",
		"result-open", "result-close", "section-close", "now-open", "list-close", "reason-bare", "reason-close", "semicolon",
		"phases-open", "details-close", "withheld-open", "withheld-close", "marks-open", "marks-close", "lines-open", "lines-close", "findings-open", "findings-close", "services-open", "services-close", "service-close", "actions-open", "actions-close"} {
		r.parts[name] = r.piece(name, nil)
	}
	r.parts["nothing"] = r.piece("nothing", values{"Title": "plan.nothing-raised"})
	r.parts["not-asked"] = r.piece("nothing", values{"Title": "plan.nothing-asked"})
	r.parts["old-form"] = r.piece("notice", "consult.old-form")
	if offer := r.Words.Languages(); len(offer) > 1 {
		r.parts["languages"] = r.piece("languages", offer)
	}
	for u := screening.None; u <= screening.Now; u++ {
		words := "urgency." + key(u.String())
		r.words["level."+words] = r.piece("level", values{"Level": key(u.String()), "Words": words})
	}
	unasked := "line-state." + screening.NotAsked.String()
	r.words["level."+unasked] = r.piece("level", values{"Level": "none", "Words": unasked})
	for _, l := range screening.Lines() {
		for s := screening.NotAsked; s <= screening.OpenLine; s++ {
			r.words["line."+l.String()+"."+s.String()] = r.piece("line-state", values{"Line": "line." + l.String(), "State": "line-state." + s.String()})
		}
	}
	for p := plan.SafetyNow; p <= plan.ReviewPhase; p++ {
		r.words["phase."+p.String()] = r.piece("phase-open", "phase."+p.String())
	}
	r.shell(viewAsk, "consult.title", "staff", true)
	r.shell(viewStaffSheet, "consult.staff-sheet", "staff print-staff", true)
	r.shell(viewPatientSheet, "sheet.patient-title", "staff print-patient", true)
	r.shells[viewPatientNumbers] = r.shells[viewPatientSheet]
	r.shell(viewRecord, "consult.record", "staff", true)
	for i := range r.Steps.Notes {
		n := &r.Steps.Notes[i]
		r.words[noteView(n)] = r.piece("note-button", values{"View": noteView(n), "Words": "note." + n.ID + ".heading"})
		r.shell(noteView(n), "note."+n.ID+".heading", "staff", true)
	}
	r.shell(viewSelf, "self.title", "public", false)
	r.shell(viewHandBack, "self.title", "public", false)
}

func (r *renderer) shell(view, title, class string, staff bool) {
	spec := web.ShellSpec{Title: r.kit.Text(r.lang, title), Class: class, Cover: staff}
	if staff {
		spec.Header = r.piece("header", nil)
		spec.Footer = r.piece("footer", r.Bank.Version[:12])
	}
	shell, err := r.kit.Shell(r.lang, spec)
	if err != nil && r.err == nil {
		r.err = err
	}
	r.shells[view] = shell
}

func (r *renderer) questionPieces() {
	for i := range r.Bank.Questions {
		r.questions = append(r.questions, r.question(&r.Bank.Questions[i]))
	}
	for i := range r.Bank.Questions {
		section := sectionOf(&r.Bank.Questions[i])
		if _, done := r.sections[section]; done {
			continue
		}
		var asked []values
		for k := range r.Bank.Questions {
			if q := &r.Bank.Questions[k]; sectionOf(q) == section {
				asked = append(asked, values{"Ask": "question." + q.ID + ".ask", "Why": "question." + q.ID + ".why", "Evidence": evidence(q.Evidence)})
			}
		}
		r.order = append(r.order, section)
		r.sections[section] = sectionSet{
			open:  r.piece("section-open", values{"ID": section, "Name": sectionName(section)}),
			about: r.piece("about-questions", values{"ID": section, "Name": r.kit.Text(r.lang, sectionName(section)), "Questions": asked}),
		}
	}
}

// sectionName is the id of a section's heading: a branch is called by its topic.
func sectionName(section string) string {
	for t := screening.Pre; t <= screening.Deep; t++ {
		if t.String() == section {
			return "section." + section
		}
	}
	return "topic." + section
}

// sectionOf is the part of the page a question stands in: the gate, the gateway and the core each in one, the branches by
// topic, and everything for a specialist or a second visit folded at the end.
func sectionOf(q *screening.Question) string {
	if q.Tier == screening.Branch {
		return q.Topic
	}
	return q.Tier.String()
}

// evidence says where an item comes from, whether it was adapted or is our own, and whether anybody has signed it.
func evidence(e screening.Evidence) string {
	return strings.Join(e.Sources, ", ") + " · " + e.Basis + " · " + e.Reviewed.State
}

func (r *renderer) question(q *screening.Question) questionSet {
	var out questionSet
	for mode := range out.open {
		out.open[mode] = r.piece("question-open", r.head(q, mode, ""))
	}
	kind := "radio"
	if q.Many {
		kind = "checkbox"
	}
	for _, a := range q.Answers {
		v := values{"Type": kind, "Question": q.ID, "ID": a.ID, "Label": AnswerWords(q.ID, a.ID), "On": false}
		off := r.piece("answer", v)
		v["On"] = true
		out.answers = append(out.answers, [2]web.Fragment{off, r.piece("answer", v)})
		out.hidden = append(out.hidden, r.piece("hidden", v))
	}
	for i := range out.close {
		out.close[i] = r.piece("question-close", values{"Weak": !q.Many, "ID": q.ID, "On": i == 1})
	}
	if !q.Many {
		for mode := range out.whole {
			for chosen := range len(q.Answers) + 1 {
				out.whole[mode] = append(out.whole[mode], web.Join(out.with(out.open[mode], 1<<chosen, chosen == len(q.Answers))...))
			}
		}
	}
	return out
}

// head is what a question begins with: its words for face to face or for the telephone, what to listen for, and the fault
// at it, if there is one.
func (j *Journey) head(q *screening.Question, mode int, fault string) values {
	words := "question." + q.ID
	v := values{"ID": q.ID, "Clinician": q.Clinician, "Flow": j.flows(q), "Ask": words + ".ask", "Hear": "", "Fault": fault}
	if mode == 1 && !q.Clinician {
		v["Ask"] = words + ".phone"
	}
	if j.Words.Has(locales.Source, words+".hear") {
		v["Hear"] = words + ".hear"
	}
	return v
}

// flows reports a question whose answers are too long to stand in one row of segments beside it.
func (j *Journey) flows(q *screening.Question) bool {
	length := 0
	for _, a := range q.Answers {
		length += len(j.kit.Text(locales.Source, AnswerWords(q.ID, a.ID))) + 4
	}
	return length > 60
}

// with puts a question together with the answers given.
func (s *questionSet) with(open web.Fragment, given uint32, notAsked bool) []web.Fragment {
	out := []web.Fragment{open}
	for k := range s.answers {
		out = append(out, s.answers[k][given>>k&1])
	}
	if notAsked {
		return append(out, s.close[1])
	}
	return append(out, s.close[0])
}

// AnswerWords is the id of an answer's label: the standard answers have theirs in one place.
func AnswerWords(question, answer string) string {
	switch answer {
	case "no", "unsure", "yes", "rather-not-say":
		return "answer." + answer
	}
	return "question." + question + ".answer." + answer
}

func (r *renderer) planPieces() {
	for _, fact := range r.Bank.Facts() {
		r.told[fact] = r.piece("told", "fact."+fact)
	}
	for i := range r.Bank.Findings {
		f := &r.Bank.Findings[i]
		title := "finding." + f.ID + ".title"
		r.findings[f.ID] = findingSet{
			reason:   r.piece("reason-open", title),
			open:     r.piece("finding-open", values{"Title": title, "Line": "line." + f.Line.String(), "Urgency": "urgency." + key(f.Urgency.String())}),
			headline: r.piece("headline", values{"Title": title, "Why": "finding." + f.ID + ".why"}),
		}
	}
	for i := range r.Steps.Actions {
		a := &r.Steps.Actions[i]
		v := values{"ID": a.ID, "Do": "step." + a.ID + ".do", "Why": "step." + a.ID + ".why", "Owner": "owner." + a.Owner.String(), "Time": "time." + key(a.Time.String())}
		r.steps[a.ID] = stepSet{open: r.piece("step-open", v), more: r.piece("step-more", v), close: r.piece("step-close", evidence(a.Evidence))}
	}
	for _, m := range allMarks() {
		r.words[m.words] = r.piece("mark", values{"Class": m.class, "Words": m.words})
	}
}

// mark is one of the words that go with a step, and the shape they come in.
type mark struct{ class, words string }

// marks says what a step can give away, what it can destroy, and what it still waits for. A gate that is met is not shown.
func marks(s plan.Step) []mark {
	var out []mark
	if s.Alert != plan.NoMark {
		out = append(out, mark{"alert", "alert." + s.Alert.String()})
	}
	if s.Mark != plan.NoMark {
		out = append(out, mark{"evidence", "evidence-mark." + s.Mark.String()})
	}
	for _, g := range s.Unmet.List() {
		out = append(out, mark{"gate", "gate." + g + "-unmet"})
	}
	return out
}

func allMarks() []mark {
	every := plan.Gates(plan.PlanMade | plan.SafeDevice | plan.EvidenceKept | plan.WantsIt | plan.ClinicalAdvice)
	var out []mark
	for l := plan.Possible; l <= plan.Likely; l++ {
		out = append(out, marks(plan.Step{Action: &plan.Action{Alert: l, Mark: l}, Unmet: every})...)
	}
	return out
}
