package records

import (
	"context"
	"fmt"
	"slices"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// Find returns the living records of one kind that carry any of the blind values, opened. For a logged kind every record
// found gets its entry before the first is opened; a search that finds nothing gets one entry without reference. A blind
// value is 16 bytes of a digest: the caller compares the clear value.
func (s *Safe) Find(ctx context.Context, act Act, kind string, blind [][]byte) ([]Record, error) {
	logged, err := s.checkRead(act, kind)
	if err != nil {
		return nil, err
	}
	hits, err := s.store.Find(ctx, act.Tenant, kind, blind)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", act.Action, fault(err))
	}
	hits = s.living(hits)
	if logged {
		about := make([]store.Key, 0, len(hits)+1)
		for _, h := range hits {
			about = append(about, h.Key)
		}
		if len(hits) == 0 {
			about = append(about, store.Key{Tenant: act.Tenant, Kind: kind})
		}
		if err := s.tell(ctx, act, trail.Done, act.Reason, about...); err != nil {
			return nil, err
		}
	}
	out := make([]Record, 0, len(hits))
	for _, h := range hits {
		wrapped, err := s.store.WrappedKey(ctx, h.Key)
		if err != nil {
			return nil, fmt.Errorf("%s: key of %s: %w", act.Action, h.ID, fault(err))
		}
		rec, err := s.open(ctx, act, h, vault.Wrapped{Bucket: wrapped.Bucket, Bytes: wrapped.Wrapped})
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

func (s *Safe) living(recs []store.Record) []store.Record {
	now := s.clock.latest()
	return slices.DeleteFunc(recs, func(r store.Record) bool { return r.Expired(now) })
}

// Page is one answer of Queue; Next is nil at the end.
type Page struct {
	Records []Record // without content
	Next    *store.Cursor
}

// Queue returns one page of the living records of one kind in the given states, by due time and id: what stands in clear
// and no content. A page may be shorter than its limit. For a logged kind the page has one entry, written first.
func (s *Safe) Queue(ctx context.Context, act Act, kind string, states []string, after store.Cursor, limit int) (Page, error) {
	logged, err := s.checkRead(act, kind)
	if err != nil {
		return Page{}, err
	}
	if logged {
		if err := s.tell(ctx, act, trail.Done, act.Reason, store.Key{Tenant: act.Tenant, Kind: kind}); err != nil {
			return Page{}, err
		}
	}
	page, err := s.store.Queue(ctx, store.Query{Tenant: act.Tenant, Kind: kind, States: states, After: after, Limit: limit})
	if err != nil {
		return Page{}, fmt.Errorf("%s: %w", act.Action, fault(err))
	}
	out := Page{Next: page.Next}
	for _, r := range s.living(page.Records) {
		out.Records = append(out.Records, header(r))
	}
	return out, nil
}

// Count counts the records of one kind in each of the given states. Expired ones count until they are swept, so it is
// for numbers on a desk, not for a decision about one. For a logged kind it has one entry, written first.
func (s *Safe) Count(ctx context.Context, act Act, kind string, states []string) (map[string]int64, error) {
	logged, err := s.checkRead(act, kind)
	if err != nil {
		return nil, err
	}
	if logged {
		if err := s.tell(ctx, act, trail.Done, act.Reason, store.Key{Tenant: act.Tenant, Kind: kind}); err != nil {
			return nil, err
		}
	}
	counts, err := s.store.Count(ctx, store.Query{Tenant: act.Tenant, Kind: kind, States: states})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", act.Action, fault(err))
	}
	return counts, nil
}
