package e2e

import (
	"slices"
	"strings"
	"testing"

	"waypost/referrals/people"
	deskpages "waypost/web/desk"
)

// first takes the first answer of a list by keyboard.
func (p *Page) first(list string) {
	p.tb.Helper()
	p.Reach(list, func(f Focus) bool { return f.Name == list })
	p.Key(Down)
}

// A copy for the person, by two leads in two browsers and by keyboard alone: asked, looked through, opened once, printed as it
// stands by the browser's own menu. Every page on the way is sound.
func TestACopyTakesTwoLeadsByKeyboard(t *testing.T) {
	t.Parallel()
	s, documents := newSurgery(t), map[string]string{}
	c := s.refer(t)
	_, token, err := s.people.Invite(t.Context(), s.actor(t, s.practice, people.Lead), "Invented Second", []people.Role{people.Lead})
	must(t, err)
	lead, second := s.enrol(t, s.lead), s.enrol(t, s.URL+"/enrol#"+token.Reveal())
	for _, p := range []*Page{lead, second} { // both have touched the key
		p.Press(signInButton)
		p.Await("Add a passkey")
	}
	lead.Goto(s.URL + deskpages.CasePath + c.Reference)
	lead.Use("ask", Enter)
	lead.Await("Both take two people")
	s.look(t, lead, documents, "ask")
	lead.first("reason")
	lead.Use("ask.copy", Enter)
	lead.Await("waits for another lead")
	s.look(t, lead, documents, "asked")

	second.Goto(s.URL + "/desk/asks")
	s.look(t, second, documents, "asks")
	second.Press(`a[href^="/desk/asks/"]`)
	second.Use("look", Enter)
	second.Await("You are the second person")
	s.look(t, second, documents, "weigh")
	for _, box := range []string{"let.account.reason.0", "check.who-asks", "check.alone", "check.safe-place", "check.serious-harm", "check.other-people", "check.by-hand"} {
		second.Reach(box, func(f Focus) bool { return f.Name == box })
		second.Key(Space)
	}
	second.Use("release", Enter)
	second.Await("released, to be opened once")

	lead.Goto(s.URL + "/desk/asks")
	lead.Press(`a[href^="/desk/asks/"]`)
	lead.Use("open", Enter)
	lead.Await("The copy, shown once")
	ask[int](lead, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	s.look(t, lead, documents, "copy")
	paper := lead.Printed()
	for _, is := range []string{"Zephyrine Quillfeather", "he counts her steps", "Copy of what is kept"} {
		if !strings.Contains(paper, is) {
			t.Errorf("the paper lacks %q:\n%s", is, paper)
		}
	}
	for _, not := range []string{"Perpetua", "01632", "library book", "partner", "shown once", "waypost-copy", c.Reference} {
		if strings.Contains(paper, not) {
			t.Errorf("the paper says %q:\n%s", not, paper)
		}
	}

	// Erasing: the other way round.
	second.Goto(s.URL + deskpages.CasePath + c.Reference + "/ask")
	second.Reach("the second list", func(f Focus) bool { return f.Name == "reason" && f.Tag == "SELECT" })
	second.Key(Tab)
	second.Key(Tab)
	second.first("reason")
	second.Use("ask.erase", Enter)
	second.Await("waits for another lead")
	lead.Goto(s.URL + "/desk/asks")
	lead.Press(`a[href^="/desk/asks/"]`)
	lead.Use("look", Enter)
	lead.Await("What ends")
	s.look(t, lead, documents, "weigh the end")
	clean(t, "console", withoutRefusals(withoutClearing(slices.Concat(lead.Console(), second.Console()))))
	for _, a := range slices.Concat(lead.Addresses(), second.Addresses()) {
		if strings.Contains(a, "Zephyrine") || strings.Contains(a, "let.") {
			t.Errorf("an address tells: %s", a)
		}
	}
	clean(t, "vnu", slices.DeleteFunc(Vnu(t, documents), guess))
}
