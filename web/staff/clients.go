package staff

import (
	"errors"
	"strings"

	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/smart"
)

// clients shows the other systems that act for the organisation, and to whoever may change something the forms for it.
func (j *Journey) clients(r *web.Request) (web.Page, error) { return j.clientsWith(r, 200, "") }

func (j *Journey) clientsWith(r *web.Request, status int, notice string) (web.Page, error) {
	s := r.Session()
	all, err := j.Register.Clients(r.Context(), s.Actor)
	if err != nil {
		return web.Page{}, err
	}
	o, err := j.Register.Organisation(r.Context(), s.Actor)
	if err != nil {
		return web.Page{}, err
	}
	may := people.May(s.Actor, people.ClientRegister, s.Actor.Organisation())
	changes := may == nil || errors.Is(may, people.ErrStepUp)
	list := []values{}
	for _, c := range all {
		list = append(list, values{
			"ID": c.ID, "Public": c.Public(), "Name": c.Name.Reveal(), "Active": c.Active, "Since": when(c.Since), "Keys": c.Keys,
			"May": mayOf(s.Actor.Kind(), c.Scopes, true), "Changes": changes && c.Active,
		})
	}
	base := strings.TrimSuffix(j.PublicURL, "/")
	offers := mayOf(s.Actor.Kind(), nil, false)
	return j.within(status, j.tag(r, read(r).language), "clients", s, values{
		"Notice": notice, "Organisation": o.Name.Reveal(), "Clients": list, "Offers": offers, "Changes": changes && len(offers) > 0,
		"Base": base + smart.Base, "Endpoint": base + smart.EndpointPath,
	})
}

// mayOf are the parts among which a lead chooses, or those of them that a client holds.
func mayOf(k people.Kind, held []people.Scope, onlyHeld bool) []role {
	out := []role{}
	for _, o := range people.Offers(k) {
		one := role{ID: o.Resource + "." + o.Letters, Words: scopeWords[o.Resource+"."+o.Letters]}
		for _, h := range held {
			one.On = one.On || h.Resource == o.Resource && strings.Contains(h.Letters, o.Letters[:1])
		}
		if one.On || !onlyHeld {
			out = append(out, one)
		}
	}
	return out
}

func clientFields(name string) web.Kind {
	switch name {
	case "name":
		return web.Line
	case "keys":
		return web.Document
	case "scope":
		return web.Many
	case "id":
		return web.One
	}
	return web.Refused
}

func (j *Journey) registerClient(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, clientFields)
	if err != nil {
		return web.Page{}, err
	}
	name, _ := f.One("name")
	keys, _ := f.One("keys")
	var scopes []people.Scope
	for _, one := range f.Many("scope") {
		resource, letters, _ := strings.Cut(one, ".")
		scopes = append(scopes, people.Scope{Resource: resource, Letters: letters})
	}
	_, err = j.Register.RegisterClient(r.Context(), r.Session().Actor, strings.TrimSpace(name), keys, scopes)
	switch {
	case errors.Is(err, people.ErrInvalid):
		return j.clientsWith(r, 422, "clients.not-valid")
	case errors.Is(err, people.ErrKeySet):
		return j.clientsWith(r, 422, "clients.keys-not-valid")
	case errors.Is(err, people.ErrFull):
		return j.clientsWith(r, 422, "clients.full")
	case errors.Is(err, people.ErrSecret):
		return j.clientsWith(r, 422, "clients.secret")
	case err != nil:
		return web.Page{}, err
	}
	return j.to(r, ClientsPath, d.lang), nil
}

func (j *Journey) revokeClient(r *web.Request) (web.Page, error) {
	f, d, err := j.doorOf(r, clientFields)
	if err != nil {
		return web.Page{}, err
	}
	id, _ := f.One("id")
	if err := j.Register.RevokeClient(r.Context(), r.Session().Actor, id); err != nil {
		return web.Page{}, err
	}
	return j.to(r, ClientsPath, d.lang), nil
}
