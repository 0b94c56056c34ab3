package refer

import (
	"slices"

	"waypost/referrals/people"
	"waypost/web"
)

// listStaff is what the button says that asks for the names of colleagues.
const listStaff = "staff"

// awayView is who of the staff must not see the case. Names are looked up when somebody asks for them, not for every page.
type awayView struct {
	Listed, Nobody bool
	Count          int
	People         []colleagueView
}

type colleagueView struct {
	ID, Name string
	On       bool
}

// awayOf looks the colleagues up if asked to, with an entry in the trail, and whether anybody would be left to decide.
func (j *Journey) awayOf(r *web.Request, p posted, lookUp bool) (awayView, error) {
	v := awayView{Count: len(p.away)}
	if !lookUp {
		return v, nil
	}
	all, err := j.People.Colleagues(r.Context(), r.Session().Actor)
	if err != nil {
		return awayView{}, err
	}
	for _, c := range all {
		if c.ID != p.member {
			v.People = append(v.People, colleagueView{c.ID, c.Name.Reveal(), slices.Contains(p.away, c.ID)})
		}
	}
	v.Listed, v.Nobody = true, len(p.away) > 0 && people.NobodyDecides(all, p.away)
	return v, nil
}
