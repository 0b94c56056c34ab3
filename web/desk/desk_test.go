package desk_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/web/desk"
)

func TestTheQueueShowsWhatWaitsAndNoName(t *testing.T) {
	w := newWorld(t)
	c := w.refer("domestic-abuse", "child-protection")
	w.lead.get(desk.Path)
	w.lead.want(200).says(c.Reference, "to be reviewed", "omestic abuse", "A child is involved").hides(secrets...).hides("01632", "library book")
	if strings.Contains(w.lead.last.body, `class="error"`) {
		t.Error("overdue at once")
	}
	w.clock.pass(9 * time.Minute)
	w.lead.get(desk.Path)
	w.clock.pass(9 * time.Minute)
	w.lead.get(desk.Path)
	for _, query := range []string{"?state=in-review", "?kind=domestic-abuse", "?children=yes", "?urgency=" + c.Urgency} {
		w.lead.get(desk.Path + query)
		w.lead.want(200).says(c.Reference)
	}
	for _, query := range []string{"?state=closed", "?kind=police", "?urgency=info"} {
		w.lead.get(desk.Path + query)
		w.lead.want(200).hides(c.Reference)
	}
	for _, query := range []string{"?due=x&id=NOBODY", "?due=1&id=%2e%2e", "?state=zzz", "?due=99999999999999999999&id=a"} {
		if got := w.lead.get(desk.Path + query); got.status != 200 && got.status != 400 {
			t.Errorf("%s: status %d", query, got.status)
		}
	}
}

func TestTheQueueIsPaged(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for range 51 {
		seen[w.refer().Reference] = false
	}
	w.lead.get(desk.Path)
	w.lead.want(200)
	mark := func() (n int) {
		for ref := range seen {
			if strings.Contains(w.lead.last.body, desk.CasePath+ref) {
				n++
				if seen[ref] {
					t.Error("a case stands on both pages")
				}
				seen[ref] = true
			}
		}
		return n
	}
	if n := mark(); n != 50 {
		t.Fatalf("%d cases on the first page", n)
	}
	_, rest, ok := strings.Cut(w.lead.last.body, `<p><a href="`)
	next, _, _ := strings.Cut(rest, `" id="next"`)
	if !ok || !strings.HasPrefix(next, "?") {
		t.Fatal("no way to the next page")
	}
	w.lead.get(desk.Path + strings.ReplaceAll(next, "&amp;", "&"))
	w.lead.want(200)
	if n := mark(); n != 1 {
		t.Errorf("%d cases on the second page", n)
	}
	w.lead.hides(`id="next"`)
}

func TestACaseShowsContactFirstAndThePersonOnlyWhenAsked(t *testing.T) {
	w := newWorld(t)
	c := w.refer("domestic-abuse", "marac")
	path := desk.CasePath + c.Reference
	w.lead.get(path)
	w.lead.want(200).says("Leave no voicemail", "Tuesdays at ten", "about the library book", "Perpetua", "to be reviewed")
	w.lead.hides("Zephyrine", "Orchard Gate", "9990000018", "has a key to the house")
	contact, facts := strings.Index(w.lead.last.body, `class="safe-contact"`), strings.Index(w.lead.last.body, "Facts</h2>")
	if contact < 0 || facts < contact {
		t.Errorf("contact at %d, facts at %d", contact, facts)
	}
	before := w.heard("case.open", trail.Done)
	w.lead.send(path+"/open", url.Values{})
	w.lead.want(200).says("Zephyrine Quillfeather", "he counts her steps from the orchard gate")
	if w.heard("case.open", trail.Done) != before+1 {
		t.Error("opening has no entry of its own")
	}
	w.lead.get(path + "/open")
	w.lead.want(405)
	// No trail, no access.
	w.lead.get(path)
	form := formTo(t, w.lead.last.body, path+"/open", "", "")
	w.store.deaf.Store(true)
	w.lead.post(path+"/open", form)
	w.lead.want(503).hides("Zephyrine")
	w.store.deaf.Store(false)
}

func TestALeadDecidesAndTheTableRules(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	w.lead.get(path)
	w.lead.says("Return to whoever referred", "Escalate", "Withdraw").hides(`value="close"`, `value="hand-over"`)
	w.lead.send(path+"/decide", url.Values{"event": {"return"}, "words": {"which number is safe?"}})
	w.lead.want(422).says("Please choose a reason", "which number is safe?")
	w.lead.send(path+"/decide", url.Values{"event": {"return"}, "words": {"which number is safe? <b>&</b>"}, "reason": {"contact-not-safe"}})
	w.lead.follow().want(200).hides("<b>&").says("returned to whoever referred", "which number is safe? &lt;b&gt;&amp;&lt;/b&gt;", "The way of contact is not safe")
	// An event that the state does not know.
	form := w.lead.signed(url.Values{"event": {"accept"}, "rev": {"2"}, "words": {"kept anyway"}})
	w.lead.post(path+"/decide", form)
	w.lead.want(409).says("kept anyway", "cannot be done in the state")
}

