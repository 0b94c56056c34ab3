package staff_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/staff"
)

func signedIn(w *world) (all []web.Route) {
	for _, r := range w.server.Routes() {
		if r.Policy.IsSignedIn() {
			all = append(all, r)
		}
	}
	return all
}

func lineOf(action string) (people.Line, bool) {
	for _, l := range people.Policy() {
		if string(l.Action) == action {
			return l, true
		}
	}
	return people.Line{}, false
}

// A13, first half: every mounted route has a policy, and that of a signed-in route is a line of the table.
func TestEveryRouteStandsInThePolicy(t *testing.T) {
	w := newWorldWith(t, testProvider(), nil)
	seen := map[string]bool{}
	for _, r := range w.server.Routes() {
		if r.Policy.Name() == "" {
			t.Errorf("%s %s has no policy", r.Method, r.Path)
		}
		if _, known := lineOf(r.Policy.Name()); r.Policy.IsSignedIn() && !known {
			t.Errorf("%s %s: %s is no action of the policy", r.Method, r.Path, r.Policy.Name())
		}
		staffPath := strings.HasPrefix(r.Path, "/account") || strings.HasPrefix(r.Path, "/people") || strings.HasPrefix(r.Path, "/clients") || r.Path == "/sign-out" || r.Path == staff.CompanyPath
		if staffPath != r.Policy.IsSignedIn() {
			t.Errorf("%s %s: signed in %t", r.Method, r.Path, r.Policy.IsSignedIn())
		}
		seen[r.Method+" "+r.Path] = true
	}
	if len(seen) < 30 {
		t.Errorf("%d routes only", len(seen))
	}
}

// crowd is an invented organisation of every kind, and in it somebody in every seat.
type crowd struct {
	leads map[people.Kind]*browser
	in    map[people.Seat]*browser
}

func newCrowd(w *world) crowd {
	c := crowd{map[people.Kind]*browser{}, map[people.Seat]*browser{}}
	for _, s := range people.Seats() {
		if !s.ForPeople() {
			continue // TestNoClientHasASession
		}
		if c.leads[s.Kind] == nil {
			c.leads[s.Kind] = w.lead(s.Kind)
		}
		c.in[s] = c.leads[s.Kind].colleague(s.Role)
	}
	return c
}

// target is a fresh member of the kind's organisation whom nobody needs afterwards.
func (c crowd) target(k people.Kind) string {
	b := c.leads[k]
	if !b.session().Actor.Fresh() {
		b.stepUp(nil)
		b.want(303)
	}
	m, _, err := b.w.people.Invite(b.w.t.Context(), b.session().Actor, "Invented Target", []people.Role{people.Lead})
	must(b.w.t, err)
	return m.ID
}

// client is a fresh client of the kind's organisation, or of a practice where the kind has none.
func (c crowd) client(k people.Kind) string {
	if len(people.Scopes(k)) == 0 {
		k = people.Practice
	}
	b := c.leads[k]
	if !b.session().Actor.Fresh() {
		b.stepUp(nil)
		b.want(303)
	}
	got, err := b.w.people.RegisterClient(b.w.t.Context(), b.session().Actor, "Invented System", aKeySet(b.w.t), people.Scopes(k))
	must(b.w.t, err)
	return got.ID
}

// again is the member in a new session, fresh after a step-up if wanted.
func (b *browser) again(fresh bool) *browser {
	b.w.t.Helper()
	b.cookie = ""
	b.signIn(nil)
	b.want(303)
	if fresh {
		b.stepUp(nil)
		b.want(303)
	}
	return b
}

// A13: every seat × own or another organisation × every signed-in route and method, against the policy.
func TestEverySeatAtEveryDoor(t *testing.T) {
	w := newWorld(t)
	c := newCrowd(w)
	cells, allowed := 0, 0
	for _, route := range signedIn(w) {
		line, _ := lineOf(route.Policy.Name())
		for seat := range c.in {
			for _, fresh := range []bool{false, true} {
				b, cells := c.in[seat].again(fresh), &cells
				for _, own := range []bool{true, false} {
					if own || strings.HasPrefix(route.Path, "/people/") || route.Path == "/clients/revoke" {
						*cells++
						b.knock(t, c, route, line.For(seat), fresh, own, &allowed)
					}
				}
			}
		}
	}
	t.Logf("%d cells, %d of them open", cells, allowed)
	if cells < 480 || allowed < 200 {
		t.Errorf("%d cells, %d open: that is not the matrix", cells, allowed)
	}
}

