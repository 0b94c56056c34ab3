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
	lead := w.Lead(people.Practice)
	lead.Post("/people/invite", lead.Signed(url.Values{"name": {"Invented Colleague"}, "role": {"clinician"}}))
	lead.Want(403) // the key first
	lead.StepUp(formTo(t, lead.Last.Body, "/account/step-up"))
	lead.Want(200)
	lead.Post("/people/invite", formTo(t, lead.Last.Body, "/people/invite"))
	lead.Want(200)
	token := lead.Link()
	if lead.Last.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page with the link may be kept")
	}
	if strings.Contains(lead.Get("/people").Body, token) || strings.Contains(w.Log.String(), token) {
		t.Error("the link is shown again, or logged")
	}
	if !strings.Contains(lead.Last.Body, "has not taken up the invitation") {
		t.Error("the list does not say who is awaited")
	}
	clinician := w.Browser().Enrol(token)
	clinician.Get("/account")
	clinician.Want(200)
	if strings.Contains(clinician.Last.Body, "/people") {
		t.Error("a clinician is shown the way to a page of leads")
	}
	// A lost key: a new link, and the old key opens nothing.
	id := clinician.Session().Actor.Member()
	lead.Post("/people/invite-again", lead.Signed(url.Values{"id": {id}}))
	lead.Want(200)
	next := w.Browser().Enrol(lead.Link())
	if next.Session().Actor.Member() != id {
		t.Error("the new key opens another place")
	}
	clinician.Get("/account")
	clinician.Want(401)
	clinician.Cookie = ""
	clinician.SignIn(nil)
	clinician.Want(401)
}

func TestAnAuditorSeesThePeopleAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	b := w.Lead(people.Practice).Colleague(people.Auditor)
	body := b.Get("/people").Body
	b.Want(200)
	if !strings.Contains(body, "Invented Lead") || strings.Contains(body, "/people/") {
		t.Error("the page of an auditor lacks people, or has forms")
	}
}

func TestWhatWasTypedStandsInNoError(t *testing.T) {
	w := newWorld(t)
	lead := w.Lead(people.Practice)
	lead.StepUp(nil)
	for _, form := range []url.Values{
		{"name": {"canary \u202e name"}, "role": {"lead"}},
		{"name": {"canary" + strings.Repeat("ŵ", 150)}, "role": {"lead"}},
		{"name": {"canary"}, "role": {"receiver"}},
		{"name": {"canary"}},
		{"name": {""}, "role": {"lead"}},
		{"name": {"canary"}, "role": {"canary-role", "lead"}},
	} {
		lead.Post("/people/invite", lead.Signed(form))
		lead.Want(422)
		if strings.Contains(lead.Last.Body, "canary") || !strings.Contains(lead.Last.Body, "Nothing was changed") {
			t.Errorf("%.30q is echoed, or not told of", form)
		}
	}
	lead.Post("/account/join", lead.Signed(url.Values{"invite": {"http://localhost:8080/enrol#canary"}}))
	lead.Want(410)
	if strings.Contains(lead.Last.Body, "canary") {
		t.Error("a link is echoed")
	}
	for _, kind := range []string{"/people/roles", "/people/revoke", "/people/invite-again"} {
		lead.Post(kind, lead.Signed(url.Values{"id": {"canary"}, "role": {"lead"}}))
		lead.Want(404)
		if strings.Contains(lead.Last.Body, "canary") {
			t.Errorf("%s echoes an id", kind)
		}
	}
}

func TestNobodyChangesTheirOwnPlace(t *testing.T) {
	w := newWorld(t)
	lead := w.Lead(people.Practice)
	lead.StepUp(nil)
	own := lead.Session().Actor.Member()
	for _, path := range []string{"/people/roles", "/people/revoke", "/people/invite-again"} {
		lead.Post(path, lead.Signed(url.Values{"id": {own}, "role": {"lead"}}))
		lead.Want(403)
	}
}

