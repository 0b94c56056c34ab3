package directory

import (
	"slices"
	"testing"
	"time"
)

// The clock on the wall in the United Kingdom: summer time begins and ends at one in the morning, universal time, on the last
// Sunday of March and of October.
func TestTheHourIsThatOfTheUnitedKingdom(t *testing.T) {
	t.Parallel()
	utc := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, time.UTC)
	}
	for name, tt := range map[string]struct {
		at   time.Time
		want Moment
	}{
		"winter":                              {utc(1, 14, 12, 5), Moment{time.Wednesday, 12*60 + 5, true}},
		"summer":                              {utc(7, 15, 12, 5), Moment{time.Wednesday, 13*60 + 5, true}},
		"summer, past midnight here alone":    {utc(7, 10, 23, 30), Moment{time.Saturday, 30, true}},
		"winter, a minute before midnight":    {utc(11, 27, 23, 59), Moment{time.Friday, 23*60 + 59, true}},
		"winter, midnight":                    {utc(11, 28, 0, 0), Moment{time.Saturday, 0, true}},
		"the minute before summer":            {utc(3, 29, 0, 59), Moment{time.Sunday, 59, true}},
		"the first minute of summer":          {utc(3, 29, 1, 0), Moment{time.Sunday, 2 * 60, true}},
		"half past one, the first time":       {utc(10, 25, 0, 30), Moment{time.Sunday, 90, true}},
		"half past one, the second time":      {utc(10, 25, 1, 30), Moment{time.Sunday, 90, true}},
		"a machine elsewhere, the day before": {time.Date(2026, 7, 9, 20, 0, 0, 0, time.FixedZone("west", -5*3600)), Moment{time.Friday, 2 * 60, true}},
		"a machine elsewhere, the day after":  {time.Date(2026, 1, 10, 5, 0, 0, 0, time.FixedZone("east", 9*3600)), Moment{time.Friday, 20 * 60, true}},
	} {
		if got := MomentOf(tt.at); got != tt.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A night line is two spans; the hour that a clock shows twice is open both times.
func TestOpenAcrossMidnightAndTheChangeOfTheClock(t *testing.T) {
	t.Parallel()
	night := Opening{Spans: []Span{{time.Saturday, 22 * 60, DayLength}, {time.Sunday, 0, 2 * 60}}}
	for name, tt := range map[string]struct {
		at   time.Time
		open bool
	}{
		"before it opens":           {time.Date(2026, 10, 24, 20, 59, 0, 0, time.UTC), false}, // 21:59 in summer
		"as it opens":               {time.Date(2026, 10, 24, 21, 0, 0, 0, time.UTC), true},
		"over midnight":             {time.Date(2026, 10, 24, 23, 0, 0, 0, time.UTC), true},
		"the hour that comes twice": {time.Date(2026, 10, 25, 1, 59, 0, 0, time.UTC), true},
		"as it closes":              {time.Date(2026, 10, 25, 2, 0, 0, 0, time.UTC), false},
		"the hour that never was":   {time.Date(2026, 3, 29, 0, 59, 0, 0, time.UTC), true},
		"after the leap":            {time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), false}, // two o'clock at once
	} {
		if open, known := night.At(MomentOf(tt.at)); !known || open != tt.open {
			t.Errorf("%s: open %t, known %t", name, open, known)
		}
	}
}

// Hours that pages do not agree on say nothing of now, and the hour puts nothing before the numbers of an emergency.
func TestTheHourOfWhatIsUnsure(t *testing.T) {
	t.Parallel()
	monday := Moment{time.Monday, 600, true}
	span := []Span{{time.Monday, 540, 1020}}
	d, err := Open([]Service{
		invented("disputed", func(s *Service) {
			s.Opening.Spans, s.Hours = []Span{{time.Tuesday, 540, 1020}}, Hours{Text: "pages differ", Status: Disputed}
		}),
		invented("open", func(s *Service) { s.Opening.Spans = span }),
		invented("closed", func(s *Service) { s.Opening.Spans = []Span{{time.Tuesday, 540, 1020}} }),
		invented("number", func(s *Service) {
			s.EmergencyNumber, s.Ways = true, []Way{{By: Phone, At: "101", Status: Official}}
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	f := d.Match(Wants{Needs: []string{"stalking"}, Nation: England, Today: readOn, Now: monday})
	if got := ids(f); !slices.Equal(got, []string{"number", "open", "disputed", "closed"}) {
		t.Errorf("%v", got)
	}
	for i, want := range [][2]bool{{false, false}, {true, false}, {false, false}, {false, true}} {
		r := f.Matches[i].Reasons
		if slices.Contains(r, Reason{Code: OpenNow}) != want[0] || slices.Contains(r, Reason{Code: ClosedNow}) != want[1] {
			t.Errorf("%s: %v", f.Matches[i].Service.ID, r)
		}
	}
}

// Every hour of twenty years, and every minute around each change, against the list of clocks of the world.
func TestTheClockOnTheWallIsThatOfLondon(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatalf("the Go tools bring the list of clocks: %v", err)
	}
	for at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2040; at = at.Add(time.Hour) {
		wall, got := at.In(london), MomentOf(at)
		if got.Day != wall.Weekday() || int(got.Minute) != wall.Hour()*60+wall.Minute() {
			t.Fatalf("%s: %s %d", wall, got.Day, got.Minute)
		}
		if _, before := at.In(london).Zone(); before != offset(at.Add(time.Hour), london) {
			for m := time.Duration(0); m <= time.Hour; m += time.Minute {
				wall, got := at.Add(m).In(london), MomentOf(at.Add(m))
				if got.Day != wall.Weekday() || int(got.Minute) != wall.Hour()*60+wall.Minute() {
					t.Fatalf("%s: %s %d", wall, got.Day, got.Minute)
				}
			}
		}
	}
}

func offset(t time.Time, in *time.Location) int {
	_, seconds := t.In(in).Zone()
	return seconds
}
