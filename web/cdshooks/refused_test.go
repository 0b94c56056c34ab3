package cdshooks_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/web/cdshooks"
)

// refusal holds that an answer says no as it should: problem details with this status, and nothing of what was sent.
func (w *world) refusal(t *testing.T, name, method, path, token, media, body string, want int) {
	t.Helper()
	status, header, got := w.do(t, method, path, token, media, body)
	var p struct{ Status int }
	if err := json.Unmarshal([]byte(got), &p); err != nil || status != want || p.Status != want || header.Get("Content-Type") != "application/problem+json" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %d, want %d; %s %v", name, status, want, header.Get("Content-Type"), err)
	}
	if strings.Contains(got, canary) || strings.Contains(got, "example/") {
		t.Errorf("%s: the input comes back: %s", name, got)
	}
	if (header.Get("WWW-Authenticate") != "") != (want == 401) {
		t.Errorf("%s: WWW-Authenticate %q", name, header.Get("WWW-Authenticate"))
	}
}

// tokens are the words that are not taken, each with one fault.
func (w *world) tokens(t *testing.T, path string) map[string]string {
	t.Helper()
	k := w.keys[loud]
	with := func(change func(head, claims object)) string {
		h, c := object{"alg": "ES384", "typ": "JWT", "kid": "e"}, w.claims(loud, path)
		change(h, c)
		return k.sign(t, h, c)
	}
	claim := func(name string, value any) string { return with(func(_, c object) { c[name] = value }) }
	without := func(name string) string { return with(func(_, c object) { delete(c, name) }) }
	now := today.Unix() + w.now.Load()
	good := w.token(t, loud, path)
	parts := strings.Split(good, ".")
	return map[string]string{
		"none at all":                  "",
		"no token":                     "x",
		"two parts":                    parts[0] + "." + parts[1],
		"four parts":                   good + ".x",
		"no signature":                 parts[0] + "." + parts[1] + ".",
		"a signature cut short":        good[:len(good)-8],
		"another spelling of its head": parts[0] + "=." + parts[1] + "." + parts[2],
		"a head that is no object":     b64([]byte(`[]`)) + "." + parts[1] + "." + parts[2],
		"alg none":                     with(func(h, _ object) { h["alg"] = "none" }),
		"alg None with a signature":    b64([]byte(`{"alg":"None","kid":"e"}`)) + "." + parts[1] + "." + parts[2],
		"alg HS384 by the public key":  with(func(h, _ object) { h["alg"] = "HS384" }),
		"alg HS256":                    b64([]byte(`{"alg":"HS256","kid":"e"}`)) + "." + parts[1] + "." + parts[2],
		"alg ES256":                    b64([]byte(`{"alg":"ES256","kid":"e"}`)) + "." + parts[1] + "." + parts[2],
		"RS384 said, ES384 signed":     b64([]byte(`{"alg":"RS384","kid":"r"}`)) + "." + parts[1] + "." + parts[2],
		"the other key named":          with(func(h, _ object) { h["kid"] = "r" }),
		"an unknown key named":         with(func(h, _ object) { h["kid"] = "x" }),
		"no key named":                 with(func(h, _ object) { delete(h, "kid") }),
		"its own key brought":          newKeys(t).sign(t, object{"alg": "ES384", "kid": "e", "jwk": object{"kty": "EC"}}, w.claims(loud, path)),
		"crit":                         with(func(h, _ object) { h["crit"] = []string{"b64"}; h["b64"] = false }),
		"claims changed after":         parts[0] + "." + b64([]byte(strings.Replace(string(must(json.Marshal(w.claims(loud, path)))(t)), canary, "other", 1))) + "." + parts[2],
		"of a stranger":                newKeys(t).sign(t, head, w.claims("https://stranger.example/", path)),
		"signed by another client":     w.keys[quiet].sign(t, head, w.claims(loud, path)),
		"in another's name":            claim("iss", quiet),
		"an issuer without its slash":  claim("iss", strings.TrimSuffix(loud, "/")),
		"no issuer":                    without("iss"),
		"for another address":          claim("aud", public+cdshooks.Base),
		"for the other call":           claim("aud", public+map[string]string{cdshooks.ServicePath: cdshooks.FeedbackPath, cdshooks.FeedbackPath: cdshooks.ServicePath}[path]),
		"for the installation":         claim("aud", public),
		"for another host":             claim("aud", "https://other.example"+path),
		"for two":                      claim("aud", []string{public + path, "https://other.example"}),
		"for nobody":                   without("aud"),
		"expired":                      with(func(_, c object) { c["iat"], c["exp"] = now-300, now }),
		"without an end":               without("exp"),
		"with an end in words":         claim("exp", "tomorrow"),
		"that lives too long":          claim("exp", now+301),
		"without a beginning":          without("iat"),
		"of the future":                with(func(_, c object) { c["iat"], c["exp"] = now+60, now+120 }),
		"not before later":             claim("nbf", now+60),
		"that ends before it begins":   with(func(_, c object) { c["iat"], c["exp"] = now+20, now+10 }),
		"without a name":               without("jti"),
		"with an empty name":           claim("jti", ""),
		"with a long name":             claim("jti", strings.Repeat("x", 256)),
		"with a number for a name":     claim("jti", 7),
	}
}

