package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// said is what one call of another program came to.
type said struct {
	Name, Kind, Issue, Type, Text, Version, Media, Link, Error, Scope string
	Status, Count, Missed, Used, Seconds                              int
	Faults                                                            []string
}

// node runs a script of this folder with its input and reads the lines it writes.
func node(t *testing.T, script string, in any) map[string]said {
	t.Helper()
	given, err := json.Marshal(in)
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "node", script)
	cmd.Stdin = bytes.NewReader(given)
	var wrong bytes.Buffer
	cmd.Stderr = &wrong
	lines, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, wrong.String())
	}
	out := map[string]said{}
	for line := range bytes.Lines(lines) {
		var one said
		must(t, json.Unmarshal(line, &one))
		out[one.Name] = one
	}
	return out
}

// jwk is an invented key as a client holds it; without its private half as it hands it over.
type jwk map[string]string

func newJWK(t *testing.T, kty, kid string) jwk {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	if kty == "EC" {
		key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		must(t, err)
		point, err := key.PublicKey.Bytes()
		must(t, err)
		d, err := key.Bytes()
		must(t, err)
		return jwk{"kty": "EC", "crv": "P-384", "kid": kid, "x": b64(point[1:49]), "y": b64(point[49:]), "d": b64(d)}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	key.Precompute()
	p := key.Precomputed
	return jwk{"kty": "RSA", "kid": kid, "n": b64(key.N.Bytes()), "e": "AQAB", "d": b64(key.D.Bytes()), "p": b64(key.Primes[0].Bytes()), "q": b64(key.Primes[1].Bytes()),
		"dp": b64(p.Dp.Bytes()), "dq": b64(p.Dq.Bytes()), "qi": b64(p.Qinv.Bytes())}
}

func publicSet(t *testing.T, keys ...jwk) string {
	t.Helper()
	set := map[string][]jwk{}
	for _, k := range keys {
		half := jwk{}
		for name, value := range k {
			if !slices.Contains([]string{"d", "p", "q", "dp", "dq", "qi"}, name) {
				half[name] = value
			}
		}
		set["keys"] = append(set["keys"], half)
	}
	out, err := json.Marshal(set)
	must(t, err)
	return string(out)
}

// A library that other people wrote for GP systems gets on with the real binary, and what it is refused it can read.
func TestFHIRKitClientGetsOn(t *testing.T) {
	t.Parallel()
	binary, err := product()
	must(t, err)
	s := Start(t, binary, "WAYPOST_LANGUAGES=en,cy")
	got := node(t, "fhirclient.mjs", map[string]string{"base": s.URL + "/fhir/R4", "link": "gateway.fear", "code": "yes"})
	for name, want := range map[string]said{
		"metadata": {Status: 200, Kind: "CapabilityStatement"}, "smart": {Status: 200}, "form": {Status: 200, Kind: "Questionnaire"},
		"forms": {Status: 200, Kind: "Bundle", Type: "searchset"}, "services": {Status: 200, Kind: "Bundle", Type: "searchset"},
		"validate": {Status: 200, Kind: "OperationOutcome", Issue: "informational"}, "extract": {Status: 200, Kind: "Bundle", Type: "transaction"}, "apply": {Status: 200, Kind: "CarePlan"},
		"a person": {Status: 404, Kind: "OperationOutcome", Issue: "not-found"}, "a search for a person": {Status: 404, Kind: "OperationOutcome", Issue: "not-found"},
		"a label in the address": {Status: 400, Kind: "OperationOutcome", Issue: "not-supported"}, "an unknown question": {Status: 422, Kind: "OperationOutcome", Issue: "value"},
		"another version": {Status: 409, Kind: "OperationOutcome", Issue: "conflict"}, "a name": {Status: 422, Kind: "OperationOutcome", Issue: "not-supported"},
		"populate": {Status: 404, Kind: "OperationOutcome", Issue: "not-found"}, "by get": {Status: 405, Kind: "OperationOutcome", Issue: "not-supported"},
	} {
		g, there := got[name]
		if !there || g.Status != want.Status || g.Kind != want.Kind || g.Issue != want.Issue || g.Type != want.Type {
			t.Errorf("%s: %d %s %s %s", name, g.Status, g.Kind, g.Type, g.Issue)
		}
		if g.Status >= 400 && strings.Contains(strings.ToLower(g.Text), "canary") {
			t.Errorf("%s: the input comes back", name)
		}
	}
	if got["metadata"].Version != "4.0.1" || !strings.HasSuffix(got["smart"].Text, "/oauth/token") || !strings.Contains(got["extract"].Text, "gateway.fear") {
		t.Errorf("%+v", got["metadata"])
	}
	for _, word := range []string{"canary", "Canary", "gateway.fear", "invented-1", "SDV"} {
		if strings.Contains(s.Output(), word) {
			t.Errorf("the server wrote %s", word)
		}
	}
}

// A library that other people wrote for OAuth gets a token for a client that a lead has registered on the page: by either
// algorithm, as SMART has it and as the library does by itself. Another key, and a scope that is not held, get none.
func TestOpenIDClientGetsAToken(t *testing.T) {
	t.Parallel()
	p, s, own := practiceOf(t)
	ec, two := newJWK(t, "EC", "k1"), newJWK(t, "RSA", "k2")
	p.Goto(own + "/clients")
	p.Type("#name", "Invented GP system")
	p.Type("#keys", publicSet(t, ec, two))
	for _, box := range []string{"ServiceRequest.c", "ServiceRequest.r", "Task.rs"} {
		p.Press(`label:has([id="scope.` + box + `"])`)
	}
	p.Use("Connect it", Enter)
	p.Await("Show that it is you")
	p.Use("Use your key", Enter)
	p.Await("What you typed is still here")
	p.Use("Send it now", Enter)
	p.Await("Connected since")
	client := p.TextOf("dl.facts code")
	const held = "system/ServiceRequest.cr system/Task.rs"
	ask := func(key jwk, alg string, ours bool, scope string) said {
		return node(t, "tokenclient.mjs", map[string]any{"base": own, "client": client, "key": key, "alg": alg, "ours": ours, "scope": scope})[""]
	}
	for alg, key := range map[string]jwk{"ES384": ec, "RS384": two} {
		for _, ours := range []bool{false, true} {
			if got := ask(key, alg, ours, held); got.Scope != held || got.Type != "bearer" || got.Seconds != 300 || got.Used != 200 {
				t.Errorf("%s, aud left to the library %v: %+v", alg, ours, got)
			}
		}
	}
	for name, got := range map[string]said{
		"another key":              ask(newJWK(t, "EC", "k1"), "ES384", false, held),
		"a key not named":          ask(newJWK(t, "EC", "k9"), "ES384", false, held),
		"a scope not held":         ask(ec, "ES384", false, "system/AuditEvent.rs"),
		"a scope that is no one's": ask(ec, "ES384", false, "system/*.cruds"),
	} {
		want := said{Error: "invalid_client", Status: 401}
		if strings.HasPrefix(name, "a scope") {
			want = said{Error: "invalid_scope", Status: 400}
		}
		if got.Error != want.Error || got.Status != want.Status {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if strings.Contains(s.Output(), "Invented") || strings.Contains(s.Output(), client) {
		t.Error("the server wrote who asked")
	}
}

// A CDS Hooks client of our own against the real binary: silent for one client, one card for another, and nothing of what it
// sends is written down.
func TestAHooksClientFindsCallsAndTells(t *testing.T) {
	t.Parallel()
	binary, err := product()
	must(t, err)
	loud, quiet := newJWK(t, "EC", "k1"), newJWK(t, "RSA", "k2")
	file := filepath.Join(t.TempDir(), "clients.json")
	must(t, os.WriteFile(file, fmt.Appendf(nil, `[{"issuer":"https://loud.example","jwks":%s,"fhirServers":["https://loud.example/fhir"],"card":true},`+
		`{"issuer":"https://quiet.example","jwks":%s,"fhirServers":["https://quiet.example/fhir"]}]`, publicSet(t, loud), publicSet(t, quiet)), 0o600))
	s := Start(t, binary, "WAYPOST_CDS_CLIENTS_FILE="+file)
	base := "http://localhost:" + s.URL[strings.LastIndexByte(s.URL, ':')+1:]
	for issuer, key := range map[string]jwk{"https://loud.example": loud, "https://quiet.example": quiet} {
		got := node(t, "hooksclient.mjs", map[string]any{"base": base, "issuer": issuer, "key": key, "server": issuer + "/fhir"})
		cards := map[bool]int{true: 1, false: 0}[issuer == "https://loud.example"]
		if d := got["discovery"]; d.Status != 200 || d.Media != "application/json" || d.Count != 1 || len(d.Faults) > 0 {
			t.Errorf("%s: discovery %+v", issuer, d)
		}
		if c := got["call"]; c.Status != 200 || c.Count != cards || len(c.Faults) > 0 || (c.Link == base+"/consult") != (cards == 1) {
			t.Errorf("%s: call %+v", issuer, c)
		}
		feedback := 200
		if cards == 0 {
			feedback = 400 // there was no card to tell of
		}
		for name, want := range map[string]int{"feedback": feedback, "first": 200, "again": 401, "no token": 401, "for another address": 401, "too long": 401, "another server": 403, "the record": 400} {
			if g := got[name]; g.Status != want || want >= 400 && g.Media != "application/problem+json" {
				t.Errorf("%s: %s: %d %s, want %d", issuer, name, g.Status, g.Media, want)
			}
		}
		if _, ran := got["schemas"]; !ran || got["schemas"].Missed > 0 {
			t.Errorf("the schemas miss %d", got["schemas"].Missed)
		}
	}
	if got := node(t, "hooksclient.mjs", map[string]any{"base": Start(t, binary).URL, "issuer": "https://loud.example", "key": loud, "server": ""}); got["discovery"].Status != 200 || got["discovery"].Count != 0 {
		t.Errorf("without a client: %+v", got["discovery"])
	}
	for _, word := range []string{"canary", "invented-1", "loud.example", "quiet.example"} {
		if strings.Contains(s.Output(), word) {
			t.Errorf("the server wrote %s", word)
		}
	}
}
