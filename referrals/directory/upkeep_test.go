package directory

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatIsDue(t *testing.T) {
	emergency := func(s *Service) {
		s.EmergencyNumber = true
		s.Ways = []Way{{By: Phone, At: "101", Status: Official}}
	}
	for _, tt := range []struct {
		name    string
		service Service
		day     int
		want    Fate
	}{
		{"read today", invented("a"), 0, ""},
		{"unrung at 179", invented("a"), 179, ""},
		{"unrung at 180", invented("a"), 180, OffPatientCopies},
		{"unrung at 364", invented("a"), 364, OffPatientCopies},
		{"unrung at 365", invented("a"), 365, OffEveryPage},
		{"rung at 89", invented("a", rung(readOn)), 89, ""},
		{"rung at 90", invented("a", rung(readOn)), 90, RingAgain},
		{"rung at 179", invented("a", rung(readOn)), 179, RingAgain},
		{"rung at 180", invented("a", rung(readOn)), 180, OffPatientCopies},
		{"open always, rung at 29", invented("a", alwaysOpen, rung(readOn)), 29, ""},
		{"open always, rung at 30", invented("a", alwaysOpen, rung(readOn)), 30, RingAgain},
		{"emergency number at 364", invented("a", emergency), 364, ""},
		{"emergency number at 365", invented("a", emergency), 365, ReadAgain},
		{"emergency number at 180", invented("a", emergency), 180, ""},
		{"emergency number rung at 30", invented("a", emergency, rung(readOn)), 30, RingAgain},
		{"read tomorrow", invented("a"), -1, DatedInFuture},
		{"rung tomorrow", invented("a", rung(after(1))), 0, DatedInFuture},
	} {
		due := Upkeep([]Service{tt.service}, after(tt.day))
		switch {
		case tt.want == "" && len(due) != 0:
			t.Errorf("%s: %v", tt.name, due)
		case tt.want != "" && (len(due) != 1 || due[0].Fate != tt.want):
			t.Errorf("%s: %v, want %s", tt.name, due, tt.want)
		}
	}
}

// What is said to have left a page must have left it, and the other way round.
func TestUpkeepAgreesWithWhatIsSeen(t *testing.T) {
	for _, s := range []Service{
		invented("a"), invented("a", rung(readOn)), invented("a", alwaysOpen, rung(after(50))), invented("a", rung(after(200))),
	} {
		for day := 0; day < 700; day++ {
			today := after(day)
			var fate Fate
			if due := Upkeep([]Service{s}, today); len(due) == 1 {
				fate = due[0].Fate
			}
			if fate == DatedInFuture {
				continue
			}
			_, patient := s.Seen(Look{Today: today, Audience: PatientCopy})
			staff, page := s.Seen(Look{Today: today, Audience: Staff})
			if page != (fate != OffEveryPage) {
				t.Fatalf("day %d: staff see it %v, fate %q", day, page, fate)
			}
			if patient != (fate != OffEveryPage && fate != OffPatientCopies) {
				t.Fatalf("day %d: patients see it %v, fate %q", day, patient, fate)
			}
			if page && (staff.Mark == RungLongAgo) && fate == "" {
				t.Fatalf("day %d: marked as rung long ago and not due", day)
			}
		}
	}
}

func TestOverdueNamesIDsAndDatesOnly(t *testing.T) {
	lines := Overdue([]Service{invented("first"), invented("second", rung(after(180)))}, after(180))
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "first: off-patient-copies") || !strings.Contains(lines[0], "2026-11-24") {
		t.Errorf("%q", lines)
	}
	if slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "0808") }) {
		t.Errorf("a number in %q", lines)
	}
}
