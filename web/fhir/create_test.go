package fhir_test

import (
	"bytes"
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	"waypost/referrals"
	"waypost/referrals/packet"
)

// What the system of a practice sends makes one case in review with exactly the fields that were typed and the consent that
// was decided; however often it comes, and at once, it is one; under its name nothing else is taken.
func TestAReferralMakesOneCase(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	practice := o.systems["practice"]
	body := raw(t, o.referral())
	token := practice.access("system/ServiceRequest.c")
	var wg sync.WaitGroup
	all := make([]reply, 6)
	for i := range all {
		wg.Go(func() { all[i] = o.send("POST", "/ServiceRequest", token, body, "X-Request-Id", "one") })
	}
	wg.Wait()
	for _, a := range all {
		a.want(t, "refer", 201)
		if !bytes.Equal(a.body, all[0].body) || a.header.Get("Location") != all[0].header.Get("Location") {
			t.Errorf("another answer: %s", a.body)
		}
	}
	if canaries(all[0].body) || bytes.Contains(all[0].body, []byte("p1")) || all[0].says(t, "contained") != nil {
		t.Errorf("what was sent comes back: %s", all[0].body)
	}
	tasks := practice.ask("GET", "/Task", nil)
	if n, _ := tasks.says(t, "entry").([]any); len(n) != 1 {
		t.Errorf("%d cases", len(n))
	}
	id, _ := all[0].says(t, "id").(string)
	c := must(o.desk.Read(t.Context(), o.lead, id[:32]))(t)
	if c.State != referrals.InReview || c.OpenedBy != practice.is.ID || c.Handovers[0].Consent.Decision != packet.Given || c.Nation.String() != "england" || len(c.Found) == 0 {
		t.Errorf("the case: %s by %s", c.State, c.OpenedBy)
	}
	for field, want := range typed {
		if v, _ := c.Dossier.At(field, 0); v.Reveal() != want {
			t.Errorf("%s rests as something else", field)
		}
	}
	for field, want := range chosen {
		if v, _ := c.Dossier.At(field, 0); v.Reveal() != want {
			t.Errorf("%s rests as something else", field)
		}
	}
	o.send("POST", "/ServiceRequest", token, bytes.Replace(body, []byte("Tuesdays"), []byte("Mondays"), 1), "X-Request-Id", "one").want(t, "another content", 409)
	o.systems["other practice"].ask("POST", "/ServiceRequest", body, "X-Request-Id", "one").want(t, "another's request of that name", 201)
	if made := practice.ask("GET", "/ServiceRequest/"+id, nil).want(t, "read it", 200); !bytes.Equal(made.body, all[0].body) {
		t.Errorf("it reads as %s", made.body)
	}
}

// refuses is one fault in a referral: a piece of it and what stands there instead.
type refuses struct {
	name, old, new string
	status         int
	code, at       string // at: the end of the path
}

const decision = `{"answer":[{"valueCoding":{"code":"given","system":"https://waypost.invalid/fhir/CodeSystem/referral.decision"}}],"linkId":"consent"}`

