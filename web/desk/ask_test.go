package desk_test

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web/desk"
	"waypost/web/staff/stafftest"
)

// asked is an ask of the lead about a case, on the page, and its path.
func (w *world) asked(path, what, reason string) string {
	w.T.Helper()
	w.lead.StepUp(nil).Want(303)
	w.lead.Get(path + "/ask")
	w.lead.Want(200).says("Both take two people", `class="safe-contact"`).hides(secrets...)
	w.lead.send(path+"/ask/"+what, url.Values{"reason": {reason}})
	w.lead.follow().Want(200).says("waits for another lead", "asked by you")
	w.lead.Get("/desk/asks")
	m := regexp.MustCompile(`href="(/desk/asks/[0-9a-f]{32})\?`).FindStringSubmatch(w.lead.Want(200).Last.Body)
	if m == nil {
		w.T.Fatalf("no ask on the list:\n%.3000s", w.lead.Last.Body)
	}
	return m[1]
}

// checked is every tick of the list on the page that the second person looks at.
func checked(b *browser, more ...string) url.Values {
	out := url.Values{}
	for _, m := range regexp.MustCompile(`name="(check\.[a-z-]+)" value="yes" required`).FindAllStringSubmatch(b.Last.Body, -1) {
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
	w.lead.Post(ask+"/look", w.lead.Signed(nil))
	w.lead.Want(403).says("another lead answers it")
	w.lead.Post(ask+"/open", w.lead.Signed(nil))
	w.lead.Want(409).says("cannot be opened").hides("Zephyrine")

	w.second.Get("/desk/asks")
	w.second.Want(200).says(ask, "asked by a colleague").hides(secrets...)
	w.second.Get(ask)
	w.second.Want(200).says("The person asked for it").hides(secrets...)
	w.second.send(ask+"/look", nil)
	w.second.Want(403) // the key first
	w.second.StepUp(nil).Want(303)
	w.second.Get(ask)
	w.second.send(ask+"/look", nil)
	w.second.Want(200).says("Zephyrine", "Ignatius", "she expects to be killed", "None of this is in any copy", `name="let.feared.name.0"`).hides(`name="let.contact.at.0"`)
	ticks := checked(w.second, "account.reason.0")
	if len(ticks) != 7 {
		t.Fatalf("%v", ticks)
	}
	ticks.Del("check.alone")
	w.second.send(ask+"/release", ticks)
	w.second.Want(422).says("is not ticked", `name="let.account.reason.0" value="yes" checked`, `name="check.by-hand" value="yes" required checked`)
	w.second.send(ask+"/release", checked(w.second, "account.reason.0", "contact.at.0"))
	w.second.Want(400)
	w.second.Get(ask)
	w.second.send(ask+"/look", nil)
	w.second.send(ask+"/release", checked(w.second, "account.reason.0"))
	w.second.Want(303)
	w.second.Post(ask+"/look", w.second.Signed(nil))
	w.second.Want(409).says("answered this already")
	w.second.Post(ask+"/open", w.second.Signed(nil))
	w.second.Want(409).hides("Zephyrine")

	w.lead.Get(ask)
	w.lead.Want(200).says("released, to be opened once").hides(secrets...)
	w.lead.send(ask+"/open", nil)
	w.lead.Want(200).says("Zephyrine Quillfeather", "he counts her steps", "print-staff", "waypost-copy/1").hides("Ignatius", "Osric", "01632", "library book", "killed", "has a key")
	for _, p := range []string{"Zephyrine", "steps"} {
		if strings.Contains(w.lead.Last.Header.Get("Location"), p) {
			t.Error("a word in an address")
		}
	}
	w.lead.Post(ask+"/open", w.lead.Signed(nil))
	w.lead.Want(404)
	for _, action := range []string{"export.ask", "export.weigh", "export.release", "export.open"} {
		if w.Heard(action, trail.Done) == 0 {
			t.Errorf("the trail does not say %s", action)
		}
	}
	w.lead.Get(path + "/who")
	w.lead.Want(200).says("export.ask", "export.release", "export.open")
	if strings.Contains(w.Log.String(), "Zephyrine") {
		t.Error("a name in the log")
	}
}

// What nobody let through: the paper names nothing but the person (A39, A40).
func TestAPaperThatIsFoundNamesNothingButThePerson(t *testing.T) {
	w := newWorld(t)
	path := w.accepted("domestic-abuse", "marac", "police")
	ask := w.asked(path, "copy", "person-asked")
	w.second.StepUp(nil).Want(303)
	w.second.Get(ask)
	w.second.send(ask+"/look", nil)
	w.second.send(ask+"/release", checked(w.second))
	w.second.Want(303)
	w.lead.Get(ask)
	w.lead.send(ask+"/open", nil)
	w.lead.Want(200)
	_, paper, _ := strings.Cut(w.lead.Last.Body, `id="sheet">`)
	paper, _, _ = strings.Cut(paper, "</section>")
	_, data, _ := strings.Cut(w.lead.Last.Body, `id="json"`)
	data, _, _ = strings.Cut(data, "</pre>")
	_, plain, _ := strings.Cut(w.lead.Last.Body, `id="plain" tabindex="0">`)
	plain, _, _ = strings.Cut(plain, "</pre>")
	if !strings.Contains(paper, "Zephyrine") || !strings.Contains(data, "Zephyrine") {
		t.Fatalf("no paper:\n%s\n%s", paper, data)
	}
	// The text says what the paper says, word for word.
	bare := func(text string) []string {
		return slices.DeleteFunc(strings.Fields(strings.ToLower(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " ")))), func(word string) bool { return word == "-" })
	}
	if !slices.Equal(bare(paper), bare(plain)) {
		t.Errorf("the paper:\n%q\nthe text:\n%q", bare(paper), bare(plain))
	}
	if found := telling.FindString(paper + data); found != "" {
		t.Errorf("it says %q:\n%s\n%s", found, paper, data)
	}
}

