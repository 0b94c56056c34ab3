package people

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/records"
)

// A challenge rests for five minutes under the digest of itself and is destroyed by the first answer, right or wrong.
type challengeForm struct {
	For     string          `json:"for"`
	Data    json.RawMessage `json:"data"`
	Invite  string          `json:"invite,omitempty"`  // id of the invitation that is taken up
	Session string          `json:"session,omitempty"` // id of the session that steps up or adds a key
	Account string          `json:"account,omitempty"` // id the new account will have
}

// What a challenge may be for. An answer to one is no answer to another.
const (
	forSignIn = "sign-in"
	forEnrol  = "enrol"
	forStepUp = "step-up"
	forKey    = "passkey.add"
)

func nobody(action string) records.Act {
	return records.Act{Tenant: house, Actor: "nobody", Action: action}
}

func (r *Register) newChallenge() ([]byte, error) {
	raw := make([]byte, tokenSize)
	if _, err := io.ReadFull(r.random, raw); err != nil {
		return nil, fmt.Errorf("new challenge: %w", err)
	}
	return raw, nil
}

func (r *Register) pose(ctx context.Context, c challengeForm, data *webauthn.SessionData) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("pose challenge: %w", err)
	}
	c.Data = text
	change, err := put(rested[challengeForm]{
		kind: kindChallenge, id: restsAs([]byte(data.Challenge)), expires: r.now().Add(challengeLife), content: c,
	})
	if err != nil {
		return err
	}
	return r.rest.write(ctx, nobody(c.For), change)
}

// take uses a challenge up. Of two answers to one challenge, however close, one finds it gone.
func (r *Register) take(ctx context.Context, purpose string, clientData []byte) (challengeForm, webauthn.SessionData, error) {
	var data webauthn.SessionData
	text, ok := challengeOf(clientData)
	if !ok {
		return challengeForm{}, data, ErrSignIn
	}
	c, err := load[challengeForm](ctx, r.rest, nobody(purpose), kindChallenge, restsAs([]byte(text)))
	if isNotThere(err) {
		return challengeForm{}, data, ErrSignIn
	}
	if err != nil {
		return challengeForm{}, data, err
	}
	if err := r.rest.write(ctx, nobody(purpose), gone(c)); isTaken(err) {
		return challengeForm{}, data, ErrSignIn
	} else if err != nil {
		return challengeForm{}, data, err
	}
	if c.content.For != purpose || json.Unmarshal(c.content.Data, &data) != nil || data.Challenge != text {
		return challengeForm{}, data, ErrSignIn
	}
	return c.content, data, nil
}
