package records

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// Erase destroys one record at whatever revision it stands, expired or not, with its key and its index entries. What is
// not there is ErrNotFound; that and ErrConflict, where somebody else writes to it time after time, leave an entry.
// Docs/retention.md says what this reaches and when.
func (s *Safe) Erase(ctx context.Context, act Act, kind, id string) error {
	logged, err := s.checkRead(act, kind)
	if err != nil {
		return err
	}
	k := store.Key{Tenant: act.Tenant, Kind: kind, ID: id}
	err = ErrNotFound
	if trail.IsCode(id) {
		err = s.eraseOne(ctx, act, k)
	}
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s: %w", act.Action, err)
	if outcome, why := refusal(err); logged && outcome != "" {
		return errors.Join(err, s.tell(ctx, act, outcome, why, k))
	}
	return err
}

func (s *Safe) eraseOne(ctx context.Context, act Act, k store.Key) error {
	for range stallMost + 1 {
		n, err := s.destroy(ctx, act, []store.Key{k}, func(store.Meta) bool { return true })
		if err != nil || n == 1 {
			return err
		}
		if _, err := s.store.Read(ctx, k); errors.Is(err, store.ErrNotFound) {
			return ErrNotFound
		}
	}
	return ErrConflict
}

// EraseOrganisation destroys all records and keys of the act's organisation, an entry for each in its log, which stays.
// At the end that log and the log of the house say so. The caller has made sure that nobody writes there any more; it
// may be stopped and asked again.
func (s *Safe) EraseOrganisation(ctx context.Context, act Act) (int, error) {
	if err := act.check(); err != nil {
		return 0, err
	}
	if act.Tenant == House {
		return 0, fmt.Errorf("%s: the house itself: %w", act.Action, ErrInvalid)
	}
	total := 0
	for found := 1; found > 0; {
		n, seen, err := s.erasePass(ctx, act)
		total, found = total+n, seen
		if err != nil {
			return total, fmt.Errorf("%s: %w", act.Action, err)
		}
	}
	if err := s.tell(ctx, act, trail.Done, act.Reason, store.Key{Tenant: act.Tenant, Kind: "organisation"}); err != nil {
		return total, err
	}
	house := act
	house.Tenant = House
	return total, s.tell(ctx, house, trail.Done, act.Tenant, store.Key{Tenant: House, Kind: "organisation"})
}

// erasePass goes once through the keys of all months, for every record has one, and says how many records it destroyed
// and how many keys it met.
func (s *Safe) erasePass(ctx context.Context, act Act) (n, seen int, err error) {
	live, destroyed := s.keys.Months()
	for _, bucket := range append(live, destroyed...) {
		after := store.Key{Tenant: act.Tenant, Kind: firstCode, ID: firstCode}
		for {
			keys, err := s.store.BucketKeys(ctx, bucket, after, sweepPage)
			if err != nil {
				return n, seen, fault(err)
			}
			keys = slices.DeleteFunc(keys, func(k store.Key) bool { return k.Tenant != act.Tenant })
			went, err := s.erasePage(ctx, act, keys)
			n, seen = n+went, seen+len(keys)
			if err != nil {
				return n, seen, err
			}
			if len(keys) < sweepPage {
				break
			}
			after = keys[len(keys)-1]
		}
	}
	return n, seen, nil
}

func (s *Safe) erasePage(ctx context.Context, act Act, keys []store.Key) (int, error) {
	refused := refusals{}
	n := s.destroyAll(ctx, act, keys, func(store.Meta) bool { return true }, refused)
	if err := refused[act.Tenant]; err != nil || n == len(keys) {
		return n, err
	}
	for _, k := range keys { // what is left was changed meanwhile, for the next pass, or is a key without a record
		if _, err := s.store.Read(ctx, k); !errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err := s.dropOrphan(ctx, k); err != nil {
			return n, err
		}
	}
	return n, nil
}

// firstCode stands before every other code.
const firstCode = "0"

// Extend gives a record another expiry: retention changed, a legal hold, or its end. The data key is wrapped for the
// new month; the text is sealed again under it because a sealed text is bound to its revision and every change of a
// record has a new one. Nothing of the text leaves this call.
func (s *Safe) Extend(ctx context.Context, act Act, op [16]byte, kind, id string, expires time.Time) (Record, error) {
	logged, err := s.checkRead(act, kind)
	if err != nil {
		return Record{}, err
	}
	k := store.Key{Tenant: act.Tenant, Kind: kind, ID: id}
	rec, wrapped, err := s.find(ctx, k)
	if err != nil {
		why := whyAbsent(err)
		err = fmt.Errorf("%s: %w", act.Action, err)
		if logged && errors.Is(err, ErrNotFound) {
			return Record{}, errors.Join(fmt.Errorf("%s: %w", act.Action, ErrNotFound), s.tell(ctx, act, trail.Denied, why, k))
		}
		return Record{}, err
	}
	r, err := s.open(ctx, act, rec, wrapped)
	if err != nil {
		return Record{}, err
	}
	r.Expires = expires
	written, err := s.Write(ctx, act, op, Change{Verb: Put, Record: r})
	if err != nil {
		return Record{}, err
	}
	return withoutContent(written[0]), nil
}

func withoutContent(r Record) Record {
	r.Content = vault.Secret[[]byte]{}
	return r
}
