package referrals

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

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

// Search is what somebody looks for in a trail; what is empty is not asked for.
type Search struct {
	About    []string // cases or packets with these ids
	Action   string
	Actor    string // as the trail knows them
	Outcome  trail.Outcome
	From, To time.Time // To is the first moment after the window
	Before   int64     // where the page begins; 0: at the newest
}

func (s Search) fits(e trail.Entry) bool {
	return (s.Action == "" || s.Action == e.Action) && (s.Actor == "" || s.Actor == e.Actor) && (s.Outcome == "" || s.Outcome == e.Outcome) &&
		(s.To.IsZero() || e.At.Before(s.To)) && (s.From.IsZero() || !e.At.Before(s.From))
}

// entriesRead is how far a log is read for one page of entries.
const entriesRead = 20_000

// Entries searches the trail of the actor's own organisation, the newest first, for whoever may. Next is where the following
// page begins, 0 at the end of the search. A page may be shorter than its limit. That somebody asked is an entry, written first.
func (d *Desk) Entries(ctx context.Context, a people.Actor, want Search, limit int) (out []Entry, next int64, err error) {
	act, err := d.mayAudit(ctx, a)
	if err != nil {
		return nil, 0, err
	}
	if limit < 1 || limit > store.PageLimit || want.Before < 0 {
		return nil, 0, fmt.Errorf("entries: %w", ErrInvalid)
	}
	var refs [][]byte
	for _, id := range want.About {
		for _, kind := range []string{kindCase, kindPacket} {
			refs = append(refs, d.Safe.Refer(store.Key{Tenant: a.Organisation(), Kind: kind, ID: id}))
		}
	}
	left := false
	next, err = d.backwards(ctx, act.Tenant, want.Before, entriesRead, func(leaf trail.Leaf, e trail.Entry) bool {
		if leaf.Clock.Before(want.From) { // no entry below is later than this
			left = true
			return false
		}
		about := len(refs) == 0 || slices.ContainsFunc(refs, func(ref []byte) bool { return bytes.Equal(ref, e.Ref) })
		if about && want.fits(e) {
			out = append(out, Entry{e, leaf.Seq})
		}
		return len(out) < limit
	})
	if left {
		next = 0
	}
	return out, next, err
}

// backwards reads a trail from the entry before that one, or from its end, until whoever takes the entries has enough or so
// many were read. At is where it stopped, 0 at the beginning of the trail.
func (d *Desk) backwards(ctx context.Context, organisation string, before, most int64, take func(trail.Leaf, trail.Entry) (more bool)) (at int64, err error) {
	head, err := d.Log.TrailHead(ctx, organisation)
	if err != nil {
		return 0, notRead(err)
	}
	end := head.Size
	if before > 0 {
		end = min(end, before)
	}
	for read := int64(0); end > 0 && read < most; {
		from := max(0, end-store.ListLimit)
		leaves, err := d.Log.TrailRead(ctx, organisation, from, int(end-from))
		if err != nil {
			return 0, notRead(err)
		}
		for i, raw := range slices.Backward(leaves) {
			leaf, e, err := trail.ParseLeaf(raw)
			if err != nil {
				return 0, fmt.Errorf("read the trail: %w", err)
			}
			if !take(leaf, e) {
				return from + int64(i), nil
			}
		}
		read, end = read+end-from, from
	}
	return end, nil
}

// Entry reads one entry of the trail of the actor's own organisation.
func (d *Desk) Entry(ctx context.Context, a people.Actor, seq int64) (Entry, error) {
	act, err := d.mayAudit(ctx, a)
	if err != nil {
		return Entry{}, err
	}
	head, err := d.Log.TrailHead(ctx, act.Tenant)
	if err != nil {
		return Entry{}, notRead(err)
	}
	if seq < 0 || seq >= head.Size {
		return Entry{}, fmt.Errorf("entry: %w", ErrNotFound)
	}
	leaves, err := d.Log.TrailRead(ctx, act.Tenant, seq, 1)
	if err != nil {
		return Entry{}, notRead(err)
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

// notRead is why the log of the store could not be read, as an error of the records: it is read past them.
func notRead(err error) error {
	return fmt.Errorf("read the trail: %w: %w", records.ErrUnavailable, err)
}

// mayAudit lets somebody at the trail, once the trail says so.
func (d *Desk) mayAudit(ctx context.Context, a people.Actor) (records.Act, error) {
	act, err := d.Gate.Permit(ctx, a, people.AuditRead, a.Organisation())
	if err != nil {
		return act, translate("entries", err)
	}
	return act, translate("entries", d.Safe.Note(ctx, act, trail.Done, "", ""))
}
