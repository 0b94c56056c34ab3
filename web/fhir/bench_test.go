package fhir_test

import (
	"testing"

	"waypost/web/fhir"
)

// The Questionnaire as it is served, over the loopback, and the response of a whole story as it is turned into a plan: alone,
// beside the same plan without FHIR, and over the loopback.
func BenchmarkQuestionnaireServed(b *testing.B) {
	w := serve(b)
	_, _, body := w.do(b, "GET", "/fhir/R4/Questionnaire/consultation", "", nil)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		w.do(b, "GET", "/fhir/R4/Questionnaire/consultation", "", nil)
	}
}

func BenchmarkExtract(b *testing.B) {
	w := serve(b)
	given := stories(b)["adult-pictures-threatened"]
	body, words := raw(b, w.response(given)), w.words.In("en", nil)
	b.Run("plan-alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			answers, _ := w.bank.Read(given)
			w.steps.Make(w.bank.Assess(answers))
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.form.ReadExtract(body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read-plan-write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			in, err := w.form.ReadExtract(body)
			if err != nil {
				b.Fatal(err)
			}
			p := w.steps.Make(w.bank.Assess(in.Answers))
			raw(b, fhir.Extract(&p, words, in.Subject))
		}
	})
	b.Run("over-loopback", func(b *testing.B) {
		for b.Loop() {
			w.do(b, "POST", "/fhir/R4/QuestionnaireResponse/$extract", media, body)
		}
	})
}
