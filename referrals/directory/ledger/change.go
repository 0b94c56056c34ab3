package ledger

import (
	"fmt"
	"slices"
	"time"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
)

// Enter begins a service that one person enters by hand. Nobody is shown it until another has confirmed it.
func Enter(s directory.Service, by string, on time.Time) (Entry, error) {
	by, err := who(by, on)
	if err != nil {
		return Entry{}, fmt.Errorf("enter: %w", err)
	}
	s.Status, s.VerifiedBy, s.VerifiedOn, s.Unlisted = directory.Secondary, "", time.Time{}, time.Time{}
	if err := directory.Check([]directory.Service{s}); err != nil {
		return Entry{}, fmt.Errorf("enter: %w", err)
	}
	return Entry{Service: s, Unconfirmed: true, Pending: &Change{By: by, On: on, Fields: differing(directory.Service{}, s), Service: s}}, nil
}

// Propose says what a service should be. What does not touch its contacts takes effect at once; anything else waits for
// another person.
func (e Entry) Propose(s directory.Service, by string, on time.Time) (Entry, error) {
	return e.propose(s, differing(e.Service, s), by, on)
}

func (e Entry) propose(s directory.Service, names []string, by string, on time.Time) (Entry, error) {
	by, err := who(by, on)
	switch {
	case err != nil:
		return e, fmt.Errorf("propose: %w", err)
	case !e.Retired.IsZero():
		return e, fmt.Errorf("propose: %w", ErrRetired)
	case e.Pending != nil:
		return e, fmt.Errorf("propose: %w", ErrPending)
	case len(names) == 0:
		return e, fmt.Errorf("propose: %w", ErrNoChange)
	}
	next := taking(e.Service, s, names)
	if e.Source != "" && !slices.Contains(names, "ways") && slices.Contains(names, "needs") && feed.MayHide(next.Needs) {
		next.Ways = withoutPlaces(next.Ways)
	}
	if err := sound(next); err != nil {
		return e, fmt.Errorf("propose: %w", err)
	}
	if touchesContact(names) {
		e.Pending = &Change{By: by, On: on, Fields: names, Service: s}
		return e, nil
	}
	return e.put(next), nil
}

// withoutPlaces leaves out addresses that a list gave before anybody knew that people may be hiding there.
func withoutPlaces(ways []directory.Way) []directory.Way {
	return slices.DeleteFunc(slices.Clone(ways), func(w directory.Way) bool { return w.By == directory.InPerson })
}

// put makes a service the one that stands here.
func (e Entry) put(next directory.Service) Entry {
	theirs, held := e.base(), e.Held
	e.Service = next
	return e.settle(theirs, held)
}

// Confirm lets the change take effect. Whoever confirms has rung or looked, and is not the one who proposed it.
func (e Entry) Confirm(by string, on time.Time) (Entry, error) {
	by, err := who(by, on)
	switch {
	case err != nil:
		return e, fmt.Errorf("confirm: %w", err)
	case e.Pending == nil:
		return e, fmt.Errorf("confirm: %w", ErrNoChange)
	case e.Pending.By == by:
		return e, fmt.Errorf("confirm: %w", ErrSamePerson)
	}
	next := checked(taking(e.Service, e.Pending.Service, e.Pending.Fields), by, on)
	if err := sound(next); err != nil { // a feed changed it meanwhile
		return e, fmt.Errorf("confirm: %w", err)
	}
	e.Cleared = append(slices.Clone(e.Cleared), e.Pending.Clears...)
	e.Pending, e.Unconfirmed = nil, false
	return e.put(next), nil
}

// Refuse drops the change that waits. A service that was never confirmed is retired with it.
func (e Entry) Refuse(by string, on time.Time) (Entry, error) {
	if _, err := who(by, on); err != nil {
		return e, fmt.Errorf("refuse: %w", err)
	}
	if e.Pending == nil {
		return e, fmt.Errorf("refuse: %w", ErrNoChange)
	}
	e.Pending = nil
	if e.Unconfirmed {
		e.Retired = on
	}
	return e, nil
}

// Rung notes that somebody rang the number or opened the page and found everything as it stands here.
func (e Entry) Rung(by string, on time.Time) (Entry, error) {
	by, err := who(by, on)
	switch {
	case err != nil:
		return e, fmt.Errorf("rung: %w", err)
	case e.Pending != nil:
		return e, fmt.Errorf("rung: %w", ErrPending)
	case !e.Retired.IsZero():
		return e, fmt.Errorf("rung: %w", ErrRetired)
	}
	return e.put(checked(e.Service, by, on)), nil
}

// checked is a service after a human has checked it: what was second hand is now its own word.
func checked(s directory.Service, by string, on time.Time) directory.Service {
	s.VerifiedBy, s.VerifiedOn, s.Status = by, on, directory.Official
	s.Ways = slices.Clone(s.Ways)
	for i := range s.Ways {
		s.Ways[i].Status = directory.Official
	}
	if s.Hours.Text != "" {
		s.Hours.Status = directory.Official
	}
	return s
}

// Resolve decides a conflict. Keeping what stands here ends it; taking what the feed says is a change like any other, and
// where it touches a contact it waits for another person.
func (e Entry) Resolve(take bool, by string, on time.Time) (Entry, error) {
	if _, err := who(by, on); err != nil {
		return e, fmt.Errorf("resolve: %w", err)
	}
	if e.Conflict == nil {
		return e, fmt.Errorf("resolve: %w", ErrNoChange)
	}
	names := e.Conflict.Fields
	if !take {
		e.Conflict = nil
		return e, nil
	}
	next, err := e.propose(e.base(), names, by, on)
	if err != nil {
		return e, fmt.Errorf("resolve: %w", err)
	}
	next.Conflict = nil
	return next, nil
}

// Clear lets pass what a service was held for because of its text, when another person agrees: a service for people who use
// abuse would be shown to a victim on the word of one. What it lacks, a need or an area, is given by Propose.
func (e Entry) Clear(hold feed.Hold, by string, on time.Time) (Entry, error) {
	by, err := who(by, on)
	switch {
	case err != nil:
		return e, fmt.Errorf("clear: %w", err)
	case e.Pending != nil:
		return e, fmt.Errorf("clear: %w", ErrPending)
	case hold != feed.MayBeAbuser || !slices.Contains(e.Held, hold):
		return e, fmt.Errorf("clear: %w", ErrNoChange)
	}
	e.Pending = &Change{By: by, On: on, Clears: []feed.Hold{hold}}
	return e, nil
}

// Retire takes a service out for good: no feed brings it back.
func (e Entry) Retire(by string, on time.Time) (Entry, error) {
	if _, err := who(by, on); err != nil {
		return e, fmt.Errorf("retire: %w", err)
	}
	if !e.Retired.IsZero() {
		return e, fmt.Errorf("retire: %w", ErrRetired)
	}
	e.Retired, e.Pending, e.Conflict = on, nil, nil
	return e, nil
}
