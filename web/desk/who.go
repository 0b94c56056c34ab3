package desk

import (
	"slices"

	"waypost/internal/trail"
	"waypost/referrals"
	"waypost/referrals/people"
	"waypost/web"
)

// looked is one line of who looked at a case.
type looked struct {
	At           *moment
	Name, Who    string // a name, or the words for somebody who has none here
	Action       string
	Denied       bool
	Reason, Code string
}

// who says who looked at a case and what was done with it. Colleagues are named only here and where they are kept away: a look
// at their names has entries of its own.
func (in room) who(r *web.Request) (web.Page, error) {
	a, c, err := in.asking(r, nothing)
	if err != nil {
		return web.Page{}, err
	}
	s := r.Session()
	all, whole, err := in.Desk.Looked(r.Context(), s.Actor, c.Reference)
	if err != nil {
		return web.Page{}, err
	}
	members, err := in.Register.Members(r.Context(), s.Actor)
	if err != nil {
		return web.Page{}, err
	}
	return in.within(s, 200, a.lang, "who", values{
		"Path": in.base + c.Reference, "Short": short(c.Reference), "Looked": in.lookedAt(all, members), "Whole": whole,
	})
}

func (j *Journey) lookedAt(all []referrals.Looked, members []people.Member) []looked {
	out := []looked{}
	for _, l := range all {
		one := looked{At: j.when(l.At), Action: l.Action, Denied: l.Outcome == trail.Denied, Code: l.Reason}
		if one.Name, one.Who = nameOf(l.Actor, members); one.Name == "" && l.Role == string(people.Machine) {
			one.Who = "desk.by.machine"
		}
		if words, ok := reasonWords[l.Reason]; ok {
			one.Reason, one.Code = words, ""
		}
		out = append(out, one)
	}
	return out
}

// nameOf is the name of a member, or the words for whoever has none here.
func nameOf(id string, members []people.Member) (name, words string) {
	if i := slices.IndexFunc(members, func(m people.Member) bool { return m.ID == id }); i >= 0 {
		return members[i].Name.Reveal(), ""
	}
	if id == "system" {
		return "", "desk.by.clock"
	}
	return "", "desk.by.service"
}
