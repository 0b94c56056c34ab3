package ledger

import (
	"slices"
	"time"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
)

// Outcome is what an import did to one entry.
type Outcome string

// The outcomes. Refreshed was read again after a long time and says what it said.
const (
	Added       Outcome = "added"
	Same        Outcome = "same"
	Changed     Outcome = "changed"
	Refreshed   Outcome = "refreshed"
	Conflicting Outcome = "conflicting"
	Returned    Outcome = "returned"
	Vanished    Outcome = "vanished"
)

// refreshAfter is how old a reading must be before the next one counts as news: importing the same feed every night writes
// nothing, and a service that is still listed does not grow stale.
const refreshAfter = 30 * 24 * time.Hour

// First is the entry of a service that a feed has and we have not.
func First(source string, item feed.Item) Entry {
	return Entry{Service: item.Service, Source: source, Key: item.Key, Held: item.Held}
}

// Merge brings what a feed says now into an entry. Field by field: what the feed did not change stays; what only the feed
// changed is taken; what a human has set, or a contact that a human has checked, stays and is in conflict.
func (e Entry) Merge(item feed.Item) (Entry, Outcome) {
	if !e.Retired.IsZero() {
		return e, Same
	}
	base, theirs, ours := e.base(), item.Service, e.Service
	if feed.MayHide(ours.Needs) { // what the feed thinks it is may be less than what a human knows
		theirs.Ways = withoutPlaces(theirs.Ways)
	}
	outcome := Same
	var disputed []string
	for _, f := range fields() {
		switch {
		case f.same(&base, &theirs), f.same(&ours, &theirs):
		case loosens(f, &ours, &theirs), !f.same(&ours, &base), f.contact && e.rung():
			disputed = append(disputed, f.name)
		default:
			f.take(&ours, &theirs)
			outcome = Changed
		}
	}
	if theirs.ShownTo == directory.NeverWithVictim && ours.ShownTo != directory.NeverWithVictim && base.ShownTo != directory.NeverWithVictim {
		ours.ShownTo, ours.Needs, outcome = directory.NeverWithVictim, nil, Changed // at once, whoever set it before
	}
	if ours.ShownTo == directory.NeverWithVictim {
		ours.Needs = nil
	}
	if feed.MayHide(ours.Needs) && !feed.MayHide(e.Service.Needs) { // nobody knew it when the place was taken, or checked
		ours.Ways = withoutPlaces(ours.Ways)
	}
	if outcome == Changed && sound(ours) != nil { // parts of both do not go together
		ours, disputed, outcome = e.Service, differing(e.Service, theirs), Same
	}
	if !slices.Equal([]string{base.Name, base.For}, []string{theirs.Name, theirs.For}) {
		e.Cleared = nil // what was cleared was another text
	}
	before := e
	e.Service = ours
	e = e.settle(theirs, item.Held)
	e.Conflict = e.conflict(disputed, theirs)
	switch {
	case e.Conflict != nil && (before.Conflict == nil || !slices.Equal(before.Conflict.Fields, e.Conflict.Fields) || len(differing(base, theirs)) > 0):
		outcome = Conflicting
	case e.Conflict == nil && before.Conflict != nil, !slices.Equal(before.Held, e.Held):
		outcome = Changed
	}
	if !e.Service.Unlisted.IsZero() {
		e.Service.Unlisted, outcome = time.Time{}, Returned
	}
	if late := theirs.ReadOn.Sub(e.Service.ReadOn); e.Conflict == nil && late > 0 && (late >= refreshAfter || outcome == Changed || outcome == Returned) {
		e.Service.ReadOn = theirs.ReadOn
		if outcome == Same {
			outcome = Refreshed
		}
	}
	return e, outcome
}

// loosens reports whether a field would make a service that is kept from victims visible: never on the word of a feed.
func loosens(f field, ours, theirs *directory.Service) bool {
	return ours.ShownTo == directory.NeverWithVictim && theirs.ShownTo != directory.NeverWithVictim && (f.name == "shown-to" || f.name == "needs")
}

// conflict joins what was in conflict before with what is now, and drops what agrees again.
func (e Entry) conflict(disputed []string, theirs directory.Service) *Conflict {
	since := theirs.ReadOn
	if e.Conflict != nil {
		disputed, since = append(slices.Clone(e.Conflict.Fields), disputed...), e.Conflict.Since
	}
	still := differing(e.Service, theirs)
	still = slices.DeleteFunc(still, func(name string) bool { return !slices.Contains(disputed, name) })
	if len(still) == 0 {
		return nil
	}
	return &Conflict{Since: since, Fields: still}
}

// Vanish marks an entry whose feed no longer has it.
func (e Entry) Vanish(on time.Time) (Entry, Outcome) {
	if !e.Service.Unlisted.IsZero() || !e.Retired.IsZero() {
		return e, Same
	}
	e.Service.Unlisted = on
	return e, Vanished
}
