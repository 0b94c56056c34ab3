package openapi_test

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"waypost/locales"
	"waypost/web"
	"waypost/web/openapi"
	"waypost/web/openapi/openapitest"
)

// The document is served as it is written, for pages of every site.
func TestTheDocumentIsServed(t *testing.T) {
	t.Parallel()
	words, err := locales.Load(locales.Files(), "en")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(web.Config{Words: words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)}, openapi.Journey{})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = pages.Listen(ln) }()
	t.Cleanup(func() { _ = pages.Shutdown(t.Context()) })
	res, err := http.Get("http://" + ln.Addr().String() + openapi.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != string(openapi.Document()) {
		t.Fatalf("%v, %d bytes", err, len(body))
	}
	d, err := openapitest.Read(body)
	if err != nil {
		t.Fatal(err)
	}
	if faults := d.Hold("GET "+openapi.Path, res.StatusCode, res.Header, body); len(faults) > 0 {
		t.Error(faults)
	}
}

// The check that all faces rely on sees a fault in each part of an answer.
func TestTheCheckSeesWhatIsNotDescribed(t *testing.T) {
	t.Parallel()
	d, err := openapitest.Read(openapi.Document())
	if err != nil {
		t.Fatal(err)
	}
	const call, sound = "POST /cds-services/waypost-patient-view", `{"cards":[]}`
	header := func(pairs ...string) http.Header {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	if faults := d.Hold(call, 200, header(), []byte(sound)); len(faults) > 0 {
		t.Fatal(faults)
	}
	problem := `{"type":"about:blank","title":"Unauthorized","status":401,"detail":"x"}`
	for name, faults := range map[string][]string{
		"another operation":     d.Hold("GET /none", 200, header(), []byte(sound)),
		"another status":        d.Hold(call, 204, header(), []byte(sound)),
		"another media type":    d.Hold(call, 200, header("Content-Type", "text/plain"), []byte(sound)),
		"no media type":         d.Hold(call, 200, http.Header{}, []byte(sound)),
		"no JSON":               d.Hold(call, 200, header(), []byte(`{`)),
		"a field more":          d.Hold(call, 200, header(), []byte(`{"cards":[],"patient":"x"}`)),
		"a field less":          d.Hold(call, 200, header(), []byte(`{}`)),
		"two cards":             d.Hold(call, 200, header(), []byte(`{"cards":[{},{}]}`)),
		"a warning":             d.Hold(call, 200, header(), []byte(`{"cards":[{"uuid":"7b1f0c7e-9b1a-4a57-8f3e-2c53a1d0b6c4","summary":"x","indicator":"warning","source":{"label":"x"},"links":[]}]}`)),
		"a header less":         d.Hold(call, 401, header("Content-Type", "application/problem+json"), []byte(problem)),
		"a header of another":   d.Hold("GET /fhir/R4/metadata", 200, header("Content-Type", "application/fhir+json", "Access-Control-Allow-Origin", "https://one.example", "Cache-Control", "no-store"), nil),
		"a status in the wrong": d.Hold(call, 401, header("Content-Type", "application/problem+json", "WWW-Authenticate", "Bearer"), []byte(strings.Replace(problem, "401", "200", 1))),
	} {
		if len(faults) == 0 {
			t.Errorf("%s is not seen", name)
		}
	}
	if faults := d.Hold(call, 401, header("Content-Type", "application/problem+json", "WWW-Authenticate", "Bearer"), []byte(problem)); len(faults) > 0 {
		t.Error(faults)
	}
	for path, want := range map[string]string{
		"/fhir/R4/HealthcareService/x": "GET /fhir/R4/HealthcareService/{id}", "/fhir/R4/HealthcareService?a=b": "GET /fhir/R4/HealthcareService",
		"/fhir/R4/HealthcareService/": "", "/fhir/R4/HealthcareService/x/y": "", "/fhir/R4/Questionnaire/other": "",
	} {
		if got, _ := d.Find("GET", path); got != want {
			t.Errorf("%s is for %q, want %q", path, got, want)
		}
	}
	unseen := d.Unseen(func(operation string) bool { return operation == call }, "429", "500")
	if len(unseen) == 0 || strings.Contains(strings.Join(unseen, ","), " 200") || strings.Contains(strings.Join(unseen, ","), " 401") || !strings.Contains(strings.Join(unseen, ","), call+" 413") {
		t.Errorf("unseen are %q", unseen)
	}
}
