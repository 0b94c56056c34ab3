package referrals_test

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/sqlite"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/screening"
	"waypost/screening/plan"
)

// Every person, number, organisation and word in these tests is invented; numbers that begin with 999 are given to nobody.

const (
	practice = "practice-1"
	other    = "practice-2"
	service  = "service-1"
	stranger = "service-2"
	company  = "company-1"
)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

type base interface {
	store.Store
	store.Marks
}

// wire is the store as the desk sees it; before may refuse a commit.
type wire struct {
	base
	mu     sync.Mutex
	before func(store.Batch) error
	calls  int
}

func (w *wire) Commit(ctx context.Context, b store.Batch) error {
	w.mu.Lock()
	before := w.before
	w.calls++
	w.mu.Unlock()
	if before != nil {
		if err := before(b); err != nil {
			return err
		}
	}
	return w.base.Commit(ctx, b)
}

func (w *wire) Read(ctx context.Context, k store.Key) (store.Record, error) {
	w.called()
	return w.base.Read(ctx, k)
}

func (w *wire) WrappedKey(ctx context.Context, k store.Key) (store.WrappedKey, error) {
	w.called()
	return w.base.WrappedKey(ctx, k)
}

func (w *wire) Find(ctx context.Context, tenant, kind string, blind [][]byte) ([]store.Record, error) {
	w.called()
	return w.base.Find(ctx, tenant, kind, blind)
}

func (w *wire) called() { w.mu.Lock(); defer w.mu.Unlock(); w.calls++ }

func (w *wire) refuse(f func(store.Batch) error) { w.mu.Lock(); defer w.mu.Unlock(); w.before = f }

type world struct {
	*referrals.Desk
	t      testing.TB
	safe   *records.Safe
	wire   *wire
	ring   *vault.Keyring
	clock  *clock
	book   *packet.Book
	steps  *plan.Library
	bank   *screening.Bank
	alerts []string

	clinician, colleague, lead, second, auditor, foreign, receiver, receiver2, elsewhere, agent people.Actor
}

func model(t testing.TB) base { return conform.NewModel(conform.Notary(t)) }

func embedded(t testing.TB, dir string) base {
	t.Helper()
	e, err := sqlite.Open(t.Context(), dir, sqlite.Options{Notary: conform.Notary(t), Now: time.Now, Ballast: 1 << 20})
	must(t, err)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func newWorld(t testing.TB) *world { t.Helper(); return furnish(t, model(t), t.TempDir()) }

func furnish(t testing.TB, b base, keys string) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{at: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}, wire: &wire{base: b}}
	root, err := vault.NewRootKey(make([]byte, 32))
	must(t, err)
	ground := vault.Ground{Path: filepath.Join(keys, "keyring"), Root: root, Random: rand.Reader, Now: w.clock.now}
	w.ring, err = records.Start(t.Context(), records.Ground{Keyring: ground, Store: b, Marks: b, Longest: 400 * 24 * time.Hour})
	must(t, err)
	w.safe, err = records.Open(t.Context(), records.Config{
		Store: w.wire, Marks: b, Keys: w.ring, Now: w.clock.now, Random: rand.Reader, Kinds: append(people.Kinds(), referrals.Kinds()...),
	})
	must(t, err)
	forms, err := w.ring.Forms()
	must(t, err)
	gate, err := people.New(people.Config{
		Safe: w.safe, Keys: w.ring, Forms: forms, Now: w.clock.now, Random: rand.Reader, PublicURL: "https://waypost.example", Name: "Waypost",
	})
	must(t, err)
	known := content()
	must(t, known.err)
	w.book, w.bank, w.steps = known.book, known.bank, known.steps
	w.Desk, err = referrals.New(referrals.Config{
		Safe: w.safe, Gate: gate, Keys: w.ring, Log: w.wire, Book: w.book, Now: w.clock.now, Random: rand.Reader,
		Answering: func(_ context.Context, at string) (string, error) {
			if strings.HasSuffix(at, "-here") {
				return service, nil
			}
			return "", nil
		},
		Alert: func(_ context.Context, organisation string) { w.alerts = append(w.alerts, organisation) },
	})
	must(t, err)
	w.clinician = actor(t, practice, people.Practice, "gp-1", people.Clinician)
	w.colleague = actor(t, practice, people.Practice, "gp-2", people.Clinician)
	w.lead = actor(t, practice, people.Practice, "lead-1", people.Lead)
	w.second = actor(t, practice, people.Practice, "lead-2", people.Lead)
	w.auditor = actor(t, practice, people.Practice, "auditor-1", people.Auditor)
	w.foreign = actor(t, other, people.Practice, "lead-9", people.Lead)
	w.receiver = actor(t, service, people.ReceivingService, "advocate-1", people.Receiver)
	w.receiver2 = actor(t, service, people.ReceivingService, "advocate-2", people.Receiver)
	w.elsewhere = actor(t, stranger, people.ReceivingService, "advocate-9", people.Receiver)
	w.agent = actor(t, company, people.ImplantCompany, "agent-1", people.Lead)
	return w
}

type loaded struct {
	book  *packet.Book
	bank  *screening.Bank
	steps *plan.Library
	err   error
}

// content is what ships, loaded once for all tests.
var content = sync.OnceValue(func() (l loaded) {
	var errs [3]error
	l.book, errs[0] = packet.Load(packet.Content())
	if l.bank, errs[1] = screening.Load(screening.Content()); errs[1] == nil {
		l.steps, errs[2] = plan.Load(screening.Content(), l.bank)
	}
	l.err = errors.Join(errs[:]...)
	return l
})

