package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"waypost/screening"
)

// renderer is a page with LHC-Forms on it and nothing of ours but the Questionnaire, under no policy of ours.
const renderer = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Form</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/lforms/webcomponent/styles.css"></head><body><div id="form"></div>
<script src="/lforms/webcomponent/assets/lib/zone.min.js"></script><script src="/lforms/webcomponent/lhc-forms.js"></script>
<script src="/lforms/fhir/R4/lformsFHIR.min.js"></script></body></html>`

func renders(t *testing.T, form []byte) *Page {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/lforms/", http.StripPrefix("/lforms/", http.FileServer(http.Dir("node_modules/lforms/dist/lforms"))))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, renderer) })
	mux.HandleFunc("/form", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(form) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return browser.Open(t, s.URL+"/", View{})
}

// fillIn answers as somebody at the screen does: only what is shown, until nothing more is. It gives back what is shown in
// the end and the response.
const fillIn = `
window.fillIn = (given) => {
  const lf = new LForms.LFormsData(LForms.Util.convertFHIRQuestionnaireToLForms(window.q, 'R4'));
  const shown = (i) => { for (let x = i; x && x.linkId; x = x._parentItem) if (x._skipLogicStatus === 'target-disabled') return false; return true; };
  const questions = lf.itemList.filter((i) => i.answers);
  for (let more = true; more;) {
    more = false;
    for (const i of questions) {
      if (i.value || !given[i.linkId] || !shown(i)) continue;
      const chosen = given[i.linkId].map((c) => i.answers.find((a) => a.code === c));
      i.value = i._multipleAnswers ? chosen : chosen[0];
      if (i._parentItem.linkId === 'section.pre') lf._checkFormControls(); // what can stop the questions
      more = true;
    }
    lf._checkFormControls();
  }
  return { shown: questions.filter(shown).map((i) => i.linkId), response: LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4', lf) };
};`

type outcome struct {
	Shown    []string        `json:"shown"`
	Response json.RawMessage `json:"response"`
}

// drawn is a set of answers at random, in most of which the setting is safe.
func drawn(r *rand.Rand, bank *screening.Bank) map[string][]string {
	given, share, calm := map[string][]string{}, 2+r.IntN(9), r.IntN(5) > 0
	for i := range bank.Questions {
		q := &bank.Questions[i]
		if r.IntN(10) >= share {
			continue
		}
		k := r.IntN(len(q.Answers))
		if calm && q.Topic == "safe" {
			k = 0
		}
		given[q.ID] = []string{q.Answers[k].ID}
	}
	return given
}

var stepOnPage = regexp.MustCompile(`id="(now|withheld|lines)"|<details id="why\.([a-z0-9.-]+)"`)

// stepsOnPage reads the steps of a plan off the clinician's page in order: the now card, what waits, the rest.
func stepsOnPage(body []byte) string {
	var out []string
	for _, m := range stepOnPage.FindAllStringSubmatch(string(body), -1) {
		out = append(out, m[1]+m[2])
	}
	return strings.Join(out, " ")
}

// stepsInPlan reads the same off a transaction.
func stepsInPlan(t *testing.T, body []byte) string {
	t.Helper()
	var bundle struct {
		Entry []struct {
			Resource struct {
				Activity []struct {
					Detail struct {
						Status    string
						Code      struct{ Coding []struct{ Code string } }
						Extension []struct {
							URL              string
							ValuePositiveInt int
						}
					}
				}
			}
		}
	}
	must(t, json.Unmarshal(body, &bundle))
	now, withheld, rest := make([]string, 8), []string{}, []string{"lines"}
	for _, a := range bundle.Entry[len(bundle.Entry)-1].Resource.Activity {
		id, place := a.Detail.Code.Coding[0].Code, 0
		for _, e := range a.Detail.Extension {
			if strings.HasSuffix(e.URL, "/now") {
				place = e.ValuePositiveInt
			}
		}
		switch {
		case a.Detail.Status == "on-hold":
			withheld = append(withheld, id)
		case place > 0:
			now[place] = id
		default:
			rest = append(rest, id)
		}
	}
	now = slices.DeleteFunc(now, func(s string) bool { return s == "" })
	if len(now) > 0 {
		now = slices.Insert(now, 0, "now")
	}
	if len(withheld) > 0 {
		withheld = slices.Insert(withheld, 0, "withheld")
	}
	return strings.Join(slices.Concat(now, withheld, rest), " ")
}

// A renderer that is not ours shows the Questionnaire, asks on as we do, and what it sends gives the plan of the clinician's
// page: 200 sets of answers at random.
func TestLHCFormsAsksAsWeDo(t *testing.T) {
	binary, err := product()
	must(t, err)
	s := Start(t, binary)
	_, form := call(t, "GET", s.URL+"/fhir/R4/Questionnaire/consultation", "", nil)
	bank, err := screening.Load(screening.Content())
	must(t, err)
	p := renders(t, form)
	ask[bool](p, `(async () => { window.q = await (await fetch('/form')).json(); `+fillIn+` return true; })()`)
	r := rand.New(rand.NewPCG(200, 6))
	stopped, steps := 0, 0
	for round := range 20 {
		var sets []map[string][]string
		for range 10 {
			sets = append(sets, drawn(r, bank))
		}
		in, err := json.Marshal(sets)
		must(t, err)
		for n, out := range ask[[]outcome](p, fmt.Sprintf(`%s.map(window.fillIn)`, in)) {
			given := sets[n]
			answers, faults := bank.Read(given)
			if len(faults) > 0 {
				t.Fatal("the draw does not read")
			}
			asking := bank.Asking(answers)
			for i := range bank.Questions {
				q := &bank.Questions[i]
				if asking.Stopped && q.Tier == screening.Pre {
					continue // what was answered before the stop still opens one for us, and is hidden there
				}
				if slices.Contains(out.Shown, q.ID) != slices.Contains(asking.Questions, i) {
					t.Errorf("round %d, set %d: %s is shown there: %v", round, n, q.ID, slices.Contains(out.Shown, q.ID))
				}
			}
			if asking.Stopped {
				stopped++
			}
			counted := url.Values{}
			for q, a := range given {
				if slices.Contains(out.Shown, q) {
					counted[q] = a
				}
			}
			status, plan := call(t, "POST", s.URL+"/fhir/R4/QuestionnaireResponse/$extract", fhirJSON, out.Response)
			if status != http.StatusOK {
				t.Fatalf("round %d, set %d: %d %s", round, n, status, plan)
			}
			_, page := call(t, "POST", s.URL+"/consult", "application/x-www-form-urlencoded", []byte(counted.Encode()))
			got, want := stepsInPlan(t, plan), stepsOnPage(page)
			if got != want {
				t.Errorf("round %d, set %d:\n got %s\nwant %s", round, n, got, want)
			}
			steps += strings.Count(want, " ")
		}
	}
	if stopped < 10 || stopped > 150 || steps < 2000 {
		t.Errorf("%d of 200 sets stop the questions, %d steps: too one-sided", stopped, steps)
	}
	t.Logf("200 sets, %d of them stop the questions, %d steps", stopped, steps)
	clean(t, "console", strangers(p))
}

// On the screen: the form is drawn, an answer that is clicked opens what it opens, and the response that the renderer makes
// of the screen is taken.
func TestLHCFormsDrawsTheForm(t *testing.T) {
	binary, err := product()
	must(t, err)
	s := Start(t, binary)
	_, form := call(t, "GET", s.URL+"/fhir/R4/Questionnaire/consultation", "", nil)
	p := renders(t, form)
	count := `document.querySelectorAll('.lhc-item').length`
	drawnItems := ask[int](p, `(async () => { const q = await (await fetch('/form')).json(); await LForms.Util.addFormToPage(q, 'form', { fhirVersion: 'R4' });
		for (let n = 0; n < 100 && `+count+` < 10; n++) await new Promise((r) => setTimeout(r, 100)); return `+count+`; })()`)
	opened := ask[int](p, `(async () => { const item = [...document.querySelectorAll('.lhc-item')].filter((i) => i.textContent.includes('Are you afraid of anyone')).pop();
		[...item.querySelectorAll('label')].find((l) => l.textContent.trim() === 'Yes').click();
		for (let n = 0; n < 50 && `+count+` <= `+fmt.Sprint(drawnItems)+`; n++) await new Promise((r) => setTimeout(r, 100)); return `+count+`; })()`)
	if drawnItems < 15 || opened < drawnItems+15 {
		t.Errorf("%d items are drawn, %d after one yes", drawnItems, opened)
	}
	response := ask[json.RawMessage](p, `LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4')`)
	status, plan := call(t, "POST", s.URL+"/fhir/R4/QuestionnaireResponse/$extract", fhirJSON, response)
	if status != http.StatusOK || !strings.Contains(string(plan), `"abuse.afraid"`) {
		t.Errorf("the response from the screen: %d %s", status, plan)
	}
	clean(t, "gate", gate(t, []named{{"the response of LHC-Forms", response}}))
	clean(t, "console", strangers(p))
	t.Logf("%d items drawn, %d after one yes", drawnItems, opened)
}

// strangers are what the renderer said on its console beside the one warning that it always gives.
func strangers(p *Page) (out []string) {
	for _, line := range p.Console() {
		if !strings.Contains(line, "FHIR resources might not be loaded") {
			out = append(out, line)
		}
	}
	return out
}
