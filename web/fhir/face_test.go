package fhir_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waypost/web/fhir"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// What the statement says is offered, as method and path, and the other way round: nothing is mounted that it does not say.
func TestTheStatementSaysWhatIsMounted(t *testing.T) {
	t.Parallel()
	t.Run("without what rests", func(t *testing.T) { saysWhatIsMounted(t, serve(t)) })
	t.Run("with the loop", func(t *testing.T) { saysWhatIsMounted(t, newOffice(t).world) })
}

func saysWhatIsMounted(t *testing.T, w *world) {
	_, _, body := w.do(t, "GET", "/fhir/R4/metadata", "", nil)
	var s fhir.CapabilityStatement
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatal(err)
	}
	said := []string{"GET metadata"}
	fixed := map[string]string{"Questionnaire": "consultation", "PlanDefinition": "safeguarding-plan", "HealthcareService": ":id", "Task": ":id", "ServiceRequest": ":id", "AuditEvent": ":id"}
	for _, r := range s.Rest[0].Resource {
		for _, i := range r.Interaction {
			switch i.Code {
			case "read":
				said = append(said, "GET "+r.Type+"/"+fixed[r.Type])
				if strings.Contains(r.Documentation, "id referral") {
					said = append(said, "GET "+r.Type+"/referral")
				}
			case "search-type":
				said = append(said, "GET "+r.Type)
			case "update":
				said = append(said, "PUT "+r.Type+"/"+fixed[r.Type])
			case "create":
				said = append(said, "POST "+r.Type)
			default:
				t.Errorf("%s %s is no interaction of this test", r.Type, i.Code)
			}
		}
		for _, o := range r.Operation {
			path := r.Type + "/$" + o.Name
			if id, on := fixed[r.Type]; on {
				path = r.Type + "/" + id + "/$" + o.Name
			}
			said = append(said, "POST "+path)
		}
	}
	var mounted []string
	for _, r := range w.pages.Routes() {
		if path, ours := strings.CutPrefix(r.Path, fhir.Base+"/"); ours && !strings.HasPrefix(path, ".") { // SMART's discovery is another room's
			mounted = append(mounted, r.Method+" "+path)
		}
	}
	slices.Sort(said)
	slices.Sort(mounted)
	if !slices.Equal(said, mounted) {
		t.Errorf("said    %v\nmounted %v", said, mounted)
	}
}

