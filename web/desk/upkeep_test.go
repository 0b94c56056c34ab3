package desk_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/referrals/directory"
	"waypost/referrals/people"
)

// service is an invented one of an invented area, entered by one person and confirmed by another.
func (w *world) enter(id string) {
	w.T.Helper()
	s := directory.Service{
		ID: id, Name: "Invented Helpline " + id, Needs: []string{"stalking"}, Nations: directory.Nations(0).With(directory.England), ShownTo: directory.Anyone,
		For: "people who are followed", Ways: []directory.Way{{By: directory.Phone, At: "0808 157 0012", Status: directory.Secondary}},
		Hours: directory.Hours{Text: "every day", Status: directory.Secondary}, Covers: directory.Coverage{Authorities: []string{"E06000019"}},
		Status: directory.Secondary, Prof: directory.ProfUnknown, Bill: directory.Bill{Trace: directory.BillUnknown}, SourceDate: "undated", Sources: []directory.Source{{Address: "https://help.example.org/"}}, ReadOn: w.Clock.Now(),
	}
	act := records.Act{Tenant: w.service, Actor: "editor-a", Action: "directory.enter"}
	if _, err := w.shelf.Enter(w.T.Context(), act, s); err != nil {
		w.T.Fatal(err)
	}
	act.Actor, act.Action = "editor-b", "directory.confirm"
	if _, err := w.shelf.Confirm(w.T.Context(), act, id); err != nil {
		w.T.Fatal(err)
	}
}

func TestAContactChangesByTwoPeople(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line")
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	path := "/directory/invented-line"
	editor.Get("/directory")
	editor.Want(200).says("Invented Helpline", path)
	editor.Get(path)
	editor.Want(200).says("0808 157 0012", "25 November 2026")
	for name, number := range map[string]string{"no number": "ring us", "a name": "<b>Bob</b>"} {
		editor.send(path+"/propose", url.Values{"name": {"Invented Helpline"}, "way.0": {number}})
		editor.Want(422).hides("<b>Bob")
		if !strings.Contains(editor.Last.Body, `value="`+strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(number)) {
			t.Errorf("%s is lost", name)
		}
	}
	editor.Get(path)
	editor.send(path+"/propose", url.Values{"name": {"Invented Helpline"}, "way.0": {"0808 157 0077"}, "hours": {"weekdays"}})
	editor.follow().Want(200).says("A change waits for another person", "0808 157 0077", "0808 157 0012", "another person confirms it")
	if s, ok := w.shelf.Directory().Find("invented-line"); !ok || s.Ways[0].At != "0808 157 0012" {
		t.Errorf("one person alone changed the number to %v", s.Ways)
	}
	editor.Post(path+"/confirm", editor.Signed(nil))
	editor.Want(409).says("You proposed this change yourself")
	w.lead.Get("/directory")
	w.lead.Want(200).says("A change waits for another person")
	w.lead.Get(path)
	w.lead.send(path+"/confirm", nil)
	w.lead.follow().Want(200).says("0808 157 0077", "weekdays").hides("0808 157 0012")
	w.lead.Post(path+"/propose", w.lead.Signed(url.Values{"name": {"x"}}))
	w.lead.Want(403) // a lead confirms and does not propose
	w.Clock.Pass(7 * 24 * time.Hour)
	w.lead.Again(false).Get(path)
	w.lead.Want(200).hides("2 December 2026")
	w.lead.send(path+"/rung", nil)
	w.lead.follow().Want(200).says("2 December 2026")
	w.lead.Post(path+"/refuse", w.lead.Signed(nil))
	w.lead.Want(409).says("Nothing waits here")
}

// Nobody confirms a number that another number has replaced since the page was opened, nor takes back unseen what somebody
// else has set right.
func TestNobodyConfirmsWhatTheyHaveNotSeen(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line")
	path := "/directory/invented-line"
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	propose := func(number string) {
		t.Helper()
		editor.Get(path)
		editor.send(path+"/propose", url.Values{"way.0": {number}})
		editor.Want(303)
	}
	propose("0808 157 0077")
	w.lead.Get(path)
	w.lead.Want(200).says("0808 157 0077")
	seen := formTo(t, w.lead.Last.Body, path+"/confirm", "", "")
	editor.Get(path)
	editor.send(path+"/refuse", nil)
	editor.Want(303)
	propose("0808 157 0066")
	w.lead.Post(path+"/confirm", seen)
	w.lead.Want(409).says("Somebody changed this service", "0808 157 0066")
	if s, _ := w.shelf.Directory().Find("invented-line"); s.Ways[0].At != "0808 157 0012" {
		t.Errorf("a number that nobody saw stands there: %v", s.Ways)
	}
	editor.Get(path)
	old := formTo(t, editor.Last.Body, path+"/propose", "", "")
	w.lead.send(path+"/confirm", nil) // of the page that shows it
	w.lead.Want(303)
	old.Set("name", "Invented Helpline")
	old.Set("hours", "typed with care")
	editor.Post(path+"/propose", old)
	editor.Want(409).says("typed with care", "0808 157 0066")
}

func TestWhatGrewOldIsDue(t *testing.T) {
	w := newWorld(t)
	w.enter("old-line")
	w.enter("old-line-2")
	w.Clock.Pass(200 * 24 * time.Hour)
	w.lead.Again(false).Get("/directory")
	w.lead.Want(200).says("old-line", "Not on patient copies any more")
	editor := w.second.Again(false).Colleague(people.DirectoryEditor).Again(false)
	editor.Get("/directory/old-line")
	editor.send("/directory/old-line/retire", nil)
	editor.follow().Want(200).hides("/directory/old-line?").says("/directory/old-line-2")
	editor.Get("/directory/old-line")
	editor.Want(404)
}
