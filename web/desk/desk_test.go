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
	w.lead.Get(desk.Path)
	w.lead.Want(200).says(c.Reference, "to be reviewed", "omestic abuse", "A child is involved").hides(secrets...).hides("01632", "library book")
	if strings.Contains(w.lead.Last.Body, `class="error"`) {
		t.Error("overdue at once")
	}
	w.Clock.Pass(9 * time.Minute)
	w.lead.Get(desk.Path)
	w.Clock.Pass(9 * time.Minute)
	w.lead.Get(desk.Path)
	for _, query := range []string{"?state=in-review", "?kind=domestic-abuse", "?children=yes", "?urgency=" + c.Urgency} {
		w.lead.Get(desk.Path + query)
		w.lead.Want(200).says(c.Reference)
	}
	for _, query := range []string{"?state=closed", "?kind=police", "?urgency=info"} {
		w.lead.Get(desk.Path + query)
		w.lead.Want(200).hides(c.Reference)
	}
	for _, query := range []string{"?due=x&id=NOBODY", "?due=1&id=%2e%2e", "?state=zzz", "?due=99999999999999999999&id=a"} {
		if got := w.lead.Get(desk.Path + query); got.Status != 200 && got.Status != 400 {
			t.Errorf("%s: status %d", query, got.Status)
		}
	}
}

func TestTheQueueIsPaged(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for range 51 {
		seen[w.refer().Reference] = false
	}
	w.lead.Get(desk.Path)
	w.lead.Want(200)
	mark := func() (n int) {
		for ref := range seen {
			if strings.Contains(w.lead.Last.Body, desk.CasePath+ref) {
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
	_, rest, ok := strings.Cut(w.lead.Last.Body, `<p><a href="`)
	next, _, _ := strings.Cut(rest, `" id="next"`)
	if !ok || !strings.HasPrefix(next, "?") {
		t.Fatal("no way to the next page")
	}
	w.lead.Get(desk.Path + strings.ReplaceAll(next, "&amp;", "&"))
	w.lead.Want(200)
	if n := mark(); n != 1 {
		t.Errorf("%d cases on the second page", n)
	}
	w.lead.hides(`id="next"`)
}

func TestACaseShowsContactFirstAndThePersonOnlyWhenAsked(t *testing.T) {
	w := newWorld(t)
	c := w.refer("domestic-abuse", "marac")
	path := desk.CasePath + c.Reference
	w.lead.Get(path)
	w.lead.Want(200).says("Leave no voicemail", "Tuesdays at ten", "about the library book", "Perpetua", "to be reviewed")
	w.lead.hides("Zephyrine", "Orchard Gate", "9990000018", "has a key to the house")
	contact, facts := strings.Index(w.lead.Last.Body, `class="safe-contact"`), strings.Index(w.lead.Last.Body, "Facts</h2>")
	if contact < 0 || facts < contact {
		t.Errorf("contact at %d, facts at %d", contact, facts)
	}
	before := w.Heard("case.open", trail.Done)
	w.lead.send(path+"/open", url.Values{})
	w.lead.Want(200).says("Zephyrine Quillfeather", "he counts her steps from the orchard gate")
	if w.Heard("case.open", trail.Done) != before+1 {
		t.Error("opening has no entry of its own")
	}
	w.lead.Get(path + "/open")
	w.lead.Want(405)
	// No trail, no access.
	w.lead.Get(path)
	form := formTo(t, w.lead.Last.Body, path+"/open", "", "")
	w.Store.Deaf.Store(true)
	w.lead.Post(path+"/open", form)
	w.lead.Want(503).hides("Zephyrine")
	w.Store.Deaf.Store(false)
}

func TestALeadDecidesAndTheTableRules(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	w.lead.Get(path)
	w.lead.says("Return to whoever referred", "Escalate", "Withdraw").hides(`value="close"`, `value="hand-over"`)
	w.lead.send(path+"/decide", url.Values{"event": {"return"}, "words": {"which number is safe?"}})
	w.lead.Want(422).says("Please choose a reason", "which number is safe?")
	w.lead.send(path+"/decide", url.Values{"event": {"return"}, "words": {"which number is safe? <b>&</b>"}, "reason": {"contact-not-safe"}})
	w.lead.follow().Want(200).hides("<b>&").says("returned to whoever referred", "which number is safe? &lt;b&gt;&amp;&lt;/b&gt;", "The way of contact is not safe")
	// An event that the state does not know.
	form := w.lead.Signed(url.Values{"event": {"accept"}, "rev": {"2"}, "words": {"kept anyway"}})
	w.lead.Post(path+"/decide", form)
	w.lead.Want(409).says("kept anyway", "cannot be done in the state")
}

// Two leads decide at once: one wins, the other sees the newer case and loses nothing typed.
func TestTwoLeadsAtOnce(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	w.lead.Get(path)
	w.second.Get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"escalate"}, "reason": {"danger-rose"}, "words": {"the first"}})
	w.lead.Want(303)
	w.second.send(path+"/decide", url.Values{"event": {"return"}, "reason": {"incomplete"}, "words": {"typed with care"}})
	w.second.Want(409).says("typed with care", `<option value="incomplete" selected>`, "Somebody changed this case", "escalated")
	w.second.send(path+"/decide", url.Values{"event": {"return"}, "reason": {"incomplete"}, "words": {"typed with care"}})
	w.second.follow().Want(200).says("returned to whoever referred", "typed with care", "the first")
	// What was typed for a decision that is gone is shown all the same.
	w.lead.Get(path)
	form := w.lead.Signed(url.Values{"event": {"accept"}, "rev": {"1"}, "words": {"for a form that is gone"}})
	w.lead.Post(path+"/decide", form)
	w.lead.Want(409).says("for a form that is gone", `id="left"`)
}