// What was let through was let through on the case as it was: after a change nothing is released that was not ticked again.
func TestALineIsLetThroughAgainWhenTheCaseChanged(t *testing.T) {
	w := newWorld(t)
	path := w.accepted("domestic-abuse")
	ask := w.asked(path, "copy", "person-asked")
	w.second.StepUp(nil).Want(303)
	for _, one := range []struct {
		status               int
		leave, event, reason string
	}{{422, "check.alone", "escalate", "danger-rose"}, {409, "", "accept", ""}} {
		w.second.Get(ask)
		w.second.send(ask+"/look", nil)
		w.second.Want(200).says(`name="let.account.reason.0"`).hides("let-again")
		seen := w.second.Last.Body
		w.lead.Get(path)
		w.lead.send(path+"/decide", url.Values{"event": {one.event}, "reason": {one.reason}})
		w.lead.Want(303)
		w.second.Last.Body = seen
		ticks := checked(w.second, "account.reason.0")
		ticks.Del(one.leave)
		w.second.send(ask+"/release", ticks)
		w.second.Want(one.status).says("let-again", `name="let.account.reason.0" value="yes">`, `name="check.by-hand" value="yes" required checked`)
	}
	w.second.send(ask+"/release", checked(w.second))
	w.second.Want(303)
	w.lead.Get(ask)
	w.lead.send(ask+"/open", nil)
	w.lead.Want(200).says("Zephyrine Quillfeather").hides("he counts her steps")
}

// A case is erased on the pages; whoever was faster is told; a refusal and its reason come back to whoever asked.
func TestErasingACaseTakesTwoPeopleOnThePages(t *testing.T) {
	w := newWorld(t)
	path := w.accepted()
	token, code := w.offered(path)
	ask := w.asked(path, "erase", "person-asked")
	w.lead.Get(path + "/ask")
	w.lead.send(path+"/ask/erase", url.Values{"reason": {"person-asked"}})
	w.lead.Want(409).says("asked already")
	w.lead.send(path+"/ask/erase", url.Values{"reason": {""}})
	w.lead.Want(422).says("choose a reason")

	w.second.StepUp(nil).Want(303)
	w.second.Get(ask)
	w.second.send(ask+"/look", nil)
	w.second.Want(200).says("Erase it now", "handed over")
	w.second.send(ask+"/deny", url.Values{"reason": {""}})
	w.second.Want(422)
	w.second.send(ask+"/deny", url.Values{"reason": {"help-under-way"}})
	w.second.Want(303)
	w.lead.Get(ask)
	w.lead.Want(200).says("Help that is under way rests on it", "refused").hides("/take-back")
	w.lead.Post(ask+"/take-back", w.lead.Signed(nil))
	w.lead.Want(409)

	again := w.asked(path, "erase", "legal-order")
	if again == ask {
		w.lead.Get("/desk/asks")
		for _, m := range regexp.MustCompile(`href="(/desk/asks/[0-9a-f]{32})\?`).FindAllStringSubmatch(w.lead.Last.Body, -1) {
			if m[1] != ask {
				again = m[1]
			}
		}
	}
	w.second.Get(again)
	w.second.send(again+"/look", nil)
	w.second.Want(200).says("refused before", "Help that is under way")
	seen := w.second.Last.Body
	w.lead.Get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"recall"}, "reason": {"new-danger"}}) // changed while the second looks
	w.lead.Want(303)
	w.second.Last.Body = seen
	w.second.send(again+"/release", checked(w.second))
	w.second.Want(409).says("changed the case while you were looking", `value="yes" required checked`)
	w.second.send(again+"/release", checked(w.second))
	w.second.Want(303)
	for who, b := range map[string]*browser{"the lead": w.lead, "the second": w.second} {
		if b.Get(path).Status != 404 || b.Get(again).Status != 404 {
			t.Errorf("%s still finds it", who)
		}
		b.Get(desk.Path)
		b.Want(200).hides(strings.TrimPrefix(path, desk.CasePath))
	}
	w.receiver.Post("/pick-up", url.Values{"link": {token}})
	w.receiver.send("/pick-up/packet", url.Values{"code": {code}})
	w.receiver.Want(404)
	if w.Heard("erase.release", trail.Done) == 0 {
		t.Error("the trail does not say so")
	}
}

