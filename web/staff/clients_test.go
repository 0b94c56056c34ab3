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
	"waypost/web/staff/stafftest"
)

// aKeySet is the public half of a key of nobody's.
func aKeySet(t testing.TB) string { return keySetWith(t, "") }

func keySetWith(t testing.TB, more string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	stafftest.Must(t, err)
	point, err := key.PublicKey.Bytes()
	stafftest.Must(t, err)
	b64 := base64.RawURLEncoding
	return fmt.Sprintf("{\r\n \"keys\": [{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"invented-1\",\"x\":%q,\"y\":%q%s}]\r\n}", b64.EncodeToString(point[1:49]), b64.EncodeToString(point[49:]), more)
}

// connected are the clients of the lead's organisation, as they rest.
func connected(b *browser) []people.Client {
	b.T.Helper()
	all, err := b.People.Clients(b.T.Context(), b.Session().Actor)
	stafftest.Must(b.T, err)
	return all
}

// As a browser without script does it: the forms of the pages, one after the other.
func TestALeadConnectsASystemAndEndsIt(t *testing.T) {
	w := newWorld(t)
	lead := w.Lead(people.Practice)
	if !strings.Contains(lead.Get("/account").Body, `href="/clients"`) || !strings.Contains(lead.Get("/people").Body, `href="/clients"`) {
		t.Error("no way leads to the page")
	}
	lead.Get("/clients")
	lead.Want(200)
	if !strings.Contains(lead.Last.Body, "No system is connected") {
		t.Error("it does not say that there is none")
	}
	form := formTo(t, lead.Last.Body, "/clients/register")
	for _, o := range people.Offers(people.Practice) {
		if !strings.Contains(lead.Last.Body, `name="scope" id="scope.`+o.Resource+"."+o.Letters+`"`) {
			t.Errorf("%v is not to choose from", o)
		}
	}
	form["scope"] = []string{"ServiceRequest.c", "Task.rs"}
	form.Set("name", "Invented System")
	form.Set("keys", aKeySet(t))
	lead.Post("/clients/register", form)
	lead.Want(403) // the key first
	lead.StepUp(formTo(t, lead.Last.Body, "/account/step-up"))
	lead.Want(200)
	lead.Post("/clients/register", formTo(t, lead.Last.Body, "/clients/register"))
	lead.Want(303)
	all := connected(lead)
	if len(all) != 1 || fmt.Sprint(all[0].Scopes) != "[system/ServiceRequest.c system/Task.rs]" || fmt.Sprint(all[0].Keys) != "[invented-1]" || !all[0].Active {
		t.Fatalf("%+v", all)
	}
	lead.Get("/clients")
	for _, want := range []string{"Invented System", all[0].Public(), "Refer somebody", "See how a referral stands", "invented-1", testURL + "/fhir/R4<", testURL + "/oauth/token<"} {
		if !strings.Contains(lead.Last.Body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if w.Heard("client.register", trail.Done) == 0 {
		t.Error("the trail has not heard of it")
	}
	lead.Post("/clients/revoke", formTo(t, lead.Last.Body, "/clients/revoke"))
	lead.Want(303)
	if all = connected(lead); len(all) != 1 || all[0].Active {
		t.Fatalf("%+v", all)
	}
	lead.Get("/clients")
	if !strings.Contains(lead.Last.Body, `<span class="tag">ended</span>`) || strings.Contains(lead.Last.Body, "/clients/revoke") {
		t.Error("an ended system does not look ended")
	}
}

func TestWhatIsNoKeySetIsNotTakenAndNotShown(t *testing.T) {
	w := newWorld(t)
	lead := w.Lead(people.ReceivingService)
	lead.StepUp(nil)
	lead.Want(303)
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
		lead.Post("/clients/register", lead.Signed(url.Values{"name": {c.name}, "keys": {c.keys}, "scope": c.scopes}))
		lead.Want(422)
		if !strings.Contains(lead.Last.Body, c.says) || !strings.Contains(lead.Last.Body, "Nothing was changed") || strings.Contains(lead.Last.Body, "canary") || strings.Contains(w.Log.String(), "canary") {
			t.Errorf("%s: not told of, or echoed", name)
		}
	}
	if n := len(connected(lead)); n != 0 {
		t.Errorf("%d systems", n)
	}
}

func TestAnAuditorSeesTheSystemsAndAClinicianDoesNot(t *testing.T) {
	w := newWorld(t)
	lead := w.Lead(people.SafeguardingTeam)
	auditor := lead.Colleague(people.Auditor)
	lead.Post("/clients/register", lead.Signed(url.Values{"name": {"Invented System"}, "keys": {aKeySet(t)}, "scope": {"AuditEvent.rs"}}))
	lead.Want(303)
	body := auditor.Get("/clients").Body
	auditor.Want(200)
	if !strings.Contains(body, "Read the trail") || strings.Contains(body, "/clients/") {
		t.Error("the page of an auditor lacks a system, or has forms")
	}
	editor := lead.Colleague(people.DirectoryEditor)
	editor.Get("/clients")
	editor.Want(403)
	company := w.Lead(people.ImplantCompany)
	if strings.Contains(company.Get("/account").Body, `"/clients"`) || strings.Contains(company.Get("/people").Body, `"/clients"`) || strings.Contains(company.Get("/clients").Body, "/clients/") {
		t.Error("a company is shown a way to connect systems")
	}
	other := w.Lead(people.SafeguardingTeam)
	if strings.Contains(other.Get("/clients").Body, "Invented System") {
		t.Error("another organisation's system is shown")
	}
}

func TestThePageOfSystemsSpeaksWelsh(t *testing.T) {
	w := newWorld(t)
	lead := w.Lead(people.Practice)
	lead.Get("/clients?l=cy")
	lead.Want(200)
	if !strings.Contains(lead.Last.Body, "Systemau cysylltiedig") || !strings.Contains(lead.Last.Body, "Cysylltu’r system") {
		t.Error("it does not")
	}
}
