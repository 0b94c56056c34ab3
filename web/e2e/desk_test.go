package e2e

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store/conform"
	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/referrals/shelf"
	"waypost/referrals/shelf/private"
	"waypost/screening"
	planning "waypost/screening/plan"
	pages "waypost/web"
	consultpages "waypost/web/consult"
	deskpages "waypost/web/desk"
	"waypost/web/fhir"
	"waypost/web/refer"
	"waypost/web/smart"
	"waypost/web/staff"
)

// surgery is an invented practice and an invented service with their pages, in this process.
type surgery struct {
	URL               string
	people            *people.Register
	desk              *referrals.Desk
	practice, service people.Organisation
	lead, receiver    string // links by which they enrol
	output            *output
	kept              *conform.Model
	safe              *records.Safe
	ahead, late       atomic.Int64 // how far the clock was moved, and that of the desk alone
}

func newSurgery(t *testing.T) *surgery {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, err := net.SplitHostPort(ln.Addr().String())
	must(t, err)
	s := &surgery{URL: "http://localhost:" + port, output: &output{}}
	root, err := vault.NewRootKey(bytes.Repeat([]byte{7}, 32))
	must(t, err)
	keys, err := vault.CreateKeyring(vault.Ground{Path: filepath.Join(t.TempDir(), vault.RingName), Root: root, Random: rand.Reader, Now: s.now})
	must(t, err)
	must(t, keys.Prepare(s.now().AddDate(0, 15, 0)))
	s.kept = conform.NewModel(nil)
	s.safe, err = records.Open(t.Context(), records.Config{
		Store: s.kept, Marks: s.kept, Keys: keys, Now: s.now, Random: rand.Reader, Kinds: slices.Concat(people.Kinds(), referrals.Kinds(), shelf.Kinds(), private.Kinds()),
	})
	must(t, err)
	forms, err := keys.Forms()
	must(t, err)
	s.people, err = people.New(people.Config{Safe: s.safe, Keys: keys, Forms: forms, Now: s.now, Random: rand.Reader, PublicURL: s.URL, Name: "Waypost"})
	must(t, err)
	book, err := packet.Load(packet.Content())
	must(t, err)
	s.desk, err = referrals.New(referrals.Config{Safe: s.safe, Gate: s.people, Keys: keys, Log: s.kept, Book: book, Now: s.deskNow, Random: rand.Reader, Answering: s.people.Answering})
	must(t, err)
	services, err := shelf.Open(t.Context(), shelf.Config{Safe: s.safe, Now: s.now, Random: rand.Reader})
	must(t, err)
	drawer, err := private.Open(private.Config{Safe: s.safe, Now: s.now, Random: rand.Reader})
	must(t, err)
	words, err := locales.Load(locales.Files(), "en", "en-XA", "ar-XB")
	must(t, err)
	gate := &staff.Journey{Register: s.people, Forms: forms, Trail: s.safe, Words: words, PublicURL: s.URL, Now: s.now}
	leads := &deskpages.Journey{
		Desk: s.desk, Staff: gate, Register: s.people, Trail: s.safe, Services: services, Private: drawer, Words: words, PublicURL: s.URL, Now: s.now,
	}
	consultation, referral := s.clinic(t, gate, leads, forms, words)
	machines := &smart.Journey{Register: s.people, PublicURL: s.URL}
	server, err := pages.New(pages.Config{
		PublicURL: s.URL, Words: words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(pages.NewLogHandler(slog.NewTextHandler(s.output, nil))),
	}, consultation, gate, referral, leads, machines, s.systems(consultation, words, machines))
	must(t, err)
	listen(t, server, ln)
	s.furnish(t)
	return s
}

