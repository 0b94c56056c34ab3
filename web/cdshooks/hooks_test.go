package cdshooks_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"waypost/web/cdshooks"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(must(os.ReadFile(file))(t)); got+"\n" != want {
		t.Errorf("%s is not what is written down; if that is meant: go test ./web/cdshooks -rewrite\n%s", name, got)
	}
}

// The three calls as a record system makes them. The JSON of each is written down.
func TestARecordSystemFindsCallsAndTells(t *testing.T) {
	t.Parallel()
	w := serve(t)
	ask := func(name, method, path, issuer, body string) {
		t.Helper()
		token, media := "", ""
		if issuer != "" {
			token, media = w.token(t, issuer, path), "application/json"
		}
		status, header, got := w.do(t, method, path, token, media, body)
		if status != 200 || header.Get("Content-Type") != "application/json" || header.Get("Cache-Control") != "no-store" || len(header["Set-Cookie"])+len(header["Access-Control-Allow-Origin"]) > 0 {
			t.Errorf("%s: %d %v", name, status, header)
		}
		golden(t, name+".json", got)
	}
	ask("discovery", "GET", cdshooks.Base, "", "")
	ask("card", "POST", cdshooks.ServicePath, loud, fmt.Sprintf(view, "https://loud.example/fhir"))
	ask("silence", "POST", cdshooks.ServicePath, quiet, fmt.Sprintf(view, "https://quiet.example/fhir"))
	ask("feedback", "POST", cdshooks.FeedbackPath, loud, told)
	if w.logged.Len() > 0 {
		t.Errorf("something was logged: %s", &w.logged)
	}
}

// Both algorithms, the audience in both of its forms, a call without a server, and a token close to its ends.
func TestWhatASoundClientMaySend(t *testing.T) {
	t.Parallel()
	w := serve(t)
	const bare = `{"hook":"patient-view","hookInstance":"D1577C69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"userId":"PractitionerRole/1","patientId":"2"}}`
	for name, change := range map[string]func(head, claims object){
		"ES384":                     func(object, object) {},
		"RS384":                     func(h, _ object) { h["alg"], h["kid"] = "RS384", "r" },
		"without typ":               func(h, _ object) { delete(h, "typ") },
		"with jku, which none asks": func(h, _ object) { h["jku"] = "https://loud.example/keys" },
		"a list of one audience":    func(_, c object) { c["aud"] = []string{c["aud"].(string)} },
		"a tenant":                  func(_, c object) { c["tenant"] = canary },
		"a clock a little ahead":    func(_, c object) { c["iat"], c["exp"] = c["iat"].(int64)+30, c["exp"].(int64)+30 },
		"in its last second":        func(_, c object) { c["iat"], c["exp"] = c["iat"].(int64)-299, c["exp"].(int64)-299 },
	} {
		h, c := object{"alg": "ES384", "typ": "JWT", "kid": "e"}, w.claims(loud, cdshooks.ServicePath)
		change(h, c)
		if status, _, body := w.do(t, "POST", cdshooks.ServicePath, w.keys[loud].sign(t, h, c), "application/json; charset=utf-8", bare); status != 200 || !strings.Contains(body, "/consult") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// The card stands on a screen that somebody else may see: it names no topic, whatever the language, and shows on no screen
// that a patient or a relative is signed in to.
func TestNothingOnTheGlassTells(t *testing.T) {
	t.Parallel()
	w := serve(t, "cy")
	telling := regexp.MustCompile(`(?i)abus|violen|partner|stalk|track|coerc|control|implant|spyware|domestic|harm|risk|danger|fear|unsafe|victim|trais|cam-drin|stelc|rheol`)
	for _, language := range []string{"en", "cy"} {
		status, _, body := w.do(t, "GET", cdshooks.Base, "", "", "")
		all := body
		_, _, body = w.do(t, "POST", cdshooks.ServicePath, w.token(t, loud, cdshooks.ServicePath), "application/json", fmt.Sprintf(view, "https://loud.example/fhir"))
		var out cdshooks.Response
		if err := json.Unmarshal([]byte(body), &out); err != nil || status != 200 || len(out.Cards) != 1 {
			t.Fatalf("%s: %d %v", language, status, err)
		}
		if found := telling.FindString(all + body); found != "" {
			t.Errorf("%s: it says %q", language, found)
		}
		c := out.Cards[0]
		if c.Indicator != "info" || len([]rune(c.Summary)) >= 140 || c.Links[0].Type != "absolute" || c.Links[0].URL != public+"/consult" {
			t.Errorf("%s: %+v", language, c)
		}
	}
	for _, user := range []string{"Patient/1", "RelatedPerson/1"} {
		_, _, body := w.do(t, "POST", cdshooks.ServicePath, w.token(t, loud, cdshooks.ServicePath), "application/json",
			strings.Replace(fmt.Sprintf(view, "https://loud.example/fhir"), "Practitioner/Canary", user, 1))
		if body != `{"cards":[]}` {
			t.Errorf("%s sees %s", user, body)
		}
	}
}

// Without a client there is no service, and no word that would be taken.
func TestWithoutAClientNobodyIsServed(t *testing.T) {
	t.Parallel()
	w := &world{keys: map[string]keys{loud: newKeys(t)}}
	w.mount(t, nil)
	if status, _, body := w.do(t, "GET", cdshooks.Base, "", "", ""); status != 200 || body != `{"services":[]}` {
		t.Errorf("%d %s", status, body)
	}
	for _, path := range []string{cdshooks.ServicePath, cdshooks.FeedbackPath} {
		if status, _, _ := w.do(t, "POST", path, w.token(t, loud, path), "application/json", view); status != 401 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
