package desk_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web/desk"
)

// asked is an ask of the lead about a case, on the page, and its path.
func (w *world) asked(path, what, reason string) string {
	w.t.Helper()
	w.lead.stepUp()
	w.lead.get(path + "/ask")
	w.lead.want(200).says("Both take two people", `class="safe-contact"`).hides(secrets...)
	w.lead.send(path+"/ask/"+what, url.Values{"reason": {reason}})
	w.lead.follow().want(200).says("waits for another lead", "asked by you")
	w.lead.get("/desk/asks")
	m := regexp.MustCompile(`href="(/desk/asks/[0-9a-f]{32})\?`).FindStringSubmatch(w.lead.want(200).last.body)
	if m == nil {
		w.t.Fatalf("no ask on the list:\n%.3000s", w.lead.last.body)
	}
	return m[1]
}

// checked is every tick of the list on the page that the second person looks at.
func checked(b *browser, more ...string) url.Values {
	out := url.Values{}
	for _, m := range regexp.MustCompile(`name="(check\.[a-z-]+)" value="yes" required`).FindAllStringSubmatch(b.last.body, -1) {
		out.Set(m[1], "yes")
	}
	for _, id := range more {
		out.Set("let."+id, "yes")
	}
	return out
}

// telling are words that would betray a sheet to whoever picks it up.
var telling = regexp.MustCompile(`(?i)abus|violen|police|refuge|stalk|domestic|track|fear|control|safeguard|marac|threat|danger|partner|crisis|assault|referr|withh|left out|secret`)

// T11: the whole way on the pages, without script: one lead asks, another looks through it, the first opens it once. What
// nobody let through is not on the paper, nor that there is more.
func TestACopyIsAskedReleasedAndOpenedOnce(t *testing.T) {
	w := newWorld(t)
	path := w.accepted("domestic-abuse", "marac")
	ask := w.asked(path, "copy", "person-asked")
	w.lead.post(ask+"/look", w.lead.signed(nil))
	w.lead.want(403).says("another lead answers it")
	w.lead.post(ask+"/open", w.lead.signed(nil))
	w.lead.want(409).says("cannot be opened").hides("Zephyrine")

	w.second.get("/desk/asks")
	w.second.want(200).says(ask, "asked by a colleague").hides(secrets...)
	w.second.get(ask)
	w.second.want(200).says("The person asked for it").hides(secrets...)
	w.second.send(ask+"/look", nil)
	w.second.want(403) // the key first
	w.second.stepUp()
	w.second.get(ask)
	w.second.send(ask+"/look", nil)
	w.second.want(200).says("Zephyrine", "Ignatius", "she expects to be killed", "None of this is in any copy", `name="let.feared.name.0"`).hides(`name="let.contact.at.0"`)
	ticks := checked(w.second, "account.reason.0")
	if len(ticks) != 7 {
		t.Fatalf("%v", ticks)
	}
	ticks.Del("check.alone")
	w.second.send(ask+"/release", ticks)
	w.second.want(422).says("is not ticked", `name="let.account.reason.0" value="yes" checked`, `name="check.by-hand" value="yes" required checked`)
	w.second.send(ask+"/release", checked(w.second, "account.reason.0", "contact.at.0"))
	w.second.want(400)
	w.second.get(ask)
	w.second.send(ask+"/look", nil)
	w.second.send(ask+"/release", checked(w.second, "account.reason.0"))
	w.second.want(303)
	w.second.post(ask+"/look", w.second.signed(nil))
	w.second.want(409).says("answered this already")
	w.second.post(ask+"/open", w.second.signed(nil))
	w.second.want(409).hides("Zephyrine")

	w.lead.get(ask)
	w.lead.want(200).says("released, to be opened once").hides(secrets...)
	w.lead.send(ask+"/open", nil)
	w.lead.want(200).says("Zephyrine Quillfeather", "he counts her steps", "print-staff", "waypost-copy/1").hides("Ignatius", "Osric", "01632", "library book", "killed", "has a key")
	for _, p := range []string{"Zephyrine", "steps"} {
		if strings.Contains(w.lead.last.header.Get("Location"), p) {
			t.Error("a word in an address")
		}
	}
	w.lead.post(ask+"/open", w.lead.signed(nil))
	w.lead.want(404)
	for _, action := range []string{"export.ask", "export.weigh", "export.release", "export.open"} {
		if w.heard(action, trail.Done) == 0 {
			t.Errorf("the trail does not say %s", action)
		}
	}
	w.lead.get(path + "/who")
	w.lead.want(200).says("export.ask", "export.release", "export.open")
	if strings.Contains(w.log.String(), "Zephyrine") {
		t.Error("a name in the log")
	}
}

