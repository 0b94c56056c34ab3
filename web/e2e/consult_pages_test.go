package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// state is a page of the consultation and the way there.
type state struct {
	name string
	way  func(p *Page)
}

func plan(p *Page) { fill(p, followed) }

// fill gives answers and asks for the plan.
func fill(p *Page, replies []reply) {
	p.tb.Helper()
	for _, r := range replies {
		p.Fill(r.question, r.answer)
	}
	p.Press(showPlan)
}

func view(name string) func(p *Page) {
	return func(p *Page) { plan(p); p.Press(fmt.Sprintf(`button[value=%q]`, name)) }
}

var states = []state{
	{"first view", func(*Page) {}},
	{"nothing raised", func(p *Page) { fill(p, nothing) }},
	{"plan", plan},
	{"stopped", func(p *Page) { fill(p, []reply{{"setting.alone", "adult-present"}}) }},
	{"fault", func(p *Page) { p.Fill("setting.alone", "alone"); tamper(p, "setting.alone"); p.Press(showPlan) }},
	{"unfolded", func(p *Page) {
		plan(p)
		ask[int](p, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	}},
	{"staff sheet", view("staff-sheet")},
	{"patient sheet", view("patient-sheet")},
	{"patient sheet with numbers", func(p *Page) { view("patient-sheet")(p); p.Press(`button[value="patient-numbers"]`) }},
	{"record", view("record")},
	{"record shown", func(p *Page) { view("record")(p); p.Press(`label:has(#record-ready)`) }},
	{"note for the coroner", func(p *Page) {
		fill(p, []reply{{"about.subject", "person-who-has-died"}, {"setting.alone", "alone"}})
		p.Press(`button[value="note-coroner"]`)
	}},
	{"alone with the questions", view("self")},
	{"handed back", func(p *Page) { view("self")(p); p.Press(`#asking button[value="hand-back"]`) }},
}

// look is a way of looking at the consultation, and whether every state is looked at in it or only the telling ones.
type look struct {
	name, language string
	view           View
	all            bool
}

var looks = []look{
	{name: "desk", all: true},
	{name: "small", view: View{Width: 320, Height: 640}, all: true},
	{name: "dark", view: View{Dark: true}},
	{name: "forced colours", view: View{ForcedColors: true, Width: 390, Height: 844}},
	{name: "without script", view: View{NoScript: true}},
	{name: "long text", language: "en-XA", view: View{Width: 320, Height: 640}},
	{name: "right to left", language: "ar-XB"},
	{name: "Welsh", language: "cy"},
}

var telling = []string{"first view", "fault", "unfolded", "staff sheet", "record shown"}

// TestEveryPageIsSoundInEveryView is the great table: axe, overflow, console, strangers, traces for every state in every
// view, and the Nu validator over every document and style sheet that was sent.
func TestEveryPageIsSoundInEveryView(t *testing.T) {
	t.Parallel()
	_, s := consult(t, View{}, "WAYPOST_LANGUAGES=en,cy,en-XA,ar-XB", "WAYPOST_AREAS=E06000019")
	var mu sync.Mutex
	documents := sheets(t, s)
	t.Run("views", func(t *testing.T) {
		for _, l := range looks {
			t.Run(l.name, func(t *testing.T) {
				t.Parallel()
				for _, st := range states {
					if l.all || slices.Contains(telling, st.name) {
						what := st.name + ", " + l.name
						source := sound(t, what, s, l, st)
						mu.Lock()
						documents[what] = source
						mu.Unlock()
					}
				}
			})
		}
	})
	clean(t, "vnu", slices.DeleteFunc(Vnu(t, documents), guess))
}

// guess is the one message that is not a fault: the validator takes a pseudo-language for Hungarian, say.
func guess(message string) bool {
	return strings.Contains(message, "This document appears to be written in") &&
		(strings.Contains(message, `lang="en-XA"`) || strings.Contains(message, `lang="ar-XB"`))
}

// sound goes to one state in one view, looks at everything there is to look at, and returns the source.
func sound(t *testing.T, what string, s *Server, l look, st state) string {
	t.Helper()
	p := browser.Open(t, s.URL+"/consult", l.view)
	defer p.Close()
	if l.language != "" {
		p.Press(fmt.Sprintf(`button[name="speak"][value=%q]`, l.language))
	}
	st.way(p)
	clean(t, what+": axe", p.Axe())
	clean(t, what+": overflow", p.Overflow())
	quietly(t, what, p, s)
	if want := pick(l.language == "ar-XB", "rtl", "ltr"); p.Direction() != want {
		t.Errorf("%s is laid out %s", what, p.Direction())
	}
	p.Screenshot(strings.TrimSuffix(fileName(what), ".html"), false)
	return p.Source()
}

// sheets fetches the style sheets that the first page names.
func sheets(t *testing.T, s *Server) map[string]string {
	t.Helper()
	p := browser.Open(t, s.URL+"/consult", View{})
	all := map[string]string{}
	for i, href := range strings.Fields(ask[string](p, `[...document.querySelectorAll("link[rel=stylesheet]")].map(l => l.href).join(" ")`)) {
		all[fmt.Sprintf("sheet-%d.css", i)] = ask[string](p, `fetch(`+quote(href)+`).then(r => r.text())`)
	}
	if len(all) == 0 {
		t.Error("the first page names no style sheet")
	}
	return all
}

// lexicon betrays the topic to whoever reads the paper.
var lexicon = []string{"waypost", "abuse", "abusive", "domestic", "violence", "stalk", "track", "spy", "geofence", "control", "police", "safeguard", "partner", "refuge", "women", "helpline", "coerc", "risk", "safety plan"}

func TestThePatientsPaperGivesNothingAway(t *testing.T) {
	t.Parallel()
	for _, numbers := range []bool{false, true} {
		p, s := consult(t, View{})
		view("patient-sheet")(p)
		if numbers {
			p.Press(`button[value="patient-numbers"]`)
		}
		paper := p.Printed()
		if len(strings.Fields(paper)) < 5 {
			t.Errorf("the patient's paper is empty: %q", paper)
		}
		for _, word := range lexicon {
			if strings.Contains(strings.ToLower(paper), word) {
				t.Errorf("the patient's paper says %q:\n%s", word, paper)
			}
		}
		if numbers != strings.Contains(paper, "999") {
			t.Errorf("numbers wanted: %v, on the paper:\n%s", numbers, paper)
		}
		quietly(t, "patient sheet", p, s)
	}
}

func TestTheStaffPaperHoldsThePlan(t *testing.T) {
	t.Parallel()
	p, s := consult(t, View{})
	plan(p)
	first := p.TextOf("#now li.step .do")
	p.Press(`button[value="staff-sheet"]`)
	paper := words(p.Printed())
	if first == "" || !strings.Contains(paper, words(first)) {
		t.Errorf("the first step %q is not on the staff paper:\n%s", first, paper)
	}
	for _, button := range []string{"F2", "Print"} {
		if strings.Contains(paper, button) {
			t.Errorf("a control is printed: %q", button)
		}
	}
	p.Press(`button[value="ask"]`)
	for _, r := range followed {
		if !p.Chosen(r.question, r.answer) {
			t.Errorf("on the way back from the sheet %s was lost", r.question)
		}
	}
	quietly(t, "staff sheet and back", p, s)
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestTheQuestionsAreNotPrintedByAccident(t *testing.T) {
	t.Parallel()
	p, _ := consult(t, View{})
	plan(p)
	paper := strings.ToLower(p.Printed())
	for _, word := range []string{"afraid", "geofence", "abuse", "because", "track"} {
		if strings.Contains(paper, word) {
			t.Errorf("printing the page of questions shows %q:\n%s", word, paper)
		}
	}
}

func TestAloneWithTheQuestionsNothingOfTheClinicianIsInSight(t *testing.T) {
	t.Parallel()
	for _, look := range []View{{}, {NoScript: true}} {
		p, s := consult(t, look)
		plan(p)
		p.Press(`button[value="self"]`)
		for _, q := range []string{"setting.alone", "gateway.worry", "danger.observed-injury", "judgement.raise"} {
			if p.Asked(q) {
				t.Errorf("the patient sees %s", q)
			}
		}
		if p.TextOf("#result") != "" || strings.Contains(strings.ToLower(p.Title()), "waypost") || strings.Contains(p.Source(), `value="patient-here"`) {
			t.Errorf("the patient sees the plan, or what the clinician ticked: %q", p.Title())
		}
		p.Answer("gateway.body", "unsure")
		p.Press(`#asking button[value="hand-back"]`)
		if shown := p.Text(); strings.Contains(strings.ToLower(shown), "afraid") || p.Asked("gateway.fear") {
			t.Errorf("after handing back the answers are on show: %s", shown)
		}
		p.Press(`button[value="ask"]`)
		for _, r := range append(alone[:len(alone):len(alone)], reply{"gateway.body", "unsure"}, reply{"gateway.fear", "yes"}) {
			if !p.Chosen(r.question, r.answer) {
				t.Errorf("back with the clinician, %s = %s was lost", r.question, r.answer)
			}
		}
		quietly(t, "self-completion", p, s)
	}
}

func TestTheRecordTextsWaitForTheCheckOfAccess(t *testing.T) {
	t.Parallel()
	for _, look := range []View{{}, {NoScript: true}} {
		p, s := consult(t, look)
		view("record")(p)
		if p.TextOf("#sensitive") != "" && ask[bool](p, `document.getElementById("sensitive").checkVisibility()`) {
			t.Error("the sensitive text is shown before online access was looked at")
		}
		p.Press(`label:has(#record-ready)`)
		sensitive, neutral := p.TextOf("#sensitive"), strings.ToLower(p.TextOf("#neutral"))
		if len(sensitive) < 80 || len(neutral) < 10 {
			t.Errorf("texts for the record: %q and %q", sensitive, neutral)
		}
		for _, word := range lexicon {
			if strings.Contains(neutral, word) {
				t.Errorf("the neutral text says %q: %s", word, neutral)
			}
		}
		quietly(t, "record", p, s)
	}
}

func TestAnotherServersKeyRevealsNoOldForm(t *testing.T) {
	t.Parallel()
	p, _ := consult(t, View{NoScript: true})
	view("record")(p)
	carried := ask[string](p, `document.querySelector("input[name=carried]").value`)
	if len(carried) < 40 || strings.Contains(carried, "gateway") {
		t.Fatalf("what is carried is not sealed: %d bytes", len(carried))
	}
	q, _ := consult(t, View{NoScript: true}) // a server of its own, as after a restart without a keyring
	ask[string](q, fmt.Sprintf(`(() => { const i = document.createElement("input"); i.type = "hidden"; i.name = "carried"; i.value = %s; document.getElementById("consult").append(i); return "" })()`, quote(carried)))
	q.Press(showPlan)
	if q.Chosen("gateway.fear", "yes") || q.Asked("danger.strangulation") {
		t.Error("a server with another key has opened an old form")
	}
	if q.TextOf("#asking .warning") == "" {
		t.Error("the page does not say that the old form could not be opened")
	}
}

func TestAPageThatIsNotThereIsQuietToo(t *testing.T) {
	t.Parallel()
	_, s := consult(t, View{})
	p := browser.Open(t, s.URL+"/nowhere", View{})
	clean(t, "axe", p.Axe())
	clean(t, "strangers", p.Strangers(s.URL))
	clean(t, "traces", p.Traces())
	clean(t, "vnu", Vnu(t, map[string]string{"nowhere": p.Source()}))
}
