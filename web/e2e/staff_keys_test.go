package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	signInButton = `form[data-ceremony="get"] button`
	addButton    = `form[action="/account/passkeys"] button`
	endButton    = `form[action="/account/passkeys/revoke"] button`
	outButton    = `form[action="/sign-out"] button`
)

func TestStaffEnrolByLinkAndSignInWithTheKey(t *testing.T) {
	t.Parallel()
	o := newOffice(t, nil)
	link := o.link(t)
	_, token, _ := strings.Cut(link, "#")
	p := browser.Open(t, link, View{})
	if p.Address() != o.URL+"/enrol" || strings.Contains(strings.Join(p.History(), " "), token) {
		t.Errorf("the token stays in the address: %s, %q", p.Address(), p.History())
	}
	if p.Title() != "Information" {
		t.Errorf("the title tells: %q", p.Title())
	}
	key := p.Authenticator()
	p.Press(`form[data-ceremony] button`)
	p.Await("Invented Practice")
	if p.Address() != o.URL+"/account" || len(key.Passkeys()) != 1 || !key.Passkeys()[0].IsResidentCredential {
		t.Fatalf("at %s with %d passkeys", p.Address(), len(key.Passkeys()))
	}
	for _, a := range p.Addresses() {
		if strings.Contains(strings.Split(a, "#")[0], token) {
			t.Errorf("the token travelled in an address: %s", a)
		}
	}
	if strings.Contains(o.output.String(), token) {
		t.Error("the token is in the log")
	}

	p.Press(outButton)
	p.Await("Sign in with a passkey")
	if got := p.cookies(); len(got) != 0 {
		t.Errorf("after signing out: %v", got)
	}
	key.Verifies(false) // somebody else holds the device
	p.Press(signInButton)
	p.Await("The device gave no key")
	key.Verifies(true)
	p.Press(signInButton)
	p.Await("Invented Practice")

	// A second key, which takes a touch of the first.
	p.Press(signInButton) // the step-up
	p.Await("Add a passkey")
	first := key.Passkeys()
	key.Unplug()
	second := p.Authenticator()
	p.Press(addButton)
	p.Await("Invented Practice")
	if n := len(second.Passkeys()); n != 1 {
		t.Fatalf("%d passkeys in the second key", n)
	}
	if n := ask[int](p, `document.querySelectorAll('form[action="/account/passkeys/revoke"]').length`); n != 2 {
		t.Fatalf("%d keys on the page", n)
	}

	// The first one is lost and ends; so do all sessions.
	p.Press(endButton)
	p.Await("You were signed out everywhere")
	second.Unplug()
	lost := p.Authenticator()
	lost.Put(first)
	p.Press(signInButton)
	p.Await("You were not signed in")
	if got := p.cookies(); len(got) != 0 {
		t.Errorf("refused, with %v", got)
	}
	clean(t, "console", withoutRefusals(withoutClearing(p.Console())))
	clean(t, "strangers", p.Strangers(o.URL))
	if strings.Contains(strings.Join(p.Traces(), " "), "storage") {
		t.Errorf("left in the browser: %v", p.Traces())
	}
}

// withoutRefusals leaves out what the browser itself writes about an answer that is not 200.
func withoutRefusals(lines []string) []string {
	var out []string
	for _, l := range lines {
		own := strings.Contains(l, "Failed to load resource: the server responded with a status of ")
		if !own || !strings.Contains(l, "status of 4") && !strings.Contains(l, "status of 503") {
			out = append(out, l)
		}
	}
	return out
}

// Whoever typed for a long time is warned, may stay, and loses nothing when it was too late.
func TestStaffTypedTextOutlivesTheSession(t *testing.T) {
	t.Parallel()
	o := newOffice(t, nil)
	p, _ := o.enrol(t, View{})
	p.Goto(o.URL + "/people")
	const name = "Invented Ŵyn-\"Quote\" & Co"
	p.Type("#name", name)
	p.Press(`#invite label:has(input[value="clinician"])`)
	if p.TextOf("[data-idle]") != "" {
		t.Fatal("the warning is there from the beginning")
	}
	loads := p.Loads()
	later := func(seconds int) {
		ask[int](p, `(d => { const real = Date.now; Date.now = () => real.call(Date) + d * 1000; return 1 })(`+strconv.Itoa(seconds)+`)`)
	}
	later(541)
	p.Await("You will be signed out in a minute")
	if role := ask[string](p, `[...document.querySelectorAll('[data-idle] [role=alert]')].filter(e => e.checkVisibility()).length + ""`); role != "1" {
		t.Errorf("%s alerts are shown", role)
	}
	clean(t, "the warning: axe", p.Axe())
	p.Screenshot("staff-idle", false)
	p.Press(`[data-stay]`)
	if p.TextOf("[data-idle]") != "" || p.ValueOf("#name") != name || p.Loads() != loads {
		t.Errorf("after staying: warning %q, typed %q, %d loads", p.TextOf("[data-idle]"), p.ValueOf("#name"), p.Loads()-loads)
	}
	later(601)
	p.Await("You have been signed out, so this page is hidden")
	if strings.Contains(p.Text(), "Invite") || !ask[bool](p, `!document.querySelector("#invite").checkVisibility({visibilityProperty: true})`) {
		t.Errorf("the page is on show after the session: %s", p.Text())
	}
	clean(t, "the hidden page: axe", p.Axe())
	p.Screenshot("staff-over", false)
	// The same person is back in another tab: this page shows itself again, with what was typed.
	ask[int](p, `(() => { const m = document.querySelector("[data-idle]").dataset.member, c = new BroadcastChannel("waypost-stay"); c.postMessage({member: m, warn: Date.now() + 5e5, end: Date.now() + 6e5}); return 1 })()`)
	p.Await("Invite")
	if p.ValueOf("#name") != name {
		t.Errorf("typed %q", p.ValueOf("#name"))
	}
	o.pass(11 * time.Minute)
	p.Press(`#invite button`)
	p.Await("is kept on this page and nowhere else")
	if strings.Contains(p.Text(), "Ŵyn") {
		t.Error("what was typed is shown before the sign-in")
	}
	p.Press(signInButton)
	p.Await("What you typed is still here")
	p.Press("#send-again")
	p.Await("Show that it is you")
	p.Press(signInButton)
	p.Await("What you typed is still here")
	p.Press("#send-again")
	p.Await("shown once")
	p.Goto(o.URL + "/people")
	if !strings.Contains(p.Text(), name) {
		t.Errorf("the name was lost or changed on the way:\n%s", p.Text())
	}
	clean(t, "console", withoutRefusals(p.Console()))
}
