// Package ledger keeps what is known of services that were imported or entered by hand, and how that changes: a feed says
// something new, somebody finds a number changed, somebody rings.
//
// It refuses to let one person alone change how a service is reached, to let a feed overwrite what a human has checked, to
// drop in silence what a feed no longer has, and to show a service for people who use abuse to anybody because its
// publisher renamed it. It is pure: entries in, entries out; staff appear as the codes of their membership, never by name.
package ledger

import (
	"errors"
	"slices"
	"strings"
	"time"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
)

// The sentinels of this room.
var (
	ErrSamePerson = errors.New("ledger: whoever changed it may not confirm it")
	ErrPending    = errors.New("ledger: a change waits to be confirmed")
	ErrNoChange   = errors.New("ledger: nothing waits, or nothing would change")
	ErrWho        = errors.New("ledger: it must be known who and on which day")
	ErrRetired    = errors.New("ledger: it was retired")
)

// Entry is one service with what is known of it. Its slices are shared: read only.
type Entry struct {
	Service directory.Service
	Source  string `json:",omitempty"` // the feed it came from; none: entered by hand
	Key     string `json:",omitempty"` // its id there
	// Base is what the feed last said, where that is not what stands here; none: it is what stands here.
	Base     *directory.Service `json:",omitempty"`
	Held     []feed.Hold        `json:",omitempty"` // why it waits for a human before it is shown
	Cleared  []feed.Hold        `json:",omitempty"` // what a human looked at and let pass
	Pending  *Change            `json:",omitempty"`
	Conflict *Conflict          `json:",omitempty"`
	// Unconfirmed was entered by hand and waits for a second person; it is shown to nobody.
	Unconfirmed bool `json:",omitempty"`
	Retired     time.Time
}

// Change is what one person says has changed. It takes effect when another confirms it.
type Change struct {
	By      string
	On      time.Time
	Fields  []string
	Service directory.Service // of which only the fields named count
	Clears  []feed.Hold       `json:",omitempty"`
}

// Conflict is where a feed says something else than a human has set or checked. What stands here stays until somebody
// decides; what the feed says is the entry's Base.
type Conflict struct {
	Since  time.Time
	Fields []string
}

// Shown is the service, where it may be shown at all.
func (e Entry) Shown() (directory.Service, bool) {
	return e.Service, len(e.Held) == 0 && !e.Unconfirmed && e.Retired.IsZero()
}

// base is what the feed last said.
func (e Entry) base() directory.Service {
	if e.Base != nil {
		return *e.Base
	}
	return e.Service
}

func (e Entry) rung() bool { return e.Service.VerifiedBy != "" }

// settle works out Base and Held after a change: what the feed said is kept only where it differs.
func (e Entry) settle(theirs directory.Service, held []feed.Hold) Entry {
	e.Base = nil
	if e.Source != "" && len(differing(e.Service, theirs)) > 0 {
		e.Base = &theirs
	}
	e.Held = nil
	for _, h := range held {
		switch {
		case h == feed.NoNeed && (len(e.Service.Needs) > 0 || e.Service.ShownTo == directory.NeverWithVictim):
		case h == feed.NoArea && (e.Service.Covers.Local() || e.Service.Nations != 0):
		case slices.Contains(e.Cleared, h):
		default:
			e.Held = append(e.Held, h)
		}
	}
	return e
}

// sound reports whether the directory would take the service, held or not.
func sound(s directory.Service) error {
	if len(s.Needs) == 0 && s.ShownTo != directory.NeverWithVictim {
		s.Needs = []string{"victims"}
	}
	return directory.Check([]directory.Service{s})
}

// who checks that a change names somebody and a day. Two codes that differ in letter case or blanks are one person.
func who(by string, on time.Time) (string, error) {
	by = strings.ToLower(strings.TrimSpace(by))
	if by == "" || by == "system" || on.IsZero() {
		return "", ErrWho
	}
	return by, nil
}
