package directory

import (
	"testing"
	"time"
)

func TestHowLongAServiceShows(t *testing.T) {
	type row struct {
		day                  int // after the reading, or the ringing where there is one
		staff, patient, page bool
		mark                 Mark
	}
	tests := []struct {
		name    string
		service Service
		rows    []row
	}{
		{"read and never rung", invented("a"), []row{
			{0, true, true, true, NotRung}, {29, true, true, true, NotRung}, {30, true, true, true, NotRung}, {31, true, true, true, NotRung},
			{89, true, true, true, NotRung}, {90, true, true, true, NotRung}, {91, true, true, true, NotRung},
			{179, true, true, true, NotRung}, {180, true, false, true, NotRung}, {181, true, false, true, NotRung},
			{364, true, false, true, NotRung}, {365, false, false, false, NoMark}, {366, false, false, false, NoMark},
		}},
		{"rung on the day of reading", invented("a", rung(readOn)), []row{
			{0, true, true, true, NoMark}, {29, true, true, true, NoMark}, {30, true, true, true, NoMark}, {31, true, true, true, NoMark},
			{89, true, true, true, NoMark}, {90, true, true, true, RungLongAgo}, {91, true, true, true, RungLongAgo},
			{179, true, true, true, RungLongAgo}, {180, true, false, true, RungLongAgo}, {181, true, false, true, RungLongAgo},
			{364, true, false, true, RungLongAgo}, {365, false, false, false, NoMark}, {366, false, false, false, NoMark},
		}},
		{"open at all hours and rung on the day of reading", invented("a", alwaysOpen, rung(readOn)), []row{
			{29, true, true, true, NoMark}, {30, true, true, true, RungLongAgo}, {31, true, true, true, RungLongAgo},
			{89, true, true, true, RungLongAgo}, {179, true, true, true, RungLongAgo}, {180, true, false, true, RungLongAgo},
		}},
	}
	for _, tt := range tests {
		for _, r := range tt.rows {
			for _, see := range []struct {
				audience Audience
				want     bool
			}{{Staff, r.staff}, {PatientCopy, r.patient}, {Public, r.page}} {
				sight, ok := tt.service.Seen(Look{Today: after(r.day), Audience: see.audience})
				if ok != see.want {
					t.Errorf("%s, day %d, audience %d: shown %v, want %v", tt.name, r.day, see.audience, ok, see.want)
				}
				if ok && sight.Mark != r.mark {
					t.Errorf("%s, day %d, audience %d: mark %d, want %d", tt.name, r.day, see.audience, sight.Mark, r.mark)
				}
			}
		}
	}
}

func TestRingingIsAReadingToo(t *testing.T) {
	// Read, rung 100 days later: 180 days count from the ringing.
	s := invented("a", rung(after(100)))
	if _, ok := s.Seen(Look{Today: after(279), Audience: PatientCopy}); !ok {
		t.Error("gone from patient copies 179 days after the ringing")
	}
	if _, ok := s.Seen(Look{Today: after(280), Audience: PatientCopy}); ok {
		t.Error("still on patient copies 180 days after the ringing")
	}
	// A ringing dated in the future is none.
	sight, ok := s.Seen(Look{Today: after(99), Audience: Staff})
	if !ok || sight.Mark != NotRung || !sight.Since.Equal(readOn) {
		t.Errorf("before the day of the ringing: %v %v since %v", ok, sight.Mark, sight.Since)
	}
	if _, ok := s.Seen(Look{Today: after(99), Mode: VerifiedOnly}); ok {
		t.Error("a ringing dated in the future counts in mode verified")
	}
}

func TestTheMarkNamesItsDay(t *testing.T) {
	if sight, _ := invented("a").Seen(Look{Today: after(5)}); !sight.Since.Equal(readOn) {
		t.Errorf("not rung: since %v", sight.Since)
	}
	if sight, _ := invented("a", rung(after(3))).Seen(Look{Today: after(100)}); !sight.Since.Equal(after(3)) {
		t.Errorf("rung long ago: since %v", sight.Since)
	}
	if sight, _ := invented("a", rung(after(3))).Seen(Look{Today: after(4)}); !sight.Since.Equal(after(3)) {
		t.Errorf("no mark: since %v, not the day of the ringing", sight.Since)
	}
}

func TestDaysAreCalendarDays(t *testing.T) {
	late := time.Date(2027, 5, 22, 23, 59, 0, 0, time.FixedZone("an hour east", 3600)) // day 179 by the calendar on the wall
	early := time.Date(2027, 5, 23, 0, 1, 0, 0, time.FixedZone("five hours west", -5*3600))
	if _, ok := invented("a").Seen(Look{Today: late, Audience: PatientCopy}); !ok {
		t.Error("last minute of day 179: gone")
	}
	if _, ok := invented("a").Seen(Look{Today: early, Audience: PatientCopy}); ok {
		t.Error("first minute of day 180: still there")
	}
}

