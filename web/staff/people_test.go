package staff_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/softkey/softkeytest"
	"waypost/referrals/people"
)

func TestALeadInvitesAndTheLinkIsShownOnce(t *testing.T) {
	w := newWorld(t)
	lead := w.lead(people.Practice)
	lead.post("/people/invite", lead.signed(url.Values{"name": {"Invented Colleague"}, "role": {"clinician"}}))
	lead.want(403) // the key first
	lead.stepUp(formTo(t, lead.last.body, "/account/step-up"))
	lead.want(200)
	lead.post("/people/invite", formTo(t, lead.last.body, "/people/invite"))
	lead.want(200)
	token := linkIn(t, lead.last.body)
	if lead.last.header.Get("Cache-Control") != "no-store" {
		t.Error("the page with the link may be kept")
	}
	if strings.Contains(lead.get("/people").body, token) || strings.Contains(w.log.String(), token) {
		t.Error("the link is shown again, or logged")
	}
	if !strings.Contains(lead.last.body, "has not taken up the invitation") {
		t.Error("the list does not say who is awaited")
	}
	clinician := w.browser().enrol(token)
	clinician.get("/account")
	clinician.want(200)
	if strings.Contains(clinician.last.body, "/people") {
		t.Error("a clinician is shown the way to a page of leads")
	}
	// A lost key: a new link, and the old key opens nothing.
	id := clinician.session().Actor.Member()
	lead.post("/people/invite-again", lead.signed(url.Values{"id": {id}}))
	lead.want(200)
	next := w.browser().enrol(linkIn(t, lead.last.body))
	if next.session().Actor.Member() != id {
		t.Error("the new key opens another place")
	}
	clinician.get("/account")
	clinician.want(401)
	clinician.cookie = ""
	clinician.signIn(nil)
	clinician.want(401)
}

func TestAnAuditorSeesThePeopleAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	b := w.lead(people.Practice).colleague(people.Auditor)
	body := b.get("/people").body
	b.want(200)
	if !strings.Contains(body, "Invented Lead") || strings.Contains(body, "/people/") {
		t.Error("the page of an auditor lacks people, or has forms")
	}
}

func TestWhatWasTypedStandsInNoError(t *testing.T) {
	w := newWorld(t)
	lead := w.lead(people.Practice)
	lead.stepUp(nil)
	for _, form := range []url.Values{
		{"name": {"canary \u202e name"}, "role": {"lead"}},
		{"name": {"canary" + strings.Repeat("ŵ", 150)}, "role": {"lead"}},
		{"name": {"canary"}, "role": {"receiver"}},
		{"name": {"canary"}},
		{"name": {""}, "role": {"lead"}},
		{"name": {"canary"}, "role": {"canary-role", "lead"}},
	} {
		lead.post("/people/invite", lead.signed(form))
		lead.want(422)
		if strings.Contains(lead.last.body, "canary") || !strings.Contains(lead.last.body, "Nothing was changed") {
			t.Errorf("%.30q is echoed, or not told of", form)
		}
	}
	lead.post("/account/join", lead.signed(url.Values{"invite": {"http://localhost:8080/enrol#canary"}}))
	lead.want(410)
	if strings.Contains(lead.last.body, "canary") {
		t.Error("a link is echoed")
	}
	for _, kind := range []string{"/people/roles", "/people/revoke", "/people/invite-again"} {
		lead.post(kind, lead.signed(url.Values{"id": {"canary"}, "role": {"lead"}}))
		lead.want(404)
		if strings.Contains(lead.last.body, "canary") {
			t.Errorf("%s echoes an id", kind)
		}
	}
}

func TestNobodyChangesTheirOwnPlace(t *testing.T) {
	w := newWorld(t)
	lead := w.lead(people.Practice)
	lead.stepUp(nil)
	own := lead.session().Actor.Member()
	for _, path := range []string{"/people/roles", "/people/revoke", "/people/invite-again"} {
		lead.post(path, lead.signed(url.Values{"id": {own}, "role": {"lead"}}))
		lead.want(403)
	}
}

