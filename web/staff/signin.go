package staff

import (
	"encoding/base64"
	"errors"

	"waypost/referrals/people"
	"waypost/web"
)

// signInPage shows the way in, or goes on where somebody is in already.
func (j *Journey) signInPage(r *web.Request) (web.Page, error) {
	tag := j.tag(r, "")
	if _, err := j.Register.Resolve(r.Context(), r.Cookie().Reveal()); err == nil {
		return j.to(r, AccountPath, tag), nil
	}
	return j.signInDoor(200, door{lang: tag}), nil
}

// beginSignIn poses the challenge. The script asks for it.
func (j *Journey) beginSignIn(r *web.Request) (web.Page, error) {
	return options(j.Register.BeginSignIn(r.Context()))
}

// signIn takes the answer of the key. Whatever is wrong with it, the page is the same.
func (j *Journey) signIn(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, nil)
	if err != nil {
		return web.Page{}, err
	}
	in, err := j.Register.FinishSignIn(r.Context(), credentialOf(f), r.Cookie().Reveal())
	if err != nil {
		return j.turnedAway(d, err)
	}
	return j.letIn(r, in, d)
}

// turnedAway shows the way in once more, with whatever it carried.
func (j *Journey) turnedAway(d door, err error) (web.Page, error) {
	switch {
	case errors.Is(err, people.ErrSignIn):
		d.notice = "sign-in.refused"
		return j.signInDoor(401, d), nil
	case away(err):
		d.notice = "sign-in.away"
		return j.signInDoor(503, d), nil
	}
	return web.Page{}, err
}

// options hands what the browser's own function reads to the script.
func options(text []byte, err error) (web.Page, error) {
	if err != nil {
		return web.Page{}, err
	}
	return web.Data(200, "application/json", text), nil
}

// credentialOf is what the browser said, as the script packed it. What cannot be unpacked is nothing, and the register
// refuses nothing like anything else.
func credentialOf(f web.Form) []byte {
	text, _ := f.One(fieldCredential)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return raw
}

func (j *Journey) signOut(r *web.Request) (web.Page, error) {
	if err := j.Register.SignOut(r.Context(), r.Cookie().Reveal()); err != nil {
		return web.Page{}, err
	}
	return j.to(r, SignInPath, j.tag(r, read(r).language)).WithoutSession(), nil
}
