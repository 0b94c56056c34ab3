package people

import (
	"context"

	"waypost/internal/records"
)

// Permit asks May and gives the act under which the records are then asked: in the log of the actor's organisation, in the
// role that carries the action. A refusal is written into the trail before it is returned.
func (r *Register) Permit(ctx context.Context, a Actor, action Action, target string) (records.Act, error) {
	by, err := a.may(action, target)
	if err != nil {
		return records.Act{}, r.refused(ctx, a, action, by, "", err)
	}
	return a.act(by, action), nil
}
