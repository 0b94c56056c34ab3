// Package fhir answers one question: how does a GP system or a form renderer that speaks FHIR R4 work with Waypost?
//
// It maps our questions, steps, plans and public services to FHIR's resources and reads a QuestionnaireResponse back into
// answers. A mapping is a pure function: the same input gives the same bytes.
//
// It also is where the systems of those who refer and of those who are asked meet: a referral comes in as a ServiceRequest, a
// service says by a Task what becomes of it, and whoever may reads the trail.
//
// It refuses to decide anything: what is found and advised is the bank's and the plan's, what may happen to a referral is the
// desk's table. It keeps nothing of a consultation that is sent, takes no name, number or free text of a person but in the
// fields of a referral, shows those to nobody but the service that acknowledged them, repeats no input in what it answers, and
// reads nothing that it does not know. It claims no conformance with anybody's profile.
package fhir
