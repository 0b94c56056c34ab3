package fhir_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web/fhir"
)

// What is another's, what waits and was not acknowledged, and what never was: the same answer to the byte, whoever asks for
// what, and a denied entry for each.
func TestAnothersTaskIsNotThereAtAll(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c, id := o.offered()
	placed := c.Reference + c.Handovers[0].Reference
	none := strings.Repeat("0", 64)
	absent := o.systems["service"].ask("GET", "/Task/"+none, nil).want(t, "a Task that never was", 404)
	task := o.systems["service"].ask("GET", "/Task/"+id, nil).want(t, "theirs", 200)
	accepted := bytes.Replace(task.body, []byte(`"requested"`), []byte(`"accepted"`), 1)
	denied := o.heard(o.systems["other service"].home.ID, "packet.status", trail.Denied)
	for who, paths := range map[string][]string{
		"service":        {"/ServiceRequest/" + id, "/ServiceRequest/" + none, "/Task/" + placed, "/ServiceRequest/" + placed, "/Task/x", "/Task/" + strings.ToUpper(id), "/Task/" + none[:63], "/Task/%2e%2e"},
		"other service":  {"/Task/" + id, "/ServiceRequest/" + id, "/Task/" + placed},
		"practice":       {"/Task/" + id, "/ServiceRequest/" + id, "/Task/" + placed[:32] + none[:32], "/Task/" + none, "/ServiceRequest/" + none, "/Task/x"},
		"other practice": {"/Task/" + id, "/Task/" + placed, "/ServiceRequest/" + placed, "/ServiceRequest/" + id},
		"team":           {"/AuditEvent/" + none[:10], "/AuditEvent/01", "/AuditEvent/x", "/AuditEvent/-1", "/AuditEvent/99999"},
	} {
		for _, path := range paths {
			a := o.systems[who].ask("GET", path, nil).want(t, who+path[:6], 404)
			if !bytes.Equal(a.body, absent.body) || len(a.header) != len(absent.header) || a.header.Get("ETag") != "" {
				t.Errorf("%s, %s: another answer: %s", who, path[:6], a.body)
			}
		}
	}
	for who, path := range map[string]string{"other service": "/Task/" + id, "service": "/Task/" + none} {
		a := o.systems[who].ask("PUT", path, accepted, "If-Match", `W/"1"`).want(t, who+" answers", 404)
		if !bytes.Equal(a.body, absent.body) {
			t.Errorf("%s: another answer: %s", who, a.body)
		}
	}
	if n := o.heard(o.systems["other service"].home.ID, "packet.status", trail.Denied); n <= denied {
		t.Error("it left no denied entry")
	}
	forbidden := o.systems["practice"].ask("PUT", "/Task/"+placed, accepted, "If-Match", `W/"1"`).want(t, "whoever referred answers for the service", 403)
	for _, id := range []string{id, none, "x"} {
		if a := o.systems["practice"].ask("PUT", "/Task/"+id, accepted, "If-Match", `W/"1"`).want(t, "a practice answers", 403); !bytes.Equal(a.body, forbidden.body) {
			t.Errorf("another answer: %s", a.body)
		}
	}
	if got := must(o.desk.Read(t.Context(), o.lead, c.Reference))(t).Handovers[0].State; got != referrals.Out {
		t.Errorf("the desk has %s", got)
	}
}

