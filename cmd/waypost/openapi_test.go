package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/web/openapi"
	"waypost/web/openapi/openapitest"
	"waypost/web/openreferral"
)

// machineRoutes are those of the product as it is mounted through which programs speak and not people: what is open data, what
// asks for a token, and what says no in the language of a face.
func machineRoutes(t *testing.T) (routes []string) {
	t.Helper()
	_, server := newMachine(t).mounted(config{addr: "127.0.0.1:1"}, slog.DiscardHandler)
	for _, one := range server.Routes() {
		if one.Policy.Name() == "open data" || one.Policy.IsMachine() || one.Refuse != nil {
			var parts []string
			for part := range strings.SplitSeq(one.Path, "/") {
				if name, is := strings.CutPrefix(part, ":"); is {
					part = "{" + name + "}"
				}
				parts = append(parts, part)
			}
			routes = append(routes, one.Method+" "+strings.Join(parts, "/"))
		}
	}
	slices.Sort(routes)
	return routes
}

// Every route for programs stands in one of the two documents that are served, and nothing else does.
func TestTheDescriptionsHaveEveryRouteForProgramsAndNoOther(t *testing.T) {
	t.Parallel()
	mounted := machineRoutes(t)
	var described []string
	for _, document := range [][]byte{openapi.Document(), openreferral.Description()} {
		d, err := openapitest.Read(document)
		if err != nil {
			t.Fatal(err)
		}
		described = append(described, d.Operations()...)
	}
	slices.Sort(described)
	if len(mounted) < 25 {
		t.Errorf("only %d routes are mounted", len(mounted))
	}
	for _, one := range mounted {
		if !slices.Contains(described, one) {
			t.Errorf("%s is mounted and not described: add it to web/openapi/openapi.json, with every status it answers", one)
		}
	}
	for i, one := range described {
		if !slices.Contains(mounted, one) || i > 0 && described[i-1] == one {
			t.Errorf("%s is described, and not mounted or described twice", one)
		}
	}
}

// Where what rests cannot be opened, what needs nothing kept answers as it is described, and what needs it says so in the
// language of its face.
func TestFacesAnswerAsDescribedWhereNothingRests(t *testing.T) {
	t.Parallel()
	server, err := loaded(t, "en").server(config{addr: "127.0.0.1:1"}, nil, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Listen(listener) }()
	t.Cleanup(func() { _ = server.Shutdown(t.Context()) })
	d, err := openapitest.Read(openapi.Document())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/oauth/token", 503}, {"GET", "/cds-services", 200}, {"POST", "/cds-services/waypost-patient-view", 401}, {"GET", "/fhir/R4/metadata", 200},
		{"POST", "/fhir/R4/QuestionnaireResponse/$extract", 415}, {"GET", "/openapi.json", 200},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+listener.Addr().String()+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || res.Body.Close() != nil || res.StatusCode != c.status {
			t.Errorf("%s %s: %d %v", c.method, c.path, res.StatusCode, err)
		}
		for _, fault := range d.Hold(c.method+" "+c.path, res.StatusCode, res.Header, body) {
			t.Error(fault)
		}
	}
}
