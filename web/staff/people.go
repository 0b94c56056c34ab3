package staff

import (
	"errors"
	"strings"

	"waypost/internal/vault"
	"waypost/referrals/people"
	"waypost/web"
)

// members shows the organisation's people, and to those who may change something the forms for it.
func (j *Journey) members(r *web.Request) (web.Page, error) { return j.membersWith(r, 200, "") }

func (j *Journey) membersWith(r *web.Request, status int, notice string) (web.Page, error) {
	s := r.Session()
	all, err := j.Register.Members(r.Context(), s.Actor)
	if err != nil {
		return web.Page{}, err
	}
	o, err := j.Register.Organisation(r.Context(), s.Actor)
	if err != nil {
		return web.Page{}, err
	}
	may := people.May(s.Actor, people.PeopleInvite, s.Actor.Organisation())
	changes := may == nil || errors.Is(may, people.ErrStepUp)
	list := []values{}
	for _, m := range all {
		list = append(list, values{
			"ID": m.ID, "Form": "role." + m.ID, "Name": m.Name.Reveal(), "Active": m.Active, "Enrolled": m.Enrolled(), "Self": m.ID == s.Actor.Member(),
			"Roles": rolesOf(s.Actor.Kind(), m.Roles), "Changes": changes && m.Active && m.ID != s.Actor.Member(),
		})
	}
	return j.within(status, j.tag(r, read(r).language), "people", s, values{
		"Notice": notice, "Organisation": o.Name.Reveal(), "Members": list, "Form": "role", "Changes": changes, "Roles": rolesOf(s.Actor.Kind(), nil),
		"Systems": len(people.Offers(s.Actor.Kind())) > 0,
	})
}

// role is a box to tick.
type role struct {
	ID, Words string
	On        bool
}

// rolesOf are the roles that a kind of organisation has.
func rolesOf(k people.Kind, held []people.Role) []role {
	out := []role{}
	for _, s := range people.Seats() {
		if s.Kind != k || !s.ForPeople() {
			continue
		}
		one := role{ID: string(s.Role), Words: roleWords[s.Role]}
		for _, h := range held {
			one.On = one.On || h == s.Role
		}
		out = append(out, one)
	}
	return out
}

func memberFields(name string) web.Kind {
	switch name {
	case "name":
		return web.Line
	case "role":
		return web.Many
	case "id":
		return web.One
	}
	return web.Refused
}

func asked(f web.Form) (id string, roles []people.Role) {
	id, _ = f.One("id")
	for _, one := range f.Many("role") {
		roles = append(roles, people.Role(one))
	}
	return id, roles
}

func (j *Journey) invite(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, memberFields)
	if err != nil {
		return web.Page{}, err
	}
	name, _ := f.One("name")
	_, roles := asked(f)
	_, token, err := j.Register.Invite(r.Context(), r.Session().Actor, strings.TrimSpace(name), roles)
	return j.linkOr(r, d, token, err)
}

func (j *Journey) inviteAgain(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, memberFields)
	if err != nil {
		return web.Page{}, err
	}
	id, _ := asked(f)
	token, err := j.Register.InviteAgain(r.Context(), r.Session().Actor, id)
	return j.linkOr(r, d, token, err)
}

// linkOr shows the link, this once. It is in the answer to a form and in no address, and it is handed over in person.
func (j *Journey) linkOr(r *web.Request, d door, token vault.Secret[string], err error) (web.Page, error) {
	switch {
	case errors.Is(err, people.ErrInvalid):
		return j.membersWith(r, 422, "people.not-valid")
	case err != nil:
		return web.Page{}, err
	}
	link := strings.TrimSuffix(j.PublicURL, "/") + enrolPath + "#" + token.Reveal()
	return j.within(200, d.lang, "link", r.Session(), values{"Link": link})
}

func (j *Journey) changeRoles(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, memberFields)
	if err != nil {
		return web.Page{}, err
	}
	id, roles := asked(f)
	switch err := j.Register.ChangeRoles(r.Context(), r.Session().Actor, id, roles); {
	case errors.Is(err, people.ErrInvalid):
		return j.membersWith(r, 422, "people.not-valid")
	case err != nil:
		return web.Page{}, err
	}
	return j.to(r, PeoplePath, d.lang), nil
}

func (j *Journey) revoke(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, memberFields)
	if err != nil {
		return web.Page{}, err
	}
	id, _ := asked(f)
	if err := j.Register.Revoke(r.Context(), r.Session().Actor, id); err != nil {
		return web.Page{}, err
	}
	return j.to(r, PeoplePath, d.lang), nil
}
