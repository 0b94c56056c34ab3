package staff_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/staff"
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
	return b.signed(url.Values{"words": {theWords}, "many": {"a", "b"}, "carried": {"c2VhbGVk"}, "empty": {""}})
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

var (
	formTag  = regexp.MustCompile(`(?s)<form[^>]* action="([^"]*)"[^>]*>(.*?)</form>`)
	inputTag = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// formTo reads the form of a page that leads to a path, as a browser would.
func formTo(t *testing.T, body, path string) url.Values {
	t.Helper()
	for _, f := range formTag.FindAllStringSubmatch(body, -1) {
		if html.UnescapeString(f[1]) != path {
			continue
		}
		out := url.Values{}
		for _, in := range inputTag.FindAllStringSubmatch(f[2], -1) {
			out.Add(in[1], html.UnescapeString(in[2]))
		}
		return out
	}
	t.Fatalf("no form to %s on the page:\n%.1500s", path, body)
	return nil
}

// carries fails unless the page carries the words sealed and says nothing of them.
func carries(t *testing.T, a answer, path string) url.Values {
	t.Helper()
	form := formTo(t, a.body, path)
	if form.Get("carried") == "" || strings.Contains(a.body, "canary") || strings.Contains(a.body, "Wrecsam") {
		t.Fatalf("status %d: not carried, or shown in clear: %.80q", a.status, form.Get("carried"))
	}
	return form
}

// sendAgain is the one button of the page on which what was typed is still there.
func (b *browser) sendAgain(path string) {
	b.w.t.Helper()
	if !strings.Contains(b.last.body, "still here") || !strings.Contains(b.last.body, html.EscapeString("Wrecsam ŵ")) {
		b.w.t.Fatalf("status %d, and not the page that shows what was typed:\n%.600s", b.last.status, b.last.body)
	}
	b.post(path, formTo(b.w.t.(*testing.T), b.last.body, path))
	b.want(303)
}

func TestWhatWasTypedIsThereAfterTheSessionEnded(t *testing.T) {
	w, n := newNotes(t)
	b := w.lead(people.Practice)
	form := typedForm(b)
	w.clock.pass(people.Idle)
	b.post("/notes/n1", form)
	b.want(401)
	carried := carries(t, b.last, "/sign-in")
	b.post("/sign-in", carried) // the key does not answer: still nothing is lost
	b.want(401)
	carried = carries(t, b.last, "/sign-in")
	b.signIn(carried)
	b.want(200)
	b.sendAgain("/notes/n1")
	n.wantOnce(t)
	if strings.Contains(w.log.String(), "canary") {
		t.Error("what was typed is in the log")
	}
}

func TestWhatWasTypedIsForItsMemberAlone(t *testing.T) {
	w, n := newNotes(t)
	b := w.lead(people.Practice)
	other := b.colleague(people.Lead)
	form := typedForm(b)
	w.clock.pass(people.Idle)
	b.post("/notes/n1", form)
	carried := carries(t, b.last, "/sign-in")

	other.signIn(carried)
	other.want(200)
	if strings.Contains(other.last.body, "canary") || strings.Contains(other.last.body, "/notes/n1") || !strings.Contains(other.last.body, "could not be opened") {
		t.Errorf("another member is shown it:\n%.900s", other.last.body)
	}
	// A colleague who has signed in at the same desk meanwhile does not send it either, and does not lose it.
	b.cookie = other.cookie
	b.post("/notes/n1", form)
	b.want(403)
	carried = carries(t, b.last, "/sign-in")
	b.signIn(carried)
	b.want(200)
	b.sendAgain("/notes/n1")
	n.wantOnce(t)
}

func TestAFormOfTheSessionBeforeIsSentAgainWithAPress(t *testing.T) {
	w, n := newNotes(t)
	b := w.lead(people.Practice)
	form := typedForm(b)
	b.signIn(nil) // in another window of the same browser
	b.want(303)
	b.post("/notes/n1", form)
	b.want(403)
	if len(n.kept) > 0 {
		t.Fatal("a token of the session before counts")
	}
	b.sendAgain("/notes/n1")
	n.wantOnce(t)
}

// A16, as far as it goes here.
func TestWhatIsGraveTakesTheKeyAndLosesNothing(t *testing.T) {
	w, n := newNotes(t)
	b := w.lead(people.Practice)
	b.post("/grave", typedForm(b))
	b.want(403)
	carried := carries(t, b.last, "/account/step-up")
	before := b.cookie
	b.post("/account/step-up", carried) // without an answer of the key
	b.want(422)
	carried = carries(t, b.last, "/account/step-up")
	b.stepUp(carried)
	b.want(200)
	if b.cookie == before {
		t.Error("the session keeps its cookie over a step-up")
	}
	b.sendAgain("/grave")
	n.wantOnce(t)
	// It counts for five minutes and not for longer.
	w.clock.pass(people.StepUpLife)
	b.post("/grave", typedForm(b))
	b.want(403)
	if len(n.kept) != 1 {
		t.Error("the touch counts after its time")
	}
}

// The page that waits for the key may wait too long itself, or be overtaken by a sign-in in another window.
func TestWhatWaitsForTheKeyIsNotLostMeanwhile(t *testing.T) {
	w, n := newNotes(t)
	b := w.lead(people.Practice)
	b.post("/grave", typedForm(b))
	b.want(403)
	waiting := carries(t, b.last, "/account/step-up")
	b.signIn(nil)
	b.want(303)
	b.post("/account/step-up", waiting)
	b.want(403)
	waiting = carries(t, b.last, "/account/step-up")
	w.clock.pass(people.Idle)
	b.post("/account/step-up", waiting)
	b.want(401)
	b.signIn(carries(t, b.last, "/sign-in"))
	b.want(200)
	b.post("/grave", formTo(t, b.last.body, "/grave"))
	b.want(403)
	w.store.gone.Store(true)
	b.post("/account/step-up", formTo(t, b.last.body, "/account/step-up"))
	b.want(503)
	waiting = carries(t, b.last, "/sign-in/resume")
	w.store.gone.Store(false)
	b.post("/sign-in/resume", waiting)
	b.want(200)
	b.post("/grave", formTo(t, b.last.body, "/grave"))
	b.want(403)
	b.stepUp(carries(t, b.last, "/account/step-up"))
	b.want(200)
	b.sendAgain("/grave")
	n.wantOnce(t)
}

func TestWhatWasTypedOutlastsAStoreThatIsAway(t *testing.T) {
	w, n := newNotes(t)
	b := w.lead(people.Practice)
	form := typedForm(b)
	w.store.gone.Store(true)
	b.post("/notes/n1", form)
	b.want(503)
	carried := carries(t, b.last, "/sign-in/resume")
	b.post("/sign-in/resume", carried)
	b.want(503)
	carried = carries(t, b.last, "/sign-in/resume")
	w.store.gone.Store(false)
	b.post("/sign-in/resume", carried)
	b.want(200)
	b.sendAgain("/notes/n1")
	n.wantOnce(t)
}

func TestALongFormIsCarriedAndATooLongOneSaysSo(t *testing.T) {
	w, n := newNotes(t)
	b := w.lead(people.Practice)
	long := strings.Repeat("ŵ", 2000)
	form := typedForm(b)
	for _, name := range []string{"more", "and", "last"} {
		form.Set(name, long)
	}
	form.Set("carried", strings.Repeat("A", 22000)) // a consultation, sealed
	w.clock.pass(people.Idle)
	b.post("/notes/n1", form)
	carried := carries(t, b.last, "/sign-in")
	if carried.Get("carried-3") == "" {
		t.Fatal("the form was to be long enough for three pieces")
	}
	b.signIn(carried)
	b.want(200)
	b.sendAgain("/notes/n1")
	if len(n.kept) != 1 || n.kept[0].Get("last") != long || n.kept[0].Get("words") != theWords {
		t.Error("the long form came back changed")
	}
	form = typedForm(b)
	form.Set("carried", strings.Repeat("A", 40000))
	w.clock.pass(people.Idle)
	b.post("/notes/n1", form)
	b.want(401)
	if !strings.Contains(b.last.body, "too long to be kept") || strings.Contains(b.last.body, "canary") {
		t.Error("a form that cannot be carried is lost without a word")
	}
}

// A colleague lays out a form for whoever signs in at this desk next: it is not sent without a word.
func TestAFormThatSomebodyLaidOutIsShownInFull(t *testing.T) {
	w, n := newNotes(t)
	victim := w.lead(people.Practice)
	colleague := victim.colleague(people.Clinician)
	own := typedForm(victim)
	for name, member := range map[string]string{
		"no proof":        victim.session().Actor.Member(),
		"another's proof": victim.session().Actor.Member() + "." + strings.SplitN(colleague.signed(nil).Get("member"), ".", 2)[1],
		"an old page":     "",
	} {
		laid := url.Values{"words": {theWords}, "many": {"withdraw"}, "member": {member}}
		if member == "" {
			laid = own
			w.clock.pass(61 * time.Minute)
		}
		w.browser().post("/notes/n1", laid)
		b := &browser{w: w, key: victim.key}
		b.post("/notes/n1", laid)
		b.signIn(carries(t, b.last, "/sign-in"))
		b.want(200)
		if !strings.Contains(b.last.body, "cannot tell that you filled it in") || !strings.Contains(b.last.body, "/notes/n1</bdi>") {
			t.Errorf("%s: shown as the member's own", name)
		}
		if member != "" && !strings.Contains(b.last.body, "<bdi>withdraw</bdi>") {
			t.Errorf("%s: not shown in full", name)
		}
	}
	victim = victim.again(false)
	form := typedForm(victim)
	w.clock.pass(people.Idle)
	victim.post("/notes/n1", form)
	victim.signIn(carries(t, victim.last, "/sign-in"))
	if strings.Contains(victim.last.body, "cannot tell that you filled it in") {
		t.Error("a member's own form is doubted")
	}
	if len(n.kept) != 0 {
		t.Error("sent without a word")
	}
}

func TestPiecesCannotBeMixed(t *testing.T) {
	w, _ := newNotes(t)
	b := w.lead(people.Practice)
	var two [2]url.Values
	for i := range two {
		form := typedForm(b)
		form.Set("carried", strings.Repeat(string(rune('A'+i)), 20000))
		session := b.cookie
		b.cookie = ""
		b.post("/notes/n1", form)
		two[i], b.cookie = carries(t, b.last, "/sign-in"), session
	}
	for name, change := range map[string]func(url.Values){
		"a piece of another form": func(v url.Values) { v.Set("carried-2", two[1].Get("carried-2")) },
		"pieces changed about":    func(v url.Values) { v["carried"], v["carried-2"] = v["carried-2"], v["carried"] },
		"a piece left out":        func(v url.Values) { v.Del("carried-2") },
		"one bit":                 func(v url.Values) { v.Set("carried", flip(v.Get("carried"))) },
		"an hour later":           func(url.Values) { w.clock.pass(61 * time.Minute) },
	} {
		form := url.Values{}
		for k, v := range two[0] {
			form[k] = append([]string{}, v...)
		}
		change(form)
		b.signIn(form)
		b.want(200)
		if !strings.Contains(b.last.body, "could not be opened") || strings.Contains(b.last.body, "canary") {
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
	b := w.lead(people.Practice)
	b.cookie = ""
	b.get("/notes/n1")
	b.want(401)
	next := formTo(t, b.last.body, "/sign-in").Get("next")
	b.signIn(url.Values{"next": {next}})
	if b.want(303).last.header.Get("Location") != "/notes/n1" {
		t.Errorf("sent to %q", b.last.header.Get("Location"))
	}
	for _, evil := range []string{"//evil.example", `/\evil.example`, "%0d%0aLocation: https://evil.example", "https://evil.example", "/account", flip(next)} {
		if strings.Trim(evil, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			b.post("/sign-in", url.Values{"next": {evil}, "credential": {b.touch("/sign-in/begin", url.Values{})}})
			if b.last.status != 400 || b.last.header.Get("Location") != "" {
				t.Errorf("next=%q: %d %q", evil, b.last.status, b.last.header.Get("Location"))
			}
			continue
		}
		b.signIn(url.Values{"next": {evil}})
		if to := b.want(303).last.header.Get("Location"); to != "/account" {
			t.Errorf("next=%q leads to %q", evil, to)
		}
	}
	for _, path := range []string{"/sign-in?next=//evil.example", "/sign-in?next=https://evil.example&l=cy", "/account?next=//evil.example", "/enrol?next=//evil.example"} {
		if body := b.get(path).body; strings.Contains(body, "evil") || strings.Contains(b.last.header.Get("Location"), "evil") {
			t.Errorf("%s is taken over", path)
		}
	}
}