// A session that ended while somebody typed: what was typed comes back after the sign-in.
func TestWhatWasTypedOutlivesTheSession(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	w.lead.Get(path)
	form := formTo(t, w.lead.Last.Body, path+"/decide", "return", "")
	form.Set("words", "typed before the session ended")
	form.Set("reason", "incomplete")
	w.Clock.Pass(11 * time.Minute)
	w.lead.Post(path+"/decide", form)
	w.lead.Want(401).hides("typed before the session ended")
	back := formTo(t, w.lead.Last.Body, "/sign-in", "", "")
	back.Set("credential", w.lead.Touch("/sign-in/begin", url.Values{}))
	w.lead.Post("/sign-in", back)
	w.lead.Want(200).says("typed before the session ended")
	w.lead.send(path+"/decide", url.Values{})
	w.lead.follow().Want(200).says("returned to whoever referred", "typed before the session ended")
}

// Whoever referred follows their own case, withdraws it, and sees nobody else's.
func TestWhoReferredWithdraws(t *testing.T) {
	w := newWorld(t)
	path := desk.OwnPath + w.refer().Reference
	w.clinician.Get("/desk/own")
	w.clinician.Want(200).says(path, "Break the glass").hides("/statistics", "/audit")
	w.clinician.Get(path)
	w.clinician.Want(200).says("Leave no voicemail").hides(`value="accept"`, `value="escalate"`, "Zephyrine")
	w.clinician.Post(path+"/decide", w.clinician.Signed(url.Values{"event": {"accept"}, "rev": {"1"}}))
	w.clinician.Want(403)
	w.clinician.Get(path)
	w.clinician.send(path+"/decide", url.Values{"event": {"withdraw"}, "reason": {"person-asked"}})
	w.clinician.follow().Want(200).says("withdrawn")
	w.lead.Get(desk.CasePath + strings.TrimPrefix(path, desk.OwnPath))
	w.lead.Want(200).says("withdrawn", "by whoever referred")
	stranger := w.lead.Colleague("clinician")
	stranger.Get(path)
	stranger.Want(404)
	stranger.Get("/desk/own")
	stranger.Want(200).hides(path)
}

