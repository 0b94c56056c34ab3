package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/referrals"
	deskpages "waypost/web/desk"
)

// rests counts the records of a kind, whoever they are of.
func (s *surgery) rests(t *testing.T, kinds ...string) (n int) {
	t.Helper()
	must(t, s.kept.Export(t.Context(), func(item any) error {
		if r, ok := item.(store.Record); ok && slices.Contains(kinds, r.Kind) {
			n++
		}
		return nil
	}))
	return n
}

// The whole way of a patient's words: a consultation, a referral, a lead who accepts, a service that picks up with link and
// code, acknowledges and reports, a case that is closed, expires, and is gone from the store.
func TestFromTheConsultationUntilItIsGone(t *testing.T) {
	t.Parallel()
	s := newSurgery(t)
	p := s.enrol(t, s.lead)
	p.Goto(s.URL + "/consult")
	answer(p, fearful)
	if s.rests(t, "case", "card", "packet") != 0 {
		t.Error("something rests before anybody referred")
	}
	p.Press(`#result button[formaction="/refer"]`)
	p.Await("Who can help")
	p.Press(`label:has([id="to.domestic-abuse"])`)
	p.Use("Go on", Enter)
	p.Await("Consent, for each service")
	p.Type(`[id="person.name"]`, "Invented Patient")
	p.Type(`[id="contact.times"]`, "Mondays")
	for field, value := range map[string]string{
		"contact.channel": "phone", "contact.at": "01632 960123", "contact.device-watched": "yes", "children.involved": "no",
		"feared.relationship.0": "former-partner", "referrer.organisation": "Invented Practice", "referrer.contact": "01632 960124",
	} {
		if got := ask[string](p, `(() => { const f = document.getElementsByName(`+quote(field)+`)[0]; f.value = `+quote(value)+`; return f.value; })()`); got != value {
			t.Errorf("%s takes no %s", field, value)
		}
	}
	p.Press(`label:has([id="consent.0.decision.given"])`)
	p.Use("Check before you hand over", Enter)
	p.Await("This is exactly what each service would get")
	p.Use("Make the referral", Enter)
	p.Await("Nothing is sent until somebody confirms")
	ref := p.TextOf("#reference")

	p.Goto(s.URL + deskpages.Path)
	p.Press(`a[href^="` + deskpages.CasePath + ref + `"]`)
	p.Press(`[id="accept.0.open"]`)
	p.Press(`[id="accept.0.go"]`)
	p.Await("to be handed over")
	p.Press(`[id="offer.1.open"]`)
	p.Press(`[id="offer.1.go"]`)
	p.Await("shown once")
	link, code := p.TextOf("#link"), p.TextOf("#code")

	aid := browser.Open(t, link, View{})
	aid.Type("#code", code)
	aid.Press(`form[action="/collect"] button`)
	aid.Await("Invented Patient")
	aid.Press(`[id="acknowledge.open"]`)
	aid.Press(`[id="acknowledge.go"]`)
	aid.Await("Thank you")
	p.Goto(s.URL + deskpages.CasePath + ref)
	p.Await("acknowledged")
	aid.Press(`[id="report.open"]`)
	ask[string](aid, `document.querySelector('form:has([value="report"]) select').value = "help-began"`)
	aid.Press(`[id="report.go"]`)
	aid.Await("outcome reported")

	p.Goto(s.URL + deskpages.CasePath + ref)
	p.Press(`[id="close.0.open"]`)
	ask[string](p, `document.querySelector('form:has([value="close"]) select').value = "help-began"`)
	p.Press(`[id="close.0.go"]`)
	p.Await("Keep for longer")
	if s.rests(t, "case") != 1 {
		t.Error("a closed case does not rest for its time")
	}

	s.ahead.Store(int64(referrals.AfterClosing + time.Hour))
	p.Goto(s.URL + deskpages.CasePath + ref) // the session is over, too
	p.Goto(s.URL + "/sign-in")
	p.Press(signInButton)
	p.Await("Your passkeys")
	p.Goto(s.URL + deskpages.CasePath + ref)
	if text := p.Text(); strings.Contains(text, "Before anything else") || strings.Contains(text, "closed") {
		t.Errorf("what has expired is shown:\n%.500s", text)
	}
	p.Goto(s.URL + deskpages.Path + "?state=closed")
	if strings.Contains(p.Source(), ref) {
		t.Error("what has expired stands in the queue")
	}
	if _, err := s.safe.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.rests(t, "case", "card", "packet", "word"); n != 0 {
		t.Errorf("%d records are left of it", n)
	}
	for _, a := range slices.Concat(p.Addresses(), aid.Addresses()) {
		if strings.Contains(a, "Invented") || strings.Contains(a, code) {
			t.Errorf("an address tells: %s", a)
		}
	}
	for _, secret := range []string{"Invented Patient", "Mondays", ref, code, "about.who"} {
		if strings.Contains(s.output.String(), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}