func refusesOf(helps string) []refuses {
	const name = `{"answer":[{"valueString":"Zephyrine Quillfeather"}],"linkId":"person.name"}`
	const children = `{"answer":[{"valueCoding":{"code":"yes","system":"https://waypost.invalid/fhir/CodeSystem/referral.code.answer"}}],"linkId":"children.involved"}`
	without := func(decision string, rest ...string) string {
		out := strings.Replace(`{"answer":[{"valueCoding":{"code":"D","system":"https://waypost.invalid/fhir/CodeSystem/referral.decision"}}],"linkId":"consent"}`, "D", decision, 1)
		for _, r := range rest {
			link, code, _ := strings.Cut(r, "=")
			if link == "why-words" {
				out += `,{"linkId":"why-words","answer":[{"valueString":"` + code + `"}]}`
				continue
			}
			system := map[string]string{"ground": "referral.ground", "why-without": "referral.why", "told": "referral.told"}[link]
			out += `,{"linkId":"` + link + `","answer":[{"valueCoding":{"system":"https://waypost.invalid/fhir/CodeSystem/` + system + `","code":"` + code + `"}}]}`
		}
		return out
	}
	return []refuses{
		{"another resource", `"resourceType":"ServiceRequest"`, `"resourceType":"Task"`, 422, "value", "resourceType"},
		{"cut off", `"status":"active"`, `"status":"active"}{`, 400, "structure", ""},
		{"a member twice", `"intent":"order"`, `"intent":"order","intent":"order"`, 400, "structure", ""},
		{"null", `"intent":"order"`, `"intent":null`, 400, "structure", ""},
		{"no status", `,"status":"active"`, ``, 422, "required", "ServiceRequest.status"},
		{"a draft", `"status":"active"`, `"status":"draft"`, 422, "code-invalid", "ServiceRequest.status"},
		{"a plan", `"intent":"order"`, `"intent":"plan"`, 422, "code-invalid", "ServiceRequest.intent"},
		{"an unknown element", `"intent":"order"`, `"intent":"order","` + canary + `":"x"`, 400, "structure", "ServiceRequest"},
		{"an extension", `"intent":"order"`, `"intent":"order","extension":[{"url":"` + canary + `"}]`, 422, "extension", "ServiceRequest"},
		{"not to be done", `"intent":"order"`, `"intent":"order","doNotPerform":true`, 422, "not-supported", "ServiceRequest"},
		{"a requester", `"intent":"order"`, `"intent":"order","requester":{"display":"` + canary + `"}`, 422, "not-supported", "ServiceRequest"},
		{"a note", `"intent":"order"`, `"intent":"order","note":[{"text":"` + canary + `"}]`, 422, "not-supported", "ServiceRequest"},
		{"a name", `"subject":{"reference":"Patient/p1"}`, `"subject":{"display":"` + canary + `"}`, 422, "not-supported", "ServiceRequest.subject"},
		{"a number", `"subject":{"reference":"Patient/p1"}`, `"subject":{"identifier":{"value":"9990000018"}}`, 422, "not-supported", "ServiceRequest.subject"},
		{"no subject", `"subject":{"reference":"Patient/p1"},`, ``, 422, "required", ""},
		{"no such destination", `"code":"domestic-abuse"`, `"code":"` + canary + `"`, 422, "code-invalid", "ServiceRequest.code.coding[0]"},
		{"a destination of another system", `CodeSystem/referral.destination`, `CodeSystem/destination`, 422, "code-invalid", "ServiceRequest.code.coding[0]"},
		{"a destination that is not the service's", `"code":"domestic-abuse"`, `"code":"talking-therapies"`, 422, "business-rule", "ServiceRequest.performer[0]"},
		{"no such service", `HealthcareService/` + helps, `HealthcareService/` + canary, 422, "business-rule", "ServiceRequest.performer[0]"},
		{"a service elsewhere", `HealthcareService/` + helps, `https://` + canary + `.invalid/HealthcareService/x`, 422, "value", "ServiceRequest.performer[0].reference"},
		{"a person as performer", `HealthcareService/` + helps, `Practitioner/1`, 422, "value", "ServiceRequest.performer[0].reference"},
		{"two performers", `"performer":[`, `"performer":[{"reference":"HealthcareService/` + helps + `"},`, 422, "invariant", "ServiceRequest.performer[1]"},
		{"nothing contained", `"contained":`, `"replaces":`, 422, "not-supported", "ServiceRequest"},
		{"a patient inside", `"contained":[`, `"contained":[{"resourceType":"Patient","id":"p"},`, 422, "value", "ServiceRequest.contained[0].resourceType"},
		{"a pointer to nothing", `"#referral"`, `"#` + canary + `"`, 422, "value", "ServiceRequest.supportingInfo"},
		{"a pointer elsewhere", `"#referral"`, `"Consent/1"`, 422, "value", "ServiceRequest.supportingInfo[1].reference"},
		{"another questionnaire", `Questionnaire/consultation|`, `Questionnaire/consultation|0`, 409, "conflict", "ServiceRequest.contained[0].questionnaire"},
		{"an unknown question", `"linkId":"gateway.fear"`, `"linkId":"` + canary + `"`, 422, "value", "linkId"},
		{"no answer that raises anything", `"code":"yes","display":`, `"code":"no","display":`, 422, "business-rule", ""},
		{"a form that is not finished", `Questionnaire/referral","resourceType":"QuestionnaireResponse","status":"completed"`, `Questionnaire/referral","resourceType":"QuestionnaireResponse","status":"in-progress"`, 422, "code-invalid", "ServiceRequest.contained[1].status"},
		{"two forms", `"contained":[`, `"contained":[{"resourceType":"QuestionnaireResponse","id":"r2","questionnaire":"https://waypost.invalid/fhir/Questionnaire/referral","status":"completed"},`, 422, "invariant", "ServiceRequest.contained[2]"},
		{"an unknown field", `"linkId":"person.name"`, `"linkId":"` + canary + `"`, 422, "value", "linkId"},
		{"a field in another group", name, `{"linkId":"child","item":[` + name + `]}`, 422, "structure", "item[0].linkId"},
		{"a group in a group", name, `{"linkId":"child","item":[{"linkId":"child","item":[` + name + `]}]}`, 422, "value", "item[0].linkId"},
		{"a field twice", name, name + "," + name, 422, "invariant", "answer[0]"},
		{"two answers to a field", `{"valueString":"Zephyrine Quillfeather"}`, `{"valueString":"Zephyrine Quillfeather"},{"valueString":"` + canary + `"}`, 422, "invariant", ""},
		{"two answers of one person", `{"valueString":"Ignatius Thornquist"}`, `{"valueString":"Ignatius Thornquist"},{"valueString":"` + canary + `"}`, 422, "invariant", "answer[1]"},
		{"words for a code", children, `{"linkId":"children.involved","answer":[{"valueString":"` + canary + `"}]}`, 400, "structure", "answer[0]"},
		{"a code for words", name, `{"linkId":"person.name","answer":[{"valueCoding":{"code":"x"}}]}`, 400, "structure", "answer[0]"},
		{"a code that is not on the list", `"code":"yes","system":"https://waypost.invalid/fhir/CodeSystem/referral.code.answer"`, `"code":"` + canary + `","system":"https://waypost.invalid/fhir/CodeSystem/referral.code.answer"`, 422, "code-invalid", "answer[0].valueCoding"},
		{"a code of another list", `CodeSystem/referral.code.channel`, `CodeSystem/referral.code.answer`, 422, "code-invalid", "answer[0].valueCoding"},
		{"no value", `{"valueString":"Zephyrine Quillfeather"}`, `{"id":"a"}`, 400, "structure", "answer[0]"},
		{"two values", `{"valueString":"Zephyrine Quillfeather"}`, `{"valueString":"x","valueDate":"2026-01-01"}`, 400, "structure", "answer[0]"},
		{"a name of two lines", `"Zephyrine Quillfeather"`, `"Zephyrine\nCanary"`, 422, "value", "answer[0]"},
		{"a very long name", `"Zephyrine Quillfeather"`, `"` + strings.Repeat(canary, 100) + `"`, 422, "value", "answer[0]"},
		{"a day that is none", name, `{"linkId":"person.birth","answer":[{"valueDate":"2026-02-31"}]}`, 422, "value", "answer[0]"},
		{"a number that is none", name, `{"linkId":"person.nhs-number","answer":[{"valueString":"9990000019"}]}`, 422, "value", "answer[0]"},
		{"no decision about consent", "," + decision, ``, 422, "required", "ServiceRequest.contained[1]"},
		{"no such decision", `"code":"given"`, `"code":"` + canary + `"`, 422, "code-invalid", "answer[0].valueCoding"},
		{"two decisions", decision, decision + "," + decision, 422, "invariant", "answer[0]"},
		{"consent with a ground", decision, without("given", "ground=emergency"), 422, "business-rule", "ServiceRequest.contained[1]"},
		{"refused and no ground", decision, without("refused"), 422, "required", "ServiceRequest.contained[1]"},
		{"refused and no words", decision, without("refused", "ground=emergency", "why-without=child-at-risk", "told=told"), 422, "required", "ServiceRequest.contained[1]"},
		{"a ground that this destination does not take", decision, without("refused", "ground=emergency", "why-without=child-at-risk", "told=told", "why-words="+canary), 422, "business-rule", "ServiceRequest"},
		{"a ground that is none", decision, without("refused", "ground="+canary), 422, "code-invalid", "answer[0].valueCoding"},
		{"an answer to a group", name, `{"linkId":"child","answer":[{"valueString":"` + canary + `"}]}`, 422, "structure", ""},
	}
}

