package consult_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/referrals/directory"
	"waypost/web/consult"
)

// Every local service and area of these tests is invented.

var wednesday = time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)

const (
	shire = "E06999901"
	vale  = "E06999902"
)

func invented(id, name string, needs []string, change ...func(*directory.Service)) directory.Service {
	s := directory.Service{
		ID: id, Name: name, Needs: needs, Nations: directory.Nations(0).With(directory.England), ShownTo: directory.Anyone,
		Ways: []directory.Way{{By: directory.Phone, At: "01632 960111", Status: directory.Official}}, Bill: directory.Bill{Trace: directory.OnBillLikely},
		Prof: directory.Both, Status: directory.Official, Sources: []directory.Source{{Address: "https://invented.example.org/a"}}, SourceDate: "undated",
		ReadOn: wednesday.AddDate(0, 0, -1), Covers: directory.Coverage{Authorities: []string{shire}},
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

// county is one service that may be shown and many that may not, each with a canary in it.
func county() []directory.Service {
	da := []string{"domestic-abuse"}
	ways := func(w ...directory.Way) func(*directory.Service) {
		return func(s *directory.Service) { s.Ways, s.Bill.Trace = w, directory.BillUnknown }
	}
	return []directory.Service{
		invented("shire-aid", "Invented Shire Aid", da, func(s *directory.Service) {
			s.Opening.Spans = []directory.Span{{Day: time.Wednesday, From: 9 * 60, To: 17 * 60}}
			s.Ways = append(s.Ways, directory.Way{By: directory.InPerson, At: "12 Canary Lane", Status: directory.Official}, directory.Way{By: directory.Phone, At: "01632 960199", Staff: true, Note: "canary line of staff", Status: directory.Official})
			s.Notes, s.NextSteps = []string{"canary note"}, "canary next step"
			s.VerifiedBy, s.VerifiedOn = "Canary Checker", wednesday.AddDate(0, 0, -1)
		}),
		invented("vale-aid", "Canary of another area", da, func(s *directory.Service) { s.Covers.Authorities = []string{vale} }),
		invented("staff-only", "Canary for staff", da, func(s *directory.Service) { s.ShownTo = directory.StaffOnly }),
		invented("marac", "Canary MARAC", []string{"domestic-abuse", "marac"}, func(s *directory.Service) { s.Is = directory.MaracCoordinator }),
		invented("iris", "Canary advocate", da, func(s *directory.Service) { s.Is = directory.IrisAdvocate }),
		invented("for-abusers", "Canary programme", nil, func(s *directory.Service) { s.ShownTo = directory.NeverWithVictim }),
		invented("gone", "Canary that is gone", da, func(s *directory.Service) { s.Unlisted = wednesday.AddDate(0, 0, -2) }),
		invented("by-referral", "Canary for referrers", da, func(s *directory.Service) { s.Referrers = []directory.Referrer{directory.ReferGP} }),
		invented("old", "Canary of long ago", da, func(s *directory.Service) { s.ReadOn = wednesday.AddDate(-2, 0, 0) }),
		invented("refuge", "Canary refuge", da, ways(directory.Way{By: directory.InPerson, At: "7 Canary Street, ZZ1 1ZZ", Status: directory.Official})),
		invented("at-its-street", "Canary House, 9 Hidden Road", da),
		invented("disputed", "Canary in dispute", da, ways(directory.Way{By: directory.Phone, At: "0808 157 0009", Note: "pages differ", Status: directory.Disputed})),
	}
}

// surgery is a server of the consultation with areas of its own.
type surgery struct {
	t       testing.TB
	address string
	now     atomic.Pointer[time.Time]
	version atomic.Pointer[directory.Directory]
}

func (s *surgery) stock(services ...directory.Service) {
	s.t.Helper()
	d, err := directory.Open(services)
	if err != nil {
		s.t.Fatal(err)
	}
	s.version.Store(d)
}

func open(t testing.TB, near func(*surgery) consult.Near) *surgery {
	t.Helper()
	s := &surgery{t: t}
	s.now.Store(&wednesday)
	s.stock(county()...)
	s.address = listening(t, server(t, near(s), func() time.Time { return *s.now.Load() }, "en", "cy"))
	return s
}

// inShire serves one area of the two.
func inShire(s *surgery) consult.Near {
	return consult.Near{Areas: directory.Coverage{Authorities: []string{shire}}, Directory: s.version.Load, Name: func(string) string { return "Invented Shire" }}
}

func (s *surgery) post(more url.Values) string {
	s.t.Helper()
	form := url.Values{}
	for _, of := range []url.Values{positive, more} {
		for name, v := range of {
			form[name] = v
		}
	}
	status, body := post(s.t, s.address, form)
	if status != http.StatusOK {
		s.t.Fatal(status)
	}
	return body
}

func (s *surgery) see(page string, wants map[string]bool) {
	s.t.Helper()
	for text, want := range wants {
		if strings.Contains(strings.ToLower(page), strings.ToLower(text)) != want {
			s.t.Errorf("%q on the page: %t", text, !want)
		}
	}
}

const (
	localNote = "Local here means Invented Shire"
	gapLine   = "No local service known in this area for the following; national lines are shown:"
	awayLine  = "Local services cannot be shown at the moment"
)

func TestTheServicesOfTheAreaStandBesideThoseOfTheNation(t *testing.T) {
	t.Parallel()
	s := open(t, inShire)
	page := s.post(nil)
	s.see(page, map[string]bool{
		"Invented Shire Aid": true, "01632 960111": true, localNote: true, gapLine: true, "canary": false, "01632 960199": false, "0808 157 0009": false, awayLine: false,
		"National Domestic Abuse Helpline": true, "postcode</": false, `name="postcode"`: false,
	})
	if strings.Index(page, "Invented Shire Aid") > strings.Index(page, "National Domestic Abuse Helpline") {
		t.Error("the local service stands behind the national one")
	}
	nation := open(t, func(*surgery) consult.Near { return consult.Near{} }).post(nil)
	if was, is := strings.Count(nation, `<li class="service"`), strings.Count(page, `<li class="service"`); is != was+1 {
		t.Errorf("%d services of the nation, and %d with the one of the area", was, is)
	}
	_, gap, _ := strings.Cut(page, gapLine)
	if gap, _, _ = strings.Cut(gap, "</li>"); strings.Contains(gap, "omestic abuse<") || !strings.Contains(gap, "Stalking") {
		t.Errorf("the gap: %s", gap)
	}
	s.see(s.post(url.Values{"view": {"staff-sheet"}}), map[string]bool{"Invented Shire Aid": true, localNote: true, "canary": false})
	s.see(s.post(url.Values{"view": {"patient-numbers"}}), map[string]bool{"01632 960111": false, "Invented Shire": false, "canary": false})
	s.see(s.post(url.Values{"lang": {"cy"}}), map[string]bool{"Invented Shire Aid": true, "Ystyr lleol yma yw Invented Shire": true, "canary": false})
}

// A patient of another nation is not sent across the border by the address of the surgery.
func TestTheAreasOfAnotherNationAreNotTheirs(t *testing.T) {
	t.Parallel()
	s := open(t, inShire)
	s.see(s.post(url.Values{"about.nation": {"wales"}}), map[string]bool{"Invented Shire Aid": false, gapLine: false, "Live Fear Free": true, "canary": false})
}

func TestWithoutAreasThereIsNothingLocal(t *testing.T) {
	t.Parallel()
	s := open(t, func(s *surgery) consult.Near { return consult.Near{Directory: s.version.Load} })
	s.see(s.post(nil), map[string]bool{"Invented Shire": false, gapLine: false, "Local here means": false, "National Domestic Abuse Helpline": true, "canary": false})
}

// Where what rests cannot be opened the consultation goes on, and says what is missing.
func TestWhereLocalServicesCannotBeHad(t *testing.T) {
	t.Parallel()
	s := open(t, func(*surgery) consult.Near {
		return consult.Near{Areas: directory.Coverage{Authorities: []string{shire}}}
	})
	s.see(s.post(nil), map[string]bool{awayLine: true, "National Domestic Abuse Helpline": true, gapLine: false, "Invented Shire": false})
}

// What was withdrawn is on no page from then on, and what came is, however many ask at once.
func TestAChangeOfTheDirectoryIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t, inShire)
	s.see(s.post(nil), map[string]bool{"Invented Shire Aid": true})
	changed := county()[0]
	changed.ID, changed.Name = "other-aid", "Invented Other Aid"
	s.stock(changed)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { s.see(s.post(nil), map[string]bool{"Invented Shire Aid": false, "Invented Other Aid": true}) })
	}
	all.Wait()
	changed.Name = "Invented Aid by its new name"
	s.stock(changed)
	s.see(s.post(nil), map[string]bool{"Invented Other Aid": false, "Invented Aid by its new name": true})
}

func TestThePageKnowsTheHour(t *testing.T) {
	t.Parallel()
	s := open(t, inShire)
	at := func(hour int) string {
		then := time.Date(2026, 11, 25, hour, 0, 0, 0, time.UTC)
		s.now.Store(&then)
		page := s.post(nil)
		_, of, _ := strings.Cut(page, "Invented Shire Aid")
		of, _, _ = strings.Cut(of, `<li class="service"`)
		return of
	}
	if of := at(11); !strings.Contains(of, "open now, by its usual hours") || strings.Contains(of, "closed now") {
		t.Errorf("by day: %s", of)
	}
	if of := at(20); !strings.Contains(of, "closed now, by its usual hours") {
		t.Errorf("by night: %s", of)
	}
	s.see(s.post(nil), map[string]bool{"Public holidays are not known": true})
	s.see(s.post(url.Values{"view": {"staff-sheet"}}), map[string]bool{"open now": false, "closed now": false})
}
