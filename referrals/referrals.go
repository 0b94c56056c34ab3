// Package referrals answers who is told: it turns a finished consultation into a sealed case, hands to each destination
// exactly its packet, waits for an answer by a clock, and lets the people of one desk decide by one table of states.
//
// It refuses: a case from nothing; a packet against a refusal for which no ground was recorded; to say "sent" before
// somebody confirms; to keep a field that no chosen destination needs; to show a case to whoever is kept away from it, for
// whom it does not exist; to open a case before the trail says so; and to count aloud what could be one person. It knows
// no page and sends nothing.
package referrals

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

// The sentinels of this room. What wraps them names acts and ids, never content.
var (
	ErrNotFound   = errors.New("referrals: not found")                        // unknown, expired, another organisation's, or kept away
	ErrConflict   = errors.New("referrals: somebody changed it first")        // the newer case comes with it
	ErrUnfinished = errors.New("referrals: the consultation found nothing")   // no case without a finding
	ErrInvalid    = errors.New("referrals: not a valid request")              // a mistake of the caller, or a fault in the form
	ErrState      = errors.New("referrals: not from this state")              // the table has no such line
	ErrReason     = errors.New("referrals: a reason is needed")               // from the event's own list
	ErrNotReady   = errors.New("referrals: the packet lacks something")       // see packet.Missing
	ErrOpened     = errors.New("referrals: the service has opened it")        // too late to recall
	ErrStillOut   = errors.New("referrals: a hand-over waits for its answer") // acknowledge, decline or recall it first
	ErrCode       = errors.New("referrals: the spoken code does not fit")     // counted
	ErrHeld       = errors.New("referrals: a hold keeps it")                  // a legal order, a complaint, an inquiry
	ErrUnchecked  = errors.New("referrals: not all was looked at")            // of what the second person answers for
	ErrRequest    = errors.New("referrals: a request of this name held something else")
	ErrConfig     = errors.New("referrals: incomplete set-up")
)

// Safe is what this room needs of *records.Safe, opened with Kinds.
type Safe interface {
	Write(ctx context.Context, act records.Act, op [16]byte, changes ...records.Change) ([]records.Record, error)
	Read(ctx context.Context, act records.Act, kind, id string) (records.Record, error)
	Find(ctx context.Context, act records.Act, kind string, blind [][]byte) ([]records.Record, error)
	Queue(ctx context.Context, act records.Act, kind string, states []string, after store.Cursor, limit int) (records.Page, error)
	Note(ctx context.Context, act records.Act, outcome trail.Outcome, kind, id string) error
	Refer(k store.Key) []byte
}

// Gate rules who may act; *people.Register does.
type Gate interface {
	Permit(ctx context.Context, a people.Actor, action people.Action, target string) (records.Act, error)
}

// Keys makes the blind indexes by which a case is found without being opened; *vault.Keyring does.
type Keys interface {
	Blind(tenant, field, value string) [][]byte
	BlindNHS(tenant string, n vault.NHSNumber) [][]byte
}

// Log is what of the store this room reads to say who looked at a case.
type Log interface {
	TrailHead(ctx context.Context, tenant string) (store.Head, error)
	TrailRead(ctx context.Context, tenant string, from int64, limit int) ([][]byte, error)
}

// Config says what a Desk stands on.
type Config struct {
	Safe   Safe
	Gate   Gate
	Keys   Keys
	Log    Log
	Book   *packet.Book
	Now    func() time.Time
	Random io.Reader // references, tokens, codes, ids of operations
	// Answering is the organisation that picks up here what is for a service of the directory, empty where none does;
	// *people.Register's.
	Answering func(ctx context.Context, service string) (string, error)
	// Alert, if not nil, hears that a second lead of an organisation should look at the desk: glass was broken. It is told
	// nothing else.
	Alert func(ctx context.Context, organisation string)
}

// Desk is the room's door.
type Desk struct {
	Config
	rest rest
}

// New builds a desk, or says with ErrConfig what is missing.
func New(c Config) (*Desk, error) {
	if c.Safe == nil || c.Gate == nil || c.Keys == nil || c.Log == nil || c.Book == nil || c.Now == nil || c.Random == nil || c.Answering == nil {
		return nil, fmt.Errorf("new desk: %w", ErrConfig)
	}
	return &Desk{c, rest{c.Safe, c.Random}}, nil
}

// Periods of this room. Proposals until the organisation that runs Waypost has agreed them (docs/retention.md).
const (
	AfterClosing = 90 * 24 * time.Hour  // a closed or withdrawn case
	LongestHold  = 360 * 24 * time.Hour // the latest that a recorded reason puts erasure off, from now
	OpenLife     = 180 * 24 * time.Hour // a case on which nobody acts any more
	LinkLife     = 72 * time.Hour       // a link that nobody opened
	PacketLife   = 30 * 24 * time.Hour  // what a service has opened, from its last answer
	GrantKept    = 180 * 24 * time.Hour // that glass was broken, and what a second person said of it
)
