package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Everyone in these consultations is invented.

// reply is one answer given in a consultation.
type reply struct{ question, answer string }

// alone is a safe setting: the patient in the room, nobody else, no phones, no interpreter.
var alone = []reply{
	{"about.subject", "patient-here"}, {"setting.alone", "alone"}, {"setting.devices", "out"}, {"setting.interpreter", "not-needed"},
}

// nothing is a consultation in which every gateway question is answered with no.
var nothing = append(alone[:len(alone):len(alone)],
	reply{"gateway.any", "no"}, reply{"gateway.location", "no"}, reply{"gateway.phone", "no"}, reply{"gateway.body", "no"},
	reply{"gateway.fear", "no"}, reply{"gateway.danger", "no"}, reply{"gateway.worry", "no"},
)

// followed is a typical positive consultation: an ex-partner is told when an invented patient leaves an area, and she is
// afraid of him.
var followed = append(alone[:len(alone):len(alone)],
	reply{"gateway.any", "yes"}, reply{"gateway.location", "yes"}, reply{"gateway.phone", "unsure"}, reply{"gateway.body", "no"},
	reply{"gateway.fear", "yes"}, reply{"gateway.danger", "no"}, reply{"gateway.worry", "yes"},
)

// borough is what another invented patient says of the alarm that goes off when she leaves her borough. All else that is
// asked gets the quiet answer of the page.
var borough = map[string]string{
	"gateway.location": "yes", "gateway.fear": "yes", "location.geofence": "yes", "location.who-is-told": "partner",
	"location.who-can-see": "someone-who-insists", "choice.location": "cannot-stop", "danger.control": "yes", "about.who": "partner",
	"safe-contact.how": "call-number",
}

// openQuestion is the first question on show that has no answer yet. The nation is preset and the deeper questions are for
// another day.
const openQuestion = `([...document.querySelectorAll("#asking fieldset.question")].find(f => f.id !== "q.about.nation" && !f.closest("details, [hidden]") &&
	f.getClientRects().length > 0 && ![...f.querySelectorAll("input")].some(i => i.checked && i.value !== ""))?.id ?? "").replace(/^q\./, "")`

// quietAnswer is the first answer of a question that raises nothing.
const quietAnswer = `(() => {
	const of = [...document.getElementById("q.%s").querySelectorAll("input")].map(i => i.value);
	return ["no", "safe", "none-of-these", "nothing", "no-one", "me", "mine", "neither", "alone", "out", "not-needed", "patient-here", "age-18-plus", "none", "unsure"].find(v => of.includes(v)) ?? "";
})()`

const showPlan = `#asking .actions button[value="ask"]`

// consult opens a consultation at a server whose practice is in England.
func consult(t *testing.T, view View, settings ...string) (*Page, *Server) {
	t.Helper()
	binary, err := product()
	if err != nil {
		t.Fatal(err)
	}
	s := Start(t, binary, append([]string{"WAYPOST_NATION=england"}, settings...)...)
	return browser.Open(t, s.URL+"/consult", view), s
}

func answer(p *Page, replies []reply) {
	p.tb.Helper()
	for _, r := range replies {
		p.Answer(r.question, r.answer)
	}
}

// inLanguage is an address that says in which language a page was asked for, and nothing else.
var inLanguage = regexp.MustCompile(`\?l=[a-z]{2}(-[A-Z]{2})?$`)

// quietly is what must be true of every page at any time: no message, no stranger, no trace, no answer in an address.
func quietly(t *testing.T, what string, p *Page, s *Server) {
	t.Helper()
	clean(t, what+" console", p.Console())
	clean(t, what+" strangers", p.Strangers(s.URL))
	clean(t, what+" traces", p.Traces())
	for _, a := range p.Addresses() {
		if strings.ContainsAny(strings.SplitN(a, " ", 2)[1], "?#") && !strings.Contains(a, "data:") && !inLanguage.MatchString(a) {
			t.Errorf("%s: something is said in an address: %s", what, a)
		}
	}
}

func TestANegativeConsultationByKeyboard(t *testing.T) {
	for name, view := range map[string]View{"with script": {}, "without script": {NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := consult(t, view)
			for _, r := range nothing {
				p.Choose(r.question, r.answer)
			}
			if view.NoScript {
				p.Key(Enter)
				p.acts++
				p.Settle()
			} else if p.Loads() != 1 {
				t.Errorf("with script the page was loaded %d times", p.Loads())
			}
			t.Logf("%d interactions, %d keys", p.Interactions(), p.Keys())
			if p.Interactions() > 12 {
				t.Errorf("a negative consultation takes %d interactions, 12 at most", p.Interactions())
			}
			for _, r := range nothing {
				if !p.Chosen(r.question, r.answer) {
					t.Errorf("%s = %s was lost", r.question, r.answer)
				}
			}
			result := p.TextOf("#result")
			if p.Asked("danger.strangulation") || p.TextOf("#now") != "" {
				t.Errorf("nothing was raised and yet: %s", result)
			}
			for _, promise := range []string{"safe to", "you are safe", "low", "no risk", "no concern"} {
				if strings.Contains(strings.ToLower(p.TextOf("#result .panel-part")), promise) {
					t.Errorf("silence is shown as safety (%q): %s", promise, result)
				}
			}
			quietly(t, name, p, s)
			p.Screenshot("consult-negative-"+fileName(name), false)
		})
	}
}