func TestKeysAreAddedAndEnded(t *testing.T) {
	w := newWorld(t)
	b := w.lead(people.Practice)
	b.stepUp(nil)
	b.want(303)
	keyOn := func() string { return formTo(t, b.get("/account").body, "/account/passkeys/revoke").Get("key") }
	b.post("/account/passkeys/revoke", b.signed(url.Values{"key": {keyOn()}}))
	b.want(422)
	if !strings.Contains(b.last.body, "last key") {
		t.Error("the last key ends without a word")
	}
	first, second := b.key, softkeytest.New(t, testURL)
	b.post("/account/passkeys/begin", b.signed(nil))
	b.want(200)
	credential := softkeytest.Text(second.Create([]byte(b.last.body)))
	b.post("/account/passkeys", b.signed(url.Values{"credential": {credential}}))
	b.want(303)
	b.post("/account/passkeys", b.signed(url.Values{"credential": {credential}})) // an answer is taken once
	b.want(422)
	elsewhere := &browser{w: w, key: second}
	elsewhere.signIn(nil)
	elsewhere.want(303)
	old := b.cookie
	b.post("/account/passkeys/revoke", b.signed(url.Values{"key": {keyOn()}}))
	b.want(200)
	if b.cookie != "" || !strings.Contains(b.last.body, "signed out everywhere") {
		t.Error("ending a key does not say that everything ended")
	}
	for name, c := range map[string]string{"here": old, "elsewhere": elsewhere.cookie} {
		if (&browser{w: w, key: first, cookie: c}).get("/account").status != 401 {
			t.Errorf("the session %s lives", name)
		}
	}
	b.key = first
	b.signIn(nil)
	b.want(401)
	b.key = second
	b.signIn(nil)
	b.want(303)
}

func TestStayingSaysHowLong(t *testing.T) {
	w := newWorld(t)
	b := w.lead(people.Practice)
	w.clock.pass(people.Idle - 30*time.Second)
	b.post("/account/stay", b.signed(nil))
	b.want(200)
	var left struct{ Warn, End int }
	if err := json.Unmarshal([]byte(b.last.body), &left); err != nil || left.Warn != 540 || left.End != 600 {
		t.Errorf("%s: %v", b.last.body, err)
	}
	w.clock.pass(people.Idle)
	form := url.Values{"token": {"x"}}
	b.post("/account/stay", form)
	b.want(401)
}

func TestSigningOutEverywhere(t *testing.T) {
	w := newWorld(t)
	b := w.lead(people.Practice)
	elsewhere := &browser{w: w, key: b.key}
	elsewhere.signIn(nil)
	b.post("/account/sessions/end", b.signed(nil))
	b.want(200)
	elsewhere.get("/account")
	elsewhere.want(401)
}

func TestSomebodyWorksForTwoOrganisations(t *testing.T) {
	w := newWorld(t)
	first, second := w.lead(people.Practice), w.lead(people.SafeguardingTeam)
	home := first.session().Actor.Organisation()
	second.stepUp(nil)
	second.post("/people/invite", second.signed(url.Values{"name": {"Invented Both"}, "role": {"auditor"}}))
	link := testURL + "/enrol#" + linkIn(t, second.last.body)
	first.post("/account/join", first.signed(url.Values{"invite": {link}}))
	first.want(403)
	first.stepUp(formTo(t, first.last.body, "/account/step-up"))
	first.want(200)
	first.post("/account/join", formTo(t, first.last.body, "/account/join"))
	first.want(303)
	if s := first.session(); s.Actor.Kind() != people.SafeguardingTeam || len(s.Actor.Roles()) != 1 || s.Actor.Roles()[0] != people.Auditor {
		t.Fatalf("joined as %s of a %s", s.Actor.Roles(), s.Actor.Kind())
	}
	form := first.signed(url.Values{"organisation": {home}})
	first.post("/account/switch", form)
	first.want(303)
	if s := first.session(); s.Actor.Organisation() != home || s.Actor.Fresh() {
		t.Error("switched elsewhere, or the touch came along")
	}
	// A19: a form of the organisation before is no form of this one.
	stale := form
	stale.Set("organisation", home)
	first.post("/account/switch", stale)
	first.want(403)
	stranger := w.lead(people.Practice).session().Actor.Organisation()
	first.post("/account/switch", first.signed(url.Values{"organisation": {stranger}}))
	unknown := first.want(404).last.body
	first.post("/account/switch", first.signed(url.Values{"organisation": {"0190-never"}}))
	if first.want(404).last.body != unknown {
		t.Error("another organisation and none read differently")
	}
}
