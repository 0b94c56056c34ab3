package people

import (
	"fmt"
	"slices"

	"waypost/internal/vault"
)

// Organisation is one that acts here. Its id is the tenant under which everything it holds rests.
type Organisation struct {
	ID   string
	Kind Kind
	Name vault.Secret[string]
}

// Member is a person's place in one organisation. The id is that of the place, not of the person: somebody who works for
// two organisations has two, and neither can follow the other's.
type Member struct {
	ID           string
	Organisation string
	Name         vault.Secret[string]
	Roles        []Role
	Active       bool
	account      string // whose keys open this place; empty until the invitation was taken up
	rev          int64
}

// Enrolled says whether somebody has taken up the invitation.
func (m Member) Enrolled() bool { return m.account != "" }

func checkRoles(k Kind, roles []Role) error {
	if len(roles) == 0 || len(roles) > len(seats) {
		return fmt.Errorf("%w: %d roles", ErrInvalid, len(roles))
	}
	for i, r := range roles {
		if !(Seat{k, r}).ForPeople() || slices.Contains(roles[:i], r) {
			return fmt.Errorf("%w: no such role in a %s, or twice", ErrInvalid, k)
		}
	}
	return nil
}
