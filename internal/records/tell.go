package records

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// system is the actor of what nobody asked for: expiry.
const system = "system"

// Why something was refused, as the trail keeps it. Another organisation's record is unknown like one that never was.
const (
	unknown  = "unknown"
	expired  = "expired"
	tampered = "tampered"
)

func (a Act) entry(at time.Time, e trail.Entry, o trail.Outcome, reason, kind string, ref []byte) ([]byte, error) {
	e.At, e.Actor, e.Role, e.Action = at, a.Actor, a.Role, a.Action
	e.Outcome, e.Kind, e.Ref, e.Reason = o, kind, ref, reason
	if e.Effect == "" {
		e.Effect = trail.None
	}
	text, err := e.Encode()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return text, nil
}

// tell writes one entry for each key, or fails with ErrTrail. A key without id is about no one record.
func (s *Safe) tell(ctx context.Context, act Act, o trail.Outcome, reason string, about ...store.Key) error {
	if len(about) == 0 {
		return nil
	}
	at, err := s.clock.stamp()
	if err != nil {
		return err
	}
	b := batch{act: act}
	for _, k := range about {
		var ref []byte
		if k.ID != "" {
			ref = s.ref.of(k)
		}
		text, err := act.entry(at, trail.Entry{}, o, reason, k.Kind, ref)
		if err != nil {
			return err
		}
		b.entries = append(b.entries, text)
	}
	id, err := s.batchID()
	if err != nil {
		return untold(err)
	}
	if err := store.Settle(ctx, s.store, b.ready(id)); err != nil {
		return fmt.Errorf("%s: %w", act.Action, untold(err))
	}
	return nil
}

// Note writes an entry without a change: a denial by the policy, a sign-in. Kind and id may be empty.
func (s *Safe) Note(ctx context.Context, act Act, outcome trail.Outcome, kind, id string) error {
	if err := act.check(); err != nil {
		return err
	}
	return s.tell(ctx, act, outcome, act.Reason, store.Key{Tenant: act.Tenant, Kind: kind, ID: id})
}
