package referrals

import (
	"bytes"
	"context"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals/people"
)

// Looked is one entry of the trail about one case.
type Looked struct {
	At      time.Time
	Actor   string // member, "system", or a member of a service
	Role    string
	Action  string
	Outcome trail.Outcome
	Reason  string
}

// looksBack is how many entries of the log are read for one case, the newest first.
const looksBack = 50_000

// Looked says who looked at a case and what was done with it, the newest first; also who was refused. Whole says whether
// the log was read back to the day the case was opened.
func (d *Desk) Looked(ctx context.Context, a people.Actor, id string) (all []Looked, whole bool, err error) {
	act, err := d.enter(ctx, a, id, people.CaseRead, people.CaseOwn)
	if err != nil {
		return nil, false, err
	}
	if _, err := d.Gate.Permit(ctx, a, people.AuditRead, a.Organisation()); err != nil {
		return nil, false, translate("looked", err)
	}
	if err := d.Safe.Note(ctx, did(act, "case.looked", ""), trail.Done, kindCase, id); err != nil {
		return nil, false, translate("looked", err)
	}
	card, err := d.card(ctx, act, id)
	if err != nil {
		return nil, false, err
	}
	ref := d.Safe.Refer(store.Key{Tenant: a.Organisation(), Kind: kindCase, ID: id})
	end, err := d.backwards(ctx, a.Organisation(), 0, looksBack, func(_ trail.Leaf, e trail.Entry) bool {
		if whole = e.At.Before(card.content.Opened.Add(-trail.Slack)); whole {
			return false
		}
		if bytes.Equal(e.Ref, ref) {
			all = append(all, Looked{e.At, e.Actor, e.Role, e.Action, e.Outcome, e.Reason})
		}
		return true
	})
	if err != nil {
		return nil, false, err
	}
	return all, whole || end == 0, nil
}
