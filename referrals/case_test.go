package referrals_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/screening"
)

func onBoth(t *testing.T, test func(*testing.T, *world)) {
	t.Run("model", func(t *testing.T) { test(t, newWorld(t)) })
	t.Run("sqlite", func(t *testing.T) { test(t, furnish(t, embedded(t, t.TempDir()), t.TempDir())) })
}

func TestACaseRestsAndReadsBackAsItWas(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		made := w.refer(consent("domestic-abuse"), referrals.Choice{
			Destination: "marac", Service: "marac-here",
			Consent: packet.Consent{Decision: packet.NotSafe, Ground: "marac-proportionate", Why: packet.WhySeriousHarm, Told: packet.SaferNot, Words: vault.Keep("he sits beside her")},
		})
		got := w.read(made.Reference)
		if got.State != referrals.InReview || got.Urgency != "now" || got.OpenedBy != "gp-1" || got.Nation != directory.England || len(got.Found) == 0 || len(got.Facts) == 0 || len(got.Pathways) == 0 {
			t.Errorf("%+v", got)
		}
		if len(got.Reference) != 32 || got.Rev != 1 || got.Reference == got.Handovers[0].Reference {
			t.Errorf("reference %s at %d", got.Reference, got.Rev)
		}
		if name, _ := got.Dossier.At("person.name", 0); name.Reveal() != words["person.name"] {
			t.Error("the name did not come back")
		}
		marac := got.Handovers[1]
		if marac.State != referrals.Waiting || marac.Consent.Words.Reveal() != "he sits beside her" || marac.Consent.By != "gp-1" || marac.Consent.Told != packet.SaferNot {
			t.Errorf("%+v", marac)
		}
		if !got.Due.Equal(w.clock.now().Add(30*time.Minute)) || !got.Expires.Equal(w.clock.now().Add(referrals.OpenLife)) {
			t.Errorf("due %s, expires %s", got.Due, got.Expires)
		}
		if len(got.Found[0].Because) == 0 {
			t.Error("a finding without the answers behind it")
		}
		w.sound()
	})
}

// Nothing rests that no destination which is told needs; consent refused counts as not told.
func TestOnlyWhatADestinationNeedsRests(t *testing.T) {
	w := newWorld(t)
	refused := consent("marac")
	refused.Consent = packet.Consent{Decision: packet.Refused}
	c := w.read(w.refer(consent("iris"), refused).Reference)
	for _, field := range []string{"person.address", "person.nhs-number", "person.birth", "child.name", "account.reason", "criteria.judgement"} {
		if c.Dossier.Holds(field) {
			t.Errorf("%s rests, and nobody is told of it", field)
		}
	}
	for _, field := range []string{"person.name", "contact.at", "unsafe.name", "feared.relationship", "referrer.organisation"} {
		if !c.Dossier.Holds(field) {
			t.Errorf("%s does not rest", field)
		}
	}
	if c.Handovers[1].State != referrals.Withheld || !c.Handovers[1].Due.IsZero() {
		t.Errorf("refused, and %s", c.Handovers[1].State)
	}
	// The desk cannot hand it over either.
	c = w.decide(w.lead, c, referrals.Decision{Event: referrals.Accept})
	_, err := w.Decide(t.Context(), w.lead, c.Reference, c.Rev, byPhone(c, 1))
	want(t, err, referrals.ErrState)
	if _, err := w.Packet(c, c.Handovers[1].Reference); err == nil {
		t.Error("a packet against a refusal")
	}
}