// Without a token nobody is anybody; with one, only what its scopes say.
func TestATokenOpensWhatItsScopesSay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, id := o.offered()
	for _, path := range []string{"/Task", "/Task/" + id, "/ServiceRequest/" + id, "/AuditEvent", "/AuditEvent/0"} {
		a := o.send("GET", path, "", nil).want(t, path, 401)
		if a.header.Get("WWW-Authenticate") != "Bearer" || a.says(t, "issue", 0, "code") != "login" {
			t.Errorf("%s: %v", path[:6], a.header)
		}
		o.send("GET", path, strings.Repeat("x", 43), nil).want(t, path, 401)
	}
	o.send("POST", "/ServiceRequest", "", raw(t, o.referral()), "X-Request-Id", "r").want(t, "refer without a token", 401)
	o.send("PUT", "/Task/"+id, "", []byte(`{}`), "If-Match", `W/"1"`).want(t, "answer without a token", 401)
	service, practice := o.systems["service"], o.systems["practice"]
	practice.ask("POST", "/ServiceRequest", bytes.Repeat([]byte{'x'}, 64<<10+1), "X-Request-Id", "r").want(t, "a referral too large", 413)
	for _, c := range []struct {
		who             *system
		scopes          string
		method, path    string
		allowed         bool
		header, header2 string
	}{
		{service, "system/Task.r", "GET", "/Task/" + id, true, "", ""},
		{service, "system/Task.r", "GET", "/Task", false, "", ""},
		{service, "system/Task.s", "GET", "/Task", true, "", ""},
		{service, "system/Task.s", "GET", "/Task/" + id, false, "", ""},
		{service, "system/Task.rs", "PUT", "/Task/" + id, false, "If-Match", `W/"1"`},
		{service, "system/ServiceRequest.r", "GET", "/Task/" + id, false, "", ""},
		{service, "system/Task.rus", "GET", "/ServiceRequest/" + id, false, "", ""},
		{service, "system/Task.rus", "POST", "/ServiceRequest", false, "X-Request-Id", "r"},
		{service, "system/Task.rus", "GET", "/AuditEvent", false, "", ""},
		{service, "system/Task.rus", "GET", "/AuditEvent/0", false, "", ""},
		{practice, "system/ServiceRequest.r", "POST", "/ServiceRequest", false, "X-Request-Id", "r"},
		{practice, "system/ServiceRequest.cr", "GET", "/AuditEvent", false, "", ""},
		{practice, "system/ServiceRequest.c", "POST", "/ServiceRequest", true, "X-Request-Id", "r"},
	} {
		var body []byte
		switch c.method {
		case "PUT":
			body = service.ask("GET", "/Task/"+id, nil).body
		case "POST":
			body = raw(t, o.referral())
		}
		a := o.send(c.method, c.path, c.who.access(c.scopes), body, c.header, c.header2)
		if got := a.status < 300; got != c.allowed || !c.allowed && (a.status != 403 || !strings.Contains(a.header.Get("WWW-Authenticate"), "insufficient_scope")) {
			t.Errorf("%s %s with %s: %d", c.method, c.path[:5], c.scopes, a.status)
		}
	}
	if all := people.Scopes(people.ImplantCompany); len(all) != 0 {
		t.Errorf("a company's system could be given %v", all)
	}
}

// Whatever a lead can give to a system, a route asks for, and whatever a route asks for can be given.
func TestEveryScopeOnOfferIsAskedFor(t *testing.T) {
	t.Parallel()
	var offered []string
	for _, s := range people.AllScopes() {
		for _, letter := range s.Letters {
			offered = append(offered, people.Scope{Resource: s.Resource, Letters: string(letter)}.String())
		}
	}
	asked := newOffice(t).asked
	slices.Sort(offered)
	slices.Sort(asked)
	if asked = slices.Compact(asked); !slices.Equal(offered, asked) {
		t.Errorf("offered %v\nasked   %v", offered, asked)
	}
}

const reasons, outcomes = "referral.reason", "referral.outcome"

func concept(codes, code string) object {
	return object{"coding": []any{object{"system": "https://waypost.invalid/fhir/CodeSystem/" + codes, "code": code}}}
}

