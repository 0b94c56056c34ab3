// Package store is the only door to persistent data: one narrow interface over sealed records, with an engine for one
// machine (sqlite) and one for several (mongo) below it, and one conformance suite that both must pass.
//
// It refuses to hold a key, to decrypt, and to know what a record means. It sees kinds, routing facts, dates and sealed
// bytes. Everything is written by Commit, all of it or nothing of it, with the entries of the trail in the same
// transaction; nothing is written twice; and every call names the organisation it is for.
package store

import (
	"context"
	"errors"
	"io"
	"time"
)

// The sentinels of this room. What wraps them names the act, never content.
var (
	ErrNotFound    = errors.New("store: not found")
	ErrConflict    = errors.New("store: revision conflict")       // somebody else changed it first
	ErrDuplicate   = errors.New("store: identifier already used") // insert of an existing key
	ErrReused      = errors.New("store: batch id already used")   // for a batch with other content
	ErrUnknown     = errors.New("store: outcome unknown")         // retry with the same Batch, see Settle
	ErrFull        = errors.New("store: no space left")           // nothing of the batch was written
	ErrInvalid     = errors.New("store: not a valid request")     // a mistake of the caller
	ErrDamaged     = errors.New("store: the data is damaged")     // reads may go on, writes do not
	ErrClosed      = errors.New("store: closed")                  // or closing
	ErrUnfit       = errors.New("store: the engine is not fit")   // Probe: it may not be used
	ErrUnsupported = errors.New("store: not offered by this engine")
)

// Store is what both engines offer. Every method is safe for concurrent use.
//
// Expired records are still found until they are deleted: who reads asks Meta.Expired, because only the caller knows
// the time that counts.
type Store interface {
	// Read returns one record or ErrNotFound.
	Read(context.Context, Key) (Record, error)
	// Find returns the records of one kind that carry any of the blind values, by id, at most FindLimit of them.
	Find(ctx context.Context, tenant, kind string, blind [][]byte) ([]Record, error)
	// Queue returns one page of the records in the given states, by due time and id.
	Queue(context.Context, Query) (Page, error)
	// Count counts the records in each of the given states; After and Limit do not matter. A state without records is 0.
	Count(context.Context, Query) (map[string]int64, error)
	// Commit writes one batch. Nil means it is durable. A batch that was committed before has no second effect.
	Commit(context.Context, Batch) error

	// Expired returns keys of records, of any organisation, that expired before the given time, oldest first.
	Expired(ctx context.Context, before time.Time, limit int) ([]Key, error)
	// WrappedKey returns the wrapped data key of one record or ErrNotFound.
	WrappedKey(context.Context, Key) (WrappedKey, error)
	// BucketKeys lists the records, of any organisation, whose data keys are wrapped in that month, after the given key.
	BucketKeys(ctx context.Context, bucket string, after Key, limit int) ([]Key, error)

	// TrailHead returns the size of one organisation's log and its signed head.
	TrailHead(ctx context.Context, tenant string) (Head, error)
	// TrailRead returns leaves from number from on.
	TrailRead(ctx context.Context, tenant string, from int64, limit int) ([][]byte, error)
	// NextLog returns the organisation whose log comes after that name, in the order of names, or ErrNotFound: so whoever
	// carries heads out of the machine finds every log.
	NextLog(ctx context.Context, after string) (string, error)
	// TrailHashes returns the stored hashes at the given positions, in that order, or ErrNotFound.
	TrailHashes(ctx context.Context, tenant string, pos []int64) ([][32]byte, error)

	// Export hands out all that rests, as one consistent picture: for each organisation its ExportLeaf in order and
	// its ExportHead, then every ExportKey, then every Record. An error of the function ends it.
	Export(context.Context, func(any) error) error
	// Backup writes a verified copy of everything that a sqlite engine can open; ErrUnsupported on MongoDB.
	Backup(context.Context, io.Writer) error
	// Probe says whether the engine keeps what this interface promises. It writes under ProbeTenant and removes it.
	Probe(context.Context) error
	// Close ends what is under way and lets go. Every later call returns ErrClosed.
	Close() error
}

// Bounds that Check and the engines hold.
const (
	PageLimit    = 200     // records of one page
	FindLimit    = 200     // records Find returns
	ListLimit    = 1000    // keys, leaves or hashes of one answer
	BatchLimit   = 256     // operations of one batch, and as many keys and entries
	SealedLimit  = 1 << 20 // bytes of one sealed record
	WrappedLimit = 512     // bytes of one wrapped key
	BlindSize    = 20      // epoch (4 bytes) and 16 bytes
	BlindLimit   = 32      // blind values of one record
	StateLimit   = 16      // states of one query
	KeepBatches  = 7 * 24 * time.Hour
)
