package fhir

import (
	"slices"
	"strings"
)

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

// Security says in codes and in words who may call what.
type Security struct {
	Service     []CodeableConcept `json:"service,omitempty"`
	Description string            `json:"description"`
}

// RestResource is what is offered of one kind of resource.
type RestResource struct {
	Type          string        `json:"type"`
	Documentation string        `json:"documentation,omitempty"`
	Interaction   []Interaction `json:"interaction,omitempty"`
	Versioning    string        `json:"versioning,omitempty"`
	SearchParam   []SearchParam `json:"searchParam,omitempty"`
	Operation     []Operation   `json:"operation,omitempty"`
}

// SearchParam is one parameter of a search.
type SearchParam struct {
	Name          string `json:"name"`
	Type          string `json:"type"`
	Documentation string `json:"documentation,omitempty"`
}

// Interaction is read, search, create or update.
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

// statement says what is offered. The loop is offered where what rests is open.
func statement(loop bool) CapabilityStatement {
	pages := pageParams()
	fixed := []Interaction{{"read"}, {"search-type"}}
	out := CapabilityStatement{
		ResourceType: "CapabilityStatement", Status: "active", Date: written, Kind: "instance", FHIRVersion: "4.0.1", Format: []string{"json"},
		Software:       Software{"Waypost"},
		Implementation: Implementation{"Questions and safeguarding plans for technology-facilitated abuse. Nothing that is sent to an operation is kept. No conformance with a profile is claimed."},
		Rest: []Rest{{
			Mode: "server",
			Documentation: "JSON alone. No parameter is read but those named here, _format neither: there is one of each definition. There is no history, no batch, no include, no search for persons " +
				"and no export. Names, numbers and references to people other than Patient or Group by id are refused in a consultation.",
			Security: Security{Description: "Definitions are open. The operations are open too and keep nothing: each answer follows from its request alone. All that bears on a person is labelled R and SDV, or V where it may say where somebody hides."},
			Resource: []RestResource{
				{Type: "HealthcareService", Interaction: fixed, SearchParam: pages,
					Documentation: "The directory as anybody may copy it, without any place: the services of the nation first, then the local ones by id."},
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
	if rest := &out.Rest[0]; loop {
		forms := slices.IndexFunc(rest.Resource, func(r RestResource) bool { return r.Type == "Questionnaire" })
		rest.Resource[forms].Documentation = "The questions of a consultation, and the fields of a referral: id referral."
		rest.Security.Service = []CodeableConcept{{Coding: []Coding{{System: "http://terminology.hl7.org/CodeSystem/restful-security-service", Code: "SMART-on-FHIR"}}}}
		rest.Security.Description += " Task, ServiceRequest and AuditEvent are for registered systems alone, by SMART Backend Services."
		rest.Resource = append(rest.Resource, loopResources()...)
		slices.SortFunc(rest.Resource, func(a, b RestResource) int { return strings.Compare(a.Type, b.Type) })
	}
	return out
}

// pageParams are what every list with pages reads.
func pageParams() []SearchParam {
	return []SearchParam{{"_count", "number", "At most 100."}, {"cursor", "string", "Where the next page begins: as the link of the page before has it."}}
}

// loopResources are those by which a referral is made and answered.
func loopResources() []RestResource {
	pages := pageParams()
	return []RestResource{
		{Type: "AuditEvent", Interaction: []Interaction{{"read"}, {"search-type"}}, SearchParam: append([]SearchParam{{"entity", "reference", "A Task or a ServiceRequest."}}, pages...),
			Documentation: "The trail of the asking system's own organisation, the newest first: codes and ids, no patient. That somebody asked is an entry."},
		{Type: "ServiceRequest", Interaction: []Interaction{{"read"}, {"create"}}, Versioning: "versioned",
			Documentation: "Who refers sends the QuestionnaireResponse of the consultation and that of the form of a referral as contained resources, code with one destination and performer with one HealthcareService, " +
				"under an X-Request-Id that stays the same when it is sent again. A service reads what was handed over to it once its Task says accepted."},
		{Type: "Task", Interaction: []Interaction{{"read"}, {"update"}, {"search-type"}}, Versioning: "versioned-update",
			SearchParam: append([]SearchParam{{"_lastUpdated", "date", "With ge, gt, le or lt, twice for a window."}, {"owner", "reference", "Another owner's are not found."}, {"status", "token", "Codes, with commas between."}}, pages...),
			Documentation: "How each hand-over stands, for the service it was laid out for and for the system that referred. The service updates status, statusReason and businessStatus, nothing else, with If-Match; " +
				"a list leaves out why something was declined and how it ended."},
	}
}
