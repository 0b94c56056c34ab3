package records

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"waypost/internal/trail"
	"waypost/internal/vault"
)

// Act is what the trail says of who does what: codes only.
type Act struct {
	Tenant string // the organisation whose record and whose log it is
	Actor  string // staff id or "system"
	Role   string // the role the actor used, may be empty
	Action string // "case.read"
	Reason string // may be empty
}

func (a Act) check() error {
	if !trail.IsCode(a.Tenant) || !trail.IsCode(a.Actor) || !trail.IsCode(a.Action) ||
		a.Role != "" && !trail.IsCode(a.Role) || a.Reason != "" && !trail.IsCode(a.Reason) {
		return fmt.Errorf("act: a field is no code: %w", ErrInvalid)
	}
	return nil
}

// Record is one record with its content. All but the content is seen by the store in clear, so it holds codes and dates.
type Record struct {
	Kind, ID string
	Rev      int64  // 0: not yet written
	State    string // a code, may be empty
	Due      time.Time
	Created  time.Time // zero in a new record: now
	Expires  time.Time // zero: a standing record, which stays until it is destroyed
	Blind    [][]byte  // from Keyring.Blind or BlindNHS for the same organisation
	Schema   uint16    // how to read the content
	Content  vault.Secret[[]byte]
}

// Verb is what a Change does.
type Verb uint8

const (
	// Put writes a record: a new one if Rev is 0, else in the place of the one with that revision. Created of a record
	// that is replaced stays.
	Put Verb = iota + 1
	// Destroy removes the record with that revision, its key and its index entries; only Kind, ID and Rev count.
	Destroy
)

// Change is one change of a record.
type Change struct {
	Verb   Verb
	Record Record
}

// NewID returns a UUIDv7: no meaning but its time.
func (s *Safe) NewID() (string, error) {
	var id [16]byte
	if err := s.draw(id[6:]); err != nil {
		return "", err
	}
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(s.clock.latest().UnixMilli()))
	copy(id[:6], at[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:], nil
}

func (s *Safe) draw(to []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := io.ReadFull(s.random, to); err != nil {
		return fmt.Errorf("draw an id: %w", err)
	}
	return nil
}

// batchID is the id of a batch that is no caller's operation.
func (s *Safe) batchID() (id [16]byte, err error) {
	err = s.draw(id[:])
	return id, err
}

// whole cuts a time to what the store keeps.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
