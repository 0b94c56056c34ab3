package main

import (
	"log/slog"
	"slices"
	"testing"

	"waypost/internal/vault"
	"waypost/referrals/people"
	"waypost/web/staff"
)

// openToAnybody is every door through which somebody without a session may go. A new one is a decision: it stands here.
var openToAnybody = []string{
	"GET /", "POST /", "GET /x", "GET /consult", "POST /consult", "GET /agent/:partner", "POST /agent/:partner", "GET /agent/:partner/card", "GET /agent/:partner/kit", "GET /a/:name", "GET /healthz", "GET /healthz/live",
	"GET /sign-in", "POST /sign-in", "POST /sign-in/begin", "GET /sign-in/provider", "GET /sign-in/return", "POST /sign-in/ended", "POST /sign-in/resume",
	"GET /enrol", "POST /enrol", "POST /enrol/begin", "POST /enrol/provider", "POST /refer", "GET /refer", "GET /pick-up", "POST /pick-up",
	"GET /collect", "POST /collect", "POST /collect/answer", // a packet takes a link of 256 bits and its code
	"GET /fhir/R4/metadata", "GET /fhir/R4/HealthcareService", "GET /fhir/R4/HealthcareService/:id", "GET /fhir/R4/Questionnaire", "GET /fhir/R4/Questionnaire/consultation", "GET /fhir/R4/Questionnaire/referral", "GET /fhir/R4/PlanDefinition", "GET /fhir/R4/PlanDefinition/safeguarding-plan",
	"POST /fhir/R4/QuestionnaireResponse/$validate", "POST /fhir/R4/QuestionnaireResponse/$extract", "POST /fhir/R4/PlanDefinition/safeguarding-plan/$apply",
	"GET /fhir/R4/.well-known/smart-configuration", "POST /oauth/token",
	"GET /openreferral", "GET /openreferral/", "GET /openreferral/services", "GET /openreferral/services/:id", "GET /openreferral/service_at_locations", "GET /openreferral/service_at_locations/:id",
	"GET /openreferral/taxonomies", "GET /openreferral/taxonomies/:id", "GET /openreferral/taxonomy_terms", "GET /openreferral/taxonomy_terms/:id", "GET /openapi.json", "GET /openapi/openreferral.json",
	"GET /cds-services", "POST /cds-services/waypost-patient-view", "POST /cds-services/waypost-patient-view/feedback", // the two by a token that the face judges
}

// A13, for the whole product as it is mounted: each route is open by decision or asks for an action of the policy.
func TestEveryMountedRouteIsDecided(t *testing.T) {
	t.Parallel()
	_, server := newMachine(t).mounted(config{addr: "127.0.0.1:1", provider: &people.Provider{
		Issuer: "https://id.example.org", ClientID: "invented", Secret: vault.Keep("invented"), ACR: []string{"invented"}, Return: staff.ReturnPath,
	}}, slog.DiscardHandler)
	asked, used, doors := 0, map[string]bool{}, map[string]bool{}
	for _, route := range server.Routes() {
		used[route.Policy.Name()] = true
		door := route.Method + " " + route.Path
		doors[door] = true
		switch {
		case !route.Policy.IsSignedIn() && !route.Policy.IsMachine():
			if !slices.Contains(openToAnybody, door) {
				t.Errorf("%s is open to anybody (%s), and nobody decided that", door, route.Policy.Name())
			}
		case !slices.ContainsFunc(people.Policy(), func(l people.Line) bool { return string(l.Action) == route.Policy.Name() }):
			t.Errorf("%s asks for %s, which the policy does not know", door, route.Policy.Name())
		default:
			asked++
		}
	}
	for _, l := range people.Policy() { // an action that no door asks for is a promise of nothing
		if !used[string(l.Action)] {
			t.Errorf("no route asks for %s", l.Action)
		}
	}
	for _, door := range openToAnybody {
		if !doors[door] {
			t.Errorf("%s was decided and is not there", door)
		}
	}
	for _, route := range server.Routes() {
		if route.Method != "GET" && route.Method != "POST" && !route.Policy.IsMachine() {
			t.Errorf("%s %s: only other systems send that", route.Method, route.Path)
		}
	}
	if asked < 12 {
		t.Errorf("only %d routes ask for a session", asked)
	}
}
