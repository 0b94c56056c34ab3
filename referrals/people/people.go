// Package people answers one question: who may act? It keeps organisations, their members and roles, passkeys and
// sessions, and one table, the Policy, that says what a role may do in which kind of organisation.
//
// It refuses passwords and resets by mail. It refuses to take a role from anybody's token: a role comes from a membership
// in our own records and counts, or stops counting, at the next request. It refuses to tell a stranger whether somebody
// is known: every refusal of a sign-in reads alike. And it knows nothing of a case: what it guards is named by an Action.
package people

import "errors"

// The sentinels of this room. What wraps them names the act and ids, never content.
var (
	ErrNotFound  = errors.New("people: not found")                      // unknown, expired, or another organisation's
	ErrForbidden = errors.New("people: this role may not")              // in one's own organisation
	ErrStepUp    = errors.New("people: the key must be touched again")  // allowed, after a step-up
	ErrSignIn    = errors.New("people: sign-in refused")                // whatever the cause
	ErrNoSession = errors.New("people: no session")                     // never was, idle, over, revoked
	ErrInvite    = errors.New("people: invitation is not valid")        // never was, used, expired
	ErrForged    = errors.New("people: the form's token is not ours")   // CSRF
	ErrBusy      = errors.New("people: too many sign-ins at once")      // a flood; try again
	ErrConflict  = errors.New("people: somebody changed it first")      // read again
	ErrInvalid   = errors.New("people: not a valid request")            // a mistake of the caller
	ErrProvider  = errors.New("people: the sign-in provider is amiss")  // away, slow or wrong
	ErrScope     = errors.New("people: not a scope of this client")     // RFC 6749: invalid_scope
	ErrKeySet    = errors.New("people: not a set of public keys")       // that a client can sign by
	ErrFull      = errors.New("people: there are as many as may be")    // clients of one organisation
	ErrSecret    = errors.New("people: a private key was shown")        // it has to be replaced
	ErrConfig    = errors.New("people: the configuration is not sound") // at start
)
