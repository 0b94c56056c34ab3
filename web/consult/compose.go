package consult

import (
	"slices"

	"waypost/referrals/directory"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
)

// ask is the page of questions with the plan beside it, or only its two live parts where the page's script asks for them.
func (j *Journey) ask(r *web.Request, s state) (web.Page, error) {
	b := builder{set: j.sets[s.lang], journey: j, around: j.around(), out: make([]web.Fragment, 0, 400)}
	live := r.Fragment() != ""
	if !live {
		b.add("form-open")
	}
	counted, _ := s.answers.Open()
	b.questions(s)
	p := j.Steps.Make(j.Bank.Assess(counted))
	b.plan(&p)
	if live {
		return web.Page{Body: b.out}, b.err
	}
	b.add("form-close")
	return web.Page{Shell: b.shells[viewAsk], Body: b.out}, b.err
}

// builder puts the pieces of one page together. It holds no words and makes none.
type builder struct {
	*set
	journey *Journey
	around  *around // nil: only services of the nation
	out     []web.Fragment
	err     error
}

func (b *builder) put(f ...web.Fragment) { b.out = append(b.out, f...) }

// add puts pieces without a choice on the page, by name.
func (b *builder) add(names ...string) {
	for _, n := range names {
		b.out = append(b.out, b.parts[n])
	}
}

// questions lists the open questions, section by section. What was answered to a question that is closed now travels on
// unseen and counts for nothing until the question opens again.
func (b *builder) questions(s state) {
	b.add("asking-open")
	b.faultList(s)
	if s.notice != "" {
		b.add(s.notice)
	}
	asking := b.journey.Bank.Asking(s.answers)
	if asking.Stopped {
		b.add("stopped")
	}
	mode := telephone(s.answers)
	for _, section := range b.order {
		b.section(s, asking.Questions, section, mode)
	}
	b.unseen(s.answers, asking.Questions)
	b.add("languages", "asking-close")
}

// telephone picks the wording: on the telephone every question can be answered by yes or no.
func telephone(a screening.Answers) int {
	if a.Has("about.subject", "patient-by-phone") {
		return 1
	}
	return 0
}

func (b *builder) section(s state, open []int, section string, mode int) {
	first := true
	for _, i := range open {
		if sectionOf(&b.journey.Bank.Questions[i]) != section {
			continue
		}
		if first {
			b.put(b.sections[section].open)
			first = false
		}
		b.question(s, i, mode)
	}
	if !first {
		b.put(b.sections[section].about)
	}
}

func (b *builder) question(s state, i, mode int) {
	set, given := &b.set.questions[i], s.answers.At(i)
	q := &b.journey.Bank.Questions[i]
	at := slices.IndexFunc(s.faults, func(f screening.Fault) bool { return f.Question == q.ID })
	switch {
	case at >= 0:
		b.put(set.with(b.fresh("question-open", b.journey.head(q, mode, s.faults[at].Message)), given, given == 0)...)
	case q.Many:
		b.put(set.with(set.open[mode], given, false)...)
	default:
		b.put(set.whole[mode][q.Chosen(given)])
	}
}

// faultList is the summary at the top. A fault whose question is not of this bank stands there without a link.
func (b *builder) faultList(s state) {
	if len(s.faults) == 0 {
		return
	}
	b.add("faults-open")
	for _, f := range s.faults {
		id := f.Question
		if _, known := b.journey.Bank.Question(id); !known {
			id = ""
		}
		b.put(b.fresh("fault", values{"ID": id, "Ask": "question." + id + ".ask", "Message": f.Message}))
	}
	b.add("faults-close")
}

// fresh renders a piece for this page alone: what is rare is not kept ready.
func (b *builder) fresh(name string, data any) web.Fragment {
	f, err := b.views.Fragment(b.lang, name, data)
	if err != nil && b.err == nil {
		b.err = err
	}
	return f
}

// unseen carries the answers of questions that are not on the page.
func (b *builder) unseen(a screening.Answers, open []int) {
	for i := range b.journey.Bank.Questions {
		given := a.At(i)
		if given == 0 || slices.Contains(open, i) {
			continue
		}
		for k, hidden := range b.set.questions[i].hidden {
			if given>>k&1 == 1 {
				b.put(hidden)
			}
		}
	}
}

