package e2e

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// staffLook is a way of looking at the pages of staff.
type staffLook struct {
	name, language string
	view           View
	bare           bool // without script: the pages, not the ceremonies
}

var staffLooks = []staffLook{
	{name: "desk"},
	{name: "small", view: View{Width: 320, Height: 640}},
	{name: "dark", view: View{Dark: true}},
	{name: "forced colours", view: View{ForcedColors: true, Width: 390, Height: 844}},
	{name: "long text", language: "en-XA", view: View{Width: 320, Height: 640}},
	{name: "right to left", language: "ar-XB"},
	{name: "Welsh", language: "cy"},
	{name: "without script", bare: true},
}

// staffWalk goes through every page of staff in one look and hands each over to be looked at.
type staffWalk struct {
	t    *testing.T
	o    *office
	p    *Page
	look staffLook
	see  func(name string)
}

func (w *staffWalk) at(path string) string {
	if w.look.language == "" {
		return w.o.URL + path
	}
	return w.o.URL + path + "?l=" + w.look.language
}

// press works a button and waits for the page that follows, whatever its language: by its address and an element.
func (w *staffWalk) press(button, then string) {
	w.t.Helper()
	w.p.Press(button)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if w.p.has(then) {
			w.p.Settle()
			return
		}
	}
	w.t.Fatalf("after %s at %s there is no %s:\n%s", button, w.p.Address(), then, w.p.Text())
}

func (w *staffWalk) doors() {
	w.p.Goto(w.at("/sign-in"))
	w.see("sign in")
	w.p.Goto(w.at("/enrol"))
	w.see("enrol without the link")
	w.p.Goto(w.at("/enrol") + "#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	w.p.Settle()
	if !w.look.bare {
		w.press(`form[data-ceremony] button`, `div.faults`)
		w.see("a link of no use")
		w.p.Goto(w.at("/sign-in"))
		w.p.Authenticator() // holds no key of ours
		w.press(signInButton, `[data-when="failed"]:not([hidden])`)
		w.see("the device gave no key")
	}
}

func (w *staffWalk) account() {
	w.p.Goto(w.at("/account"))
	w.see("account")
	ask[int](w.p, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	w.see("account unfolded")
	w.press(signInButton, addButton)
	w.see("account after the step-up")
	w.press(endButton, `div.faults`)
	w.see("the last key")
}

// clients connects another system, with a key of nobody's, and ends the connection. The key was touched just before.
func (w *staffWalk) clients() {
	w.p.Goto(w.at("/clients"))
	w.see("no system")
	w.p.Type("#name", "Invented System")
	w.p.Type("#keys", "canary")
	w.press(`#register button`, `div.faults`)
	w.see("no key set")
	w.p.Type("#name", "Invented system with a long name that nobody could write on one line of a small screen")
	w.p.Type("#keys", inventedKeySet)
	w.p.Press(`#register label:has(input[value="ServiceRequest.c"])`)
	w.press(`#register button`, `form[action="/clients/revoke"]`)
	ask[int](w.p, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	w.see("a system")
	w.press(`form[action="/clients/revoke"] button`, `section .tag`)
	w.see("an ended system")
}

func (w *staffWalk) people() {
	w.p.Goto(w.at("/people"))
	w.see("people")
	w.p.Type("#name", "Invented Colleague")
	w.press(`#invite button`, `div.faults`)
	w.see("people with a fault")
	w.p.Type("#name", "Invented Colleague")
	w.p.Press(`#invite label:has(input[value="clinician"])`)
	w.press(`#invite button`, `#link`)
	w.see("the link")
	w.p.Goto(w.at("/people"))
	ask[int](w.p, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	w.see("people unfolded")
	w.p.Type("#name", "Invented Person with a long name that nobody could write on one line of a small screen")
	w.p.Press(`#invite label:has(input[value="clinician"])`)
	w.o.pass(6 * time.Minute)
	w.press(`#invite button`, `form[action="/account/step-up"]`)
	w.see("step-up")
	w.press(signInButton, `#send-again`)
	w.see("still here")
	w.press(`#send-again`, `#link`)
	w.p.Goto(w.at("/people"))
	w.p.Type("#name", "Invented Colleague")
	w.o.gone.Store(true)
	w.press(`#invite button`, `form[action="/sign-in/resume"]`)
	w.see("please wait")
	w.o.gone.Store(false)
	w.press(`form[action="/sign-in/resume"] button`, `#send-again`)
	w.p.Goto(w.at("/people"))
	w.p.Type("#name", "Invented Colleague")
	ask[int](w.p, `[...document.querySelectorAll('[name="member"]')].map(e => e.value = e.value.split(".")[0]).length`)
	w.o.pass(11 * time.Minute)
	w.press(`#invite button`, `form[action="/sign-in"]`)
	w.press(signInButton, `#send-again`)
	w.see("laid out by somebody")
	w.p.Goto(w.at("/people"))
	w.p.Type("#name", "Invented Colleague")
	w.p.Press(`#invite label:has(input[value="clinician"])`)
	w.o.pass(11 * time.Minute)
	w.press(`#invite button`, `form[action="/sign-in"]`)
	w.see("sign in with typed text")
	w.o.gone.Store(true)
	w.press(signInButton, `form[action="/sign-in"]`)
	w.see("signing in is not possible")
	w.o.gone.Store(false)
	w.o.pass(61 * time.Minute)
	w.press(signInButton, `a.button[href="/account"]`)
	w.see("too old to be kept")
}

func (p *Page) has(selector string) bool {
	p.tb.Helper()
	return ask[bool](p, `!!document.querySelector(`+quote(selector)+`)`)
}

// TestEveryPageOfStaffIsSoundInEveryView: axe, overflow, direction, console and strangers for every page in every view, and
// the Nu validator over every document.
func TestEveryPageOfStaffIsSoundInEveryView(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	documents := map[string]string{}
	t.Run("views", func(t *testing.T) {
		for _, l := range staffLooks {
			t.Run(l.name, func(t *testing.T) {
				t.Parallel()
				o := newOffice(t, practiceSignIn(t))
				w := &staffWalk{t: t, o: o, look: l}
				w.see = func(name string) {
					t.Helper()
					what := name + ", " + l.name
					clean(t, what+": axe", w.p.Axe())
					clean(t, what+": overflow", w.p.Overflow())
					clean(t, what+": strangers", w.p.Strangers(o.URL))
					clean(t, what+": console", withoutRefusals(withoutClearing(w.p.Console())))
					if want := pick(l.language == "ar-XB", "rtl", "ltr"); w.p.Direction() != want {
						t.Errorf("%s is laid out %s", what, w.p.Direction())
					}
					w.p.Screenshot("staff-"+strings.TrimSuffix(fileName(what), ".html"), true)
					mu.Lock()
					defer mu.Unlock()
					documents[what] = w.p.Source()
				}
				w.p = browser.Open(t, o.URL+"/sign-in", l.view)
				if l.bare {
					w.p.WithoutScript()
				}
				w.doors()
				if l.bare {
					return
				}
				w.p, _ = o.enrol(t, l.view)
				w.account()
				w.clients()
				w.people()
			})
		}
	})
	if len(documents) < 100 {
		t.Errorf("%d documents only", len(documents))
	}
	clean(t, "vnu", slices.DeleteFunc(Vnu(t, documents), guess))
}
