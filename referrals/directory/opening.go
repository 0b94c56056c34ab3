package directory

import (
	"slices"
	"time"
	_ "time/tzdata" // the clock on the wall, on machines that have no list of clocks
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

// london is the clock on the wall in all four nations; without it no hour here would be right, and tzdata has it.
var london = func() *time.Location {
	at, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic("directory: no clock of the United Kingdom: " + err.Error())
	}
	return at
}()

// MomentOf is the time of the week by the clock on the wall in the United Kingdom, whatever place t carries.
func MomentOf(t time.Time) Moment {
	t = t.In(london)
	return Moment{Day: t.Weekday(), Minute: uint16(t.Hour()*60 + t.Minute()), Known: true}
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
