package fhir

import (
	"strconv"
	"strings"

	"waypost/locales"
	"waypost/screening"
	"waypost/screening/plan"
)

// CarePlan is a plan: a proposal for a clinician, with the reasons behind each step.
type CarePlan struct {
	ResourceType          string            `json:"resourceType"`
	Meta                  *Meta             `json:"meta"`
	Language              string            `json:"language"`
	Contained             []Observation     `json:"contained,omitempty"`
	Extension             []Extension       `json:"extension,omitempty"`
	InstantiatesCanonical []string          `json:"instantiatesCanonical"`
	Status                string            `json:"status"`
	Intent                string            `json:"intent"`
	Category              []CodeableConcept `json:"category,omitempty"`
	Title                 string            `json:"title"`
	Subject               Reference         `json:"subject"`
	SupportingInfo        []Reference       `json:"supportingInfo,omitempty"`
	Activity              []Activity        `json:"activity,omitempty"`
	Note                  []Annotation      `json:"note"`
}

// Activity is one step.
type Activity struct {
	Detail ActivityDetail `json:"detail"`
}

// ActivityDetail says what is to be done or left alone, by whom, by when, why, and what must be true first.
type ActivityDetail struct {
	Extension       []Extension      `json:"extension,omitempty"`
	Kind            string           `json:"kind"`
	Code            CodeableConcept  `json:"code"`
	ReasonReference []Reference      `json:"reasonReference,omitempty"`
	Status          string           `json:"status"`
	StatusReason    *CodeableConcept `json:"statusReason,omitempty"`
	DoNotPerform    *bool            `json:"doNotPerform,omitempty"`
	ScheduledString string           `json:"scheduledString"`
	Performer       []Reference      `json:"performer"`
	Description     string           `json:"description"`
}

// Annotation is a remark.
type Annotation struct {
	Text string `json:"text"`
}

// Bundle is a list of resources.
type Bundle struct {
	ResourceType string  `json:"resourceType"`
	Meta         *Meta   `json:"meta,omitempty"`
	Type         string  `json:"type"`
	Total        *int    `json:"total,omitempty"`
	Link         []Link  `json:"link,omitempty"`
	Entry        []Entry `json:"entry,omitempty"`
}

// Link leads to another page of results.
type Link struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

// Entry is one of them.
type Entry struct {
	FullURL  string        `json:"fullUrl,omitempty"`
	Resource any           `json:"resource"`
	Search   *EntrySearch  `json:"search,omitempty"`
	Request  *EntryRequest `json:"request,omitempty"`
}

// EntrySearch says why a resource is in a list of results.
type EntrySearch struct {
	Mode string `json:"mode"`
}

// EntryRequest says what a server that takes the Bundle would do with a resource.
type EntryRequest struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

// Apply puts a plan into one CarePlan that holds its own evidence.
func Apply(p *plan.Plan, words *locales.Words, subject string) CarePlan {
	b := planBuilder{plan: p, words: words, subject: &Reference{Reference: subject}, name: func(n int) (id, ref string) {
		id = "because-" + strconv.Itoa(n)
		return id, "#" + id
	}}
	out := b.carePlan()
	for _, o := range b.evidence {
		o.Meta = nil // what is inside a resource has its label, and FHIR allows none of its own (dom-5)
		out.Contained = append(out.Contained, o)
	}
	return out
}

// Extract puts a plan into a transaction: an Observation for each finding and the CarePlan that points to them. Its ids hold
// for this Bundle alone. Nothing is sent anywhere: the caller decides what its own system keeps.
func Extract(p *plan.Plan, words *locales.Words, subject string) Bundle {
	b := planBuilder{plan: p, words: words, subject: &Reference{Reference: subject}, name: func(n int) (id, ref string) { return "", local(n) }}
	care := b.carePlan()
	out := Bundle{ResourceType: "Bundle", Meta: labelled(), Type: "transaction"}
	for n, o := range b.evidence {
		out.Entry = append(out.Entry, Entry{FullURL: local(n), Resource: o, Request: &EntryRequest{"POST", "Observation"}})
	}
	out.Entry = append(out.Entry, Entry{FullURL: local(len(b.evidence)), Resource: care, Request: &EntryRequest{"POST", "CarePlan"}})
	return out
}

// local is a name inside one Bundle. It is counted, not drawn from the answers: an id made from them would tell them.
func local(n int) string {
	hex := strconv.FormatInt(int64(n), 16)
	return "urn:uuid:00000000-0000-4000-8000-" + strings.Repeat("0", 12-len(hex)) + hex
}

type planBuilder struct {
	plan     *plan.Plan
	words    *locales.Words
	subject  *Reference
	name     func(n int) (id, ref string)
	evidence []Observation
	findings map[string]Reference
}

