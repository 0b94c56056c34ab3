package desk_test

import (
	"errors"
	"net/url"
	"testing"

	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web/desk"
	"waypost/web/staff/stafftest"
)

// inventedKeySet is a public key on P-384: the point that the curve itself begins with.
const inventedKeySet = `{"keys":[{"kty":"EC","crv":"P-384","kid":"invented-1",` +
	`"x":"qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3","y":"NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f"}]}`

// Whoever asks who looked at a case is told that another system did, and the trail has its name for whoever may have names.
// A case that the system did not open is not there for it.
func TestAConnectedSystemIsSeenInTheTrail(t *testing.T) {
	w := newWorld(t)
	reference := w.refer().Reference
	lead := w.lead.Again(true).Session().Actor
	c, err := w.People.RegisterClient(t.Context(), lead, "Invented System", inventedKeySet, people.Scopes(people.Practice))
	stafftest.Must(t, err)
	machine, err := people.NewMachine(people.Organisation{ID: lead.Organisation(), Kind: people.Practice}, c, c.Scopes)
	stafftest.Must(t, err)
	if _, err := w.desk.Read(t.Context(), machine, reference); !errors.Is(err, referrals.ErrNotFound) {
		t.Errorf("another's case: %v", err)
	}
	w.lead.Get(desk.CasePath + reference + "/who")
	w.lead.Want(200).says("by a connected system").hides("by the service")
	w.lead.Get("/audit")
	w.lead.send("/audit", url.Values{"who": {c.ID}, "names": {"yes"}})
	w.lead.Want(200).says("Invented System</bdi> (client)", `<option value="`+c.ID)
}
