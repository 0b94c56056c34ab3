package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/records"
)

// BeginSignIn poses a challenge to whatever key the person has; nobody is named, so nobody can be guessed. The answer is
// the JSON for the browser's PublicKeyCredential.parseRequestOptionsFromJSON, under publicKey.
func (r *Register) BeginSignIn(ctx context.Context) ([]byte, error) {
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	challenge, err := r.newChallenge()
	if err != nil {
		return nil, err
	}
	options, data, err := r.rp.BeginDiscoverableLogin(webauthn.WithChallenge(challenge))
	if err != nil {
		return nil, fmt.Errorf("begin sign-in: %w", ErrConfig)
	}
	if err := r.pose(ctx, challengeForm{For: forSignIn}, data); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// FinishSignIn lets in whoever answered the challenge with a key of a member. Previous is the cookie that came with the
// answer, if any: its session ends. Every refusal is ErrSignIn and nothing else, at the same cost for somebody known and
// for somebody made up.
func (r *Register) FinishSignIn(ctx context.Context, credential []byte, previous string) (SignedIn, error) {
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	defer leave()
	p, err := parseAssertion(credential)
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, forSignIn, "", "malformed", err)
	}
	claimed := accountOf(p.Response.UserHandle)
	_, data, err := r.take(ctx, forSignIn, p.Raw.AssertionResponse.ClientDataJSON)
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, forSignIn, claimed, "challenge", err)
	}
	acc, key, err := r.recognise(ctx, claimed, data, p)
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, forSignIn, claimed, "key", err)
	}
	for try := 0; ; try++ { // two devices at once write one account
		if err = r.used(ctx, nobody(forSignIn), acc, key); !errors.Is(err, ErrConflict) || try > 3 {
			break
		}
		if acc, err = load[accountForm](ctx, r.rest, nobody(forSignIn), kindAccount, claimed); err != nil {
			break
		}
	}
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, forSignIn, claimed, "key", err)
	}
	in, err := r.admitAccount(ctx, forSignIn, acc, sessionForm{Way: ByKey}, "", previous)
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, forSignIn, claimed, "member", err)
	}
	in.Copied = key.Authenticator.CloneWarning
	return in, nil
}

// recognise checks the answer against the account it names, or against the decoy where there is none.
func (r *Register) recognise(ctx context.Context, claimed string, data webauthn.SessionData, p *protocol.ParsedCredentialAssertionData) (rested[accountForm], *webauthn.Credential, error) {
	acc, err := load[accountForm](ctx, r.rest, nobody(forSignIn), kindAccount, claimed)
	if err != nil && !isNotThere(err) {
		return acc, nil, err
	}
	known := err == nil
	who := userOf(claimed, "", acc.content)
	if who.handle = p.Response.UserHandle; !who.holds(p.RawID) {
		known = false
		decoy := keyForm{Handle: p.RawID, Public: r.decoy}
		if p.Response.AuthenticatorData.Flags.HasBackupEligible() {
			decoy.Eligible = true
		}
		who.keys = []webauthn.Credential{decoy.credential()}
	}
	_, key, err := r.rp.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return who, nil }, data, p)
	if err != nil || !known {
		return acc, nil, ErrSignIn // the library's words quote what was sent
	}
	return acc, key, nil
}

func (u user) holds(handle []byte) bool {
	for _, k := range u.keys {
		if string(k.ID) == string(handle) {
			return true
		}
	}
	return false
}

// admitAccount starts a session in the wanted organisation, or in the first place that is open to the account.
func (r *Register) admitAccount(ctx context.Context, action string, acc rested[accountForm], s sessionForm, wanted, previous string) (SignedIn, error) {
	for _, place := range acc.content.Places {
		if wanted != "" && place.Organisation != wanted {
			continue
		}
		o, m, err := r.place(ctx, action, acc.id, place)
		if isNotThere(err) {
			continue
		}
		if err != nil {
			return SignedIn{}, err
		}
		s.Account, s.Place, s.Kind = acc.id, place, o.Kind
		return r.admit(ctx, action, s, m, previous)
	}
	return SignedIn{}, ErrSignIn
}

// place reads a place that an account claims. One that is not there, has ended or has gone to other keys is ErrNotFound.
func (r *Register) place(ctx context.Context, action, account string, p placeForm) (Organisation, Member, error) {
	a := records.Act{Tenant: p.Organisation, Actor: p.Member, Action: action}
	m, err := load[memberForm](ctx, r.rest, a, kindMember, p.Member)
	if err != nil {
		return Organisation{}, Member{}, err
	}
	if !m.content.Active || m.content.Account != account {
		return Organisation{}, Member{}, ErrNotFound
	}
	o, err := r.organisation(ctx, a, p.Organisation)
	return o, memberOf(p.Organisation, m), err
}

// turnAway writes the refusal and forgets its cause. What is no refusal, as a store that is away, stays what it is.
func (r *Register) turnAway(ctx context.Context, action, account, reason string, cause error) error {
	if errors.Is(cause, ErrSignIn) {
		cause = ErrSignIn
	}
	kind := kindAccount
	if account == "" {
		kind = ""
	}
	a := nobody(action)
	a.Reason = reason
	if err := r.rest.note(ctx, a, outcomeOf(cause), kind, account); err != nil {
		return err
	}
	return cause
}