func TestVerifiedModeShowsOnlyWhatWasRung(t *testing.T) {
	for _, tt := range []struct {
		name    string
		service Service
		day     int
		want    bool
	}{
		{"never rung", invented("a"), 1, false},
		{"rung 89 days ago", invented("a", rung(readOn)), 89, true},
		{"rung 90 days ago", invented("a", rung(readOn)), 90, false},
		{"open always, rung 29 days ago", invented("a", alwaysOpen, rung(readOn)), 29, true},
		{"open always, rung 30 days ago", invented("a", alwaysOpen, rung(readOn)), 30, false},
	} {
		for _, audience := range []Audience{Staff, PatientCopy, Public} {
			if _, ok := tt.service.Seen(Look{Today: after(tt.day), Mode: VerifiedOnly, Audience: audience}); ok != tt.want {
				t.Errorf("%s, audience %d: shown %v", tt.name, audience, ok)
			}
		}
	}
}

func TestEmergencyNumbersAlwaysShow(t *testing.T) {
	s := invented("a", by(Way{By: Phone, At: "999", Status: Official}), func(s *Service) { s.EmergencyNumber = true })
	for _, days := range []int{0, 180, 365, 10000} {
		for _, mode := range []Mode{Marked, VerifiedOnly} {
			for _, audience := range []Audience{Staff, PatientCopy, Public} {
				if sight, ok := s.Seen(Look{Today: after(days), Mode: mode, Audience: audience}); !ok || sight.Mark != NotRung {
					t.Errorf("day %d, mode %d, audience %d: %v, mark %d; it shows, and nobody rang it", days, mode, audience, ok, sight.Mark)
				}
			}
		}
	}
}

func TestOnlyStaffSeeWhatIsDisputedOrTheirs(t *testing.T) {
	s := invented("a", by(
		Way{By: Phone, At: "0808 157 0000", Status: Disputed, Note: "pages differ"},
		Way{By: Website, At: "https://line.example.org", Status: Secondary},
		Way{By: Email, At: "training@line.example.org", Status: Official, Staff: true},
	), func(s *Service) {
		s.Hours = Hours{Text: "pages differ", Status: Disputed}
		s.Notes = []string{"ring first"}
		s.Warnings = []string{"the app shows"}
	})
	staff, _ := s.Seen(Look{Today: readOn})
	if len(staff.Service.Ways) != 3 || staff.Service.Hours.Text == "" || len(staff.Service.Notes) != 1 {
		t.Errorf("staff do not see all: %+v", staff.Service)
	}
	for _, audience := range []Audience{PatientCopy, Public} {
		got, ok := s.Seen(Look{Today: readOn, Audience: audience})
		if !ok || len(got.Service.Ways) != 1 || got.Service.Ways[0].By != Website {
			t.Errorf("audience %d: ways %+v", audience, got.Service.Ways)
		}
		if got.Service.Hours != (Hours{}) || got.Service.Notes != nil || len(got.Service.Warnings) != 1 {
			t.Errorf("audience %d: %+v", audience, got.Service)
		}
	}
	only := invented("b", by(Way{By: Phone, At: "0808 157 0000", Status: Disputed, Note: "pages differ"}))
	if _, ok := only.Seen(Look{Today: readOn, Audience: Public}); ok {
		t.Error("shown to the public although every way in is disputed")
	}
	if len(s.Ways) != 3 {
		t.Error("showing changed the service")
	}
}

func TestWhoMayEverBeShown(t *testing.T) {
	apart := invented("a", serves(), func(s *Service) { s.ShownTo = NeverWithVictim })
	staff := invented("b", func(s *Service) { s.ShownTo = StaffOnly })
	part := invented("c", func(s *Service) { s.Area = "an invented county" })
	for _, audience := range []Audience{Staff, PatientCopy, Public, Audience(9)} {
		if _, ok := apart.Seen(Look{Today: readOn, Audience: audience}); ok {
			t.Errorf("audience %d sees a service for people who use abuse", audience)
		}
		for _, s := range []Service{staff, part} {
			if _, ok := s.Seen(Look{Today: readOn, Audience: audience}); ok != (audience == Staff) {
				t.Errorf("audience %d, %s: shown %v", audience, s.ID, ok)
			}
		}
	}
}

func TestParseMode(t *testing.T) {
	for word, want := range map[string]Mode{"": Marked, "marked": Marked, "verified": VerifiedOnly} {
		if got, err := ParseMode(word); err != nil || got != want {
			t.Errorf("%q: %v %v", word, got, err)
		}
	}
	if got, err := ParseMode("Verified"); err == nil || got != VerifiedOnly {
		t.Errorf("an unknown word: %v %v; want an error and the stricter mode", got, err)
	}
}
