package fhir

import "waypost/screening"

// Observation is a finding with the answers that raised it, or answers that a step rests on without a finding. It is a rule
// that held, not a diagnosis, and it carries no number.
type Observation struct {
	ResourceType string            `json:"resourceType"`
	ID           string            `json:"id,omitempty"`
	Meta         *Meta             `json:"meta,omitempty"`
	Extension    []Extension       `json:"extension,omitempty"`
	Status       string            `json:"status"`
	Code         CodeableConcept   `json:"code"`
	Subject      *Reference        `json:"subject,omitempty"`
	Component    []ObservationPart `json:"component,omitempty"`
}

// ObservationPart is one link of the chain: the question, the answer, and the fact that the answer raised.
type ObservationPart struct {
	Code  CodeableConcept `json:"code"`
	Value CodeableConcept `json:"valueCodeableConcept"`
}

// Words of the catalogue, in one language.
type sayer interface {
	Text(id string, data ...any) string
}

// finding is a finding as an Observation. Its urgency and its line are its own; they are never summed.
func finding(say sayer, f *screening.Finding, because []screening.Because) Observation {
	return Observation{
		ResourceType: "Observation", Meta: labelled(), Status: "preliminary",
		Extension: []Extension{mark("line", f.Line.String()), mark("urgency", f.Urgency.String())},
		Code:      CodeableConcept{Coding: []Coding{{System: system("finding"), Code: f.ID}}, Text: say.Text("finding." + f.ID + ".title")},
		Component: chain(say, because),
	}
}

// told is what was answered, where a step rests on answers without a finding.
func told(say sayer, because []screening.Because) Observation {
	return Observation{
		ResourceType: "Observation", Meta: labelled(), Status: "preliminary",
		Code:      CodeableConcept{Coding: []Coding{{System: system("finding"), Code: "answers"}}},
		Component: chain(say, because),
	}
}

func chain(say sayer, because []screening.Because) []ObservationPart {
	var out []ObservationPart
	for _, b := range because {
		out = append(out, ObservationPart{
			Code: CodeableConcept{Coding: []Coding{{System: system("question"), Code: b.Question}}},
			Value: CodeableConcept{
				Coding: []Coding{{System: codeSystemOf(b.Question), Code: b.Answer}, {System: system("fact"), Code: b.Fact}},
				Text:   say.Text("fact." + b.Fact),
			},
		})
	}
	return out
}