func (b *planBuilder) carePlan() CarePlan {
	p := b.plan
	if b.subject.Reference == "" {
		b.subject = &Reference{Display: b.words.Text("consult.title")}
	}
	b.findings = map[string]Reference{}
	out := CarePlan{
		ResourceType: "CarePlan", Meta: labelled(), Language: b.words.Tag, Status: "draft", Intent: "proposal",
		InstantiatesCanonical: []string{ours("PlanDefinition", definitionID) + "|" + p.Assessment.Bank().Version},
		Extension:             []Extension{mark("urgency", p.Urgency.String())},
		Title:                 b.title(), Subject: *b.subject, Note: b.notes(),
	}
	for _, path := range p.Pathways {
		out.Category = append(out.Category, CodeableConcept{Coding: []Coding{{System: system("pathway"), Code: path}}, Text: b.words.Text("pathway." + path)})
	}
	for _, f := range p.Assessment.Findings {
		ref := b.add(finding(b.words, f, p.Assessment.Why(f)))
		b.findings[f.ID] = ref
		out.SupportingInfo = append(out.SupportingInfo, ref)
	}
	for _, s := range p.InOrder() {
		out.Activity = append(out.Activity, Activity{b.step(s, "not-started")})
	}
	for _, s := range p.Withheld {
		out.Activity = append(out.Activity, Activity{b.step(s, "on-hold")})
	}
	return out
}

func (b *planBuilder) add(o Observation) Reference {
	o.Subject = b.subject
	id, ref := b.name(len(b.evidence))
	o.ID = id
	b.evidence = append(b.evidence, o)
	return Reference{Reference: ref}
}

// title says how urgent it is. Where nothing was asked it says so: silence is not "nothing raised".
func (b *planBuilder) title() string {
	p := b.plan
	switch {
	case p.Headline == nil && !p.Assessment.Asked():
		return b.words.Text("plan.nothing-asked")
	case p.Headline == nil:
		return b.words.Text("plan.nothing-raised")
	}
	return b.words.Text("urgency."+hyphens(p.Urgency.String())) + ": " + b.words.Text("finding."+p.Headline.ID+".title")
}

// notes hold what no list of steps says: that the questions had to stop, how far each line was looked into, and that no
// answer is proof of safety.
func (b *planBuilder) notes() []Annotation {
	var out []Annotation
	if b.plan.Assessment.Stopped {
		out = append(out, Annotation{b.words.Text("plan.stopped")})
	}
	for _, l := range screening.Lines() {
		out = append(out, Annotation{b.words.Text("line."+l.String()) + ": " + b.words.Text("line-state."+b.plan.Assessment.Lines[l].String())})
	}
	return append(out, Annotation{b.words.Text("plan.absence")})
}

// step is one step. Its marks stand in codes and again in the words, so that a reader who knows none of our codes still sees
// what can alert the other person or destroy proof.
func (b *planBuilder) step(s plan.Step, status string) ActivityDetail {
	d := ActivityDetail{
		Kind: "Task", Status: status, Code: CodeableConcept{Coding: []Coding{{System: system("step"), Code: s.ID}}, Text: b.words.Text("step." + s.ID + ".do")},
		ScheduledString: b.words.Text("time." + hyphens(s.Time.String())), Performer: []Reference{{Display: b.words.Text("owner." + s.Owner.String())}},
	}
	said := []string{}
	for n, now := range b.plan.Now {
		if now.ID == s.ID {
			d.Extension = append(d.Extension, Extension{URL: ours("StructureDefinition", "now"), ValuePositiveInt: n + 1})
		}
	}
	for _, m := range []struct {
		id, words string
		level     plan.Level
	}{{"alert", "alert", s.Alert}, {"evidence", "evidence-mark", s.Mark}} {
		if m.level != plan.NoMark {
			d.Extension = append(d.Extension, mark(m.id, m.level.String()))
			said = append(said, b.words.Text(m.words+"."+m.level.String()))
		}
	}
	for _, g := range s.Gates.List() {
		d.Extension = append(d.Extension, mark("gate", g))
	}
	for _, g := range s.Unmet.List() {
		d.Extension = append(d.Extension, mark("gate-unmet", g))
		said = append(said, b.words.Text("gate."+g+"-unmet"))
	}
	if status == "on-hold" {
		d.StatusReason = &CodeableConcept{Text: strings.Join(said, "; ")}
	}
	if s.Kind == plan.Avoid {
		d.DoNotPerform = yes()
	}
	d.Description = strings.Join(append(said, b.words.Text("step."+s.ID+".why")), ". ")
	d.ReasonReference = b.reasons(s)
	return d
}

// reasons point to the findings behind a step, and to what was told where there is none.
func (b *planBuilder) reasons(s plan.Step) []Reference {
	var out []Reference
	for _, r := range b.plan.Why(s) {
		if r.Finding != nil {
			out = append(out, b.findings[r.Finding.ID])
		} else if len(r.Because) > 0 {
			out = append(out, b.add(told(b.words, r.Because)))
		}
	}
	return out
}

// hyphens turns an id into the form a message id may have.
func hyphens(id string) string { return strings.ReplaceAll(id, "_", "-") }
