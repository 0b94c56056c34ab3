package people

import (
	"fmt"
	"slices"
	"strings"
)

// Scope is what a client may ask for of one kind of FHIR resource (SMART 2.2, "system" scopes): some of the letters c, r, u,
// d and s, for create, read, update, delete and search. It narrows what the policy lets a client do and never widens it.
type Scope struct{ Resource, Letters string }

// String is the scope as it is asked for.
func (s Scope) String() string { return scopePrefix + s.Resource + "." + s.Letters }

const (
	scopePrefix   = "system/"
	scopeLetters  = "cruds"
	longestScopes = 1000
)

// reach says, for each letter that is on offer, which line of the policy it stands on, and what else the actor then does on
// the way. What is not here cannot be asked for.
var reach = [...]struct {
	resource, letters string
	line              Action
	also              []Action
}{
	{"ServiceRequest", "c", ReferralCreate, nil},
	{"ServiceRequest", "r", TaskRead, []Action{CaseOwn, PacketRead}},
	{"Task", "rs", TaskRead, []Action{CaseOwn, PacketRead}},
	{"Task", "u", TaskUpdate, []Action{PacketRead, PacketAnswer}},
	{"AuditEvent", "rs", AuditRead, nil},
}

// Offers are what a client of such an organisation can be given, in the parts among which a lead chooses: what the policy
// lets it do, and no more.
func Offers(k Kind) (out []Scope) {
	for _, to := range reach {
		if line, _ := lineOf(to.line); line.For(Seat{k, Machine}) == Allowed {
			out = append(out, Scope{to.resource, to.letters})
		}
	}
	return out
}

// Scopes are Offers with one scope for each resource.
func Scopes(k Kind) (out []Scope) {
	for _, s := range Offers(k) {
		out = join(out, s)
	}
	return out
}

// AllScopes are those of any organisation.
func AllScopes() (out []Scope) {
	for _, to := range reach {
		out = join(out, Scope{to.resource, to.letters})
	}
	return out
}

// join adds a scope to a list that has one line for a resource and its letters in their order.
func join(list []Scope, s Scope) []Scope {
	i := slices.IndexFunc(list, func(one Scope) bool { return one.Resource == s.Resource })
	if i < 0 {
		return append(list, s)
	}
	both := list[i].Letters + s.Letters
	list[i].Letters = ""
	for _, l := range scopeLetters {
		if strings.ContainsRune(both, l) {
			list[i].Letters += string(l)
		}
	}
	return list
}

// ParseScopes reads a list of scopes with a space between each. A wildcard, a context other than system, a letter out of
// its order, a filter and a resource without a scope of ours are ErrScope, as is no scope at all.
func ParseScopes(text string) ([]Scope, error) {
	var out []Scope
	for one := range strings.SplitSeq(text, " ") {
		rest, ours := strings.CutPrefix(one, scopePrefix)
		resource, letters, dotted := strings.Cut(rest, ".")
		if len(text) > longestScopes || !ours || !dotted || !inOrder(letters) || !isOnOffer(resource) {
			return nil, fmt.Errorf("read scopes: %w", ErrScope)
		}
		out = join(out, Scope{resource, letters})
	}
	return out, nil
}

func inOrder(letters string) bool {
	at := -1
	for _, l := range letters {
		next := strings.IndexRune(scopeLetters, l)
		if next <= at {
			return false
		}
		at = next
	}
	return at >= 0
}

func isOnOffer(resource string) bool {
	for _, to := range reach {
		if to.resource == resource {
			return true
		}
	}
	return false
}

// grant is what of the asked scopes is held. Letters that are not held are left out, which RFC 6749 (3.3) allows where the
// answer says so; a scope of which nothing is left is ErrScope.
func grant(asked, held []Scope) ([]Scope, error) {
	var out []Scope
	for _, one := range asked {
		left := ""
		for _, l := range one.Letters {
			if holds(held, one.Resource, l) {
				left += string(l)
			}
		}
		if left == "" {
			return nil, fmt.Errorf("grant scopes: %w", ErrScope)
		}
		out = join(out, Scope{one.Resource, left})
	}
	return out, nil
}

func holds(held []Scope, resource string, letter rune) bool {
	return slices.ContainsFunc(held, func(s Scope) bool {
		return s.Resource == resource && strings.ContainsRune(s.Letters, letter)
	})
}

// actionsOf are the actions within the scopes.
func actionsOf(held []Scope) (out []Action) {
	for _, to := range reach {
		for _, l := range to.letters {
			if holds(held, to.resource, l) {
				out = append(append(out, to.line), to.also...)
			}
		}
	}
	return out
}