func TestKeysAreAddedAndEnded(t *testing.T) {
	w := newWorld(t)
	b := w.Lead(people.Practice)
	b.StepUp(nil)
	b.Want(303)
	keyOn := func() string { return formTo(t, b.Get("/account").Body, "/account/passkeys/revoke").Get("key") }
	b.Post("/account/passkeys/revoke", b.Signed(url.Values{"key": {keyOn()}}))
	b.Want(422)
	if !strings.Contains(b.Last.Body, "last key") {
		t.Error("the last key ends without a word")
	}
	first, second := b.Key, softkeytest.New(t, testURL)
	b.Post("/account/passkeys/begin", b.Signed(nil))
	b.Want(200)
	credential := softkeytest.Text(second.Create([]byte(b.Last.Body)))
	b.Post("/account/passkeys", b.Signed(url.Values{"credential": {credential}}))
	b.Want(303)
	b.Post("/account/passkeys", b.Signed(url.Values{"credential": {credential}})) // an answer is taken once
	b.Want(422)
	elsewhere := &browser{Ground: w, Key: second}
	elsewhere.SignIn(nil)
	elsewhere.Want(303)
	old := b.Cookie
	b.Post("/account/passkeys/revoke", b.Signed(url.Values{"key": {keyOn()}}))
	b.Want(200)
	if b.Cookie != "" || !strings.Contains(b.Last.Body, "signed out everywhere") {
		t.Error("ending a key does not say that everything ended")
	}
	for name, c := range map[string]string{"here": old, "elsewhere": elsewhere.Cookie} {
		if (&browser{Ground: w, Key: first, Cookie: c}).Get("/account").Status != 401 {
			t.Errorf("the session %s lives", name)
		}
	}
	b.Key = first
	b.SignIn(nil)
	b.Want(401)
	b.Key = second
	b.SignIn(nil)
	b.Want(303)
}

func TestStayingSaysHowLong(t *testing.T) {
	w := newWorld(t)
	b := w.Lead(people.Practice)
	w.Clock.Pass(people.Idle - 30*time.Second)
	b.Post("/account/stay", b.Signed(nil))
	b.Want(200)
	var left struct{ Warn, End int }
	if err := json.Unmarshal([]byte(b.Last.Body), &left); err != nil || left.Warn != 540 || left.End != 600 {
		t.Errorf("%s: %v", b.Last.Body, err)
	}
	w.Clock.Pass(people.Idle)
	form := url.Values{"token": {"x"}}
	b.Post("/account/stay", form)
	b.Want(401)
}

func TestSigningOutEverywhere(t *testing.T) {
	w := newWorld(t)
	b := w.Lead(people.Practice)
	elsewhere := &browser{Ground: w, Key: b.Key}
	elsewhere.SignIn(nil)
	b.Post("/account/sessions/end", b.Signed(nil))
	b.Want(200)
	elsewhere.Get("/account")
	elsewhere.Want(401)
}

func TestSomebodyWorksForTwoOrganisations(t *testing.T) {
	w := newWorld(t)
	first, second := w.Lead(people.Practice), w.Lead(people.SafeguardingTeam)
	home := first.Session().Actor.Organisation()
	second.StepUp(nil)
	second.Post("/people/invite", second.Signed(url.Values{"name": {"Invented Both"}, "role": {"auditor"}}))
	link := testURL + "/enrol#" + second.Link()
	first.Post("/account/join", first.Signed(url.Values{"invite": {link}}))
	first.Want(403)
	first.StepUp(formTo(t, first.Last.Body, "/account/step-up"))
	first.Want(200)
	first.Post("/account/join", formTo(t, first.Last.Body, "/account/join"))
	first.Want(303)
	if s := first.Session(); s.Actor.Kind() != people.SafeguardingTeam || len(s.Actor.Roles()) != 1 || s.Actor.Roles()[0] != people.Auditor {
		t.Fatalf("joined as %s of a %s", s.Actor.Roles(), s.Actor.Kind())
	}
	form := first.Signed(url.Values{"organisation": {home}})
	first.Post("/account/switch", form)
	first.Want(303)
	if s := first.Session(); s.Actor.Organisation() != home || s.Actor.Fresh() {
		t.Error("switched elsewhere, or the touch came along")
	}
	// A19: a form of the organisation before is no form of this one.
	stale := form
	stale.Set("organisation", home)
	first.Post("/account/switch", stale)
	first.Want(403)
	stranger := w.Lead(people.Practice).Session().Actor.Organisation()
	first.Post("/account/switch", first.Signed(url.Values{"organisation": {stranger}}))
	unknown := first.Want(404).Last.Body
	first.Post("/account/switch", first.Signed(url.Values{"organisation": {"0190-never"}}))
	if first.Want(404).Last.Body != unknown {
		t.Error("another organisation and none read differently")
	}
}