// What comes back may differ from what was read in three elements, by one step of the table. Everything else is refused with
// its place and never with what was sent; and then nothing has happened.
func TestATaskIsHeldToWhatMayChange(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c, id := o.offered()
	service := o.systems["service"]
	for _, x := range []struct {
		name   string
		change object
		status int
		code   string
		at     string
	}{
		{"nothing changed", object{}, 422, "business-rule", "Task.status"},
		{"no step from there", object{"status": "completed", "businessStatus": concept(outcomes, "help-began")}, 422, "business-rule", "Task.status"},
		{"a status that only a desk gives", object{"status": "cancelled"}, 422, "business-rule", "Task.status"},
		{"a status that is none", object{"status": canary}, 422, "code-invalid", "Task.status"},
		{"a status that is a number", object{"status": 1}, 400, "structure", "Task.status"},
		{"no status", object{"status": nil}, 422, "required", "Task.status"},
		{"declined without a reason", object{"status": "rejected"}, 422, "required", "Task.statusReason"},
		{"declined in one's own words", object{"status": "rejected", "statusReason": object{"text": canary}}, 422, "required", "Task.statusReason.coding"},
		{"declined with words beside the code", object{"status": "rejected", "statusReason": object{"coding": concept(reasons, "no-room")["coding"], "text": canary}}, 422, "not-supported", "Task.statusReason.text"},
		{"declined for no reason of ours", object{"status": "rejected", "statusReason": concept(reasons, canary)}, 422, "code-invalid", "Task.statusReason.coding[0]"},
		{"declined with an outcome", object{"status": "rejected", "statusReason": concept(outcomes, "help-began")}, 422, "code-invalid", "Task.statusReason.coding[0]"},
		{"declined for two reasons", object{"status": "rejected", "statusReason": object{"coding": []any{concept(reasons, "no-room")["coding"].([]any)[0], concept(reasons, "not-our-area")["coding"].([]any)[0]}}}, 422, "invariant", "Task.statusReason.coding[1]"},
		{"acknowledged with a reason", object{"status": "accepted", "statusReason": concept(reasons, "no-room")}, 422, "business-rule", "Task.statusReason"},
		{"acknowledged with an outcome", object{"status": "accepted", "businessStatus": concept(outcomes, "help-began")}, 422, "business-rule", "Task.businessStatus"},
		{"another owner", object{"status": "accepted", "owner": object{"reference": "Organization/" + canary}}, 422, "business-rule", "Task.owner"},
		{"another focus", object{"status": "accepted", "focus": object{"reference": "ServiceRequest/1"}}, 422, "business-rule", "Task.focus"},
		{"another person", object{"status": "accepted", "for": object{"display": canary}}, 422, "business-rule", "Task.for"},
		{"another id", object{"status": "accepted", "id": strings.Repeat("0", 64)}, 422, "business-rule", "Task.id"},
		{"another day", object{"status": "accepted", "authoredOn": "2026-01-01"}, 422, "business-rule", "Task.authoredOn"},
		{"another intent", object{"status": "accepted", "intent": "plan"}, 422, "business-rule", "Task.intent"},
		{"without its labels", object{"status": "accepted", "meta": object{"versionId": "1"}}, 422, "business-rule", "Task.meta"},
		{"without its focus", object{"status": "accepted", "focus": nil}, 422, "required", "Task.focus"},
		{"a note", object{"status": "accepted", "note": []any{object{"text": canary}}}, 400, "structure", "Task"},
		{"an extension", object{"status": "accepted", "extension": []any{object{"url": "x", "valueString": canary}}}, 422, "extension", "Task"},
		{"a modifier", object{"status": "accepted", "modifierExtension": []any{object{"url": "x", "valueBoolean": true}}}, 422, "extension", "Task"},
		{"another resource", object{"resourceType": "Patient"}, 422, "value", "resourceType"},
	} {
		a := service.put(id, x.change, "X-Request-Id", "r-"+rand.Text()).want(t, x.name, x.status)
		if a.says(t, "issue", 0, "code") != x.code || a.says(t, "issue", 0, "expression", 0) != x.at {
			t.Errorf("%s: %s", x.name, a.body)
		}
		if bytes.Contains(a.body, []byte("Canary")) || !bytes.Contains(a.body, []byte(`"code":"SDV"`)) {
			t.Errorf("%s: the input comes back, or the label is missing", x.name)
		}
	}
	task := service.ask("GET", "/Task/"+id, nil)
	good := bytes.Replace(task.body, []byte(`"requested"`), []byte(`"accepted"`), 1)
	for _, x := range []struct {
		name, body string
		status     int
		headers    []string
	}{
		{"no If-Match", string(good), 412, nil},
		{"If-Match for anything", string(good), 412, []string{"If-Match", "*"}},
		{"a stale version", string(good), 412, []string{"If-Match", `W/"7"`}},
		{"a strong version", string(good), 412, []string{"If-Match", `"1"`}},
		{"a form", string(good), 415, []string{"If-Match", `W/"1"`, "Content-Type", "application/x-www-form-urlencoded"}},
		{"XML", string(good), 415, []string{"If-Match", `W/"1"`, "Content-Type", "application/fhir+xml"}},
		{"no media type", string(good), 415, []string{"If-Match", `W/"1"`, "Content-Type", ""}},
		{"packed", string(good), 415, []string{"If-Match", `W/"1"`, "Content-Encoding", "gzip"}},
		{"cut off", string(good[:len(good)-3]), 400, []string{"If-Match", `W/"1"`}},
		{"twice", strings.Replace(string(good), `"status":`, `"status":"`+canary+`","status":`, 1), 400, []string{"If-Match", `W/"1"`}},
		{"a second value", string(good) + "{}", 400, []string{"If-Match", `W/"1"`}},
		{"null", strings.Replace(string(good), `"intent":"order"`, `"intent":null`, 1), 400, []string{"If-Match", `W/"1"`}},
		{"too deep", strings.Repeat(`{"a":`, 5000), 400, []string{"If-Match", `W/"1"`}},
		{"too large", strings.Repeat("x", 70000), 413, []string{"If-Match", `W/"1"`}},
		{"nothing", "", 400, []string{"If-Match", `W/"1"`}},
		{"a list", "[" + string(good) + "]", 400, []string{"If-Match", `W/"1"`}},
		{"another letter case", strings.Replace(string(good), `"status"`, `"Status"`, 1), 400, []string{"If-Match", `W/"1"`}},
	} {
		a := service.ask("PUT", "/Task/"+id, []byte(x.body), x.headers...).want(t, x.name, x.status)
		if a.says(t, "resourceType") != "OperationOutcome" || bytes.Contains(a.body, []byte("Canary")) {
			t.Errorf("%s: %s", x.name, a.body)
		}
	}
	for _, method := range []string{"POST", "DELETE", "PATCH"} {
		service.ask(method, "/Task/"+id, good).want(t, method, 405)
	}
	if h := must(o.desk.Read(t.Context(), o.lead, c.Reference))(t).Handovers[0]; h.State != referrals.Out {
		t.Errorf("something has happened: %s", h.State)
	}
	if o.Log.String() != "" {
		t.Errorf("something was logged: %s", o.Log)
	}
}

