package staff

import (
	"errors"
	"strconv"
	"strings"

	"waypost/referrals/people"
	"waypost/web"
)

// account shows who one is here, where one is signed in, and one's keys.
func (j *Journey) account(r *web.Request) (web.Page, error) { return j.accountWith(r, 200, "") }

func (j *Journey) accountWith(r *web.Request, status int, notice string) (web.Page, error) {
	s, ctx := r.Session(), r.Context()
	o, err := j.Register.Organisation(ctx, s.Actor)
	if err != nil {
		return web.Page{}, err
	}
	seen, err := j.Register.Sessions(ctx, s)
	if err != nil {
		return web.Page{}, err
	}
	keys, err := j.Register.Passkeys(ctx, r.Cookie().Reveal())
	if err != nil {
		return web.Page{}, err
	}
	sessions, passkeys, roles := []values{}, []values{}, []string{}
	for _, one := range seen {
		sessions = append(sessions, values{"Began": when(one.Began), "Last": when(one.Last), "This": one.This, "Way": wayWords[one.Way]})
	}
	for _, one := range keys {
		passkeys = append(passkeys, values{"ID": one.ID, "Added": when(one.Added), "Synced": one.Synced, "Copied": one.Copied})
	}
	for _, one := range s.Actor.Roles() {
		roles = append(roles, roleWords[one])
	}
	return j.within(status, j.tag(r, read(r).language), "account", s, values{
		"Notice": notice, "Languages": j.languages(), "Name": s.Name.Reveal(), "Organisation": o.Name.Reveal(), "Code": o.ID, "Kind": kindWords[o.Kind],
		"Roles": roles, "Sessions": sessions, "Keys": passkeys, "Fresh": s.Actor.Fresh(), "ByProvider": s.Way == people.ByProvider,
		"Ways": j.waysOf(s.Actor),
	})
}

// waysOf are the pages that the actor may open.
func (j *Journey) waysOf(a people.Actor) (out []Way) {
	own := []Way{{PeoplePath, "people.heading", people.PeopleList}, {CompanyPath, "company.heading", people.PartnerPage}}
	if len(people.Offers(a.Kind())) > 0 {
		own = append(own, Way{ClientsPath, "clients.heading", people.PeopleList})
	}
	for _, w := range append(own, j.Ways...) {
		if people.May(a, w.Action, a.Organisation()) == nil {
			out = append(out, w)
		}
	}
	return out
}

// stay says how many seconds are left, to a script that asked because somebody pressed a button. Asking is what keeps the
// session.
func (j *Journey) stay(r *web.Request) (web.Page, error) {
	s := r.Session()
	text := `{"warn":` + strconv.Itoa(j.secondsTo(s.WarnAt)) + `,"end":` + strconv.Itoa(j.secondsTo(s.EndsAt)) + `}`
	return web.Data(200, "application/json", []byte(text)), nil
}

func (j *Journey) endSessions(r *web.Request) (web.Page, error) {
	if err := j.Register.EndSessions(r.Context(), r.Session()); err != nil {
		return web.Page{}, err
	}
	return j.signInDoor(200, door{lang: j.tag(r, read(r).language), notice: "account.sessions-ended"}).WithoutSession(), nil
}

func (j *Journey) switchTo(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, one("organisation"))
	if err != nil {
		return web.Page{}, err
	}
	organisation, _ := f.One("organisation")
	in, err := j.Register.Switch(r.Context(), r.Cookie().Reveal(), organisation)
	if err != nil {
		return web.Page{}, err
	}
	return j.letIn(r, in, door{lang: d.lang})
}

// join takes up a second organisation's invitation with the keys one has. The field takes the link as it was handed over.
func (j *Journey) join(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, func(name string) web.Kind {
		if name == fieldInvite {
			return web.Line
		}
		return web.Refused
	})
	if err != nil {
		return web.Page{}, err
	}
	link, _ := f.One(fieldInvite)
	token := strings.TrimSpace(link[strings.LastIndexByte(link, '#')+1:])
	in, err := j.Register.Join(r.Context(), r.Cookie().Reveal(), token)
	if errors.Is(err, people.ErrInvite) {
		return j.accountWith(r, 410, "enrol.no-use")
	}
	if err != nil {
		return web.Page{}, err
	}
	return j.letIn(r, in, door{lang: d.lang})
}

func one(field string) func(string) web.Kind {
	return func(name string) web.Kind {
		if name == field {
			return web.One
		}
		return web.Refused
	}
}