// What nobody let through: the paper names nothing but the person (A39, A40).
func TestAPaperThatIsFoundNamesNothingButThePerson(t *testing.T) {
	w := newWorld(t)
	path := w.accepted("domestic-abuse", "marac", "police")
	ask := w.asked(path, "copy", "person-asked")
	w.second.stepUp()
	w.second.get(ask)
	w.second.send(ask+"/look", nil)
	w.second.send(ask+"/release", checked(w.second))
	w.second.want(303)
	w.lead.get(ask)
	w.lead.send(ask+"/open", nil)
	w.lead.want(200)
	_, paper, _ := strings.Cut(w.lead.last.body, `id="sheet">`)
	paper, _, _ = strings.Cut(paper, "</section>")
	_, data, _ := strings.Cut(w.lead.last.body, `id="json"`)
	data, _, _ = strings.Cut(data, "</pre>")
	if !strings.Contains(paper, "Zephyrine") || !strings.Contains(data, "Zephyrine") {
		t.Fatalf("no paper:\n%s\n%s", paper, data)
	}
	if found := telling.FindString(paper + data); found != "" {
		t.Errorf("it says %q:\n%s\n%s", found, paper, data)
	}
}

// A case is erased on the pages; whoever was faster is told; a refusal and its reason come back to whoever asked.
func TestErasingACaseTakesTwoPeopleOnThePages(t *testing.T) {
	w := newWorld(t)
	path := w.accepted()
	token, code := w.offered(path)
	ask := w.asked(path, "erase", "person-asked")
	w.lead.get(path + "/ask")
	w.lead.send(path+"/ask/erase", url.Values{"reason": {"person-asked"}})
	w.lead.want(409).says("asked already")
	w.lead.send(path+"/ask/erase", url.Values{"reason": {""}})
	w.lead.want(422).says("choose a reason")

	w.second.stepUp()
	w.second.get(ask)
	w.second.send(ask+"/look", nil)
	w.second.want(200).says("Erase it now", "handed over")
	w.second.send(ask+"/deny", url.Values{"reason": {""}})
	w.second.want(422)
	w.second.send(ask+"/deny", url.Values{"reason": {"help-under-way"}})
	w.second.want(303)
	w.lead.get(ask)
	w.lead.want(200).says("Help that is under way rests on it", "refused").hides("/take-back")
	w.lead.post(ask+"/take-back", w.lead.signed(nil))
	w.lead.want(409)

	again := w.asked(path, "erase", "legal-order")
	if again == ask {
		w.lead.get("/desk/asks")
		for _, m := range regexp.MustCompile(`href="(/desk/asks/[0-9a-f]{32})\?`).FindAllStringSubmatch(w.lead.last.body, -1) {
			if m[1] != ask {
				again = m[1]
			}
		}
	}
	w.second.get(again)
	w.second.send(again+"/look", nil)
	w.second.want(200).says("refused before", "Help that is under way")
	seen := w.second.last.body
	w.lead.get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"recall"}, "reason": {"new-danger"}}) // changed while the second looks
	w.lead.want(303)
	w.second.last.body = seen
	w.second.send(again+"/release", checked(w.second))
	w.second.want(409).says("changed the case while you were looking", `value="yes" required checked`)
	w.second.send(again+"/release", checked(w.second))
	w.second.want(303)
	for who, b := range map[string]*browser{"the lead": w.lead, "the second": w.second} {
		if b.get(path).status != 404 || b.get(again).status != 404 {
			t.Errorf("%s still finds it", who)
		}
		b.get(desk.Path)
		b.want(200).hides(strings.TrimPrefix(path, desk.CasePath))
	}
	w.receiver.post("/pick-up", url.Values{"link": {token}})
	w.receiver.send("/pick-up/packet", url.Values{"code": {code}})
	w.receiver.want(404)
	if w.heard("erase.release", trail.Done) == 0 {
		t.Error("the trail does not say so")
	}
}

