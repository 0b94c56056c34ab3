package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/records"
	"waypost/internal/trail"
)

// BeginEnrol looks at an invitation and asks the browser for a new key. It uses nothing up: a scanner of links or a second
// try does no harm. The answer is the JSON for PublicKeyCredential.parseCreationOptionsFromJSON, under publicKey.
func (r *Register) BeginEnrol(ctx context.Context, token string) ([]byte, error) {
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	inv, m, err := r.invited(ctx, forEnrol, token)
	if err != nil {
		return nil, err
	}
	account, err := r.newAccountID()
	if err != nil {
		return nil, err
	}
	return r.askForKey(ctx, userOf(account, m.Name.Reveal(), accountForm{}), challengeForm{For: forEnrol, Invite: inv.id, Account: account})
}

func (r *Register) askForKey(ctx context.Context, who user, c challengeForm) ([]byte, error) {
	challenge, err := r.newChallenge()
	if err != nil {
		return nil, err
	}
	var held []protocol.CredentialDescriptor
	for _, k := range who.keys {
		held = append(held, k.Descriptor())
	}
	options, data, err := r.rp.BeginRegistration(who, webauthn.WithExclusions(held),
		func(o *protocol.PublicKeyCredentialCreationOptions) error { o.Challenge = challenge; return nil })
	if err != nil {
		return nil, fmt.Errorf("ask for a key: %w", ErrConfig)
	}
	if err := r.pose(ctx, c, data); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// invited reads an invitation and the place it leads to.
func (r *Register) invited(ctx context.Context, action, token string) (rested[inviteForm], Member, error) {
	inv, err := r.invitation(ctx, nobody(action), token)
	if err != nil {
		return inv, Member{}, err
	}
	a := records.Act{Tenant: inv.content.Organisation, Actor: "nobody", Action: action}
	m, err := load[memberForm](ctx, r.rest, a, kindMember, inv.content.Member)
	if isNotThere(err) || err == nil && !m.content.Active {
		return inv, Member{}, ErrInvite
	}
	return inv, memberOf(inv.content.Organisation, m), err
}

// FinishEnrol takes the new key, uses the invitation up and signs the person in. Of two that race for one invitation one
// wins; the other gets ErrInvite and has written nothing.
func (r *Register) FinishEnrol(ctx context.Context, token string, credential []byte, previous string) (SignedIn, error) {
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	defer leave()
	inv, _, err := r.invited(ctx, forEnrol, token)
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, forEnrol, "", "invite", err)
	}
	c, key, err := r.newKey(ctx, forEnrol, credential, "", func(c challengeForm) (user, error) {
		if c.Invite != inv.id {
			return user{}, ErrSignIn
		}
		return userOf(c.Account, "", accountForm{}), nil
	})
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, forEnrol, "", "key", err)
	}
	acc := rested[accountForm]{kind: kindAccount, id: c.Account, content: accountForm{Keys: []keyForm{key}}}
	return r.takeUp(ctx, forEnrol, inv, acc, sessionForm{Way: ByKey}, previous)
}

// newKey checks the browser's answer to askForKey.
func (r *Register) newKey(ctx context.Context, purpose string, credential []byte, session string, who func(challengeForm) (user, error)) (challengeForm, keyForm, error) {
	p, err := parseCreation(credential)
	if err != nil {
		return challengeForm{}, keyForm{}, err
	}
	c, data, err := r.take(ctx, purpose, p.Raw.AttestationResponse.ClientDataJSON)
	if err != nil {
		return c, keyForm{}, err
	}
	u, err := who(c)
	if err != nil || c.Session != session {
		return c, keyForm{}, errors.Join(ErrSignIn, err)
	}
	made, err := r.rp.CreateCredential(u, data, p)
	if err != nil || u.holds(made.ID) {
		return c, keyForm{}, ErrSignIn // the library's words quote what was sent
	}
	key, err := r.keyOf(made)
	return c, key, err
}