// plan shows what follows from the answers: how urgent, what to do now and why, what must wait, who can help.
func (b *builder) plan(p *plan.Plan) {
	b.add("result-open")
	b.put(b.words["level."+level(p)])
	switch {
	case p.Headline != nil:
		b.put(b.findings[p.Headline.ID].headline)
	case p.Assessment.Asked():
		b.add("nothing")
	default:
		b.add("not-asked")
	}
	b.add("section-close")
	if len(p.Now) > 0 {
		b.add("now-open")
		for _, s := range p.Now {
			b.step(p, s)
		}
		b.add("list-close")
	}
	b.withheld(p)
	b.lines(p)
	b.servicesFor(p)
	b.phases(p)
	b.findingList(p)
	b.add("actions-open")
	for _, n := range b.journey.Steps.NotesFor(&p.Assessment) {
		b.put(b.words[noteView(n)])
	}
	b.add("actions-close", "result-close")
}

func (b *builder) step(p *plan.Plan, s plan.Step) {
	set := b.steps[s.ID]
	b.put(set.open)
	if marks := marks(s); len(marks) > 0 {
		b.add("marks-open")
		for _, m := range marks {
			b.put(b.words[m.words])
		}
		b.add("marks-close")
	}
	b.put(set.more)
	for _, r := range p.Why(s) {
		if r.Finding != nil {
			b.put(b.set.findings[r.Finding.ID].reason)
		} else {
			b.add("reason-bare")
		}
		b.toldList(r.Because)
		b.add("reason-close")
	}
	b.put(set.close)
}

func (b *builder) toldList(because []screening.Because) {
	for i, link := range because {
		if !slices.ContainsFunc(because[:i], func(x screening.Because) bool { return x.Fact == link.Fact }) {
			if i > 0 {
				b.add("semicolon")
			}
			b.put(b.told[link.Fact])
		}
	}
}

func (b *builder) withheld(p *plan.Plan) {
	if len(p.Withheld) == 0 {
		return
	}
	b.add("withheld-open")
	for _, s := range p.Withheld {
		b.step(p, s)
	}
	b.add("withheld-close")
}

func (b *builder) lines(p *plan.Plan) {
	b.add("lines-open")
	for _, l := range screening.Lines() {
		b.put(b.words["line."+l.String()+"."+p.Assessment.Lines[l].String()])
	}
	b.add("lines-close")
}

// phases lists the steps that are not on the now card, folded.
func (b *builder) phases(p *plan.Plan) {
	onCard := func(s plan.Step) bool {
		return slices.ContainsFunc(p.Now, func(n plan.Step) bool { return n.ID == s.ID })
	}
	phase, any := plan.Phase(-1), false
	for _, s := range p.InOrder() {
		if onCard(s) {
			continue
		}
		if !any {
			b.add("phases-open")
			any = true
		}
		if s.Phase != phase {
			if phase >= 0 {
				b.add("list-close")
			}
			phase = s.Phase
			b.put(b.words["phase."+phase.String()])
		}
		b.step(p, s)
	}
	if any {
		b.add("list-close", "details-close")
	}
}

func (b *builder) findingList(p *plan.Plan) {
	if len(p.Assessment.Findings) == 0 {
		return
	}
	b.add("findings-open")
	for _, f := range p.Assessment.Findings {
		b.put(b.set.findings[f.ID].open)
		b.toldList(p.Assessment.Why(f))
		b.add("reason-close")
	}
	b.add("findings-close")
}

func (b *builder) servicesFor(p *plan.Plan) {
	finder := b.journey.Finder
	if b.around != nil {
		finder = b.around.finder
	}
	found := finder.FindNow(p, b.journey.Now())
	if len(found.Matches)+len(found.Missing) == 0 {
		return
	}
	b.add("services-open")
	b.whichAreas()
	for _, m := range found.Matches {
		b.service(m, monitored(&p.Assessment))
	}
	b.gaps(found)
	b.add("services-close")
}

// whichAreas says which areas are meant by local, or that their services cannot be had.
func (b *builder) whichAreas() {
	switch {
	case b.around == nil:
	case b.around.away:
		b.add("local-away")
	default:
		b.add("local-note")
	}
}

func (b *builder) service(m directory.Match, monitored bool) {
	b.put(b.piece(m.Service, serviceKey{m.Service.ID, m.Mark, monitored}))
	for _, reason := range m.Reasons {
		if reason.Code == directory.OpenNow && m.Service.Hours.Always {
			continue // its hours say so
		}
		if f, said := b.reasons[reason]; said {
			b.put(f)
		}
	}
	b.add("service-close")
}
