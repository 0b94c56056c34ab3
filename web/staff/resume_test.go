package staff_test

import (
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/staff"
	"waypost/web/staff/stafftest"
)

// notes is a journey of another room that keeps what it is sent: one form for a lead, one that takes a step-up.
type notes struct{ kept []url.Values }

func (n *notes) journey(j *staff.Journey) web.Journey {
	keep := func(r *web.Request) (web.Page, error) {
		f, faults, err := r.Form(func(name string) web.Kind {
			switch name {
			case "words", "more", "and", "last":
				return web.Prose
			case "carried":
				return web.Sealed
			case "many":
				return web.Many
			case "empty":
				return web.One
			}
			return staff.FieldKind(name)
		})
		if err != nil || len(faults) > 0 {
			return web.Page{Status: 500}, err
		}
		got := url.Values{}
		for name, value := range f.All() {
			got.Add(name, value)
		}
		n.kept = append(n.kept, got)
		return web.Page{To: "/account"}, nil
	}
	show := func(*web.Request) (web.Page, error) { return web.Data(200, "text/plain", []byte("the note")), nil }
	return web.JourneyFunc(func(*web.Kit) ([]web.Route, error) {
		return []web.Route{
			{Method: "GET", Path: "/notes/:ref", Policy: j.For(people.CaseRead), Handler: show},
			{Method: "POST", Path: "/notes/:ref", Policy: j.For(people.CaseRead), Handler: j.Keeping(keep)},
			{Method: "POST", Path: "/grave", Policy: j.For(people.Export), Handler: j.Keeping(keep)},
		}, nil
	})
}

func newNotes(t *testing.T) (*world, *notes) {
	n := &notes{}
	return newWorldWith(t, nil, n.journey), n
}

// theWords hold whatever a form, a page or a seal might spoil.
const theWords = "canary \"one\" <b>&amp; two\r\n\tthree = 3+4%20; Wrecsam ŵ, اردو \u200cمتن, 'x'"

func typedForm(b *browser) url.Values {
	return b.Signed(url.Values{"words": {theWords}, "many": {"a", "b"}, "carried": {"c2VhbGVk"}, "empty": {""}})
}

func (n *notes) wantOnce(t *testing.T) {
	t.Helper()
	if len(n.kept) != 1 {
		t.Fatalf("kept %d times", len(n.kept))
	}
	got := n.kept[0]
	if got.Get("words") != theWords || strings.Join(got["many"], " ") != "a b" || got.Get("carried") != "c2VhbGVk" {
		t.Errorf("kept %q", got)
	}
}

// formTo reads the form of a page that leads to a path, as a browser would.
func formTo(t testing.TB, body, path string) url.Values {
	t.Helper()
	all := stafftest.Forms(body, path)
	if len(all) == 0 {
		t.Fatalf("no form to %s on the page:\n%.1500s", path, body)
	}
	return all[0]
}

// carries fails unless the page carries the words sealed and says nothing of them.
func carries(t *testing.T, a answer, path string) url.Values {
	t.Helper()
	form := formTo(t, a.Body, path)
	if form.Get("carried") == "" || strings.Contains(a.Body, "canary") || strings.Contains(a.Body, "Wrecsam") {
		t.Fatalf("status %d: not carried, or shown in clear: %.80q", a.Status, form.Get("carried"))
	}
	return form
}

// sendAgain is the one button of the page on which what was typed is still there.
func sendAgain(b *browser, path string) {
	b.T.Helper()
	if !strings.Contains(b.Last.Body, "still here") || !strings.Contains(b.Last.Body, html.EscapeString("Wrecsam ŵ")) {
		b.T.Fatalf("status %d, and not the page that shows what was typed:\n%.600s", b.Last.Status, b.Last.Body)
	}
	b.Post(path, formTo(b.T, b.Last.Body, path))
	b.Want(303)
}

