package store

import (
	"fmt"
	"time"

	"waypost/internal/trail"
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
}

// Check says whether a batch may be committed. Engines ask it first, so that both refuse the same. Messages give the
// place of a fault in the batch and never what stands there.
func Check(b Batch) error {
	switch {
	case b.ID == [16]byte{}:
		return invalid("batch has no id")
	case !trail.IsCode(b.Tenant):
		return invalid("tenant is not a code")
	case len(b.Ops)+len(b.Keys)+len(b.Trail) == 0:
		return invalid("batch is empty")
	case len(b.Ops) > BatchLimit || len(b.Keys) > BatchLimit || len(b.Trail) > BatchLimit:
		return invalid("batch is longer than %d", BatchLimit)
	}
	if err := checkOps(b); err != nil {
		return err
	}
	if err := checkKeyOps(b); err != nil {
		return err
	}
	for i, entry := range b.Trail {
		if _, err := trail.ParseEntry(entry); err != nil {
			return fmt.Errorf("%w: entry %d: %w", ErrInvalid, i, err)
		}
	}
	if b.Digest != Digest(b) {
		return invalid("digest is not that of the content")
	}
	return nil
}

func checkOps(b Batch) error {
	seen := make(map[Key]bool, len(b.Ops))
	for i, op := range b.Ops {
		if err := CheckKey(op.Rec.Key); err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
		if op.Rec.Tenant != b.Tenant {
			return invalid("operation %d is for another tenant", i)
		}
		if seen[op.Rec.Key] {
			return invalid("operation %d is the second for its key", i)
		}
		seen[op.Rec.Key] = true
		if err := op.check(); err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
	}
	return nil
}

func checkKeyOps(b Batch) error {
	seen := make(map[Key]bool, len(b.Keys))
	for i, k := range b.Keys {
		if err := CheckKey(k.Key); err != nil {
			return fmt.Errorf("key operation %d: %w", i, err)
		}
		if k.Key.Tenant != b.Tenant {
			return invalid("key operation %d is for another tenant", i)
		}
		if seen[k.Key] {
			return invalid("key operation %d is the second for its key", i)
		}
		seen[k.Key] = true
		if k.Put == nil {
			continue
		}
		if len(k.Put.Wrapped) == 0 || len(k.Put.Wrapped) > WrappedLimit || !isMonth(k.Put.Bucket) {
			return invalid("key operation %d: wrapped key or month is malformed", i)
		}
	}
	return nil
}

func (op Op) check() error {
	r := op.Rec
	switch op.Verb {
	case Delete:
		if r.State != "" || !r.Due.IsZero() || !r.Created.IsZero() || !r.Expires.IsZero() || len(r.Blind)+len(r.Sealed) > 0 {
			return invalid("a deletion carries more than key and revision")
		}
		if r.Rev < 1 {
			return invalid("revision is below 1")
		}
		return nil
	case Insert, Replace:
	default:
		return invalid("verb is unknown")
	}
	switch {
	case r.Rev < 1 || (op.Verb == Replace && r.Rev < 2):
		return invalid("revision is too low")
	case r.State != "" && !trail.IsCode(r.State):
		return invalid("state is not a code")
	case len(r.Sealed) == 0 || len(r.Sealed) > SealedLimit:
		return invalid("sealed bytes are missing or too long")
	case !whole(r.Due) || !whole(r.Created) || !whole(r.Expires):
		return invalid("a time is not a whole millisecond in UTC")
	}
	return checkBlind(r.Blind, 0)
}

func checkBlind(blind [][]byte, least int) error {
	if len(blind) < least || len(blind) > BlindLimit {
		return invalid("%d blind values", len(blind))
	}
	seen := make(map[string]bool, len(blind))
	for _, v := range blind {
		if len(v) != BlindSize || seen[string(v)] {
			return invalid("a blind value has the wrong length or stands twice")
		}
		seen[string(v)] = true
	}
	return nil
}

// CheckKey says whether k may name a record.
func CheckKey(k Key) error {
	if !trail.IsCode(k.Tenant) || !trail.IsCode(k.Kind) || !trail.IsCode(k.ID) {
		return invalid("tenant, kind or id is not a code")
	}
	return nil
}

// CheckFind says whether Find may be asked this.
func CheckFind(tenant, kind string, blind [][]byte) error {
	if !trail.IsCode(tenant) || !trail.IsCode(kind) {
		return invalid("tenant or kind is not a code")
	}
	return checkBlind(blind, 1)
}

// CheckQuery says whether Queue or, without paging, Count may be asked this.
func CheckQuery(q Query, paging bool) error {
	if !trail.IsCode(q.Tenant) || !trail.IsCode(q.Kind) {
		return invalid("tenant or kind is not a code")
	}
	if len(q.States) == 0 || len(q.States) > StateLimit {
		return invalid("%d states", len(q.States))
	}
	seen := make(map[string]bool, len(q.States))
	for _, s := range q.States {
		if (s != "" && !trail.IsCode(s)) || seen[s] {
			return invalid("a state is not a code or stands twice")
		}
		seen[s] = true
	}
	if paging && (q.Limit < 1 || q.Limit > PageLimit || !whole(q.After.Due) || (q.After.ID != "" && !trail.IsCode(q.After.ID))) {
		return invalid("limit or cursor")
	}
	return nil
}

// CheckList says whether a list of that length may be asked for.
func CheckList(limit int) error {
	if limit < 1 || limit > ListLimit {
		return invalid("limit %d", limit)
	}
	return nil
}

// CheckTenant says whether a log may be asked for.
func CheckTenant(tenant string) error {
	if !trail.IsCode(tenant) {
		return invalid("tenant is not a code")
	}
	return nil
}

// CheckNextLog says whether NextLog may be asked this.
func CheckNextLog(after string) error {
	if after == "" {
		return nil
	}
	return CheckTenant(after)
}

// CheckTrailRead says whether TrailRead may be asked this.
func CheckTrailRead(tenant string, from int64, limit int) error {
	if from < 0 {
		return invalid("first leaf is below 0")
	}
	if err := CheckTenant(tenant); err != nil {
		return err
	}
	return CheckList(limit)
}

// CheckTrailHashes says whether TrailHashes may be asked this; no positions are asked for in vain, not in error.
func CheckTrailHashes(tenant string, pos []int64) error {
	if len(pos) > ListLimit {
		return invalid("%d positions", len(pos))
	}
	for _, p := range pos {
		if p < 0 {
			return invalid("a position is below 0")
		}
	}
	return CheckTenant(tenant)
}

// CheckBucket says whether BucketKeys may be asked this.
func CheckBucket(bucket string, after Key, limit int) error {
	if !isMonth(bucket) {
		return invalid("bucket is not a month")
	}
	if after != (Key{}) {
		if err := CheckKey(after); err != nil {
			return err
		}
	}
	return CheckList(limit)
}

func isMonth(s string) bool {
	t, err := time.Parse("2006-01", s)
	return err == nil && t.Format("2006-01") == s
}

// whole says whether t comes back from an engine as it went in.
func whole(t time.Time) bool {
	return t.Nanosecond()%int(time.Millisecond) == 0 && t.Location() == time.UTC && t.Year() >= 1 && t.Year() <= 9999
}