func TestATokenWithAFaultIsNotTaken(t *testing.T) {
	t.Parallel()
	w := serve(t)
	for path, body := range map[string]string{cdshooks.ServicePath: fmt.Sprintf(view, "https://loud.example/fhir"), cdshooks.FeedbackPath: told} {
		for name, token := range w.tokens(t, path) {
			w.refusal(t, name, "POST", path, token, "application/json", body, 401)
		}
		if status, _, _ := w.do(t, "POST", path, w.token(t, loud, path), "application/json", body); status != 200 {
			t.Errorf("%s: the sound one: %d", path, status)
		}
	}
	if w.logged.Len() > 0 {
		t.Errorf("something was logged: %s", &w.logged)
	}
}

// A token opens one call. It stays used for as long as it would count, whatever came of the call, also in another spelling.
func TestATokenIsTakenOnce(t *testing.T) {
	t.Parallel()
	w := serve(t)
	body := fmt.Sprintf(view, "https://loud.example/fhir")
	once := func(token, body string, want int) {
		t.Helper()
		if status, _, _ := w.do(t, "POST", cdshooks.ServicePath, token, "application/json", body); status != want {
			t.Errorf("%d, want %d", status, want)
		}
	}
	token := w.token(t, loud, cdshooks.ServicePath)
	once(token, body, 200)
	once(token, body, 401)
	w.now.Store(299)
	once(token, body, 401)
	w.now.Store(300)
	once(token, body, 401) // expired now

	claims := w.claims(loud, cdshooks.ServicePath)
	once(w.keys[loud].sign(t, head, claims), `{`, 400)
	claims["exp"] = claims["exp"].(int64) - 1
	once(w.keys[loud].sign(t, head, claims), body, 401) // another token with the name of that one
	claims["iss"] = quiet
	once(w.keys[quiet].sign(t, head, claims), `{`, 400) // names belong to their client
}

// The memory is bounded for each client: one that uses up its share waits, the other does not, and time makes room.
func TestTheMemoryOfTokensIsBounded(t *testing.T) {
	t.Parallel()
	m := cdshooks.NewMemory([]cdshooks.Client{{Issuer: loud}, {Issuer: quiet}})
	now := today
	for i := range cdshooks.MostTokens {
		if err := m.Take(loud, fmt.Sprint(i), now, now.Add(5*time.Minute)); err != nil {
			t.Fatal(i, err)
		}
	}
	if m.Take(loud, "one more", now, now.Add(5*time.Minute)) == nil {
		t.Error("there is no bound")
	}
	if m.Take(loud, "0", now, now.Add(5*time.Minute)) == nil {
		t.Error("a used one is taken where there is no room")
	}
	if err := m.Take(quiet, "0", now, now.Add(time.Minute)); err != nil {
		t.Errorf("the other client waits, too: %v", err)
	}
	now = now.Add(5 * time.Minute)
	if err := m.Take(loud, "one more", now, now.Add(5*time.Minute)); err != nil {
		t.Errorf("time makes no room: %v", err)
	}
}

