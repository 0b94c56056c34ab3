package fhir_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"waypost/web/fhir"
)

// What a stranger can send to the three operations. Whatever it is: no panic, either a whole response or a refusal with a
// status of 4xx that names elements only, and what was taken reads back as the same answers.
func fuzz(f *testing.F, wrap func(string) string, read func(*fhir.Form, []byte) (fhir.Response, error)) {
	w := product(f)
	sound := w.sound()
	f.Add([]byte(wrap(sound)))
	for _, c := range faults() {
		if len(c.new) < 1000 {
			f.Add([]byte(wrap(breaks(f, sound, c))))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := read(w.form, body)
		if err == nil {
			given := map[string][]string{}
			for _, g := range in.Answers.List() {
				given[g.Question] = append(given[g.Question], g.Answer)
			}
			again, err := w.form.ReadResponse(raw(t, w.response(given)))
			if err != nil || len(again.Answers.List()) != len(in.Answers.List()) {
				t.Fatal("what was taken does not read back")
			}
			return
		}
		var refused fhir.Refused
		if !errors.As(err, &refused) || len(refused) == 0 {
			t.Fatal("refused without a reason")
		}
		for _, i := range refused {
			if i.Status() < 400 || i.Status() > 499 || i.Code() == "" {
				t.Fatalf("status %d", i.Status())
			}
			for part := range strings.SplitSeq(i.At(), ".") {
				if name, _, _ := strings.Cut(part, "["); !known(name) {
					t.Fatal("a path names what is not ours")
				}
			}
		}
	})
}

// known says whether a path may name an element.
func known(name string) bool {
	return name == "" || slices.Contains(strings.Fields("Parameters parameter name resource valueString resourceType QuestionnaireResponse id language meta "+
		"questionnaire status authored subject item versionId lastUpdated source profile security tag reference type linkId text definition answer "+
		"valueCoding system code version display userSelected"), name)
}

func FuzzReadExtract(f *testing.F) {
	fuzz(f, func(s string) string { return s }, (*fhir.Form).ReadExtract)
}

func FuzzReadValidate(f *testing.F) {
	fuzz(f, func(s string) string {
		return `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + s + `}]}`
	}, (*fhir.Form).ReadValidate)
}

func FuzzReadApply(f *testing.F) {
	fuzz(f, func(s string) string {
		return string(parameters([]byte(s), `,{"name":"subject","valueString":"Patient/1"}`))
	}, (*fhir.Form).ReadApply)
}
