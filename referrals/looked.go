package referrals

import (
	"bytes"
	"context"
	"fmt"
	"slices"
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
	head, err := d.Log.TrailHead(ctx, a.Organisation())
	if err != nil {
		return nil, false, translate("looked", err)
	}
	for end := head.Size; end > 0 && head.Size-end < looksBack; {
		from := max(0, end-store.ListLimit)
		leaves, err := d.Log.TrailRead(ctx, a.Organisation(), from, int(end-from))
		if err != nil {
			return nil, false, translate("looked", err)
		}
		for _, leaf := range slices.Backward(leaves) {
			_, e, err := trail.ParseLeaf(leaf)
			if err != nil {
				return nil, false, fmt.Errorf("looked: %w", err)
			}
			if e.At.Before(card.content.Opened.Add(-trail.Slack)) {
				return all, true, nil
			}
			if bytes.Equal(e.Ref, ref) {
				all = append(all, Looked{e.At, e.Actor, e.Role, e.Action, e.Outcome, e.Reason})
			}
		}
		end = from
		whole = end == 0
	}
	return all, whole, nil
}
