package desk_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/web/desk"
)

// passerBy is a browser that nobody has signed in at.
func (w *world) passerBy() *browser { return &browser{w: w} }

// atDoor is an accepted case with the link and code for a service that has no organisation here.
func (w *world) atDoor() (path, token, code string) {
	w.t.Helper()
	path = w.accepted("iris")
	token, code = w.offered(path)
	if !strings.Contains(w.lead.last.body, testURL+desk.CollectPath+"#"+token) {
		w.t.Fatalf("the link leads elsewhere:\n%.3000s", w.lead.last.body)
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
		b.get(desk.CollectPath)
		b.want(200).hides(secrets...)
	}
	if b.post(desk.CollectPath, held(token, code[:3]+" "+code[3:])); b.last.header.Get("Set-Cookie") != "" || b.last.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page may be kept, or leaves something: %v", b.last.header)
	}
	b.want(200).says("Zephyrine Quillfeather", "Leave no voicemail", "shown this once", "opened by the service")
	if strings.Index(b.last.body, "Leave no voicemail") > strings.Index(b.last.body, "Zephyrine Quillfeather") {
		t.Error("who it is stands before how not to make contact")
	}
	b.post(desk.CollectPath+"/answer", addTo(formTo(t, b.last.body, desk.CollectPath+"/answer", "acknowledge", ""), "event", "acknowledge"))
	b.want(200).says("Thank you", "acknowledged").hides(secrets...)
	// Weeks later, with what was written down.
	w.clock.pass(14 * 24 * time.Hour)
	late := w.passerBy()
	late.post(desk.CollectPath, held(token, code))
	late.want(200).says("It was opened on", "acknowledged").hides(secrets...)
	form := formTo(t, late.last.body, desk.CollectPath+"/answer", "decline", "")
	late.post(desk.CollectPath+"/answer", form) // a reason is needed
	late.want(422).says("reason").hides(secrets...)
	late.post(desk.CollectPath+"/answer", addTo(form, "reason", "no-room"))
	late.want(200).hides(secrets...)
	late.post(desk.CollectPath+"/answer", form) // sent twice
	late.want(409).hides(secrets...)
	w.lead.again(false)
	w.lead.get(path)
	w.lead.want(200).says("declined", "by the service")
	if w.heard("packet.open", trail.Done) == 0 || w.heard("packet.decline", trail.Done) != 1 {
		t.Error("the trail does not say what happened at the door")
	}
	for _, secret := range append([]string{token, code}, secrets...) {
		if strings.Contains(w.log.String(), secret) {
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
		if b.post(desk.CollectPath, held(token, code)); b.last.status != 404 {
			return b.last.body
		}
		return strings.TrimRight(strings.ReplaceAll(b.last.body, token, ""), "\n")
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
		b.post(desk.CollectPath+"/answer", form)
		b.want(404).says("open nothing here") // not opened yet, so nothing is answered
	}
	w.clock.pass(73 * time.Hour)
	if collect(token, code) != never {
		t.Error("an old link differs")
	}
}

// An odd event, reason or revision is refused with the page as it is, and nothing is written.
func TestAnOddAnswerAtTheDoorIsRefused(t *testing.T) {
	w := newWorld(t)
	path, token, code := w.atDoor()
	b := w.passerBy()
	b.post(desk.CollectPath, held(token, code))
	rev := formTo(t, b.last.body, desk.CollectPath+"/answer", "acknowledge", "").Get("rev")
	for name, form := range map[string]url.Values{
		"an event of the desk": held(token, code, "event", "recall", "rev", rev, "reason", "wrong-service"),
		"no event":             held(token, code, "rev", rev),
		"an odd reason":        held(token, code, "event", "decline", "rev", rev, "reason", "<b>canary</b>"),
		"an old revision":      held(token, code, "event", "acknowledge", "rev", "0"),
		"no revision":          held(token, code, "event", "acknowledge"),
	} {
		b.post(desk.CollectPath+"/answer", form)
		if s := b.last.status; s != 400 && s != 404 && s != 409 && s != 422 {
			t.Errorf("%s: %d", name, s)
		}
		b.hides("<b>canary", "Zephyrine")
	}
	w.lead.get(path)
	w.lead.want(200).says("opened by the service")
}
