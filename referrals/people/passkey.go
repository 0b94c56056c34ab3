package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const mostKeys = 10

// Passkey is one of one's own keys, as its page lists it.
type Passkey struct {
	ID     string
	Added  time.Time
	Synced bool // a copy rests with the maker of the device
	Copied bool // its counter once went back: there may be a second one
}

// Passkeys lists those of the person who asks.
func (r *Register) Passkeys(ctx context.Context, cookie string) ([]Passkey, error) {
	s, acc, err := r.own(ctx, cookie, string(SessionSee))
	if err != nil {
		return nil, err
	}
	if _, err := r.Permit(ctx, s.Actor, SessionSee, s.Actor.organisation); err != nil {
		return nil, err
	}
	var out []Passkey
	for _, k := range acc.content.Keys {
		out = append(out, Passkey{k.ID, k.Added, k.Backed, k.Warned})
	}
	return out, nil
}

// BeginPasskey asks for a further key of the person who is signed in and has just stepped up.
func (r *Register) BeginPasskey(ctx context.Context, cookie string) ([]byte, error) {
	s, acc, err := r.ownKeys(ctx, cookie, PasskeyAdd)
	if err != nil {
		return nil, err
	}
	if len(acc.content.Keys) >= mostKeys {
		return nil, fmt.Errorf("add a key to %d: %w", mostKeys, ErrInvalid)
	}
	return r.askForKey(ctx, userOf(acc.id, s.Name.Reveal(), acc.content), challengeForm{For: forKey, Session: s.rested.id, Account: acc.id})
}

// FinishPasskey takes the further key.
func (r *Register) FinishPasskey(ctx context.Context, cookie string, credential []byte) error {
	s, acc, err := r.ownKeys(ctx, cookie, PasskeyAdd)
	if err != nil {
		return err
	}
	if len(acc.content.Keys) >= mostKeys {
		return fmt.Errorf("add a key to %d: %w", mostKeys, ErrInvalid)
	}
	_, key, err := r.newKey(ctx, forKey, credential, s.rested.id, func(challengeForm) (user, error) {
		return userOf(acc.id, "", acc.content), nil
	})
	if err != nil {
		return r.refused(ctx, s.Actor, PasskeyAdd, "", s.Actor.member, err)
	}
	acc.content.Keys = append(slices.Clone(acc.content.Keys), key)
	return r.saveAccount(ctx, s, PasskeyAdd, acc)
}

// RevokePasskey ends a key and with it every session of the person, the present one too: nobody can say which of them the
// lost key opened. The last key of somebody who has no other way in stays.
func (r *Register) RevokePasskey(ctx context.Context, cookie, id string) error {
	s, acc, err := r.ownKeys(ctx, cookie, PasskeyRevoke)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(acc.content.Keys, func(k keyForm) bool { return k.ID == id })
	if i < 0 {
		return fmt.Errorf("revoke key: %w", ErrNotFound)
	}
	if len(acc.content.Keys) == 1 && acc.content.Subject == "" {
		return fmt.Errorf("revoke the last key: %w", ErrInvalid)
	}
	acc.content.Keys = slices.Delete(slices.Clone(acc.content.Keys), i, i+1)
	if err := r.saveAccount(ctx, s, PasskeyRevoke, acc); err != nil {
		return err
	}
	return r.endAll(ctx, s.Actor.act("", PasskeyRevoke), "session.account", acc.id)
}

// ownKeys is own for somebody who may change keys, which takes a step-up.
func (r *Register) ownKeys(ctx context.Context, cookie string, action Action) (Session, rested[accountForm], error) {
	s, acc, err := r.own(ctx, cookie, string(action))
	if err != nil {
		return s, acc, err
	}
	_, err = r.Permit(ctx, s.Actor, action, s.Actor.organisation)
	return s, acc, err
}

// saveAccount writes the account, and a line in the log of the organisation whose auditor should know.
func (r *Register) saveAccount(ctx context.Context, s Session, action Action, acc rested[accountForm]) error {
	c, err := put(acc)
	if err != nil {
		return err
	}
	a := s.Actor.act("", action)
	if err := r.rest.note(ctx, a, "done", kindMember, s.Actor.member); err != nil {
		return err
	}
	err = r.rest.write(ctx, in(a, house), c)
	if errors.Is(err, ErrConflict) {
		return fmt.Errorf("change keys: %w", ErrConflict)
	}
	return err
}
