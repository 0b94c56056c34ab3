package fhir_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"waypost/web/fhir"
)

// canary stands in every value that a broken resource makes up. It may come back nowhere.
const canary = "Canary-Quillfeather"

// sound is a whole response of an invented consultation, as text, so that one piece of it can be broken at a time.
func (w *world) sound() string {
	q := w.form.Questionnaire
	coding := func(question, answer string) string {
		return fmt.Sprintf(`{"valueCoding":{"system":"https://waypost.invalid/fhir/CodeSystem/answer.%s","code":"%s"}}`, question, answer)
	}
	return `{"resourceType":"QuestionnaireResponse","id":"r1","questionnaire":"` + q.URL + `|` + q.Version + `","status":"completed",` +
		`"subject":{"reference":"Patient/p1"},"authored":"2026-11-25T09:00:00Z","item":[` +
		`{"linkId":"section.pre","item":[{"linkId":"setting.alone","answer":[` + coding("setting.alone", "alone") + `]}]},` +
		`{"linkId":"asking.1","item":[{"linkId":"asking.2","item":[{"linkId":"asking.3","item":[` +
		`{"linkId":"section.gate","item":[{"linkId":"gateway.fear","answer":[` + coding("gateway.fear", "yes") + `]}]},` +
		`{"linkId":"section.core","item":[{"linkId":"when.0.gateway.topics","item":[{"linkId":"gateway.topics","answer":[` + coding("gateway.topics", "pictures") + `]}]}]}` +
		`]}]}]}]}`
}

const fear = `{"system":"https://waypost.invalid/fhir/CodeSystem/answer.gateway.fear","code":"yes"}`

// fault is one thing wrong: a piece of the sound response and what stands there instead.
type broken struct {
	name, old, new string
	status         int
	code, at       string // at: the end of the path
}