// views are calls with one fault each.
func views() map[string][3]string {
	replace := func(old, new string) [3]string { return [3]string{old, new, ""} }
	return map[string][3]string{
		"another hook":                  replace(`"patient-view"`, `"order-sign"`),
		"no hook":                       replace(`"hook":"patient-view",`, ``),
		"a hook that is a list":         replace(`"patient-view"`, `["patient-view"]`),
		"no instance":                   replace(`"hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",`, ``),
		"an instance that is none":      replace(`d1577c69-dfbe-44ad-ba6d-3e05e953b2ea`, `Canary`),
		"an instance too short":         replace(`d1577c69-dfbe-44ad-ba6d-3e05e953b2ea`, `d1577c69-dfbe-44ad-ba6d-3e05e953b2e`),
		"an instance in braces":         replace(`d1577c69-dfbe-44ad-ba6d-3e05e953b2ea`, `{d1577c69-dfbe-44ad-ba6d-3e05e953b2ea}`),
		"an instance with a line end":   replace(`d1577c69-dfbe-44ad-ba6d-3e05e953b2ea`, `d1577c69-dfbe-44ad-ba6d-3e05e953b2ea\n`),
		"a number for an instance":      replace(`"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"`, `7`),
		"a server that is a number":     replace(`"https://loud.example/fhir"`, `7`),
		"an access without its server":  replace(`"fhirServer":"https://loud.example/fhir",`, ``),
		"an access that is a word":      replace(`"fhirAuthorization":{`, `"fhirAuthorization":"Canary","extension":{`),
		"no context":                    replace(`"context":`, `"extension":`),
		"a context that is a list":      replace(`"context":{"userId":"Practitioner/Canary","patientId":"Canary","encounterId":"Canary"}`, `"context":["Canary"]`),
		"no patient":                    replace(`"patientId":"Canary",`, ``),
		"a patient that is an address":  replace(`"patientId":"Canary"`, `"patientId":"https://loud.example/Canary"`),
		"a patient that is a number":    replace(`"patientId":"Canary"`, `"patientId":7`),
		"no user":                       replace(`"userId":"Practitioner/Canary",`, ``),
		"a user of no kind":             replace(`Practitioner/Canary`, `Canary`),
		"a user of another kind":        replace(`Practitioner/Canary`, `Device/Canary`),
		"a user whose kind only begins": replace(`Practitioner/Canary`, `Practitioners/Canary`),
		"an unknown member of context":  replace(`"encounterId"`, `"encounter"`),
		"an unknown member":             replace(`"extension"`, `"extensions"`),
		"a member in other letter case": replace(`"hook":`, `"Hook":`),
		"a member twice":                replace(`"hook":`, `"hook":"patient-view","hook":`),
		"a member twice below":          replace(`"patientId":`, `"patientId":"Canary","patientId":`),
		"the record of the patient":     replace(`"extension":{`, `"prefetch":{"patient":{"resourceType":"Patient","id":"Canary"}},"extension":{`),
		"an extension that is a word":   replace(`"extension":{"example.canary":"Canary"}`, `"extension":"Canary"`),
		"null":                          replace(`"encounterId":"Canary"`, `"encounterId":null`),
		"an empty member":               replace(`"encounterId":"Canary"`, `"encounterId":""`),
		"a second value":                replace(`"Canary"}}`, `"Canary"}} {}`),
		"no JSON":                       replace(`{"hook"`, `{hook`),
		"depth":                         replace(`"example.canary":"Canary"`, `"x":`+strings.Repeat(`{"x":`, 40)+`1`+strings.Repeat(`}`, 40)),
		"many members": replace(`"example.canary":"Canary"`, func() string {
			var s []string
			for i := range 40 {
				s = append(s, fmt.Sprintf(`"x%d":1`, i))
			}
			return strings.Join(s, ",")
		}()),
		"half a character": replace(`"example.canary":"Canary"`, `"x":"\ud800"`),
	}
}