// Every answer is FHIR's JSON, the refusals of the platform too. What holds no person is open to pages of every site and may
// be kept for a while; the rest is never kept.
func TestEveryAnswerIsFHIR(t *testing.T) {
	t.Parallel()
	w := serve(t)
	sound := []byte(w.sound())
	for _, c := range []struct {
		name, method, path, media string
		body                      []byte
		status                    int
		kind, code                string
	}{
		{"the statement", "GET", "/metadata", "", nil, 200, "CapabilityStatement", ""},
		{"the form", "GET", "/Questionnaire/consultation", "", nil, 200, "Questionnaire", ""},
		{"the forms", "GET", "/Questionnaire", "", nil, 200, "Bundle", ""},
		{"the form in a format", "GET", "/Questionnaire/consultation?_format=json", "", nil, 400, "OperationOutcome", "not-supported"},
		{"the steps", "GET", "/PlanDefinition/safeguarding-plan", "", nil, 200, "PlanDefinition", ""},
		{"the definitions", "GET", "/PlanDefinition", "", nil, 200, "Bundle", ""},
		{"a sound response", "POST", "/QuestionnaireResponse/$validate", media, sound, 200, "OperationOutcome", "informational"},
		{"its plan", "POST", "/QuestionnaireResponse/$extract", media, sound, 200, "Bundle", ""},
		{"as plain JSON", "POST", "/QuestionnaireResponse/$extract", "application/json; charset=utf-8", sound, 200, "Bundle", ""},
		{"the services", "GET", "/HealthcareService", "", nil, 200, "Bundle", ""},
		{"a service", "GET", "/HealthcareService/SERVICE", "", nil, 200, "HealthcareService", ""},
		{"a service that is not there", "GET", "/HealthcareService/no-such", "", nil, 404, "OperationOutcome", "not-found"},
		{"some services", "GET", "/HealthcareService?_count=2", "", nil, 200, "Bundle", ""},
		{"services near somebody", "GET", "/HealthcareService?near=51.5%7C-0.1", "", nil, 400, "OperationOutcome", "invalid"},
		{"services of one name", "GET", "/HealthcareService?name=canary", "", nil, 400, "OperationOutcome", "invalid"},
		{"no services", "GET", "/HealthcareService?_count=0", "", nil, 400, "OperationOutcome", "invalid"},
		{"services behind what is no place", "GET", "/HealthcareService?cursor=%2e%2e%2f", "", nil, 400, "OperationOutcome", "invalid"},
		{"a label in the address", "GET", "/Questionnaire?_security=SDV", "", nil, 400, "OperationOutcome", "not-supported"},
		{"the statement by a parameter", "GET", "/metadata?mode=full", "", nil, 400, "OperationOutcome", "not-supported"},
		{"the definitions by a parameter", "GET", "/PlanDefinition?_count=1", "", nil, 400, "OperationOutcome", "not-supported"},
		{"the steps by a parameter", "GET", "/PlanDefinition/safeguarding-plan?_elements=action", "", nil, 400, "OperationOutcome", "not-supported"},
		{"a service by a parameter", "GET", "/HealthcareService/SERVICE?_format=json", "", nil, 400, "OperationOutcome", "not-supported"},
		{"another form", "GET", "/Questionnaire/other", "", nil, 404, "OperationOutcome", "not-found"},
		{"a person", "GET", "/Patient/1", "", nil, 404, "OperationOutcome", "not-found"},
		{"a response that was never kept", "GET", "/QuestionnaireResponse/r1", "", nil, 404, "OperationOutcome", "not-found"},
		{"an operation by GET", "GET", "/QuestionnaireResponse/$extract?gateway.fear=yes", "", nil, 405, "OperationOutcome", "not-supported"},
		{"a form posted", "POST", "/Questionnaire", media, sound, 405, "OperationOutcome", "not-supported"},
		{"a web form", "POST", "/QuestionnaireResponse/$extract", "application/x-www-form-urlencoded", sound, 415, "OperationOutcome", "not-supported"},
		{"XML", "POST", "/QuestionnaireResponse/$extract", "application/fhir+xml", sound, 415, "OperationOutcome", "not-supported"},
		{"another charset", "POST", "/QuestionnaireResponse/$extract", "application/fhir+json; charset=latin1", sound, 415, "OperationOutcome", "not-supported"},
		{"no media type", "POST", "/QuestionnaireResponse/$extract", "", sound, 415, "OperationOutcome", "not-supported"},
		{"a web form to look at", "POST", "/QuestionnaireResponse/$validate", "application/x-www-form-urlencoded", sound, 415, "OperationOutcome", "not-supported"},
		{"a web form to apply", "POST", "/PlanDefinition/safeguarding-plan/$apply", "application/x-www-form-urlencoded", sound, 415, "OperationOutcome", "not-supported"},
		{"nothing", "POST", "/QuestionnaireResponse/$extract", media, nil, 400, "OperationOutcome", "structure"},
		{"applied without a subject", "POST", "/PlanDefinition/safeguarding-plan/$apply", media, parameters(sound, ""), 422, "OperationOutcome", "required"},
		{"applied to two", "POST", "/PlanDefinition/safeguarding-plan/$apply", media, parameters(sound, `,{"name":"subject","valueString":"Patient/1"},{"name":"subject","valueString":"Patient/2"}`), 422, "OperationOutcome", "invariant"},
		{"applied to a name", "POST", "/PlanDefinition/safeguarding-plan/$apply", media, parameters(sound, `,{"name":"subject","valueString":"`+canary+`"}`), 422, "OperationOutcome", "value"},
		{"applied to two responses", "POST", "/PlanDefinition/safeguarding-plan/$apply", media, parameters(sound, `,{"name":"subject","valueString":"Patient/1"},{"name":"questionnaire-response","resource":`+string(sound)+`}`), 422, "OperationOutcome", "invariant"},
		{"applied by somebody", "POST", "/PlanDefinition/safeguarding-plan/$apply", media, parameters(sound, `,{"name":"subject","valueString":"Patient/1"},{"name":"practitioner","valueString":"`+canary+`"}`), 422, "OperationOutcome", "not-supported"},
		{"applied with an empty parameter", "POST", "/PlanDefinition/safeguarding-plan/$apply", media, parameters(sound, `,{"name":"subject"}`), 422, "OperationOutcome", "required"},
		{"applied to a response alone", "POST", "/PlanDefinition/safeguarding-plan/$apply", media, sound, 422, "OperationOutcome", "value"},
	} {
		status, header, body := w.do(t, c.method, fhir.Base+strings.Replace(c.path, "SERVICE", w.service, 1), c.media, c.body)
		var out struct {
			ResourceType string
			Issue        []struct{ Code string }
		}
		if err := json.Unmarshal(body, &out); err != nil || status != c.status || out.ResourceType != c.kind || header.Get("Content-Type") != "application/fhir+json; charset=utf-8" {
			t.Errorf("%s: %d %s %v, %s", c.name, status, out.ResourceType, err, header.Get("Content-Type"))
		}
		if c.code != "" && (len(out.Issue) == 0 || out.Issue[0].Code != c.code) {
			t.Errorf("%s: %v, want %s", c.name, out.Issue, c.code)
		}
		kept := c.method == "GET" && c.status == 200 && !strings.Contains(c.path, "?")
		if got := header.Get("Cache-Control"); (got != "no-store") != kept {
			t.Errorf("%s: Cache-Control %s", c.name, got)
		}
		if bytes.Contains(body, []byte("Canary")) || c.status >= 400 && bytes.Contains(body, []byte("gateway")) {
			t.Errorf("%s: the input comes back", c.name)
		}
	}
	if w.logged.Len() > 0 {
		t.Errorf("something was logged: %s", w.logged)
	}
}