// The same request twice is one answer to the byte; another request upon the same version, or the same name with other
// content, is a conflict.
func TestARequestThatComesAgainIsAnsweredAsItWas(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c, id := o.offered()
	service := o.systems["service"]
	task := service.ask("GET", "/Task/"+id, nil)
	good := bytes.Replace(task.body, []byte(`"requested"`), []byte(`"accepted"`), 1)
	send := func(name string, body []byte) reply {
		return service.ask("PUT", "/Task/"+id, body, "If-Match", `W/"1"`, "X-Request-Id", name)
	}
	first := send("one", good).want(t, "first", 200)
	steps := len(must(o.desk.Read(t.Context(), o.lead, c.Reference))(t).Timeline)
	again := send("one", good).want(t, "again", 200)
	if !bytes.Equal(first.body, again.body) || first.header.Get("ETag") != `W/"2"` || again.header.Get("ETag") != `W/"2"` {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	send("two", good).want(t, "another request", 412)
	send("", good).want(t, "a request without a name", 412)
	send("one", bytes.Replace(good, []byte(`"accepted"`), []byte(`"in-progress"`), 1)).want(t, "another content", 412)
	if n := len(must(o.desk.Read(t.Context(), o.lead, c.Reference))(t).Timeline); n != steps {
		t.Errorf("the case has %d steps more", n-steps)
	}
	service.put(id, object{"status": "in-progress"}).want(t, "the next step", 200)
	send("one", good).want(t, "again, and late", 412)
}

// Of two systems that answer at once one does; the other is told to look again.
func TestOfTwoAnswersAtOnceOneCounts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, id := o.offered()
	service := o.systems["service"]
	task := service.ask("GET", "/Task/"+id, nil)
	token := service.access(service.scopes())
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	for i, status := range []string{"accepted", "in-progress", "accepted", "in-progress", "accepted", "in-progress"} {
		wg.Go(func() {
			body := bytes.Replace(task.body, []byte(`"requested"`), []byte(`"`+status+`"`), 1)
			a := o.send("PUT", "/Task/"+id, token, body, "If-Match", `W/"1"`, "X-Request-Id", fmt.Sprint("r", i))
			mu.Lock()
			defer mu.Unlock()
			got[a.status]++
		})
	}
	wg.Wait()
	if got[200] != 1 || got[412] != 5 {
		t.Errorf("answers: %v", got)
	}
}