func TestATypicalPositiveConsultationByKeyboard(t *testing.T) {
	for name, view := range map[string]View{"with script": {}, "without script": {NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := consult(t, view)
			show := func() {
				if view.NoScript {
					p.Key(Enter)
					p.acts++
					p.Settle()
				}
			}
			var given []reply
			show()
			for {
				question := ask[string](p, openQuestion)
				if question == "" && !view.NoScript {
					break
				}
				if question == "" {
					show()
					if question = ask[string](p, openQuestion); question == "" {
						break
					}
				}
				r := reply{question, borough[question]}
				if r.answer == "" {
					r.answer = ask[string](p, fmt.Sprintf(quietAnswer, question))
				}
				p.Choose(r.question, r.answer)
				given = append(given, r)
			}
			for q := range borough {
				if !slices.ContainsFunc(given, func(r reply) bool { return r.question == q }) {
					t.Errorf("%s was never asked", q)
				}
			}
			t.Logf("%d answers, %d interactions, %d keys", len(given), p.Interactions(), p.Keys())
			if len(given) > 40 || (!view.NoScript && p.Interactions() > 40) {
				t.Errorf("a typical positive consultation takes %d answers, %d interactions, 40 at most", len(given), p.Interactions())
			}
			for _, r := range given {
				if !p.Chosen(r.question, r.answer) {
					t.Errorf("%s = %s was lost", r.question, r.answer)
				}
			}
			now := ask[int](p, `document.querySelectorAll("#now li.step").length`)
			if now == 0 || now > 7 {
				t.Errorf("%d steps to do now, one to seven wanted", now)
			}
			if bare := ask[int](p, `[...document.querySelectorAll("#now li.step")].filter(s => !s.querySelector(".because li")).length`); bare > 0 {
				t.Errorf("%d steps do not say because of what", bare)
			}
			quietly(t, name, p, s)
			p.Screenshot("consult-positive-"+fileName(name), false)
			if out := s.Output(); strings.Contains(out, "geofence") || strings.Contains(out, "127.0.0.1:"+"5") && strings.Contains(out, "POST") {
				t.Errorf("the server wrote down what was said:\n%s", out)
			}
		})
	}
}

func TestAnUnsafeSettingStopsTheQuestions(t *testing.T) {
	for name, view := range map[string]View{"with script": {}, "without script": {NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := consult(t, view)
			p.Answer("about.subject", "patient-here")
			p.Answer("setting.alone", "adult-present")
			if view.NoScript {
				p.Press(showPlan)
			}
			if p.TextOf("#stopped") == "" {
				t.Errorf("not alone, and the page does not stop: %s", p.TextOf("#result"))
			}
			for _, q := range []string{"gateway.any", "gateway.fear", "danger.strangulation", "mind.suicidal"} {
				if p.Asked(q) {
					t.Errorf("not alone, and %s is asked", q)
				}
			}
			quietly(t, name, p, s)
			p.Screenshot("consult-stopped-"+fileName(name), false)
		})
	}
}

func TestTheFirstViewIsSmall(t *testing.T) {
	t.Parallel()
	p, s := consult(t, View{})
	total, parts := p.Weight()
	t.Logf("first view: %d bytes: %v", total, parts)
	if total > 15<<10 {
		t.Errorf("the first view takes %d bytes on the wire, %d at most: %v", total, 15<<10, parts)
	}
	quietly(t, "first view", p, s)
}

func TestTheResultStandsBesideTheQuestions(t *testing.T) {
	t.Parallel()
	p, _ := consult(t, View{})
	clean(t, "first screen", p.Below("#result .level"))
	answer(p, followed)
	clean(t, "after the gateway, wherever the page stands", p.Below("#result .level, #now li.step:first-child .do"))
}

