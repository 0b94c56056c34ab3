package staff

import (
	"errors"

	"waypost/referrals/people"
	"waypost/web"
)

func (j *Journey) beginStepUp(r *web.Request) (web.Page, error) {
	return options(j.Register.BeginStepUp(r.Context(), r.Cookie().Reveal()))
}

// stepUp takes the touch of a key and goes on with what waited for it.
func (j *Journey) stepUp(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, nil)
	if err != nil {
		return web.Page{}, err
	}
	in, err := j.Register.FinishStepUp(r.Context(), r.Cookie().Reveal(), credentialOf(f))
	switch {
	case errors.Is(err, people.ErrSignIn):
		d.notice = "step-up.refused"
		return j.stepUpDoor(422, r.Session(), d), nil
	case errors.Is(err, people.ErrNoSession):
		return j.signInDoor(401, d), nil
	case away(err) && len(d.carried) > 0:
		return j.waitDoor(d), nil
	case err != nil:
		return web.Page{}, err
	}
	return j.letIn(r, in, d)
}

func (j *Journey) beginKey(r *web.Request) (web.Page, error) {
	return options(j.Register.BeginPasskey(r.Context(), r.Cookie().Reveal()))
}

func (j *Journey) addKey(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, nil)
	if err != nil {
		return web.Page{}, err
	}
	switch err := j.Register.FinishPasskey(r.Context(), r.Cookie().Reveal(), credentialOf(f)); {
	case errors.Is(err, people.ErrSignIn), errors.Is(err, people.ErrInvalid):
		return j.accountWith(r, 422, "account.key-not-taken")
	case err != nil:
		return web.Page{}, err
	}
	return j.to(r, AccountPath, d.lang), nil
}

// revokeKey ends a key, and with it every session of the person.
func (j *Journey) revokeKey(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, one("key"))
	if err != nil {
		return web.Page{}, err
	}
	key, _ := f.One("key")
	switch err := j.Register.RevokePasskey(r.Context(), r.Cookie().Reveal(), key); {
	case errors.Is(err, people.ErrInvalid):
		return j.accountWith(r, 422, "account.last-key")
	case err != nil:
		return web.Page{}, err
	}
	return j.signInDoor(200, door{lang: d.lang, notice: "account.key-ended"}).WithoutSession(), nil
}
