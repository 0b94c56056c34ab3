package records

import (
	"context"
	"errors"
	"fmt"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// Read returns one record. For a logged kind the entry is committed first; if that fails there is no content. What is
// unknown, another organisation's or expired is ErrNotFound after the same work, and leaves a denied entry.
func (s *Safe) Read(ctx context.Context, act Act, kind, id string) (Record, error) {
	logged, err := s.checkRead(act, kind)
	if err != nil {
		return Record{}, err
	}
	at := store.Key{Tenant: act.Tenant, Kind: kind, ID: id}
	rec, wrapped, err := s.find(ctx, at)
	absent := errors.Is(err, ErrNotFound)
	if err != nil && !absent {
		return Record{}, fmt.Errorf("%s: %w", act.Action, err)
	}
	if logged {
		outcome, reason := trail.Done, act.Reason
		if absent {
			outcome, reason = trail.Denied, whyAbsent(err)
		}
		if err := s.tell(ctx, act, outcome, reason, at); err != nil {
			return Record{}, err
		}
	}
	if absent {
		return Record{}, fmt.Errorf("%s: %w", act.Action, ErrNotFound)
	}
	return s.open(ctx, act, rec, wrapped)
}

func (s *Safe) checkRead(act Act, kind string) (logged bool, err error) {
	if err := act.check(); err != nil {
		return false, err
	}
	logged, known := s.logged[kind]
	if !known {
		return false, fmt.Errorf("%s: kind is not in the table: %w", act.Action, ErrInvalid)
	}
	return logged, nil
}

// errExpired is ErrNotFound for everybody but the trail.
var errExpired = fmt.Errorf("%w: expired", ErrNotFound)

func whyAbsent(err error) string {
	if errors.Is(err, errExpired) {
		return expired
	}
	return unknown
}

// find reads a living record and its wrapped key without opening either. It asks for both, whatever the first answer.
func (s *Safe) find(ctx context.Context, at store.Key) (store.Record, vault.Wrapped, error) {
	if !trail.IsCode(at.ID) {
		at.ID = "none" // typed by somebody: nothing can rest under it, and the answer takes as long
	}
	rec, err := s.store.Read(ctx, at)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Record{}, vault.Wrapped{}, fault(err)
	}
	wrapped, err2 := s.store.WrappedKey(ctx, at)
	switch {
	case err2 != nil:
		return store.Record{}, vault.Wrapped{}, fault(err2)
	case err != nil:
		return store.Record{}, vault.Wrapped{}, fault(err)
	case rec.Expired(s.clock.latest()):
		return store.Record{}, vault.Wrapped{}, errExpired
	}
	return rec, vault.Wrapped{Bucket: wrapped.Bucket, Bytes: wrapped.Wrapped}, nil
}

// open opens what the trail has been told of. What does not open where it stands leaves a second entry, a failed one.
func (s *Safe) open(ctx context.Context, act Act, rec store.Record, wrapped vault.Wrapped) (Record, error) {
	out, err := s.unseal(rec, wrapped)
	if err == nil {
		return out, nil
	}
	err = fmt.Errorf("%s: %w", act.Action, err)
	if errors.Is(err, ErrTampered) && s.tells(rec.Kind) {
		err = errors.Join(err, s.tell(ctx, act, trail.Failed, tampered, rec.Key))
	}
	return Record{}, err
}

func (s *Safe) unseal(rec store.Record, wrapped vault.Wrapped) (Record, error) {
	key, err := s.keys.OpenKey(place(rec.Key, 0), wrapped)
	if err != nil {
		return Record{}, fault(err)
	}
	text, schema, err := key.Open(place(rec.Key, rec.Rev), rec.Sealed)
	if err != nil {
		return Record{}, fault(err)
	}
	out := header(rec)
	out.Schema, out.Content = schema, vault.Keep(text)
	return out, nil
}

// header is what stands in clear.
func header(rec store.Record) Record {
	return Record{
		Kind: rec.Kind, ID: rec.ID, Rev: rec.Rev, State: rec.State,
		Due: rec.Due, Created: rec.Created, Expires: rec.Expires, Blind: rec.Blind,
	}
}
