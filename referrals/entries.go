package referrals

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals/people"
)

// Entry is one entry of an organisation's trail, with its place in the order.
type Entry struct {
	trail.Entry
	Seq int64
}

// entriesRead is how far a log is read for one page of entries.
const entriesRead = 20_000

// Entries reads the trail of the actor's own organisation, the newest first, for whoever may: all of it, or what is about
// cases or packets with these ids. Before is where the page begins, 0 the end of the log; next is where the following one begins, 0
// at the beginning of the log. A page may be shorter than its limit. That somebody asked is an entry, written first.
func (d *Desk) Entries(ctx context.Context, a people.Actor, about []string, before int64, limit int) (out []Entry, next int64, err error) {
	act, err := d.mayAudit(ctx, a)
	if err != nil {
		return nil, 0, err
	}
	if limit < 1 || limit > store.PageLimit || before < 0 {
		return nil, 0, fmt.Errorf("entries: %w", ErrInvalid)
	}
	var refs [][]byte
	for _, id := range about {
		for _, kind := range []string{kindCase, kindPacket} {
			refs = append(refs, d.Safe.Refer(store.Key{Tenant: a.Organisation(), Kind: kind, ID: id}))
		}
	}
	head, err := d.Log.TrailHead(ctx, act.Tenant)
	if err != nil {
		return nil, 0, translate("entries", err)
	}
	end := head.Size
	if before > 0 {
		end = min(end, before)
	}
	for read := int64(0); end > 0 && read < entriesRead; {
		from := max(0, end-store.ListLimit)
		leaves, err := d.Log.TrailRead(ctx, act.Tenant, from, int(end-from))
		if err != nil {
			return nil, 0, translate("entries", err)
		}
		for i, raw := range slices.Backward(leaves) {
			leaf, e, err := trail.ParseLeaf(raw)
			if err != nil {
				return nil, 0, fmt.Errorf("entries: %w", err)
			}
			if len(about) == 0 || slices.ContainsFunc(refs, func(ref []byte) bool { return bytes.Equal(ref, e.Ref) }) {
				out = append(out, Entry{e, leaf.Seq})
			}
			if len(out) == limit {
				return out, from + int64(i), nil
			}
		}
		read, end = read+end-from, from
	}
	return out, end, nil
}

// Entry reads one entry of the trail of the actor's own organisation.
func (d *Desk) Entry(ctx context.Context, a people.Actor, seq int64) (Entry, error) {
	act, err := d.mayAudit(ctx, a)
	if err != nil {
		return Entry{}, err
	}
	head, err := d.Log.TrailHead(ctx, act.Tenant)
	if err != nil {
		return Entry{}, translate("entry", err)
	}
	if seq < 0 || seq >= head.Size {
		return Entry{}, fmt.Errorf("entry: %w", ErrNotFound)
	}
	leaves, err := d.Log.TrailRead(ctx, act.Tenant, seq, 1)
	if err != nil {
		return Entry{}, translate("entry", err)
	}
	if len(leaves) != 1 {
		return Entry{}, fmt.Errorf("entry: %w", ErrNotFound)
	}
	leaf, e, err := trail.ParseLeaf(leaves[0])
	if err != nil || leaf.Seq != seq {
		return Entry{}, fmt.Errorf("entry: another one stands there: %w", trail.ErrEntry)
	}
	return Entry{e, leaf.Seq}, nil
}

// mayAudit lets somebody at the trail, once the trail says so.
func (d *Desk) mayAudit(ctx context.Context, a people.Actor) (records.Act, error) {
	act, err := d.Gate.Permit(ctx, a, people.AuditRead, a.Organisation())
	if err != nil {
		return act, translate("entries", err)
	}
	return act, translate("entries", d.Safe.Note(ctx, act, trail.Done, "", ""))
}
