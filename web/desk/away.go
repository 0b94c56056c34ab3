package desk

import (
	"slices"

	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web"
)

// person is a colleague on a list.
type person struct {
	ID, Name string
	Away     bool
	Fixed    bool // oneself, or who opened the case: neither is kept away
}

// away lists the colleagues and who of them is kept away from a case. It looks whether anybody is left who could decide it:
// the room below does not know the members.
func (in room) away(r *web.Request) (web.Page, error) {
	a, c, err := in.asking(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	s := r.Session()
	all, err := in.Register.Colleagues(r.Context(), s.Actor)
	if err != nil {
		return web.Page{}, err
	}
	return in.within(s, 200, a.lang, "away", values{
		"Path": in.base + c.Reference, "Short": short(c.Reference), "People": peopleOf(s, c, all), "Rev": c.Rev,
		"Changes": in.base == CasePath || c.OpenedBy == s.Actor.Member(), "Nobody": people.NobodyDecides(all, c.Excluded),
	})
}

func peopleOf(s people.Session, c referrals.Case, all []people.Colleague) []person {
	out := []person{}
	for _, m := range all {
		out = append(out, person{
			ID: m.ID, Name: m.Name.Reveal(), Away: slices.Contains(c.Excluded, m.ID), Fixed: m.ID == s.Actor.Member() || m.ID == c.OpenedBy,
		})
	}
	return out
}

// exclude keeps a colleague away from a case, or lets one near again.
func (in room) exclude(r *web.Request) (web.Page, error) {
	a, err := in.read(r, kinds(map[string]web.Kind{"rev": web.One, "id": web.One, "away": web.One}))
	if err != nil {
		return web.Page{}, err
	}
	id, _ := a.One("id")
	away, _ := a.One("away")
	c, err := in.Desk.Exclude(r.Context(), r.Session().Actor, r.Param("ref"), revOf(a), id, away != "no")
	if err != nil {
		return in.refused(r, a, c, err)
	}
	return in.to(r, in.base+c.Reference+"/away", a.lang), nil
}
