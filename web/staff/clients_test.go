package staff_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"waypost/internal/trail"
	"waypost/referrals/people"
)

// aKeySet is the public half of a key of nobody's.
func aKeySet(t testing.TB) string { return keySetWith(t, "") }

func keySetWith(t testing.TB, more string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	point, err := key.PublicKey.Bytes()
	must(t, err)
	b64 := base64.RawURLEncoding
	return fmt.Sprintf("{\r\n \"keys\": [{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"invented-1\",\"x\":%q,\"y\":%q%s}]\r\n}", b64.EncodeToString(point[1:49]), b64.EncodeToString(point[49:]), more)
}

// connected are the clients of the lead's organisation, as they rest.
func (b *browser) connected() []people.Client {
	b.w.t.Helper()
	all, err := b.w.people.Clients(b.w.t.Context(), b.session().Actor)
	must(b.w.t, err)
	return all
}

// As a browser without script does it: the forms of the pages, one after the other.
func TestALeadConnectsASystemAndEndsIt(t *testing.T) {
	w := newWorld(t)
	lead := w.lead(people.Practice)
	if !strings.Contains(lead.get("/account").body, `href="/clients"`) || !strings.Contains(lead.get("/people").body, `href="/clients"`) {
		t.Error("no way leads to the page")
	}
	lead.get("/clients")
	lead.want(200)
	if !strings.Contains(lead.last.body, "No system is connected") {
		t.Error("it does not say that there is none")
	}
	form := formTo(t, lead.last.body, "/clients/register")
	for _, o := range people.Offers(people.Practice) {
		if !strings.Contains(lead.last.body, `name="scope" id="scope.`+o.Resource+"."+o.Letters+`"`) {
			t.Errorf("%v is not to choose from", o)
		}
	}
	form["scope"] = []string{"ServiceRequest.c", "Task.rs"}
	form.Set("name", "Invented System")
	form.Set("keys", aKeySet(t))
	lead.post("/clients/register", form)
	lead.want(403) // the key first
	lead.stepUp(formTo(t, lead.last.body, "/account/step-up"))
	lead.want(200)
	lead.post("/clients/register", formTo(t, lead.last.body, "/clients/register"))
	lead.want(303)
	all := lead.connected()
	if len(all) != 1 || fmt.Sprint(all[0].Scopes) != "[system/ServiceRequest.c system/Task.rs]" || fmt.Sprint(all[0].Keys) != "[invented-1]" || !all[0].Active {
		t.Fatalf("%+v", all)
	}
	lead.get("/clients")
	for _, want := range []string{"Invented System", all[0].Public(), "Refer somebody", "See how a referral stands", "invented-1", testURL + "/fhir/R4<", testURL + "/oauth/token<"} {
		if !strings.Contains(lead.last.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if w.heard("client.register", trail.Done) == 0 {
		t.Error("the trail has not heard of it")
	}
	lead.post("/clients/revoke", formTo(t, lead.last.body, "/clients/revoke"))
	lead.want(303)
	if all = lead.connected(); len(all) != 1 || all[0].Active {
		t.Fatalf("%+v", all)
	}
	lead.get("/clients")
	if !strings.Contains(lead.last.body, `<span class="tag">ended</span>`) || strings.Contains(lead.last.body, "/clients/revoke") {
		t.Error("an ended system does not look ended")
	}
}

func TestWhatIsNoKeySetIsNotTakenAndNotShown(t *testing.T) {
	w := newWorld(t)
	lead := w.lead(people.ReceivingService)
	lead.stepUp(nil)
	lead.want(303)
	for name, c := range map[string]struct {
		name, keys string
		scopes     []string
		says       string
	}{
		"a private key":          {"canary", keySetWith(t, `,"d":"canary"`), []string{"Task.rs"}, "throw that key away"},
		"a shared key":           {"canary", `{"kty":"oct","kid":"1","k":"canary"}`, []string{"Task.rs"}, "throw that key away"},
		"an empty set":           {"canary", `{"keys":[]}`, []string{"Task.rs"}, "not public keys"},
		"an address":             {"canary", "https://canary.example/jwks", []string{"Task.rs"}, "not public keys"},
		"nothing":                {"canary", "", []string{"Task.rs"}, "not public keys"},
		"too much":               {"canary", strings.Repeat("canary", 3000), []string{"Task.rs"}, "not public keys"},
		"what cannot be seen":    {"canary", aKeySet(t) + "\u202e", []string{"Task.rs"}, "not public keys"},
		"no name":                {"", aKeySet(t), []string{"Task.rs"}, "A name has"},
		"nothing that it may do": {"canary", aKeySet(t), nil, "at least one thing"},
		"what a service may not": {"canary", aKeySet(t), []string{"ServiceRequest.c"}, "at least one thing"},
		"what is no scope":       {"canary", aKeySet(t), []string{"canary"}, "at least one thing"},
		"a letter too many":      {"canary", aKeySet(t), []string{"Task.d"}, "at least one thing"},
	} {
		lead.post("/clients/register", lead.signed(url.Values{"name": {c.name}, "keys": {c.keys}, "scope": c.scopes}))
		lead.want(422)
		if !strings.Contains(lead.last.body, c.says) || !strings.Contains(lead.last.body, "Nothing was changed") || strings.Contains(lead.last.body, "canary") || strings.Contains(w.log.String(), "canary") {
			t.Errorf("%s: not told of, or echoed", name)
		}
	}
	if n := len(lead.connected()); n != 0 {
		t.Errorf("%d systems", n)
	}
}

func TestAnAuditorSeesTheSystemsAndAClinicianDoesNot(t *testing.T) {
	w := newWorld(t)
	lead := w.lead(people.SafeguardingTeam)
	auditor := lead.colleague(people.Auditor)
	lead.post("/clients/register", lead.signed(url.Values{"name": {"Invented System"}, "keys": {aKeySet(t)}, "scope": {"AuditEvent.rs"}}))
	lead.want(303)
	body := auditor.get("/clients").body
	auditor.want(200)
	if !strings.Contains(body, "Read the trail") || strings.Contains(body, "/clients/") {
		t.Error("the page of an auditor lacks a system, or has forms")
	}
	editor := lead.colleague(people.DirectoryEditor)
	editor.get("/clients")
	editor.want(403)
	company := w.lead(people.ImplantCompany)
	if strings.Contains(company.get("/account").body, `"/clients"`) || strings.Contains(company.get("/people").body, `"/clients"`) || strings.Contains(company.get("/clients").body, "/clients/") {
		t.Error("a company is shown a way to connect systems")
	}
	other := w.lead(people.SafeguardingTeam)
	if strings.Contains(other.get("/clients").body, "Invented System") {
		t.Error("another organisation's system is shown")
	}
}

func TestThePageOfSystemsSpeaksWelsh(t *testing.T) {
	w := newWorld(t)
	lead := w.lead(people.Practice)
	lead.get("/clients?l=cy")
	lead.want(200)
	if !strings.Contains(lead.last.body, "Systemau cysylltiedig") || !strings.Contains(lead.last.body, "Cysylltu’r system") {
		t.Error("it does not")
	}
}
