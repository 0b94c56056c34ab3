package fhir_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/web/consult"
	"waypost/web/fhir"
)

// stepsOf reads the same off a CarePlan.
func stepsOf(t *testing.T, c fhir.CarePlan) (now, withheld, rest []string) {
	t.Helper()
	card := map[int]string{}
	for _, a := range c.Activity {
		id := a.Detail.Code.Coding[0].Code
		place := 0
		for _, e := range a.Detail.Extension {
			if strings.HasSuffix(e.URL, "/now") {
				place = e.ValuePositiveInt
			}
		}
		switch {
		case a.Detail.Status == "on-hold":
			withheld = append(withheld, id)
		case place > 0:
			card[place] = id
		default:
			rest = append(rest, id)
		}
	}
	for n := 1; n <= len(card); n++ {
		now = append(now, card[n])
	}
	return now, withheld, rest
}

// listed is the same as another program gets it from the consultation: the now card, what waits, and the rest in order.
func listed(o consult.Object) (now, withheld, rest []string) {
	for _, s := range o.Withheld {
		withheld = append(withheld, s.ID)
	}
	for _, s := range o.Steps {
		if !slices.Contains(o.Now, s.ID) {
			rest = append(rest, s.ID)
		}
	}
	return o.Now, withheld, rest
}

// because writes down what raised a finding.
func because(o fhir.Observation) string {
	out := o.Code.Coding[0].Code + ":"
	for _, c := range o.Component {
		out += " " + c.Code.Coding[0].Code + "=" + c.Value.Coding[0].Code + ">" + c.Value.Coding[1].Code
	}
	return out
}

// extracted is a transaction, read: its CarePlan, and the findings in order, each with the answers that raised it.
func extracted(t *testing.T, body []byte) (fhir.CarePlan, []string) {
	t.Helper()
	var bundle struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(body, &bundle); err != nil || len(bundle.Entry) == 0 {
		t.Fatalf("no Bundle: %v", err)
	}
	var findings []string
	for _, e := range bundle.Entry[:len(bundle.Entry)-1] {
		var o fhir.Observation
		if err := json.Unmarshal(e.Resource, &o); err != nil {
			t.Fatal(err)
		}
		if id := o.Code.Coding[0].Code; id != "answers" {
			findings = append(findings, because(o))
		}
	}
	var c fhir.CarePlan
	if err := json.Unmarshal(bundle.Entry[len(bundle.Entry)-1].Resource, &c); err != nil || c.ResourceType != "CarePlan" {
		t.Fatalf("no CarePlan: %v", err)
	}
	return c, findings
}

// The plan from a QuestionnaireResponse is the plan from the same answers, as the consultation hands it to another program: ids
// and order, for every case story, by $extract and by $apply. The page itself is compared where the product is put together.
func TestAResponseGivesTheSamePlan(t *testing.T) {
	t.Parallel()
	w := serve(t)
	all := stories(t)
	services := must(directory.Open(must(national.Load())(t)))(t)
	steps, closed := 0, 0
	for name, given := range all {
		answers, faults := w.bank.Read(given)
		open, left := answers.Open()
		if len(faults) > 0 {
			t.Fatalf("%s: the story does not read", name)
		}
		if left > 0 { // what the page would not count, a renderer would not send
			closed++
			given = map[string][]string{}
			for _, g := range open.List() {
				given[g.Question] = append(given[g.Question], g.Answer)
			}
		}
		p := w.steps.Make(w.bank.Assess(open))
		sheet := consult.NewSheet(p, w.words.In("en", nil), consult.Finder{Directory: services}, consult.FaceToFace, today).Object()
		now, withheld, rest := listed(sheet)
		response := w.response(given)
		status, _, body := w.do(t, "POST", "/fhir/R4/QuestionnaireResponse/$extract", media, raw(t, response))
		if status != 200 {
			t.Errorf("%s: $extract answers %d %s", name, status, body)
			continue
		}
		care, findings := extracted(t, body)
		var want []string
		for _, f := range sheet.Findings {
			chain := f.ID + ":"
			for _, b := range f.Because {
				chain += " " + b.Question + "=" + b.Answer + ">" + b.Fact
			}
			want = append(want, chain)
		}
		if !slices.Equal(findings, want) {
			t.Errorf("%s: findings %v, want %v", name, findings, want)
		}
		input := object{"resourceType": "Parameters", "parameter": []any{
			object{"name": "subject", "valueString": "Patient/1"}, object{"name": "questionnaire-response", "resource": response}}}
		status, _, body = w.do(t, "POST", "/fhir/R4/PlanDefinition/safeguarding-plan/$apply", media, raw(t, input))
		var applied fhir.CarePlan
		if err := json.Unmarshal(body, &applied); err != nil || status != 200 {
			t.Fatalf("%s: $apply answers %d %v", name, status, err)
		}
		for way, c := range map[string]fhir.CarePlan{"$extract": care, "$apply": applied} {
			gotNow, gotWithheld, gotRest := stepsOf(t, c)
			if !slices.Equal(gotNow, now) || !slices.Equal(gotWithheld, withheld) || !slices.Equal(gotRest, rest) {
				t.Errorf("%s by %s:\n got %v | %v | %v\nwant %v | %v | %v", name, way, gotNow, gotWithheld, gotRest, now, withheld, rest)
			}
		}
		steps += len(now) + len(withheld) + len(rest)
	}
	if len(all) < 100 || steps < 10*len(all) {
		t.Errorf("%d stories with %d steps are too few to show anything", len(all), steps)
	}
	t.Logf("%d stories, %d of them with closed answers left out, %d steps", len(all), closed, steps)
	if w.logged.Len() > 0 {
		t.Errorf("something was logged: %s", w.logged)
	}
}