func faults() []broken {
	const within = "item[1].item[0].item[0]."
	const fearAt, topicsAt = within + "item[0].item[0]", within + "item[1].item[0].item[0]"
	return []broken{
		// JSON
		{"cut off", `"pictures"}}]}]}]}]}]}]}]}`, `"pictures"}}]}]}]}]}`, 400, "structure", ""},
		{"a second value", `"status":"completed"`, `"status":"completed"}{"a":"b"`, 400, "structure", ""},
		{"a comma too many", `"id":"r1",`, `"id":"r1",,`, 400, "structure", ""},
		{"a comment", `"id":"r1",`, `/* ` + canary + ` */"id":"r1",`, 400, "structure", ""},
		{"not UTF-8", `"id":"r1"`, "\"id\":\"r\xff\"", 400, "structure", ""},
		{"half a character", `"id":"r1"`, `"language":"en","id":"\ud800"`, 422, "value", ""},
		{"a control character", `"id":"r1"`, `"id":"r\u0000` + canary + `"`, 422, "value", ""},
		{"too deep", `"status":"completed"`, `"status":` + strings.Repeat("[", 50) + `"a"` + strings.Repeat("]", 50), 400, "structure", ""},
		{"far too deep", `"status":"completed"`, `"status":` + strings.Repeat("[", 20000), 400, "structure", ""},
		{"too large", `"id":"r1"`, `"id":"` + strings.Repeat(canary, 5000) + `"`, 413, "too-long", ""},
		{"a member twice", `"status":"completed"`, `"status":"completed","status":"completed"`, 400, "structure", ""},
		{"a member twice, escaped", `"status":"completed"`, `"status":"completed","st\u0061tus":"amended"`, 400, "structure", ""},
		{"an answer twice over", `"linkId":"gateway.fear","answer":[`, `"linkId":"gateway.fear","answer":[{"valueCoding":` + fear + `}],"answer":[`, 400, "structure", ""},
		{"null", `"id":"r1"`, `"id":null`, 400, "structure", ""},
		{"an empty text", `"id":"r1"`, `"id":""`, 400, "structure", ""},
		{"an empty list", `"answer":[{"valueCoding":` + fear + `}]`, `"answer":[]`, 400, "structure", ""},
		{"an empty object", `"answer":[{"valueCoding":` + fear + `}]`, `"answer":[{}]`, 400, "structure", ""},
		{"many members", `"id":"r1"`, `"id":"r1"` + members(40), 400, "structure", ""},
		// the resource
		{"another resource", `"resourceType":"QuestionnaireResponse"`, `"resourceType":"Patient"`, 422, "value", "resourceType"},
		{"no resource", `"resourceType":"QuestionnaireResponse",`, ``, 422, "value", "resourceType"},
		{"another letter case", `"status":"completed"`, `"Status":"completed"`, 400, "structure", "QuestionnaireResponse"},
		{"an unknown element", `"id":"r1"`, `"id":"r1","` + canary + `":"x"`, 400, "structure", "QuestionnaireResponse"},
		{"an operator", `"id":"r1"`, `"id":{"$ne":"` + canary + `"}`, 400, "structure", "id"},
		{"a prototype", `"id":"r1"`, `"id":"r1","__proto__":{"a":"b"}`, 422, "extension", ""},
		{"an id that is none", `"id":"r1"`, `"id":"` + canary + ` with spaces"`, 422, "value", "id"},
		{"no status", `"status":"completed",`, ``, 422, "required", "status"},
		{"an unknown status", `"status":"completed"`, `"status":"` + canary + `"`, 422, "code-invalid", "status"},
		{"a status that is a number", `"status":"completed"`, `"status":1`, 400, "structure", "status"},
		{"entered in error", `"status":"completed"`, `"status":"entered-in-error"`, 422, "business-rule", "status"},
		{"no questionnaire", `"questionnaire":"`, `"id2":"`, 400, "structure", ""},
		{"another questionnaire", `"questionnaire":"https://waypost.invalid/fhir/Questionnaire/consultation`, `"questionnaire":"https://` + canary + `.invalid/q`, 409, "conflict", "questionnaire"},
		{"another version", `Questionnaire/consultation|`, `Questionnaire/consultation|0`, 409, "conflict", "questionnaire"},
		{"a date that is none", `"authored":"2026-11-25T09:00:00Z"`, `"authored":"2026-13-45 ` + canary + `"`, 422, "value", "authored"},
		{"a date without a zone", `"authored":"2026-11-25T09:00:00Z"`, `"authored":"2026-11-25T09:00:00"`, 422, "value", "authored"},
		// what concerns people, and what is not read
		{"a name", `"subject":{"reference":"Patient/p1"}`, `"subject":{"display":"` + canary + `"}`, 422, "not-supported", "subject"},
		{"a number of a person", `"subject":{"reference":"Patient/p1"}`, `"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + canary + `"}}`, 422, "not-supported", "subject"},
		{"a reference elsewhere", `Patient/p1`, `https://` + canary + `.invalid/Patient/p1`, 422, "value", "reference"},
		{"a reference to a practitioner", `Patient/p1`, `Practitioner/p1`, 422, "value", "reference"},
		{"a subject that is a list", `"subject":{"reference":"Patient/p1"}`, `"subject":[{"reference":"Patient/p1"}]`, 400, "structure", "subject"},
		{"an author", `"id":"r1"`, `"id":"r1","author":{"reference":"Practitioner/` + canary + `"}`, 422, "not-supported", ""},
		{"a source", `"id":"r1"`, `"id":"r1","source":{"reference":"Patient/p1"}`, 422, "not-supported", ""},
		{"an encounter", `"id":"r1"`, `"id":"r1","encounter":{"reference":"Encounter/e1"}`, 422, "not-supported", ""},
		{"an identifier", `"id":"r1"`, `"id":"r1","identifier":{"value":"` + canary + `"}`, 422, "not-supported", ""},
		{"a narrative with script", `"id":"r1"`, `"id":"r1","text":{"status":"generated","div":"<div><script>` + canary + `</script></div>"}`, 422, "not-supported", ""},
		{"a resource inside", `"id":"r1"`, `"id":"r1","contained":[{"resourceType":"Patient"}]`, 422, "not-supported", ""},
		{"an extension", `"id":"r1"`, `"id":"r1","extension":[{"url":"x","valueString":"` + canary + `"}]`, 422, "extension", ""},
		{"a modifier", `"id":"r1"`, `"id":"r1","modifierExtension":[{"url":"x","valueBoolean":true}]`, 422, "extension", ""},
		{"a primitive's extension", `"id":"r1"`, `"id":"r1","_status":{"id":"` + canary + `"}`, 422, "extension", ""},
		// items
		{"an unknown linkId", `"linkId":"gateway.fear"`, `"linkId":"` + canary + `"`, 422, "value", fearAt + ".linkId"},
		{"no linkId", `"linkId":"gateway.fear",`, ``, 422, "required", fearAt + ".linkId"},
		{"a linkId that is a number", `"linkId":"gateway.fear"`, `"linkId":7`, 400, "structure", fearAt + ".linkId"},
		{"an item that is a text", `"item":[{"linkId":"gateway.fear"`, `"item":["` + canary + `",{"linkId":"gateway.fear"`, 400, "structure", fearAt},
		{"items that are no list", `"item":[{"linkId":"setting.alone","answer":[`, `"item":{"linkId":"x"},"definition":"x","text":"x","answer":[{"valueString":"` + canary + `"}],"q":[{"a":[`, 400, "structure", ""},
		{"an item in another group", `"linkId":"setting.alone"`, `"linkId":"danger.going-home"`, 422, "structure", "item[0].item[0].linkId"},
		{"an item twice", `{"linkId":"gateway.topics"`, `{"linkId":"gateway.topics"},{"linkId":"gateway.topics"`, 422, "invariant", within + "item[1].item[0].item[1].linkId"},
		{"an answer to a group", `"linkId":"section.gate",`, `"linkId":"section.gate","answer":[{"valueString":"` + canary + `"}],`, 422, "structure", within + "item[0]"},
		{"items under a question", `"linkId":"gateway.fear",`, `"linkId":"gateway.fear","item":[{"linkId":"gateway.any"}],`, 422, "structure", fearAt},
		{"items under an answer", `{"valueCoding":` + fear, `{"item":[{"linkId":"gateway.any"}],"valueCoding":` + fear, 422, "structure", fearAt + ".answer[0]"},
		{"answered though not enabled", `"code":"yes"`, `"code":"no"`, 422, "business-rule", topicsAt},
		// answers
		{"two values in one choice", `{"valueCoding":` + fear, `{"valueString":"` + canary + `","valueCoding":` + fear, 400, "structure", fearAt + ".answer[0]"},
		{"a text for a code", `{"valueCoding":` + fear + `}`, `{"valueString":"` + canary + `"}`, 400, "structure", fearAt + ".answer[0]"},
		{"a yes for a code", `{"valueCoding":` + fear + `}`, `{"valueBoolean":true}`, 400, "structure", fearAt + ".answer[0]"},
		{"an unknown type of value", `{"valueCoding":` + fear + `}`, `{"value` + canary + `":"x"}`, 400, "structure", fearAt + ".answer[0]"},
		{"no value", `{"valueCoding":` + fear + `}`, `{"id":"a"}`, 400, "structure", fearAt + ".answer[0]"},
		{"an unknown code", `"code":"yes"`, `"code":"` + canary + `"`, 422, "code-invalid", fearAt + ".answer[0].valueCoding"},
		{"a code of another question", fear, `{"system":"https://waypost.invalid/fhir/CodeSystem/answer.gateway.any","code":"yes"}`, 422, "code-invalid", fearAt + ".answer[0].valueCoding"},
		{"a code without a system", fear, `{"code":"yes"}`, 422, "code-invalid", fearAt + ".answer[0].valueCoding"},
		{"a system without a code", fear, `{"system":"https://waypost.invalid/fhir/CodeSystem/answer.gateway.fear"}`, 422, "code-invalid", fearAt + ".answer[0].valueCoding"},
		{"a code that is a list", `"code":"yes"`, `"code":["yes"]`, 400, "structure", fearAt + ".answer[0].valueCoding.code"},
		{"an answer that is an object", `"answer":[{"valueCoding":` + fear + `}]`, `"answer":{"valueCoding":` + fear + `}`, 400, "structure", fearAt + ".answer"},
		{"two answers where one is taken", `{"valueCoding":` + fear + `}`, `{"valueCoding":` + fear + `},{"valueCoding":` + strings.Replace(fear, `"yes"`, `"no"`, 1) + `}`, 422, "invariant", fearAt},
		{"the same answer twice", `{"valueCoding":` + fear + `}`, `{"valueCoding":` + fear + `},{"valueCoding":` + fear + `}`, 422, "invariant", fearAt},
		{"an answer that excludes the other", `"code":"pictures"}}`, `"code":"pictures"}},{"valueCoding":{"system":"https://waypost.invalid/fhir/CodeSystem/answer.gateway.topics","code":"none-of-these"}}`, 422, "business-rule", topicsAt},
	}
}

func members(n int) (out string) {
	for i := range n {
		out += fmt.Sprintf(`,"m%d":"x"`, i)
	}
	return out
}

// One fault at a time, by each operation: refused with the status and the code that belong to it, labelled, nothing of the
// input in the answer or the log, and never a 500.
func TestABrokenResourceIsRefused(t *testing.T) {
	t.Parallel()
	w := serve(t)
	sound := w.sound()
	if _, err := w.form.ReadResponse([]byte(sound)); err != nil {
		t.Fatalf("the sound one is refused: %v", err)
	}
	for _, c := range faults() {
		body := breaks(t, sound, c)
		for path, body := range map[string]string{
			"/fhir/R4/QuestionnaireResponse/$extract":              body,
			"/fhir/R4/QuestionnaireResponse/$validate":             body,
			"/fhir/R4/PlanDefinition/safeguarding-plan/$apply":     `{"resourceType":"Parameters","parameter":[{"name":"subject","valueString":"Patient/p1"},{"name":"questionnaire-response","resource":` + body + `}]}`,
			"/fhir/R4/QuestionnaireResponse/$extract?_format=json": `{"resourceType":"Parameters","parameter":[{"name":"questionnaire-response","resource":` + body + `}]}`,
		} {
			status, header, answer := w.do(t, "POST", path, media, []byte(body))
			var out fhir.OperationOutcome
			if err := json.Unmarshal(answer, &out); err != nil || out.ResourceType != "OperationOutcome" || len(out.Issue) == 0 {
				t.Fatalf("%s, %s: %d, no OperationOutcome", c.name, path, status)
			}
			issue, want := out.Issue[0], c.status
			if strings.HasSuffix(path, "$validate") && want == 422 {
				want = 200
			}
			if status != want || issue.Severity != "error" || c.code != "" && issue.Code != c.code {
				t.Errorf("%s, %s: %d %s %s, want %d %s", c.name, path, status, issue.Severity, issue.Code, want, c.code)
			}
			if at := strings.Join(issue.Expression, " "); !strings.HasSuffix(at, c.at) && strings.HasPrefix(body, `{"resourceType":"Q`) {
				t.Errorf("%s, %s: at %s, want %s", c.name, path, at, c.at)
			}
			if strings.Contains(string(answer), "Canary") || strings.Contains(fmt.Sprint(header), "Canary") {
				t.Errorf("%s, %s: the input comes back", c.name, path)
			}
			if header.Get("Cache-Control") != "no-store" || header.Get("Content-Type") != "application/fhir+json; charset=utf-8" {
				t.Errorf("%s, %s: %v", c.name, path, header)
			}
		}
	}
	if n := len(faults()); n < 40 {
		t.Errorf("%d broken resources are fewer than 40", n)
	}
	if w.logged.Len() > 0 {
		t.Errorf("something was logged: %s", w.logged)
	}
}

func breaks(t testing.TB, sound string, c broken) string {
	t.Helper()
	out := strings.Replace(sound, c.old, c.new, 1)
	if out == sound {
		t.Fatalf("%s breaks nothing", c.name)
	}
	return out
}