func TestWhatMakesNoCase(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		who    people.Actor
		change func(*referrals.Draft)
		err    error
	}{
		"an auditor":                    {w.auditor, nil, people.ErrForbidden},
		"a company":                     {w.agent, nil, people.ErrForbidden},
		"a service":                     {w.receiver, nil, people.ErrForbidden},
		"nothing found":                 {w.clinician, func(d *referrals.Draft) { d.Plan = w.steps.Make(w.bank.Assess(w.bank.Empty())) }, referrals.ErrUnfinished},
		"no plan at all":                {w.clinician, func(d *referrals.Draft) { d.Plan.Assessment = screening.Assessment{} }, referrals.ErrUnfinished},
		"no destination":                {w.clinician, func(d *referrals.Draft) { d.Choices = nil }, referrals.ErrInvalid},
		"a destination that is not one": {w.clinician, func(d *referrals.Draft) { d.Choices[0].Destination = "newspaper" }, referrals.ErrInvalid},
		"the same one twice":            {w.clinician, func(d *referrals.Draft) { d.Choices = append(d.Choices, d.Choices[0]) }, referrals.ErrInvalid},
		"nothing said about consent":    {w.clinician, func(d *referrals.Draft) { d.Choices[0].Consent.Decision = "" }, referrals.ErrInvalid},
		"another nation's":              {w.clinician, func(d *referrals.Draft) { d.Choices[0].Destination = "adult-wales" }, packet.ErrNation},
		"a child to adults' service":    {w.clinician, func(d *referrals.Draft) { d.Age = directory.Under16 }, packet.ErrAge},
		"a ground that does not hold": {w.clinician, func(d *referrals.Draft) {
			d.Choices[1].Consent = packet.Consent{Decision: packet.Refused, Ground: "adult-duty-wales", Why: packet.WhyLaw, Told: packet.WasTold, Words: vault.Keep("x")}
		}, packet.ErrNoConsent},
		"a ground without a reason": {w.clinician, func(d *referrals.Draft) {
			d.Choices[1].Consent = packet.Consent{Decision: packet.Refused, Ground: "marac-proportionate", Why: packet.WhyLaw, Told: packet.WasTold}
		}, packet.ErrNoConsent},
		"a number that is none": {w.clinician, func(d *referrals.Draft) { d.Entries = entries(map[string]string{"person.nhs-number": "1234567890"}) }, referrals.ErrInvalid},
		"oneself kept away":     {w.clinician, func(d *referrals.Draft) { d.Exclude = []string{"gp-1"} }, referrals.ErrInvalid},
	} {
		draft := w.draft(consent("domestic-abuse"), consent("marac"))
		if c.change != nil {
			c.change(&draft)
		}
		if _, _, err := w.Refer(t.Context(), c.who, draft); err == nil {
			t.Errorf("%s: there is a case", name)
		} else {
			want(t, err, c.err)
			if strings.Contains(err.Error(), "Quillfeather") || strings.Contains(err.Error(), "1234567890") {
				t.Errorf("%s: the error tells", name)
			}
		}
	}
	if n := w.heard(practice, "referral.create", trail.Done); n != 0 {
		t.Errorf("%d cases were made", n)
	}
}

// An unsafe setting stops the questions and forbids no referral: "not safe to ask" is an answer about consent.
func TestAStoppedConsultationMayStillBeReferred(t *testing.T) {
	w := newWorld(t)
	answers := w.bank.Empty()
	for _, q := range w.bank.Questions {
		for _, a := range q.Answers {
			if slices.Contains(a.Facts, "setting.unsafe-to-talk") {
				answers, _ = answers.With(q.ID, a.ID)
			}
		}
	}
	f, _ := w.bank.Finding("going-home.not-safe")
	for _, g := range w.bank.Witnesses(f.When)[0].List() {
		answers, _ = answers.With(g.Question, g.Answer)
	}
	draft := w.draft(referrals.Choice{Destination: "police", Service: "force", Consent: packet.Consent{
		Decision: packet.NotSafe, Ground: "emergency", Why: packet.WhyCoercion, Told: packet.CouldNotBe, Words: vault.Keep("he is in the room"),
	}})
	draft.Plan = w.steps.Make(w.bank.Assess(answers))
	if !draft.Plan.Assessment.Stopped {
		t.Fatal("it was not stopped")
	}
	if _, _, err := w.Refer(t.Context(), w.clinician, draft); err != nil {
		t.Error(err)
	}
}