// clinic is the pages of a consultation and of a referral, over the services that ship.
func (s *surgery) clinic(t *testing.T, gate *staff.Journey, leads *deskpages.Journey, forms *vault.Forms, words *locales.Catalogue) (*consultpages.Journey, *refer.Journey) {
	t.Helper()
	bank, err := screening.Load(screening.Content())
	must(t, err)
	steps, err := planning.Load(screening.Content(), bank)
	must(t, err)
	list, err := national.Load()
	must(t, err)
	services, err := directory.Open(list)
	must(t, err)
	consultation := &consultpages.Journey{
		Bank: bank, Steps: steps, Words: words, Finder: consultpages.Finder{Directory: services}, Forms: forms, Nation: directory.England, Now: s.now,
	}
	return consultation, &refer.Journey{
		Consultation: consultation, Bank: bank, Steps: steps, Words: words, Directory: func() *directory.Directory { return services }, Nation: directory.England,
		Desk: s.desk, People: s.people, Trail: s.safe, Private: leads, Gate: gate, Forms: forms, Now: s.now, Random: rand.Reader,
	}
}

// systems is the face for other systems, with the loop of referrals.
func (s *surgery) systems(c *consultpages.Journey, words *locales.Catalogue, gate *smart.Journey) *fhir.Journey {
	return &fhir.Journey{
		Bank: c.Bank, Steps: c.Steps, Words: words, Directory: func() *directory.Directory { return c.Finder.Directory }, PublicURL: s.URL, Now: s.now,
		Loop: &fhir.Loop{Desk: s.desk, Nation: directory.England, Machine: gate.For},
	}
}

func (s *surgery) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

func (s *surgery) deskNow() time.Time { return s.now().Add(time.Duration(s.late.Load())) }

func (s *surgery) furnish(t *testing.T) {
	t.Helper()
	var token vault.Secret[string]
	var err error
	s.practice, token, err = s.people.Found(t.Context(), people.Practice, "Invented Practice", "Invented Lead")
	must(t, err)
	s.lead = s.URL + "/enrol#" + token.Reveal()
	s.service, _, err = s.people.Found(t.Context(), people.ReceivingService, "Invented Service", "Invented Head")
	must(t, err)
	must(t, s.people.AnswerFromConsole(t.Context(), s.service.ID, "invented-service"))
	_, token, err = s.people.Invite(t.Context(), s.actor(t, s.service, people.Lead), "Invented Advocate", []people.Role{people.Receiver})
	must(t, err)
	s.receiver = s.URL + "/enrol#" + token.Reveal()
}

func (s *surgery) actor(t *testing.T, o people.Organisation, role people.Role) people.Actor {
	t.Helper()
	a, err := people.NewActor(o, people.Member{ID: "invented-1", Organisation: o.ID, Roles: []people.Role{role}, Active: true}, true)
	must(t, err)
	return a
}

// refer makes a case of an invented person for the service.
func (s *surgery) refer(t *testing.T) referrals.Case {
	t.Helper()
	return s.referBy(t, s.actor(t, s.practice, people.Clinician))
}

func (s *surgery) referBy(t *testing.T, by people.Actor) referrals.Case {
	t.Helper()
	bank, err := screening.Load(screening.Content())
	must(t, err)
	steps, err := planning.Load(screening.Content(), bank)
	must(t, err)
	f, _ := bank.Finding("going-home.not-safe")
	d := referrals.Draft{
		Plan: steps.Make(bank.Assess(bank.Witnesses(f.When)[0])), Nation: directory.England, Age: directory.Adult,
		Choices: []referrals.Choice{
			{Destination: "domestic-abuse", Service: "invented-service", Consent: packet.Consent{Decision: packet.Given}},
			{Destination: "stalking", Service: "another-service", Consent: packet.Consent{Decision: packet.Refused}},
		},
	}
	for field, value := range map[string]string{
		"person.name": "Zephyrine Quillfeather", "person.birth": "1984-05-06", "person.address": "9 Orchard Gate, Nowhere",
		"contact.channel": "phone", "contact.at": "01632 960123", "contact.times": "Tuesdays at ten", "contact.code-word": "about the library book",
		"contact.device-watched": "yes", "unsafe.name": "Perpetua Thornquist", "unsafe.relationship": "in-law", "feared.relationship": "partner",
		"account.reason": "he counts her steps", "children.involved": "no", "needs.language": "Urdu", "needs.interpreter": "woman",
		"referrer.organisation": "Invented Practice", "referrer.name": "Dr Ambrosia Fairweather", "referrer.contact": "01632 960999",
	} {
		d.Entries = append(d.Entries, packet.Entry{Field: field, Value: vault.Keep(value)})
	}
	c, faults, err := s.desk.Refer(t.Context(), by, d)
	if err != nil {
		t.Fatalf("%v %v", err, faults)
	}
	return c
}

