package directory

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Audience is who looks.
type Audience uint8

// PatientCopy is what a patient takes home, Public a page that anybody may open.
const (
	Staff Audience = iota
	PatientCopy
	Public
)

// Mode is how strict the directory is about services that nobody has rung.
type Mode uint8

// Marked shows what was read, with its mark; VerifiedOnly shows only what was rung within its age limit.
const (
	Marked Mode = iota
	VerifiedOnly
)

// ErrMode says that a word names no mode.
var ErrMode = errors.New("directory: not a mode")

// ParseMode reads the setting WAYPOST_DIRECTORY: empty, marked or verified.
func ParseMode(word string) (Mode, error) {
	switch word {
	case "", "marked":
		return Marked, nil
	case "verified":
		return VerifiedOnly, nil
	}
	return VerifiedOnly, fmt.Errorf("read mode: %w", ErrMode)
}

// How old a reading or a ringing may be, in days. On the day named it is too old.
const (
	leavesPatientCopies = 180
	leavesEveryPage     = 365
	ringAgain           = 90
	ringAgainSoon       = 30 // emergency numbers and lines open at all hours
)

// Mark is what must be said of how sure we are, beside a service.
type Mark uint8

// NoMark is for what was rung within its age limit, and for nothing else. NotRung means read on a day and not yet rung;
// RungLongAgo means last rung on a day that is past the age limit. Emergency numbers carry their mark like all others: that
// they always show says nothing of who rang them.
const (
	NoMark Mark = iota
	NotRung
	RungLongAgo
)

// Look is who looks, on which day, in which mode.
type Look struct {
	Today    time.Time
	Mode     Mode
	Audience Audience
}

// Sight is a service as that audience may see it: without disputed facts and staff notes for all but staff. Since is the day
// that the mark speaks of; without a mark, the day of the ringing.
type Sight struct {
	Service Service
	Mark    Mark
	Since   time.Time
}

// Seen shows a service, or nothing.
func (s Service) Seen(look Look) (Sight, bool) {
	e := newEntry(s)
	view := e.views[look.Audience.side()]
	mark, ok := e.dates.visible(dayOf(look.Today), look.Mode, look.Audience)
	if view == nil || !ok {
		return Sight{}, false
	}
	return Sight{Service: *view, Mark: mark, Since: s.since(mark)}, true
}

// side is the side of the lists on which an audience looks; whoever is not staff sees what everybody may see.
func (a Audience) side() int {
	if a == Staff {
		return staffSide
	}
	return openSide
}

// asOthersSee is the service without what only staff may see, or nothing where no way in is left.
func (s *Service) asOthersSee() *Service {
	if !s.Unlisted.IsZero() || !s.takesSelf() {
		return nil
	}
	if ways := s.openWays(); len(ways) == len(s.Ways) && len(ways) > 0 && s.Notes == nil && s.Hours.Status != Disputed {
		return s
	}
	open := *s
	open.Ways, open.Notes = s.openWays(), nil
	if s.Hours.Status == Disputed {
		open.Hours = Hours{}
	}
	if len(open.Ways) == 0 {
		return nil
	}
	return &open
}

// onWatchedPhone is the service without ways that stay on the telephone, or nothing where no way in is left.
func (s *Service) onWatchedPhone() *Service {
	if s == nil || s.AvoidMonitoredPhone {
		return nil
	}
	stays := func(w Way) bool { return w.By.StaysOnPhone() }
	if !slices.ContainsFunc(s.Ways, stays) {
		return s
	}
	kept := *s
	kept.Ways = slices.DeleteFunc(slices.Clone(s.Ways), stays)
	if len(kept.Ways) == 0 {
		return nil
	}
	return &kept
}

// since is the day a mark speaks of.
func (s *Service) since(m Mark) time.Time {
	if m == NotRung {
		return s.ReadOn
	}
	return s.VerifiedOn
}

// day counts calendar days, so that an hour more or less changes nothing.
type day int32

func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// dates are the days on which an entry was read and rung, and how long the ringing holds.
type dates struct {
	read, rung day
	everRung   bool
	holds      day
	always     bool
}

func (s *Service) dates() dates {
	d := dates{read: dayOf(s.ReadOn), holds: ringAgain, always: s.EmergencyNumber}
	if s.EmergencyNumber || s.Hours.Always {
		d.holds = ringAgainSoon
	}
	if s.VerifiedBy != "" && !s.VerifiedOn.IsZero() {
		d.rung, d.everRung = dayOf(s.VerifiedOn), true
	}
	return d
}

// rungBy reports whether it had been rung by that day: a ringing dated in the future is none.
func (d dates) rungBy(today day) bool { return d.everRung && d.rung <= today }

// fresh reports whether it was rung within its age limit.
func (d dates) fresh(today day) bool { return d.rungBy(today) && today-d.rung < d.holds }

// last is the day on which anybody last looked: a ringing is a reading too.
func (d dates) last(today day) day {
	if d.rungBy(today) {
		return max(d.read, d.rung)
	}
	return d.read
}

func (d dates) visible(today day, mode Mode, audience Audience) (Mark, bool) {
	if d.fresh(today) {
		return NoMark, true
	}
	limit := day(leavesEveryPage)
	if audience == PatientCopy {
		limit = leavesPatientCopies
	}
	if !d.always && (mode != Marked || today-d.last(today) >= limit) {
		return NoMark, false
	}
	if d.rungBy(today) {
		return RungLongAgo, true
	}
	return NotRung, true
}
