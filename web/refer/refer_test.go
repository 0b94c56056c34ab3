package refer_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/people"
	"waypost/web/staff/stafftest"
)

// aConsultation is what an invented clinician ticked: a former partner has the app of the car, and it is getting worse.
func aConsultation() url.Values {
	out := url.Values{"lang": {"en"}}
	for _, a := range strings.Fields(`about.nation=england about.subject=patient-here setting.alone=alone setting.devices=out
		setting.interpreter=not-needed gateway.any=yes gateway.location=no gateway.phone=no
		gateway.body=no gateway.fear=no gateway.danger=no gateway.worry=no
		gateway.topics=tag-or-car danger.going-home=safe danger.strangulation=no danger.threats=no
		danger.escalation=yes danger.violence=no danger.control=no child.in-home=no
		mind.suicidal=no about.who=ex about.age=age-18-plus about.ties=no-contact
		about.court-order=no location.unexplained=no location.tag=no location.vehicle=they-do`) {
		name, value, _ := strings.Cut(a, "=")
		out.Set(name, value)
	}
	return out
}

// arrive brings a consultation in and chooses where to refer.
func (b *browser) arrive(to ...string) *browser {
	b.T.Helper()
	b.Post("/refer", aConsultation()).Want(200)
	return b.Post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}, "to": to})).Want(200)
}

// enough is what a domestic abuse service needs, all of it invented.
func enough() url.Values {
	return url.Values{
		"view": {"check"}, "consent.0.decision": {"given"}, "person.name": {"Invented Patient"}, "contact.channel": {"phone"},
		"contact.times": {"Mondays"}, "feared.relationship.0": {"former-partner"}, "children.involved": {"no"}, "referrer.contact": {"01632 960 000"},
	}
}

// checked goes on to the page that shows what each destination gets.
func (b *browser) checked(more url.Values) *browser {
	b.T.Helper()
	return b.Post("/refer/check", with(b.form("/refer/check"), more))
}

func (b *browser) reference() string {
	b.T.Helper()
	_, rest, ok := strings.Cut(b.Last.Body, `id="reference">`)
	if !ok {
		b.T.Fatalf("no reference on the page:\n%s", text(b.Last.Body))
	}
	ref, _, _ := strings.Cut(rest, "<")
	return ref
}

func TestAConsultationBecomesACase(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.Post("/refer", aConsultation()).Want(200).says("Who can help", "Domestic-abuse service", "Listed because", "found for: Stalking",
		"There may be local services for this: Domestic abuse. Give a postcode to see them.")
	b.Post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}, "to": {"domestic-abuse"}})).Want(200)
	b.checked(enough()).Want(200).says("Check before you hand over", "Invented Patient", "Nothing is missing", "Invented Practice", "Leave no voicemail")
	if n := w.rests("case"); n != 0 {
		t.Fatalf("%d cases before the last button", n)
	}
	b.Post("/refer/create", b.form("/refer/create")).Want(200).says("The referral is made", "Nothing is sent until", "Copy for the record")
	c, err := w.desk.Read(t.Context(), b.actor(), b.reference())
	stafftest.Must(t, err)
	if c.State != referrals.InReview || len(c.Handovers) != 1 || c.Handovers[0].State != referrals.Waiting || c.Nation != directory.England || c.Urgency != "same_day" {
		t.Errorf("case %s, %s, %s with %d hand-overs", c.State, c.Nation, c.Urgency, len(c.Handovers))
	}
	if name, _ := c.Dossier.At("person.name", 0); name.Reveal() != "Invented Patient" {
		t.Error("the case does not hold what was typed")
	}
	b.says(c.Due.UTC().Format("2 January 2006, 15:04") + " UTC")
}

// Pressed twice, reloaded, or gone back to and pressed again: one case. Changed in between: still one, and the page says so.
func TestTheSameFormMakesOneCase(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("domestic-abuse").checked(enough()).Want(200)
	form := b.form("/refer/create")
	b.Post("/refer/create", form).Want(200)
	ref := b.reference()
	w.Clock.Pass(time.Minute)
	b.Post("/refer/create", form).Want(200).says(ref).saysNot("was referred before")
	b.Post("/refer/about", form).Want(200)
	b.checked(nil).Want(200)
	b.Post("/refer/create", b.form("/refer/create")).Want(200).says(ref).saysNot("was referred before")
	b.Post("/refer/about", form).Want(200)
	b.checked(url.Values{"person.name": {"Another Invented Name"}}).Want(200)
	b.Post("/refer/create", b.form("/refer/create")).Want(200).says(ref, "was referred before")
	if n := w.rests("case"); n != 1 {
		t.Fatalf("%d cases", n)
	}
	c, err := w.desk.Read(t.Context(), b.actor(), ref)
	stafftest.Must(t, err)
	if name, _ := c.Dossier.At("person.name", 0); name.Reveal() != "Invented Patient" {
		t.Error("the second form changed the case")
	}
	b.Post("/refer", aConsultation()).Want(200)
	b.Post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}, "to": {"domestic-abuse"}})).Want(200)
	b.checked(enough()).Want(200)
	b.Post("/refer/create", b.form("/refer/create")).Want(200)
	if other := b.reference(); other == ref || w.rests("case") != 2 {
		t.Error("another consultation makes no case of its own")
	}
}