func TestThePreviewShowsWhatEachGetsAndWritesNothing(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(consent("domestic-abuse"), consent("marac"), referrals.Choice{Destination: "stalking", Consent: packet.Consent{Decision: packet.Refused}})
	draft.Entries = entries(map[string]string{"feared.name": " "})
	before := w.wire.calls
	views, faults, err := w.Preview(w.clinician, draft)
	must(t, err)
	if len(faults) > 0 || len(views) != 3 || w.wire.calls != before {
		t.Fatalf("%d views, %v", len(views), faults)
	}
	if !views[0].Packet.Ready() || !slices.Contains(views[1].Packet.Missing, "feared.name") || len(views[1].Criteria) != 4 {
		t.Errorf("%v", views[1].Packet.Missing)
	}
	want(t, views[2].Err, packet.ErrNoConsent)
}

// Routing facts stand in clear: state, due, expiry. Nothing else does.
func TestTheStoreSeesRoutingFactsOnly(t *testing.T) {
	w := newWorld(t)
	w.refer()
	var seen []string
	must(t, w.wire.base.Export(t.Context(), func(item any) error {
		if r, ok := item.(store.Record); ok && r.Kind != "organisation" {
			seen = append(seen, fmt.Sprintf("%s %s", r.Kind, r.State))
			for _, plain := range []string{"marac", "now", "gp-1", "england", "yes"} {
				if strings.Contains(r.State+r.ID, plain) {
					t.Errorf("%s stands in clear", plain)
				}
			}
		}
		return nil
	}))
	slices.Sort(seen)
	if !slices.Contains(seen, "case in-review") || !slices.Contains(seen, "card in-review") {
		t.Errorf("%q", seen)
	}
}

func TestTheUrgencyIsRaisedAndNeverLowered(t *testing.T) {
	w := newWorld(t)
	draft := w.draft(consent("domestic-abuse"))
	draft.Urgency = screening.Info
	c, _, err := w.Refer(t.Context(), w.clinician, draft)
	must(t, err)
	if c.Urgency != "now" {
		t.Errorf("lowered to %s", c.Urgency)
	}
}

func TestOneOpKeepsCaseAndCardTogether(t *testing.T) {
	w := newWorld(t)
	w.wire.refuse(func(b store.Batch) error {
		if len(b.Ops) > 0 {
			return store.ErrFull
		}
		return nil
	})
	_, _, err := w.Refer(t.Context(), w.clinician, w.draft(consent("iris")))
	want(t, err, records.ErrUnavailable)
	w.wire.refuse(nil)
	rows, err := w.Queue(t.Context(), w.lead, referrals.Filter{}, store.Cursor{}, 10)
	must(t, err)
	if len(rows.Rows) != 0 {
		t.Errorf("%d rows of a case that was not written", len(rows.Rows))
	}
}

// A form that is sent twice makes one case, where its caller draws from the same bytes.
func TestTheSameFormMakesOneCase(t *testing.T) {
	w := newWorld(t)
	seed := bytes.Repeat([]byte("sixteen random b"), 64)
	for i := range 2 {
		c := w.Config
		c.Random = bytes.NewReader(seed)
		desk, err := referrals.New(c)
		must(t, err)
		made, _, err := desk.Refer(t.Context(), w.clinician, w.draft(consent("iris")))
		if i == 0 {
			must(t, err)
			if made.Reference != hex.EncodeToString(seed[:16]) {
				t.Error("the reference is not what is drawn first")
			}
		} else if err == nil {
			t.Error("a second case of the same form")
		}
	}
	if rows := w.walk(w.lead, referrals.Filter{}, 10); len(rows) != 1 {
		t.Errorf("%d cases", len(rows))
	}
}