// knock tries one door and judges what the gate did.
func (b *browser) knock(t *testing.T, c crowd, route web.Route, rule people.Ruling, fresh, own bool, allowed *int) {
	t.Helper()
	seat := b.session().Actor
	what := fmt.Sprintf("%s %s, %s of a %s, fresh %t, own %t", route.Method, route.Path, seat.Roles(), seat.Kind(), fresh, own)
	denied := b.w.noted.denied.Load()
	got := answer{}
	if route.Method == "GET" {
		got = b.get(route.Path)
	} else {
		home := seat.Kind()
		if !own {
			home = other(home)
		}
		form := b.signed(nil)
		if route.Path == "/clients/revoke" {
			form.Set("id", c.client(home))
		}
		if strings.HasPrefix(route.Path, "/people/") && route.Path != "/people/invite" {
			form.Set("id", c.target(home))
			form.Set("role", string(people.Lead))
		}
		got = b.post(route.Path, form)
	}
	gate := "open"
	switch {
	case got.status == 403 && strings.Contains(got.body, `data-begin="/account/step-up/begin"`):
		gate = "step-up"
	case got.status == 403:
		gate = "never"
	case got.status == 401 || got.status >= 500:
		gate = fmt.Sprintf("status %d", got.status)
	}
	want := "open"
	switch {
	case rule == people.Never:
		want = "never"
	case rule == people.StepUp && !fresh:
		want = "step-up"
	}
	// Joining takes a step-up by itself, whatever the policy of changing organisations says.
	if route.Path == "/account/join" && !fresh {
		want = "step-up"
	}
	if gate != want {
		t.Errorf("%s: %s (%d), the policy says %s", what, gate, got.status, want)
	}
	foreign := !own && want == "open" && route.Path != "/people/invite"
	if foreign != (got.status == 404) && route.Path != "/account/switch" && route.Path != "/account/passkeys/revoke" {
		t.Errorf("%s: status %d", what, got.status)
	}
	if want == "open" {
		*allowed++
	} else if route.Path != "/account/join" && b.w.noted.denied.Load() == denied {
		t.Errorf("%s: the refusal is not in the trail", what)
	}
}

func other(k people.Kind) people.Kind {
	if k == people.Practice {
		return people.SafeguardingTeam
	}
	return people.Practice
}

