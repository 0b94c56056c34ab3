package desk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/desk"
	"waypost/web/staff/stafftest"
)

// ours are the signed-in routes of this journey.
func ours(w *world) (all []web.Route) {
	for _, r := range w.Server.Routes() {
		for _, path := range []string{desk.Path, desk.PickUpPath, desk.InboxPath, "/statistics", "/audit", "/directory"} {
			if r.Policy.IsSignedIn() && (r.Path == path || strings.HasPrefix(r.Path, path+"/")) {
				all = append(all, r)
			}
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

// at is a route's path about something.
func at(route web.Route, id string) string {
	return strings.NewReplacer(":ref", id, ":id", id).Replace(route.Path)
}

// A13: every seat at every door of the desk, with its own organisation's case, with another's and with none: whoever may not
// pass the gate is refused in the trail; whoever may finds only what is theirs.
func TestEverySeatAtEveryDoorOfTheDesk(t *testing.T) {
	w := newWorld(t)
	reference := w.refer().Reference
	heads, in := map[people.Kind]*browser{people.Practice: w.lead}, map[people.Seat]*browser{}
	for _, s := range people.Seats() {
		if !s.ForPeople() {
			continue // TestNoClientHasASession
		}
		if heads[s.Kind] == nil {
			heads[s.Kind] = w.found(s.Kind)
		}
		in[s] = heads[s.Kind].Colleague(s.Role)
	}
	routes, cells, allowed := ours(w), 0, 0
	if len(routes) < 34 {
		t.Fatalf("%d routes only", len(routes))
	}
	for seat := range in {
		for _, fresh := range []bool{false, true} {
			b := in[seat].Again(fresh)
			for _, route := range routes {
				line, known := lineOf(route.Policy.Name())
				if !known {
					t.Fatalf("%s %s: no line of the policy", route.Method, route.Path)
				}
				for _, id := range []string{reference, strings.Repeat("0", 32)} {
					cells++
					form := url.Values(nil)
					if route.Method == "POST" {
						form = b.Signed(url.Values{"event": {map[bool]string{true: "acknowledge", false: "withdraw"}[strings.HasPrefix(route.Path, desk.InboxPath)]}, "rev": {"1"}})
					}
					before := w.Denied.Load()
					got := b.Do(route.Method, at(route, id), form)
					gate, want := "open", "open"
					switch {
					case got.Status == 403 && strings.Contains(got.Body, `data-begin="/account/step-up/begin"`):
						gate = "step-up"
					case got.Status == 403:
						gate = "never"
					case got.Status == 401 || got.Status >= 500:
						gate = fmt.Sprintf("status %d", got.Status)
					}
					switch rule := line.For(seat); {
					case rule == people.Never:
						want = "never"
					case rule == people.StepUp && !fresh:
						want = "step-up"
					default:
						allowed++
					}
					if gate != want {
						t.Errorf("%s %s, %s of a %s, fresh %t: %s (%d), the policy says %s", route.Method, route.Path, seat.Role, seat.Kind, fresh, gate, got.Status, want)
					}
					if want != "open" && w.Denied.Load() == before {
						t.Errorf("%s %s, %s of a %s: the refusal is not in the trail", route.Method, route.Path, seat.Role, seat.Kind)
					}
					// What is of another organisation, or was never there, is not found, whoever asks.
					about := strings.Contains(route.Path, ":")
					if foreign := id != reference || strings.HasPrefix(route.Path, "/directory") || seat.Kind != people.Practice; want == "open" && about && foreign && got.Status != 404 {
						t.Errorf("%s %s about what is not theirs, %s of a %s: %d", route.Method, route.Path, seat.Role, seat.Kind, got.Status)
					}
				}
			}
		}
	}
	t.Logf("%d routes, %d cells, %d open", len(routes), cells, allowed)
	if cells < 1600 || allowed < 400 {
		t.Errorf("%d cells, %d open: that is not the matrix", cells, allowed)
	}
}

// A20: without a session, without its token, and from another site.
func TestEveryDoorAsksForSessionTokenAndSite(t *testing.T) {
	w := newWorld(t)
	reference := w.refer().Reference
	stranger := w.browser()
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	for _, r := range ours(w) {
		b := w.lead
		if strings.HasPrefix(r.Path, "/directory") || r.Policy.Name() == string(people.DirectoryEdit) {
			b = editor
		}
		if strings.HasPrefix(r.Path, "/p") {
			b = w.receiver
		}
		path := at(r, reference)
		if got := stranger.Do(r.Method, path, nil); got.Status != http.StatusUnauthorized {
			t.Errorf("%s %s without a session: %d", r.Method, r.Path, got.Status)
		}
		if r.Method == "GET" {
			continue
		}
		full := b.Signed(nil)
		for name, change := range map[string]func(url.Values) []string{
			"no token":               func(f url.Values) []string { f.Del("token"); return nil },
			"two tokens":             func(f url.Values) []string { f.Add("token", f.Get("token")); return nil },
			"another member's token": func(f url.Values) []string { f.Set("token", w.second.Session().Token()); return nil },
			"another site":           func(url.Values) []string { return []string{"Sec-Fetch-Site", "cross-site"} },
			"no word of the site":    func(url.Values) []string { return []string{"Sec-Fetch-Site", ""} },
		} {
			form := url.Values{}
			for k, v := range full {
				form[k] = slices.Clone(v)
			}
			headers := change(form)
			if r.Path == desk.PickUpPath && headers == nil { // it comes from a page that anybody may open, and changes nothing
				continue
			}
			if got := b.Do("POST", path, form, headers...); got.Status != http.StatusForbidden {
				t.Errorf("%s with %s: %d", r.Path, name, got.Status)
			}
		}
		if got := b.Do("POST", path, full); got.Status == http.StatusUnauthorized || got.Status == http.StatusForbidden && !strings.Contains(got.Body, "step-up") {
			t.Errorf("%s of our own page is refused: %d", r.Path, got.Status)
		}
	}
}

// A14, A17: a case of another organisation, one that one is kept away from and one that never was: the same bytes in the
// same time, at every door.
func TestWhatIsNotOnesOwnNeverWas(t *testing.T) {
	w := newWorld(t)
	foreign := w.found(people.SafeguardingTeam)
	kept := w.refer()
	away := w.second.Session().Actor.Member()
	_, err := w.desk.Exclude(t.Context(), w.lead.Session().Actor, kept.Reference, kept.Rev, away, true)
	stafftest.Must(t, err)
	for who, b := range map[string]*browser{"of another organisation": foreign, "kept away": w.second} {
		b.StepUp(nil).Want(303) // what takes the key refuses nobody for want of it here
		for _, r := range ours(w) {
			line, _ := lineOf(r.Policy.Name())
			seat := people.Seat{Kind: b.Session().Actor.Kind(), Role: people.Lead}
			if !strings.Contains(r.Path, ":ref") || line.For(seat) == people.Never {
				continue
			}
			pairs := 30
			switch {
			case testing.Short():
				pairs = 10
			case r.Path == desk.CasePath+":ref": // the door at which somebody would try
				pairs = 500
			}
			b.neverWas(t, who, r, kept.Reference, url.Values{"rev": {"1"}, "event": {"accept"}, "id": {away}}, pairs)
		}
		b.Get(desk.Path)
		b.Want(200).hides(kept.Reference)
		b.StepUp(nil).Want(303)
		b.Post("/desk/break", b.Signed(url.Values{"ref": {kept.Reference}, "reason": {"danger-now"}}))
		b.Want(404)
		broken := b.Last.Body
		b.Post("/desk/break", b.Signed(url.Values{"ref": {strings.Repeat("0", 32)}, "reason": {"danger-now"}}))
		if strip(b.Last.Body, kept.Reference) != strip(broken, strings.Repeat("0", 32)) {
			t.Errorf("glass tells a case %s from none", who)
		}
	}
	if n := w.Heard("case.read", trail.Denied); n == 0 {
		t.Error("no refusal is in the trail")
	}
}

// A14 for what a service has picked up: to another service there is no such packet.
func TestAPacketOfAnotherServiceNeverWas(t *testing.T) {
	w := newWorld(t)
	token, code := w.offered(w.accepted())
	w.receiver.Post("/pick-up", url.Values{"link": {token}})
	w.receiver.send("/pick-up/packet", url.Values{"code": {code}})
	path, _, _ := strings.Cut(w.receiver.Want(303).Last.Header.Get("Location"), "?")
	w.receiver.Get(path)
	w.receiver.Want(200).says("Zephyrine")
	id, doors := strings.TrimPrefix(path, desk.InboxPath+"/"), 0
	other := w.found(people.ReceivingService).Colleague(people.Receiver)
	for _, r := range ours(w) {
		if strings.HasPrefix(r.Path, desk.InboxPath+"/:id") {
			other.neverWas(t, "of another service", r, id, url.Values{"rev": {"1"}, "event": {"acknowledge"}}, 30)
			doors++
		}
	}
	if doors != 2 {
		t.Errorf("%d doors", doors)
	}
}

// neverWas fails unless a route answers about something that is not the member's as it does about what never was: the same
// bytes in the same time.
func (b *browser) neverWas(t *testing.T, who string, r web.Route, real string, more url.Values, pairs int) {
	t.Helper()
	var took [2][]time.Duration
	var said [2]answer
	for i := range 2 * pairs {
		which := (i + i/2) % 2 // neither is always the first
		id := real
		if which == 1 {
			id = fmt.Sprintf("%0*x", len(real), i+1)
		}
		form := url.Values(nil)
		if r.Method == "POST" {
			form = b.Signed(more)
		}
		start := time.Now()
		said[which] = b.Do(r.Method, at(r, id), form)
		took[which] = append(took[which], time.Since(start))
	}
	for i := range said {
		said[i].Header.Del("Date")
	}
	if said[0].Status != 404 || said[0].Status != said[1].Status || said[0].Body != said[1].Body || fmt.Sprint(said[0].Header) != fmt.Sprint(said[1].Header) {
		t.Errorf("%s %s tells one %s (%d) from none (%d)", r.Method, r.Path, who, said[0].Status, said[1].Status)
	}
	apart := median(took[0]) - median(took[1])
	if apart.Abs() > 5*time.Millisecond {
		t.Errorf("%s %s: medians %v apart", r.Method, r.Path, apart)
	}
	t.Logf("%s, %s %s: medians %v apart over %d pairs", who, r.Method, r.Path, apart, pairs)
}

func strip(body, other string) string {
	body = memberTag.ReplaceAllString(body, "")
	return strings.ReplaceAll(strings.TrimRight(strings.ReplaceAll(body, strings.Repeat("0", 32), "REF"), "\n"), refOf(body, other), "REF")
}

// refOf is the reference that the form holds.
func refOf(body, other string) string {
	_, rest, _ := strings.Cut(body, `name="ref"`)
	_, rest, _ = strings.Cut(rest, `value="`)
	value, _, _ := strings.Cut(rest, `"`)
	if value == "" {
		return other
	}
	return value
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// A19: a form of the organisation before is no form of this one.
func TestAFormOfTheOrganisationBeforeIsRefused(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	head := w.found(people.SafeguardingTeam)
	head.StepUp(nil).Want(303)
	_, token, err := w.People.Invite(t.Context(), head.Session().Actor, "Invented Both", []people.Role{people.Lead})
	stafftest.Must(t, err)
	w.lead.Get(path)
	form := formTo(t, w.lead.Last.Body, path+"/decide", "accept", "")
	w.lead.StepUp(nil).Want(303)
	w.lead.Post("/account/join", w.lead.Signed(url.Values{"invite": {testURL + "/enrol#" + token.Reveal()}}))
	w.lead.Want(303)
	w.lead.Post(path+"/decide", form)
	w.lead.Want(403)
	w.lead.Get(path)
	w.lead.Want(404)
	w.second.Get(path)
	w.second.Want(200).says("to be reviewed")
}

// A16: a clinician who is not named on a case: reason, key, alert, an hour, a review by somebody else.
func TestBrokenGlass(t *testing.T) {
	w := newWorld(t)
	reference := w.refer().Reference
	b := w.lead.Colleague(people.Clinician).Again(false)
	own := desk.OwnPath + reference
	b.Get(own)
	b.Want(404)
	b.Get("/desk/break")
	b.Want(200)
	b.send("/desk/break", url.Values{"ref": {reference}, "reason": {"danger-now"}})
	b.Want(403) // the key first
	b.StepUp(nil).Want(303)
	b.Get("/desk/break")
	b.send("/desk/break", url.Values{"ref": {reference}})
	b.Want(404).says(reference)
	b.send("/desk/break", url.Values{"ref": {strings.ToUpper(reference[:16]) + " " + reference[16:]}, "reason": {"danger-now"}})
	b.follow().Want(200).says("Leave no voicemail")
	if w.alerts.Load() != 1 {
		t.Errorf("%d alerts", w.alerts.Load())
	}
	w.lead.Get("/desk/glass")
	w.lead.Want(200).says("Somebody may be hurt today", "Invented Colleague")
	b.Get("/desk/glass")
	b.Want(403)
	w.lead.Get(desk.CasePath + reference + "/who")
	w.lead.Want(200).says("break-glass", "Invented Colleague")
	w.lead.Get("/desk/glass")
	w.lead.send("/desk/glass", url.Values{"verdict": {"was-right"}})
	w.lead.follow().Want(200).says("Nothing waits")
	w.Clock.Pass(61 * time.Minute)
	b.Again(false).Get(own)
	b.Want(404)
}

// A17 on the page: a lead keeps a colleague away and lets them near again.
func TestAMemberIsKeptAway(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	away := w.second.Session().Actor.Member()
	exclude := func(word string) {
		w.lead.Get(path + "/away")
		w.lead.Want(200).says("Invented Colleague")
		form := w.lead.Signed(url.Values{"id": {away}, "away": {word}, "rev": {revOn(t, w.lead.Last.Body)}})
		w.lead.Post(path+"/exclude", form)
		w.lead.follow().Want(200)
	}
	w.second.Get(path)
	w.second.Want(200)
	exclude("yes")
	w.second.Get(path)
	w.second.Want(404)
	w.second.Get(desk.Path)
	w.second.Want(200).hides(strings.TrimPrefix(path, desk.CasePath))
	exclude("no")
	w.second.Get(path)
	w.second.Want(200)
	w.clinician.Get(strings.Replace(path, desk.CasePath, desk.OwnPath, 1))
	w.clinician.Want(200).says("Withdraw").hides(`value="accept"`)
	w.clinician.Get("/desk/own")
	w.clinician.Want(200).says(strings.TrimPrefix(path, desk.CasePath)).hides(secrets...)
}

func revOn(t *testing.T, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `name="rev" value="`)
	rev, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal("no revision on the page")
	}
	return rev
}

// The search of the trail: by action, by member, by day, by outcome, page by page; and it is an entry itself.
func TestTheTrailIsSearched(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	auditor := w.lead.Colleague(people.Auditor).Again(false)
	for range 120 {
		w.lead.Get(path)
		w.lead.Want(200)
	}
	w.clinician.Get(desk.Path)
	w.clinician.Want(403)
	search := func(more url.Values) *browser {
		t.Helper()
		auditor.Get("/audit")
		auditor.Want(200)
		auditor.send("/audit", more)
		return auditor
	}
	search(url.Values{"action": {"case.read"}}).Want(200).says("case.read", `id="next"`).hides("referral.create</code>").hides(strings.TrimPrefix(path, desk.CasePath)).hides(secrets...)
	if n := strings.Count(auditor.Last.Body, "<li value="); n != 100 {
		t.Errorf("%d entries on the page", n)
	}
	_, older, _ := strings.Cut(auditor.Last.Body, "</ol>")
	next := filled(older)
	_, before, _ := strings.Cut(older, `name="before" value="`)
	before, _, _ = strings.Cut(before, `"`)
	next.Set("before", before)
	auditor.Post("/audit", next)
	auditor.Want(200)
	if n := strings.Count(auditor.Last.Body, "<li value="); n != 20 {
		t.Errorf("%d entries on the second page", n)
	}
	search(url.Values{"outcome": {"denied"}, "who": {w.clinician.Session().Actor.Member()}}).Want(200).says("refused", "case.list")
	search(url.Values{"from": {"2026-11-26"}}).Want(200).says("Nothing was found")
	search(url.Values{"to": {"2026-11-24"}}).Want(200).says("Nothing was found")
	search(url.Values{"from": {"2026-11-25"}, "to": {"2026-11-25"}, "names": {"yes"}}).Want(200).says("Invented Colleague", "audit.read")
	auditor.Get(path)
	auditor.Want(403)
	w.lead.Get(path)
	w.lead.send(path+"/open", url.Values{})
	search(url.Values{"action": {"case.open"}}).Want(200).says("(lead), <code dir=\"ltr\">case.open</code>") // in which role, too
	// What cannot be read is said, and nothing is searched: never everything in the place of one day.
	for name, odd := range map[string]url.Values{
		"no day": {"from": {"canary"}}, "no other day": {"to": {"25.11.2026"}}, "days the wrong way round": {"from": {"2026-11-26"}, "to": {"2026-11-25"}},
		"no action": {"action": {"<script>x"}}, "no outcome": {"outcome": {"done-twice"}}, "no page": {"before": {"-1"}}, "no number": {"before": {"zz"}}, "no member": {"who": {"../"}},
	} {
		if search(odd).Want(422).says("nothing was searched").hides("<script>x", "<li value="); t.Failed() {
			t.Fatal(name)
		}
	}
	// Whom somebody looks for is in no address.
	auditor.Get("/audit")
	auditor.hides(`method="get"`, `<input name="who"`)
	auditor.Get("/audit?who=Invented")
	auditor.Want(422).says("nothing was searched")
}

// Numbers: fixed tables of a quarter that is over, a small number never shown.
func TestNumbersOfAQuarter(t *testing.T) {
	w := newWorld(t)
	for range 13 {
		w.refer()
	}
	w.lead.Get("/statistics?quarter=2026-q4")
	w.lead.Want(404) // it is not over
	w.lead.Get("/statistics")
	w.lead.Want(200).says("2026-q3", "Cases opened")
	w.Clock.Pass(60 * 24 * time.Hour)
	w.lead.Again(false).Get("/statistics")
	w.lead.Want(200).says("2026-q4", `<td>15</td>`, "<svg role=\"img\"", `stroke="currentColor"`).hides(">13<", "style=")
	w.lead.Get("/statistics?quarter=2019-q9")
	w.lead.Want(404)
	w.receiver.Again(false).Get("/statistics")
	w.receiver.Want(403)
}

// The canaries of one whole loop: in no log, no address and no title.
func TestNoWordOfAPersonLeavesThePages(t *testing.T) {
	w := newWorld(t)
	path := w.accepted("domestic-abuse", "marac")
	token, code := w.offered(path)
	w.lead.Get(path)
	w.lead.send(path+"/open", url.Values{})
	pages := []answer{w.lead.Last}
	w.receiver.Post("/pick-up", url.Values{"link": {token}})
	pages = append(pages, w.receiver.Last)
	w.receiver.send("/pick-up/packet", url.Values{"code": {code}})
	pages = append(pages, w.receiver.Last)
	w.receiver.follow().says("Zephyrine", `class="safe-contact"`).hides("she expects to be killed") // A15: a field of the conference alone
	pages = append(pages, w.receiver.Last)
	w.lead.Get(path + "/who")
	pages = append(pages, w.lead.Last)
	w.lead.Post(path+"/decide", w.lead.Signed(url.Values{"event": {"escalate"}, "rev": {"x"}, "words": {"canary \u202e Quillfeather"}}))
	w.lead.Want(422)
	for _, p := range pages {
		_, title, _ := strings.Cut(p.Body, "<title>")
		title, _, _ = strings.Cut(title, "</title>")
		for _, secret := range append(slices.Clone(secrets), token, code, strings.TrimPrefix(path, desk.CasePath)) {
			if strings.Contains(title, secret) || strings.Contains(p.Header.Get("Location"), secret) {
				t.Errorf("%q stands in a title or an address: %q %q", secret, title, p.Header.Get("Location"))
			}
		}
	}
	for _, secret := range append(slices.Clone(secrets), token, code, "canary") {
		if strings.Contains(w.Log.String(), secret) {
			t.Errorf("%q stands in the log", secret)
		}
	}
}
