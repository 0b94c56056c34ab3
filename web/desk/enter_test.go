package desk_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/people"
	"waypost/referrals/shelf"
	"waypost/web/staff/stafftest"
)

// shire is what an editor types of an invented service of an invented area.
func shire(more url.Values) url.Values {
	out := url.Values{
		"name": {"Invented Shire Aid"}, "for": {"Anybody over 16\nwho is hurt at home"}, "kind": {"domestic-abuse-service"}, "needs": {"domestic-abuse", "stalking"},
		"covers": {"E06000019"}, "min_age": {"16"}, "groups": {"lgbt"}, "shown_to": {"anyone"}, "prof": {"both"}, "referrers": {"self", "gp"}, "consent": {"required"},
		"access": {"step-free"}, "monitored_phone": {"avoid"}, "phone": {"0808 157 0099"}, "website": {"aid.example.org"}, "hours": {"Mon-Fri 09:00-17:00"},
		"hours_text": {"weekdays"}, "languages": {"en; pl"}, "next_steps": {"They ring within two days."}, "warnings": {"They may ring back."},
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func TestAServiceIsEnteredByHand(t *testing.T) {
	w := newWorld(t)
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	for name, faulty := range map[string]struct {
		form  url.Values
		field string
	}{
		"no need":                       {url.Values{"needs": nil}, "cell.needs"},
		"a need that is national":       {url.Values{"needs": {"emergency"}}, "cell.needs"},
		"no area":                       {url.Values{"covers": nil}, "cell.covers"},
		"a county":                      {url.Values{"covers": {"E10000008"}}, "cell.covers"},
		"no name":                       {url.Values{"name": nil}, "cell.name"},
		"no way to reach it":            {url.Values{"phone": nil, "website": nil, "source": {"https://a.example.org/"}}, "cell.phone"},
		"a number that earns money":     {url.Values{"phone": {"0909 879 0000"}}, "cell.phone"},
		"hours that nobody can read":    {url.Values{"hours": {"whenever"}}, "cell.hours"},
		"ages the wrong way round":      {url.Values{"min_age": {"30"}, "max_age": {"20"}}, "cell.min_age"},
		"nothing that was read":         {url.Values{"website": nil}, "cell.source"},
		"a kind of nowhere":             {url.Values{"kind": {"friend"}}, "cell.kind"},
		"a place where people may hide": {url.Values{"address": {"1 Hidden Lane, Nowhere"}}, "cell.address"},
	} {
		editor.Get("/desk/service")
		editor.Want(200)
		editor.send("/desk/service", shire(faulty.form))
		editor.Want(422).says("What you typed is kept", "who is hurt at home", `value="stalking"`)
		_, field, _ := strings.Cut(editor.Last.Body, `id="`+faulty.field+`"`)
		if field, _, _ = strings.Cut(field, "cell."); !strings.Contains(field, "This cannot be used as it is") {
			t.Errorf("%s: not said at its field %s", name, faulty.field)
		}
	}
	if n := len(w.shelf.Directory().Services()); n != 0 {
		t.Fatalf("%d services though all was faulty", n)
	}
	editor.Get("/desk/service")
	editor.send("/desk/service", shire(nil))
	const path = "/directory/hand-invented-shire-aid"
	if to := editor.Want(303).Last.Header.Get("Location"); to != path {
		t.Fatalf("to %s", to)
	}
	editor.Get(path)
	editor.Want(200).says("It is new", "You proposed this change yourself", "0808 157 0099", "Stalking", "E06000019", "for LGBT&#43; people", "step-free", "takes nobody without consent", "They may ring back").hides(path + "/confirm")
	if _, ok := w.shelf.Directory().Find("hand-invented-shire-aid"); ok {
		t.Error("shown on the word of one")
	}
	editor.Post(path+"/confirm", editor.Signed(nil))
	editor.Want(409).says("You proposed this change yourself")
	w.lead.Get("/directory")
	w.lead.Want(200).says("A change waits for another person", path).hides("/desk/service")
	w.lead.Get(path)
	w.lead.send(path+"/confirm", nil)
	w.lead.follow().Want(200).hides("It is new")
	s, ok := w.shelf.Directory().Find("hand-invented-shire-aid")
	if !ok || s.Is != directory.DomesticAbuseService || s.Consent != directory.ConsentRequired || !s.AvoidMonitoredPhone || s.Who.MinAge != 16 || len(s.Opening.Spans) != 5 ||
		s.For != "Anybody over 16 who is hurt at home" || len(s.Speaks) != 2 || s.Sources[0].Address != "https://aid.example.org" || s.VerifiedBy == "" {
		t.Errorf("%t %+v", ok, s)
	}
	w.lead.Get("/desk/service")
	w.lead.Want(403) // a lead confirms and does not enter
	editor.Get("/desk/service")
	editor.send("/desk/service", shire(nil))
	editor.Want(409).says("There is a service of that name already")
	// What is dropped was never there.
	editor.Get("/desk/service")
	editor.send("/desk/service", shire(url.Values{"name": {"Invented Club"}}))
	editor.Want(303)
	w.lead.Get("/directory/hand-invented-club")
	w.lead.send("/directory/hand-invented-club/refuse", nil)
	w.lead.Want(303)
	w.lead.Get("/directory/hand-invented-club")
	w.lead.Want(404)
}

// imported are services of an invented feed that wait for a human.
func (w *world) imported(services string) {
	w.T.Helper()
	_, err := w.shelf.Import(w.T.Context(), records.Act{Tenant: w.service, Actor: "operator", Action: "services.import"}, shelf.Order{
		Source: feed.Source{Name: "shire", Address: "https://feed.example.org/x", Read: w.Clock.Now()},
		Read:   []func(*feed.Reading) error{func(f *feed.Reading) error { return f.JSON(strings.NewReader(services)) }},
	})
	stafftest.Must(w.T, err)
}

func TestWhatAServiceWasHeldForIsLifted(t *testing.T) {
	w := newWorld(t)
	w.imported(`[{"id":"aid","name":"Invented Aid","status":"active","description":"We work with victims and with perpetrators.","phones":[{"number":"01432 123456"}]}]`)
	const path = "/directory/shire-aid"
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	w.lead.Get("/directory")
	w.lead.Want(200).says("Shown to nobody until somebody has looked", path)
	w.lead.Get(path)
	w.lead.Want(200).says("Nothing says what it helps with", "no code says which", "Its text speaks of people who use abuse").hides(path+"/clear", path+"/recode")
	found := func() bool { _, ok := w.shelf.Directory().Find("shire-aid"); return ok }
	// A need takes one; an area takes two.
	editor.Get(path)
	editor.send(path+"/recode", url.Values{"needs": {"domestic-abuse"}})
	editor.follow().Want(200).hides("Nothing says what it helps with").says("no code says which", "Domestic abuse")
	editor.send(path+"/recode", url.Values{"needs": {"domestic-abuse"}, "covers": {"E10000008"}})
	editor.Want(422).says("One field cannot be used", "E10000008", `id="codes" open`)
	editor.send(path+"/recode", url.Values{"needs": {"domestic-abuse"}, "covers": {"E06000019; W06000001"}, "kind": {"domestic-abuse-service"}})
	editor.follow().Want(200).says("A change waits for another person", "W06000001", "no code says which")
	w.lead.Get(path)
	w.lead.send(path+"/confirm", nil)
	w.lead.follow().Want(200).hides("no code says which").says("Its text speaks of people who use abuse")
	// Its words take two as well.
	editor.Get(path)
	editor.send(path+"/clear", nil)
	editor.follow().Want(200).says("To let pass:").hides(path + "/clear")
	if found() {
		t.Fatal("shown on the word of one")
	}
	editor.Post(path+"/confirm", editor.Signed(nil))
	editor.Want(409).says("another person confirms it")
	w.lead.Get(path)
	w.lead.Want(200).says("To let pass:", "Its text speaks of people who use abuse")
	w.lead.send(path+"/confirm", nil)
	w.lead.follow().Want(200).hides("Its text speaks of people who use abuse")
	if !found() {
		t.Error("let pass by two, and shown to nobody")
	}
}

// A service for people who use abuse is kept from every page for a victim, and serves no need by which it could be found.
func TestAServiceForPeopleWhoUseAbuseIsKeptFromVictims(t *testing.T) {
	w := newWorld(t)
	w.imported(`[{"id":"b","name":"Invented Change Group","status":"active","description":"A group for perpetrators.","phones":[{"number":"01432 123456"}]}]`)
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	editor.Get("/directory/shire-b")
	editor.send("/directory/shire-b/recode", url.Values{"needs": {"domestic-abuse"}, "covers": {"E06000019"}, "shown_to": {"never-with-victim"}})
	editor.follow().Want(200).says("A change waits")
	w.lead.Get("/directory/shire-b")
	w.lead.send("/directory/shire-b/confirm", nil)
	w.lead.Want(303)
	if e, _ := w.shelf.Entry("shire-b"); e.Service.ShownTo != directory.NeverWithVictim || len(e.Service.Needs) != 0 {
		t.Errorf("%+v", e.Service)
	}
}

func TestAWayOfContactIsAdded(t *testing.T) {
	w := newWorld(t)
	w.enter("invented-line")
	const path = "/directory/invented-line"
	editor := w.lead.Colleague(people.DirectoryEditor).Again(false)
	for name, faulty := range map[string]url.Values{
		"no address":   {"new.by": {"email"}, "new.at": {"not an address"}},
		"no kind":      {"new.at": {"help@line.example.org"}},
		"a wrong kind": {"new.by": {"pigeon"}, "new.at": {"help@line.example.org"}},
		"a place":      {"new.by": {"in-person"}, "new.at": {"1 Hidden Lane"}},
	} {
		editor.Get(path)
		editor.send(path+"/propose", faulty)
		if editor.Want(422).says(`value="` + faulty.Get("new.at") + `"`); t.Failed() {
			t.Fatal(name)
		}
		if at := name == "a place"; strings.Contains(editor.Last.Body, "Enter it as a private contact") != at {
			t.Errorf("%s: sent to the private contacts: %t", name, !at)
		}
	}
	editor.Get(path)
	editor.send(path+"/propose", url.Values{"new.by": {"phone"}, "new.at": {"01432 123456"}, "new.note": {"for the team"}, "new.staff": {"yes"}})
	editor.follow().Want(200).says("A change waits for another person", "01432 123456", "for professionals")
	if s, _ := w.shelf.Directory().Find("invented-line"); len(s.Ways) != 1 {
		t.Errorf("one person alone added a way: %v", s.Ways)
	}
	w.lead.Get(path)
	w.lead.send(path+"/confirm", nil)
	w.lead.Want(303)
	s, _ := w.shelf.Directory().Find("invented-line")
	if len(s.Ways) != 2 || s.Ways[1].By != directory.Phone || !s.Ways[1].Staff || s.Ways[1].Note != "for the team" || s.Ways[0].At != "0808 157 0012" {
		t.Errorf("%+v", s.Ways)
	}
	// Another first number tells another thing of the bill, and other hours are not the hours that machines know.
	editor.Get(path)
	editor.send(path+"/propose", url.Values{"way.0": {"01432 654321"}, "hours": {"nights"}})
	editor.Want(303)
	w.lead.Get(path)
	w.lead.send(path+"/confirm", nil)
	w.lead.Want(303)
	if s, _ = w.shelf.Directory().Find("invented-line"); s.Ways[0].At != "01432 654321" || s.Bill.Trace != directory.OnBillLikely || s.Hours.Text != "nights" || len(s.Opening.Spans) != 0 {
		t.Errorf("%+v", s)
	}
}

// What is due stands by its reason and by its date, the longest due first, and what does not fit on the page is one page on.
func TestDuesStandByDate(t *testing.T) {
	w := newWorld(t)
	w.enter("z-old")
	w.Clock.Pass(24 * time.Hour)
	for i := range 22 {
		w.enter("a-" + string(rune('a'+i)))
	}
	w.Clock.Pass(200 * 24 * time.Hour)
	w.enter("b-new")
	editor := w.lead.Again(true).Colleague(people.DirectoryEditor).Again(false)
	editor.Get("/directory/b-new")
	editor.send("/directory/b-new/propose", url.Values{"way.0": {"0808 157 0033"}})
	editor.Want(303)
	w.lead.Again(false).Get("/directory")
	dues, _, _ := strings.Cut(w.lead.Want(200).Last.Body, `id="all"`)
	at := func(id string) int { return strings.Index(dues, "/directory/"+id+"?") }
	if at("b-new") < 0 || at("z-old") < at("b-new") || at("a-a") < at("z-old") || at("a-t") >= 0 {
		t.Errorf("not by reason and date: %d %d %d %d", at("b-new"), at("z-old"), at("a-a"), at("a-t"))
	}
	w.lead.says("Not on patient copies any more", `?due=grown-old&amp;l=en`)
	w.lead.Get("/directory/z-old")
	w.lead.Want(200).hides("[desk.", "[need.", "[who.") // every code has words
	w.lead.Get("/directory")
	w.lead.Get("/directory?due=grown-old&l=en")
	dues, _, _ = strings.Cut(w.lead.Want(200).Last.Body, `id="all"`)
	if at("a-v") < 0 || at("b-new") >= 0 {
		t.Error("the page of one reason is not that")
	}
	w.lead.Get("/directory?due=grown-old&from=22")
	dues, _, _ = strings.Cut(w.lead.Want(200).Last.Body, `id="all"`)
	if at("a-v") < 0 || at("a-a") >= 0 {
		t.Error("not the next page")
	}
	for _, odd := range []string{"?due=nothing", "?from=-1", "?due=held&from=99", "?from=zz"} {
		w.lead.Get("/directory" + odd)
		w.lead.Want(200)
	}
}
