package directory

import (
	"testing"
	"time"
)

// The services of these tests are invented; so is everybody who might ask for them.

var readOn = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func after(days int) time.Time { return readOn.AddDate(0, 0, days) }

// invented is a sound service that serves everybody everywhere, changed as a test needs it.
func invented(id string, change ...func(*Service)) Service {
	s := Service{
		ID: id, Name: "Invented line", Needs: []string{"stalking"}, Nations: AllNations, ShownTo: Anyone,
		Ways:   []Way{{By: Phone, At: "0808 157 0000", Status: Official}},
		Bill:   Bill{Trace: BillUnknown},
		Prof:   ProfUnknown,
		Status: Official, Sources: []Source{{Address: "https://line.example.org/about"}}, SourceDate: "undated", ReadOn: readOn,
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func rung(on time.Time) func(*Service) {
	return func(s *Service) { s.VerifiedBy, s.VerifiedOn = "an invented checker", on }
}

func alwaysOpen(s *Service) { s.Hours = Hours{Text: "24/7", Always: true, Status: Official} }

func serves(needs ...string) func(*Service) { return func(s *Service) { s.Needs = needs } }

func in(nations ...Nation) func(*Service) {
	return func(s *Service) {
		s.Nations = 0
		for _, n := range nations {
			s.Nations = s.Nations.With(n)
		}
	}
}

func whom(w Who) func(*Service) { return func(s *Service) { s.Who = w } }

func by(ways ...Way) func(*Service) { return func(s *Service) { s.Ways = ways } }

func open(t testing.TB, services ...Service) *Directory {
	t.Helper()
	d, err := Open(services)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return d
}

func ids(f Found) []string {
	list := []string{}
	for _, m := range f.Matches {
		list = append(list, m.Service.ID)
	}
	return list
}
