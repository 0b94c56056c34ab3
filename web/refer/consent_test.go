package refer_test

import (
	"net/url"
	"strings"
	"testing"

	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/web/staff/stafftest"
)

// without is a form for a conference on which consent was not given; more changes it.
func without(more url.Values) url.Values {
	return with(url.Values{
		"view": {"check"}, "consent.0.decision": {"refused"}, "consent.0.ground": {"marac-proportionate"},
		"consent.0.why": {"risk-of-death-or-serious-harm"}, "consent.0.words": {"Invented reason"}, "consent.0.told": {"safer-not-told"},
	}, more)
}

// Consent refused, not safe to ask or beyond the person, and no ground, reason or word of who knows: no case, by any way.
func TestWithoutAGroundThereIsNoCase(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	for name, c := range map[string]struct {
		form url.Values
		says string
	}{
		"nothing decided":          {without(url.Values{"consent.0.decision": {""}}), "Please say what was decided"},
		"no such decision":         {without(url.Values{"consent.0.decision": {"perhaps"}}), "Please say what was decided"},
		"refused, no ground":       {without(url.Values{"consent.0.ground": {""}}), "Without consent this needs a ground"},
		"not safe, no ground":      {without(url.Values{"consent.0.decision": {"not-safe-to-ask"}, "consent.0.ground": {""}}), "Without consent this needs a ground"},
		"no capacity, no ground":   {without(url.Values{"consent.0.decision": {"lacks-capacity"}, "consent.0.ground": {""}}), "Without consent this needs a ground"},
		"no reason":                {without(url.Values{"consent.0.why": {""}}), "Please choose why"},
		"no words":                 {without(url.Values{"consent.0.words": {" \n"}}), "Please give the reason in words"},
		"nobody knows who knows":   {without(url.Values{"consent.0.told": {""}}), "Please say whether the person knows"},
		"a ground of elsewhere":    {without(url.Values{"consent.0.ground": {"crime-duty-northern-ireland"}}), "does not hold for this service"},
		"a ground beside capacity": {without(url.Values{"consent.0.ground": {"lacks-capacity-and-abuse"}}), "does not hold for this service"},
		"told nothing":             {without(url.Values{"consent.0.ground": {"leave-out"}}), "there is nothing to refer"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/refer/check", "/refer/create"} {
				b.arrive("marac")
				b.Post(path, with(b.form("/refer/check"), c.form)).Want(422).says(c.says, "Everything you typed is still here").saysNot("Check before you hand over</h1>")
			}
			if n := w.rests("case"); n != 0 {
				t.Fatalf("%d cases", n)
			}
		})
	}
	b.arrive("marac").checked(without(nil)).Want(200).says("Consent was refused for this service", "Conference on serious risk: proportionate").saysNot("Invented reason")
	b.Post("/refer/create", b.form("/refer/create")).Want(200)
	c, err := w.desk.Read(t.Context(), b.actor(), b.reference())
	stafftest.Must(t, err)
	k := c.Handovers[0].Consent
	if k.Decision != packet.Refused || k.Ground != "marac-proportionate" || k.Words.Reveal() != "Invented reason" || k.By != b.actor().Member() || c.Handovers[0].State != referrals.Waiting {
		t.Errorf("recorded %s, %s, %s", k.Decision, k.Ground, c.Handovers[0].State)
	}
}

// A service that itself takes nobody without consent is not opened by a ground.
func TestAServiceMayAskMoreThanItsKind(t *testing.T) {
	w := newWorldWith(t, theIndex(t))
	_, b := w.practice()
	b.arrive("marac.invented-strict").says("This service takes nobody without consent.")
	b.checked(without(nil)).Want(422).says("Please choose that it is told nothing, or another service")
}

// Consent that was given, and the choice that it is told nothing: neither is guessed to be the one that was meant.
func TestGivenAndToldNothingIsNotGuessed(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("domestic-abuse", "stalking")
	both := with(enough(), url.Values{"consent.1.decision": {"given"}, "consent.1.ground": {"leave-out"}})
	for _, path := range []string{"/refer/check", "/refer/create"} {
		b.Post(path, with(b.form("/refer/check"), both)).Want(422).says("Please take one of the two back", `id="consent.1.without" open`)
	}
	b.checked(url.Values{"consent.1.ground": {""}}).Want(200).saysNot("this service gets nothing")
}

// The desk decided anew while the page with the copies was open: what nobody may have any more is not printed.
func TestNoCopyOfWhatNobodyMayHaveAnyMore(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("domestic-abuse")
	b.checked(enough()).Want(200)
	b.Post("/refer/create", b.form("/refer/create")).Want(200)
	form := b.form("/refer/sheet")
	c, err := w.desk.Read(t.Context(), b.actor(), b.reference())
	stafftest.Must(t, err)
	refused := map[string]packet.Consent{c.Handovers[0].Reference: {Decision: packet.Refused}}
	_, _, err = w.desk.Amend(t.Context(), b.actor(), c.Reference, c.Rev, referrals.Change{Entries: c.Dossier.Entries(), Consent: refused})
	stafftest.Must(t, err)
	b.Post("/refer/sheet", with(form, url.Values{"view": {"staff"}})).Want(422).says("this service gets nothing").saysNot("Invented Patient")
}