// Two leads decide at once: one wins, the other sees the newer case and loses nothing typed.
func TestTwoLeadsAtOnce(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	w.lead.get(path)
	w.second.get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"escalate"}, "reason": {"danger-rose"}, "words": {"the first"}})
	w.lead.want(303)
	w.second.send(path+"/decide", url.Values{"event": {"return"}, "reason": {"incomplete"}, "words": {"typed with care"}})
	w.second.want(409).says("typed with care", `<option value="incomplete" selected>`, "Somebody changed this case", "escalated")
	w.second.send(path+"/decide", url.Values{"event": {"return"}, "reason": {"incomplete"}, "words": {"typed with care"}})
	w.second.follow().want(200).says("returned to whoever referred", "typed with care", "the first")
	// What was typed for a decision that is gone is shown all the same.
	w.lead.get(path)
	form := w.lead.signed(url.Values{"event": {"accept"}, "rev": {"1"}, "words": {"for a form that is gone"}})
	w.lead.post(path+"/decide", form)
	w.lead.want(409).says("for a form that is gone", `id="left"`)
}

// A session that ended while somebody typed: what was typed comes back after the sign-in.
func TestWhatWasTypedOutlivesTheSession(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	w.lead.get(path)
	form := formTo(t, w.lead.last.body, path+"/decide", "return", "")
	form.Set("words", "typed before the session ended")
	form.Set("reason", "incomplete")
	w.clock.pass(11 * time.Minute)
	w.lead.post(path+"/decide", form)
	w.lead.want(401).hides("typed before the session ended")
	back := formTo(t, w.lead.last.body, "/sign-in", "", "")
	back.Set("credential", w.lead.touch("/sign-in/begin", url.Values{}))
	w.lead.post("/sign-in", back)
	w.lead.want(200).says("typed before the session ended")
	w.lead.send(path+"/decide", url.Values{})
	w.lead.follow().want(200).says("returned to whoever referred", "typed before the session ended")
}

// Whoever referred follows their own case, withdraws it, and sees nobody else's.
func TestWhoReferredWithdraws(t *testing.T) {
	w := newWorld(t)
	path := desk.OwnPath + w.refer().Reference
	w.clinician.get("/desk/own")
	w.clinician.want(200).says(path, "Break the glass").hides("/statistics", "/audit")
	w.clinician.get(path)
	w.clinician.want(200).says("Leave no voicemail").hides(`value="accept"`, `value="escalate"`, "Zephyrine")
	w.clinician.post(path+"/decide", w.clinician.signed(url.Values{"event": {"accept"}, "rev": {"1"}}))
	w.clinician.want(403)
	w.clinician.get(path)
	w.clinician.send(path+"/decide", url.Values{"event": {"withdraw"}, "reason": {"person-asked"}})
	w.clinician.follow().want(200).says("withdrawn")
	w.lead.get(desk.CasePath + strings.TrimPrefix(path, desk.OwnPath))
	w.lead.want(200).says("withdrawn", "by whoever referred")
	stranger := w.lead.colleague("clinician")
	stranger.get(path)
	stranger.want(404)
	stranger.get("/desk/own")
	stranger.want(200).hides(path)
}

