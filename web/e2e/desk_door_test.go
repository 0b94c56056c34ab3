package e2e

import (
	"slices"
	"strings"
	"testing"

	"waypost/referrals"
	"waypost/referrals/people"
	deskpages "waypost/web/desk"
)

// A service without an account: it opens the link with the code once, answers, and comes back later to say how it ended. One
// has script, the other not.
func TestAServiceWithoutAnAccount(t *testing.T) {
	t.Parallel()
	s, documents := newSurgery(t), map[string]string{}
	must(t, s.people.AnswerNoMoreFromConsole(t.Context(), s.service.ID, "invented-service"))
	lead := s.actor(t, s.practice, people.Lead)
	for _, view := range []View{{}, {NoScript: true}} {
		c, err := s.desk.Decide(t.Context(), lead, s.refer(t).Reference, 1, referrals.Decision{Event: referrals.Accept})
		must(t, err)
		c, link, err := s.desk.Offer(t.Context(), lead, c.Reference, c.Rev, c.Handovers[0].Reference)
		must(t, err)
		address := s.URL + deskpages.PathOf(link) + "#" + link.Token.Reveal()
		p := browser.Open(t, address, view)
		name := map[bool]string{false: "door", true: "door without script"}[view.NoScript]
		if view.NoScript {
			p.Type("#link", address)
		} else if p.Address() != s.URL+deskpages.CollectPath || p.ValueOf("#link") != link.Token.Reveal() {
			t.Errorf("at %s with %q in the field", p.Address(), p.ValueOf("#link"))
		}
		s.look(t, p, documents, name)
		p.Type("#code", "no code")
		p.Press(`form[action="/collect"] button`)
		p.Await("open nothing here")
		p.Type("#code", link.Code.Reveal())
		p.Press(`form[action="/collect"] button`)
		p.Await("Zephyrine Quillfeather")
		if p.Title() != "Information" {
			t.Errorf("the title tells: %q", p.Title())
		}
		if below := p.Below("#contact"); len(below) > 0 {
			t.Errorf("how to make contact is not in view: %v", below)
		}
		s.look(t, p, documents, name+", opened")
		if !strings.Contains(p.Printed(), "Zephyrine Quillfeather") {
			t.Error("what is shown once cannot be printed")
		}
		p.Press(`[id="acknowledge.open"]`)
		p.Press(`[id="acknowledge.go"]`)
		p.Await("Thank you")
		if strings.Contains(p.Text(), "Zephyrine") {
			t.Error("the packet is shown again")
		}
		s.look(t, p, documents, name+", answered")

		later := browser.Open(t, address, View{})
		later.Type("#code", link.Code.Reveal())
		later.Press(`form[action="/collect"] button`)
		later.Await("It was opened on")
		later.Press(`[id="report.open"]`)
		ask[string](later, `document.querySelector('form:has([value="report"]) select').value = "help-began"`)
		later.Press(`[id="report.go"]`)
		later.Await("outcome reported")
		c, err = s.desk.Read(t.Context(), lead, c.Reference)
		must(t, err)
		if h := c.Handovers[0]; h.State != referrals.Done || h.Outcome != "help-began" {
			t.Errorf("the desk has %s", h.State)
		}
		for _, a := range slices.Concat(p.Addresses(), later.Addresses()) {
			if strings.Contains(strings.Split(a, "#")[0], link.Token.Reveal()) || strings.Contains(a, link.Code.Reveal()) {
				t.Errorf("an address tells: %s", a)
			}
		}
		if got := slices.Concat(p.cookiesOf(s.URL), later.cookiesOf(s.URL)); len(got) > 0 {
			t.Errorf("it leaves cookies: %v", got)
		}
		for _, secret := range []string{link.Token.Reveal(), link.Code.Reveal(), "Zephyrine", c.Reference} {
			if strings.Contains(s.output.String(), secret) {
				t.Errorf("the log tells %q", secret)
			}
		}
		clean(t, "console", withoutRefusals(slices.Concat(p.Console(), later.Console())))
	}
	clean(t, "vnu", slices.DeleteFunc(Vnu(t, documents), guess))
}