func actor(t testing.TB, organisation string, kind people.Kind, member string, roles ...people.Role) people.Actor {
	t.Helper()
	a, err := people.NewActor(people.Organisation{ID: organisation, Kind: kind},
		people.Member{ID: member, Organisation: organisation, Roles: roles, Active: true}, true)
	must(t, err)
	return a
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, got, target error) {
	t.Helper()
	if !errors.Is(got, target) {
		t.Errorf("error %v, want %v", got, target)
	}
}

// plan is that of answers that raise one finding.
func (w *world) plan(finding string) plan.Plan {
	w.t.Helper()
	f, ok := w.bank.Finding(finding)
	if !ok {
		w.t.Fatalf("no finding %s", finding)
	}
	return w.steps.Make(w.bank.Assess(w.bank.Witnesses(f.When)[0]))
}

// words are what is typed of an invented person: every field that the destinations of the tests want.
var words = map[string]string{
	"person.name": "Zephyrine Quillfeather", "person.birth": "1984-05-06", "person.address": "9 Orchard Gate, Nowhere",
	"person.nhs-number": "9990000018", "contact.channel": "phone", "contact.at": "01632 960123", "contact.times": "Tuesdays at ten",
	"contact.voicemail": "no", "contact.texts": "no", "contact.emails": "no", "contact.letters": "no", "contact.portal": "no",
	"contact.device-watched": "yes", "contact.code-word": "about the library book", "feared.relationship": "partner",
	"feared.name": "Ignatius Thornquist", "unsafe.name": "Perpetua Thornquist", "unsafe.relationship": "in-law",
	"children.involved": "yes", "child.name": "Osric Quillfeather", "child.birth": "2019-01-02",
	"account.reason": "he counts her steps from the orchard gate", "account.risk-now": "he has a key to the house",
	"account.harm-to-child": "he shouts at the child", "account.parent-knows": "she knows, he does not",
	"household.members": "mother and son", "account.technology": "a tag in the pram", "needs.care": "none told",
	"criteria.judgement": "yes", "criteria.judgement-why": "she expects to be killed",
	"referrer.organisation": "The Invented Practice", "referrer.name": "Dr Ambrosia Fairweather", "referrer.contact": "01632 960999",
}

func entries(change map[string]string) []packet.Entry {
	var out []packet.Entry
	for f, v := range words {
		if c, ok := change[f]; ok {
			v = c
		}
		out = append(out, packet.Entry{Field: f, Value: vault.Keep(v)})
	}
	return out
}

func consent(destination string) referrals.Choice {
	return referrals.Choice{Destination: destination, Service: destination + "-here", Consent: packet.Consent{Decision: packet.Given}}
}

func (w *world) draft(choices ...referrals.Choice) referrals.Draft {
	return referrals.Draft{Plan: w.plan("going-home.not-safe"), Nation: directory.England, Age: directory.Adult, Entries: entries(nil), Choices: choices}
}

// refer makes a case for the domestic abuse service and, unless others are named, the conference.
func (w *world) refer(choices ...referrals.Choice) referrals.Case {
	w.t.Helper()
	if len(choices) == 0 {
		choices = []referrals.Choice{consent("domestic-abuse"), consent("marac")}
	}
	c, faults, err := w.Refer(w.t.Context(), w.clinician, w.draft(choices...))
	if err != nil {
		w.t.Fatalf("%v %v", err, faults)
	}
	return c
}

func (w *world) decide(a people.Actor, c referrals.Case, in referrals.Decision) referrals.Case {
	w.t.Helper()
	out, err := w.Decide(w.t.Context(), a, c.Reference, c.Rev, in)
	must(w.t, err)
	return out
}

func (w *world) accepted(choices ...referrals.Choice) referrals.Case {
	w.t.Helper()
	return w.decide(w.lead, w.refer(choices...), referrals.Decision{Event: referrals.Accept})
}

func byPhone(c referrals.Case, i int) referrals.Decision {
	channel := packet.ByPhone
	if c.Handovers[i].Destination == "marac" {
		channel = packet.ByMail
	}
	return referrals.Decision{Event: referrals.HandOver, Handover: c.Handovers[i].Reference, Channel: channel, Theirs: vault.Keep("taken by Hephzibah at noon")}
}

func (w *world) read(id string) referrals.Case {
	w.t.Helper()
	c, err := w.Read(w.t.Context(), w.lead, id)
	must(w.t, err)
	return c
}

// log reads the entries of one organisation.
func (w *world) log(tenant string) []trail.Entry {
	w.t.Helper()
	var out []trail.Entry
	for {
		leaves, err := w.wire.base.TrailRead(context.Background(), tenant, int64(len(out)), store.ListLimit)
		must(w.t, err)
		if len(leaves) == 0 {
			return out
		}
		for _, l := range leaves {
			_, e, err := trail.ParseLeaf(l)
			must(w.t, err)
			out = append(out, e)
		}
	}
}

func (w *world) heard(tenant, action string, o trail.Outcome) (n int) {
	for _, e := range w.log(tenant) {
		if e.Action == action && e.Outcome == o {
			n++
		}
	}
	return n
}

// sound audits all logs against all records.
func (w *world) sound() {
	w.t.Helper()
	reports, err := store.Audit(context.Background(), w.wire, store.Auditing{Keys: conform.Notary(w.t).Readers, Refer: w.safe.Refer})
	must(w.t, err)
	for _, r := range reports {
		for _, f := range r.Faults {
			w.t.Errorf("audit: %s", f)
		}
	}
}
