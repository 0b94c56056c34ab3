package desk_test

import (
	"net/url"
	"strings"
	"testing"

	"waypost/internal/trail"
	"waypost/web/desk"
)

// The desk asks another service: chosen with its service, with consent for it alone, seen before it is added.
func TestAnotherServiceIsAsked(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line") // for stalking, in an area
	path := w.accepted()
	open := func(more url.Values) *browser {
		t.Helper()
		w.lead.Get(path)
		w.lead.Want(200)
		w.lead.send(path+"/more", nil)
		w.lead.Want(200).hides(secrets...)
		form := formTo(t, w.lead.Last.Body, path+"/more", "", "")
		for k, v := range more {
			form[k] = v
		}
		w.lead.Post(path+"/more", form)
		return w.lead
	}
	for name, c := range map[string]struct {
		form  url.Values
		words string
	}{
		"no destination":        {url.Values{"view": {"check"}, "decision": {"given"}}, "Choose a destination"},
		"one that is not here":  {url.Values{"view": {"check"}, "destination": {"adult-scotland"}, "decision": {"given"}}, "Choose a destination"},
		"no decision":           {url.Values{"view": {"check"}, "destination": {"stalking"}}, "Say what was decided about consent"},
		"a service of nowhere":  {url.Values{"view": {"check"}, "destination": {"stalking"}, "service": {"no-such"}, "decision": {"given"}}, "does not have this service"},
		"one that is gone":      {url.Values{"view": {"check"}, "destination": {"domestic-abuse"}, "service": {"domestic-abuse-here"}, "decision": {"given"}}, "does not have this service"},
		"a ground that is none": {url.Values{"view": {"check"}, "destination": {"marac"}, "decision": {"refused"}, "ground": {"no-such"}, "because": {"typed with care"}}, "no consent for this destination"},
	} {
		if open(c.form).Want(422).says(c.words).hides(secrets...); t.Failed() {
			t.Fatal(name)
		}
	}
	// Without an area the local service is not offered; the nation's is not there either, and no service need be named.
	open(url.Values{"view": {"look"}, "destination": {"stalking"}}).Want(200).says("No service named here").hides("Invented Helpline")
	open(url.Values{"view": {"look"}, "destination": {"stalking"}, "postcode": {"ZZ1 1QX"}}).Want(200).says("Invented County", "Invented Helpline", `value="invented-line"`).hides("ZZ1 1QX")
	open(url.Values{"view": {"check"}, "destination": {"stalking"}, "service": {"invented-line"}, "decision": {"given"}}).Want(200).says(`value="invented-line" checked`)
	before, added := w.Heard("case.open", trail.Done), w.Heard("case.add", trail.Done)
	open(url.Values{"view": {"check"}, "destination": {"stalking"}, "decision": {"given"}}).Want(200).says("What it would get", "Zephyrine Quillfeather", "Leave no voicemail").hides("she expects to be killed")
	if w.Heard("case.open", trail.Done) != before+1 {
		t.Error("what was told is shown without an entry")
	}
	// Nobody adds what they have not seen.
	form := filled(w.lead.Last.Body)
	form.Set("view", "add")
	form.Set("decision", "refused")
	w.lead.Post(path+"/more", form)
	w.lead.Want(200).says("Something was changed since you looked", "this service gets nothing").hides("Zephyrine")
	form = filled(w.lead.Last.Body)
	form.Set("decision", "given")
	form.Set("destination", "stalking")
	form.Set("view", "check")
	w.lead.Post(path+"/more", form)
	form = filled(w.lead.Want(200).Last.Body)
	form.Set("view", "add")
	if w.Heard("case.add", trail.Done) != added {
		t.Fatal("added before anybody said so")
	}
	w.lead.Post(path+"/more", form)
	w.lead.follow().Want(200).says("Stalking service", "Another service is asked", "to be handed over").hides(secrets...)
	w.lead.Post(path+"/more", form) // the case is newer now, and has it
	w.lead.Want(422).says("The case has this service already")
	form.Set("destination", "police")
	form.Set("view", "check")
	w.lead.Post(path+"/more", form)
	form = filled(w.lead.Want(200).Last.Body)
	form.Set("view", "add")
	form.Set("rev", "1")
	w.lead.Post(path+"/more", form)
	w.lead.Want(409).says("Somebody changed this case")
	w.lead.Get("/directory")
	if w.Heard("case.add", trail.Done) != added+1 {
		t.Errorf("%d added", w.Heard("case.add", trail.Done)-added)
	}
}

// A service that declined gives way to another one. Consent is asked anew, and whoever opened the case does not decide that.
func TestAnotherServiceInThePlaceOfOneThatDeclined(t *testing.T) {
	w := newWorld(t)
	path := w.accepted()
	w.lead.Get(path)
	w.lead.send(path+"/hand-over", url.Values{"event": {"hand-over"}, "channel": {"phone"}, "theirs": {"taken by Hephzibah"}})
	w.lead.follow().Want(200).hides("Ask another service in its place")
	w.lead.send(path+"/hand-over", url.Values{"event": {"decline"}, "reason": {"no-room"}})
	w.lead.follow().Want(200).says("Ask another service in its place").hides(`<option value="another-service">Another service will be asked</option></select></label><p class="actions"><button class="button quiet" id="retry`)
	_, place, _ := strings.Cut(w.lead.Last.Body, `name="instead"`)
	_, place, _ = strings.Cut(place, `value="`)
	place, _, _ = strings.Cut(place, `"`)
	own := strings.Replace(path, desk.CasePath, desk.OwnPath, 1)
	w.clinician.Get(own)
	w.clinician.Want(200).says("Ask another service").hides("Ask another service in its place")
	w.lead.Post(path+"/more", w.lead.Signed(url.Values{"instead": {place}, "destination": {"domestic-abuse"}}))
	w.lead.Want(200).says("It comes in the place of one", `name="instead" value="`+place+`"`).hides(` value="given" selected`)
	form := filled(w.lead.Last.Body)
	form.Set("decision", "given")
	form.Set("view", "check")
	w.lead.Post(path+"/more", form)
	form = filled(w.lead.Want(200).Last.Body)
	form.Set("view", "add")
	again := w.clinician.Signed(nil)
	for k, v := range form {
		if again[k] == nil {
			again[k] = v
		}
	}
	w.clinician.Post(own+"/more", again)
	if w.clinician.Last.Status == 303 {
		t.Error("whoever opened the case drops a hand-over")
	}
	w.lead.Post(path+"/more", form)
	w.lead.follow().Want(200).says("not pursued", "Another service will be asked", "to be handed over")
	w.lead.Get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"withdraw"}, "reason": {"person-asked"}})
	w.lead.follow().Want(200).hides(`id="more"`)
	w.lead.Post(path+"/more", w.lead.Signed(nil))
	w.lead.Want(409)
}