func TestWhatWasTypedIsThereAfterTheSessionEnded(t *testing.T) {
	w, n := newNotes(t)
	b := w.Lead(people.Practice)
	form := typedForm(b)
	w.Clock.Pass(people.Idle)
	b.Post("/notes/n1", form)
	b.Want(401)
	carried := carries(t, b.Last, "/sign-in")
	b.Post("/sign-in", carried) // the key does not answer: still nothing is lost
	b.Want(401)
	carried = carries(t, b.Last, "/sign-in")
	b.SignIn(carried)
	b.Want(200)
	sendAgain(b, "/notes/n1")
	n.wantOnce(t)
	if strings.Contains(w.Log.String(), "canary") {
		t.Error("what was typed is in the log")
	}
}

func TestWhatWasTypedIsForItsMemberAlone(t *testing.T) {
	w, n := newNotes(t)
	b := w.Lead(people.Practice)
	other := b.Colleague(people.Lead)
	form := typedForm(b)
	w.Clock.Pass(people.Idle)
	b.Post("/notes/n1", form)
	carried := carries(t, b.Last, "/sign-in")

	other.SignIn(carried)
	other.Want(200)
	if strings.Contains(other.Last.Body, "canary") || strings.Contains(other.Last.Body, "/notes/n1") || !strings.Contains(other.Last.Body, "could not be opened") {
		t.Errorf("another member is shown it:\n%.900s", other.Last.Body)
	}
	// A colleague who has signed in at the same desk meanwhile does not send it either, and does not lose it.
	b.Cookie = other.Cookie
	b.Post("/notes/n1", form)
	b.Want(403)
	carried = carries(t, b.Last, "/sign-in")
	b.SignIn(carried)
	b.Want(200)
	sendAgain(b, "/notes/n1")
	n.wantOnce(t)
}

func TestAFormOfTheSessionBeforeIsSentAgainWithAPress(t *testing.T) {
	w, n := newNotes(t)
	b := w.Lead(people.Practice)
	form := typedForm(b)
	b.SignIn(nil) // in another window of the same browser
	b.Want(303)
	b.Post("/notes/n1", form)
	b.Want(403)
	if len(n.kept) > 0 {
		t.Fatal("a token of the session before counts")
	}
	sendAgain(b, "/notes/n1")
	n.wantOnce(t)
}

// A16, as far as it goes here.
func TestWhatIsGraveTakesTheKeyAndLosesNothing(t *testing.T) {
	w, n := newNotes(t)
	b := w.Lead(people.Practice)
	b.Post("/grave", typedForm(b))
	b.Want(403)
	carried := carries(t, b.Last, "/account/step-up")
	before := b.Cookie
	b.Post("/account/step-up", carried) // without an answer of the key
	b.Want(422)
	carried = carries(t, b.Last, "/account/step-up")
	b.StepUp(carried)
	b.Want(200)
	if b.Cookie == before {
		t.Error("the session keeps its cookie over a step-up")
	}
	sendAgain(b, "/grave")
	n.wantOnce(t)
	// It counts for five minutes and not for longer.
	w.Clock.Pass(people.StepUpLife)
	b.Post("/grave", typedForm(b))
	b.Want(403)
	if len(n.kept) != 1 {
		t.Error("the touch counts after its time")
	}
}

// The page that waits for the key may wait too long itself, or be overtaken by a sign-in in another window.
func TestWhatWaitsForTheKeyIsNotLostMeanwhile(t *testing.T) {
	w, n := newNotes(t)
	b := w.Lead(people.Practice)
	b.Post("/grave", typedForm(b))
	b.Want(403)
	waiting := carries(t, b.Last, "/account/step-up")
	b.SignIn(nil)
	b.Want(303)
	b.Post("/account/step-up", waiting)
	b.Want(403)
	waiting = carries(t, b.Last, "/account/step-up")
	w.Clock.Pass(people.Idle)
	b.Post("/account/step-up", waiting)
	b.Want(401)
	b.SignIn(carries(t, b.Last, "/sign-in"))
	b.Want(200)
	b.Post("/grave", formTo(t, b.Last.Body, "/grave"))
	b.Want(403)
	w.Store.Gone.Store(true)
	b.Post("/account/step-up", formTo(t, b.Last.Body, "/account/step-up"))
	b.Want(503)
	waiting = carries(t, b.Last, "/sign-in/resume")
	w.Store.Gone.Store(false)
	b.Post("/sign-in/resume", waiting)
	b.Want(200)
	b.Post("/grave", formTo(t, b.Last.Body, "/grave"))
	b.Want(403)
	b.StepUp(carries(t, b.Last, "/account/step-up"))
	b.Want(200)
	sendAgain(b, "/grave")
	n.wantOnce(t)
}

