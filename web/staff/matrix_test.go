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
	"waypost/web/staff/stafftest"
)

func signedIn(w *world) (all []web.Route) {
	for _, r := range w.Server.Routes() {
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
	for _, r := range w.Server.Routes() {
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
			c.leads[s.Kind] = w.Lead(s.Kind)
		}
		c.in[s] = c.leads[s.Kind].Colleague(s.Role)
	}
	return c
}

// target is a fresh member of the kind's organisation whom nobody needs afterwards.
func (c crowd) target(k people.Kind) string {
	b := c.leads[k]
	if !b.Session().Actor.Fresh() {
		b.StepUp(nil)
		b.Want(303)
	}
	m, _, err := b.People.Invite(b.T.Context(), b.Session().Actor, "Invented Target", []people.Role{people.Lead})
	stafftest.Must(b.T, err)
	return m.ID
}

// client is a fresh client of the kind's organisation, or of a practice where the kind has none.
func (c crowd) client(k people.Kind) string {
	if len(people.Scopes(k)) == 0 {
		k = people.Practice
	}
	b := c.leads[k]
	if !b.Session().Actor.Fresh() {
		b.StepUp(nil)
		b.Want(303)
	}
	got, err := b.People.RegisterClient(b.T.Context(), b.Session().Actor, "Invented System", aKeySet(b.T), people.Scopes(k))
	stafftest.Must(b.T, err)
	return got.ID
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
				b, cells := c.in[seat].Again(fresh), &cells
				for _, own := range []bool{true, false} {
					if own || strings.HasPrefix(route.Path, "/people/") || route.Path == "/clients/revoke" {
						*cells++
						knock(b, t, c, route, line.For(seat), fresh, own, &allowed)
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
func knock(b *browser, t *testing.T, c crowd, route web.Route, rule people.Ruling, fresh, own bool, allowed *int) {
	t.Helper()
	seat := b.Session().Actor
	what := fmt.Sprintf("%s %s, %s of a %s, fresh %t, own %t", route.Method, route.Path, seat.Roles(), seat.Kind(), fresh, own)
	denied := b.Denied.Load()
	got := answer{}
	if route.Method == "GET" {
		got = b.Get(route.Path)
	} else {
		home := seat.Kind()
		if !own {
			home = other(home)
		}
		form := b.Signed(nil)
		if route.Path == "/clients/revoke" {
			form.Set("id", c.client(home))
		}
		if strings.HasPrefix(route.Path, "/people/") && route.Path != "/people/invite" {
			form.Set("id", c.target(home))
			form.Set("role", string(people.Lead))
		}
		got = b.Post(route.Path, form)
	}
	gate := "open"
	switch {
	case got.Status == 403 && strings.Contains(got.Body, `data-begin="/account/step-up/begin"`):
		gate = "step-up"
	case got.Status == 403:
		gate = "never"
	case got.Status == 401 || got.Status >= 500:
		gate = fmt.Sprintf("status %d", got.Status)
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
		t.Errorf("%s: %s (%d), the policy says %s", what, gate, got.Status, want)
	}
	foreign := !own && want == "open" && route.Path != "/people/invite"
	if foreign != (got.Status == 404) && route.Path != "/account/switch" && route.Path != "/account/passkeys/revoke" {
		t.Errorf("%s: status %d", what, got.Status)
	}
	if want == "open" {
		*allowed++
	} else if route.Path != "/account/join" && b.Denied.Load() == denied {
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
	stranger := w.Browser()
	for _, r := range signedIn(w) {
		lead.Again(true)
		id := c.target(people.Practice)
		if got := stranger.Do(r.Method, r.Path, nil); got.Status != http.StatusUnauthorized {
			t.Errorf("%s %s without a session: %d", r.Method, r.Path, got.Status)
		}
		if r.Method == "GET" {
			continue
		}
		full := lead.Signed(url.Values{"id": {id}, "role": {"auditor"}, "name": {"Invented Name"}})
		for name, change := range map[string]func(url.Values) []string{
			"no token":               func(f url.Values) []string { f.Del("token"); return nil },
			"an empty token":         func(f url.Values) []string { f.Set("token", ""); return nil },
			"two tokens":             func(f url.Values) []string { f.Add("token", f.Get("token")); return nil },
			"another member's token": func(f url.Values) []string { f.Set("token", colleague.Again(false).Session().Token()); return nil },
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
			if got := lead.Do("POST", r.Path, form, change(form)...); got.Status != http.StatusForbidden {
				t.Errorf("%s with %s: %d", r.Path, name, got.Status)
			}
			if _, err := w.People.Resolve(t.Context(), lead.Cookie); err != nil {
				t.Fatalf("%s with %s ended the session", r.Path, name)
			}
		}
		if got := lead.Do("POST", r.Path, full, "Sec-Fetch-Site", "", "Origin", testURL); got.Status == http.StatusForbidden || got.Status == http.StatusUnauthorized {
			t.Errorf("%s of our own page is refused: %d", r.Path, got.Status)
		}
	}
	for _, r := range w.Server.Routes() { // the doors through which one comes in are no others' either
		if r.Policy.Name() != "entrance" || r.Method == "GET" {
			continue
		}
		for _, site := range []string{"cross-site", "same-site", ""} {
			if got := stranger.Do("POST", r.Path, url.Values{}, "Sec-Fetch-Site", site); got.Status != http.StatusForbidden {
				t.Errorf("%s from site %q: %d", r.Path, site, got.Status)
			}
		}
	}
}

// A6.
func TestASessionEndsByItself(t *testing.T) {
	w := newWorld(t)
	b := w.Lead(people.Practice)
	for range 3 {
		w.Clock.Pass(people.Idle - time.Second)
		b.Get("/account")
		b.Want(200)
	}
	w.Clock.Pass(people.Idle)
	b.Get("/account")
	b.Want(401)
	b.Again(false)
	for left := people.Absolute; left > 0; left -= 5 * time.Minute {
		b.Get("/account")
		b.Want(200)
		w.Clock.Pass(5 * time.Minute)
	}
	b.Get("/account")
	b.Want(401)
}

// A8.
func TestARoleTakenAwayIsGoneAtTheNextRequest(t *testing.T) {
	w := newWorld(t)
	lead := w.Lead(people.Practice)
	b := lead.Colleague(people.Lead)
	b.Get("/people")
	b.Want(200)
	id := b.Session().Actor.Member()
	lead.Post("/people/roles", lead.Signed(url.Values{"id": {id}, "role": {"clinician"}}))
	lead.Want(303)
	b.Get("/people")
	b.Want(401)
	b.Again(false).Get("/people")
	b.Want(403)
	lead.Post("/people/revoke", lead.Signed(url.Values{"id": {id}}))
	lead.Want(303)
	b.Get("/account")
	b.Want(401)
}

// No trail, no access: nor is anybody refused without it.
func TestARefusalThatCannotBeWrittenIsNotTold(t *testing.T) {
	w := newWorld(t)
	b := w.Lead(people.Practice).Colleague(people.Clinician)
	b.Get("/people")
	b.Want(403)
	w.Store.Deaf.Store(true)
	b.Get("/people")
	b.Want(503)
}

// A14: a member of another organisation and one that never was: the same bytes, and the same time.
func TestAForeignMemberIsNobody(t *testing.T) {
	pairs := 500
	if testing.Short() {
		pairs = 60
	}
	w := newWorld(t)
	c := crowd{leads: map[people.Kind]*browser{people.Practice: w.Lead(people.Practice), people.SafeguardingTeam: w.Lead(people.SafeguardingTeam)}}
	foreign := c.target(people.SafeguardingTeam)
	b := c.leads[people.Practice].Again(true)
	for _, path := range []string{"/people/revoke", "/people/roles", "/people/invite-again"} {
		var took [2][]time.Duration
		var said [2]answer
		for i := range 2 * pairs {
			who := (i + i/2) % 2 // neither is always the first
			id := foreign
			if who == 1 {
				fresh, err := w.Safe.NewID()
				stafftest.Must(t, err)
				id = fresh
			}
			form := b.Signed(url.Values{"id": {id}, "role": {"lead"}})
			start := time.Now()
			said[who] = b.Post(path, form)
			took[who] = append(took[who], time.Since(start))
		}
		if said[0].Status != 404 || said[0].Status != said[1].Status || said[0].Body != said[1].Body || fmt.Sprint(headersOf(said[0])) != fmt.Sprint(headersOf(said[1])) {
			t.Errorf("%s tells %d from %d", path, said[0].Status, said[1].Status)
		}
		apart := median(took[0]) - median(took[1])
		t.Logf("%s: medians %v and %v", path, median(took[0]), median(took[1]))
		if apart.Abs() > 5*time.Millisecond {
			t.Errorf("%s: medians %v apart", path, apart)
		}
	}
}

func headersOf(a answer) http.Header {
	h := a.Header.Clone()
	h.Del("Date")
	return h
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func testProvider() *people.Provider { return provider("https://provider.example") }
