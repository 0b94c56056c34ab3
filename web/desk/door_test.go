package desk_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/web/desk"
	"waypost/web/staff/stafftest"
)

// passerBy is a browser that nobody has signed in at.
func (w *world) passerBy() *browser { return &browser{&stafftest.Browser{Ground: w.Ground}} }

// atDoor is an accepted case with the link and code for a service that has no organisation here.
func (w *world) atDoor() (path, token, code string) {
	w.T.Helper()
	path = w.accepted("iris")
	token, code = w.offered(path)
	if !strings.Contains(w.lead.Last.Body, testURL+desk.CollectPath+"#"+token) {
		w.T.Fatalf("the link leads elsewhere:\n%.3000s", w.lead.Last.Body)
	}
	return path, token, code
}

func held(token, code string, more ...string) url.Values {
	form := url.Values{"link": {testURL + desk.CollectPath + "#" + token}, "code": {code}, "lang": {"en"}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// The whole way of a service without an account: looking uses nothing up, one POST does, the same link and code answer.
func TestALinkAndACodeWithoutAnAccount(t *testing.T) {
	w := newWorld(t)
	path, token, code := w.atDoor()
	w.lead.says("no account here")
	b := w.passerBy()
	for range 10 {
		b.Get(desk.CollectPath)
		b.Want(200).hides(secrets...)
	}
	if b.Post(desk.CollectPath, held(token, code[:3]+" "+code[3:])); b.Last.Header.Get("Set-Cookie") != "" || b.Last.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page may be kept, or leaves something: %v", b.Last.Header)
	}
	b.Want(200).says("Zephyrine Quillfeather", "Leave no voicemail", "shown this once", "opened by the service")
	if strings.Index(b.Last.Body, "Leave no voicemail") > strings.Index(b.Last.Body, "Zephyrine Quillfeather") {
		t.Error("who it is stands before how not to make contact")
	}
	b.Post(desk.CollectPath+"/answer", addTo(formTo(t, b.Last.Body, desk.CollectPath+"/answer", "acknowledge", ""), "event", "acknowledge"))
	b.Want(200).says("Thank you", "acknowledged").hides(secrets...)
	// Weeks later, with what was written down.
	w.Clock.Pass(14 * 24 * time.Hour)
	late := w.passerBy()
	late.Post(desk.CollectPath, held(token, code))
	late.Want(200).says("It was opened on", "acknowledged").hides(secrets...)
	form := formTo(t, late.Last.Body, desk.CollectPath+"/answer", "decline", "")
	late.Post(desk.CollectPath+"/answer", form) // a reason is needed
	late.Want(422).says("reason").hides(secrets...)
	late.Post(desk.CollectPath+"/answer", addTo(form, "reason", "no-room"))
	late.Want(200).hides(secrets...)
	late.Post(desk.CollectPath+"/answer", form) // sent twice
	late.Want(409).hides(secrets...)
	w.lead.Again(false)
	w.lead.Get(path)
	w.lead.Want(200).says("declined", "by the service")
	if w.Heard("packet.open", trail.Done) == 0 || w.Heard("packet.decline", trail.Done) != 1 {
		t.Error("the trail does not say what happened at the door")
	}
	for _, secret := range append([]string{token, code}, secrets...) {
		if strings.Contains(w.Log.String(), secret) {
			t.Errorf("%q stands in the log", secret)
		}
	}
}

// A wrong, an old, a foreign and a made-up link, and a wrong code: one page, byte for byte but for what was sent.
func TestEveryLinkThatOpensNothingAtTheDoorIsTheSame(t *testing.T) {
	w := newWorld(t)
	_, token, code := w.atDoor()
	inside, insideCode := w.offered(w.accepted("domestic-abuse"))
	collect := func(token, code string) string {
		b := w.passerBy()
		if b.Post(desk.CollectPath, held(token, code)); b.Last.Status != 404 {
			return b.Last.Body
		}
		return strings.TrimRight(strings.ReplaceAll(b.Last.Body, token, ""), "\n")
	}
	never := collect(strings.Repeat("A", 43), code)
	if !strings.Contains(never, "open nothing here") {
		t.Fatalf("a link that never was:\n%.3000s", never)
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	for name, got := range map[string]string{
		"of a service that signs in": collect(inside, insideCode), "with a wrong code": collect(token, wrong),
		"of no form": collect("canary", code), "with no code": collect(token, ""),
	} {
		if got != never {
			t.Errorf("a link %s differs:\n%s", name, got)
		}
	}
	b := w.passerBy()
	for _, form := range []url.Values{held(token, code, "event", "acknowledge", "rev", "1"), held(token, wrong, "event", "decline", "rev", "1", "reason", "no-room"), held(token, code, "event", "close")} {
		b.Post(desk.CollectPath+"/answer", form)
		b.Want(404).says("open nothing here") // not opened yet, so nothing is answered
	}
	w.Clock.Pass(73 * time.Hour)
	if collect(token, code) != never {
		t.Error("an old link differs")
	}
}

// An odd event, reason or revision is refused with the page as it is, and nothing is written.
func TestAnOddAnswerAtTheDoorIsRefused(t *testing.T) {
	w := newWorld(t)
	path, token, code := w.atDoor()
	b := w.passerBy()
	b.Post(desk.CollectPath, held(token, code))
	rev := formTo(t, b.Last.Body, desk.CollectPath+"/answer", "acknowledge", "").Get("rev")
	for name, form := range map[string]url.Values{
		"an event of the desk": held(token, code, "event", "recall", "rev", rev, "reason", "wrong-service"),
		"no event":             held(token, code, "rev", rev),
		"an odd reason":        held(token, code, "event", "decline", "rev", rev, "reason", "<b>canary</b>"),
		"an old revision":      held(token, code, "event", "acknowledge", "rev", "0"),
		"no revision":          held(token, code, "event", "acknowledge"),
	} {
		b.Post(desk.CollectPath+"/answer", form)
		if s := b.Last.Status; s != 400 && s != 404 && s != 409 && s != 422 {
			t.Errorf("%s: %d", name, s)
		}
		b.hides("<b>canary", "Zephyrine")
	}
	w.lead.Get(path)
	w.lead.Want(200).says("opened by the service")
}