// The same request sent several times at once is one answer, too.
func TestTheSameRequestAtOnceIsOneAnswer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c, id := o.offered()
	service := o.systems["service"]
	body := bytes.Replace(service.ask("GET", "/Task/"+id, nil).body, []byte(`"requested"`), []byte(`"accepted"`), 1)
	token := service.access(service.scopes())
	all := make([]reply, 24)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			all[i] = o.send("PUT", "/Task/"+id, token, body, "If-Match", `W/"1"`, "X-Request-Id", "one")
		})
	}
	wg.Wait()
	for _, a := range all {
		if a.want(t, "one of them", 200); !bytes.Equal(a.body, all[0].body) {
			t.Errorf("another answer: %s", a.body)
		}
	}
	acknowledged := 0
	for _, s := range must(o.desk.Read(t.Context(), o.lead, c.Reference))(t).Timeline {
		if s.Event == referrals.Acknowledge {
			acknowledged++
		}
	}
	if acknowledged != 1 {
		t.Errorf("the case was told %d times", acknowledged)
	}
}

// A list holds what is the asking system's, page after page, by what was asked for; whatever is not understood is refused.
func TestAListHoldsOnesOwnAndNoMore(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	service, practice := o.systems["service"], o.systems["practice"]
	ids := map[string]bool{}
	var last string
	for range 3 {
		_, last = o.offered()
		ids[last] = true
		o.Clock.Pass(time.Hour)
	}
	service.put(last, object{"status": "rejected", "statusReason": concept(reasons, "no-room")}).want(t, "decline", 200)
	count := func(who *system, query string) int {
		t.Helper()
		a := who.ask("GET", "/Task"+query, nil).want(t, query, 200)
		if a.says(t, "type") != "searchset" || !bytes.Contains(a.body, []byte(`"code":"SDV"`)) || canaries(a.body) {
			t.Errorf("%s: %s", query, a.body)
		}
		all, _ := a.says(t, "entry").([]any)
		return len(all)
	}
	own := "Organization/" + service.home.ID
	noon := url.QueryEscape(today.Add(30 * time.Minute).Format(time.RFC3339))
	for query, want := range map[string]int{
		"": 3, "?owner=" + own: 3, "?owner=Organization/" + o.systems["other service"].home.ID: 0, "?owner=Organization/nobody": 0,
		"?status=requested": 2, "?status=rejected": 1, "?status=requested,rejected": 3, "?status=completed": 0, "?status=draft": 0,
		"?_lastUpdated=ge2026-11-25": 3, "?_lastUpdated=lt2026-11-25": 0, "?_lastUpdated=ge" + noon: 2, "?_lastUpdated=lt" + noon: 1, "?_lastUpdated=ge2026&_lastUpdated=lt" + noon: 1,
		"?owner=" + own + "&status=requested&_lastUpdated=ge" + noon: 1,
	} {
		if got := count(service, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	for who, want := range map[string]int{"practice": 3, "other practice": 0, "other service": 0} {
		if got := count(o.systems[who], ""); got != want {
			t.Errorf("%s sees %d", who, got)
		}
	}
	if got := count(practice, "?status=rejected"); got != 1 {
		t.Errorf("%d of the practice's were declined", got)
	}
	if got := count(practice, "?owner=HealthcareService/"+o.helps); got != 3 {
		t.Errorf("%d went to the service", got)
	}
	for _, who := range []*system{service, practice} {
		seen, path := map[any]bool{}, "/Task?_count=1&status=requested"
		for path != "" {
			a := who.ask("GET", path, nil).want(t, "a page", 200)
			if all, _ := a.says(t, "entry").([]any); len(all) > 1 {
				t.Fatalf("a page of %d", len(all))
			}
			if id := a.says(t, "entry", 0, "resource", "id"); id != nil {
				if seen[id] {
					t.Fatal("one comes twice")
				}
				seen[id] = true
			}
			next, _ := a.says(t, "link", 0, "url").(string)
			path = strings.TrimPrefix(next, officeURL+fhir.Base)
			if next != "" && (path == next || a.says(t, "link", 0, "relation") != "next") {
				t.Fatalf("the next page is at %s", next)
			}
		}
		if len(seen) != 2 {
			t.Errorf("%d by pages", len(seen))
		}
	}
	for _, query := range []string{
		"?patient=1", "?subject=Patient/1", "?_format=json", "?_security=SDV", "?_include=Task:focus", "?owner=", "?owner=x", "?owner=Practitioner/1", "?status=" + canary,
		"?status=requested&status=accepted", "?_lastUpdated=2026", "?_lastUpdated=ap2026", "?_lastUpdated=ge" + canary, "?_lastUpdated=ge2026-13-45", "?_lastUpdated=ge2026&_lastUpdated=ge2027",
		"?_count=0", "?_count=-1", "?_count=x", "?cursor=" + canary, "?cursor=AAAA", "?cursor=%00", "?Status=requested", "?status:not=requested", "?%73tatus=requested", "?entity=Task/1",
	} {
		for _, who := range []*system{service, practice} {
			a := who.ask("GET", "/Task"+query, nil).want(t, query, 400)
			if bytes.Contains(a.body, []byte("Canary")) || a.says(t, "resourceType") != "OperationOutcome" {
				t.Errorf("%s: %s", query, a.body)
			}
		}
	}
	service.ask("GET", "/Task/"+last+"?_format=json", nil).want(t, "one with a parameter", 400)
	service.ask("GET", "/ServiceRequest/"+last+"?_security=V", nil).want(t, "one with a parameter", 400)
	service.ask("GET", "/ServiceRequest", nil).want(t, "requests are not listed", 405)
}

// Whoever reads a list by pages misses none, though one of the first page moves on before the second is asked for.
func TestAHandOverThatMovesOnHidesNoOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	service, practice := o.systems["service"], o.systems["practice"]
	first, _ := o.offered()
	o.Clock.Pass(time.Minute)
	_, second := o.offered()
	page := practice.ask("GET", "/Task?_count=1&status=requested", nil).want(t, "a page", 200)
	next, _ := page.says(t, "link", 0, "url").(string)
	service.put(second, object{"status": "accepted"}).want(t, "acknowledge", 200)
	page = practice.ask("GET", strings.TrimPrefix(next, officeURL+fhir.Base), nil).want(t, "the next page", 200)
	if got := page.says(t, "entry", 0, "resource", "id"); got != first.Reference+first.Handovers[0].Reference {
		t.Errorf("the other is not there: %v", got)
	}
}

// The trail is there for the system of a lead, as codes and ids, the newest first, and of one case alone where that is asked.
func TestALeadsSystemReadsTheTrail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	team := o.systems["team"]
	made := team.ask("POST", "/ServiceRequest", raw(t, o.referral()), "X-Request-Id", "r")
	made.want(t, "a team's system refers", 403)
	seen, path, pages := map[any]bool{}, "/AuditEvent?_count=2", 0
	for path != "" && pages < 50 {
		a := team.ask("GET", path, nil).want(t, "a page of the trail", 200)
		all, _ := a.says(t, "entry").([]any)
		for i := range all {
			id := a.says(t, "entry", i, "resource", "id")
			if seen[id] {
				t.Fatalf("%v comes twice", id)
			}
			seen[id] = true
			if a.says(t, "entry", i, "resource", "agent", 0, "who", "identifier", "value") == nil || !bytes.Contains(a.body, []byte(`"code":"R"`)) {
				t.Errorf("%s", a.body)
			}
		}
		next, _ := a.says(t, "link", 0, "url").(string)
		path = strings.TrimPrefix(next, officeURL+fhir.Base)
		pages++
	}
	if len(seen) < 4 || !seen["0"] {
		t.Errorf("%d entries, on %d pages", len(seen), pages)
	}
	one := team.ask("GET", "/AuditEvent/0", nil).want(t, "one entry", 200)
	if one.says(t, "subtype", 0, "code") != "organisation.found" || one.says(t, "outcome") != "0" || one.says(t, "action") != "C" {
		t.Errorf("the first entry: %s", one.body)
	}
	if n := o.heard(team.home.ID, string(people.AuditRead), trail.Done); n < pages {
		t.Errorf("%d of %d looks left an entry", n, pages)
	}
	c := o.ofTeam()
	about := team.ask("GET", "/AuditEvent?_count=100&entity=ServiceRequest/"+c.Reference+c.Handovers[0].Reference, nil).want(t, "about one", 200)
	all, _ := about.says(t, "entry").([]any)
	if len(all) == 0 || len(all) > 10 {
		t.Errorf("%d entries about one case", len(all))
	}
	for i := range all {
		if about.says(t, "entry", i, "resource", "entity", 0, "type", "code") != "case" {
			t.Errorf("entry %d is about something else", i)
		}
	}
	if canaries(about.body) || bytes.Contains(about.body, []byte(c.Reference)) && !bytes.Contains(about.body, []byte(`"link"`)) {
		t.Error("the trail tells")
	}
	for _, query := range []string{"?entity=x", "?entity=Patient/1", "?entity=Task/" + canary, "?cursor=-1", "?cursor=x", "?agent=1", "?date=ge2026", "?owner=Organization/x"} {
		team.ask("GET", "/AuditEvent"+query, nil).want(t, query, 400)
		team.ask("GET", "/AuditEvent/0"+query, nil).want(t, "one by "+query, 400)
	}
}

// ofTeam is a case that the lead of the team opened at their own desk.
func (o *office) ofTeam() referrals.Case {
	o.T.Helper()
	home := o.actor("team", people.Lead)
	f, _ := o.bank.Finding("going-home.not-safe")
	in := must(o.form.ReadReferral(raw(o.T, o.referral()), o.desk.Book))(o.T)
	c, faults, err := o.desk.Refer(o.T.Context(), home, referrals.Draft{
		Plan: o.steps.Make(o.bank.Assess(o.bank.Witnesses(f.When)[0])), Entries: in.Entries,
		Choices: []referrals.Choice{{Destination: "domestic-abuse", Service: o.helps, Consent: in.Consent}},
	})
	if err != nil {
		o.T.Fatal(err, len(faults))
	}
	return c
}