// A page of another site cannot make a visitor's browser send to the operations.
func TestAPageOfAnotherSiteMayNotSend(t *testing.T) {
	t.Parallel()
	w := serve(t)
	for _, path := range []string{"/QuestionnaireResponse/$validate", "/QuestionnaireResponse/$extract", "/PlanDefinition/safeguarding-plan/$apply"} {
		status, _, body := w.do(t, "POST", fhir.Base+path, media, []byte(w.sound()), "Origin", "https://other.example")
		if status != 403 || !bytes.Contains(body, []byte(`"code":"forbidden"`)) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

func parameters(response []byte, more string) []byte {
	return []byte(`{"resourceType":"Parameters","parameter":[{"name":"questionnaire-response","resource":` + string(response) + `}` + more + `]}`)
}

// Whatever bears on a person says so: restricted, and about abuse, each by system and code, since the same letters mean other
// things elsewhere. What holds nobody carries no label, which would tell that there was something.
func TestWhatBearsOnAPersonIsLabelled(t *testing.T) {
	t.Parallel()
	w := serve(t)
	sound := []byte(w.sound())
	labelled := 0
	var look func(path string, v any)
	look = func(path string, v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				look(path, x)
			}
		case object:
			if kind, ok := v["resourceType"]; ok {
				labelled++
				text := string(raw(t, v["meta"]))
				if !strings.Contains(text, `"code":"R","display":"restricted","system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality"`) ||
					!strings.Contains(text, `"code":"SDV","display":"sexual assault, abuse, or domestic violence information sensitivity","system":"http://terminology.hl7.org/CodeSystem/v3-ActCode"`) {
					t.Errorf("%s: %v is not labelled", path, kind)
				}
			}
			for name, x := range v {
				if name != "contained" { // under the label of what it is in
					look(path, x)
				}
			}
		}
	}
	for path, body := range map[string][]byte{
		"/QuestionnaireResponse/$extract":              sound,
		"/QuestionnaireResponse/$validate":             sound,
		"/PlanDefinition/safeguarding-plan/$apply":     parameters(sound, `,{"name":"subject","valueString":"Patient/1"}`),
		"/QuestionnaireResponse/$extract?_format=json": []byte(`{"resourceType":"QuestionnaireResponse"}`),
	} {
		_, header, answer := w.do(t, "POST", fhir.Base+path, media, body)
		var v any
		if err := json.Unmarshal(answer, &v); err != nil {
			t.Fatal(err)
		}
		look(path, v)
		for name, values := range header {
			if text := strings.Join(values, " "); strings.Contains(text, "SDV") || strings.Contains(text, "Patient") {
				t.Errorf("%s: the header %s tells", path, name)
			}
		}
	}
	if labelled < 6 {
		t.Errorf("only %d resources were looked at", labelled)
	}
	for _, path := range []string{"/metadata", "/Questionnaire/consultation", "/PlanDefinition/safeguarding-plan"} {
		if _, _, body := w.do(t, "GET", fhir.Base+path, "", nil); bytes.Contains(body, []byte(`"security":[`)) {
			t.Errorf("%s holds nobody and is labelled", path)
		}
	}
}

