package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// AccessLife is how long an access token counts.
const AccessLife = 5 * time.Minute

const forToken = "client.token"

// What rests of an access token, under the digest of its value.
type accessForm struct {
	Place  placeForm `json:"place"` // the member is the client
	Rev    int64     `json:"rev"`   // of the client when the token was given; another ends it
	Scopes []Scope   `json:"scopes"`
	Until  time.Time `json:"until"`
}

// Access is what a client's word for itself ends in.
type Access struct {
	Token  vault.Secret[string]
	Scopes []Scope
	Life   time.Duration
}

// ClientWord is what a client says for itself when it asks for a token.
type ClientWord struct {
	Assertion string
	Client    string // its id once more, or empty: the assertion has it
	Scopes    string
}

// Audiences are the two names by which an assertion may mean us: the token endpoint, and us as the issuer of what it gives.
type Audiences struct{ TokenEndpoint, Issuer string }

func (w Audiences) include(said string) bool { return said == w.TokenEndpoint || said == w.Issuer }

// GiveAccess takes a client's signed assertion and gives it a token for what it asks for. Whatever is wrong with the client,
// its key or its word is ErrSignIn and nothing else, at the same cost for a client that is known and for one that is made
// up; ErrScope is about what was asked for, and said only to who proved to be a client.
func (r *Register) GiveAccess(ctx context.Context, to Audiences, said ClientWord) (Access, error) {
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return Access{}, err
	}
	defer leave()
	a, ok := readAssertion(said.Assertion)
	if !ok || said.Client != "" && said.Client != a.client {
		return Access{}, r.turnAway(ctx, forToken, "", "malformed", ErrSignIn)
	}
	c, err := r.recogniseClient(ctx, a)
	if err != nil {
		return Access{}, r.turnAway(ctx, forToken, "", "key", err)
	}
	act := records.Act{Tenant: a.organisation, Actor: a.name, Role: string(Machine), Action: forToken}
	if reason, err := r.judgeAssertion(ctx, a, to, c); err != nil {
		return Access{}, r.turnClientAway(ctx, act, reason, err)
	}
	scopes, err := ParseScopes(said.Scopes)
	if err == nil {
		scopes, err = grant(scopes, c.content.Scopes)
	}
	if err != nil {
		return Access{}, r.turnClientAway(ctx, act, "scope", err)
	}
	return r.issueAccess(ctx, act, a, c, scopes)
}

// recogniseClient checks the signature against the keys of the client that the assertion names, or against a decoy.
func (r *Register) recogniseClient(ctx context.Context, a assertion) (rested[clearanceForm], error) {
	c, err := glance[clearanceForm](ctx, r.rest, a.organisation, kindClearance, a.name)
	if err != nil && !isNotThere(err) {
		return c, err
	}
	if !a.signedBy(c.content.Keys, r.decoys) || !c.content.Active {
		return c, ErrSignIn
	}
	return c, nil
}

// judgeAssertion looks at what a client that is known has signed, and uses it up.
func (r *Register) judgeAssertion(ctx context.Context, a assertion, to Audiences, c rested[clearanceForm]) (reason string, err error) {
	switch {
	case !to.include(a.audience):
		return "audience", ErrSignIn
	case !a.timely(r.now()):
		return "time", ErrSignIn
	}
	// The records forget what has expired, so the note outlives the assertion by what clocks may differ.
	return "replayed", r.once(ctx, forToken, "assertion "+a.client+" "+a.jti, a.expires.Add(clockSkew))
}

// issueAccess reads the client itself, which the trail hears of, and lets a token count.
func (r *Register) issueAccess(ctx context.Context, act records.Act, a assertion, c rested[clearanceForm], scopes []Scope) (Access, error) {
	is, err := load[clientForm](ctx, r.rest, act, kindClient, a.name)
	switch {
	case isNotThere(err), err == nil && (!is.content.Active || is.rev != c.rev):
		return Access{}, r.turnClientAway(ctx, act, "revoked", ErrSignIn)
	case err != nil:
		return Access{}, err
	}
	token, id, err := r.newToken()
	if err != nil {
		return Access{}, err
	}
	until := r.now().Add(AccessLife)
	change, err := put(rested[accessForm]{kind: kindAccess, id: id, expires: until, content: accessForm{
		Place: placeForm{a.organisation, a.name}, Rev: is.rev, Scopes: scopes, Until: until,
	}})
	if err != nil {
		return Access{}, err
	}
	if err := r.rest.write(ctx, in(act, house), change); err != nil {
		return Access{}, err
	}
	return Access{Token: token, Scopes: scopes, Life: AccessLife}, nil
}

// turnClientAway writes the refusal of a client that proved who it is into the log of its organisation.
func (r *Register) turnClientAway(ctx context.Context, act records.Act, reason string, cause error) error {
	act.Reason = reason
	if err := r.rest.note(ctx, act, outcomeOf(cause), kindClient, act.Actor); err != nil {
		return err
	}
	switch {
	case errors.Is(cause, ErrSignIn):
		return ErrSignIn
	case errors.Is(cause, ErrScope):
		return ErrScope
	}
	return cause
}

// ResolveClient says which client shows this token. Whatever is wrong with it, the answer is ErrNoSession. What the client
// may do is read every time: a client that was ended does nothing more.
func (r *Register) ResolveClient(ctx context.Context, token string) (Session, error) {
	id, ok := tokenID(token)
	if !ok {
		return Session{}, ErrNoSession
	}
	t, err := glance[accessForm](ctx, r.rest, house, kindAccess, id)
	if isNotThere(err) {
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, err
	}
	now := r.now()
	if !now.Before(t.content.Until) || now.Before(t.content.Until.Add(-AccessLife-trail.Slack)) {
		return Session{}, ErrNoSession
	}
	place := t.content.Place
	c, err := glance[clearanceForm](ctx, r.rest, place.Organisation, kindClearance, place.Member)
	if isNotThere(err) {
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, err
	}
	client := Client{ID: place.Member, Organisation: place.Organisation, Active: c.content.Active && c.rev == t.content.Rev}
	actor, err := NewMachine(Organisation{ID: place.Organisation, Kind: c.content.Kind}, client, t.content.Scopes)
	if err != nil {
		return Session{}, ErrNoSession
	}
	return Session{Actor: actor, Way: ByToken, WarnAt: t.content.Until, EndsAt: t.content.Until, Until: t.content.Until}, nil
}

// AdmitClient is ResolveClient for one act on one kind of resource: both the policy and a scope of the token must allow it.
// A refusal is written into the trail before it is returned.
func (r *Register) AdmitClient(ctx context.Context, token string, action Action, resource string, letter rune) (Session, error) {
	s, err := r.ResolveClient(ctx, token)
	if err != nil {
		return Session{}, err
	}
	if !holds(s.Actor.scopes, resource, letter) {
		return Session{}, r.refused(ctx, s.Actor, action, Machine, "", fmt.Errorf("%s without the scope: %w", action, ErrForbidden))
	}
	if _, err := r.Permit(ctx, s.Actor, action, s.Actor.organisation); err != nil {
		return Session{}, err
	}
	return s, nil
}