func TestWhatWasTypedOutlastsAStoreThatIsAway(t *testing.T) {
	w, n := newNotes(t)
	b := w.Lead(people.Practice)
	form := typedForm(b)
	w.Store.Gone.Store(true)
	b.Post("/notes/n1", form)
	b.Want(503)
	carried := carries(t, b.Last, "/sign-in/resume")
	b.Post("/sign-in/resume", carried)
	b.Want(503)
	carried = carries(t, b.Last, "/sign-in/resume")
	w.Store.Gone.Store(false)
	b.Post("/sign-in/resume", carried)
	b.Want(200)
	sendAgain(b, "/notes/n1")
	n.wantOnce(t)
}

func TestALongFormIsCarriedAndATooLongOneSaysSo(t *testing.T) {
	w, n := newNotes(t)
	b := w.Lead(people.Practice)
	long := strings.Repeat("ŵ", 2000)
	form := typedForm(b)
	for _, name := range []string{"more", "and", "last"} {
		form.Set(name, long)
	}
	form.Set("carried", strings.Repeat("A", 22000)) // a consultation, sealed
	w.Clock.Pass(people.Idle)
	b.Post("/notes/n1", form)
	carried := carries(t, b.Last, "/sign-in")
	if carried.Get("carried-3") == "" {
		t.Fatal("the form was to be long enough for three pieces")
	}
	b.SignIn(carried)
	b.Want(200)
	sendAgain(b, "/notes/n1")
	if len(n.kept) != 1 || n.kept[0].Get("last") != long || n.kept[0].Get("words") != theWords {
		t.Error("the long form came back changed")
	}
	form = typedForm(b)
	form.Set("carried", strings.Repeat("A", 40000))
	w.Clock.Pass(people.Idle)
	b.Post("/notes/n1", form)
	b.Want(401)
	if !strings.Contains(b.Last.Body, "too long to be kept") || strings.Contains(b.Last.Body, "canary") {
		t.Error("a form that cannot be carried is lost without a word")
	}
}

// A colleague lays out a form for whoever signs in at this desk next: it is not sent without a word.
func TestAFormThatSomebodyLaidOutIsShownInFull(t *testing.T) {
	w, n := newNotes(t)
	victim := w.Lead(people.Practice)
	colleague := victim.Colleague(people.Clinician)
	own := typedForm(victim)
	for name, member := range map[string]string{
		"no proof":        victim.Session().Actor.Member(),
		"another's proof": victim.Session().Actor.Member() + "." + strings.SplitN(colleague.Signed(nil).Get("member"), ".", 2)[1],
		"an old page":     "",
	} {
		laid := url.Values{"words": {theWords}, "many": {"withdraw"}, "member": {member}}
		if member == "" {
			laid = own
			w.Clock.Pass(61 * time.Minute)
		}
		w.Browser().Post("/notes/n1", laid)
		b := &browser{Ground: w, Key: victim.Key}
		b.Post("/notes/n1", laid)
		b.SignIn(carries(t, b.Last, "/sign-in"))
		b.Want(200)
		if !strings.Contains(b.Last.Body, "cannot tell that you filled it in") || !strings.Contains(b.Last.Body, "/notes/n1</bdi>") {
			t.Errorf("%s: shown as the member's own", name)
		}
		if member != "" && !strings.Contains(b.Last.Body, "<bdi>withdraw</bdi>") {
			t.Errorf("%s: not shown in full", name)
		}
	}
	victim = victim.Again(false)
	form := typedForm(victim)
	w.Clock.Pass(people.Idle)
	victim.Post("/notes/n1", form)
	victim.SignIn(carries(t, victim.Last, "/sign-in"))
	if strings.Contains(victim.Last.Body, "cannot tell that you filled it in") {
		t.Error("a member's own form is doubted")
	}
	if len(n.kept) != 0 {
		t.Error("sent without a word")
	}
}