func tellings() map[string][3]string {
	replace := func(old, new string) [3]string { return [3]string{old, new, ""} }
	return map[string][3]string{
		"no list":                     replace(`"feedback":[`, `"feedbacks":[`),
		"an object for a list":        replace(`{"feedback":[`, `{"feedback":{"a":[`),
		"another card":                replace(`7b1f0c7e`, `7b1f0c7f`),
		"no card":                     replace(`"card":"7b1f0c7e-9b1a-4a57-8f3e-2c53a1d0b6c4",`, ``),
		"another outcome":             replace(`overridden`, `ignored`),
		"no outcome":                  replace(`"outcome":"overridden",`, ``),
		"accepted without what":       replace(`overridden`, `accepted`),
		"no time":                     replace(`"outcomeTimestamp":"2026-11-25T09:00:00Z",`, ``),
		"a time that is none":         replace(`2026-11-25T09:00:00Z`, `Canary`),
		"a time of another zone":      replace(`09:00:00Z`, `09:00:00+01:00`),
		"a reason in words alone":     replace(`"overrideReason":{`, `"overrideReason":"Canary","extension":{`),
		"an unknown member":           replace(`"overrideReason"`, `"patient"`),
		"a card twice":                replace(`"card":`, `"card":"7b1f0c7e-9b1a-4a57-8f3e-2c53a1d0b6c4","card":`),
		"a member beside the list":    replace(`{"feedback"`, `{"patient":"Canary","feedback"`),
		"no feedback in it":           replace(`[{"card":"7b1f0c7e-9b1a-4a57-8f3e-2c53a1d0b6c4"`, `["Canary",{"card":"7b1f0c7e-9b1a-4a57-8f3e-2c53a1d0b6c4"`),
		"depth":                       replace(`"userComment":"Canary"`, `"x":`+strings.Repeat(`[`, 40)+`1`+strings.Repeat(`]`, 40)),
		"something that is no object": replace(`{"feedback":`, `["feedback",`),
	}
}

func broken(t *testing.T, sound string, c [3]string) string {
	t.Helper()
	out := strings.Replace(sound, c[0], c[1], 1)
	if out == sound {
		t.Fatalf("%q is not there to be broken", c[0])
	}
	return out
}

func TestACallWithAFaultIsRefused(t *testing.T) {
	t.Parallel()
	w := serve(t)
	call := fmt.Sprintf(view, "https://loud.example/fhir")
	for name, c := range views() {
		w.refusal(t, name, "POST", cdshooks.ServicePath, w.token(t, loud, cdshooks.ServicePath), "application/json", broken(t, call, c), 400)
	}
	for name, c := range tellings() {
		w.refusal(t, name, "POST", cdshooks.FeedbackPath, w.token(t, loud, cdshooks.FeedbackPath), "application/json", broken(t, told, c), 400)
	}
	for _, c := range []struct {
		name, method, path, media, body string
		status                          int
	}{
		{"another client's server", "POST", cdshooks.ServicePath, "application/json", fmt.Sprintf(view, "https://quiet.example/fhir"), 403},
		{"nobody's server", "POST", cdshooks.ServicePath, "application/json", fmt.Sprintf(view, "https://other.example/Canary"), 403},
		{"its server by another spelling", "POST", cdshooks.ServicePath, "application/json", fmt.Sprintf(view, "https://loud.example/fhir/"), 403},
		{"nothing", "POST", cdshooks.ServicePath, "application/json", "", 400},
		{"a form", "POST", cdshooks.ServicePath, "application/x-www-form-urlencoded", call, 415},
		{"text", "POST", cdshooks.FeedbackPath, "text/plain", told, 415},
		{"no media type", "POST", cdshooks.ServicePath, "", call, 415},
		{"another charset", "POST", cdshooks.ServicePath, "application/json; charset=latin1", call, 415},
		{"too large", "POST", cdshooks.ServicePath, "application/json", strings.Repeat("x", 64<<10+1), 413},
		{"feedback too large", "POST", cdshooks.FeedbackPath, "application/json", strings.Repeat("x", 64<<10+1), 413},
		{"another service", "POST", cdshooks.Base + "/other", "application/json", call, 404},
		{"a service by GET", "GET", cdshooks.ServicePath, "", "", 405},
		{"discovery by POST", "POST", cdshooks.Base, "application/json", call, 405},
		{"discovery for a query", "DELETE", cdshooks.Base, "", "", 405},
	} {
		w.refusal(t, c.name, c.method, c.path, w.token(t, loud, c.path), c.media, c.body, c.status)
	}
	if w.logged.Len() > 0 {
		t.Errorf("something was logged: %s", &w.logged)
	}
}