// A returned case is mended by whoever referred: every field is there, a fault stands at its field and loses nothing, two at
// once lose nothing, and what comes back is on the desk again.
func TestAReturnedCaseIsMended(t *testing.T) {
	w := newWorld(t)
	c := w.refer("domestic-abuse", "marac")
	lead, own := desk.CasePath+c.Reference, desk.OwnPath+c.Reference
	w.lead.Get(lead)
	w.lead.send(lead+"/decide", url.Values{"event": {"return"}, "reason": {"incomplete"}})
	w.lead.Want(303)
	w.clinician.Get(own)
	w.clinician.Want(200).says("Mend it and send it to the desk again")
	before := w.Heard("case.open", trail.Done)
	w.clinician.send(own+"/mend/open", nil)
	w.clinician.Want(200).says("Zephyrine Quillfeather", "Tuesdays at ten", "she expects to be killed")
	if w.Heard("case.open", trail.Done) != before+1 {
		t.Error("mending opens what was told without an entry")
	}
	form := filled(w.clinician.Last.Body)
	if form.Get("f.person.name.0") != "Zephyrine Quillfeather" || form.Get("f.contact.channel.0") != "phone" || form.Get("event") != "resubmit" {
		t.Fatalf("the form does not hold what was told: %v", form)
	}
	form.Set("f.contact.times.0", "Fridays at noon")
	form.Set("f.person.birth.0", "the ides of May")
	w.clinician.Post(own+"/mend", form)
	w.clinician.Want(422).says("as year, month, day", "Fridays at noon", "the ides of May")
	form.Set("f.person.birth.0", "1984-05-07")
	stale := form.Get("rev")
	w.lead.Get(lead)
	w.lead.send(lead+"/decide", url.Values{"event": {"withdraw"}, "reason": {"duplicate"}})
	w.lead.Want(303)
	w.clinician.Post(own+"/mend", form)
	w.clinician.Want(409).says("Fridays at noon", "1984-05-07", `id="left"`).hides("Zephyrine") // what was typed, and no more of what was told
	// Another case, mended without trouble.
	c = w.refer("domestic-abuse")
	lead, own = desk.CasePath+c.Reference, desk.OwnPath+c.Reference
	w.lead.Get(lead)
	w.lead.send(lead+"/decide", url.Values{"event": {"return"}, "reason": {"contact-not-safe"}})
	w.clinician.Get(own)
	w.clinician.send(own+"/mend/open", nil)
	form = filled(w.clinician.Last.Body)
	form.Set("f.contact.times.0", "Fridays at noon")
	form.Set("rev", "1")
	w.clinician.Post(own+"/mend", form)
	w.clinician.Want(409).says("Somebody changed this case", "Fridays at noon", `name="rev" value="2"`)
	form.Set("rev", "2")
	w.clinician.Post(own+"/mend", form)
	w.clinician.follow().Want(200).says("to be reviewed", "Fridays at noon").hides("Tuesdays")
	if stale == "" {
		t.Error("no revision")
	}
	w.lead.Get(lead)
	w.lead.Want(200).says("to be reviewed", "Sent to the desk again").hides("Mend it and send")
	w.lead.says("Mend what was told")
}

// Two mend at once: the slower one is told what the case says now at each field that differs, before pressing again, and
// a fault in a field does not hide that somebody was faster.
func TestWhoMendsLastSeesWhatWasMendedMeanwhile(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer("domestic-abuse", "marac").Reference
	open := func(b *browser) url.Values {
		b.Get(path)
		b.send(path+"/mend/open", nil)
		b.Want(200).hides("Now:</strong>")
		return filled(b.Last.Body)
	}
	first, second := open(w.lead), open(w.second)
	first.Set("f.contact.times.0", "never on a Friday")
	w.lead.Post(path+"/mend", first)
	w.lead.Want(303)
	opened := w.Heard("case.open", trail.Done)
	second.Set("f.person.birth.0", "the ides of May")
	w.second.Post(path+"/mend", second)
	w.second.Want(422).says("as year, month, day", "Now: <bdi>never on a Friday</bdi>", `name="rev" value="`+second.Get("rev")+`"`)
	second.Set("f.person.birth.0", "1984-05-07")
	w.second.Post(path+"/mend", second)
	w.second.Want(409).says("Somebody changed this case", "1984-05-07", "Tuesdays at ten", "Now: <bdi>never on a Friday</bdi>")
	w.second.hides(`name="rev" value="` + second.Get("rev") + `"`)
	if n := w.Heard("case.open", trail.Done); n != opened+2 {
		t.Errorf("what was told meanwhile is shown with %d entries", n-opened)
	}
	w.Store.Deaf.Store(true)
	w.second.Post(path+"/mend", second)
	w.second.Want(503).hides("never on a Friday")
}

// A ground without a decision is not left away in silence.
func TestAGroundWithoutADecisionIsToldOf(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer("marac").Reference
	w.lead.Get(path)
	w.lead.send(path+"/mend/open", nil)
	form := filled(w.lead.Last.Body)
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
	w.lead.Post(path+"/mend", form)
	w.lead.Want(422).says("cannot be used", "typed with care", "<details open><summary>To share without consent")
}

// A list that is cut says so, and one that is whole does not.
func TestAListThatIsCutSaysSo(t *testing.T) {
	w := newWorld(t)
	for range 199 {
		w.refer()
	}
	w.clinician.Get("/desk/own")
	w.clinician.Want(200).hides(`id="cut"`)
	w.refer()
	w.clinician.Get("/desk/own")
	w.clinician.Want(200).says("At most 200 cases are listed here")
}

// One key hides every page of the desk, as it does on the consultation.
func TestEveryPageOfTheDeskCanBeCovered(t *testing.T) {
	w := newWorld(t)
	path := desk.CasePath + w.refer().Reference
	for _, page := range []string{desk.Path, path, path + "/who", "/directory", "/audit", "/desk/own", "/desk/break"} {
		w.lead.Get(page)
		w.lead.Want(200).says(`id="cover-switch"`, `class="cover" data-title=`)
	}
	w.receiver.Get(desk.InboxPath)
	w.receiver.Want(200).says(`id="cover-switch"`)
}
