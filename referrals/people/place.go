package people

import (
	"context"
	"fmt"

	"waypost/internal/records"
	"waypost/internal/vault"
)

// What rests of an organisation and of a member, under the organisation's own tenant.
type organisationForm struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"`
}

type memberForm struct {
	Name    string `json:"name"`
	Roles   []Role `json:"roles"`
	Active  bool   `json:"active"`
	Account string `json:"account,omitempty"`
}

// standingForm is what a membership allows, without the name: what every request reads. It is written with the membership,
// in one commit and under the same revision.
type standingForm struct {
	Roles  []Role `json:"roles"`
	Active bool   `json:"active"`
}

// saveMember writes a membership and what it allows.
func (r *Register) saveMember(ctx context.Context, a records.Act, m rested[memberForm]) error {
	is, err := put(m)
	if err != nil {
		return err
	}
	allows, err := put(rested[standingForm]{
		kind: kindStanding, id: m.id, rev: m.rev, content: standingForm{m.content.Roles, m.content.Active},
	})
	if err != nil {
		return err
	}
	return r.rest.write(ctx, a, is, allows)
}

func memberOf(organisation string, m rested[memberForm]) Member {
	return Member{
		ID: m.id, Organisation: organisation, Name: vault.Keep(m.content.Name), Roles: m.content.Roles,
		Active: m.content.Active, account: m.content.Account, rev: m.rev,
	}
}

// operator is whoever can run commands on the machine: no member of anything, and no more than this file lets it do.
func operator(tenant string, action Action) records.Act {
	return records.Act{Tenant: tenant, Actor: "operator", Action: string(action)}
}

func (a Actor) act(by Role, action Action) records.Act {
	return records.Act{Tenant: a.organisation, Actor: a.member, Role: string(by), Action: string(action)}
}

// Found makes an organisation with its first lead and returns the lead's invitation. It is for the command line: no page
// makes an organisation.
func (r *Register) Found(ctx context.Context, kind Kind, name, lead string) (Organisation, vault.Secret[string], error) {
	none := vault.Secret[string]{}
	if !kind.exists() || checkName(name) != nil || checkName(lead) != nil {
		return Organisation{}, none, fmt.Errorf("found organisation: %w", ErrInvalid)
	}
	id, err := r.rest.safe.NewID()
	if err != nil {
		return Organisation{}, none, err
	}
	first, err := put(rested[organisationForm]{kind: kindOrganisation, id: id, content: organisationForm{kind, name}})
	if err != nil {
		return Organisation{}, none, err
	}
	a := operator(id, "organisation.found")
	if err := r.rest.write(ctx, a, first); err != nil {
		return Organisation{}, none, err
	}
	o := Organisation{ID: id, Kind: kind, Name: vault.Keep(name)}
	_, token, err := r.addMember(ctx, a, o, lead, []Role{Lead})
	return o, token, err
}

// Organisation reads the actor's own.
func (r *Register) Organisation(ctx context.Context, a Actor) (Organisation, error) {
	return r.organisation(ctx, a.act("", "organisation.read"), a.organisation)
}

func (r *Register) organisation(ctx context.Context, a records.Act, id string) (Organisation, error) {
	o, err := load[organisationForm](ctx, r.rest, in(a, id), kindOrganisation, id)
	if err != nil {
		return Organisation{}, err
	}
	return Organisation{ID: id, Kind: o.content.Kind, Name: vault.Keep(o.content.Name)}, nil
}
