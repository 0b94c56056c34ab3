package desk_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/referrals/people"
	"waypost/referrals/shelf/private"
	"waypost/web/desk"
)

// What is hidden here is invented, as is everybody who hides it.
const (
	hiddenPlace = "1 Hidden Lane, Nowhere ZZ1 1AA"
	hiddenName  = "Ermintrude Hollowbread"
	hiddenNote  = "ring twice and ask for the gardener"
)

var hidden = []string{"Hidden Lane", "Hollowbread", "the gardener"}

// hide enters a private contact as one member and has another confirm it, on the pages.
func (w *world) hide(editor, second *browser, service string) {
	w.T.Helper()
	path := "/directory/" + service + "/private"
	editor.Get(path)
	editor.Want(200)
	editor.send(path+"/enter", url.Values{"use": {"refuge"}, "name": {hiddenName}, "at": {hiddenPlace}, "note": {hiddenNote}})
	editor.follow().Want(200).hides(hidden...)
	second.Get(path)
	second.send(path, nil)
	second.Want(200).says(hidden...)
	second.send(path+"/confirm", nil)
	second.follow().Want(200).hides(hidden...)
}

func TestAPrivateContactStandsByTwoPeople(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line")
	path := "/directory/invented-line/private"
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	editor.Get("/directory/invented-line")
	editor.Want(200).says(path)
	editor.Get(path)
	for name, form := range map[string]url.Values{
		"no place": {"use": {"refuge"}, "name": {hiddenName}}, "no use": {"at": {hiddenPlace}, "name": {hiddenName}}, "an unknown use": {"use": {"friend"}, "at": {hiddenPlace}, "name": {hiddenName}},
	} {
		editor.send(path+"/enter", form)
		if editor.Want(422).says("Choose what it is for", `value="`+hiddenName+`"`); t.Failed() {
			t.Fatal(name)
		}
	}
	editor.Get(path)
	editor.send(path+"/enter", url.Values{"use": {"refuge"}, "name": {hiddenName}, "at": {hiddenPlace}, "note": {hiddenNote}})
	editor.follow().Want(200).hides(hidden...)
	opened := w.Heard("directory.read-private", trail.Done)
	editor.send(path, nil)
	editor.Want(200).says(hidden...).says("You entered this yourself", "There is none that two people stand for").hides(path + `/confirm"`)
	if n := w.Heard("directory.read-private", trail.Done); n != opened+1 {
		t.Errorf("%d entries for one opening", n-opened)
	}
	id := valueOf(t, editor.Last.Body, "contact")
	editor.Post(path+"/confirm", editor.Signed(url.Values{"contact": {id}}))
	editor.Want(409).says("another person confirms it")
	// It is due for the second person, and nowhere is it told what it is.
	w.lead.Get("/directory")
	w.lead.Want(200).says("Private contacts to be confirmed", path).hides(hidden...)
	w.lead.Get(path)
	w.lead.send(path, nil)
	w.lead.send(path+"/confirm", nil)
	w.lead.follow().Want(200)
	w.lead.Get("/directory")
	w.lead.Want(200).hides("Private contacts to be confirmed")
	// A change waits, and what stands confirmed stays in use till then.
	editor.Get(path)
	editor.send(path, nil)
	body := editor.Last.Body
	_, change, _ := strings.Cut(body, `name="replaces"`)
	form := formTo(t, body, path+"/enter", "", "")
	if form.Get("replaces") != id || !strings.Contains(change, hiddenPlace) {
		t.Fatal("the form of a change does not hold what stands there")
	}
	form.Set("use", "refuge")
	form.Set("at", "2 Other Lane, Nowhere ZZ1 1AB")
	editor.Post(path+"/enter", form)
	editor.follow().send(path, nil)
	editor.Want(200).says(hiddenPlace, "2 Other Lane", "It comes in the place of one above")
	w.lead.Get(path)
	w.lead.send(path, nil)
	_, waiting, _ := strings.Cut(w.lead.Last.Body, `id="waiting"`)
	w.lead.Post(path+"/confirm", formTo(t, waiting, path+"/confirm", "", ""))
	w.lead.follow().send(path, nil)
	w.lead.Want(200).says("2 Other Lane").hides("Hidden Lane", `id="waiting"`)
	// After 90 days it must be confirmed again; a wrong one goes at once, by one.
	w.Clock.Pass(91 * 24 * time.Hour)
	w.lead.Again(false).Get("/directory")
	w.lead.Want(200).says("Private contacts to be confirmed")
	w.lead.Get(path)
	w.lead.send(path, nil)
	w.lead.Want(200).says("confirmed 90 days ago")
	w.lead.send(path+"/remove", nil)
	w.lead.follow().send(path, nil)
	w.lead.Want(200).hides("2 Other Lane")
	w.lead.Post(path+"/remove", w.lead.Signed(url.Values{"contact": {id}}))
	w.lead.Want(409).says("It is not there any more")
}

