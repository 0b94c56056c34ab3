package fhir_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/web/fhir"
)

// Every local service, number and address of these tests is invented.

const shire = "E06999901"

// local is a service that serves an area and that anybody may be shown.
func local(id string, change ...func(*directory.Service)) directory.Service {
	s := directory.Service{
		ID: id, Name: "Invented " + id, Needs: []string{"domestic-abuse"}, Nations: directory.Nations(0).With(directory.England), ShownTo: directory.Anyone,
		Ways: []directory.Way{{By: directory.Phone, At: "01632 960111", Status: directory.Official}}, Bill: directory.Bill{Trace: directory.OnBillLikely},
		Prof: directory.Both, Status: directory.Official, Sources: []directory.Source{{Address: "https://invented.example.org/a"}}, SourceDate: "undated",
		ReadOn: today.AddDate(0, 0, -1), Covers: directory.Coverage{Authorities: []string{shire}}, Is: directory.DomesticAbuseService,
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

// planted are services with a canary in each: in what may not be shown of the first, and in the whole of the others.
func planted() []directory.Service {
	name := func(name string) func(*directory.Service) { return func(s *directory.Service) { s.Name = name } }
	ways := func(w ...directory.Way) func(*directory.Service) {
		return func(s *directory.Service) { s.Ways, s.Bill.Trace = w, directory.BillUnknown }
	}
	return []directory.Service{
		local("shire-aid", func(s *directory.Service) {
			s.For, s.Area, s.Hours = "come to 7 Canary Street", "by Canary Lane", directory.Hours{Text: "at 3 Canary Road", Status: directory.Official}
			s.Ways = append(s.Ways, directory.Way{By: directory.InPerson, At: "12 Canary Lane, ZZ1 1ZZ", Status: directory.Official},
				directory.Way{By: directory.Phone, At: "01632 960199", Staff: true, Note: "canary line of staff", Status: directory.Official},
				directory.Way{By: directory.Website, At: "https://invented.example.org/canary-ZZ11ZZ/7-canary-street", Status: directory.Official})
			s.Notes, s.NextSteps, s.Warnings = []string{"canary note"}, "canary next step", []string{"canary warning"}
			s.VerifiedBy, s.VerifiedOn = "Canary Checker", today.AddDate(0, 0, -1)
		}),
		local("staff-only", name("Canary for staff"), func(s *directory.Service) { s.ShownTo = directory.StaffOnly }),
		local("marac", name("Canary MARAC"), func(s *directory.Service) {
			s.Is, s.ShownTo, s.Needs = directory.MaracCoordinator, directory.StaffOnly, []string{"marac"}
		}),
		local("marac-mistaken", name("Canary MARAC for all"), func(s *directory.Service) {
			s.Is, s.Needs = directory.MaracCoordinator, []string{"domestic-abuse", "marac"}
		}),
		local("iris", name("Canary advocate"), func(s *directory.Service) { s.Is = directory.IrisAdvocate }),
		local("practices", name("Canary practices"), func(s *directory.Service) { s.Is, s.Covers = "", directory.Coverage{Practices: []string{"M99901"}} }),
		local("for-abusers", name("Canary programme"), func(s *directory.Service) { s.Is, s.ShownTo, s.Needs = "", directory.NeverWithVictim, nil }),
		local("gone", name("Canary that is gone"), func(s *directory.Service) { s.Unlisted = today.AddDate(0, 0, -2) }),
		local("old", name("Canary of long ago"), func(s *directory.Service) { s.ReadOn = today.AddDate(-2, 0, 0) }),
		local("refuge", name("Canary refuge"), ways(directory.Way{By: directory.InPerson, At: "7 Canary Street, ZZ1 1ZZ", Status: directory.Official})),
		local("at-its-street", name("Canary House, 9 Hidden Road")),
		local("disputed", name("Canary in dispute"), ways(directory.Way{By: directory.Phone, At: "0808 157 0009", Note: "pages differ", Status: directory.Disputed})),
		local(strings.Repeat("canary", 12)), // a name that is none of FHIR's
	}
}

// listed goes through the pages from a first address.
func (w *world) listed(t *testing.T, path string) (ids []string, total, pages int, text string) {
	t.Helper()
	for path != "" {
		status, _, body := w.do(t, "GET", path, "", nil)
		var page struct {
			Total int
			Link  []fhir.Link
			Entry []struct{ Resource fhir.HealthcareService }
		}
		if err := json.Unmarshal(body, &page); err != nil || status != 200 {
			t.Fatalf("%s: %d %v", path, status, err)
		}
		for _, e := range page.Entry {
			ids = append(ids, e.Resource.ID)
		}
		total, text, path = page.Total, text+string(body), ""
		if len(page.Entry) > 100 {
			t.Fatalf("%d on one page", len(page.Entry))
		}
		if pages++; len(page.Link) > 0 {
			next, ours := strings.CutPrefix(page.Link[0].URL, "https://waypost.example")
			if !ours || page.Link[0].Relation != "next" {
				t.Fatalf("the link %v", page.Link)
			}
			path = next
		}
	}
	return ids, total, pages, text
}

// What the directory lets out here: the nation's in its order, then the local ones that anybody may be shown, by the very id that
// a referral names; nothing for staff or for people who use abuse, no place, no number that is not on the public page, and on a
// later day nothing that was not looked at again but the emergency numbers.
func TestOnlyWhatMayLeaveOfTheDirectoryIsServed(t *testing.T) {
	t.Parallel()
	nation := must(national.Load())(t)
	d := must(directory.Open(append(planted(), nation...)))(t) // the local ones stand before, and yet come last
	day := atomic.Pointer[time.Time]{}
	day.Store(&today)
	w := serveOf(t, func() *directory.Directory { return d }, func() time.Time { return *day.Load() })
	ids, total, _, text := w.listed(t, "/fhir/R4/HealthcareService")
	before, _, _, _ := serve(t).listed(t, "/fhir/R4/HealthcareService")
	if len(before) < 30 || !slices.Equal(ids, append(before, "shire-aid")) || total != len(ids) {
		t.Errorf("%d of the nation, then %v of %d", len(before), ids[min(len(before), len(ids)):], total)
	}
	for _, s := range planted() {
		status, _, body := w.do(t, "GET", "/fhir/R4/HealthcareService/"+s.ID, "", nil)
		if (status == 200) != (s.ID == "shire-aid") {
			t.Errorf("%s: %d", s.ID, status)
		}
		text += string(body)
	}
	for _, word := range []string{"canary", "hidden", "960199", "zz1", "m99901"} {
		if strings.Contains(strings.ToLower(text), word) {
			t.Errorf("%s is told", word)
		}
	}
	_, _, aid := w.do(t, "GET", "/fhir/R4/HealthcareService/shire-aid", "", nil)
	writtenDown(t, "service-local.json", aid)
	late := time.Date(2029, 1, 1, 9, 0, 0, 0, time.UTC)
	day.Store(&late)
	ids, _, _, _ = w.listed(t, "/fhir/R4/HealthcareService")
	for _, id := range ids {
		if of, _ := d.Find(id); !of.EmergencyNumber {
			t.Errorf("%s is still there after years", id)
		}
	}
	if len(ids) == 0 {
		t.Error("the emergency numbers are gone")
	}
}

// A list is read in pages, each service once, whatever the size of a page; what comes or goes while somebody reads neither
// repeats another nor leaves it out, and is seen at once.
func TestTheDirectoryIsReadInPages(t *testing.T) {
	t.Parallel()
	nation := must(national.Load())(t)
	many := slices.Clone(nation)
	for i := range 250 {
		many = append(many, local(fmt.Sprintf("aid-%03d", (i*7)%250)))
	}
	var now atomic.Pointer[directory.Directory]
	now.Store(must(directory.Open(many))(t))
	w := serveOf(t, now.Load, func() time.Time { return today })
	all, total, pages, _ := w.listed(t, "/fhir/R4/HealthcareService")
	if total != len(all) || pages != (len(all)+99)/100 || len(all) < 280 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Errorf("%d of %d on %d pages", len(all), total, pages)
	}
	for _, count := range []int{1, 7, 100, 5000} {
		if got, _, _, _ := w.listed(t, fmt.Sprintf("/fhir/R4/HealthcareService?_count=%d", count)); !slices.Equal(got, all) {
			t.Errorf("by %d: %d services", count, len(got))
		}
	}
	less := slices.DeleteFunc(slices.Clone(many), func(s directory.Service) bool { return s.ID == "aid-100" || s.ID == "aid-099" || s.ID == all[0] })
	now.Store(must(directory.Open(append(less, local("aid-100a"))))(t))
	rest, _, _, _ := w.listed(t, "/fhir/R4/HealthcareService?cursor=aid-100")
	at := slices.Index(all, "aid-100")
	if !slices.Equal(rest, append([]string{"aid-100a"}, all[at+1:]...)) {
		t.Errorf("behind what is gone: %v", rest[:min(3, len(rest))])
	}
	if status, _, _ := w.do(t, "GET", "/fhir/R4/HealthcareService/aid-100", "", nil); status != 404 {
		t.Errorf("what is gone: %d", status)
	}
	if none, _, _, _ := w.listed(t, "/fhir/R4/HealthcareService?cursor=zzz"); len(none) != 0 {
		t.Errorf("behind the end: %v", none)
	}
}