// enrol opens a link in a browser of its own and makes a key there.
func (s *surgery) enrol(t *testing.T, link string) *Page {
	t.Helper()
	p := browser.Open(t, link, View{})
	p.Authenticator()
	p.Press(`form[data-ceremony] button`)
	p.Await("Your passkeys")
	return p
}

// look hands a page over to every check, wide and small; the documents come together for the validator.
func (s *surgery) look(t *testing.T, p *Page, documents map[string]string, name string) {
	t.Helper()
	documents[name] = p.Source()
	if !strings.Contains(name, " in ") { // the same page in other words
		p.Screenshot("desk-"+strings.TrimSuffix(fileName(name), ".html"), true)
		clean(t, name+": axe", p.Axe())
	}
	clean(t, name+": strangers", p.Strangers(s.URL))
	p.Resize(320, 640)
	clean(t, name+" at 320: overflow", p.Overflow())
	if slices.Contains([]string{"queue", "case accepted", "received"}, name) {
		clean(t, name+" at 320: axe", p.Axe())
	}
	p.Resize(1366, 768)
}

// The whole loop in two browsers: the lead accepts by keyboard and makes a link and a code, the service picks up,
// acknowledges and reports, the lead closes.
func TestTheDeskAndTheService(t *testing.T) {
	t.Parallel()
	s, documents := newSurgery(t), map[string]string{}
	c := s.refer(t)
	lead := s.enrol(t, s.lead)
	lead.Goto(s.URL + "/desk")
	s.look(t, lead, documents, "queue")
	lead.Press(`a[href^="/desk/case/"]`)
	if below := lead.Below("#contact"); len(below) > 0 {
		t.Errorf("how to make contact is not in view: %v", below)
	}
	s.look(t, lead, documents, "case")
	if strings.Contains(lead.Text(), "Zephyrine") {
		t.Error("the person stands on the page before anybody asked")
	}
	lead.Press(`#sealed button`)
	lead.Await("Zephyrine Quillfeather")
	s.look(t, lead, documents, "case opened")

	lead.Press("#mend")
	lead.Await("Below is everything that was told")
	ask[int](lead, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	s.look(t, lead, documents, "mend")
	lead.Goto(s.URL + deskpages.CasePath + c.Reference)

	// By keyboard: a decision that is refused keeps its words, then one that is taken.
	lead.Use("escalate.0.open", Enter)
	lead.Type(`form:has([value="escalate"]) textarea`, "typed with care")
	ask[int](lead, `[...document.querySelectorAll("select[required]")].map(e => e.required = false).length`)
	lead.Use("escalate.0.go", Enter)
	lead.Await("Please choose a reason")
	if got := lead.ValueOf(`form:has([value="escalate"]) textarea`); got != "typed with care" {
		t.Errorf("what was typed is %q", got)
	}
	s.look(t, lead, documents, "case with a fault")
	lead.Use("accept.0.open", Enter)
	lead.Use("accept.0.go", Enter)
	lead.Await("to be handed over")
	ask[int](lead, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	s.look(t, lead, documents, "case accepted")
	lead.Press(`form[action$="/packet"] button`)
	lead.Await("What is told")
	ask[int](lead, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	s.look(t, lead, documents, "packet")
	lead.Goto(s.URL + deskpages.CasePath + c.Reference)
	lead.Press(`[id="offer.1.open"]`)
	lead.Press(`[id="offer.1.go"]`)
	lead.Await("shown once")
	s.look(t, lead, documents, "link")
	link, code := lead.TextOf("#link"), lead.TextOf("#code")

	advocate := s.enrol(t, s.receiver)
	advocate.Goto(link)
	advocate.Settle()
	_, token, _ := strings.Cut(link, "#")
	if advocate.Address() != s.URL+"/pick-up" || advocate.ValueOf("#link") != token {
		t.Errorf("at %s with %q in the field", advocate.Address(), advocate.ValueOf("#link"))
	}
	s.look(t, advocate, documents, "pick up")
	advocate.Press(`form[action="/pick-up"] button`)
	advocate.Type("#code", "999 999")
	advocate.Press(`form[action="/pick-up/packet"] button`)
	advocate.Await("open nothing here")
	s.look(t, advocate, documents, "pick up refused")
	advocate.Type("#code", code)
	advocate.Press(`form[action="/pick-up/packet"] button`)
	advocate.Await("Zephyrine Quillfeather")
	if advocate.Title() != "Information" {
		t.Errorf("the title tells: %q", advocate.Title())
	}
	ask[int](advocate, `[...document.querySelectorAll("details")].map(d => d.open = true).length`)
	s.look(t, advocate, documents, "received")
	for _, one := range []string{"acknowledge", "report"} {
		if ask[bool](advocate, `!document.getElementById(`+quote(one+".open")+`).parentElement.open`) {
			advocate.Press(`[id="` + one + `.open"]`)
		}
		if one == "report" {
			ask[string](advocate, `document.querySelector('form:has([value="report"]) select').value = "help-began"`)
		}
		advocate.Press(`[id="` + one + `.go"]`)
		advocate.Settle()
	}
	advocate.Await("outcome reported")
	advocate.Goto(s.URL + deskpages.InboxPath)
	s.look(t, advocate, documents, "inbox")

	lead.Goto(s.URL + deskpages.CasePath + c.Reference)
	lead.Press(`[id="close.0.open"]`)
	ask[string](lead, `document.querySelector('form:has([value="close"]) select').value = "help-began"`)
	lead.Press(`[id="close.0.go"]`)
	lead.Await("Keep for longer")
	for name, path := range map[string]string{
		"who": deskpages.CasePath + c.Reference + "/who", "directory": "/directory", "same": deskpages.CasePath + c.Reference + "/same", "glass": "/desk/glass", "break": "/desk/break", "own": "/desk/own", "statistics": "/statistics", "audit": "/audit?names=yes",
		"queue in Arabic": "/desk?state=closed&l=ar-XB", "case in Arabic": deskpages.CasePath + c.Reference + "?l=ar-XB", "case in long words": deskpages.CasePath + c.Reference + "?l=en-XA",
		"statistics in long words": "/statistics?l=en-XA", "audit in Arabic": "/audit?l=ar-XB",
	} {
		lead.Goto(s.URL + path)
		s.look(t, lead, documents, name)
	}
	clean(t, "console", withoutRefusals(withoutClearing(slices.Concat(lead.Console(), advocate.Console()))))
	for _, a := range slices.Concat(lead.Addresses(), advocate.Addresses()) {
		if strings.Contains(strings.Split(a, "#")[0], token) || strings.Contains(a, "Zephyrine") || strings.Contains(a, code) {
			t.Errorf("an address tells: %s", a)
		}
	}
	for _, secret := range []string{token, code, "Zephyrine", "Quillfeather", c.Reference} {
		if strings.Contains(s.output.String(), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
	clean(t, "vnu", slices.DeleteFunc(Vnu(t, documents), guess))
}