// A returned case is mended by whoever referred: every field is there, a fault stands at its field and loses nothing, two at
// once lose nothing, and what comes back is on the desk again.
func TestAReturnedCaseIsMended(t *testing.T) {
	w := newWorld(t)
	c := w.refer("domestic-abuse", "marac")
	lead, own := desk.CasePath+c.Reference, desk.OwnPath+c.Reference
	w.lead.get(lead)
	w.lead.send(lead+"/decide", url.Values{"event": {"return"}, "reason": {"incomplete"}})
	w.lead.want(303)
	w.clinician.get(own)
	w.clinician.want(200).says("Mend it and send it to the desk again")
	before := w.heard("case.open", trail.Done)
	w.clinician.send(own+"/mend/open", nil)
	w.clinician.want(200).says("Zephyrine Quillfeather", "Tuesdays at ten", "she expects to be killed")
	if w.heard("case.open", trail.Done) != before+1 {
		t.Error("mending opens what was told without an entry")
	}
	form := filled(w.clinician.last.body)
	if form.Get("f.person.name.0") != "Zephyrine Quillfeather" || form.Get("f.contact.channel.0") != "phone" || form.Get("event") != "resubmit" {
		t.Fatalf("the form does not hold what was told: %v", form)
	}
	form.Set("f.contact.times.0", "Fridays at noon")
	form.Set("f.person.birth.0", "the ides of May")
	w.clinician.post(own+"/mend", form)
	w.clinician.want(422).says("as year, month, day", "Fridays at noon", "the ides of May")
	form.Set("f.person.birth.0", "1984-05-07")
	stale := form.Get("rev")
	w.lead.get(lead)
	w.lead.send(lead+"/decide", url.Values{"event": {"withdraw"}, "reason": {"duplicate"}})
	w.lead.want(303)
	w.clinician.post(own+"/mend", form)
	w.clinician.want(409).says("Fridays at noon", "1984-05-07", `id="left"`).hides("Zephyrine") // what was typed, and no more of what was told
	// Another case, mended without trouble.
	c = w.refer("domestic-abuse")
	lead, own = desk.CasePath+c.Reference, desk.OwnPath+c.Reference
	w.lead.get(lead)
	w.lead.send(lead+"/decide", url.Values{"event": {"return"}, "reason": {"contact-not-safe"}})
	w.clinician.get(own)
	w.clinician.send(own+"/mend/open", nil)
	form = filled(w.clinician.last.body)
	form.Set("f.contact.times.0", "Fridays at noon")
	form.Set("rev", "1")
	w.clinician.post(own+"/mend", form)
	w.clinician.want(409).says("Somebody changed this case", "Fridays at noon", `name="rev" value="2"`)
	form.Set("rev", "2")
	w.clinician.post(own+"/mend", form)
	w.clinician.follow().want(200).says("to be reviewed", "Fridays at noon").hides("Tuesdays")
	if stale == "" {
		t.Error("no revision")
	}
	w.lead.get(lead)
	w.lead.want(200).says("to be reviewed", "Sent to the desk again").hides("Mend it and send")
	w.lead.says("Mend what was told")
}

// Two mend at once: the slower one is told what the case says now at each field that differs, before pressing again, and
// a fault in a field does not hide that somebody was faster.
func TestWhoMendsLastSeesWhatWasMendedMeanwhile(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer("domestic-abuse", "marac").Reference
	open := func(b *browser) url.Values {
		b.get(path)
		b.send(path+"/mend/open", nil)
		b.want(200).hides("Now:</strong>")
		return filled(b.last.body)
	}
	first, second := open(w.lead), open(w.second)
	first.Set("f.contact.times.0", "never on a Friday")
	w.lead.post(path+"/mend", first)
	w.lead.want(303)
	opened := w.heard("case.open", trail.Done)
	second.Set("f.person.birth.0", "the ides of May")
	w.second.post(path+"/mend", second)
	w.second.want(422).says("as year, month, day", "Now: <bdi>never on a Friday</bdi>", `name="rev" value="`+second.Get("rev")+`"`)
	second.Set("f.person.birth.0", "1984-05-07")
	w.second.post(path+"/mend", second)
	w.second.want(409).says("Somebody changed this case", "1984-05-07", "Tuesdays at ten", "Now: <bdi>never on a Friday</bdi>")
	w.second.hides(`name="rev" value="` + second.Get("rev") + `"`)
	if n := w.heard("case.open", trail.Done); n != opened+2 {
		t.Errorf("what was told meanwhile is shown with %d entries", n-opened)
	}
	w.store.deaf.Store(true)
	w.second.post(path+"/mend", second)
	w.second.want(503).hides("never on a Friday")
}

// A ground without a decision is not left away in silence.
func TestAGroundWithoutADecisionIsToldOf(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer("marac").Reference
	w.lead.get(path)
	w.lead.send(path+"/mend/open", nil)
	form := filled(w.lead.last.body)
	because := ""
	for name := range form {
		if strings.HasPrefix(name, "because.") {
			because = name
		}
	}
	if because == "" {
		t.Fatal("no consent to decide anew")
	}
	form.Set(because, "typed with care")
	w.lead.post(path+"/mend", form)
	w.lead.want(422).says("cannot be used", "typed with care", "<details open><summary>To share without consent")
}

// A list that is cut says so, and one that is whole does not.
func TestAListThatIsCutSaysSo(t *testing.T) {
	w := newWorld(t)
	for range 199 {
		w.refer()
	}
	w.clinician.get("/desk/own")
	w.clinician.want(200).hides(`id="cut"`)
	w.refer()
	w.clinician.get("/desk/own")
	w.clinician.want(200).says("At most 200 cases are listed here")
}

// One key hides every page of the desk, as it does on the consultation.
func TestEveryPageOfTheDeskCanBeCovered(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	for _, page := range []string{desk.Path, path, path + "/who", "/directory", "/audit", "/desk/own", "/desk/break"} {
		w.lead.get(page)
		w.lead.want(200).says(`id="cover-switch"`, `class="cover" data-title=`)
	}
	w.receiver.get(desk.InboxPath)
	w.receiver.want(200).says(`id="cover-switch"`)
}
