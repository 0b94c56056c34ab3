package staff

import (
	"errors"

	"waypost/internal/vault"
	"waypost/referrals/people"
	"waypost/web"
)

// toProvider begins a sign-in for somebody who asked for it here. Another site's link does not: a provider that remembers
// the person would ask nothing, and they would be signed in without having wanted it.
func (j *Journey) toProvider(r *web.Request) (web.Page, error) {
	if r.FromElsewhere() {
		return web.Page{To: SignInPath}, nil
	}
	address, sealed, err := j.Register.BeginProvider(r.Context())
	if err != nil {
		return j.turnedAway(door{lang: j.tag(r, "")}, err)
	}
	return web.Page{}.ToProvider(address, vault.Keep(sealed)), nil
}

func (j *Journey) stepUpByProvider(r *web.Request) (web.Page, error) {
	address, sealed, err := j.Register.BeginProviderStepUp(r.Context(), r.Cookie().Reveal())
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{}.ToProvider(address, vault.Keep(sealed)), nil
}

// fromProvider lets in whoever comes back. It answers a page and no redirect: the browser is still on a way that began at
// another site, and does not send a Strict cookie on it.
func (j *Journey) fromProvider(r *web.Request) (web.Page, error) {
	tag := r.Language("").Tag
	in, err := j.Register.FinishProvider(r.Context(), r.Asked().Reveal(), r.Carried().Reveal(), r.Cookie().Reveal())
	if errors.Is(err, people.ErrInvite) || errors.Is(err, people.ErrNoSession) {
		err = people.ErrSignIn
	}
	if err != nil {
		p, err := j.turnedAway(door{lang: tag}, err)
		return p.WithoutCarried(), err
	}
	p, err := j.page(200, tag, "returned", nil)
	if err != nil {
		return web.Page{}, err
	}
	return p.WithoutCarried().WithSession(in.Token), nil
}

// endedAtProvider hears from the provider, server to server, that somebody signed out there.
func (j *Journey) endedAtProvider(r *web.Request) (web.Page, error) {
	const name = "logout_token"
	f, _, err := r.Form(func(n string) web.Kind {
		if n == name {
			return web.Token
		}
		return web.Refused
	})
	if err != nil {
		return web.Page{}, err
	}
	token, _ := f.One(name)
	switch err := j.Register.ProviderSignOut(r.Context(), token); {
	case errors.Is(err, people.ErrSignIn):
		return web.Data(400, "application/json", []byte(`{"error":"invalid_request"}`)), nil
	case err != nil:
		return web.Page{}, err
	}
	return web.Data(200, "application/json", []byte("{}")), nil
}