// Every signed-in route refuses whoever has no session, and every one that changes something whoever cannot show that the
// form is the session's own (A20): no token, another's, one of the session before, another site, and no word of the site.
func TestEveryDoorAsksForSessionTokenAndSite(t *testing.T) {
	w := newWorld(t)
	c := newCrowd(w)
	lead, colleague := c.leads[people.Practice], c.in[people.Seat{Kind: people.Practice, Role: people.Lead}]
	stranger := w.browser()
	for _, r := range signedIn(w) {
		lead.again(true)
		id := c.target(people.Practice)
		if got := stranger.do(r.Method, r.Path, nil); got.status != http.StatusUnauthorized {
			t.Errorf("%s %s without a session: %d", r.Method, r.Path, got.status)
		}
		if r.Method == "GET" {
			continue
		}
		full := lead.signed(url.Values{"id": {id}, "role": {"auditor"}, "name": {"Invented Name"}})
		for name, change := range map[string]func(url.Values) []string{
			"no token":               func(f url.Values) []string { f.Del("token"); return nil },
			"an empty token":         func(f url.Values) []string { f.Set("token", ""); return nil },
			"two tokens":             func(f url.Values) []string { f.Add("token", f.Get("token")); return nil },
			"another member's token": func(f url.Values) []string { f.Set("token", colleague.again(false).session().Token()); return nil },
			"no token and no member": func(f url.Values) []string { f.Del("token"); f.Del("member"); return nil },
			"another site":           func(url.Values) []string { return []string{"Sec-Fetch-Site", "cross-site"} },
			"a sister site":          func(url.Values) []string { return []string{"Sec-Fetch-Site", "same-site"} },
			"no word of the site":    func(url.Values) []string { return []string{"Sec-Fetch-Site", ""} },
			"another origin":         func(url.Values) []string { return []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"} },
		} {
			form := url.Values{}
			for k, v := range full {
				form[k] = slices.Clone(v)
			}
			if got := lead.do("POST", r.Path, form, change(form)...); got.status != http.StatusForbidden {
				t.Errorf("%s with %s: %d", r.Path, name, got.status)
			}
			if _, err := w.people.Resolve(t.Context(), lead.cookie); err != nil {
				t.Fatalf("%s with %s ended the session", r.Path, name)
			}
		}
		if got := lead.do("POST", r.Path, full, "Sec-Fetch-Site", "", "Origin", testURL); got.status == http.StatusForbidden || got.status == http.StatusUnauthorized {
			t.Errorf("%s of our own page is refused: %d", r.Path, got.status)
		}
	}
	for _, r := range w.server.Routes() { // the doors through which one comes in are no others' either
		if r.Policy.Name() != "entrance" || r.Method == "GET" {
			continue
		}
		for _, site := range []string{"cross-site", "same-site", ""} {
			if got := stranger.do("POST", r.Path, url.Values{}, "Sec-Fetch-Site", site); got.status != http.StatusForbidden {
				t.Errorf("%s from site %q: %d", r.Path, site, got.status)
			}
		}
	}
}

// A6.
func TestASessionEndsByItself(t *testing.T) {
	w := newWorld(t)
	b := w.lead(people.Practice)
	for range 3 {
		w.clock.pass(people.Idle - time.Second)
		b.get("/account")
		b.want(200)
	}
	w.clock.pass(people.Idle)
	b.get("/account")
	b.want(401)
	b.again(false)
	for left := people.Absolute; left > 0; left -= 5 * time.Minute {
		b.get("/account")
		b.want(200)
		w.clock.pass(5 * time.Minute)
	}
	b.get("/account")
	b.want(401)
}

// A8.
func TestARoleTakenAwayIsGoneAtTheNextRequest(t *testing.T) {
	w := newWorld(t)
	lead := w.lead(people.Practice)
	b := lead.colleague(people.Lead)
	b.get("/people")
	b.want(200)
	id := b.session().Actor.Member()
	lead.post("/people/roles", lead.signed(url.Values{"id": {id}, "role": {"clinician"}}))
	lead.want(303)
	b.get("/people")
	b.want(401)
	b.again(false).get("/people")
	b.want(403)
	lead.post("/people/revoke", lead.signed(url.Values{"id": {id}}))
	lead.want(303)
	b.get("/account")
	b.want(401)
}

// No trail, no access: nor is anybody refused without it.
func TestARefusalThatCannotBeWrittenIsNotTold(t *testing.T) {
	w := newWorld(t)
	b := w.lead(people.Practice).colleague(people.Clinician)
	b.get("/people")
	b.want(403)
	w.store.deaf.Store(true)
	b.get("/people")
	b.want(503)
}

// A14: a member of another organisation and one that never was: the same bytes, and the same time.
func TestAForeignMemberIsNobody(t *testing.T) {
	pairs := 500
	if testing.Short() {
		pairs = 60
	}
	w := newWorld(t)
	c := crowd{leads: map[people.Kind]*browser{people.Practice: w.lead(people.Practice), people.SafeguardingTeam: w.lead(people.SafeguardingTeam)}}
	foreign := c.target(people.SafeguardingTeam)
	b := c.leads[people.Practice].again(true)
	for _, path := range []string{"/people/revoke", "/people/roles", "/people/invite-again"} {
		var took [2][]time.Duration
		var said [2]answer
		for i := range 2 * pairs {
			who := (i + i/2) % 2 // neither is always the first
			id := foreign
			if who == 1 {
				fresh, err := w.safe.NewID()
				must(t, err)
				id = fresh
			}
			form := b.signed(url.Values{"id": {id}, "role": {"lead"}})
			start := time.Now()
			said[who] = b.post(path, form)
			took[who] = append(took[who], time.Since(start))
		}
		if said[0].status != 404 || said[0].status != said[1].status || said[0].body != said[1].body || fmt.Sprint(headersOf(said[0])) != fmt.Sprint(headersOf(said[1])) {
			t.Errorf("%s tells %d from %d", path, said[0].status, said[1].status)
		}
		apart := median(took[0]) - median(took[1])
		t.Logf("%s: medians %v and %v", path, median(took[0]), median(took[1]))
		if apart.Abs() > 5*time.Millisecond {
			t.Errorf("%s: medians %v apart", path, apart)
		}
	}
}

func headersOf(a answer) http.Header {
	h := a.header.Clone()
	h.Del("Date")
	return h
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func testProvider() *people.Provider { return provider("https://provider.example") }
