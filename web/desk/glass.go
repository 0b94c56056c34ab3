package desk

import (
	"errors"

	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web"
)

const (
	glassPath = "/desk/glass"
	breakPath = "/desk/break"
)

// glassRoutes are the pages of broken glass: to break it, and to judge it afterwards.
func (j *Journey) glassRoutes() []web.Route {
	return []web.Route{
		j.on("GET", breakPath, people.CaseOwn, j.breakPage),
		j.on("POST", breakPath, people.BreakGlass, j.breakGlass),
		j.on("GET", glassPath, people.BreakGlassReview, j.glass),
		j.on("POST", glassPath, people.BreakGlassReview, j.review),
	}
}

var glassFields = map[string]web.Kind{"ref": web.Line, "reason": web.One, "id": web.One, "verdict": web.One, "due": web.One}

func (j *Journey) breakPage(r *web.Request) (web.Page, error) {
	a, err := j.read(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	return j.breakWith(r, 200, a, "")
}

func (j *Journey) breakWith(r *web.Request, status int, a asked, notice string) (web.Page, error) {
	reasons := []option{}
	for _, one := range people.Reasons() {
		reasons = append(reasons, option{string(one), said(reasonWords, string(one)), a.typed.Get("reason") == string(one)})
	}
	return j.within(r.Session(), status, a.lang, "break", values{"Notice": notice, "Reasons": reasons, "Ref": a.typed.Get("ref")})
}

// breakGlass opens one case for an hour. The reference is typed: nobody finds a case here by searching for one.
func (j *Journey) breakGlass(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(glassFields))
	if err != nil {
		return web.Page{}, err
	}
	ref, _ := a.One("ref")
	reason, _ := a.One("reason")
	err = j.Desk.BreakGlass(r.Context(), r.Session().Actor, reference(ref), people.Reason(reason))
	switch {
	case errors.Is(err, referrals.ErrNotFound), errors.Is(err, people.ErrInvalid):
		return j.breakWith(r, 404, a, "desk.break.no-such")
	case err != nil:
		return web.Page{}, err
	}
	base := OwnPath
	if people.May(r.Session().Actor, people.CaseRead, r.Session().Actor.Organisation()) == nil {
		base = CasePath
	}
	return j.to(r, base+reference(ref), a.lang), nil
}

// reference is what was typed, if it can be one.
func reference(typed string) string {
	out := make([]byte, 0, len(typed))
	for i := 0; i < len(typed); i++ {
		switch b := typed[i]; {
		case b >= 'A' && b <= 'F':
			out = append(out, b+'a'-'A')
		case b >= 'a' && b <= 'f', b >= '0' && b <= '9':
			out = append(out, b)
		case b == ' ' || b == '-':
		default:
			return "none"
		}
	}
	if len(out) != 32 {
		return "none"
	}
	return string(out)
}

type broken struct {
	ID, Path, Short, Reason string
	Name, Who               string
	Given, Due              *moment
}

// glass lists what a second person has not looked at yet.
func (j *Journey) glass(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(glassFields))
	if err != nil {
		return web.Page{}, err
	}
	s := r.Session()
	all, next, err := j.Desk.Glasses(r.Context(), s.Actor, cursorOf(a), perPage)
	if err != nil {
		return web.Page{}, err
	}
	var members []people.Member
	if len(all) > 0 {
		if members, err = j.Register.Members(r.Context(), s.Actor); err != nil {
			return web.Page{}, err
		}
	}
	list := []broken{}
	for _, g := range all {
		one := broken{
			ID: g.ID, Path: CasePath + g.Grant.Case, Short: short(g.Grant.Case), Reason: said(reasonWords, string(g.Grant.Reason)),
			Given: j.when(g.Grant.Given), Due: j.when(g.Due),
		}
		one.Name, one.Who = nameOf(g.Grant.Member, members)
		list = append(list, one)
	}
	return j.within(s, 200, a.lang, "glass", values{"List": list, "Next": nextOf(a, next)})
}

func (j *Journey) review(r *web.Request) (web.Page, error) {
	a, err := j.read(r, kinds(glassFields))
	if err != nil {
		return web.Page{}, err
	}
	id, _ := a.One("id")
	verdict, _ := a.One("verdict")
	if err := j.Desk.ReviewGlass(r.Context(), r.Session().Actor, id, referrals.Verdict(verdict)); err != nil {
		return web.Page{}, err
	}
	return j.to(r, glassPath, a.lang), nil
}