// Two at once: the store decides, and both are shown the one case.
func TestTwoPressesAtOnceMakeOneCase(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("domestic-abuse").checked(enough()).Want(200)
	form := b.form("/refer/create").Encode()
	var both sync.WaitGroup
	answers := make([]string, 4)
	for i := range answers {
		both.Go(func() {
			req, err := http.NewRequestWithContext(t.Context(), "POST", w.Address+"/refer/create", strings.NewReader(form))
			if err != nil {
				return
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			req.AddCookie(&http.Cookie{Name: "__Host-s", Value: b.Cookie})
			res, err := w.Wire.RoundTrip(req)
			if err != nil {
				return
			}
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			answers[i] = string(body)
		})
	}
	both.Wait()
	for i, body := range answers {
		b.Last = answer{Status: 200, Body: body}
		if b.reference() == "" || i > 0 && !strings.Contains(answers[0], b.reference()) {
			t.Error("two presses are shown two cases")
		}
	}
	if n := w.rests("case"); n != 1 {
		t.Fatalf("%d cases", n)
	}
}

// Who presses Refer before signing in signs in and goes on; no answer is on the page in between, or in its address.
func TestTheConsultationIsThereAfterTheSignIn(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.Post("/consult", with(aConsultation(), url.Values{"view": {"staff-sheet"}})).Want(200)
	sealed := url.Values{"lang": {"en"}, "carried": {b.form("/consult").Get("carried")}}
	for name, form := range map[string]url.Values{"from the questions": aConsultation(), "from a sheet": sealed} {
		t.Run(name, func(t *testing.T) {
			b.Post("/refer", aConsultation()).Want(200)
			want := offers(b.Last.Body)
			if len(want) < 15 {
				t.Fatalf("%d choices only", len(want))
			}
			stranger := &browser{&stafftest.Browser{Ground: w.Ground, Key: b.Key}}
			stranger.Post("/refer", form).Want(401).says("Sign in with a passkey", "is kept on this page and nowhere else").saysNot("they-do", "location.vehicle", "age-18-plus")
			stranger.SignIn(stranger.form("/sign-in")).Want(200).says("What you typed is still here").saysNot("Please look at it closely")
			stranger.Post("/refer", stranger.form("/refer")).Want(200)
			if got := offers(stranger.Last.Body); !slices.Equal(got, want) {
				t.Errorf("offered after the sign-in %q, want %q", got, want)
			}
			stranger.Post("/refer/about", with(stranger.form("/refer/places"), url.Values{"view": {"choose"}, "to": {"domestic-abuse"}})).Want(200)
			stranger.checked(enough()).Want(200)
			stranger.Post("/refer/create", stranger.form("/refer/create")).Want(200).says("The referral is made", "car")
		})
	}
}

var offered = regexp.MustCompile(`name="to" id="([^"]*)"`)

func offers(page string) (all []string) {
	for _, m := range offered.FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return all
}

// A session that ends while somebody types takes nothing with it.
func TestWhatWasTypedIsThereAfterTheSessionEnded(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("domestic-abuse")
	w.Clock.Pass(people.Idle + time.Minute)
	b.checked(enough()).Want(401).saysNot("Invented Patient")
	b.SignIn(b.form("/sign-in")).Want(200).says("still here")
	b.Post("/refer/check", b.form("/refer/check")).Want(200).says("Check before you hand over", "Invented Patient")
	w.Clock.Pass(people.Idle + time.Minute)
	b.Post("/refer/create", b.form("/refer/create")).Want(401)
	b.SignIn(b.form("/sign-in")).Want(200)
	b.Post("/refer/create", b.form("/refer/create")).Want(200).says("The referral is made")
}

// What travels is its member's alone, and for an hour.
func TestWhatTravelsOpensForItsMemberAlone(t *testing.T) {
	w := newWorld(t)
	lead, b := w.practice()
	b.arrive("domestic-abuse").checked(enough()).Want(200)
	form := b.form("/refer/create")
	lead.Post("/refer", aConsultation()).Want(200) // who may refer as well
	mine := lead.form("/refer/places")
	for _, path := range []string{"/refer/places", "/refer/about", "/refer/check", "/refer/create", "/refer/sheet"} {
		stolen := url.Values{"carried": {form.Get("carried")}, "token": {mine.Get("token")}, "member": {mine.Get("member")}, "lang": {"en"}}
		lead.Post(path, stolen).Want(422).says("was not made for you").saysNot("Invented Patient")
	}
	for name, carried := range map[string]string{"nothing": "", "not ours": "AAAA", "of the consultation": "x"} {
		if name == "of the consultation" {
			b.Post("/consult", with(aConsultation(), url.Values{"view": {"staff-sheet"}}))
			carried = b.form("/consult").Get("carried")
		}
		b.Post("/refer/create", with(url.Values{}, url.Values{"carried": {carried}, "token": form["token"], "member": form["member"], "lang": {"en"}})).Want(422)
	}
	for range 7 { // somebody is there all the while
		w.Clock.Pass(9 * time.Minute)
		b.Get("/account")
	}
	b.Post("/refer/create", form).Want(422).says("more than an hour old")
	if n := w.rests("case"); n != 0 {
		t.Errorf("%d cases", n)
	}
}

// Every page of the journey is behind the gate, and an organisation that refers nobody does not get in.
func TestWhoMayNotReferDoesNot(t *testing.T) {
	w := newWorld(t)
	_, token, err := w.People.Found(t.Context(), people.ReceivingService, "Invented Service", "Invented Lead")
	stafftest.Must(t, err)
	b := &browser{w.Browser().Enrol(token.Reveal())}
	b.Post("/refer", aConsultation()).Want(403)
	b.Get("/refer")
	b.Want(303)
	if b.Last.Header.Get("Location") != "/consult" {
		t.Error("who comes without a consultation is not led to one")
	}
	for _, r := range w.Server.Routes() {
		if strings.HasPrefix(r.Path, "/refer") && r.Method == "POST" && r.Policy.Name() != string(people.ReferralCreate) {
			t.Errorf("%s is for %s", r.Path, r.Policy.Name())
		}
	}
	_, c := w.practice()
	c.arrive("domestic-abuse")
	form := with(c.form("/refer/check"), enough())
	form.Set("token", strings.Repeat("A", 43))
	c.Post("/refer/check", form).Want(403).saysNot("Check before you hand over")
}

func TestAConsultationWithoutAFindingIsNoReferral(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.Post("/refer", url.Values{"lang": {"en"}}).Want(422).says("has found nothing yet")
	b.Post("/refer", with(aConsultation(), url.Values{"no.such-question": {"yes"}})).Want(422).says("could not be read")
	b.Post("/refer", url.Values{"lang": {"en"}, "carried": {"AAAA"}}).Want(422).says("could not be read")
}

// Whoever chooses sees which services are open at that hour by the clock on the wall, and the open one stands first.
func TestTheHourStandsBesideEachService(t *testing.T) {
	w := newWorldWith(t, theIndex(t))
	_, b := w.practice()
	all := w.services.Load().Services()
	hours := map[string]directory.Span{ // it is nine on a Wednesday in November
		"invented-night": {Day: time.Wednesday, From: 18 * 60, To: 23 * 60}, "invented-day": {Day: time.Wednesday, From: 9 * 60, To: 17 * 60}, "invented-summer": {Day: time.Wednesday, From: 10 * 60, To: 11 * 60},
	}
	for _, id := range []string{"invented-night", "invented-day", "invented-summer"} {
		s := local()[0]
		s.ID, s.Name, s.Opening.Spans = id, "Invented line "+id, []directory.Span{hours[id]}
		all = append(all, s)
	}
	d, err := directory.Open(all)
	stafftest.Must(t, err)
	w.services.Store(d)
	b.Post("/refer", aConsultation()).Want(200)
	page := b.Post("/refer/places", with(b.form("/refer/places"), url.Values{"view": {"look"}, "postcode": {"ZZ1 1QX"}})).Want(200).Last.Body
	if !strings.Contains(page, "Public holidays are not known") {
		t.Error("nothing is said of public holidays")
	}
	last := 0
	for _, c := range []struct{ id, says string }{{"invented-day", "open now, by its usual hours"}, {"invented-da", ""}, {"invented-night", "closed now, by its usual hours"}, {"invented-summer", "closed now, by its usual hours"}} {
		at := strings.Index(page, `id="why.domestic-abuse.`+c.id+`"`)
		if at < last {
			t.Fatalf("%s stands at %d, behind %d", c.id, at, last)
		}
		why, _, _ := strings.Cut(page[at:], "</p>")
		if last = at; c.says != "" && !strings.Contains(why, c.says) || c.says == "" && strings.Contains(why, " now, ") {
			t.Errorf("%s: %s", c.id, why)
		}
	}
}
