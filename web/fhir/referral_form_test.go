package fhir_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"waypost/web/fhir"
)

// rendered fills an item as a renderer does, a group of several twice, with an invented answer for each question that is open.
func rendered(i fhir.Item, said map[string]string) []any {
	if i.Type == "group" {
		var inner []any
		for _, x := range i.Item {
			inner = append(inner, rendered(x, said)...)
		}
		group := object{"linkId": i.LinkID, "text": i.Text, "item": inner}
		if i.Repeats != nil {
			return []any{group, group}
		}
		return []any{group}
	}
	var answers []any
	switch i.Type {
	case "choice":
		said[i.LinkID] = i.AnswerOption[0].ValueCoding.Code
		for n, o := range i.AnswerOption {
			if c := o.ValueCoding; n == 0 || n == 1 && i.Repeats != nil {
				answers = append(answers, object{"valueCoding": object{"system": c.System, "code": c.Code, "display": c.Display}})
			}
		}
	case "date":
		said[i.LinkID] = "1990-02-03"
		answers = append(answers, object{"valueDate": said[i.LinkID]})
	default:
		if said[i.LinkID] = "Invented"; i.LinkID == "person.nhs-number" {
			said[i.LinkID] = "9990000018"
		}
		answers = append(answers, object{"valueString": said[i.LinkID]})
	}
	for _, w := range i.EnableWhen {
		if said[w.Question] != w.AnswerCoding.Code {
			answers = nil
		}
	}
	if answers == nil {
		return nil
	}
	return []any{object{"linkId": i.LinkID, "text": i.Text, "answer": answers}}
}

// A response that a renderer makes of the form is taken, whole: every field of the book arrives, of several people each as often
// as they stand there, and in the places that the reader takes.
func TestTheFormOfAReferralIsTheOneThatIsRead(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, header, body := o.do(t, "GET", "/fhir/R4/Questionnaire/referral", "", nil)
	var form fhir.Questionnaire
	if err := json.Unmarshal(body, &form); err != nil || header.Get("Cache-Control") != "public, max-age=300" {
		t.Fatal(err, header)
	}
	writtenDown(t, "referral-form.json", body)
	said := map[string]string{}
	var items []any
	for _, i := range form.Item {
		items = append(items, rendered(i, said)...)
	}
	sent := o.referral()
	sent["contained"].([]any)[1] = object{"resourceType": "QuestionnaireResponse", "id": "referral", "questionnaire": form.URL, "status": "completed", "item": items, "meta": object{"tag": []any{object{"code": "made-by-a-renderer"}}}}
	in, err := o.form.ReadReferral(raw(t, sent), o.desk.Book)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	got := map[string]int{}
	for _, e := range in.Entries {
		if got[e.Field]++; e.Row == 0 && e.Value.Reveal() != said[e.Field] {
			t.Errorf("%s is another", e.Field)
		}
	}
	for _, f := range o.desk.Book.Fields {
		if want := min(f.Rows, 2); got[f.ID] != max(want, 1) {
			t.Errorf("%s stands %d times, want %d", f.ID, got[f.ID], max(want, 1))
		}
	}
	if links := slices.Sorted(maps.Keys(said)); len(got) != len(o.desk.Book.Fields) || len(links) != len(got)+5 || in.Consent.Decision != "given" {
		t.Errorf("%d questions for %d fields, consent %s", len(links), len(got), in.Consent.Decision)
	}
	o.systems["practice"].ask("POST", "/ServiceRequest", raw(t, sent), "X-Request-Id", "rendered").want(t, "refer by the form", 201)
	if status, _, _ := o.do(t, "GET", "/fhir/R4/Questionnaire/referral?_format=json", "", nil); status != 400 {
		t.Errorf("a parameter: %d", status)
	}
	if status, _, _ := serve(t).do(t, "GET", "/fhir/R4/Questionnaire/referral", "", nil); status != 404 {
		t.Errorf("where nothing rests: %d", status)
	}
	twice := strings.Replace(string(raw(t, items)), `{"item":`, `{"item":[{"linkId":"person.name","answer":[{"valueString":"x"}]}],"linkId":"person"},{"item":`, 1)
	sent["contained"].([]any)[1].(object)["item"] = json.RawMessage(twice)
	o.systems["practice"].ask("POST", "/ServiceRequest", raw(t, sent), "X-Request-Id", "twice").want(t, "one person twice", 422)
}