// Who may not read them is refused in the trail, and another organisation has a drawer of its own.
func TestPrivateContactsAreTheOrganisationsAlone(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line")
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	w.hide(editor, w.lead, "invented-line")
	path := "/directory/invented-line/private"
	auditor := w.lead.Colleague(people.Auditor).Again(false)
	for who, b := range map[string]*browser{"a clinician": w.clinician, "an auditor": auditor, "a receiver": w.receiver} {
		before := w.Denied.Load()
		b.Get(path)
		b.Want(403).hides(hidden...)
		b.Post(path, b.Signed(nil))
		b.Want(403).hides(hidden...)
		b.Get("/directory/invented-line")
		if b.Want(200).hides(path).hides(hidden...); w.Denied.Load() != before+2 {
			t.Errorf("%s: the refusals are not in the trail", who)
		}
		b.Get("/directory")
		b.Want(200).hides(hidden...)
	}
	other := w.found(people.SafeguardingTeam)
	other.Get(path)
	other.Want(200)
	other.send(path, nil)
	other.Want(200).hides(hidden...).says("There is none that two people stand for")
	w.lead.Get("/directory/no-such/private")
	w.lead.Want(404)
	// No trail, no access.
	w.lead.Get(path)
	form := formTo(t, w.lead.Last.Body, path, "", "")
	w.Store.Deaf.Store(true)
	w.lead.Post(path, form)
	if w.lead.Last.Status == 200 {
		t.Error("opened without an entry")
	}
	w.lead.hides(hidden...)
	w.Store.Deaf.Store(false)
	// A service that is taken out takes what was known of it in private along.
	editor.Get("/directory/invented-line")
	editor.send("/directory/invented-line/retire", nil)
	editor.Want(303)
	w.lead.Get(path)
	w.lead.send(path, nil)
	w.lead.Want(200).hides(hidden...).hides(path + "/enter")
}

// On the desk they are shown for one hand-over, to who may read them, when they ask.
func TestAPrivateContactIsShownWhereAPacketIsHandedOver(t *testing.T) {
	w := newWorld(t)
	w.enter("domestic-abuse-here")
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	w.hide(editor, w.second, "domestic-abuse-here")
	path := w.accepted()
	w.lead.Get(path)
	w.lead.Want(200).hides(hidden...).says("Private contact of this service")
	read, opened := w.Heard("directory.read-private", trail.Done), w.Heard("case.read", trail.Done)
	w.lead.send(path+"/contact#private.0", nil)
	w.lead.Want(200).says(hidden...).says(`id="contact"`)
	if w.Heard("directory.read-private", trail.Done) != read+1 || w.Heard("case.read", trail.Done) != opened+1 {
		t.Error("no entry of its own")
	}
	w.lead.Get(path)
	w.lead.Want(200).hides(hidden...)
	w.lead.Post(path+"/contact", w.lead.Signed(url.Values{"handover": {"00"}}))
	w.lead.Want(404)
	own := strings.Replace(path, desk.CasePath, desk.OwnPath, 1)
	w.clinician.Get(own)
	w.clinician.Want(200).hides("Private contact of this service").hides(hidden...)
	w.clinician.Post(own+"/contact", w.clinician.Signed(nil))
	w.clinician.Want(404)
	w.clinician.Post(path+"/contact", w.clinician.Signed(nil))
	w.clinician.Want(403)
	// It stands in no packet, on no list and in no log.
	w.lead.Get(path)
	w.lead.send(path+"/packet", nil)
	w.lead.Want(200).says("Zephyrine").hides(hidden...)
	for _, page := range []string{desk.Path, "/directory", "/directory/domestic-abuse-here", "/audit", path + "/who", "/statistics"} {
		w.lead.Get(page)
		w.lead.Want(200).hides(hidden...)
	}
	for _, one := range hidden {
		if strings.Contains(w.Log.String(), one) {
			t.Errorf("%q stands in the log", one)
		}
	}
}

func TestEveryUseHasWords(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line")
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	editor.Get("/directory/invented-line/private")
	editor.Want(200).hides(`">not known</option>`)
	for _, u := range private.Uses() {
		editor.says(`<option value="` + string(u) + `">`)
	}
	if !slices.Contains(private.Uses(), private.Refuge) {
		t.Error("not the uses")
	}
}

// valueOf is the value of the first hidden field of that name.
func valueOf(t *testing.T, body, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no field %s", name)
	}
	return value
}
