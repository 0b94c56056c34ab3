package records

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"waypost/internal/store"
	"waypost/internal/vault"
)

// refKey makes the references by which the trail speaks of a record. It is drawn once for the life of the database and
// never rotated, unlike the keys of the blind index, so that all entries of one record stay together.
type refKey struct{ key vault.Secret[[]byte] }

const (
	refLabel   = "waypost/ref/v1"
	refSize    = 16
	refKeySize = 32
	refKind    = "trail-key"
	refID      = "reference"
)

// of is HMAC-SHA-256, cut to 16 bytes, over label, organisation, kind and id, each with its length.
func (r refKey) of(k store.Key) []byte {
	mac := hmac.New(sha256.New, r.key.Reveal())
	for _, part := range []string{refLabel, k.Tenant, k.Kind, k.ID} {
		mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)[:refSize]
}

// Refer returns the reference under which the trail speaks of a record, or nil where records of its kind have no
// entries. It is what store.Auditing asks for.
func (s *Safe) Refer(k store.Key) []byte {
	if !s.tells(k.Kind) {
		return nil
	}
	return s.ref.of(k)
}

// openRefKey reads the key of the references, or makes it in a database that has none yet. It rests as a standing
// record of the house, sealed like any other and told in the log of the house.
func (s *Safe) openRefKey(ctx context.Context) (refKey, error) {
	at := store.Key{Tenant: House, Kind: refKind, ID: refID}
	rec, wrapped, err := s.find(ctx, at)
	if err == nil {
		r, err := s.unseal(rec, wrapped)
		if err == nil && len(r.Content.Reveal()) != refKeySize {
			err = ErrTampered
		}
		return refKey{r.Content}, err
	}
	if !errors.Is(err, ErrNotFound) {
		return refKey{}, err
	}
	head, err := s.store.TrailHead(ctx, House)
	if err != nil {
		return refKey{}, fault(err)
	}
	if head.Size > 0 {
		return refKey{}, fmt.Errorf("%w: the log of the house knows one and it is not there", ErrTampered)
	}
	switch made, err := s.makeRefKey(ctx, at); {
	case errors.Is(err, ErrDuplicate): // another process was first
		return s.openRefKey(ctx)
	default:
		return made, err
	}
}

func (s *Safe) makeRefKey(ctx context.Context, at store.Key) (refKey, error) {
	key := make([]byte, refKeySize)
	if err := s.draw(key); err != nil {
		return refKey{}, err
	}
	made := refKey{vault.Keep(key)}
	id, err := s.batchID()
	if err != nil {
		return refKey{}, err
	}
	b := batch{safe: s, ref: made, act: Act{Tenant: House, Actor: system, Action: "trail-key.made"}}
	if err := b.put(ctx, Record{Kind: at.Kind, ID: at.ID, Schema: 1, Content: made.key}); err != nil {
		return refKey{}, err
	}
	return made, fault(store.Settle(ctx, s.store, b.ready(id)))
}

// tells says whether the trail speaks of a kind. A kind that the table does not know was once somebody's: it does.
func (s *Safe) tells(kind string) bool {
	logged, known := s.logged[kind]
	return logged || !known
}