// Where nobody else could answer, the page says so plainly and has no form; a lead who is kept away does not count, and is told
// of nothing.
func TestNobodyReleasesTheirOwn(t *testing.T) {
	w := newServer(t)
	w.lead = w.found(people.Practice)
	w.clinician = w.lead.colleague(people.Clinician)
	w.service = w.found(people.ReceivingService).session().Actor.Organisation()
	c := w.refer()
	path := desk.CasePath + c.Reference
	w.lead.get(path + "/ask")
	w.lead.want(200).says("You are the only lead here").hides("/ask/copy", "/ask/erase")
	w.second = w.lead.colleague(people.Lead)
	w.lead.get(path + "/ask")
	w.lead.want(200).says("/ask/copy", "/ask/erase").hides("You are the only lead")
	_, err := w.desk.Exclude(t.Context(), w.lead.session().Actor, c.Reference, c.Rev, w.second.session().Actor.Member(), true)
	must(t, err)
	w.lead.get(path + "/ask")
	w.lead.want(200).says("You are the only lead here")
	// Asked all the same, by a form of before: whoever is kept away finds nothing of it.
	w.lead.post(path+"/ask/copy", w.lead.signed(url.Values{"reason": {"person-asked"}}))
	w.lead.want(303)
	ask, _, _ := strings.Cut(w.lead.last.header.Get("Location"), "?")
	w.second.stepUp()
	w.second.get("/desk/asks")
	w.second.want(200).says("Nothing was asked").hides(ask)
	for _, door := range []string{"", "/look", "/release", "/deny", "/open", "/take-back"} {
		method, form := "POST", w.second.signed(url.Values{"reason": {"not-the-person"}, "rev": {"1"}})
		if door == "" {
			method, form = "GET", nil
		} else if door != "/release" && door != "/deny" && door != "/look" {
			form = w.second.signed(nil)
		}
		if got := w.second.do(method, ask+door, form); got.status != 404 {
			t.Errorf("%s: %d", door, got.status)
		}
	}
	if w.alerts.Load() != 1 {
		t.Errorf("%d alerts", w.alerts.Load())
	}
	w.lead.get(ask)
	w.lead.send(ask+"/take-back", nil)
	w.lead.want(303)
	w.lead.get(ask)
	w.lead.want(404)
}

// A hold and the end of an ask, on the pages: what is held has no form; what has run out is not there; without a trail nothing
// is given.
func TestWhatIsHeldOrOverIsSaidOnThePages(t *testing.T) {
	w := newWorld(t)
	path := w.accepted()
	copies := w.asked(path, "copy", "person-asked")
	w.second.stepUp()
	w.second.get(copies)
	w.second.send(copies+"/look", nil)
	w.second.send(copies+"/release", checked(w.second))
	w.second.want(303)
	w.store.deaf.Store(true)
	if got := w.lead.post(copies+"/open", w.lead.signed(nil)); got.status != 503 || strings.Contains(got.body, "Zephyrine") {
		t.Errorf("without a trail: %d", got.status)
	}
	w.store.deaf.Store(false)
	w.lead.get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"withdraw"}, "reason": {"person-asked"}})
	w.lead.want(303)
	w.lead.get(copies)
	w.lead.send(copies+"/open", nil)
	w.lead.want(409).says("changed after the copy was released").hides("Zephyrine")
	w.lead.get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"keep-longer"}, "reason": {"legal-order"}, "until": {w.clock.now().Add(referrals.LongestHold - 48*time.Hour).Format(time.DateOnly)}})
	w.lead.want(303)
	w.lead.get(path + "/ask")
	w.lead.want(200).says("A recorded reason keeps this case").hides("/ask/erase")
	w.lead.post(path+"/ask/erase", w.lead.signed(url.Values{"reason": {"person-asked"}}))
	w.lead.want(409).says("A recorded reason keeps this case")
	w.clock.pass(referrals.AskLife)
	w.lead.again(false).get(copies)
	w.lead.want(404)
	w.lead.get("/desk/asks")
	w.lead.want(200).says("Nothing was asked")
}
