package main

import (
	"context"
	"fmt"
	"slices"

	"waypost/internal/vault"
	"waypost/referrals/people"
)

// demoPerson is one invented member, with the software passkey that opens the place.
type demoPerson struct {
	id, name string
	roles    []people.Role
	house    *demoHouse
	key      demoKey
	member   string
	cookie   string // while the story is played
}

// demoHouse is one invented organisation. Its first person is the lead who invites the others.
type demoHouse struct {
	id, name string
	kind     people.Kind
	people   []*demoPerson
	tenant   string // its id, once founded
}

func somebody(id, name string, roles ...people.Role) *demoPerson {
	return &demoPerson{id: id, name: name, roles: roles}
}

// newCounty lists who there is in the county. Every name says that it is an example; nobody has it.
func newCounty() []*demoHouse {
	return []*demoHouse{
		{id: "practice", name: "Example Practice", kind: people.Practice, people: []*demoPerson{
			somebody("lead", "Example Lead", people.Lead), somebody("second-lead", "Example Second Lead", people.Lead),
			somebody("clinician", "Example Clinician", people.Clinician), somebody("second-clinician", "Example Second Clinician", people.Clinician),
			somebody("auditor", "Example Auditor", people.Auditor),
		}},
		{id: "team", name: "Example Safeguarding Team", kind: people.SafeguardingTeam, people: []*demoPerson{
			somebody("team-lead", "Example Team Lead", people.Lead), somebody("second-team-lead", "Example Second Team Lead", people.Lead),
			somebody("editor", "Example Directory Editor", people.DirectoryEditor),
		}},
		{id: "aid", name: "Example Domestic Abuse Service", kind: people.ReceivingService, people: []*demoPerson{
			somebody("aid-lead", "Example Service Manager", people.Lead), somebody("advocate", "Example Advocate", people.Receiver),
		}},
		{id: "front-door", name: "Example Children’s Front Door", kind: people.ReceivingService, people: []*demoPerson{
			somebody("front-door-lead", "Example Front Door Manager", people.Lead), somebody("worker", "Example Social Worker", people.Receiver),
		}},
		{id: "stalking", name: "Example Stalking Service", kind: people.ReceivingService, people: []*demoPerson{
			somebody("stalking-lead", "Example Stalking Service Manager", people.Lead), somebody("adviser", "Example Stalking Adviser", people.Receiver),
		}},
		{id: "company", name: "Example Implant Company", kind: people.ImplantCompany, people: []*demoPerson{somebody("company-lead", "Example Company Lead", people.Lead)}},
	}
}

// settle founds a house and lets its people take their places: each by an invitation and a key of their own, through the
// ceremonies that a browser goes through.
func (h *demoHouse) settle(ctx context.Context, r *people.Register, origin string) error {
	lead := h.people[0]
	o, invitation, err := r.Found(ctx, h.kind, h.name, lead.name)
	if err != nil {
		return err
	}
	h.tenant = o.ID
	if h.kind == people.ReceivingService { // its service in demo/services.csv has the same name
		if err := r.AnswerFromConsole(ctx, o.ID, "example-"+h.id); err != nil {
			return err
		}
	}
	in, err := lead.enrol(ctx, r, h, origin, invitation)
	if err != nil {
		return err
	}
	if len(h.people) > 1 {
		if in, err = lead.key.touch(ctx, r, in.Token.Reveal()); err != nil { // inviting is grave
			return err
		}
	}
	for _, p := range h.people[1:] {
		_, invitation, err := r.Invite(ctx, in.Actor, p.name, p.roles)
		if err != nil {
			return err
		}
		if _, err := p.enrol(ctx, r, h, origin, invitation); err != nil {
			return err
		}
	}
	return nil
}

func (p *demoPerson) enrol(ctx context.Context, r *people.Register, h *demoHouse, origin string, invitation vault.Secret[string]) (people.SignedIn, error) {
	key, err := newDemoKey(origin)
	if err != nil {
		return people.SignedIn{}, err
	}
	in, err := key.enrol(ctx, r, invitation)
	if err != nil {
		return in, fmt.Errorf("%s takes a place: %w", p.id, err)
	}
	p.house, p.key, p.member = h, key, in.Actor.Member()
	return in, nil
}

// person finds somebody by id.
func person(county []*demoHouse, id string) (*demoPerson, bool) {
	for _, h := range county {
		if i := slices.IndexFunc(h.people, func(p *demoPerson) bool { return p.id == id }); i >= 0 {
			return h.people[i], true
		}
	}
	return nil, false
}
