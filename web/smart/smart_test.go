package smart_test

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/staff/stafftest"
)

const form = "application/x-www-form-urlencoded"

// tokenForm is the request of a client that does everything right.
func (m *machine) tokenForm(scopes string) url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "scope": {scopes},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {m.word(nil)},
	}
}

func (w *world) token(f url.Values) answer {
	w.T.Helper()
	return w.do("POST", "/oauth/token", f.Encode(), "Content-Type", form)
}

func (m *machine) access(scopes string) string {
	m.w.T.Helper()
	got := m.w.token(m.tokenForm(scopes))
	var said struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.Body), &said); err != nil || got.Status != 200 || said.Token == "" {
		m.w.T.Fatalf("%d %s", got.Status, got.Body)
	}
	return said.Token
}

func TestAClientFindsTheEndpointAndGetsAToken(t *testing.T) {
	w := newWorld(t)
	m := w.client(people.ReceivingService)
	got := w.do("GET", "/fhir/R4/.well-known/smart-configuration", "")
	var found struct {
		Endpoint     string   `json:"token_endpoint"`
		Grants       []string `json:"grant_types_supported"`
		Methods      []string `json:"token_endpoint_auth_methods_supported"`
		Algorithms   []string `json:"token_endpoint_auth_signing_alg_values_supported"`
		Scopes       []string `json:"scopes_supported"`
		Capabilities []string `json:"capabilities"`
	}
	stafftest.Must(t, json.Unmarshal([]byte(got.Body), &found))
	if got.Status != 200 || got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Access-Control-Allow-Origin") != "*" ||
		found.Endpoint != testURL+"/oauth/token" || !slices.Equal(found.Grants, []string{"client_credentials"}) || !slices.Equal(found.Methods, []string{"private_key_jwt"}) ||
		!slices.Equal(found.Algorithms, []string{"RS384", "ES384"}) || !slices.Equal(found.Capabilities, []string{"client-confidential-asymmetric", "permission-v2"}) ||
		!slices.Contains(found.Scopes, "system/Task.rus") || !slices.Contains(found.Scopes, "system/ServiceRequest.cr") {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	f := m.tokenForm("system/Task.rus")
	f.Set("client_id", m.Public())       // some libraries say it twice
	f.Set("resource", "https://canary/") // and what is not known is ignored
	got = w.token(f)
	var said struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Seconds int    `json:"expires_in"`
		Scope   string `json:"scope"`
	}
	stafftest.Must(t, json.Unmarshal([]byte(got.Body), &said))
	if got.Status != 200 || said.Type != "bearer" || said.Seconds != 300 || said.Scope != "system/Task.rus" || len(said.Token) != 43 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("Access-Control-Allow-Origin") != "" || len(got.Header.Values("Set-Cookie")) > 0 {
		t.Errorf("headers %v", got.Header)
	}
	if got := w.do("GET", "/test/task", "", "Authorization", "Bearer "+said.Token); got.Status != 200 || got.Body != m.ID {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// RFC 6749, 5.2. Nothing that was sent is in the answer.
func TestTheEndpointRefusesInTheWordsOfTheStandard(t *testing.T) {
	w := newWorld(t)
	m := w.client(people.ReceivingService)
	with := func(change ...string) url.Values {
		f := m.tokenForm("system/Task.r")
		for i := 0; i+1 < len(change); i += 2 {
			if f.Set(change[i], change[i+1]); change[i+1] == "" {
				f.Del(change[i])
			}
		}
		return f
	}
	twice := with()
	twice.Add("client_assertion", "canary")
	for name, c := range map[string]struct {
		form   url.Values
		status int
		word   string
	}{
		"no grant":               {with("grant_type", ""), 400, "invalid_request"},
		"another grant":          {with("grant_type", "canary"), 400, "unsupported_grant_type"},
		"a code":                 {with("grant_type", "authorization_code"), 400, "unsupported_grant_type"},
		"another assertion type": {with("client_assertion_type", "canary"), 400, "invalid_request"},
		"two assertions":         {twice, 400, "invalid_request"},
		"no assertion":           {with("client_assertion", ""), 401, "invalid_client"},
		"garbage":                {with("client_assertion", "canary"), 401, "invalid_client"},
		"a secret instead":       {with("client_assertion", "", "client_assertion_type", "", "client_id", m.Public(), "client_secret", "canary"), 401, "invalid_client"},
		"an assertion of 9 kB":   {with("client_assertion", strings.Repeat("canary", 1500)), 401, "invalid_client"},
		"an assertion of 20 kB":  {with("client_assertion", strings.Repeat("canary", 3500)), 400, "invalid_request"},
		"another client_id":      {with("client_id", "canary"), 401, "invalid_client"},
		"no scope":               {with("scope", ""), 400, "invalid_scope"},
		"a scope not held":       {with("scope", "system/AuditEvent.rs"), 400, "invalid_scope"},
		"a wildcard":             {with("scope", "system/*.rs"), 400, "invalid_scope"},
		"a canary as scope":      {with("scope", "canary"), 400, "invalid_scope"},
	} {
		got := w.token(c.form)
		if got.Status != c.status || got.Body != `{"error":"`+c.word+`"}` || got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s %v", name, got.Status, got.Body, got.Header)
		}
	}
	good := m.tokenForm("system/Task.r").Encode()
	for name, got := range map[string]answer{
		"as JSON":         w.do("POST", "/oauth/token", good, "Content-Type", "application/json"),
		"no media type":   w.do("POST", "/oauth/token", good),
		"packed":          w.do("POST", "/oauth/token", good, "Content-Type", form, "Content-Encoding", "gzip"),
		"half an escape":  w.do("POST", "/oauth/token", "grant_type=%", "Content-Type", form),
		"600 fields":      w.do("POST", "/oauth/token", strings.Repeat("a=b&", 600), "Content-Type", form),
		"another site":    w.do("POST", "/oauth/token", good, "Content-Type", form, "Sec-Fetch-Site", "cross-site"),
		"a GET":           w.do("GET", "/oauth/token?"+good, ""),
		"a body too long": w.do("POST", "/oauth/token", strings.Repeat("a", 70<<10), "Content-Type", form),
	} {
		if got.Status < 400 || got.Status >= 500 || got.Body != `{"error":"invalid_request"}` {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if strings.Contains(w.Log.String(), "canary") {
		t.Error("a canary is in the log")
	}
}

// web.Machine: a token in the header, and nothing else, opens the door.
func TestATokenAndNothingElseOpensADoorForMachines(t *testing.T) {
	w := newWorld(t)
	m := w.client(people.ReceivingService)
	token := m.access("system/Task.r")
	cookie := w.leads[people.ReceivingService].Reveal()
	for name, c := range map[string]struct {
		headers   []string
		status    int
		challenge string
	}{
		"nothing":                  {nil, 401, "Bearer"},
		"a cookie":                 {[]string{"Cookie", "__Host-s=" + cookie}, 401, "Bearer"},
		"the token as a cookie":    {[]string{"Cookie", "__Host-s=" + token}, 401, "Bearer"},
		"another scheme":           {[]string{"Authorization", "Basic " + token}, 401, "Bearer"},
		"no scheme":                {[]string{"Authorization", token}, 401, "Bearer"},
		"a session as a token":     {[]string{"Authorization", "Bearer " + cookie}, 401, `Bearer error="invalid_token"`},
		"half a token":             {[]string{"Authorization", "Bearer " + token[:20]}, 401, `Bearer error="invalid_token"`},
		"more than a token":        {[]string{"Authorization", "Bearer " + token + " x"}, 401, `Bearer error="invalid_token"`},
		"two headers":              {[]string{"Authorization", "Bearer " + token, "Authorization", "Bearer " + token}, 401, "Bearer"},
		"the token":                {[]string{"Authorization", "Bearer " + token}, 200, ""},
		"a scheme in another case": {[]string{"Authorization", "bearer  " + token}, 200, ""},
		"a page of another site":   {[]string{"Authorization", "Bearer " + token, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 200, ""},
	} {
		got := w.do("GET", "/test/task", "", c.headers...)
		if got.Status != c.status || got.Header.Get("WWW-Authenticate") != c.challenge {
			t.Errorf("%s: %d %q", name, got.Status, got.Header.Get("WWW-Authenticate"))
		}
		if got.Header.Get("Access-Control-Allow-Origin") != "" || got.Header.Get("Cache-Control") != "no-store" || len(got.Header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s: %v", name, got.Header)
		}
	}
	if got := w.do("PUT", "/test/task", "", "Authorization", "Bearer "+token); got.Status != 403 || got.Header.Get("WWW-Authenticate") != `Bearer error="insufficient_scope"` {
		t.Errorf("without the scope: %d %v", got.Status, got.Header)
	}
	if got := w.do("PUT", "/test/task", "", "Authorization", "Bearer "+m.access("system/Task.u"), "Sec-Fetch-Site", "none"); got.Status != 200 || got.Body != m.ID {
		t.Errorf("a PUT: %d %s", got.Status, got.Body)
	}
	for _, method := range []string{"POST", "PATCH", "DELETE"} {
		if got := w.do(method, "/test/task", "", "Authorization", "Bearer "+token); got.Status != 405 {
			t.Errorf("%s: %d", method, got.Status)
		}
	}
	w.Clock.Pass(people.AccessLife)
	if got := w.do("GET", "/test/task", "", "Authorization", "Bearer "+token); got.Status != 401 {
		t.Errorf("after its time: %d", got.Status)
	}
}

func TestAnEndedClientIsOutAtTheNextRequest(t *testing.T) {
	w := newWorld(t)
	m := w.client(people.ReceivingService)
	token := m.access("system/Task.r")
	stafftest.Must(t, w.People.RevokeClient(t.Context(), w.fresh(people.ReceivingService), m.ID))
	if got := w.do("GET", "/test/task", "", "Authorization", "Bearer "+token); got.Status != 401 {
		t.Errorf("an ended client's token: %d", got.Status)
	}
	if got := w.token(m.tokenForm("system/Task.r")); got.Status != 401 || got.Body != `{"error":"invalid_client"}` {
		t.Errorf("an ended client asks: %d %s", got.Status, got.Body)
	}
}

// Every seat of a client at every door for machines, against the policy.
func TestEveryClientAtEveryDoorForMachines(t *testing.T) {
	w := newWorld(t)
	open := 0
	for _, kind := range []people.Kind{people.Practice, people.SafeguardingTeam, people.ReceivingService} {
		m := w.client(kind)
		var all []string
		for _, s := range people.Scopes(kind) {
			all = append(all, s.String())
		}
		token := m.access(strings.Join(all, " "))
		for _, r := range w.Server.Routes() {
			if !r.Policy.IsMachine() {
				continue
			}
			i := slices.IndexFunc(people.Policy(), func(l people.Line) bool { return string(l.Action) == r.Policy.Name() })
			want := people.Policy()[i].For(people.Seat{Kind: kind, Role: people.Machine}) == people.Allowed
			denied := w.denied()
			got := w.do(r.Method, r.Path, "", "Authorization", "Bearer "+token)
			if want != (got.Status == 200) || !want && (got.Status != 403 || w.denied() != denied+1) {
				t.Errorf("%s %s for a client of a %s: %d, the policy says %t", r.Method, r.Path, kind, got.Status, want)
			}
			if want {
				open++
			}
		}
	}
	if open < 7 {
		t.Errorf("%d doors open", open)
	}
}

func TestADoorForMachinesIsForNobodyElse(t *testing.T) {
	no := func(*web.Request) (people.Session, error) { return people.Session{}, people.ErrNoSession }
	handler := func(*web.Request) (web.Page, error) { return web.Page{}, nil }
	words, err := loaded()
	stafftest.Must(t, err)
	config := web.Config{PublicURL: testURL, Words: words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(web.NewLogHandler(slog.NewTextHandler(io.Discard, nil)))}
	for name, routes := range map[string][]web.Route{
		"no gate":              {{Method: "GET", Path: "/a", Policy: web.Machine(people.TaskRead, nil), Handler: handler}},
		"no action":            {{Method: "GET", Path: "/a", Policy: web.Machine("", no), Handler: handler}},
		"DELETE":               {{Method: "DELETE", Path: "/a", Policy: web.Machine(people.TaskRead, no), Handler: handler}},
		"PUT for anybody":      {{Method: "PUT", Path: "/a", Policy: web.Open(), Handler: handler}},
		"PUT for people":       {{Method: "PUT", Path: "/a", Policy: web.SignedIn(people.TaskRead, no), Handler: handler}},
		"one path, two worlds": {{Method: "GET", Path: "/a", Policy: web.OpenData(), Handler: handler}, {Method: "PUT", Path: "/a", Policy: web.Machine(people.TaskRead, no), Handler: handler}},
	} {
		if _, err := web.New(config, web.JourneyFunc(func(*web.Kit) ([]web.Route, error) { return routes, nil })); err == nil {
			t.Errorf("%s is mounted", name)
		}
	}
}

// No trail, no token.
func TestWithoutTheTrailNobodyIsLetIn(t *testing.T) {
	w := newWorld(t)
	m := w.client(people.ReceivingService)
	w.Store.Deaf.Store(true)
	if got := w.token(m.tokenForm("system/Task.r")); got.Status != 503 || got.Body != `{"error":"temporarily_unavailable"}` || got.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	w.Store.Deaf.Store(false)
	if n := w.Heard("client.token", trail.Done); n != 0 {
		t.Errorf("%d tokens in the trail", n)
	}
	if got := w.do("GET", "/nothing", ""); got.Status != http.StatusNotFound {
		t.Errorf("another path: %d", got.Status)
	}
}
