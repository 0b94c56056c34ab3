// Package fhir answers one question: how does a GP system or a form renderer that speaks FHIR R4 work with Waypost?
//
// It maps our questions, steps, plans and public services to FHIR's resources and reads a QuestionnaireResponse back into
// answers. A mapping is a pure function: the same input gives the same bytes.
//
// It refuses to decide anything: what is found and advised is the bank's and the plan's. It keeps nothing of what is sent,
// takes no name, number or free text of a person, repeats no input in what it answers, and reads nothing that it does not know.
// It claims no conformance with anybody's profile.
package fhir