// One destination that may not be told stands in the case as that, and gets nothing; the other one goes its way.
func TestARefusalIsRecordedAndTheOthersGoOn(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("domestic-abuse", "stalking")
	b.checked(with(enough(), url.Values{"consent.1.decision": {"refused"}, "consent.1.ground": {"leave-out"}, "account.reason": {"canary-reason"}})).Want(200).
		says("this service gets nothing").saysNot("account.reason")
	if !strings.Contains(b.part("packet.2"), "gets nothing") || strings.Contains(b.part("packet.2"), "Invented Patient") {
		t.Error("a destination that is left out is shown something")
	}
	b.Post("/refer/create", b.form("/refer/create")).Want(200)
	c, err := w.desk.Read(t.Context(), b.actor(), b.reference())
	stafftest.Must(t, err)
	if len(c.Handovers) != 2 || c.Handovers[0].State != referrals.Waiting || c.Handovers[1].State != referrals.Withheld || c.Handovers[1].Consent.Decision != packet.Refused {
		t.Errorf("%d hand-overs", len(c.Handovers))
	}
	if strings.Count(b.Last.Body, `action="/refer/sheet"`) != 1 {
		t.Error("a copy is offered of a packet that does not exist")
	}
}

// Every mistake stands at its field, and nothing that was typed is lost.
func TestMistakesStandAtTheirField(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("marac", "early-psychosis")
	long := strings.Repeat("Invented long story. ", 110)
	b.checked(with(without(nil), url.Values{
		"consent.1.decision": {"given"}, "person.birth": {"3 February 1971"}, "person.nhs-number": {"9434765918"}, "person.name": {"Invented \u202ePatient"},
		"account.reason": {long}, "contact.channel": {"pigeon"}, "needs.language": {"Welsh"}, "feared.name.0": {"Invented Fear"},
	})).Want(422)
	for field, says := range map[string]string{
		"person.birth": "year, month, day", "person.nhs-number": "not a valid number", "person.name": "characters", "account.reason": "too long",
		"contact.channel": "one of the answers",
	} {
		_, after, ok := strings.Cut(b.Last.Body, `id="fault.`+field+`">`)
		words, _, _ := strings.Cut(after, "</p>")
		if !ok || !strings.Contains(words, says) || !strings.Contains(b.Last.Body, `<a href="#`+field+`">`) {
			t.Errorf("%s: fault %q, want %q", field, words, says)
		}
	}
	form := b.form("/refer/check")
	for field, want := range map[string]string{
		"person.birth": "3 February 1971", "person.nhs-number": "9434765918", "person.name": "Invented Patient", "account.reason": long,
		"needs.language": "Welsh", "feared.name.0": "Invented Fear", "consent.0.words": "Invented reason", "consent.0.ground": "marac-proportionate",
		"consent.0.decision": "refused",
	} {
		if got := form.Get(field); got != want {
			t.Errorf("%s came back as %.60q, want %.60q", field, got, want)
		}
	}
	b.Post("/refer/check", with(form, url.Values{"view": {"check"}, "person.birth": {"1971-02-03"}, "person.nhs-number": {"9434765919"}, "account.reason": {"Short."}, "contact.channel": {"phone"}})).Want(200).
		says("Check before you hand over", "1971-02-03")
}

// More people than one, one after the other, and nothing lost on the way.
func TestThereIsRoomForMorePeople(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("domestic-abuse")
	b.checked(with(enough(), url.Values{"view": {"more.feared"}, "feared.name.0": {"First Invented"}})).Want(200).saysNot("Please look at these again")
	b.checked(url.Values{"view": {"more.feared"}, "feared.name.1": {"Second Invented"}}).Want(200)
	b.checked(url.Values{"view": {"check"}, "feared.name.2": {"Third Invented"}, "feared.relationship.2": {"in-law"}}).Want(200).
		says("First Invented", "Second Invented", "Third Invented")
}

// A list of which several answers may hold is ticked, and what is unticked again is gone.
func TestAnswersThatMayStandTogetherAreTicked(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("marac").checked(without(url.Values{"person.diversity.1": {"disabled"}, "person.diversity.2": {"lgbt"}})).Want(200).says("Disabled", "LGBT")
	b.Post("/refer/about", b.form("/refer/create")).Want(200)
	form := b.form("/refer/check")
	if form.Get("person.diversity.0") != "" || form.Get("person.diversity.1") != "disabled" || form.Get("person.diversity.2") != "lgbt" {
		t.Errorf("ticked: %q %q %q", form.Get("person.diversity.0"), form.Get("person.diversity.1"), form.Get("person.diversity.2"))
	}
	form.Del("person.diversity.1")
	b.Post("/refer/check", with(form, url.Values{"view": {"check"}})).Want(200).says("LGBT").saysNot("Disabled")
}

