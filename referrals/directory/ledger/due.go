package ledger

import (
	"iter"
	"time"

	"waypost/referrals/directory"
)

// Due is an entry that somebody must look at.
type Due struct {
	ID   string
	What What
	Fate directory.Fate // of what grew old
	// Since is the day from which it waits, where one is known.
	Since time.Time
}

// What is why somebody must look.
type What string

// The reasons, in the order in which one entry has them.
const (
	WaitsForAnother What = "confirm"   // a change waits for a second person
	InConflict      What = "conflict"  // a feed says something else than a human
	IsHeld          What = "held"      // it is shown to nobody until somebody has looked
	IsUnlisted      What = "unlisted"  // its feed no longer has it
	GrewOld         What = "grown-old" // it must be read or rung again
	Incomplete      What = "lacks"     // it lacks what a destination of its kind must hold
)

// Dues lists what is due on that day, each entry under its first reason.
func Dues(all iter.Seq[Entry], today time.Time) []Due {
	var due []Due
	for e := range all {
		d := Due{ID: e.Service.ID}
		switch {
		case !e.Retired.IsZero():
			continue
		case e.Pending != nil:
			d.What, d.Since = WaitsForAnother, e.Pending.On
		case e.Conflict != nil:
			d.What, d.Since = InConflict, e.Conflict.Since
		case len(e.Held) > 0:
			d.What, d.Since = IsHeld, e.Service.ReadOn
		case !e.Service.Unlisted.IsZero():
			d.What, d.Since = IsUnlisted, e.Service.Unlisted
		default:
			old := directory.Upkeep([]directory.Service{e.Service}, today)
			switch lacks := e.Service.Lacks(); {
			case len(old) > 0:
				d.What, d.Fate, d.Since = GrewOld, old[0].Fate, old[0].Last
			case len(lacks) > 0:
				d.What, d.Since = Incomplete, e.Service.ReadOn
			default:
				continue
			}
		}
		due = append(due, d)
	}
	return due
}
