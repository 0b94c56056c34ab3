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
	w.t.Helper()
	path := "/directory/" + service + "/private"
	editor.get(path)
	editor.want(200)
	editor.send(path+"/enter", url.Values{"use": {"refuge"}, "name": {hiddenName}, "at": {hiddenPlace}, "note": {hiddenNote}})
	editor.follow().want(200).hides(hidden...)
	second.get(path)
	second.send(path, nil)
	second.want(200).says(hidden...)
	second.send(path+"/confirm", nil)
	second.follow().want(200).hides(hidden...)
}

func TestAPrivateContactStandsByTwoPeople(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line")
	path := "/directory/invented-line/private"
	editor := w.lead.colleague(people.DirectoryEditor).again(false)
	editor.get("/directory/invented-line")
	editor.want(200).says(path)
	editor.get(path)
	for name, form := range map[string]url.Values{
		"no place": {"use": {"refuge"}, "name": {hiddenName}}, "no use": {"at": {hiddenPlace}, "name": {hiddenName}}, "an unknown use": {"use": {"friend"}, "at": {hiddenPlace}, "name": {hiddenName}},
	} {
		editor.send(path+"/enter", form)
		if editor.want(422).says("Choose what it is for", `value="`+hiddenName+`"`); t.Failed() {
			t.Fatal(name)
		}
	}
	editor.get(path)
	editor.send(path+"/enter", url.Values{"use": {"refuge"}, "name": {hiddenName}, "at": {hiddenPlace}, "note": {hiddenNote}})
	editor.follow().want(200).hides(hidden...)
	opened := w.heard("directory.read-private", trail.Done)
	editor.send(path, nil)
	editor.want(200).says(hidden...).says("You entered this yourself", "There is none that two people stand for").hides(path + `/confirm"`)
	if n := w.heard("directory.read-private", trail.Done); n != opened+1 {
		t.Errorf("%d entries for one opening", n-opened)
	}
	id := valueOf(t, editor.last.body, "contact")
	editor.post(path+"/confirm", editor.signed(url.Values{"contact": {id}}))
	editor.want(409).says("another person confirms it")
	// It is due for the second person, and nowhere is it told what it is.
	w.lead.get("/directory")
	w.lead.want(200).says("Private contacts to be confirmed", path).hides(hidden...)
	w.lead.get(path)
	w.lead.send(path, nil)
	w.lead.send(path+"/confirm", nil)
	w.lead.follow().want(200)
	w.lead.get("/directory")
	w.lead.want(200).hides("Private contacts to be confirmed")
	// A change waits, and what stands confirmed stays in use till then.
	editor.get(path)
	editor.send(path, nil)
	body := editor.last.body
	_, change, _ := strings.Cut(body, `name="replaces"`)
	form := formTo(t, body, path+"/enter", "", "")
	if form.Get("replaces") != id || !strings.Contains(change, hiddenPlace) {
		t.Fatal("the form of a change does not hold what stands there")
	}
	form.Set("use", "refuge")
	form.Set("at", "2 Other Lane, Nowhere ZZ1 1AB")
	editor.post(path+"/enter", form)
	editor.follow().send(path, nil)
	editor.want(200).says(hiddenPlace, "2 Other Lane", "It comes in the place of one above")
	w.lead.get(path)
	w.lead.send(path, nil)
	_, waiting, _ := strings.Cut(w.lead.last.body, `id="waiting"`)
	w.lead.post(path+"/confirm", formTo(t, waiting, path+"/confirm", "", ""))
	w.lead.follow().send(path, nil)
	w.lead.want(200).says("2 Other Lane").hides("Hidden Lane", `id="waiting"`)
	// After 90 days it must be confirmed again; a wrong one goes at once, by one.
	w.clock.pass(91 * 24 * time.Hour)
	w.lead.again(false).get("/directory")
	w.lead.want(200).says("Private contacts to be confirmed")
	w.lead.get(path)
	w.lead.send(path, nil)
	w.lead.want(200).says("confirmed 90 days ago")
	w.lead.send(path+"/remove", nil)
	w.lead.follow().send(path, nil)
	w.lead.want(200).hides("2 Other Lane")
	w.lead.post(path+"/remove", w.lead.signed(url.Values{"contact": {id}}))
	w.lead.want(409).says("It is not there any more")
}