// The list is the operator's. All that is wrong with it is said at once, and no word of it.
func TestAListOfClientsWithFaultsIsRefused(t *testing.T) {
	t.Parallel()
	all := map[string]keys{loud: newKeys(t), quiet: newKeys(t)}
	sound := string(list(t, all))
	for name, c := range map[string][2]string{
		"an issuer that is none":  {`"issuer":"https://loud.example/"`, `"issuer":"Canary"`},
		"an issuer twice":         {`"issuer":"https://quiet.example/"`, `"issuer":"https://loud.example/"`},
		"no issuer":               {`"issuer":"https://loud.example/",`, ``},
		"an issuer with a query":  {`"issuer":"https://loud.example/"`, `"issuer":"https://loud.example/?Canary"`},
		"no keys":                 {`"keys":[`, `"key":[`},
		"a private key":           {`"crv":"P-384"`, `"crv":"P-384","d":"Canary"`},
		"a shared key":            {`"kty":"EC"`, `"kty":"oct","k":"Canary"`},
		"a key without a kid":     {`"kid":"e",`, ``},
		"two keys of one kid":     {`"kid":"r"`, `"kid":"e"`},
		"a short modulus":         {`"n":"`, `"n":"AQAB","n2":"`},
		"a curve of another name": {`P-384`, `P-256`},
		"a server that is none":   {`["https://loud.example/fhir"]`, `["Canary"]`},
		"servers that are a word": {`["https://loud.example/fhir"]`, `"Canary"`},
		"a card that is a word":   {`"card":true`, `"card":"yes"`},
		"an unknown member":       {`"card":true`, `"cards":true`},
		"a member twice":          {`"card":true`, `"card":true,"card":false`},
		"no list":                 {sound, `{"clients":"Canary"}`},
		"no JSON":                 {sound, `Canary`},
		"nothing":                 {sound, ``},
		"something after it":      {`]`, `] Canary`},
	} {
		text := strings.Replace(sound, c[0], c[1], 1)
		if name == "something after it" {
			text = sound + c[1]
		}
		if text == sound {
			t.Errorf("%s: %q is not there to be broken", name, c[0])
		}
		clients, err := cdshooks.ReadClients([]byte(text))
		if err == nil || clients != nil || strings.Contains(err.Error(), canary) || strings.Contains(err.Error(), "example") {
			t.Errorf("%s: %v", name, err)
		}
	}
	both := strings.Replace(strings.Replace(sound, loud, canary, 1), `["https://quiet.example/fhir"]`, `["x"]`, 1)
	if _, err := cdshooks.ReadClients([]byte(both)); err == nil || !strings.Contains(err.Error(), "client 1: issuer") || !strings.Contains(err.Error(), "client 2: fhirServers") {
		t.Errorf("not all faults together: %v", err)
	}
	clients, err := cdshooks.ReadClients([]byte(sound))
	if err != nil || len(clients) != 2 || clients[1].Card || !clients[0].Card || !slices.Equal(clients[1].Servers, []string{"https://quiet.example/fhir"}) {
		t.Errorf("%v %+v", err, clients)
	}
}
