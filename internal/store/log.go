package store

import (
	"context"
	"fmt"

	"waypost/internal/trail"
)

// Edge reads where one organisation's log stands: its size and its root, from the stored hashes.
func Edge(ctx context.Context, s Store, tenant string) (trail.Edge, error) {
	head, err := s.TrailHead(ctx, tenant)
	if err != nil || head.Size == 0 {
		return trail.Edge{}, err
	}
	newest, err := s.TrailRead(ctx, tenant, head.Size-1, 1)
	if err != nil {
		return trail.Edge{}, err
	}
	if len(newest) != 1 {
		return trail.Edge{}, fmt.Errorf("log of %s: %w: newest leaf is missing", tenant, trail.ErrTampered)
	}
	hashes, err := s.TrailHashes(ctx, tenant, trail.Positions(head.Size))
	if err != nil {
		return trail.Edge{}, err
	}
	return trail.OpenEdge(head.Size, newest[0], hashes)
}

// Hashes reads stored hashes of one log for trail.ProveEntry and trail.ProveGrowth.
func Hashes(ctx context.Context, s Store, tenant string) trail.ReadHashes {
	return func(pos []int64) ([]trail.Hash, error) { return s.TrailHashes(ctx, tenant, pos) }
}

// Auditing says how Audit is done.
type Auditing struct {
	Keys trail.Readers
	Kept map[string][][]byte // for each organisation the signed checkpoints that left the machine
	// Refer gives the reference under which the entries speak of a record, or nil if records of its kind have none.
	// Without it the logs are checked alone.
	Refer func(Key) []byte
}

// Audit checks the logs of all organisations, and every record against its newest entry, on one consistent picture of
// the store. A report with faults is not an error; an error means that the audit could not be finished.
func Audit(ctx context.Context, s Store, how Auditing) ([]trail.Report, error) {
	audits := map[string]*trail.Audit{}
	var order []string
	of := func(tenant string) *trail.Audit {
		if audits[tenant] == nil {
			audits[tenant] = trail.NewAudit(tenant, how.Keys, how.Kept[tenant]...)
			order = append(order, tenant)
		}
		return audits[tenant]
	}
	for tenant := range how.Kept { // an organisation whose whole log is gone is known only from outside
		of(tenant)
	}
	err := s.Export(ctx, func(item any) error {
		switch it := item.(type) {
		case ExportLeaf:
			of(it.Tenant).Leaf(it.N, it.Leaf, it.Hashes)
		case ExportHead:
			of(it.Tenant).Head(it.Note)
		case Record:
			if how.Refer == nil {
				return nil
			}
			if ref := how.Refer(it.Key); ref != nil {
				of(it.Tenant).Record(trail.Live{Ref: ref, Rev: it.Rev, Record: trail.Sum(it.Sealed)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	reports := make([]trail.Report, 0, len(order))
	for _, tenant := range order {
		reports = append(reports, audits[tenant].Report(how.Refer != nil))
	}
	return reports, nil
}