// sound is a referral that is taken, as text with its members in order, with a child in it.
func (o *office) sound() string {
	s := o.referral()
	sheet, _ := s["contained"].([]any)[1].(object)
	sheet["item"] = append(sheet["item"].([]any), object{"linkId": "child", "item": []any{object{"linkId": "child.name", "answer": []any{object{"valueString": "Osric Quillfeather"}}}}},
		object{"linkId": "child", "item": []any{object{"linkId": "child.name", "answer": []any{object{"valueString": "Ottoline Quillfeather"}}}}})
	text := string(raw(o.T, s))
	return strings.ReplaceAll(text, `{"answer":[{"valueString":"Osric Quillfeather"}],"linkId":"child.name"}`, `{"linkId":"child.name","answer":[{"valueString":"Osric Quillfeather"}]}`)
}

// One fault at a time: refused with the status and code that belong to it, at its place, labelled, nothing of the input in the
// answer or the log, and no case.
func TestABrokenReferralIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	practice := o.systems["practice"]
	sound := o.sound()
	for _, c := range refusesOf(o.helps) {
		body := strings.Replace(sound, c.old, c.new, 1)
		if c.name == "no answer that raises anything" {
			body = strings.ReplaceAll(sound, c.old, c.new)
		}
		if body == sound {
			t.Errorf("%s breaks nothing", c.name)
			continue
		}
		a := practice.ask("POST", "/ServiceRequest", []byte(body), "X-Request-Id", rand.Text()).want(t, c.name, c.status)
		at, _ := a.says(t, "issue", 0, "expression", 0).(string)
		if a.says(t, "issue", 0, "code") != c.code || !strings.HasSuffix(at, c.at) {
			t.Errorf("%s: %s", c.name, a.body)
		}
		if bytes.Contains(a.body, []byte("Canary")) || canaries(a.body) || a.header.Get("Location") != "" || !bytes.Contains(a.body, []byte(`"code":"SDV"`)) {
			t.Errorf("%s: the input comes back, or the label is missing: %s", c.name, a.body)
		}
	}
	practice.ask("POST", "/ServiceRequest", []byte(sound)).want(t, "no name", 400)
	practice.ask("POST", "/ServiceRequest", []byte(sound), "X-Request-Id", "with a space").want(t, "a name that is none", 400)
	practice.ask("POST", "/ServiceRequest", []byte(sound), "X-Request-Id", "r", "Content-Type", "text/plain").want(t, "as text", 415)
	practice.ask("POST", "/ServiceRequest?_format=json", []byte(sound), "X-Request-Id", "r").want(t, "with a parameter", 400)
	if all, _ := practice.ask("GET", "/Task", nil).says(t, "entry").([]any); len(all) > 0 {
		t.Errorf("%d cases were made", len(all))
	}
	if o.Log.String() != "" {
		t.Errorf("something was logged: %s", o.Log)
	}
	made := practice.ask("POST", "/ServiceRequest", []byte(sound), "X-Request-Id", "r").want(t, "the sound one", 201)
	id, _ := made.says(t, "id").(string)
	c := must(o.desk.Read(t.Context(), o.lead, id[:32]))(t)
	second, _ := c.Dossier.At("child.name", 1)
	first, _ := c.Dossier.At("child.name", 0)
	if first.Reveal() != "" || second.Reveal() != "" { // a domestic-abuse service is told of no child by name
		t.Error("what no destination needs rests")
	}
}

// Each group is one person: the first child and the second do not mix.
func TestAGroupIsOnePerson(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := must(o.form.ReadReferral([]byte(o.sound()), o.desk.Book))(t)
	got := map[string]string{}
	for _, e := range in.Entries {
		if e.Field == "child.name" {
			got[e.Value.Reveal()] = string(rune('0' + e.Row))
		}
	}
	if len(got) != 2 || got["Osric Quillfeather"] != "0" || got["Ottoline Quillfeather"] != "1" {
		t.Errorf("%v", got)
	}
}
