package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
	pages "waypost/web"
	"waypost/web/openreferral"
)

// The schemas of Open Referral UK (CC BY-SA 4.0) lie beside the repository and not in it.
const ukSchemas = "../../../shared/data/oruk"

// asAjv judges JSON with ajv: what a crawl saw against the schemas of Open Referral UK and against our own description. It
// reads {dir, seen: [{name, single, body}], openapi} and writes what is wrong, a line each, and a last line with the count.
const asAjv = `
const fs = require('fs'), path = require('path'), Ajv = require('ajv/dist/2020').default, formats = require('ajv-formats');
const { dir, seen, openapi } = JSON.parse(fs.readFileSync(0, 'utf8'));
const fresh = () => formats(new Ajv({ strict: false, allErrors: true }));
const uk = fresh(), read = f => { const s = JSON.parse(fs.readFileSync(path.join(dir, f), 'utf8')); delete s.$id; return s; };
for (const f of fs.readdirSync(dir).filter(f => f.endsWith('.json') && f !== 'openapi.json')) uk.addSchema(read(f), f);
const one = f => uk.compile(read(f)), other = f => uk.getSchema(f);
const single = { services: one('compiled/service.json'), service_at_locations: one('compiled/service_at_location.json'), taxonomies: other('taxonomy.json'), taxonomy_terms: other('taxonomy_term.json') };
const listed = { services: one('compiled/service_list.json'), service_at_locations: one('compiled/service_at_location_list.json'), taxonomies: other('taxonomy.json'), taxonomy_terms: other('taxonomy_term.json') };
const own = fresh();
own.addSchema(openapi, 'openapi');
const described = n => own.compile({ $ref: 'openapi#/components/schemas/' + n });
const ours = { services: ['ServicePage', 'Service'], service_at_locations: ['ServiceAtLocationPage', 'ServiceAtLocation'], taxonomies: ['TaxonomyPage', 'Taxonomy'], taxonomy_terms: ['TaxonomyTermPage', 'TaxonomyTerm'] };
for (const n in ours) ours[n] = ours[n].map(described);
const envelope = uk.compile({ type: 'object', required: ['total_items', 'total_pages', 'page_number', 'size', 'first_page', 'last_page', 'empty', 'contents'], properties: {
  total_items: { type: 'integer' }, total_pages: { type: 'integer' }, page_number: { type: 'integer' }, size: { type: 'integer' },
  first_page: { type: 'boolean' }, last_page: { type: 'boolean' }, empty: { type: 'boolean' }, contents: { type: 'array' } } });
let held = 0;
const hold = (check, value, what) => { held++; if (!check(value)) for (const e of check.errors) console.log(what + ' ' + e.instancePath + ' ' + e.message + ' ' + JSON.stringify(e.params)); };
for (const { name, single: alone, body } of seen) {
  hold(ours[name][alone ? 1 : 0], body, 'ours: ' + name);
  if (alone) { hold(single[name], body, 'uk: ' + name); continue; }
  hold(envelope, body, 'page: ' + name);
  for (const each of body.contents) hold(listed[name], each, 'uk list: ' + name);
}
console.log('held ' + held);
`

// seenJSON is one answer of a crawl.
type seenJSON struct {
	Name   string          `json:"name"`
	Single bool            `json:"single"`
	Body   json.RawMessage `json:"body"`
}

// judge gives back the faults that ajv finds, and how many things it held against a schema.
func judge(t *testing.T, seen []seenJSON, openapi json.RawMessage) (faults []string, held int) {
	t.Helper()
	in, err := json.Marshal(map[string]any{"dir": filepath.Join(ukSchemas, "schema"), "seen": seen, "openapi": openapi})
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "node", "-e", asAjv)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("ajv: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if _, err := fmt.Sscanf(lines[len(lines)-1], "held %d", &held); err != nil {
		t.Fatalf("ajv ended early: %s", out)
	}
	return lines[:len(lines)-1], held
}

func read(t *testing.T, address string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	req.Header.Set("Origin", "https://council.example")
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json" || res.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("%s: %d %v %s", address, res.StatusCode, res.Header, body)
	}
	return body
}

// crawlDirectory walks every page of every list to its end, and every thing on it.
func crawlDirectory(t *testing.T, base string) (seen []seenJSON) {
	t.Helper()
	for _, name := range []string{"services", "service_at_locations", "taxonomies", "taxonomy_terms"} {
		for at, last := 1, false; !last; at++ {
			var page struct {
				Last     bool `json:"last_page"`
				Contents []struct{ ID string }
			}
			body := read(t, fmt.Sprintf("%s/openreferral/%s?page=%d&per_page=20", base, name, at))
			must(t, json.Unmarshal(body, &page))
			seen = append(seen, seenJSON{name, false, body})
			for _, c := range page.Contents {
				seen = append(seen, seenJSON{name, true, read(t, base+"/openreferral/"+name+"/"+c.ID)})
			}
			last = page.Last
		}
	}
	return seen
}

