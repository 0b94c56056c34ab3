package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/screening"
)

// formItem is an item of a Questionnaire as a client that knows nothing of us reads it.
type formItem struct {
	LinkID       string `json:"linkId"`
	Type         string
	AnswerOption []struct{ ValueCoding map[string]any }
	Item         []formItem
}

func fill(items []formItem, given map[string][]string) []any {
	var out []any
	for _, i := range items {
		filled := map[string]any{"linkId": i.LinkID}
		if inner := fill(i.Item, given); len(inner) > 0 {
			filled["item"] = inner
		}
		var answers []any
		for _, o := range i.AnswerOption {
			if slices.Contains(given[i.LinkID], o.ValueCoding["code"].(string)) {
				delete(o.ValueCoding, "_display")
				answers = append(answers, map[string]any{"valueCoding": o.ValueCoding})
			}
		}
		if len(answers) > 0 {
			filled["answer"] = answers
		}
		if len(filled) > 1 {
			out = append(out, filled)
		}
	}
	return out
}

var stepOfPage = regexp.MustCompile(`id="(now|withheld|lines)"|<details id="why\.([a-z0-9.-]+)"`)

// onPage reads the steps of a plan off the clinician's page, in order: the now card, what waits, the rest.
func onPage(body []byte) map[string][]string {
	out, part := map[string][]string{}, ""
	for _, m := range stepOfPage.FindAllStringSubmatch(string(body), -1) {
		if m[1] != "" {
			part = m[1]
			continue
		}
		out[part] = append(out[part], m[2])
	}
	return out
}

// inPlan reads the same off a CarePlan.
func inPlan(t *testing.T, body []byte) map[string][]string {
	t.Helper()
	var bundle struct {
		Entry []struct {
			Resource struct {
				Activity []struct {
					Detail struct {
						Status    string
						Code      struct{ Coding []struct{ Code string } }
						Extension []struct {
							URL              string
							ValuePositiveInt int
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(body, &bundle); err != nil || len(bundle.Entry) == 0 {
		t.Fatalf("no Bundle: %v", err)
	}
	out, card := map[string][]string{}, map[int]string{}
	for _, a := range bundle.Entry[len(bundle.Entry)-1].Resource.Activity {
		part, id := "lines", a.Detail.Code.Coding[0].Code
		if a.Detail.Status == "on-hold" {
			part = "withheld"
		}
		for _, e := range a.Detail.Extension {
			if strings.HasSuffix(e.URL, "/now") {
				part = "now"
				card[e.ValuePositiveInt] = id
			}
		}
		if part != "now" {
			out[part] = append(out[part], id)
		}
	}
	for n := range len(card) {
		out["now"] = append(out["now"], card[n+1])
	}
	return out
}

func storyAnswers(t *testing.T, file string) map[string][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	given, err := readAnswers(f)
	if err != nil {
		t.Fatal(err)
	}
	return given
}

// The product as it is mounted: whoever fills in the Questionnaire that is served gets the plan that the clinician's page
// shows for the same answers, in ids and order, for every case story.
func TestAFormRendererGetsThePlanOfThePage(t *testing.T) {
	t.Parallel()
	p, err := load(screening.Content(), "en", "cy")
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	server, err := p.server(config{addr: "127.0.0.1:1"}, nil, time.Now, slog.New(slog.NewTextHandler(&logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Listen(listener) }()
	t.Cleanup(func() { _ = server.Shutdown(t.Context()) })
	at := "http://" + listener.Addr().String()
	send := func(path, media string, body []byte) []byte {
		res, err := http.Post(at+path, media, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		out, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s answers %d: %v", path, res.StatusCode, err)
		}
		return out
	}
	res, err := http.Get(at + "/fhir/R4/Questionnaire/consultation")
	if err != nil {
		t.Fatal(err)
	}
	served, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	files, err := filepath.Glob("../../screening/testdata/stories/*.expect.yaml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d stories: %v", len(files), err)
	}
	for _, file := range files {
		given := storyAnswers(t, strings.Replace(file, ".expect", "", 1))
		var form struct {
			URL, Version string
			Item         []formItem
		}
		if err := json.Unmarshal(served, &form); err != nil {
			t.Fatal(err)
		}
		response, err := json.Marshal(map[string]any{"resourceType": "QuestionnaireResponse", "status": "completed",
			"questionnaire": form.URL + "|" + form.Version, "item": fill(form.Item, given)})
		if err != nil {
			t.Fatal(err)
		}
		want := onPage(send("/consult", "application/x-www-form-urlencoded", []byte(url.Values(given).Encode())))
		got := inPlan(t, send("/fhir/R4/QuestionnaireResponse/$extract", "application/fhir+json", response))
		for _, part := range []string{"now", "withheld", "lines"} {
			if !slices.Equal(got[part], want[part]) || len(want["now"])+len(want["lines"]) == 0 {
				t.Errorf("%s, %s:\n got %v\nwant %v", filepath.Base(file), part, got[part], want[part])
			}
		}
	}
	if logged.Len() > 0 {
		t.Errorf("something was logged: %d bytes", logged.Len())
	}
}
