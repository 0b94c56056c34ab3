package desk_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/trail"
	"waypost/referrals/people"
	"waypost/web/desk"
	"waypost/web/staff/stafftest"
)

func TestAHandOverByPhoneIsConfirmed(t *testing.T) {
	w := newWorld(t)
	path := w.accepted("domestic-abuse")
	w.lead.Get(path)
	w.lead.Want(200).says("to be handed over")
	for name, form := range map[string]url.Values{
		"without a channel":   {"event": {"hand-over"}, "theirs": {"taken by Hephzibah"}},
		"without a reference": {"event": {"hand-over"}, "channel": {"phone"}},
		"with a false one":    {"event": {"hand-over"}, "channel": {"pick-up"}, "theirs": {"taken by Hephzibah"}},
	} {
		w.lead.Get(path)
		w.lead.send(path+"/hand-over", form)
		if w.lead.Want(422); form.Get("theirs") != "" {
			w.lead.says(`value="taken by Hephzibah"`)
		}
		if strings.Contains(w.lead.Last.Body, "waits for an answer</span>") {
			t.Errorf("handed over %s", name)
		}
	}
	w.lead.Get(path)
	w.lead.send(path+"/hand-over", url.Values{"event": {"hand-over"}, "channel": {"phone"}, "theirs": {"taken by Hephzibah"}})
	w.lead.follow().Want(200).says("handed over, not acknowledged", "taken by Hephzibah", "By phone")
	// Not acknowledged in time: at the top of the desk, on the list of those who wait.
	w.Clock.Pass(9 * time.Hour)
	w.lead.Again(false)
	w.lead.Get(desk.Path + "?late=yes&state=handed-over")
	w.lead.Want(200)
	w.lead.says(strings.TrimPrefix(path, desk.CasePath), "overdue")
	// The service answers by phone, and staff confirm that too.
	for _, step := range []url.Values{{"event": {"acknowledge"}}, {"event": {"report"}, "reason": {"help-began"}}} {
		w.lead.Get(path)
		w.lead.send(path+"/hand-over", step)
		w.lead.Want(303)
	}
	w.lead.Get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"close"}, "reason": {"help-began"}})
	w.lead.follow().Want(200).says("closed", "Help began")
}

func TestAPacketIsSeenBeforeItIsHandedOver(t *testing.T) {
	w := newWorld(t)
	path := w.accepted("domestic-abuse", "marac")
	w.lead.Get(path)
	before := w.Heard("case.open", trail.Done)
	w.lead.send(path+"/packet", url.Values{})
	w.lead.Want(200).says("Zephyrine Quillfeather", "What is told").hides("she expects to be killed") // a field of the conference alone
	if w.Heard("case.open", trail.Done) != before+1 {
		t.Error("no entry of its own")
	}
	w.lead.Post(path+"/packet", w.lead.Signed(url.Values{"handover": {"00"}}))
	w.lead.Want(404)
}

// The whole way of a link: looking uses nothing up, one POST does, and the service answers.
func TestALinkAndACode(t *testing.T) {
	w := newWorld(t)
	path := w.accepted()
	token, code := w.offered(path)
	if w.lead.Last.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page with the link may be kept")
	}
	w.lead.Get(path)
	w.lead.Want(200).hides(token, code).says("handed over, waits for an answer")
	r := w.receiver
	for range 10 {
		r.Get("/pick-up")
		r.Want(200).hides(secrets...)
		r.Post("/pick-up", url.Values{"link": {testURL + "/pick-up#" + token}})
		r.Want(200)
	}
	r.send("/pick-up/packet", url.Values{"code": {code[:3] + " " + code[3:]}})
	r.follow().Want(200).says("Zephyrine Quillfeather", "Leave no voicemail", "opened by the service").hides("Ambrosia Fairweather at")
	packet := r.Last
	if strings.Index(packet.Body, "Leave no voicemail") > strings.Index(packet.Body, "Zephyrine Quillfeather") {
		t.Error("who it is stands before how not to make contact")
	}
	at := formTo(t, packet.Body, inboxOf(t, packet.Body)+"/answer", "acknowledge", "")
	r.Post(inboxOf(t, packet.Body)+"/answer", addTo(at, "event", "acknowledge"))
	r.follow().Want(200).says("acknowledged")
	inbox := inboxOf(t, r.Last.Body)
	r.send(inbox+"/answer", url.Values{"event": {"take-on"}})
	r.follow().Want(200)
	r.send(inbox+"/answer", url.Values{"event": {"report"}, "reason": {"help-began"}})
	r.follow().Want(200).says("Help began")
	r.Get(desk.InboxPath)
	r.Want(200).says("outcome reported").hides(secrets...)
	w.lead.Get(path)
	w.lead.Want(200).says("outcome reported", "Help began", "by the service")
	w.lead.send(path+"/decide", url.Values{"event": {"close"}, "reason": {"help-began"}})
	w.lead.follow().Want(200).says("closed")
	// The link is used: the same calm page as for one that never was.
	r.Post("/pick-up", url.Values{"link": {token}})
	r.send("/pick-up/packet", url.Values{"code": {code}})
	r.Want(404).says("open nothing here").hides(secrets...)
}

func addTo(f url.Values, name, value string) url.Values { f.Set(name, value); return f }

