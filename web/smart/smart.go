// Package smart is the door of other systems: SMART Backend Services (2.2) with discovery, the token endpoint, and the gate
// through which the routes for machines are reached. A client proves by a key of its own who it is and gets a token that
// counts for five minutes; what it may then do is the policy's, within its scopes.
//
// It refuses shared secrets, registration by anybody but a lead, keys that would have to be fetched, a refresh token, a
// launch from a record system and a person behind a token. It says the same of every client that is not let in, whatever
// the reason, and repeats nothing that was sent.
package smart

import (
	"fmt"
	"net/http"
	"strings"

	"waypost/referrals/people"
	"waypost/web"
)

// The paths of the face. A client is told the base of the resources and finds the endpoint from there.
const (
	Base          = "/fhir/R4"
	EndpointPath  = "/oauth/token"
	discoveryPath = Base + "/.well-known/smart-configuration"
)

// keep is for how many seconds anybody may keep the discovery document.
const keep = 300

// Journey is the face, and the gate of other faces.
type Journey struct {
	Register  *people.Register
	PublicURL string // where other systems reach us: the issuer, and what the token endpoint's address begins with
}

// Routes gives the routes. What is the same for everybody is written once, at start.
func (j *Journey) Routes(*web.Kit) ([]web.Route, error) {
	base, err := people.ParsePublicURL(j.PublicURL)
	if err != nil {
		return nil, err
	}
	if j.Register == nil {
		return nil, fmt.Errorf("%w: the token endpoint needs a register", web.ErrConfig)
	}
	us := people.Audiences{TokenEndpoint: base.JoinPath(EndpointPath).String(), Issuer: strings.TrimSuffix(base.String(), "/")}
	found, err := discovery(us)
	if err != nil {
		return nil, err
	}
	return []web.Route{
		{Method: http.MethodGet, Path: discoveryPath, Policy: web.OpenData(), Handler: func(*web.Request) (web.Page, error) {
			p := web.Data(http.StatusOK, "application/json", found)
			p.Keep = keep
			return p, nil
		}},
		{Method: http.MethodPost, Path: EndpointPath, Policy: web.Open(), Handler: j.token(us), Refuse: refuse},
	}, nil
}

// Away stands in the place of the token endpoint where what rests cannot be opened, and says so as the endpoint does.
func Away() web.Route {
	return web.Route{Method: http.MethodPost, Path: EndpointPath, Policy: web.Open(), Refuse: refuse, Handler: func(*web.Request) (web.Page, error) {
		return web.Page{}, web.ErrUnavailable
	}}
}

// For is the policy of a route for machines: the token's client may do what the action names, and a scope of the token has
// the letter (one of c, r, u, d and s) for the resource. Both must allow it.
func (j *Journey) For(action people.Action, resource string, letter rune) web.Policy {
	return web.Machine(action, func(r *web.Request) (people.Session, error) {
		return j.Register.AdmitClient(r.Context(), r.Bearer().Reveal(), action, resource, letter)
	})
}