func TestTwoConsultationsDoNotMix(t *testing.T) {
	t.Parallel()
	one, s := consult(t, View{})
	two := browser.Open(t, s.URL+"/consult", View{})
	for i := range followed {
		one.Answer(followed[i].question, followed[i].answer)
		two.Answer(nothing[i].question, nothing[i].answer)
	}
	for i := range followed {
		if !one.Chosen(followed[i].question, followed[i].answer) || !two.Chosen(nothing[i].question, nothing[i].answer) {
			t.Errorf("%s was mixed up", followed[i].question)
		}
	}
	if one.TextOf("#now") == "" || two.TextOf("#now") != "" {
		t.Error("the plans were mixed up")
	}
}

func TestTheCoverScreen(t *testing.T) {
	telling := []string{"waypost", "abuse", "consultation", "track", "afraid", "plan", "patient"}
	for name, view := range map[string]View{"with script": {}, "without script": {NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := consult(t, view)
			answer(p, alone)
			label := `label[for="cover-switch"]`
			cover := func() {
				if view.NoScript {
					p.Press(label)
					label = `.cover label`
				} else {
					p.Key(F2)
				}
			}
			cover()
			shown := strings.ToLower(p.Text())
			for _, word := range telling {
				if strings.Contains(shown, word) {
					t.Errorf("the covered screen still says %q: %s", word, shown)
				}
			}
			if !view.NoScript {
				if title := strings.ToLower(p.Title()); strings.Contains(title, "consult") || strings.Contains(title, "waypost") {
					t.Errorf("the covered screen's title is %q", title)
				}
				if paper := strings.ToLower(p.Printed()); strings.Contains(paper, "alone") {
					t.Errorf("the covered screen prints %q", paper)
				}
			}
			clean(t, "cover axe", p.Axe())
			clean(t, "cover overflow", p.Overflow())
			p.Screenshot("consult-cover-"+fileName(name), false)
			cover()
			for _, r := range alone {
				if !p.Chosen(r.question, r.answer) {
					t.Errorf("after the cover %s is lost", r.question)
				}
			}
			if !p.Asked("gateway.any") {
				t.Error("after the cover the questions are gone")
			}
			quietly(t, name, p, s)
		})
	}
}

func TestOnTheTelephoneEveryQuestionIsAnsweredByYesOrNo(t *testing.T) {
	t.Parallel()
	p, _ := consult(t, View{})
	p.Answer("about.subject", "patient-here")
	there := p.TextOf(`[id="q.gateway.fear"] legend`)
	p.Answer("about.subject", "patient-by-phone")
	if !p.Asked("setting.safe-to-talk") {
		t.Error("on the telephone nobody asks whether it is safe to talk")
	}
	if phone := p.TextOf(`[id="q.gateway.topics"] legend`) + p.TextOf(`[id="q.gateway.fear"] legend`); phone == there {
		t.Logf("the gateway question is the same on the telephone: %q", phone)
	}
	p.Answer("setting.safe-to-talk", "no")
	if p.TextOf("#stopped") == "" || p.Asked("gateway.any") {
		t.Error("not safe to talk, and the questions go on")
	}
}

func TestWhenTheServerIsGoneThePlanSaysThatItIsOld(t *testing.T) {
	t.Parallel()
	p, _ := consult(t, View{})
	answer(p, followed[:6])
	p.Offline(true)
	p.Answer("gateway.location", "no")
	if !strings.Contains(p.TextOf("#result"), p.TextOf(".stale-note")) || p.TextOf(".stale-note") == "" {
		t.Errorf("the plan is older than the answers and does not say so: %s", p.TextOf("#result"))
	}
	p.Offline(false)
	p.Answer("gateway.location", "yes")
	if p.TextOf(".stale-note") != "" {
		t.Error("the plan is current again and still says that it is old")
	}
}

func TestAFaultStandsAtItsQuestionAndNothingElseIsLost(t *testing.T) {
	t.Parallel()
	p, _ := consult(t, View{NoScript: true})
	answer(p, followed)
	tamper(p, "gateway.fear")
	p.Press(showPlan)
	if p.TextOf("#faults") == "" || p.TextOf(`[id="fault.gateway.fear"]`) == "" {
		t.Errorf("the fault is not shown: %q", p.TextOf("#asking"))
	}
	if strings.Contains(p.Source(), "nonsense-of-mine") {
		t.Error("the value that was sent stands on the page")
	}
	for _, r := range followed {
		if r.question != "gateway.fear" && !p.Chosen(r.question, r.answer) {
			t.Errorf("%s was lost", r.question)
		}
	}
	clean(t, "fault axe", p.Axe())
}

// tamper makes the chosen answer of a question one that does not exist.
func tamper(p *Page, question string) {
	p.tb.Helper()
	ask[bool](p, fmt.Sprintf(`[...document.getElementsByName(%s)].filter(e => e.checked).map(e => e.value = "nonsense-of-mine").length > 0`, quote(question)))
}
