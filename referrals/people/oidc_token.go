package people

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// identity is what the provider vouches for, and all that is taken from it.
type identity struct {
	subject string
	sid     string
	seen    time.Time
}

func (r *Register) subjectOf(sub string) string {
	return strconv.Itoa(len(r.provider.Issuer)) + ":" + r.provider.Issuer + sub
}

// identify exchanges the code and checks the token. The library's errors quote what came and stay here.
func (r *Register) identify(ctx context.Context, m *metadata, w waiting, code string) (identity, error) {
	p := r.provider
	options := []oauth2.AuthCodeOption{oauth2.VerifierOption(w.Verifier)}
	if p.signer != nil {
		_, jti, err := r.newToken()
		if err != nil {
			return identity{}, err
		}
		word, err := p.signer.assertion(r.random, p.ClientID, m.oauth.Endpoint.TokenURL, jti, r.now(), m.Signing)
		if err != nil {
			return identity{}, err
		}
		options = append(options, oauth2.SetAuthURLParam("client_assertion", word),
			oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"))
	}
	token, err := m.oauth.Exchange(oidc.ClientContext(ctx, p.client), code, options...)
	if no := (*oauth2.RetrieveError)(nil); errors.As(err, &no) && no.Response != nil && no.Response.StatusCode < 500 {
		return identity{}, ErrSignIn
	}
	if err != nil {
		return identity{}, ErrProvider
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return identity{}, ErrSignIn
	}
	t, err := m.verifier.Verify(oidc.ClientContext(ctx, p.client), raw)
	if err != nil || t.AccessTokenHash != "" && t.VerifyAccessToken(token.AccessToken) != nil {
		return identity{}, ErrSignIn
	}
	return r.judge(t, w)
}

func (r *Register) judge(t *oidc.IDToken, w waiting) (identity, error) {
	var said struct {
		Party string `json:"azp"`
		ACR   string `json:"acr"`
		At    int64  `json:"auth_time"`
		Sid   string `json:"sid"`
	}
	if t.Claims(&said) != nil {
		return identity{}, ErrSignIn
	}
	now, seen := r.now(), time.Unix(said.At, 0)
	oldest := now.Add(-r.provider.MaxAge - clockSkew)
	if w.For == forStepUp {
		oldest = w.Since.Add(-clockSkew)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(w.Nonce)) != 1:
	case t.Subject == "" || len(t.Subject) > 255:
	case len(t.Audience) > 1 && said.Party != r.provider.ClientID, said.Party != "" && said.Party != r.provider.ClientID:
	case len(r.provider.ACR) > 0 && !slices.Contains(r.provider.ACR, said.ACR):
	case said.At == 0 || seen.Before(oldest) || seen.After(now.Add(clockSkew)):
	case t.IssuedAt.After(now.Add(clockSkew)) || t.IssuedAt.Before(w.Since.Add(-clockSkew)):
	default:
		return identity{r.subjectOf(t.Subject), said.Sid, seen}, nil
	}
	return identity{}, ErrSignIn
}
