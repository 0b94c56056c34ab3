package openreferral

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// described is the description as it is served, and its paths with their one operation.
func described(t *testing.T, w *world) (schema, map[string]map[string]any) {
	t.Helper()
	v, err := parse(w.ask(DescriptionPath).body)
	if err != nil {
		t.Fatal(err)
	}
	root := v.(map[string]any)
	paths := map[string]map[string]any{}
	for path, item := range root["paths"].(map[string]any) {
		operations := item.(map[string]any)
		if len(operations) != 1 || operations["get"] == nil {
			t.Errorf("%s describes more or less than GET", path)
			continue
		}
		paths[path] = operations["get"].(map[string]any)
	}
	return schema{root: root}, paths
}

func TestTheDescriptionHasEveryRouteAndNoOther(t *testing.T) {
	w := serve(t, county()...)
	s, paths := described(t, w)
	if s.root["openapi"] != "3.1.0" {
		t.Errorf("it is of version %v", s.root["openapi"])
	}
	var mounted []string
	for _, r := range w.server.Routes() {
		if r.Policy.Name() == "open data" {
			mounted = append(mounted, strings.ReplaceAll(r.Path, ":id", "{id}"))
		}
	}
	slices.Sort(mounted)
	var written []string
	for path := range paths {
		written = append(written, path)
	}
	slices.Sort(written)
	if !slices.Equal(mounted, written) {
		t.Errorf("mounted are %q, described %q", mounted, written)
	}
}

// Each answer of a whole crawl has the keys that the description allows and no other: a field that slips in is red here.
func TestEveryAnswerIsAsDescribed(t *testing.T) {
	w := serve(t, county()...)
	s, paths := described(t, w)
	seen := map[string]bool{}
	hold := func(path string, a answerOf) {
		name, _, _ := strings.Cut(path, "?")
		if parts := strings.Split(name, "/"); len(parts) == 4 && paths[name] == nil {
			name = strings.Join(append(parts[:3], "{id}"), "/")
		}
		operation, ok := paths[name]
		if !ok {
			t.Errorf("%s is not described", path)
			return
		}
		seen[fmt.Sprintf("%s %d", name, a.status)] = true
		for _, f := range s.answer(operation, a) {
			t.Errorf("%s: %s", path, f)
		}
	}
	w.crawl(hold)
	for _, path := range []string{"/services?page=x", "/services?what=is", "/service_at_locations?postcode=a", "/taxonomies?search=a", "/taxonomy_terms?page=0", "/services?page=1&page=2",
		"/services/none", "/service_at_locations/none", "/taxonomies/none", "/taxonomy_terms/none", "/services?page=%zz"} {
		hold(Base+path, w.ask(Base+path))
	}
	for path, operation := range paths {
		for status := range operation["responses"].(map[string]any) {
			if status != "429" && status != "500" && !seen[path+" "+status] && !(status == "400" && strings.HasSuffix(path, "}")) {
				t.Errorf("%s %s is described and was not seen", path, status)
			}
		}
	}
}

// answer holds an answer against what an operation says of its status.
func (s schema) answer(operation map[string]any, a answerOf) []string {
	response, ok := operation["responses"].(map[string]any)[fmt.Sprint(a.status)].(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("status %d is not described", a.status)}
	}
	if ref, ok := response["$ref"].(string); ok {
		response = s.root["components"].(map[string]any)["responses"].(map[string]any)[strings.TrimPrefix(ref, "#/components/responses/")].(map[string]any)
	}
	media, ok := response["content"].(map[string]any)[a.header.Get("Content-Type")].(map[string]any)
	if !ok {
		return []string{"media type " + a.header.Get("Content-Type") + " is not described"}
	}
	v, err := parse(a.body)
	if err != nil {
		return []string{err.Error()}
	}
	return s.check(media["schema"], v, "answer")
}

func TestTheCheckOfAnswersBites(t *testing.T) {
	w := serve(t, county()...)
	s, paths := described(t, w)
	good := w.ask(Base + "/services/" + idOf("service", "shire-aid"))
	operation := paths[Base+"/services/{id}"]
	if faults := s.answer(operation, good); len(faults) > 0 {
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
		if len(s.answer(operation, bad)) == 0 {
			t.Errorf("%s was not seen", name)
		}
	}
}
