package e2e

import (
	"slices"
	"strings"
	"testing"
)

// fearful is a consultation whose plan leads to referrals: an invented patient fears an invented former partner who has the
// app of her car, and it is getting worse.
var fearful = append(alone[:len(alone):len(alone)],
	reply{"gateway.any", "yes"}, reply{"gateway.location", "yes"}, reply{"gateway.phone", "no"}, reply{"gateway.body", "no"},
	reply{"gateway.fear", "yes"}, reply{"gateway.danger", "no"}, reply{"gateway.worry", "no"}, reply{"about.who", "ex"},
	reply{"danger.escalation", "yes"}, reply{"danger.believes", "yes"}, reply{"danger.stalking", "yes"}, reply{"location.vehicle", "they-do"},
	reply{"about.age", "age-18-plus"},
)

// practiceOf founds a practice in the built product and enrols its lead in a browser of its own.
func practiceOf(t *testing.T, settings ...string) (p *Page, s *Server, origin string) {
	t.Helper()
	s, origin, link := founded(t, append(settings, "WAYPOST_NATION=england")...)
	p = browser.Open(t, link, View{})
	p.Authenticator()
	p.Press(`form[data-ceremony] button`)
	p.Await("Invented Practice")
	return p, s, origin
}

// The whole way in the product: a clinician who is not signed in asks, presses Refer, signs in with the key and makes the
// case; no answer is lost, and none is in an address. Each page is looked at wide and at 320 pixels.
func TestAConsultationBecomesACaseInTheBrowser(t *testing.T) {
	t.Parallel()
	p, s, origin := practiceOf(t)
	p.Press(outButton)
	p.Await("Sign in with a passkey")
	documents := map[string]string{}
	see := func(name string) {
		t.Helper()
		clean(t, name+": axe", p.Axe())
		clean(t, name+": overflow", p.Overflow())
		p.Screenshot("refer-"+strings.ReplaceAll(name, " ", "-"), true)
		p.Resize(320, 640)
		clean(t, name+" at 320: axe", p.Axe())
		clean(t, name+" at 320: overflow", p.Overflow())
		p.Resize(1366, 768)
		documents[name] = p.Source()
	}
	p.Goto(origin + "/consult")
	answer(p, fearful)
	told := p.TextOf("#result .headline")
	p.Press(`#result button[formaction="/refer"]`)
	p.Await("is kept on this page and nowhere else")
	if strings.Contains(p.Source(), "about.who") || strings.Contains(p.Text(), told) {
		t.Error("the page for the sign-in says what was answered")
	}
	p.Press(signInButton)
	p.Await("What you typed is still here")
	p.Use("send-again", Enter)
	p.Await("Who can help")
	for _, led := range []string{"offer.domestic-abuse", "offer.stalking", "offer.marac"} {
		if !p.has(`#led [id="` + led + `"]`) {
			t.Errorf("an answer was lost: the plan does not lead to %s", led)
		}
	}
	see("places")
	p.Use("Go on", Enter)
	p.Await("Please choose at least one")
	see("nothing chosen")
	p.Press(`label:has([id="to.domestic-abuse"])`)
	p.Press(`label:has([id="to.marac"])`)
	p.Use("Go on", Enter)
	p.Await("Consent, for each service")
	see("about")
	p.Type(`[id="person.name"]`, "Invented Patient")
	p.Type(`[id="contact.times"]`, "Mondays")
	p.Type(`[id="person.birth"]`, "02031971")
	p.Press(`label:has([id="consent.0.decision.given"])`)
	p.Use("Check before you hand over", Enter)
	p.Await("Please look at these again")
	if p.ValueOf(`[id="person.name"]`) != "Invented Patient" || p.ValueOf(`[id="contact.times"]`) != "Mondays" {
		t.Error("something typed was lost at a mistake")
	}
	see("about with a fault")
	p.Press(`label:has([id="consent.1.decision.given"])`)
	p.Use("Check before you hand over", Enter)
	p.Await("This is exactly what each service would get")
	if shown := p.Text(); !strings.Contains(shown, "Invented Patient") || !strings.Contains(shown, "1971-") {
		t.Error("the name or the date is not in what is shown")
	}
	see("check")
	p.Use("Make the referral", Enter)
	p.Await("Nothing is sent until somebody confirms")
	ref := p.TextOf("#reference")
	see("done")
	p.Reload()
	p.Await("Nothing is sent until somebody confirms")
	if again := p.TextOf("#reference"); again != ref || len(ref) != 32 {
		t.Errorf("after a reload the case is %q, and was %q", again, ref)
	}
	p.Press(`form[action="/refer/sheet"] button[value="staff"]`)
	p.Await("Print only where nobody else can read it")
	see("sheet")
	if printed := p.Printed(); !strings.Contains(printed, "Invented Patient") || strings.Contains(printed, "Sign out") {
		t.Errorf("printed: %.300s", printed)
	}
	clean(t, "console", withoutRefusals(withoutClearing(p.Console())))
	clean(t, "strangers", p.Strangers(origin))
	for _, a := range append(p.Addresses(), p.History()...) {
		if strings.Contains(a, "?") && !strings.Contains(a, "data:") || strings.Contains(a, ref) {
			t.Errorf("something is said in an address: %s", a)
		}
	}
	for _, secret := range []string{"Invented Patient", "Mondays", ref, "about.who"} {
		if strings.Contains(s.Output(), secret) {
			t.Errorf("the server wrote %q", secret)
		}
	}
	clean(t, "vnu", slices.DeleteFunc(Vnu(t, documents), guess))
}

// Long words and a script from right to left, at 320 pixels: each page holds.
func TestReferralsHoldInOtherLanguages(t *testing.T) {
	t.Parallel()
	p, _, origin := practiceOf(t, "WAYPOST_LANGUAGES=en,en-XA,ar-XB")
	p.Resize(320, 640)
	for language, direction := range map[string]string{"en-XA": "ltr", "ar-XB": "rtl"} {
		see := func(page string) {
			t.Helper()
			if !p.has(page) {
				t.Fatalf("%s: no %s at %s:\n%.600s", language, page, p.Address(), p.Text())
			}
			what := language + " " + page
			clean(t, what+": axe", p.Axe())
			clean(t, what+": overflow", p.Overflow())
			if p.Direction() != direction {
				t.Errorf("%s is laid out %s", what, p.Direction())
			}
			p.Screenshot("refer-"+language+"-"+strings.Trim(page, "#"), true)
		}
		p.Goto(origin + "/consult")
		p.Press(`button[name="speak"][value="` + language + `"]`)
		p.Settle()
		answer(p, fearful)
		p.Press(`#result button[formaction="/refer"]`)
		p.Settle()
		see("#refer-places")
		p.Press(`label:has([id="to.marac"])`)
		p.Press(`#refer-places .button[formaction="/refer/about"]`)
		p.Settle()
		see("#refer-about")
		p.Press(`label:has([id="consent.0.decision.given"])`)
		p.Press(`#refer-about .button[value="check"]`)
		p.Settle()
		see("#refer-check")
		p.Press(`#refer-check .button`)
		p.Settle()
		see("#reference")
	}
}
