package fhir_test

import (
	"bytes"
	"strings"
	"testing"

	"waypost/referrals"
)

// The loop, by systems alone but for the desk between them: a practice's system refers, the desk accepts and offers, the
// service's system sees that something is there, acknowledges, reads, takes on and completes; the desk's case shows each step,
// and so does the Task of whoever referred.
func TestTheLoopCloses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	practice, service := o.systems["practice"], o.systems["service"]
	made, c := o.referred("request-1")
	if c.State != referrals.InReview || c.Handovers[0].Destination != "domestic-abuse" || c.Handovers[0].Service != o.helps {
		t.Fatalf("the case: %s %+v", c.State, c.Handovers[0].Destination)
	}
	mine, _ := made.says(t, "id").(string)
	if at := made.header.Get("Location"); at != officeURL+"/fhir/R4/ServiceRequest/"+mine || made.header.Get("ETag") != `W/"1"` {
		t.Errorf("made at %s, %s", at, made.header.Get("ETag"))
	}
	shows := func(step, status, business string, state referrals.State) {
		t.Helper()
		task := practice.ask("GET", "/Task/"+mine, nil).want(t, step, 200)
		if got := task.says(t, "status"); got != status {
			t.Errorf("%s: whoever referred sees %v", step, got)
		}
		if got := task.says(t, "businessStatus", "coding", 0, "code"); business != "" && got != business {
			t.Errorf("%s: businessStatus %v", step, got)
		}
		if got := must(o.desk.Read(t.Context(), o.lead, c.Reference))(t); got.Handovers[0].State != state {
			t.Errorf("%s: the desk has %s", step, got.Handovers[0].State)
		}
		if canaries(task.body) {
			t.Errorf("%s: the Task tells", step)
		}
	}
	shows("referred", "draft", "in-review", referrals.Waiting)
	c = must(o.desk.Decide(t.Context(), o.lead, c.Reference, c.Rev, referrals.Decision{Event: referrals.Accept}))(t)
	c, _, err := o.desk.Offer(t.Context(), o.lead, c.Reference, c.Rev, c.Handovers[0].Reference)
	if err != nil {
		t.Fatal(err)
	}
	shows("offered", "requested", "", referrals.Out)

	list := service.ask("GET", "/Task?status=requested", nil).want(t, "what is there", 200)
	theirs, _ := list.says(t, "entry", 0, "resource", "id").(string)
	if theirs != c.Handovers[0].Packet || list.says(t, "entry", 1) != nil {
		t.Fatalf("the list: %s", list.body)
	}
	service.ask("GET", "/ServiceRequest/"+theirs, nil).want(t, "read before it is acknowledged", 404)
	service.put(theirs, object{"status": "accepted"}).want(t, "acknowledge", 200)
	shows("acknowledged", "accepted", "", referrals.Taken)
	read := service.ask("GET", "/ServiceRequest/"+theirs, nil).want(t, "read", 200)
	for field, text := range typed {
		if !bytes.Contains(read.body, []byte(text)) {
			t.Errorf("%s is not in what the service reads", field)
		}
	}
	if got := read.says(t, "orderDetail", 0, "coding", 0, "code"); got != "contacting-subject-prohibited" {
		t.Errorf("orderDetail %v", got)
	}
	if got := read.says(t, "contained", 0, "item", 0, "linkId"); got != "unsafe.contact" {
		t.Errorf("it begins with %v", got)
	}
	service.put(theirs, object{"status": "in-progress"}).want(t, "take on", 200)
	shows("taken on", "in-progress", "", referrals.Helping)
	done := service.put(theirs, object{"status": "completed", "businessStatus": object{"coding": codeAnswer("referral.outcome", "help-began")[0].(object)["valueCoding"]}})
	done.want(t, "complete with a code that is no list", 400)
	done = service.put(theirs, object{"status": "completed", "businessStatus": object{"coding": []any{codeAnswer("referral.outcome", "help-began")[0].(object)["valueCoding"]}}}).want(t, "complete", 200)
	if done.says(t, "status") != "completed" || done.says(t, "businessStatus", "text") != "Help began" {
		t.Errorf("completed: %s", done.body)
	}
	shows("completed", "completed", "help-began", referrals.Done)
	for _, line := range strings.Split(o.Log.String(), "\n") {
		if line != "" {
			t.Errorf("logged: %s", line)
		}
	}
}
