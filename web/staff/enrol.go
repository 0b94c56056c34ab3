package staff

import (
	"errors"

	"waypost/internal/vault"
	"waypost/referrals/people"
	"waypost/web"
)

const fieldInvite = "invite"

// enrolPage is where an invitation's link leads. The token stands behind the # of the address, which no browser sends; the
// script moves it into the form and wipes it from the address.
func (j *Journey) enrolPage(r *web.Request) (web.Page, error) {
	tag := j.tag(r, "")
	s := j.sets[tag]
	return web.Page{Shell: s.shells["enrol"], Body: []web.Fragment{s.enrol}, Pad: true}, nil
}

func invitation(name string) web.Kind {
	if name == fieldInvite {
		return web.Sealed
	}
	return web.Refused
}

func (j *Journey) beginEnrol(r *web.Request) (web.Page, error) {
	f, _, err := j.doorOf(r, invitation)
	if err != nil {
		return web.Page{}, err
	}
	token, _ := f.One(fieldInvite)
	return options(j.Register.BeginEnrol(r.Context(), token))
}

func (j *Journey) enrol(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, invitation)
	if err != nil {
		return web.Page{}, err
	}
	token, _ := f.One(fieldInvite)
	in, err := j.Register.FinishEnrol(r.Context(), token, credentialOf(f), r.Cookie().Reveal())
	if err != nil {
		return j.notEnrolled(d, err)
	}
	return j.letIn(r, in, d)
}

// notEnrolled says that the link is of no use, or that the key was not taken; why, nobody is told.
func (j *Journey) notEnrolled(d door, err error) (web.Page, error) {
	status, notice := 0, ""
	switch {
	case errors.Is(err, people.ErrInvite):
		status, notice = 410, "enrol.no-use"
	case errors.Is(err, people.ErrSignIn):
		status, notice = 401, "enrol.refused"
	default:
		return web.Page{}, err
	}
	return j.page(status, d.lang, "enrol", values{"Provider": j.Register.HasProvider(), "Languages": j.languages(), "Notice": notice})
}

// enrolByProvider shows the link to the provider. A form of ours may lead nowhere else (form-action), so there is no
// redirect.
func (j *Journey) enrolByProvider(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, invitation)
	if err != nil {
		return web.Page{}, err
	}
	token, _ := f.One(fieldInvite)
	address, sealed, err := j.Register.BeginProviderEnrol(r.Context(), token)
	if err != nil {
		return j.notEnrolled(d, err)
	}
	p, err := j.page(200, d.lang, "onward", values{"Address": address})
	return p.WithCarried(vault.Keep(sealed)), err
}