// A council's computer walks the directory that ships, in the real binary, and one that says everything a service can say.
// This needs no browser.
func TestACrawlKeepsTheSchemasOfOpenReferralUK(t *testing.T) {
	if _, err := os.Stat(ukSchemas); err != nil {
		t.Skip("the schemas of Open Referral UK are not here")
	}
	binary, err := product()
	must(t, err)
	for name, base := range map[string]string{"shipped": Start(t, binary).URL, "county": countyDirectory(t)} {
		seen := crawlDirectory(t, base)
		openapi := read(t, base+openreferral.DescriptionPath)
		faults, held := judge(t, seen, openapi)
		clean(t, name, faults)
		if least := map[string]int{"shipped": 800, "county": 200}[name]; held < least {
			t.Errorf("%s: only %d things were held against a schema", name, held)
		}
		for _, one := range seen {
			for _, word := range []string{"Plantedhide", "HR1 9ZZ", "planted.marac"} {
				if bytes.Contains(one.Body, []byte(word)) {
					t.Errorf("%s: %s stands in %s", name, word, one.Name)
				}
			}
		}
		// The checks bite: one fault each.
		whole := func(change func(map[string]any)) []seenJSON {
			var body map[string]any
			for _, one := range seen {
				if one.Name == "services" && one.Single {
					must(t, json.Unmarshal(one.Body, &body))
					break
				}
			}
			change(body)
			raw, err := json.Marshal(body)
			must(t, err)
			return []seenJSON{{"services", true, raw}}
		}
		for words, change := range map[string]func(map[string]any){
			"uk: services  must have required property 'name'":    func(b map[string]any) { delete(b, "name") },
			"uk: services /id must match format \"uuid\"":         func(b map[string]any) { b["id"] = "1" },
			"uk: services /email must match format \"email\"":     func(b map[string]any) { b["email"] = "" },
			"uk: services /description must be string":            func(b map[string]any) { b["description"] = nil },
			"ours: services  must NOT have additional properties": func(b map[string]any) { b["verified_by"] = "x" },
		} {
			spoilt, _ := judge(t, whole(change), openapi)
			red(t, "ajv", spoilt, words)
		}
	}
	for file, good := range map[string]bool{"V3.0-UK-Default": true, "V3.0-UK-Fail": false} {
		raw, err := os.ReadFile(filepath.Join(ukSchemas, "mocks", file, "service_full.json"))
		must(t, err)
		faults, _ := judge(t, []seenJSON{{"services", true, raw}}, json.RawMessage(`{"components":{"schemas":{"ServicePage":{},"Service":{},"ServiceAtLocationPage":{},"ServiceAtLocation":{},"TaxonomyPage":{},"Taxonomy":{},"TaxonomyTermPage":{},"TaxonomyTerm":{}}}}`))
		if (len(faults) == 0) != good {
			t.Errorf("the example %s of the official validator: %q", file, faults)
		}
	}
}

// countyDirectory serves an invented directory: one service that says everything, a refuge and a conference's contact.
func countyDirectory(t *testing.T) string {
	t.Helper()
	now := time.Now()
	base := directory.Service{
		Nations: directory.Nations(0).With(directory.England), ShownTo: directory.Anyone, Bill: directory.Bill{Trace: directory.BillUnknown}, Prof: directory.ProfUnknown,
		Status: directory.Official, Sources: []directory.Source{{Address: "https://line.example.org"}}, SourceDate: "undated", ReadOn: now, Needs: []string{"domestic-abuse"},
		Ways: []directory.Way{{By: directory.Phone, At: "0808 157 0000", Status: directory.Official}},
	}
	all, refuge, marac := base, base, base
	all.ID, all.Name, all.For, all.Cost = "all", "Invented Aid", "anybody & everybody", "free"
	all.Ways = append(all.Ways[:1:1], directory.Way{By: directory.Website, At: "https://aid.example.org/?a=b&c=d", Status: directory.Official},
		directory.Way{By: directory.Email, At: "help@aid.example.org", Status: directory.Official}, directory.Way{By: directory.Text, At: "81234", Note: "free", Status: directory.Official})
	all.Covers, all.Speaks, all.Access = directory.Coverage{Authorities: []string{"E06000019"}}, []string{"en", "bfi"}, directory.Accesses()
	all.Hours, all.Opening = directory.Hours{Text: "Monday nights", Status: directory.Official}, directory.Opening{Spans: []directory.Span{{Day: time.Monday, From: 20 * 60, To: 24 * 60}}}
	all.Who, all.Warnings = directory.Who{MinAge: 16, MaxAge: 70, Only: directory.Woman, Groups: directory.Groups()}, []string{"shows on the bill"}
	all.VerifiedBy, all.VerifiedOn = "Invented Checker", now
	refuge.ID, refuge.Name = "refuge", "Invented refuge"
	refuge.Ways = append(refuge.Ways[:1:1], directory.Way{By: directory.InPerson, At: "12 Plantedhide Lane, HR1 9ZZ", Status: directory.Official})
	marac.ID, marac.Name, marac.ShownTo, marac.Is, marac.Needs = "marac", "Conference", directory.StaffOnly, directory.MaracCoordinator, []string{"marac"}
	marac.Ways = []directory.Way{{By: directory.Email, At: "planted.marac@shire.example.org", Status: directory.Official}}
	list, err := directory.Open([]directory.Service{all, refuge, marac})
	must(t, err)
	words, err := locales.Load(locales.Files(), "en")
	must(t, err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server, err := pages.New(pages.Config{Words: words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)},
		&openreferral.API{Directory: func() *directory.Directory { return list }, PublicURL: "https://help.example", Now: time.Now})
	must(t, err)
	listen(t, server, ln)
	return "http://" + ln.Addr().String()
}
