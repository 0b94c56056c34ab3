package fhir

// CapabilityStatement says what is offered. A test compares it with the routes that are mounted.
type CapabilityStatement struct {
	ResourceType   string         `json:"resourceType"`
	Status         string         `json:"status"`
	Date           string         `json:"date"`
	Kind           string         `json:"kind"`
	Software       Software       `json:"software"`
	Implementation Implementation `json:"implementation"`
	FHIRVersion    string         `json:"fhirVersion"`
	Format         []string       `json:"format"`
	Rest           []Rest         `json:"rest"`
}

// Software names the product.
type Software struct {
	Name string `json:"name"`
}

// Implementation says in words what this is.
type Implementation struct {
	Description string `json:"description"`
}

// Rest is the interface.
type Rest struct {
	Mode          string         `json:"mode"`
	Documentation string         `json:"documentation"`
	Security      Security       `json:"security"`
	Resource      []RestResource `json:"resource"`
}

// Security says in words who may call what.
type Security struct {
	Description string `json:"description"`
}

// RestResource is what is offered of one kind of resource.
type RestResource struct {
	Type          string        `json:"type"`
	Documentation string        `json:"documentation,omitempty"`
	Interaction   []Interaction `json:"interaction,omitempty"`
	Operation     []Operation   `json:"operation,omitempty"`
}

// Interaction is read or search.
type Interaction struct {
	Code string `json:"code"`
}

// Operation is one operation by name, with the definition it follows.
type Operation struct {
	Name          string `json:"name"`
	Definition    string `json:"definition"`
	Documentation string `json:"documentation,omitempty"`
}

// written is the day on which this statement was last changed by hand.
const written = "2026-11-25"

func statement() CapabilityStatement {
	fixed := []Interaction{{"read"}, {"search-type"}}
	return CapabilityStatement{
		ResourceType: "CapabilityStatement", Status: "active", Date: written, Kind: "instance", FHIRVersion: "4.0.1", Format: []string{"json"},
		Software:       Software{"Waypost"},
		Implementation: Implementation{"Questions and safeguarding plans for technology-facilitated abuse. Nothing that is sent is kept. No conformance with a profile is claimed."},
		Rest: []Rest{{
			Mode: "server",
			Documentation: "JSON alone. No parameter is read, _format neither: there is one of each definition, and the directory comes whole. There is no history, no batch, no include, no search for persons " +
				"and no export. Names, numbers and references to people other than Patient or Group by id are refused.",
			Security: Security{"Definitions are open. The operations are open too and keep nothing: each answer follows from its request alone. All that bears on a person is labelled R and SDV."},
			Resource: []RestResource{
				{Type: "HealthcareService", Interaction: fixed, Documentation: "The national directory as the public may see it, without any place."},
				{Type: "PlanDefinition", Interaction: fixed, Operation: []Operation{{"apply", "http://hl7.org/fhir/OperationDefinition/PlanDefinition-apply",
					"On the definition itself. Takes the QuestionnaireResponse as a parameter of ours, questionnaire-response, and one subject. Returns a CarePlan."}}},
				{Type: "Questionnaire", Interaction: fixed},
				{Type: "QuestionnaireResponse", Documentation: "Never stored: there is nothing to read.", Operation: []Operation{
					{"validate", "http://hl7.org/fhir/OperationDefinition/Resource-validate", "On the type."},
					{"extract", "http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract", "On the type. Returns a transaction of Observations and a CarePlan, and sends it nowhere."},
				}},
			},
		}},
	}
}