// takeUp uses the invitation up and gives its place to the account, which may be new. The account and the end of the
// invitation are one commit, the membership's word for it the next: killed between the two, the place is open to nobody
// and a lead invites again.
func (r *Register) takeUp(ctx context.Context, action string, inv rested[inviteForm], acc rested[accountForm], s sessionForm, previous string) (SignedIn, error) {
	place := placeForm(inv.content)
	acc.content.Places = append([]placeForm{place}, acc.content.Places...)
	saved, err := put(acc)
	if err != nil {
		return SignedIn{}, err
	}
	a := records.Act{Tenant: house, Actor: place.Member, Action: action}
	if err := r.rest.write(ctx, a, gone(inv), saved); isTaken(err) {
		return SignedIn{}, r.turnAway(ctx, action, "", "invite", ErrInvite)
	} else if err != nil {
		return SignedIn{}, err
	}
	a = in(a, place.Organisation)
	m, err := load[memberForm](ctx, r.rest, a, kindMember, place.Member)
	if err != nil {
		return SignedIn{}, err
	}
	if !m.content.Active {
		return SignedIn{}, ErrInvite
	}
	m.content.Account = acc.id
	if err := r.saveMember(ctx, a, m); err != nil {
		return SignedIn{}, err
	}
	// The keys that opened the place before are somebody else's now.
	if err := r.endAll(ctx, a, "session.member", placeOf(place.Organisation, place.Member)); err != nil {
		return SignedIn{}, err
	}
	return r.admitAccount(ctx, action, acc, s, place.Organisation, previous)
}

// Join takes up an invitation with the keys one already has, for somebody who works for two organisations. The session
// goes on in the new one.
func (r *Register) Join(ctx context.Context, cookie, token string) (SignedIn, error) {
	s, err := r.Resolve(ctx, cookie)
	if err != nil {
		return SignedIn{}, err
	}
	if !s.Actor.fresh {
		return SignedIn{}, ErrStepUp
	}
	inv, _, err := r.invited(ctx, "join", token)
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, "join", "", "invite", err)
	}
	acc, err := load[accountForm](ctx, r.rest, in(s.Actor.act("", "join"), house), kindAccount, s.rested.content.Account)
	if err != nil {
		return SignedIn{}, err
	}
	return r.takeUp(ctx, "join", inv, acc, sessionForm{Way: s.Way, Sid: s.rested.content.Sid}, cookie)
}

// Switch goes on in another organisation that the person belongs to, with that one's roles and nothing of the former's.
// An organisation one does not belong to is ErrNotFound, as one that does not exist.
func (r *Register) Switch(ctx context.Context, cookie, organisation string) (SignedIn, error) {
	s, err := r.Resolve(ctx, cookie)
	if err != nil {
		return SignedIn{}, err
	}
	by, err := s.Actor.may(OrganisationSwitch, s.Actor.organisation)
	if err != nil {
		return SignedIn{}, r.refused(ctx, s.Actor, OrganisationSwitch, by, "", err)
	}
	a := s.Actor.act(by, OrganisationSwitch)
	acc, err := load[accountForm](ctx, r.rest, in(a, house), kindAccount, s.rested.content.Account)
	if err != nil {
		return SignedIn{}, err
	}
	for _, p := range acc.content.Places {
		if p.Organisation != organisation {
			continue
		}
		o, m, err := r.place(ctx, string(OrganisationSwitch), acc.id, p)
		if isNotThere(err) {
			continue
		}
		if err != nil {
			return SignedIn{}, err
		}
		actor, err := NewActor(o, m, false)
		if err != nil {
			continue
		}
		for _, told := range []records.Act{a, {Tenant: p.Organisation, Actor: m.ID, Action: string(OrganisationSwitch)}} {
			if err := r.rest.note(ctx, told, trail.Done, kindMember, told.Actor); err != nil {
				return SignedIn{}, err
			}
		}
		next := s.rested.content
		next.Place, next.Kind, next.Name, next.Rev, next.Seen = p, o.Kind, m.Name.Reveal(), m.rev, r.now()
		next.Stepped = s.rested.content.Began.Add(-StepUpLife) // a touch for one organisation is none for another
		value, err := r.rotate(ctx, a, s.rested, next)
		return SignedIn{Token: value, Actor: actor}, err
	}
	return SignedIn{}, r.refused(ctx, s.Actor, OrganisationSwitch, by, "", fmt.Errorf("switch: %w", ErrNotFound))
}
