package directory

import (
	"slices"
	"time"
)

// Opening is when a service is open, by the clock on the wall, for machines. Without spans nothing is known. It knows no
// bank holidays: a list that forgot one would send somebody to a closed door.
type Opening struct {
	Spans []Span
}

// Span is one stretch of one day of the week, in minutes since midnight: from From until before To. A night is two spans.
type Span struct {
	Day      time.Weekday
	From, To uint16
}

// DayLength is the minutes of a day: the latest To.
const DayLength = 24 * 60

// Moment is a time of the week by the clock on the wall. Known is false where no time was given.
type Moment struct {
	Day    time.Weekday
	Minute uint16
	Known  bool
}

// MomentOf is the time of the week by the clock on the wall in the United Kingdom, whatever place t carries. Summer time
// runs from the last Sunday of March to that of October, at 01:00 UTC (Summer Time Order 2002, SI 2002/262): two lines, where
// a list of all clocks of the world would add 0.4 MB to the program.
func MomentOf(t time.Time) Moment {
	t = t.UTC()
	if !t.Before(changes(t.Year(), time.March)) && t.Before(changes(t.Year(), time.October)) {
		t = t.Add(time.Hour)
	}
	return Moment{Day: t.Weekday(), Minute: uint16(t.Hour()*60 + t.Minute()), Known: true}
}

// changes is when the clocks change in a month of 31 days.
func changes(year int, month time.Month) time.Time {
	last := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return last.AddDate(0, 0, -int(last.Weekday()))
}

// At says whether a service is open then. Where nothing is known of its hours or of the time, known is false.
func (o Opening) At(m Moment) (open, known bool) {
	if !m.Known || len(o.Spans) == 0 {
		return false, false
	}
	return slices.ContainsFunc(o.Spans, func(s Span) bool { return s.Day == m.Day && s.From <= m.Minute && m.Minute < s.To }), true
}

func (o Opening) sound() bool {
	return len(o.Spans) <= 70 && !slices.ContainsFunc(o.Spans, func(s Span) bool {
		return s.Day < time.Sunday || s.Day > time.Saturday || s.From >= s.To || s.To > DayLength
	})
}

// closedAt reports whether a service is certainly closed then.
func (s *Service) closedAt(m Moment) bool {
	open, known := s.Opening.At(m)
	return known && !open && !s.Hours.Always && s.Hours.Status != Disputed
}

// openAt reports whether a service is open then, as far as its hours say.
func (s *Service) openAt(m Moment) bool {
	open, known := s.Opening.At(m)
	return m.Known && s.Hours.Status != Disputed && (s.Hours.Always || known && open)
}
