package people

import (
	"fmt"
	"slices"
	"time"
)

// Reason is why somebody breaks glass: a code, never words about a patient.
type Reason string

// The reasons that are taken.
const (
	DangerNow  Reason = "danger-now"  // somebody may be hurt today
	ChildNow   Reason = "child-now"   // a child may be hurt today
	LeadAway   Reason = "lead-away"   // a decision is due and nobody named on the case can be reached
	LegalOrder Reason = "legal-order" // a court or the police require it now
)

// Reasons lists them for the form.
func Reasons() []Reason { return []Reason{DangerNow, ChildNow, LeadAway, LegalOrder} }

// How long glass stays broken, and how soon somebody else looks at why.
const (
	GrantLife    = time.Hour
	ReviewWithin = 72 * time.Hour
)

// Grant lets one member into one case that does not name them, for an hour. It always waits for a review.
type Grant struct {
	Organisation, Member, Case string
	Reason                     Reason
	Given                      time.Time
}

// Break gives a grant to somebody who has just touched the key. Whoever is excluded from the case is for the desk to
// refuse: this room does not know cases.
func Break(a Actor, organisation, ref string, why Reason, now time.Time) (Grant, error) {
	if err := May(a, BreakGlass, organisation); err != nil {
		return Grant{}, err
	}
	if ref == "" || !slices.Contains(Reasons(), why) {
		return Grant{}, fmt.Errorf("break glass: %w", ErrInvalid)
	}
	return Grant{organisation, a.member, ref, why, now}, nil
}

// Lets says whether the grant opens the case for the actor now.
func (g Grant) Lets(a Actor, ref string, now time.Time) bool {
	return g.Member != "" && g.Member == a.member && g.Organisation == a.organisation && g.Case == ref &&
		!now.Before(g.Given) && now.Before(g.Given.Add(GrantLife))
}

// ReviewBy is when somebody else must have looked at it.
func (g Grant) ReviewBy() time.Time { return g.Given.Add(ReviewWithin) }

// MayReview says whether the actor may judge it: nobody judges their own.
func (g Grant) MayReview(a Actor) error {
	if err := May(a, BreakGlassReview, g.Organisation); err != nil {
		return err
	}
	if a.member == g.Member {
		return fmt.Errorf("review one's own: %w", ErrForbidden)
	}
	return nil
}
