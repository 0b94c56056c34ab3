package fhir_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/web/fhir"
	"waypost/web/staff/stafftest"
)

// turnedDown holds a refusal to what one may be: statuses of 4xx, codes, and paths of nothing but our own names.
func turnedDown(t *testing.T, err error, known string) {
	t.Helper()
	var refused fhir.Refused
	if !errors.As(err, &refused) || len(refused) == 0 || len(refused) > 16 {
		t.Fatal("refused without a reason, or with too many")
	}
	for _, i := range refused {
		if i.Status() < 400 || i.Status() > 499 || i.Code() == "" {
			t.Fatalf("status %d", i.Status())
		}
		for part := range strings.SplitSeq(i.At(), ".") {
			if name, _, _ := strings.Cut(part, "["); name != "" && !slices.Contains(strings.Fields(known), name) {
				t.Fatal("a path names what is not ours")
			}
		}
	}
}

// A Task that comes back, whatever a stranger makes of it: no panic; an event with a reason of its own list, or a refusal.
func FuzzReadTask(f *testing.F) {
	w := product(f)
	words := w.words.In("en", nil)
	was := fhir.TaskOf(referrals.Parcel{ID: strings.Repeat("0f", 32), Rev: 2, State: referrals.Opened, Made: today, Changed: today.Add(time.Hour), Due: today.Add(2 * time.Hour)}, "service-1", words)
	own := string(raw(f, was))
	f.Add([]byte(own))
	for _, new := range []string{
		`"status":"accepted"`, `"status":"in-progress"`, `"status":"failed"`, `"status":1`, `"Status":"accepted"`, `"status":"accepted","note":[{"text":"x"}]`,
		`"status":"rejected","statusReason":{"coding":[{"system":"https://waypost.invalid/fhir/CodeSystem/referral.reason","code":"no-room"}],"text":"No room"}`,
		`"status":"completed"`, `"status":"rejected","statusReason":{"text":"x"}`, `"status":"accepted","statusReason":{"coding":[]}`, `"_status":{}`,
	} {
		f.Add([]byte(strings.Replace(own, `"status":"requested"`, new, 1)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := fhir.ReadTask(body, was, words)
		if err != nil {
			turnedDown(t, err, "resourceType Task id meta language status statusReason businessStatus intent code focus for authoredOn lastModified owner restriction coding text system display version userSelected")
			return
		}
		for _, l := range referrals.Table() {
			if l.Event == in.Event && (len(l.Reasons) == 0 && in.Reason == "" || slices.Contains(l.Reasons, in.Reason)) {
				return
			}
		}
		t.Fatal("taken, and no line of the table takes it")
	})
}

// A referral, whatever a stranger makes of it: no panic; fields that the book takes and a decision about consent, or a refusal.
func FuzzReadReferral(f *testing.F) {
	w := product(f)
	book, err := packet.Load(packet.Content())
	if err != nil {
		f.Fatal(err)
	}
	o := &office{world: w, Ground: &stafftest.Ground{T: f}, helps: "invented-service", desk: &referrals.Desk{Config: referrals.Config{Book: book}}}
	sound := o.sound()
	f.Add([]byte(sound))
	for _, c := range refusesOf("invented-service") {
		if body := strings.Replace(sound, c.old, c.new, 1); len(c.new) < 1000 {
			f.Add([]byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := w.form.ReadReferral(body, book)
		if err != nil {
			turnedDown(t, err, "resourceType ServiceRequest id meta language status intent authoredOn code subject performer contained supportingInfo coding system version display userSelected "+
				"reference type text versionId lastUpdated source profile security tag questionnaire authored item linkId definition answer valueCoding valueString valueDate")
			return
		}
		_, known := book.Destination(in.Destination)
		_, faults := book.Fill(in.Entries)
		if !known || in.Service == "" || len(faults) > 0 || !slices.Contains(packet.Decisions(), in.Consent.Decision) {
			t.Fatal("taken, and the book does not take it")
		}
		if (in.Consent.Decision == packet.Given) != (in.Consent.Ground == "") {
			t.Fatal("consent beside a ground, or neither")
		}
	})
}
