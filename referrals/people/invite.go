package people

import (
	"context"
	"errors"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// An invitation rests under the digest of its token, among what belongs to no organisation: whoever shows the token has
// said nothing yet of where it leads.
type inviteForm struct {
	Organisation string `json:"organisation"`
	Member       string `json:"member"`
}

func placeOf(organisation, member string) string { return organisation + "/" + member }

// issue makes the one valid link of a place; those before it end.
func (r *Register) issue(ctx context.Context, a records.Act, organisation, member string) (vault.Secret[string], error) {
	none := vault.Secret[string]{}
	if err := r.withdraw(ctx, a, organisation, member); err != nil {
		return none, err
	}
	token, id, err := r.newToken()
	if err != nil {
		return none, err
	}
	c, err := put(rested[inviteForm]{
		kind: kindInvite, id: id, expires: r.now().Add(InviteLife),
		blind:   r.keys.Blind(house, "invite.member", placeOf(organisation, member)),
		content: inviteForm{organisation, member},
	})
	if err != nil {
		return none, err
	}
	if err := r.rest.write(ctx, in(a, house), c); err != nil {
		return none, err
	}
	return token, nil
}

// withdraw ends the unused links of a place. One that is taken up meanwhile is gone as well.
func (r *Register) withdraw(ctx context.Context, a records.Act, organisation, member string) error {
	return destroyAll[inviteForm](ctx, r.rest, in(a, house), kindInvite, r.keys.Blind(house, "invite.member", placeOf(organisation, member)), nil)
}

// invitation reads a link without using it up.
func (r *Register) invitation(ctx context.Context, a records.Act, token string) (rested[inviteForm], error) {
	id, ok := tokenID(token)
	if !ok {
		return rested[inviteForm]{}, ErrInvite
	}
	return r.invitationBy(ctx, a, id)
}

func (r *Register) invitationBy(ctx context.Context, a records.Act, id string) (rested[inviteForm], error) {
	inv, err := load[inviteForm](ctx, r.rest, in(a, house), kindInvite, id)
	if isNotThere(err) {
		return inv, ErrInvite
	}
	return inv, err
}

// refused writes the refusal into the trail before anybody is told; what cannot be written is the error instead.
func (r *Register) refused(ctx context.Context, a Actor, action Action, by Role, member string, cause error) error {
	if a.member == "" {
		return cause
	}
	kind := ""
	if member != "" {
		kind = kindMember
	}
	if err := r.rest.note(ctx, a.act(by, action), outcomeOf(cause), kind, member); err != nil {
		return err
	}
	return cause
}

// outcomeOf tells a refusal from a failure of ours.
func outcomeOf(err error) trail.Outcome {
	for _, refusal := range []error{ErrSignIn, ErrInvite, ErrForbidden, ErrNotFound, ErrStepUp, ErrNoSession, ErrInvalid, ErrScope, ErrKeySet, ErrSecret} {
		if errors.Is(err, refusal) {
			return trail.Denied
		}
	}
	return trail.Failed
}