// Every language on offer stands beside the English words, under its own tag.
func TestEveryLanguageOnOfferIsThere(t *testing.T) {
	t.Parallel()
	w := product(t)
	body := string(raw(t, w.form.Questionnaire))
	said := 0
	for i := range w.bank.Questions {
		id := "question." + w.bank.Questions[i].ID + ".ask"
		english, _, _ := w.words.Text("en", id)
		if !strings.Contains(body, string(raw(t, english))) {
			t.Errorf("%s is not there in English", id)
		}
		if !w.words.Has("cy", id) {
			continue
		}
		said++
		welsh, _, _ := w.words.Text("cy", id)
		if !strings.Contains(body, `{"url":"lang","valueCode":"cy"},{"url":"content","valueString":`+string(raw(t, welsh))) {
			t.Errorf("%s is not there in Welsh", id)
		}
	}
	if said < 100 {
		t.Errorf("only %d questions have Welsh words", said)
	}
	if strings.Contains(body, `"en-XA"`) {
		t.Error("a test language is on offer")
	}
}

// The JSON of one invented consultation, byte for byte. The form and the definition change with the content and are held by
// the tests above.
func TestTheAnswersAreAsWrittenDown(t *testing.T) {
	t.Parallel()
	w := serve(t)
	sound := []byte(w.sound())
	for name, c := range map[string]struct {
		method, path string
		body         []byte
	}{
		"metadata.json": {"GET", "/metadata", nil},
		"extract.json":  {"POST", "/QuestionnaireResponse/$extract", sound},
		"apply.json":    {"POST", "/PlanDefinition/safeguarding-plan/$apply", parameters(sound, `,{"name":"subject","valueString":"Patient/1"}`)},
		"refused.json":  {"POST", "/QuestionnaireResponse/$extract", []byte(`{"resourceType":"QuestionnaireResponse","item":[{"linkId":"x"}]}`)},
		"absent.json":   {"GET", "/Patient/1", nil},
	} {
		_, _, body := w.do(t, c.method, fhir.Base+c.path, media, c.body)
		writtenDown(t, name, bytes.ReplaceAll(body, []byte(w.bank.Version), []byte("VERSION")))
	}
}

// writtenDown compares an answer with the one that is written down.
func writtenDown(t *testing.T, name string, body []byte) {
	t.Helper()
	var nice bytes.Buffer
	if err := json.Indent(&nice, body, "", " "); err != nil {
		t.Fatal(err)
	}
	nice.WriteByte('\n')
	file := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(file, nice.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(nice.Bytes(), want) {
		t.Errorf("%s is not what is written down; if that is meant: go test ./web/fhir -rewrite", name)
	}
}
