package fhir

import (
	"time"

	"waypost/locales"
	"waypost/referrals"
)

// Task says how one hand-over stands. It holds nothing of what was told: that is in the ServiceRequest, for who may read it.
// It is patterned on the closed loop of Gravity SDOH Clinical Care (interop.md, 3.3); nobody's profile is claimed.
type Task struct {
	ResourceType   string           `json:"resourceType"`
	ID             string           `json:"id"`
	Meta           *Meta            `json:"meta"`
	Language       string           `json:"language"`
	Status         string           `json:"status"`
	StatusReason   *CodeableConcept `json:"statusReason,omitempty"`
	BusinessStatus *CodeableConcept `json:"businessStatus,omitempty"`
	Intent         string           `json:"intent"`
	Code           CodeableConcept  `json:"code"`
	Focus          Reference        `json:"focus"`
	For            Reference        `json:"for"`
	AuthoredOn     string           `json:"authoredOn"`
	LastModified   string           `json:"lastModified"`
	Owner          *Reference       `json:"owner,omitempty"`
	Restriction    *Restriction     `json:"restriction,omitempty"`
}

// Restriction says until when an answer is awaited.
type Restriction struct {
	Period Period `json:"period"`
}

// Period ends at a moment.
type Period struct {
	End string `json:"end"`
}

// instant is a moment as FHIR writes it.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// taskStatus is how FHIR calls the states of a hand-over. What waits on a desk has not been asked for yet; what was opened and
// not answered is asked for still.
var taskStatus = map[referrals.State]string{
	referrals.Withheld: "on-hold", referrals.Waiting: "draft", referrals.Out: "requested", referrals.Opened: "requested", referrals.Taken: "accepted",
	referrals.Helping: "in-progress", referrals.Refused: "rejected", referrals.Done: "completed", referrals.Dropped: "cancelled",
}

// standing is what a Task is made of, whichever side it is shown to.
type standing struct {
	id                 string
	rev                int64
	state              referrals.State
	of                 referrals.State // of the case, for whoever opened it; empty for the service
	made, changed, due time.Time
	reason, outcome    string
	owner              string
}

// TaskOf shows a service's own system how a packet stands that was laid out for it.
func TaskOf(p referrals.Parcel, organisation string, words *locales.Words) Task {
	s := standing{id: p.ID, rev: p.Rev, state: p.State, made: p.Made, changed: p.Changed, due: p.Due, reason: p.Reason, outcome: p.Outcome, owner: ownerOf(organisation)}
	if s.state == referrals.Waiting { // under the service it waits to be picked up; on the desk it is out
		s.state = referrals.Out
	}
	return s.task(words)
}

// TaskOfPlaced shows whoever opened a case how one of its hand-overs stands.
func TaskOfPlaced(p referrals.Placed, words *locales.Words) Task {
	s := standing{id: p.Case + p.Reference, rev: p.Rev, state: p.State, of: p.CaseState, made: p.Made, changed: p.Changed, due: p.Due, reason: p.Reason, outcome: p.Outcome}
	if p.Service != "" {
		s.owner = "HealthcareService/" + p.Service
	}
	return s.task(words)
}

// listed is a Task in a list, marked as a part of itself where its record says more.
func listed(t Task) Task {
	if t.Status == "rejected" || t.Status == "completed" {
		t.Meta.Tag = []Coding{{System: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", Code: "SUBSETTED"}}
	}
	return t
}

// parcelStatus is the status of what was laid out for a service.
func parcelStatus(s referrals.State) string {
	if s == referrals.Waiting {
		s = referrals.Out
	}
	return taskStatus[s]
}

func ownerOf(organisation string) string { return "Organization/" + organisation }

func (s standing) task(words *locales.Words) Task {
	t := Task{
		ResourceType: "Task", ID: s.id, Language: words.Tag, Status: taskStatus[s.state], Intent: "order",
		Meta:  versioned(s.rev, s.changed),
		Code:  CodeableConcept{Coding: []Coding{{System: "http://hl7.org/fhir/CodeSystem/task-code", Code: "fulfill"}}},
		Focus: Reference{Reference: "ServiceRequest/" + s.id}, For: pseudonym(s.id),
		AuthoredOn: instant(s.made), LastModified: instant(s.changed),
	}
	if s.owner != "" {
		t.Owner = &Reference{Reference: s.owner}
	}
	if t.Status == "requested" && !s.due.IsZero() {
		t.Restriction = &Restriction{Period{instant(s.due)}}
	}
	t.StatusReason, t.BusinessStatus = s.why(words), s.business(words)
	return t
}

// why is the reason in words, with its code.
func (s standing) why(words *locales.Words) *CodeableConcept {
	switch {
	case s.state == referrals.Withheld:
		return &CodeableConcept{Text: words.Text("desk.handover.withheld")}
	case s.reason == "":
		return nil
	case s.state == referrals.Refused, s.state == referrals.Dropped, s.state == referrals.Waiting:
		return reasonOf(s.reason, words)
	}
	return nil
}

func reasonOf(code string, words *locales.Words) *CodeableConcept {
	return &CodeableConcept{Coding: []Coding{{System: system("referral.reason"), Code: code}}, Text: words.Text("desk.reason." + code)}
}

// business says what FHIR's status leaves open: that it was opened, how it ended, and where the case of a hand-over stands
// that has not left.
func (s standing) business(words *locales.Words) *CodeableConcept {
	switch {
	case s.state == referrals.Opened:
		return &CodeableConcept{Coding: []Coding{{System: system("referral.hand-over"), Code: "opened"}}, Text: words.Text("desk.handover.opened")}
	case s.state == referrals.Done && s.outcome != "":
		return outcomeOf(s.outcome, words)
	case s.state == referrals.Waiting && s.of != "":
		return &CodeableConcept{Coding: []Coding{{System: system("referral.case"), Code: string(s.of)}}, Text: words.Text("desk.state." + string(s.of))}
	}
	return nil
}

func outcomeOf(code string, words *locales.Words) *CodeableConcept {
	return &CodeableConcept{Coding: []Coding{{System: system("referral.outcome"), Code: code}}, Text: words.Text("desk.reason." + code)}
}

// pseudonym stands for a person by the name of one hand-over: two services cannot find out that they mean the same.
func pseudonym(id string) Reference {
	return Reference{Type: "Patient", Identifier: &Identifier{System: home + "/NamingSystem/referral", Value: id}}
}

// versioned is what stands over a resource that changes.
func versioned(rev int64, at time.Time) *Meta {
	m := labelled()
	m.VersionID, m.LastUpdated = number(rev), instant(at)
	return m
}