// inboxOf is the path of the packet on a page.
func inboxOf(t *testing.T, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `action="`+desk.InboxPath+"/")
	id, _, _ := strings.Cut(rest, "/answer")
	if !ok {
		t.Fatalf("no packet on the page:\n%.3000s", body)
	}
	return desk.InboxPath + "/" + id
}

// A used, a wrong, an expired and a foreign link, and a wrong code: one page, byte for byte but for what was sent.
func TestEveryLinkThatOpensNothingIsTheSame(t *testing.T) {
	w := newWorld(t)
	other := w.found(people.ReceivingService).Colleague(people.Receiver)
	token, code := w.offered(w.accepted())
	redeem := func(b *browser, token, code string) string {
		b.Again(false)
		b.Post("/pick-up", url.Values{"link": {token}})
		b.Want(200)
		b.send("/pick-up/packet", url.Values{"code": {code}})
		body := b.Last.Body
		if b.Last.Status == 404 {
			for _, field := range []string{b.Session().Token(), b.Session().Actor.Member(), token} {
				body = strings.ReplaceAll(body, field, "")
			}
			body = memberTag.ReplaceAllString(body, "")
		}
		return strings.TrimRight(body, "\n")
	}
	never := redeem(w.receiver, strings.Repeat("A", 43), code)
	if !strings.Contains(never, "open nothing here") {
		t.Fatalf("a link that never was:\n%.3000s", never)
	}
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	for name, got := range map[string]string{
		"of another service": redeem(other, token, code), "with a wrong code": redeem(w.receiver, token, wrong), "of no form": redeem(w.receiver, "canary", code),
		"with a tag": redeem(w.receiver, "<b>x</b>", code),
	} {
		if got != never {
			t.Errorf("a link %s differs:\n%s\n\n%s", name, got, never)
		}
	}
	if got := redeem(w.receiver, token, code); got == never || w.receiver.Last.Status != 303 {
		t.Fatalf("the right link and code: %d", w.receiver.Last.Status)
	}
	if redeem(w.receiver, token, code) != never {
		t.Error("a used link differs")
	}
	token, code = w.offered(w.accepted())
	w.Clock.Pass(73 * time.Hour)
	if redeem(w.receiver, token, code) != never {
		t.Error("an old link differs")
	}
}

// Twelve at once: one wins.
func TestOneOfManyOpensALink(t *testing.T) {
	w := newWorld(t)
	token, code := w.offered(w.accepted())
	w.receiver.Post("/pick-up", url.Values{"link": {token}})
	form := addTo(formTo(t, w.receiver.Last.Body, "/pick-up/packet", "", ""), "code", code)
	var won, lost, busy, other int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			b := &browser{&stafftest.Browser{Ground: w.Ground, Key: w.receiver.Key, Cookie: w.receiver.Cookie}}
			got := b.Post("/pick-up/packet", form)
			mu.Lock()
			defer mu.Unlock()
			switch got.Status {
			case 303:
				won++
			case 404:
				lost++
			case 503: // so many at once for one session: come again
				busy++
			default:
				other++
			}
		})
	}
	all.Wait()
	if won != 1 || other != 0 {
		t.Errorf("%d won, %d lost, %d came again, %d something else", won, lost, busy, other)
	}
	w.receiver.Post("/pick-up/packet", form)
	w.receiver.Want(404)
}

func TestALinkIsRecalledUntilItIsOpened(t *testing.T) {
	w := newWorld(t)
	path := w.accepted()
	token, code := w.offered(path)
	w.lead.Get(path)
	w.lead.send(path+"/decide", url.Values{"event": {"recall"}, "reason": {"new-danger"}, "words": {"he works there"}})
	w.lead.follow().Want(200).says("to be handed over", "he works there")
	w.receiver.Post("/pick-up", url.Values{"link": {token}})
	w.receiver.send("/pick-up/packet", url.Values{"code": {code}})
	w.receiver.Want(404)
	token, code = w.offered(path)
	w.lead.Get(path)
	w.receiver.Post("/pick-up", url.Values{"link": {token}})
	w.receiver.send("/pick-up/packet", url.Values{"code": {code}})
	w.receiver.Want(303)
	w.lead.send(path+"/decide", url.Values{"event": {"recall"}, "reason": {"new-danger"}, "words": {"too late for that"}})
	w.lead.Want(409).says("too late for that")
}

// Who comes with a link and is not signed in keeps it over the sign-in, sealed.
func TestALinkWaitsForTheSignIn(t *testing.T) {
	w := newWorld(t)
	token, code := w.offered(w.accepted())
	r := &browser{&stafftest.Browser{Ground: w.Ground, Key: w.receiver.Key}}
	r.Get("/pick-up")
	r.Want(200)
	r.Post("/pick-up", url.Values{"link": {token}, "lang": {"en"}})
	r.Want(401).hides(token)
	form := formTo(t, r.Last.Body, "/sign-in", "", "")
	form.Set("credential", r.Touch("/sign-in/begin", url.Values{}))
	r.Post("/sign-in", form)
	r.Want(200)
	r.send("/pick-up", url.Values{})
	r.Want(200)
	r.send("/pick-up/packet", url.Values{"code": {code}})
	r.follow().Want(200).says("Zephyrine")
}