// What is more than a form can carry is said, and stays on the page.
func TestTooMuchIsSaidAndKept(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive(everywhere(w.desk.Book)...)
	much := given(len(everywhere(w.desk.Book)))
	n := 0
	for name := range b.form("/refer/check") {
		if strings.HasPrefix(name, "account.") || strings.HasPrefix(name, "household.") || strings.HasPrefix(name, "needs.care") {
			if f, _ := w.desk.Book.Field(name); f.Kind == "text" {
				much.Set(name, strings.Repeat("word ", 390))
				n++
			}
		}
	}
	if n < 10 {
		t.Fatalf("%d long fields only", n)
	}
	b.checked(much).Want(422).says("too long to be carried")
	form := b.form("/refer/check")
	if got := form.Get("account.reason"); len(got) < 1900 {
		t.Errorf("%d bytes came back", len(got))
	}
	b.Post("/refer/check", with(form, url.Values{"view": {"places"}})).Want(422).says("too long to be carried")
}

// A conference shows its criteria one by one and adds nothing up.
func TestCriteriaAreShownAndNotCounted(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("marac").checked(without(url.Values{"criteria.visible": {"no"}, "criteria.judgement": {"yes"}, "criteria.judgement-why": {"Invented judgement"}})).Want(200).
		says("Criteria: any one is enough", "Professional judgement", "Invented judgement", "Still missing")
	shown := b.part("packet.1")
	if strings.Contains(text(shown), "Criteria: Professional judgement") {
		t.Error("one criterion is met, and another one is said to be missing")
	}
	if !strings.Contains(text(shown), "Professional judgement: met") || strings.Contains(text(shown), "1 of 4") {
		t.Errorf("criteria: %s", text(shown))
	}
}

// The clinician may raise how soon, and not lower it.
func TestUrgencyIsRaisedAndNeverLowered(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	for raised, want := range map[string]string{"now": "now", "7-days": "same_day", "none": "same_day"} {
		b.arrive("domestic-abuse").checked(with(enough(), url.Values{"urgency": {raised}})).Want(200)
		b.Post("/refer/create", b.form("/refer/create")).Want(200)
		c, err := w.desk.Read(t.Context(), b.actor(), b.reference())
		stafftest.Must(t, err)
		if c.Urgency != want {
			t.Errorf("raised to %s it is %s", raised, c.Urgency)
		}
	}
}

// Copies to print come from what rests. The discreet one names nobody and nothing.
func TestCopiesToPrint(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("early-psychosis").checked(url.Values{
		"view": {"check"}, "consent.0.decision": {"given"}, "person.name": {"Invented Patient"}, "referrer.contact": {"01632 960 000"}, "account.reason": {"Invented reason"},
	}).Want(200).says("A discreet copy that names nobody")
	b.Post("/refer/create", b.form("/refer/create")).Want(200)
	done, ref := b.form("/refer/sheet"), b.reference()
	if strings.Contains(w.clear(), "case.copy") {
		t.Error("a copy before anybody asked for one")
	}
	b.Post("/refer/sheet", with(done, url.Values{"view": {"staff"}})).Want(200).says("Invented Patient", "Invented reason", "BEFORE ANYTHING ELSE", " UTC").saysNot(ref)
	if !strings.Contains(w.clear(), "case.copy") {
		t.Error("a copy that is not in the trail")
	}
	b.Post("/refer/create", b.form("/refer/create")).Want(200).says(ref)
	b.Post("/refer/sheet", with(done, url.Values{"view": {"discreet"}})).Want(200).says("01632 960 000", done.Get("hand-over"))
	_, sheet, _ := strings.Cut(b.Last.Body, `class="sheets shown"`)
	for _, tells := range []string{"Invented Patient", "psychosis", "Invented reason", "abuse", ref} {
		if strings.Contains(sheet, tells) {
			t.Errorf("the discreet copy says %q", tells)
		}
	}
	b.Post("/refer/sheet", with(done, url.Values{"hand-over": {strings.Repeat("a", 32)}})).Want(404)
}

// Once there is a case, what was typed rests there and travels in no form any more.
func TestNothingTypedTravelsAfterTheCaseIsMade(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.arrive("domestic-abuse").checked(with(enough(), url.Values{"person.name": {"Invented Patient"}})).Want(200)
	before := b.form("/refer/create")
	again := url.Values{"view": {"choose"}, "to": {"domestic-abuse"}, "nation": {"england"}}
	b.Post("/refer/about", with(b.form("/refer/create"), again)).Want(200).says(`value="Invented Patient"`)
	b.Post("/refer/create", before).Want(200)
	ref, carried := b.reference(), b.form("/refer/sheet").Get("carried")
	form := with(before, again)
	form.Set("carried", carried)
	b.Post("/refer/about", form).Want(200).saysNot("Invented Patient")
	if len(carried) == 0 || strings.Count(b.Last.Body, "person.name") == 0 {
		t.Error("the test looked at nothing")
	}
	delete(form, "view")
	b.Post("/refer/create", form).Want(200).says(ref, "Copy for the record").saysNot("was referred before")
}
