package openreferral

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"waypost/web/openapi/openapitest"
)

// described is the description as it is served.
func described(t *testing.T, w *world) *openapitest.Description {
	t.Helper()
	d, err := openapitest.Read(w.ask(DescriptionPath).body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDescriptionHasEveryRouteAndNoOther(t *testing.T) {
	w := serve(t, county()...)
	var mounted []string
	for _, r := range w.server.Routes() {
		if r.Policy.Name() == "open data" {
			mounted = append(mounted, r.Method+" "+strings.ReplaceAll(r.Path, ":id", "{id}"))
		}
	}
	slices.Sort(mounted)
	if written := described(t, w).Operations(); !slices.Equal(mounted, written) {
		t.Errorf("mounted are %q, described %q", mounted, written)
	}
}

// Each answer of a whole crawl has the keys that the description allows and no other: a field that slips in is red here.
func TestEveryAnswerIsAsDescribed(t *testing.T) {
	w := serve(t, county()...)
	d := described(t, w)
	hold := func(path string, a answerOf) {
		operation, ok := d.Find("GET", path)
		if !ok {
			t.Errorf("%s is not described", path)
			return
		}
		for _, f := range d.Hold(operation, a.status, a.header, a.body) {
			t.Error(f)
		}
	}
	w.crawl(hold)
	for _, path := range []string{"/services?page=x", "/services?what=is", "/service_at_locations?postcode=a", "/taxonomies?search=a", "/taxonomy_terms?page=0", "/services?page=1&page=2",
		"/services/none", "/service_at_locations/none", "/taxonomies/none", "/taxonomy_terms/none", "/services?page=%zz"} {
		hold(Base+path, w.ask(Base+path))
	}
	for _, one := range d.Unseen(func(string) bool { return true }, "429", "500") {
		if !strings.HasSuffix(one, "} 400") {
			t.Errorf("%s is described and was not seen", one)
		}
	}
}

func TestTheCheckOfAnswersBites(t *testing.T) {
	w := serve(t, county()...)
	d := described(t, w)
	good := w.ask(Base + "/services/" + idOf("service", "shire-aid"))
	const operation = "GET " + Base + "/services/{id}"
	hold := func(a answerOf) []string { return d.Hold(operation, a.status, a.header, a.body) }
	if faults := hold(good); len(faults) > 0 {
		t.Fatal(faults)
	}
	for name, spoil := range map[string]func(*answerOf){
		"a leaked field": func(a *answerOf) {
			a.body = []byte(strings.Replace(string(a.body), `{"id"`, `{"verified_by":"x","id"`, 1))
		},
		"a field below": func(a *answerOf) {
			a.body = []byte(strings.Replace(string(a.body), `"location_type"`, `"latitude":1,"location_type"`, 1))
		},
		"a physical place":   func(a *answerOf) { a.body = []byte(strings.Replace(string(a.body), `"virtual"`, `"physical"`, 1)) },
		"an id that is none": func(a *answerOf) { a.body = []byte(strings.Replace(string(a.body), `{"id":"`, `{"id":"x`, 1)) },
		"a name that is empty": func(a *answerOf) {
			a.body = []byte(strings.Replace(string(a.body), `"name":"Invented Aid for Shire"`, `"name":""`, 1))
		},
		"no status":          func(a *answerOf) { a.body = []byte(strings.Replace(string(a.body), `"status"`, `"alert"`, 1)) },
		"another status":     func(a *answerOf) { a.status = http.StatusTeapot },
		"another media type": func(a *answerOf) { a.header = http.Header{"Content-Type": {"text/plain"}} },
	} {
		bad := good
		spoil(&bad)
		if string(bad.body) == string(good.body) && bad.status == good.status && bad.header.Get("Content-Type") == "application/json" {
			t.Errorf("%s: nothing was spoilt", name)
		}
		if len(hold(bad)) == 0 {
			t.Errorf("%s was not seen", name)
		}
	}
}
