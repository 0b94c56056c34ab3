package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/jws"
	"waypost/internal/records"
	"waypost/internal/vault"
)

// Client is another system that acts for an organisation: it proves who it is by a key of its own and does what its scopes
// name. No person stands behind it, so it signs in nowhere and touches nothing.
type Client struct {
	ID           string
	Organisation string
	Name         vault.Secret[string]
	Scopes       []Scope
	Keys         []string // their ids
	Active       bool
	Since        time.Time
}

// Public is the id by which the client names itself to us. It leads to the organisation, so that nobody is looked for in
// every one of them.
func (c Client) Public() string { return c.Organisation + clientDot + c.ID }

const clientDot = "."

// What rests of a client, under its organisation.
type clientForm struct {
	Name   string    `json:"name"`
	Scopes []Scope   `json:"scopes"`
	Keys   []string  `json:"keys"`
	Active bool      `json:"active"`
	Since  time.Time `json:"since"`
}

// clearanceForm is what a client may do and how it is known, without its name: what every request of it reads. It is written
// with the client, in one commit and under the same revision.
type clearanceForm struct {
	Kind   Kind      `json:"kind"`
	Scopes []Scope   `json:"scopes"`
	Keys   []jws.Key `json:"keys"`
	Active bool      `json:"active"`
}

func (r *Register) saveClient(ctx context.Context, a records.Act, c rested[clientForm], allows clearanceForm) error {
	is, err := put(c)
	if err != nil {
		return err
	}
	allows.Active, allows.Scopes = c.content.Active, c.content.Scopes
	may, err := put(rested[clearanceForm]{kind: kindClearance, id: c.id, rev: c.rev, content: allows})
	if err != nil {
		return err
	}
	return r.rest.write(ctx, a, is, may)
}

func clientOf(organisation string, c rested[clientForm]) Client {
	return Client{
		ID: c.id, Organisation: organisation, Name: vault.Keep(c.content.Name), Scopes: c.content.Scopes, Keys: c.content.Keys,
		Active: c.content.Active, Since: c.content.Since,
	}
}

// RegisterClient lets another system act for the actor's organisation: a name for the page, its public keys as a key set
// (JWKS), and the scopes it may ask for, of which none goes beyond what the organisation's kind allows. A private key in the
// set is ErrSecret; what is no set of keys for a client is ErrKeySet; where there are too many already, ErrFull.
func (r *Register) RegisterClient(ctx context.Context, a Actor, name, jwks string, scopes []Scope) (Client, error) {
	act, err := r.Permit(ctx, a, ClientRegister, a.organisation)
	if err != nil {
		return Client{}, err
	}
	if err := checkName(name); err != nil {
		return Client{}, err
	}
	keys, err := readKeys(jwks)
	if err != nil {
		return Client{}, err
	}
	if !within(scopes, Scopes(a.kind)) {
		return Client{}, fmt.Errorf("%w: scopes", ErrInvalid)
	}
	if err := r.makeRoom(ctx, act); err != nil {
		return Client{}, err
	}
	id, err := r.rest.safe.NewID()
	if err != nil {
		return Client{}, err
	}
	c := rested[clientForm]{kind: kindClient, id: id, blind: r.keys.Blind(a.organisation, "client.all", a.organisation)}
	c.content = clientForm{Name: name, Active: true, Since: r.now()}
	for _, s := range scopes {
		c.content.Scopes = join(c.content.Scopes, s)
	}
	for _, k := range keys {
		c.content.Keys = append(c.content.Keys, k.ID)
	}
	return clientOf(a.organisation, c), r.saveClient(ctx, act, c, clearanceForm{Kind: a.kind, Keys: keys})
}

// mostClients is how many an organisation has, ended ones included: none may be beyond what one page shows and a lead can end.
const mostClients = 50

// makeRoom destroys the client that was registered first among those that have ended, where there are as many as there may be.
// If none has ended it is ErrFull.
func (r *Register) makeRoom(ctx context.Context, a records.Act) error {
	found, err := find[clientForm](ctx, r.rest, a, kindClient, r.keys.Blind(a.Tenant, "client.all", a.Tenant))
	if err != nil || len(found) < mostClients {
		return err
	}
	found = slices.DeleteFunc(found, func(c rested[clientForm]) bool { return c.content.Active })
	if len(found) == 0 {
		return fmt.Errorf("register client: %w", ErrFull)
	}
	first := slices.MinFunc(found, func(a, b rested[clientForm]) int { return a.content.Since.Compare(b.content.Since) })
	return r.rest.write(ctx, a, gone(first), gone(rested[clearanceForm]{kind: kindClearance, id: first.id, rev: first.rev}))
}

// readKeys reads the public keys of a client.
func readKeys(set string) ([]jws.Key, error) {
	keys, err := jws.ReadKeys(set)
	switch {
	case errors.Is(err, jws.ErrSecret):
		return nil, fmt.Errorf("read keys: %w", ErrSecret)
	case err != nil:
		return nil, fmt.Errorf("read keys: %w", ErrKeySet)
	}
	return keys, nil
}

// within says whether there is a scope, and each letter of each is held.
func within(scopes, held []Scope) bool {
	return len(scopes) > 0 && !slices.ContainsFunc(scopes, func(s Scope) bool {
		return s.Letters == "" || strings.ContainsFunc(s.Letters, func(l rune) bool { return !holds(held, s.Resource, l) })
	})
}

// Clients lists those of the actor's organisation, ended ones included.
func (r *Register) Clients(ctx context.Context, a Actor) ([]Client, error) {
	act, err := r.Permit(ctx, a, PeopleList, a.organisation)
	if err != nil {
		return nil, err
	}
	found, err := find[clientForm](ctx, r.rest, act, kindClient, r.keys.Blind(a.organisation, "client.all", a.organisation))
	if err != nil {
		return nil, err
	}
	out := make([]Client, len(found))
	for i, c := range found {
		out[i] = clientOf(a.organisation, c)
	}
	return out, nil
}

// RevokeClient ends a client: no token of it counts at the next request, and it gets none.
func (r *Register) RevokeClient(ctx context.Context, a Actor, client string) error {
	by, err := a.may(ClientRegister, a.organisation)
	if err != nil {
		return r.refused(ctx, a, ClientRegister, by, "", err)
	}
	act := a.act(by, ClientRegister)
	act.Reason = "revoked"
	c, err := load[clientForm](ctx, r.rest, act, kindClient, client)
	if err != nil {
		return err
	}
	allows, err := glance[clearanceForm](ctx, r.rest, a.organisation, kindClearance, client)
	if err != nil {
		return err
	}
	c.content.Active, allows.content.Keys = false, nil
	return r.saveClient(ctx, act, c, allows.content)
}
