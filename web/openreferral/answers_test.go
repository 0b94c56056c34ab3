package openreferral

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/web/openapi/openapitest"
)

var update = flag.Bool("update", false, "write the golden files")

// A planted refuge address, a planted MARAC contact and all else that stays at home stand on no page of a whole crawl.
func TestNothingPlantedLeavesTheHouse(t *testing.T) {
	w := serve(t, county()...)
	looked := 0
	w.crawl(func(path string, a answerOf) {
		looked++
		text := strings.ToLower(string(a.body))
		for _, p := range planted {
			if strings.Contains(text, strings.ToLower(p)) {
				t.Errorf("%s holds %q", path, p)
			}
		}
	})
	if looked < 60 {
		t.Fatalf("the crawl saw %d answers only", looked)
	}
	_, names := w.list(Base + "/services")
	want := []string{"Aid for Shire", "line", "scots", "part", "nowhere", "refuge", "told-in-words", "noted", "disputed-hours"}
	if !slices.Equal(names, want) {
		t.Errorf("listed are %q, want %q", names, want)
	}
}

// Every planted word is in the directory, else the test above would look for nothing.
func TestWhatIsPlantedIsThere(t *testing.T) {
	all := strings.ToLower(jsonText(county()))
	for _, p := range planted {
		if p != "03:17" && !strings.Contains(all, strings.ToLower(p)) {
			t.Errorf("%q is planted nowhere", p)
		}
	}
}

// What is not there and what may not be seen answer with the same bytes.
func TestAbsentAndNotForYouAreTheSame(t *testing.T) {
	w := serve(t, county()...)
	absent := w.ask(Base + "/services/" + idOf("service", "no-such-service"))
	if absent.status != http.StatusNotFound || absent.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %v", absent.status, absent.header)
	}
	for _, id := range []string{idOf("service", "marac-planted"), idOf("service", "for-abusers"), idOf("service", "gone"), "marac-planted", "x", "%00", "..%2f", strings.Repeat("a", 300)} {
		for _, list := range []string{"/services/", "/service_at_locations/", "/taxonomies/", "/taxonomy_terms/"} {
			if a := w.ask(Base + list + id); a.status != http.StatusNotFound || !bytes.Equal(a.body, absent.body) {
				t.Errorf("%s%s: %d %s", list, id, a.status, a.body)
			}
		}
	}
}

// Golden: what comes or goes in an answer is a decision, and shows in a diff.
func TestAnswersAreGolden(t *testing.T) {
	w := serve(t, county()...)
	terms := newTaxonomies()
	for name, path := range map[string]string{
		"about":                    "/",
		"service":                  "/services/" + idOf("service", "shire-aid"),
		"service-refuge":           "/services/" + idOf("service", "refuge"),
		"services":                 "/services?per_page=2&page=2",
		"service-at-location":      "/service_at_locations/" + idOf("service_at_location", "line"),
		"service-at-location-list": "/service_at_locations?per_page=1",
		"taxonomy":                 "/taxonomies/" + terms.list[ofAccess].ID,
		"taxonomies":               "/taxonomies",
		"taxonomy-term":            "/taxonomy_terms/" + terms.byKey[ofNeed]["stalking"].ID,
		"taxonomy-terms":           "/taxonomy_terms?per_page=2",
		"problem-parameters":       "/service_at_locations?page=0&day=x&postcode=a&what=b",
		"problem-absent":           "/services/none",
	} {
		golden(t, name, w.ask(Base+path).body)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var text bytes.Buffer
	if err := json.Indent(&text, got, "", "  "); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	text.WriteByte('\n')
	file := filepath.Join("testdata", name+".golden.json")
	if *update {
		if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text.Bytes(), want) {
		t.Errorf("%s is\n%s\nand was\n%s", name, text.Bytes(), want)
	}
}

// The compiled schemas of Open Referral UK (CC BY-SA 4.0) are not in this repository; where they lie beside it, every page of
// a crawl is held against them, of the invented county and of the directory that ships.
func TestEveryAnswerKeepsTheSchemasOfOpenReferralUK(t *testing.T) {
	const dir = "../../../shared/data/oruk/schema"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the schemas of Open Referral UK are not here")
	}
	load := func(file string) any {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		v, err := openapitest.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	term := load("taxonomy_term.json")
	list := load("taxonomy.json").(map[string]any)
	list["properties"].(map[string]any)["taxonomy_terms"].(map[string]any)["items"] = term
	one := map[string]any{
		"services": load("compiled/service.json"), "service_at_locations": load("compiled/service_at_location.json"), "taxonomies": list, "taxonomy_terms": term,
	}
	many := map[string]any{
		"services": load("compiled/service_list.json"), "service_at_locations": load("compiled/service_at_location_list.json"), "taxonomies": list, "taxonomy_terms": term,
	}
	shipped, err := national.Load()
	if err != nil {
		t.Fatal(err)
	}
	check, held := openapitest.Schema{Loose: true}, 0
	for _, services := range [][]directory.Service{county(), shipped} {
		serve(t, services...).crawl(func(path string, a answerOf) {
			rest, ours := strings.CutPrefix(path, Base+"/")
			if !ours || rest == "" {
				return
			}
			v, err := openapitest.Parse(a.body)
			if err != nil {
				t.Fatal(err)
			}
			name, _, single := strings.Cut(rest, "/")
			if single {
				held++
				for _, f := range check.Check(one[name], v, name) {
					t.Errorf("%s: %s", path, f)
				}
				return
			}
			name, _, _ = strings.Cut(name, "?")
			for _, each := range v.(map[string]any)["contents"].([]any) {
				held++
				for _, f := range check.Check(many[name], each, name) {
					t.Errorf("%s: %s", path, f)
				}
			}
		})
	}
	if held < 500 {
		t.Fatalf("only %d things were held against a schema", held)
	}
	spoilt := map[string]any{"id": "x", "name": "a", "status": "active", "email": "", "description": nil}
	if faults := check.Check(one["services"], spoilt, "spoilt"); len(faults) != 3 {
		t.Errorf("of three faults it sees %q", faults)
	}
}
