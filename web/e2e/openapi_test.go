package e2e

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// described is a document that the real binary serves, as other people's reader of OpenAPI understands it.
func described(t *testing.T, address string) (*openapi3.T, routers.Router) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(read(t, address))
	must(t, err)
	must(t, doc.Validate(t.Context()))
	doc.Servers = nil // else the router wants that address
	router, err := gorillamux.NewRouter(doc)
	must(t, err)
	return doc, router
}

// held says what kin-openapi finds wrong with an answer.
func held(ctx context.Context, router routers.Router, req *http.Request, status int, header http.Header, body []byte) error {
	route, params, err := router.FindRoute(req)
	if err != nil {
		return err
	}
	options := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true}
	return openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: options},
		Status:                 status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Options: options,
	})
}

// Both documents are OpenAPI 3.1 to a reader of other people, and what the real binary answers is as they say to its checker.
func TestOtherPeopleReadTheDescriptions(t *testing.T) {
	t.Parallel()
	binary, err := product()
	must(t, err)
	base := Start(t, binary).URL
	_, form := call(t, "GET", base+"/fhir/R4/Questionnaire/consultation", "", nil)
	response := string(answered(t, form, map[string][]string{"gateway.fear": {"yes"}}))
	applied := `{"resourceType":"Parameters","parameter":[{"name":"subject","valueString":"Patient/1"},{"name":"questionnaire-response","resource":` + response + `}]}`
	type asked struct {
		method, path, media, body string
		status                    int
	}
	const jsonForm = "application/x-www-form-urlencoded"
	for document, calls := range map[string][]asked{
		"/openapi.json": {
			{"GET", "/fhir/R4/metadata", "", "", 200}, {"GET", "/fhir/R4/Questionnaire", "", "", 200}, {"GET", "/fhir/R4/Questionnaire/consultation", "", "", 200}, {"GET", "/fhir/R4/Questionnaire/referral", "", "", 200},
			{"GET", "/fhir/R4/PlanDefinition", "", "", 200}, {"GET", "/fhir/R4/PlanDefinition/safeguarding-plan", "", "", 200}, {"GET", "/fhir/R4/HealthcareService", "", "", 200},
			{"GET", "/fhir/R4/HealthcareService/none", "", "", 404}, {"GET", "/fhir/R4/HealthcareService?_count=3", "", "", 200}, {"GET", "/fhir/R4/HealthcareService?near=x", "", "", 400}, {"GET", "/fhir/R4/metadata?_format=json", "", "", 400}, {"GET", "/fhir/R4/.well-known/smart-configuration", "", "", 200},
			{"POST", "/fhir/R4/QuestionnaireResponse/$validate", fhirJSON, response, 200}, {"POST", "/fhir/R4/QuestionnaireResponse/$extract", fhirJSON, response, 200},
			{"POST", "/fhir/R4/PlanDefinition/safeguarding-plan/$apply", fhirJSON, applied, 200}, {"POST", "/fhir/R4/QuestionnaireResponse/$extract", fhirJSON, `{`, 400},
			{"POST", "/fhir/R4/QuestionnaireResponse/$extract", fhirJSON, `{"resourceType":"QuestionnaireResponse"}`, 422}, {"POST", "/fhir/R4/QuestionnaireResponse/$extract", "text/plain", `{`, 415},
			{"POST", "/oauth/token", jsonForm, "grant_type=client_credentials", 401}, {"POST", "/oauth/token", jsonForm, "grant_type=password", 400},
			{"GET", "/cds-services", "", "", 200}, {"POST", "/cds-services/waypost-patient-view", "application/json", `{}`, 401}, {"POST", "/cds-services/waypost-patient-view/feedback", "application/json", `{}`, 401},
			{"GET", "/openapi.json", "", "", 200},
		},
		"/openapi/openreferral.json": {
			{"GET", "/openreferral", "", "", 200}, {"GET", "/openreferral/services", "", "", 200}, {"GET", "/openreferral/services?postcode=x", "", "", 400}, {"GET", "/openreferral/services/none", "", "", 404},
			{"GET", "/openreferral/taxonomies", "", "", 200}, {"GET", "/openreferral/taxonomy_terms", "", "", 200}, {"GET", "/openreferral/service_at_locations", "", "", 200}, {"GET", "/openapi/openreferral.json", "", "", 200},
		},
	} {
		doc, router := described(t, base+document)
		if doc.OpenAPI != "3.1.0" || doc.Paths.Len() < 10 {
			t.Errorf("%s: version %s, %d paths", document, doc.OpenAPI, doc.Paths.Len())
		}
		for _, c := range calls {
			req, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, strings.NewReader(c.body))
			must(t, err)
			if c.media != "" {
				req.Header.Set("Content-Type", c.media)
			}
			res, err := http.DefaultClient.Do(req)
			must(t, err)
			body, err := io.ReadAll(res.Body)
			must(t, err)
			must(t, res.Body.Close())
			if res.StatusCode != c.status {
				t.Errorf("%s %s: %d, want %d", c.method, c.path, res.StatusCode, c.status)
			}
			if err := held(t.Context(), router, req, res.StatusCode, res.Header, body); err != nil {
				t.Errorf("%s %s %d: %.400s", c.method, c.path, res.StatusCode, err)
			}
			// The checker has been seen to fail: another status, and another body.
			if held(t.Context(), router, req, http.StatusTeapot, res.Header, body) == nil {
				t.Errorf("%s %s: a status that nobody described is not seen", c.method, c.path)
			}
			if !strings.HasPrefix(c.path, "/openapi") && held(t.Context(), router, req, res.StatusCode, res.Header, []byte(`{"canary":1}`)) == nil {
				t.Errorf("%s %s: a body that nobody described is not seen", c.method, c.path)
			}
		}
	}
}
