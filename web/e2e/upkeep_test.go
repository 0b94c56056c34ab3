package e2e

import (
	"slices"
	"strings"
	"testing"

	"waypost/referrals/people"
	deskpages "waypost/web/desk"
)

// An editor enters a service and its private contact, a lead confirms both and asks that service for a case, and keeps a
// colleague away from it: every page of it by every check, the screen covered by one key, and all of it without script once.
func TestDirectoryUpkeepAndAnotherService(t *testing.T) {
	t.Parallel()
	s, documents := newSurgery(t), map[string]string{}
	c := s.refer(t)
	_, token, err := s.people.Invite(t.Context(), s.actor(t, s.practice, people.Lead), "Invented Editor", []people.Role{people.DirectoryEditor})
	must(t, err)
	editor := s.enrol(t, s.URL+"/enrol#"+token.Reveal())
	lead := s.enrol(t, s.lead)
	open := func(p *Page) {
		t.Helper()
		ask[int](p, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	}
	look := func(p *Page, name string) { t.Helper(); open(p); s.look(t, p, documents, name) }

	editor.WithoutScript()
	editor.Goto(s.URL + "/directory")
	editor.Press("#new")
	editor.Type(`[name="name"]`, "Invented Aid")
	editor.Press(`#enter button`)
	editor.Await("One field cannot be used")
	look(editor, "service with a fault")
	editor.Press(`input[name="needs"][value="stalking"]`)
	editor.Press(`input[name="nations"][value="england"]`)
	editor.Type(`[name="phone"]`, "0808 157 0012")
	editor.Type(`[name="website"]`, "https://aid.example.org")
	editor.Press(`#enter button`)
	editor.Await("It is new")
	look(editor, "service that is new")
	editor.Press(`#private a`)
	editor.Await("sealed")
	look(editor, "private contacts, closed")
	ask[string](editor, `document.querySelector('#enter select').value = "secure-mail"`)
	editor.Type(`#enter [name="at"]`, "hidden@secure.example.org")
	editor.Press(`#enter form button`)
	editor.Press(`#open button`)
	editor.Await("hidden@secure.example.org")
	look(editor, "private contacts, open")

	const path = "/directory/hand-invented-aid"
	lead.Goto(s.URL + path)
	lead.Press(`form[action="` + path + `/confirm"] button`)
	lead.Goto(s.URL + path + "/private")
	lead.Press(`#open button`)
	lead.Press(`form[action="` + path + `/private/confirm"] button`)
	lead.Goto(s.URL + "/directory")
	look(lead, "directory with services")
	lead.Goto(s.URL + path)
	look(lead, "service")

	lead.Goto(s.URL + deskpages.CasePath + c.Reference)
	lead.Use("accept.0.open", Enter)
	lead.Use("accept.0.go", Enter)
	lead.Await("to be handed over")
	lead.Use("more", Enter)
	lead.Await("Choose whom to ask")
	look(lead, "another service")
	ask[string](lead, `document.querySelector('[name="destination"]').value = "stalking"`)
	lead.Use("look", Enter)
	lead.Await("Invented Aid")
	lead.Press(`input[name="service"][value="hand-invented-aid"]`)
	ask[string](lead, `document.querySelector('[name="decision"]').value = "given"`)
	lead.Use("check", Enter)
	lead.Await("What it would get")
	look(lead, "another service, seen")
	lead.Use("add", Enter)
	lead.Await("Another service is asked")
	lead.Press(`form[action$="/contact#private.2"] button`)
	lead.Await("hidden@secure.example.org")
	look(lead, "case with a private contact")
	if strings.Contains(lead.Address(), "secure") {
		t.Error("a private contact stands in an address")
	}
	lead.Key(F2)
	if text := lead.Text(); strings.Contains(text, "hidden@secure") || !strings.Contains(strings.ToLower(text), "opening hours") {
		t.Errorf("one key does not hide the page: %.200s", text)
	}
	lead.Key(F2)
	lead.Goto(s.URL + deskpages.CasePath + c.Reference + "/away")
	look(lead, "keep somebody away")
	lead.Goto(s.URL + "/audit")
	look(lead, "trail")
	if names := ask[[]string](lead, `[...document.querySelectorAll('form[action="/audit"]')].map(f => f.method)`); len(names) == 0 || slices.Contains(names, "get") {
		t.Error("a search of the trail stands in an address")
	}
	clean(t, "vnu", slices.DeleteFunc(Vnu(t, documents), guess))
}
