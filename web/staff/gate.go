package staff

import (
	"errors"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/referrals/people"
	"waypost/web"
)

// keeps says what a form is worth when it comes without the right to: whether it is carried over the sign-in.
type keeps uint8

const (
	keepsForm       keeps = iota // carried, always
	keepsSignedIn                // carried while somebody is signed in: signing out needs no sign-in
	keepsNothing                 // nothing was typed: a ceremony, or a question of the script
	keepsForAnybody              // carried for whoever signs in: an open page of ours was filled in before anybody did
)

// For is the policy of a route: whoever calls it has a session and may do what the action names, and what is posted
// carries the token of that very session. Whoever may not is refused in the trail. What was typed is not lost: it comes
// back, for the same member, after the sign-in or the touch of the key.
func (j *Journey) For(action people.Action) web.Policy { return j.gate(action, keepsForm) }

// Into is For, for the one step from an open page of ours into signed-in ones, such as from a consultation to a referral. Who
// filled the page in was nobody yet, so no token is asked, and what was typed is carried for whoever signs in next at that
// browser. The handler behind it changes nothing: it shows what was sent, to the person who sent it.
func (j *Journey) Into(action people.Action) web.Policy { return j.gate(action, keepsForAnybody) }

func (j *Journey) gate(action people.Action, k keeps) web.Policy {
	return web.SignedIn(action, func(r *web.Request) (people.Session, error) { return j.admit(r, action, k) })
}

func (j *Journey) admit(r *web.Request, action people.Action, k keeps) (people.Session, error) {
	s, err := j.Register.Resolve(r.Context(), r.Cookie().Reveal())
	if err != nil {
		return people.Session{}, j.shown(r, people.Session{}, k, err)
	}
	if r.Method() != "GET" && k != keepsForAnybody {
		if err := s.CheckToken(read(r).token); err != nil {
			return people.Session{}, j.denied(r, s, action, "token", k, err)
		}
	}
	if err := people.May(s.Actor, action, s.Actor.Organisation()); err != nil {
		return people.Session{}, j.denied(r, s, action, "", k, err)
	}
	return s, nil
}

// denied writes the refusal into the trail; only then is it told.
func (j *Journey) denied(r *web.Request, s people.Session, action people.Action, reason string, k keeps, cause error) error {
	a := records.Act{Tenant: s.Actor.Organisation(), Actor: s.Actor.Member(), Action: string(action), Reason: reason}
	if err := j.Trail.Note(r.Context(), a, trail.Denied, "", ""); err != nil {
		return j.shown(r, s, k, err)
	}
	return j.shown(r, s, k, cause)
}

// Keeping is the handler with its refusals shown as the gate shows them: when the session or the step-up ended meanwhile,
// or the store is away, what was typed is carried on.
func (j *Journey) Keeping(h web.Handler) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		p, err := h(r)
		if err != nil {
			return web.Page{}, j.shown(r, r.Session(), keepsForm, err)
		}
		return p, nil
	}
}

// shown chooses the page for a refusal: sign in, touch the key, send it again, or wait. What is none of these stays what it
// is, and web/errors.go has the words.
func (j *Journey) shown(r *web.Request, s people.Session, k keeps, cause error) error {
	was := read(r)
	d := door{lang: j.tag(r, was.language), carried: was.pieces()}
	if k == keepsForAnybody {
		was.member, was.anybody = "", true
	}
	if k == keepsForm || k == keepsForAnybody || k == keepsSignedIn && s.Actor.Member() != "" {
		d.carried = j.seal(was)
		d.lost = was.method == "POST" && d.carried == nil && len(was.typed) > 0
	}
	switch {
	case errors.Is(cause, people.ErrNoSession):
		d.next = j.sealNext(AccountPath)
		if was.method == "GET" {
			d.next = j.sealNext(was.path)
		}
		return web.Instead(j.signInDoor(401, d))
	case errors.Is(cause, people.ErrStepUp):
		if was.method == "GET" {
			d.next = j.sealNext(was.path)
		}
		return web.Instead(j.stepUpDoor(403, s, d))
	case errors.Is(cause, people.ErrForged) && d.carried != nil && was.member == s.Actor.Member() && k == keepsNothing:
		return web.Instead(j.stepUpDoor(403, s, d)) // the page that waits for the key, with a token that counts
	case errors.Is(cause, people.ErrForged) && d.carried != nil && was.member == s.Actor.Member():
		return web.Instead(j.again(403, s, d.lang, j.carriedOf(was)))
	case errors.Is(cause, people.ErrForged) && d.carried != nil:
		d.notice = "resume.somebody-else"
		return web.Instead(j.signInDoor(403, d))
	case away(cause) && d.carried != nil:
		return web.Instead(j.waitDoor(d))
	}
	return cause
}

// away tells that the service cannot answer just now, which is nobody's fault and passes.
func away(err error) bool {
	for _, one := range []error{people.ErrBusy, people.ErrProvider, records.ErrUnavailable, records.ErrTrail} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}
