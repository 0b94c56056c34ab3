package people

import (
	"fmt"
	"slices"
)

// Actor is a member, or a client, acting for one organisation, as of this request: it is made from the membership as it rests now and
// is not kept. Its fields are closed so that no handler makes up a role.
type Actor struct {
	member, organisation string
	kind                 Kind
	roles                []Role
	fresh                bool
	scopes               []Scope // of a client
}

// NewActor is a member of an organisation with the roles as they rest. Fresh says that the key was touched within the
// life of a step-up. A member who is not active, of another organisation or in a seat that does not exist, is no actor.
func NewActor(o Organisation, m Member, fresh bool) (Actor, error) {
	if m.Organisation != o.ID || m.ID == "" || !m.Active || checkRoles(o.Kind, m.Roles) != nil {
		return Actor{}, fmt.Errorf("actor of %s: %w", m.ID, ErrForbidden)
	}
	return Actor{member: m.ID, organisation: o.ID, kind: o.Kind, roles: slices.Clone(m.Roles), fresh: fresh}, nil
}

// NewMachine is a client of an organisation within the scopes it was granted. It never counts as having touched a key.
func NewMachine(o Organisation, c Client, granted []Scope) (Actor, error) {
	if c.Organisation != o.ID || c.ID == "" || !c.Active || len(granted) == 0 || !(Seat{o.Kind, Machine}).Exists() {
		return Actor{}, fmt.Errorf("actor of %s: %w", c.ID, ErrForbidden)
	}
	return Actor{member: c.ID, organisation: o.ID, kind: o.Kind, roles: []Role{Machine}, scopes: slices.Clone(granted)}, nil
}

// Member is the id under which the trail knows the actor.
func (a Actor) Member() string { return a.member }

// Organisation is whom the actor acts for.
func (a Actor) Organisation() string { return a.organisation }

// Kind is the kind of that organisation.
func (a Actor) Kind() Kind { return a.kind }

// Roles are those of the membership.
func (a Actor) Roles() []Role { return slices.Clone(a.roles) }

// IsMachine says whether it is another system that acts.
func (a Actor) IsMachine() bool { return slices.Contains(a.roles, Machine) }

// Fresh says whether a step-up counts now.
func (a Actor) Fresh() bool { return a.fresh }

// May says whether the actor may do this to something of the target organisation; for what is shared the target does not
// matter. Another organisation's things are ErrNotFound, as if they did not exist. Of one's own, ErrForbidden says that
// no role of the actor may, and ErrStepUp that one may once the key was touched again.
func May(a Actor, action Action, target string) error {
	_, err := a.may(action, target)
	return err
}

// may also names the role that carries the action: the most generous, for the trail.
func (a Actor) may(action Action, target string) (Role, error) {
	line, known := lineOf(action)
	if a.member == "" || !known {
		return "", fmt.Errorf("%s: %w", action, ErrForbidden)
	}
	if !line.Shared && target != a.organisation {
		return "", fmt.Errorf("%s: %w", action, ErrNotFound)
	}
	if a.IsMachine() && !slices.Contains(actionsOf(a.scopes), action) {
		return "", fmt.Errorf("%s beyond the scopes: %w", action, ErrForbidden)
	}
	best, by := Never, Role("")
	for _, r := range a.roles {
		if got := line.For(Seat{a.kind, r}); got > best {
			best, by = got, r
		}
	}
	switch {
	case best == Allowed, best == StepUp && a.fresh:
		return by, nil
	case best == StepUp:
		return by, fmt.Errorf("%s: %w", action, ErrStepUp)
	}
	return "", fmt.Errorf("%s: %w", action, ErrForbidden)
}
