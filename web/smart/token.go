package smart

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"waypost/referrals/people"
	"waypost/web"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// configuration is what a client finds (SMART 2.2). There is no launch, so nothing of one is in it.
type configuration struct {
	TokenEndpoint string   `json:"token_endpoint"`
	Grants        []string `json:"grant_types_supported"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"`
	Algorithms    []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	Scopes        []string `json:"scopes_supported"`
	Capabilities  []string `json:"capabilities"`
}

func discovery(us people.Audiences) ([]byte, error) {
	c := configuration{
		TokenEndpoint: us.TokenEndpoint, Grants: []string{"client_credentials"}, Methods: []string{"private_key_jwt"},
		Algorithms: []string{"RS384", "ES384"}, Capabilities: []string{"client-confidential-asymmetric", "permission-v2"},
	}
	for _, s := range people.AllScopes() {
		c.Scopes = append(c.Scopes, s.String())
	}
	return json.Marshal(c)
}

// given is the answer to a client that is let in (RFC 6749, section 5.1).
type given struct {
	Token   string `json:"access_token"`
	Type    string `json:"token_type"`
	Seconds int    `json:"expires_in"`
	Scope   string `json:"scope"`
}

// The words by which a request for a token is refused (RFC 6749, section 5.2).
const (
	invalidRequest = "invalid_request"
	invalidClient  = "invalid_client"
	invalidScope   = "invalid_scope"
	otherGrant     = "unsupported_grant_type"
	notNow         = "temporarily_unavailable"
	ourFault       = "server_error"
)

func (j *Journey) token(us people.Audiences) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		f, faults, err := r.Form(fields)
		if errors.Is(err, web.ErrMalformed) || errors.Is(err, web.ErrMediaType) {
			return no(http.StatusBadRequest, invalidRequest), nil
		}
		if err != nil {
			return web.Page{}, err
		}
		word, fault := wordOf(f, faults)
		if fault != "" {
			return no(http.StatusBadRequest, fault), nil
		}
		got, err := j.Register.GiveAccess(r.Context(), us, word)
		switch {
		case errors.Is(err, people.ErrSignIn):
			return no(http.StatusUnauthorized, invalidClient), nil
		case errors.Is(err, people.ErrScope):
			return no(http.StatusBadRequest, invalidScope), nil
		case err != nil:
			return web.Page{}, err
		}
		return answer(http.StatusOK, given{got.Token.Reveal(), "bearer", int(got.Life.Seconds()), scopesOf(got.Scopes)})
	}
}

// fields are those that are read. RFC 6749 (3.2) has every other ignored.
func fields(name string) web.Kind {
	switch name {
	case "grant_type", "client_assertion_type", "scope", "client_id":
		return web.Prose
	case "client_assertion":
		return web.Document
	}
	return web.Refused
}

// wordOf takes from the request what the client says, if it says it in the one way that there is.
func wordOf(f web.Form, faults []web.Fault) (word people.ClientWord, fault string) {
	for _, one := range faults {
		if fields(one.Question) != web.Refused {
			return word, invalidRequest
		}
	}
	grant, _ := f.One("grant_type")
	kind, typed := f.One("client_assertion_type")
	word.Assertion, _ = f.One("client_assertion")
	word.Client, _ = f.One("client_id")
	word.Scopes, _ = f.One("scope")
	switch {
	case grant == "", typed && kind != assertionType:
		return word, invalidRequest
	case grant != "client_credentials":
		return word, otherGrant
	}
	return word, ""
}

func scopesOf(all []people.Scope) string {
	var out []string
	for _, s := range all {
		out = append(out, s.String())
	}
	return strings.Join(out, " ")
}

func answer(status int, what any) (web.Page, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return web.Page{}, err
	}
	return web.Data(status, "application/json", body), nil
}

func no(status int, word string) web.Page {
	return web.Data(status, "application/json", []byte(`{"error":"`+word+`"}`))
}

// refuse is how the platform says no at the token endpoint.
func refuse(status int, _ web.Reference) web.Page {
	switch {
	case status == http.StatusServiceUnavailable, status == http.StatusTooManyRequests:
		return no(status, notNow)
	case status >= http.StatusInternalServerError:
		return no(status, ourFault)
	}
	return no(status, invalidRequest)
}
