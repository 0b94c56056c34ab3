package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"waypost/internal/trail"
)

// FinishProvider lets in whoever comes back from the provider: query is what stands behind the question mark, sealed what
// the browser carried, previous the session's cookie if one came. A step-up takes its session from the sealed value,
// because the session's cookie does not travel on that way. Every refusal is ErrSignIn and nothing else.
func (r *Register) FinishProvider(ctx context.Context, query, sealed, previous string) (SignedIn, error) {
	if r.provider == nil {
		return SignedIn{}, fmt.Errorf("finish sign-in: %w", ErrNotFound)
	}
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	defer leave()
	m, err := r.provider.metadata(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	back, ok := parseReturn(query)
	if !ok {
		return SignedIn{}, r.turnAway(ctx, forSignIn, "", "malformed", ErrSignIn)
	}
	w, ok := r.openWaiting(m, sealed, back)
	if !ok {
		return SignedIn{}, r.turnAway(ctx, forSignIn, "", "state", ErrSignIn)
	}
	if err := r.once(ctx, w.For, "state "+w.State, w.Since.Add(ProviderPatience+clockSkew)); err != nil {
		return SignedIn{}, r.turnAway(ctx, w.For, "", "replayed", err)
	}
	if back.fault != "" {
		return SignedIn{}, r.turnAway(ctx, w.For, "", "provider", ErrSignIn)
	}
	who, err := r.identify(ctx, m, w, back.code)
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, w.For, "", "token", err)
	}
	in, err := r.welcome(ctx, w, who, previous)
	if err != nil {
		return SignedIn{}, r.turnAway(ctx, w.For, "", "member", err)
	}
	return in, nil
}

func (r *Register) welcome(ctx context.Context, w waiting, who identity, previous string) (SignedIn, error) {
	acc, known, err := r.accountBySubject(ctx, w.For, who.subject)
	if err != nil {
		return SignedIn{}, err
	}
	s := sessionForm{Way: ByProvider}
	if who.sid != "" {
		s.Sid = r.subjectOf(who.sid)
	}
	switch {
	case w.For == forEnrol:
		inv, err := r.invitationBy(ctx, nobody(forEnrol), w.Invite)
		if err != nil {
			return SignedIn{}, err
		}
		if !known {
			if acc, err = r.newAccountFor(who.subject); err != nil {
				return SignedIn{}, err
			}
		}
		return r.takeUp(ctx, forEnrol, inv, acc, s, previous)
	case !known:
		return SignedIn{}, ErrSignIn
	case w.For == forSignIn:
		return r.admitAccount(ctx, forSignIn, acc, s, "", previous)
	case w.For == forStepUp:
		now, err := r.resolve(ctx, w.Session)
		if err != nil {
			return SignedIn{}, err
		}
		if now.rested.content.Account != acc.id {
			return SignedIn{}, ErrSignIn
		}
		return r.stepUp(ctx, now)
	}
	return SignedIn{}, ErrSignIn
}

func (r *Register) newAccountFor(subject string) (rested[accountForm], error) {
	id, err := r.newAccountID()
	return rested[accountForm]{
		kind: kindAccount, id: id, blind: r.keys.Blind(house, "account.subject", subject), content: accountForm{Subject: subject},
	}, err
}

func (r *Register) accountBySubject(ctx context.Context, action, subject string) (rested[accountForm], bool, error) {
	found, err := find[accountForm](ctx, r.rest, nobody(action), kindAccount, r.keys.Blind(house, "account.subject", subject))
	if err != nil {
		return rested[accountForm]{}, false, err
	}
	for _, acc := range found {
		if acc.content.Subject == subject {
			return acc, true, nil
		}
	}
	return rested[accountForm]{}, false, nil
}

const (
	longestLogout = 16 << 10
	logoutLife    = 10 * time.Minute // how old a logout token may be, and how long it is remembered
)

// ProviderSignOut takes the provider's word that somebody signed out there (OpenID Connect Back-Channel Logout) and ends
// the sessions that stand on it. A token that is not the provider's, is old or was seen before is ErrSignIn.
func (r *Register) ProviderSignOut(ctx context.Context, token string) error {
	if r.provider == nil {
		return fmt.Errorf("sign out by provider: %w", ErrNotFound)
	}
	leave, err := r.gate.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	const action = "sign-out.provider"
	t, err := r.logoutToken(ctx, token)
	if err != nil {
		return r.turnAway(ctx, action, "", "token", err)
	}
	word := "logout " + r.subjectOf(t.TokenID)
	if _, err := glance[struct{}](ctx, r.rest, house, kindUsed, restsAs([]byte(word))); !isNotThere(err) {
		return r.turnAway(ctx, action, "", "replayed", errors.Join(ErrSignIn, err))
	}
	if err := r.rest.note(ctx, nobody(action), trail.Done, "", ""); err != nil {
		return err
	}
	if err := r.endAtProvider(ctx, action, t); err != nil {
		return err
	}
	// Last, so that a provider whose first attempt failed half-way may try again.
	return r.once(ctx, action, word, r.now().Add(2*logoutLife))
}

func (r *Register) endAtProvider(ctx context.Context, action string, t *oidc.LogoutToken) error {
	if t.SessionID != "" {
		return r.endAll(ctx, nobody(action), "session.sid", r.subjectOf(t.SessionID))
	}
	acc, known, err := r.accountBySubject(ctx, action, r.subjectOf(t.Subject))
	if err != nil || !known {
		return err
	}
	return r.endAll(ctx, nobody(action), "session.account", acc.id)
}

func (r *Register) logoutToken(ctx context.Context, token string) (*oidc.LogoutToken, error) {
	if len(token) > longestLogout {
		return nil, ErrSignIn
	}
	m, err := r.provider.metadata(ctx)
	if err != nil {
		return nil, err
	}
	t, err := m.verifier.VerifyLogout(oidc.ClientContext(ctx, r.provider.client), token)
	if err != nil {
		return nil, ErrSignIn // the library quotes the token
	}
	if age := r.now().Sub(t.IssuedAt); age < -clockSkew || age > logoutLife {
		return nil, ErrSignIn
	}
	return t, nil
}
