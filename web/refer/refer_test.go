package refer_test

import (
	"net/url"
	"strings"
	"testing"

	"waypost/referrals"
	"waypost/referrals/people"
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
	b.w.t.Helper()
	b.post("/refer", aConsultation()).want(200)
	return b.post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}, "to": to})).want(200)
}

func TestAConsultationBecomesACase(t *testing.T) {
	w := newWorld(t)
	_, b := w.practice()
	b.post("/refer", aConsultation()).want(200).says("Who can help", "Domestic-abuse service", "Listed because")
	b.post("/refer/about", with(b.form("/refer/places"), url.Values{"view": {"choose"}, "to": {"domestic-abuse"}})).want(200)
	b.post("/refer/check", with(b.form("/refer/check"), url.Values{
		"view": {"check"}, "consent.0.decision": {"given"}, "person.name": {"Invented Patient"}, "contact.channel": {"phone"},
		"contact.times": {"Mondays"}, "feared.relationship.0": {"former-partner"}, "children.involved": {"no"}, "referrer.contact": {"01632 960 000"},
	})).want(200).says("Check before you hand over", "Invented Patient", "Nothing is missing", "Invented Practice", "Leave no voicemail")
	if n := w.rests("case"); n != 0 {
		t.Fatalf("%d cases before the last button", n)
	}
	form := b.form("/refer/create")
	b.post("/refer/create", form).want(200).says("The referral is made", "Nothing is sent until", "Copy for the record")
	first := b.last.body
	b.post("/refer/create", form).want(200).saysNot("was referred before")
	if n := w.rests("case"); n != 1 {
		t.Fatalf("%d cases from one form sent twice", n)
	}
	ref, _, _ := strings.Cut(first[strings.Index(first, `id="reference">`)+15:], "<")
	c, err := w.desk.Read(t.Context(), b.actor(), ref)
	must(t, err)
	if c.State != referrals.InReview || len(c.Handovers) != 1 || c.Handovers[0].Destination != "domestic-abuse" {
		t.Errorf("case %s with %d hand-overs", c.State, len(c.Handovers))
	}
	b.says(ref)
	_ = people.Clinician
}