func TestPiecesCannotBeMixed(t *testing.T) {
	w, _ := newNotes(t)
	b := w.Lead(people.Practice)
	var two [2]url.Values
	for i := range two {
		form := typedForm(b)
		form.Set("carried", strings.Repeat(string(rune('A'+i)), 20000))
		session := b.Cookie
		b.Cookie = ""
		b.Post("/notes/n1", form)
		two[i], b.Cookie = carries(t, b.Last, "/sign-in"), session
	}
	for name, change := range map[string]func(url.Values){
		"a piece of another form": func(v url.Values) { v.Set("carried-2", two[1].Get("carried-2")) },
		"pieces changed about":    func(v url.Values) { v["carried"], v["carried-2"] = v["carried-2"], v["carried"] },
		"a piece left out":        func(v url.Values) { v.Del("carried-2") },
		"one bit":                 func(v url.Values) { v.Set("carried", flip(v.Get("carried"))) },
		"an hour later":           func(url.Values) { w.Clock.Pass(61 * time.Minute) },
	} {
		form := url.Values{}
		for k, v := range two[0] {
			form[k] = append([]string{}, v...)
		}
		change(form)
		b.SignIn(form)
		b.Want(200)
		if !strings.Contains(b.Last.Body, "could not be opened") || strings.Contains(b.Last.Body, "canary") {
			t.Errorf("%s: opened", name)
		}
	}
}

func flip(s string) string {
	i := len(s) / 2
	c := byte('A')
	if s[i] == c {
		c = 'B'
	}
	return s[:i] + string(c) + s[i+1:]
}

// A24: nobody is sent on to where a stranger says.
func TestAfterTheSignInTheWayLeadsToOurOwnPages(t *testing.T) {
	w, _ := newNotes(t)
	b := w.Lead(people.Practice)
	b.Cookie = ""
	b.Get("/notes/n1")
	b.Want(401)
	next := formTo(t, b.Last.Body, "/sign-in").Get("next")
	b.SignIn(url.Values{"next": {next}})
	if b.Want(303).Last.Header.Get("Location") != "/notes/n1" {
		t.Errorf("sent to %q", b.Last.Header.Get("Location"))
	}
	for _, evil := range []string{"//evil.example", `/\evil.example`, "%0d%0aLocation: https://evil.example", "https://evil.example", "/account", flip(next)} {
		if strings.Trim(evil, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			b.Post("/sign-in", url.Values{"next": {evil}, "credential": {b.Touch("/sign-in/begin", url.Values{})}})
			if b.Last.Status != 400 || b.Last.Header.Get("Location") != "" {
				t.Errorf("next=%q: %d %q", evil, b.Last.Status, b.Last.Header.Get("Location"))
			}
			continue
		}
		b.SignIn(url.Values{"next": {evil}})
		if to := b.Want(303).Last.Header.Get("Location"); to != "/account" {
			t.Errorf("next=%q leads to %q", evil, to)
		}
	}
	for _, path := range []string{"/sign-in?next=//evil.example", "/sign-in?next=https://evil.example&l=cy", "/account?next=//evil.example", "/enrol?next=//evil.example"} {
		if body := b.Get(path).Body; strings.Contains(body, "evil") || strings.Contains(b.Last.Header.Get("Location"), "evil") {
			t.Errorf("%s is taken over", path)
		}
	}
}
