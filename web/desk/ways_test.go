package desk_test

import (
	"slices"
	"strings"
	"testing"

	"waypost/referrals/people"
	"waypost/web/desk"
)

// One's account leads to the pages that the policy lets one open, and to no other.
func TestTheAccountLeadsToOnesPages(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		who  *browser
		kind people.Kind
		role people.Role
	}{
		"lead": {w.lead, people.Practice, people.Lead}, "clinician": {w.clinician, people.Practice, people.Clinician}, "receiver": {w.receiver, people.ReceivingService, people.Receiver},
	} {
		page := c.who.Get("/account").Body
		for _, way := range desk.Ways() {
			i := slices.IndexFunc(people.Policy(), func(l people.Line) bool { return l.Action == way.Action })
			may := people.Policy()[i].For(people.Seat{Kind: c.kind, Role: c.role}) == people.Allowed
			if shown := strings.Contains(page, `href="`+way.Path+`"`); shown != may {
				t.Errorf("%s: %s shown %t, allowed %t", name, way.Path, shown, may)
			}
		}
	}
}
