package staff_test

import (
	"strings"
	"testing"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/partners"
	"waypost/referrals/people"
	"waypost/web/staff/stafftest"
)

// A company's lead sees how the company's own entry stands, and no other company's; an auditor and everybody else sees none.
func TestACompanySeesItsOwnEntryAlone(t *testing.T) {
	w := newWorld(t)
	day := func(text string) time.Time {
		d, err := time.Parse(time.DateOnly, text)
		stafftest.Must(t, err)
		return d
	}
	named := partners.Contact{Role: "Safeguarding lead", By: partners.Extension, At: "4100"}
	all := w.Clock.Now().AddDate(0, 6, 0)
	base := partners.Partner{
		Slug: "invented", Name: "Invented Organisation", Wanted: true, Nations: directory.Nations(0).With(directory.England), Entries: []string{"worry"}, Languages: []string{"en"}, Lead: partners.Lead{Contact: named, NamedOn: day("2026-01-01")},
		Hours: []partners.Hours{{Days: []time.Weekday{time.Monday}, From: "09:00", To: "17:00"}}, Legal: named,
		Products: []partners.Product{{ID: "tag", Kind: partners.Kinds()[0], Make: "Invented", Model: "One", Material: partners.Materials()[0], Again: all}},
		Kept:     partners.CharterLines(), Review: partners.Review{By: "Reviewer", On: day("2026-01-02"), Again: all},
	}
	other := base
	other.Slug, other.Name, other.Kept = "another", "Another Canary", nil
	show := func(entries ...partners.Partner) string {
		t.Helper()
		list, err := partners.Open(entries...)
		stafftest.Must(t, err)
		w.Gate.Partners = list
		lead := w.Lead(people.ImplantCompany)
		lead.Get("/account")
		if lead.Want(200); !strings.Contains(lead.Last.Body, `href="/company"`) {
			t.Error("the account does not lead there")
		}
		body := lead.Get("/company").Body
		lead.Want(200)
		if strings.Contains(body, "Canary") || strings.Contains(body, "/agent/another") {
			t.Error("another company's entry is shown")
		}
		if n := strings.Count(body, "<li>"); n < len(partners.CharterLines()) {
			t.Errorf("%d lines of the charter", n)
		}
		return body
	}
	if body := show(base, other); !strings.Contains(body, `href="/agent/invented/kit"`) || strings.Contains(body, "not yet") || !strings.Contains(body, all.Format("2 January 2006")) {
		t.Errorf("an open page:\n%.3000s", body)
	}
	late := base
	late.Kept, late.Review.Again = partners.CharterLines()[1:], day("2026-02-01")
	if body := show(late, other); strings.Contains(body, "/agent/") || !strings.Contains(body, "The review is overdue") || strings.Count(body, "not yet") != 1 {
		t.Errorf("a closed page:\n%.3000s", body)
	}
	if body := show(other); !strings.Contains(body, "No entry bears the name") || strings.Contains(body, "kept</span>") {
		t.Errorf("none:\n%.3000s", body)
	}
	w.Gate.Partners = nil
	b := w.Lead(people.ImplantCompany)
	if body := b.Get("/company").Body; !strings.Contains(body, "No entry bears the name") {
		t.Errorf("without a list: %.300s", body)
	}
	b.Colleague(people.Auditor).Get("/company")
	practice := w.Lead(people.Practice)
	practice.Get("/company")
	practice.Want(403)
}

// Whatever can keep a page closed has words.
func TestWhatKeepsAPageClosedHasWords(t *testing.T) {
	words, err := locales.Load(locales.Files(), "en", "cy")
	stafftest.Must(t, err)
	long, today := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	late := partners.Partner{Example: true, Products: []partners.Product{{ID: "tag", Again: long}}, Review: partners.Review{By: "x", On: long, Again: long}}
	var codes []string
	for _, p := range []partners.Partner{{}, late} {
		codes = append(codes, p.Missing(today)...)
	}
	for _, code := range codes {
		id := "company.missing." + code
		if strings.HasPrefix(code, "product.") {
			id = "company.missing.product"
		}
		if line, is := strings.CutPrefix(code, "charter."); is {
			id = "company.charter." + line
		}
		for _, language := range []string{"en", "cy"} {
			if !words.Has(language, id) {
				t.Errorf("%s: no words for %s", language, id)
			}
		}
	}
}