// Who may not read them is refused in the trail, and another organisation has a drawer of its own.
func TestPrivateContactsAreTheOrganisationsAlone(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line")
	editor := w.lead.colleague(people.DirectoryEditor).again(false)
	w.hide(editor, w.lead, "invented-line")
	path := "/directory/invented-line/private"
	auditor := w.lead.colleague(people.Auditor).again(false)
	for who, b := range map[string]*browser{"a clinician": w.clinician, "an auditor": auditor, "a receiver": w.receiver} {
		before := w.denied.Load()
		b.get(path)
		b.want(403).hides(hidden...)
		b.post(path, b.signed(nil))
		b.want(403).hides(hidden...)
		b.get("/directory/invented-line")
		if b.want(200).hides(path).hides(hidden...); w.denied.Load() != before+2 {
			t.Errorf("%s: the refusals are not in the trail", who)
		}
		b.get("/directory")
		b.want(200).hides(hidden...)
	}
	other := w.found(people.SafeguardingTeam)
	other.get(path)
	other.want(200)
	other.send(path, nil)
	other.want(200).hides(hidden...).says("There is none that two people stand for")
	w.lead.get("/directory/no-such/private")
	w.lead.want(404)
	// No trail, no access.
	w.lead.get(path)
	form := formTo(t, w.lead.last.body, path, "", "")
	w.store.deaf.Store(true)
	w.lead.post(path, form)
	if w.lead.last.status == 200 {
		t.Error("opened without an entry")
	}
	w.lead.hides(hidden...)
	w.store.deaf.Store(false)
	// A service that is taken out takes what was known of it in private along.
	editor.get("/directory/invented-line")
	editor.send("/directory/invented-line/retire", nil)
	editor.want(303)
	w.lead.get(path)
	w.lead.send(path, nil)
	w.lead.want(200).hides(hidden...).hides(path + "/enter")
}

// On the desk they are shown for one hand-over, to who may read them, when they ask.
func TestAPrivateContactIsShownWhereAPacketIsHandedOver(t *testing.T) {
	w := newWorld(t)
	w.enter("domestic-abuse-here")
	editor := w.lead.colleague(people.DirectoryEditor).again(false)
	w.hide(editor, w.second, "domestic-abuse-here")
	path := w.accepted()
	w.lead.get(path)
	w.lead.want(200).hides(hidden...).says("Private contact of this service")
	read, opened := w.heard("directory.read-private", trail.Done), w.heard("case.read", trail.Done)
	w.lead.send(path+"/contact#private.0", nil)
	w.lead.want(200).says(hidden...).says(`id="contact"`)
	if w.heard("directory.read-private", trail.Done) != read+1 || w.heard("case.read", trail.Done) != opened+1 {
		t.Error("no entry of its own")
	}
	w.lead.get(path)
	w.lead.want(200).hides(hidden...)
	w.lead.post(path+"/contact", w.lead.signed(url.Values{"handover": {"00"}}))
	w.lead.want(404)
	own := strings.Replace(path, desk.CasePath, desk.OwnPath, 1)
	w.clinician.get(own)
	w.clinician.want(200).hides("Private contact of this service").hides(hidden...)
	w.clinician.post(own+"/contact", w.clinician.signed(nil))
	w.clinician.want(404)
	w.clinician.post(path+"/contact", w.clinician.signed(nil))
	w.clinician.want(403)
	// It stands in no packet, on no list and in no log.
	w.lead.get(path)
	w.lead.send(path+"/packet", nil)
	w.lead.want(200).says("Zephyrine").hides(hidden...)
	for _, page := range []string{desk.Path, "/directory", "/directory/domestic-abuse-here", "/audit", path + "/who", "/statistics"} {
		w.lead.get(page)
		w.lead.want(200).hides(hidden...)
	}
	for _, one := range hidden {
		if strings.Contains(w.log.String(), one) {
			t.Errorf("%q stands in the log", one)
		}
	}
}

func TestEveryUseHasWords(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line")
	editor := w.lead.colleague(people.DirectoryEditor).again(false)
	editor.get("/directory/invented-line/private")
	editor.want(200).hides(`">not known</option>`)
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
