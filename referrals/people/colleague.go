package people

import (
	"context"
	"slices"

	"waypost/internal/vault"
)

// Colleague is a member as somebody sees them who has to choose whom to keep away from a case: a name, and whether that
// member decides cases. Roles, keys and invitations are for who keeps the list of members.
type Colleague struct {
	ID      string
	Name    vault.Secret[string]
	Decides bool // a case is decided by nobody if every one of these is kept away
}

// namesRead is what the trail calls it that colleagues' names were looked up.
const namesRead = "people.names"

// Colleagues are the active members of the actor's organisation, for whoever may keep one away from a case. The actor is among
// them. Each has an entry in the trail.
func (r *Register) Colleagues(ctx context.Context, a Actor) ([]Colleague, error) {
	act, err := r.Permit(ctx, a, CaseExclude, a.organisation)
	if err != nil {
		return nil, err
	}
	act.Action = namesRead
	members, err := r.members(ctx, act, a.organisation)
	if err != nil {
		return nil, err
	}
	decide, _ := lineOf(CaseDecide)
	var out []Colleague
	for _, m := range members {
		if m.Active {
			decides := m.Enrolled() && slices.ContainsFunc(m.Roles, func(role Role) bool { return decide.For(Seat{a.kind, role}) != Never })
			out = append(out, Colleague{m.ID, m.Name, decides})
		}
	}
	return out, nil
}

// NobodyDecides says whether everybody who could decide a case is among those kept away from it.
func NobodyDecides(all []Colleague, away []string) bool {
	return !slices.ContainsFunc(all, func(c Colleague) bool { return c.Decides && !slices.Contains(away, c.ID) })
}
