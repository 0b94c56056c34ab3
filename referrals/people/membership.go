package people

import (
	"context"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"waypost/internal/records"
	"waypost/internal/vault"
)

const longestName = 200

func checkName(name string) error {
	bad := func(c rune) bool {
		return unicode.IsControl(c) || c == utf8.RuneError || unicode.Is(unicode.Bidi_Control, c)
	}
	if name == "" || len(name) > longestName || slices.ContainsFunc([]rune(name), bad) {
		return fmt.Errorf("%w: name", ErrInvalid)
	}
	return nil
}

// Invite makes a member of the actor's organisation and the token of a link by which one person, once, within 72 hours,
// takes the place. Show the token and forget it.
func (r *Register) Invite(ctx context.Context, a Actor, name string, roles []Role) (Member, vault.Secret[string], error) {
	act, err := r.Permit(ctx, a, PeopleInvite, a.organisation)
	if err != nil {
		return Member{}, vault.Secret[string]{}, err
	}
	return r.addMember(ctx, act, Organisation{ID: a.organisation, Kind: a.kind}, name, roles)
}

func (r *Register) addMember(ctx context.Context, a records.Act, o Organisation, name string, roles []Role) (Member, vault.Secret[string], error) {
	none := vault.Secret[string]{}
	if err := checkName(name); err != nil {
		return Member{}, none, err
	}
	if err := checkRoles(o.Kind, roles); err != nil {
		return Member{}, none, err
	}
	id, err := r.rest.safe.NewID()
	if err != nil {
		return Member{}, none, err
	}
	m := rested[memberForm]{
		kind: kindMember, id: id, blind: r.keys.Blind(o.ID, "member.all", o.ID),
		content: memberForm{Name: name, Roles: slices.Clone(roles), Active: true},
	}
	if err := r.saveMember(ctx, in(a, o.ID), m); err != nil {
		return Member{}, none, err
	}
	m.rev = 1
	token, err := r.issue(ctx, a, o.ID, id)
	return memberOf(o.ID, m), token, err
}

// InviteAgain gives a member a new link, for a key that was lost: another lead does it, for there is no other way back.
// When the link is taken up, the keys that opened the place before open it no more.
func (r *Register) InviteAgain(ctx context.Context, a Actor, member string) (vault.Secret[string], error) {
	by, err := a.may(PeopleInvite, a.organisation)
	if err == nil && member == a.member {
		err = fmt.Errorf("invite oneself: %w", ErrForbidden)
	}
	if err != nil {
		return vault.Secret[string]{}, r.refused(ctx, a, PeopleInvite, by, member, err)
	}
	return r.inviteAgain(ctx, a.act(by, PeopleInvite), a.organisation, member)
}

// InviteFromConsole is InviteAgain for whoever runs the machine, when no lead is left who can sign in.
func (r *Register) InviteFromConsole(ctx context.Context, organisation, member string) (vault.Secret[string], error) {
	return r.inviteAgain(ctx, operator(organisation, PeopleInvite), organisation, member)
}

func (r *Register) inviteAgain(ctx context.Context, a records.Act, organisation, member string) (vault.Secret[string], error) {
	m, err := load[memberForm](ctx, r.rest, a, kindMember, member)
	if err != nil {
		return vault.Secret[string]{}, err
	}
	if !m.content.Active {
		return vault.Secret[string]{}, fmt.Errorf("invite %s: %w", member, ErrNotFound)
	}
	return r.issue(ctx, a, organisation, member)
}

// Members lists the actor's organisation, at most 200 places, ended ones included.
func (r *Register) Members(ctx context.Context, a Actor) ([]Member, error) {
	act, err := r.Permit(ctx, a, PeopleList, a.organisation)
	if err != nil {
		return nil, err
	}
	return r.members(ctx, act, a.organisation)
}

// MembersFromConsole is Members for whoever runs the machine.
func (r *Register) MembersFromConsole(ctx context.Context, organisation string) ([]Member, error) {
	return r.members(ctx, operator(organisation, PeopleList), organisation)
}

func (r *Register) members(ctx context.Context, a records.Act, organisation string) ([]Member, error) {
	found, err := find[memberForm](ctx, r.rest, a, kindMember, r.keys.Blind(organisation, "member.all", organisation))
	if err != nil {
		return nil, err
	}
	out := make([]Member, len(found))
	for i, m := range found {
		out[i] = memberOf(organisation, m)
	}
	return out, nil
}

// ChangeRoles gives a member other roles. Every session of the member ends; none keeps what it could do before.
func (r *Register) ChangeRoles(ctx context.Context, a Actor, member string, roles []Role) error {
	if err := checkRoles(a.kind, roles); err != nil {
		return err
	}
	return r.changeMember(ctx, a, PeopleRoles, member, func(m *memberForm) { m.Roles = slices.Clone(roles) })
}

// Revoke ends a membership, its sessions and its unused links, at once.
func (r *Register) Revoke(ctx context.Context, a Actor, member string) error {
	return r.changeMember(ctx, a, PeopleRevoke, member, func(m *memberForm) { m.Active = false })
}

// changeMember writes the membership first: from then on no request gets through, whether or not the sessions could be
// destroyed. An organisation keeps an active lead who can sign in, so nobody changes their own place.
func (r *Register) changeMember(ctx context.Context, a Actor, action Action, member string, to func(*memberForm)) error {
	by, err := a.may(action, a.organisation)
	if err == nil && member == a.member {
		err = fmt.Errorf("%s of oneself: %w", action, ErrForbidden)
	}
	if err != nil {
		return r.refused(ctx, a, action, by, member, err)
	}
	m, err := load[memberForm](ctx, r.rest, a.act(by, action), kindMember, member)
	if err != nil {
		return err
	}
	to(&m.content)
	if err := r.saveMember(ctx, a.act(by, action), m); err != nil {
		return err
	}
	if !m.content.Active {
		if err := r.withdraw(ctx, a.act(by, action), a.organisation, member); err != nil {
			return err
		}
	}
	return r.endAll(ctx, a.act(by, SessionEnd), "session.member", placeOf(a.organisation, member))
}
