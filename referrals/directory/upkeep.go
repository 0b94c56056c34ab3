package directory

import (
	"fmt"
	"time"
)

// Fate is what the passing of time has done to a service.
type Fate string

// What may have happened by a day.
const (
	RingAgain        Fate = "ring-again"          // rung, but longer ago than its age limit
	OffPatientCopies Fate = "off-patient-copies"  // not rung, and read 180 days ago or more
	OffEveryPage     Fate = "off-every-page"      // not rung, and read 365 days ago or more
	ReadAgain        Fate = "read-again"          // an emergency number, which always shows, last read 365 days ago or more
	DatedInFuture    Fate = "dated-in-the-future" // read or rung on a day still to come
	visitLayout           = "2006-01-02"
)

// Due is a service that somebody must look at again.
type Due struct {
	ID   string
	Fate Fate
	Last time.Time // when anybody last looked
	Days int       // since then
}

// Upkeep lists what is due on that day, in the order of the services. What was read lately and not yet rung is not in it:
// that is said by its mark.
func Upkeep(services []Service, today time.Time) []Due {
	var due []Due
	now := dayOf(today)
	for _, s := range services {
		d := s.dates()
		fate, late := d.fate(now)
		if !late {
			continue
		}
		last := s.ReadOn
		if d.rungBy(now) && d.rung > d.read {
			last = s.VerifiedOn
		}
		due = append(due, Due{ID: s.ID, Fate: fate, Last: last, Days: int(now - dayOf(last))})
	}
	return due
}

func (d dates) fate(now day) (Fate, bool) {
	age := now - d.last(now)
	switch {
	case d.read > now, d.everRung && d.rung > now:
		return DatedInFuture, true
	case d.always && age >= leavesEveryPage:
		return ReadAgain, true
	case age >= leavesEveryPage:
		return OffEveryPage, true
	case !d.always && age >= leavesPatientCopies:
		return OffPatientCopies, true
	case d.rungBy(now) && !d.fresh(now):
		return RingAgain, true
	}
	return "", false
}

// Overdue is Upkeep in lines for a command: id, what has become of it, when anybody last looked.
func Overdue(services []Service, today time.Time) []string {
	var lines []string
	for _, d := range Upkeep(services, today) {
		lines = append(lines, fmt.Sprintf("%s: %s, last looked at on %s, %d days ago", d.ID, d.Fate, d.Last.Format(visitLayout), d.Days))
	}
	return lines
}
