package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/records"
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
	others := slices.DeleteFunc(slices.Clone(acc.content.Places), func(p placeForm) bool { return p == place })
	acc.content.Places = append([]placeForm{place}, others...)
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
