package fhir_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
	"waypost/web/fhir"
)

var today = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// world is the product as it ships, in English and Welsh, with everything it logged once it is served.
type world struct {
	bank    *screening.Bank
	steps   *plan.Library
	words   *locales.Catalogue
	form    *fhir.Form
	pages   *web.Server
	url     string
	service string // the id of one that is served
	logged  *bytes.Buffer
}

func product(t testing.TB) *world {
	t.Helper()
	w := &world{}
	w.bank = must(screening.Load(screening.Content()))(t)
	w.steps = must(plan.Load(screening.Content(), w.bank))(t)
	w.words = must(locales.Load(locales.Files(), "en", "cy"))(t)
	w.form = must(fhir.NewForm(w.bank, w.words))(t)
	return w
}

// serve mounts the face over the national directory.
func serve(t testing.TB) *world {
	t.Helper()
	national := must(directory.Open(must(national.Load())(t)))(t)
	return serveOf(t, func() *directory.Directory { return national }, func() time.Time { return today })
}

// serveOf mounts the face over a directory as it stands at the moment.
func serveOf(t testing.TB, services func() *directory.Directory, now func() time.Time) *world {
	t.Helper()
	w := product(t)
	w.logged = &bytes.Buffer{}
	face := &fhir.Journey{Bank: w.bank, Steps: w.steps, Words: w.words, Directory: services, PublicURL: "https://waypost.example", Now: now}
	log := slog.New(web.NewLogHandler(slog.NewTextHandler(w.logged, nil)))
	w.pages = must(web.New(web.Config{Words: w.words, Clock: now, Rand: rand.Reader, Log: log}, face))(t)
	ln := must((&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0"))(t)
	go func() { _ = w.pages.Listen(ln) }()
	t.Cleanup(func() { _ = w.pages.Shutdown(t.Context()) })
	w.url = "http://" + ln.Addr().String()
	w.service = services().Services()[0].ID
	return w
}

func (w *world) do(t testing.TB, method, path, media string, body []byte, headers ...string) (int, http.Header, []byte) {
	t.Helper()
	req := must(http.NewRequestWithContext(t.Context(), method, w.url+path, bytes.NewReader(body)))(t)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res := must(http.DefaultClient.Do(req))(t)
	defer res.Body.Close()
	text := must(io.ReadAll(res.Body))(t)
	described.Hold(t, method, path, res.StatusCode, res.Header, text)
	return res.StatusCode, res.Header, text
}

const media = "application/fhir+json"

// answersOf reads a story of the bank's own tests. The people in them are invented.
func stories(t testing.TB) map[string]map[string][]string {
	t.Helper()
	out := map[string]map[string][]string{}
	for _, file := range must(filepath.Glob("../../screening/testdata/stories/*.yaml"))(t) {
		if strings.HasSuffix(file, ".expect.yaml") {
			continue
		}
		var raw map[string]any
		if err := screening.Decode(os.DirFS(filepath.Dir(file)), filepath.Base(file), &raw); err != nil {
			t.Fatal(err)
		}
		given := map[string][]string{}
		for q, a := range raw {
			switch a := a.(type) {
			case string:
				given[q] = []string{a}
			case []any:
				for _, x := range a {
					given[q] = append(given[q], x.(string))
				}
			}
		}
		out[strings.TrimSuffix(filepath.Base(file), ".yaml")] = given
	}
	return out
}

type object = map[string]any

// fill answers the form as a renderer does: the items as they are nested there, those without an answer left out.
func fill(items []fhir.Item, given map[string][]string) []any {
	var out []any
	for _, i := range items {
		if i.Type == "group" {
			if inner := fill(i.Item, given); len(inner) > 0 {
				group := object{"linkId": i.LinkID, "item": inner}
				if i.Text != "" {
					group["text"] = i.Text
				}
				out = append(out, group)
			}
			continue
		}
		var answers []any
		for _, a := range given[i.LinkID] {
			for _, o := range i.AnswerOption {
				if o.ValueCoding.Code == a {
					answers = append(answers, object{"valueCoding": object{"system": o.ValueCoding.System, "code": a, "display": o.ValueCoding.Display}})
				}
			}
		}
		if len(answers) > 0 {
			out = append(out, object{"linkId": i.LinkID, "text": i.Text, "answer": answers})
		}
	}
	return out
}

func (w *world) response(given map[string][]string) object {
	q := w.form.Questionnaire
	out := object{"resourceType": "QuestionnaireResponse", "questionnaire": q.URL + "|" + q.Version, "status": "completed"}
	if items := fill(q.Item, given); len(items) > 0 {
		out["item"] = items
	}
	return out
}

func raw(t testing.TB, v any) []byte { t.Helper(); return must(json.Marshal(v))(t) }
