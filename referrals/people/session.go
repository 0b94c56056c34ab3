package people

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// What rests of a session. Its id is the digest of the cookie's value, so that a stolen record signs nobody in.
type sessionForm struct {
	Account string    `json:"account"`
	Place   placeForm `json:"place"`
	Kind    Kind      `json:"kind"`
	Rev     int64     `json:"rev"`   // of the membership when the cookie was given; another ends the session
	Name    string    `json:"name"`  // of the member, for the page
	Began   time.Time `json:"began"` // of the sign-in: rotation does not make a session longer
	Seen    time.Time `json:"seen"`
	Stepped time.Time `json:"stepped"`
	Forms   []byte    `json:"forms"` // the token of the session's forms
	Way     Way       `json:"way"`
	Sid     string    `json:"sid,omitempty"` // the provider's name for its own session
}

// Way is how somebody signed in.
type Way string

// The ways.
const (
	ByKey      Way = "key"
	ByProvider Way = "provider"
	ByToken    Way = "token" // another system, by an access token
)

// SignedIn is what a ceremony ends in: the value for the one cookie, and who it is for. The value before it, if there was
// one, is dead.
type SignedIn struct {
	Token vault.Secret[string]
	Actor Actor
	// Copied: the key's counter went back, so there may be a second key with the same secret. A lead should be told.
	Copied bool
}

// Session is who is asking, as of this request. It is not kept.
type Session struct {
	Actor  Actor
	Name   vault.Secret[string] // of the member
	Way    Way
	WarnAt time.Time // when the page says that nobody seems to be there
	EndsAt time.Time // when it is over if nothing is asked any more
	Until  time.Time // when it is over whatever is asked
	rested rested[sessionForm]
}

// Token is what the session's forms carry.
func (s Session) Token() string { return base64.RawURLEncoding.EncodeToString(s.rested.content.Forms) }

// CheckToken says whether a form was made for this session, in the same time whatever was sent.
func (s Session) CheckToken(shown string) error {
	want := s.Token()
	if s.rested.id == "" || subtle.ConstantTimeCompare([]byte(want), []byte(shown)) != 1 {
		return ErrForged
	}
	return nil
}

func (s sessionForm) ends() time.Time {
	idle, absolute := s.Seen.Add(Idle), s.Began.Add(Absolute)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

// admit starts a session for a place. The trail hears of it first; without it nobody is let in.
func (r *Register) admit(ctx context.Context, action string, s sessionForm, m Member, previous string) (SignedIn, error) {
	actor, err := NewActor(Organisation{ID: s.Place.Organisation, Kind: s.Kind}, m, false)
	if err != nil {
		return SignedIn{}, ErrSignIn
	}
	a := records.Act{Tenant: s.Place.Organisation, Actor: m.ID, Action: action}
	if err := r.end(ctx, action, previous); err != nil {
		return SignedIn{}, err
	}
	if err := r.rest.note(ctx, a, trail.Done, kindMember, m.ID); err != nil {
		return SignedIn{}, err
	}
	s.Began, s.Seen, s.Rev, s.Name = r.now(), r.now(), m.rev, m.Name.Reveal()
	token, fresh, err := r.cookie(s)
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Token: token, Actor: actor}, r.rest.write(ctx, in(a, house), fresh)
}

// cookie makes a new value for a session and the change that lets it count.
func (r *Register) cookie(s sessionForm) (vault.Secret[string], records.Change, error) {
	token, id, err := r.newToken()
	if err != nil {
		return token, records.Change{}, err
	}
	s.Forms = make([]byte, tokenSize)
	if _, err := io.ReadFull(r.random, s.Forms); err != nil {
		return token, records.Change{}, fmt.Errorf("new session: %w", err)
	}
	blind := slices.Concat(
		r.keys.Blind(house, "session.account", s.Account),
		r.keys.Blind(house, "session.member", placeOf(s.Place.Organisation, s.Place.Member)))
	if s.Sid != "" {
		blind = append(blind, r.keys.Blind(house, "session.sid", s.Sid)...)
	}
	c, err := put(rested[sessionForm]{kind: kindSession, id: id, expires: s.ends(), blind: blind, content: s})
	return token, c, err
}

// rotate gives a session a new value; the old one is dead in the same commit. Whoever comes second with the old value
// finds no session.
func (r *Register) rotate(ctx context.Context, a records.Act, old rested[sessionForm], next sessionForm) (vault.Secret[string], error) {
	for range 3 {
		token, fresh, err := r.cookie(next)
		if err != nil {
			return token, err
		}
		err = r.rest.write(ctx, in(a, house), gone(old), fresh)
		switch {
		case err == nil:
			return token, nil
		case isNotThere(err):
			return vault.Secret[string]{}, ErrNoSession
		case !errors.Is(err, ErrConflict):
			return vault.Secret[string]{}, err
		}
		// Another request of the same browser may just have been counted.
		if old, err = glance[sessionForm](ctx, r.rest, house, kindSession, old.id); err != nil {
			return vault.Secret[string]{}, ErrNoSession
		}
	}
	return vault.Secret[string]{}, ErrConflict
}
