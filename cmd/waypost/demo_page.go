package main

import (
	"embed"
	"fmt"
	"net/http"
	"slices"

	"waypost/referrals/people"
	"waypost/web"
	"waypost/web/desk"
	"waypost/web/staff"
)

const demoPath = "/demo"

//go:embed demo
var demoFiles embed.FS

// demoPages is the page on which a visitor takes the part of somebody in the county. Its buttons do with a software passkey
// what a browser does with a real one: there is no other way in, here or anywhere. Only a demonstration mounts it.
type demoPages struct {
	register *people.Register
	county   []*demoHouse
	links    []demoLink
	origin   string

	views  *web.Views
	shells map[string]*web.Shell
}

// Routes gives the page and its two buttons.
func (j *demoPages) Routes(k *web.Kit) ([]web.Route, error) {
	var err error
	if j.views, err = k.Views(demoFiles, nil, "demo/*.html"); err != nil {
		return nil, fmt.Errorf("page of the demonstration: %w", err)
	}
	j.shells = map[string]*web.Shell{}
	for _, l := range k.Words().Languages() {
		if j.shells[l.Tag], err = k.Shell(l.Tag, web.ShellSpec{Title: k.Text(l.Tag, "demo.heading"), Class: "staff"}); err != nil {
			return nil, fmt.Errorf("page of the demonstration: %w", err)
		}
	}
	return []web.Route{
		{Method: http.MethodGet, Path: demoPath, Policy: web.Entrance(), Handler: j.show},
		{Method: http.MethodPost, Path: demoPath, Policy: web.Entrance(), Handler: j.signIn},
		{Method: http.MethodPost, Path: demoPath + "/touch", Policy: web.Entrance(), Handler: j.touch},
	}, nil
}

// demoButton is one person on the page.
type demoButton struct {
	ID, Name string
	Roles    []string // ids of words
}

// demoWaiting is a link that a service may pick up, with the code that somebody would say on the phone.
type demoWaiting struct{ House, Link, Code string }

type demoGroup struct {
	Name, Kind string
	People     []demoButton
}

func (j *demoPages) show(r *web.Request) (web.Page, error) {
	tag := r.Language("").Tag
	var groups []demoGroup
	for _, h := range j.county {
		g := demoGroup{Name: h.name, Kind: "organisation." + string(h.kind)}
		for _, p := range h.people {
			b := demoButton{ID: p.id, Name: p.name}
			for _, role := range p.roles {
				b.Roles = append(b.Roles, "role."+string(role))
			}
			g.People = append(g.People, b)
		}
		groups = append(groups, g)
	}
	var links []demoWaiting
	for _, l := range j.links {
		links = append(links, demoWaiting{l.name, j.origin + desk.PathOf(l.link) + "#" + l.link.Token.Reveal(), l.link.Code.Reveal()})
	}
	name := ""
	if s, err := j.register.Resolve(r.Context(), r.Cookie().Reveal()); err == nil {
		name = s.Name.Reveal()
	}
	body, err := j.views.Fragment(tag, "demo", map[string]any{"Groups": groups, "Name": name, "Postcode": demoPostcode, "Links": links})
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{Shell: j.shells[tag], Body: []web.Fragment{body}}, nil
}

// signIn signs in as whoever the button names.
func (j *demoPages) signIn(r *web.Request) (web.Page, error) {
	f, _, err := r.Form(func(name string) web.Kind {
		if name == "who" {
			return web.One
		}
		return web.Refused
	})
	if err != nil {
		return web.Page{}, err
	}
	who, _ := f.One("who")
	p, ok := person(j.county, who)
	if !ok {
		return web.Page{}, web.ErrNotFound
	}
	in, err := p.key.signIn(r.Context(), j.register, r.Cookie().Reveal())
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{To: landing(in.Actor)}.WithSession(in.Token), nil
}

// touch is what a finger on the key is elsewhere: what is grave becomes possible for five minutes.
func (j *demoPages) touch(r *web.Request) (web.Page, error) {
	if _, _, err := r.Form(func(string) web.Kind { return web.Refused }); err != nil {
		return web.Page{}, err
	}
	cookie := r.Cookie().Reveal()
	s, err := j.register.Resolve(r.Context(), cookie)
	if err != nil {
		return web.Page{}, err
	}
	for _, h := range j.county {
		for _, p := range h.people {
			if p.member != s.Actor.Member() {
				continue
			}
			in, err := p.key.touch(r.Context(), j.register, cookie)
			if err != nil {
				return web.Page{}, err
			}
			return web.Page{To: landing(in.Actor)}.WithSession(in.Token), nil
		}
	}
	return web.Page{}, web.ErrNotFound // somebody whom a visitor invited: the key is the visitor's own
}

// landing is where somebody's work begins.
func landing(a people.Actor) string {
	if slices.Contains(a.Roles(), people.Auditor) {
		return "/audit"
	}
	for _, way := range []struct {
		action people.Action
		path   string
	}{{people.CaseList, desk.Path}, {people.CaseOwn, "/desk/own"}, {people.PacketRead, desk.InboxPath}, {people.DirectoryEdit, "/directory"}, {people.PeopleList, staff.PeoplePath}} {
		if people.May(a, way.action, a.Organisation()) == nil {
			return way.path
		}
	}
	return staff.AccountPath
}