// Where nobody else could answer, the page says so plainly and has no form; a lead who is kept away does not count, and is told
// of nothing.
func TestNobodyReleasesTheirOwn(t *testing.T) {
	w := newServer(t)
	w.lead = w.found(people.Practice)
	w.clinician = w.lead.Colleague(people.Clinician)
	w.service = w.found(people.ReceivingService).Session().Actor.Organisation()
	c := w.refer()
	path := desk.CasePath + c.Reference
	w.lead.Get(path + "/ask")
	w.lead.Want(200).says("You are the only lead here").hides("/ask/copy", "/ask/erase")
	w.second = w.lead.Colleague(people.Lead)
	w.lead.Get(path + "/ask")
	w.lead.Want(200).says("/ask/copy", "/ask/erase").hides("You are the only lead")
	_, err := w.desk.Exclude(t.Context(), w.lead.Session().Actor, c.Reference, c.Rev, w.second.Session().Actor.Member(), true)
	stafftest.Must(t, err)
	w.lead.Get(path + "/ask")
	w.lead.Want(200).says("You are the only lead here")
	// Asked all the same, by a form of before: whoever is kept away finds nothing of it.
	w.lead.Post(path+"/ask/copy", w.lead.Signed(url.Values{"reason": {"person-asked"}}))
	w.lead.Want(303)
	ask, _, _ := strings.Cut(w.lead.Last.Header.Get("Location"), "?")
	w.second.StepUp(nil).Want(303)
	w.second.Get("/desk/asks")
	w.second.Want(200).says("Nothing was asked").hides(ask)
	for _, door := range []string{"", "/look", "/release", "/deny", "/open", "/take-back"} {
		method, form := "POST", w.second.Signed(url.Values{"reason": {"not-the-person"}, "rev": {"1"}})
		if door == "" {
			method, form = "GET", nil
		} else if door != "/release" && door != "/deny" && door != "/look" {
			form = w.second.Signed(nil)
		}
		if got := w.second.Do(method, ask+door, form); got.Status != 404 {
			t.Errorf("%s: %d", door, got.Status)
		}
	}
	if w.alerts.Load() != 1 {
		t.Errorf("%d alerts", w.alerts.Load())
	}
	w.lead.Get(ask)
	w.lead.send(ask+"/take-back", nil)
	w.lead.Want(303)
	w.lead.Get(ask)
	w.lead.Want(404)
}

// A hold and the end of an ask, on the pages: what is held has no form; what has run out is not there; without a trail nothing
// is given.
func TestWhatIsHeldOrOverIsSaidOnThePages(t *testing.T) {
	w := newWorld(t)
	path := w.accepted()
	copies := w.asked(path, "copy", "person-asked")
	w.second.StepUp(nil).Want(303)
	w.second.Get(copies)
	w.second.send(copies+"/look", nil)
	w.second.send(copies+"/release", checked(w.second))
	w.second.Want(303)
	w.Store.Deaf.Store(true)
	if got := w.lead.Post(copies+"/open", w.lead.Signed(nil)); got.Status != 503 || strings.Contains(got.Body, "Zephyrine") {
		t.Errorf("without a trail: %d", got.Status)
	}
	w.Store.Deaf.Store(false)
	w.lead.Get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"withdraw"}, "reason": {"person-asked"}})
	w.lead.Want(303)
	w.lead.Get(copies)
	w.lead.send(copies+"/open", nil)
	w.lead.Want(409).says("changed after the copy was released").hides("Zephyrine")
	w.lead.Get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"keep-longer"}, "reason": {"legal-order"}, "until": {w.Clock.Now().Add(referrals.LongestHold - 48*time.Hour).Format(time.DateOnly)}})
	w.lead.Want(303)
	w.lead.Get(path + "/ask")
	w.lead.Want(200).says("A recorded reason keeps this case").hides("/ask/erase")
	w.lead.Post(path+"/ask/erase", w.lead.Signed(url.Values{"reason": {"person-asked"}}))
	w.lead.Want(409).says("A recorded reason keeps this case")
	w.Clock.Pass(referrals.AskLife)
	w.lead.Again(false).Get(copies)
	w.lead.Want(404)
	w.lead.Get("/desk/asks")
	w.lead.Want(200).says("Nothing was asked")
}
