package store

import "time"

// Key names one record. ID carries no meaning but, as a UUIDv7, its time.
type Key struct{ Tenant, Kind, ID string }

// Meta is everything the engine sees in clear.
type Meta struct {
	Key
	Rev                   int64 // 1, 2, 3 ...: optimistic concurrency
	State                 string
	Due, Created, Expires time.Time // UTC, whole milliseconds; an Expires of zero never comes
	Blind                 [][]byte  // epoch (4 bytes) + 16 bytes, several epochs at once
}

// Expired says whether the record may no longer be shown, swept or not.
func (m Meta) Expired(now time.Time) bool { return !m.Expires.IsZero() && !now.Before(m.Expires) }

// Record is one sealed record.
type Record struct {
	Meta
	Sealed []byte
}

// WrappedKey is the data key of one record, wrapped by the key of the month in which the record expires. It rests apart
// from the record so that destroying it shreds the record.
type WrappedKey struct {
	Bucket  string // YYYY-MM of expiry, UTC
	Wrapped []byte // 60 bytes
}

// Verb is what an Op does.
type Verb uint8

const (
	// Insert adds a record; ErrDuplicate if its key is taken. A new record has revision 1; a copy keeps its own.
	Insert Verb = iota + 1
	// Replace puts a record in the place of the one whose revision is Rec.Rev-1; Created stays what it was.
	Replace
	// Delete removes the record whose revision is Rec.Rev; the rest of Rec is empty. Its wrapped key stays: destroy it
	// in the same batch.
	Delete
)

// Op is one change of a record.
type Op struct {
	Verb Verb
	Rec  Record
}

// KeyOp puts or destroys the wrapped key of a record; destroying one that is not there is ErrNotFound.
type KeyOp struct {
	Key Key
	Put *WrappedKey // nil: destroy
}

// Batch is the only way to write: all of it or nothing of it, audit leaves included. A retry sends the very same batch;
// sealing again would make another one.
type Batch struct {
	ID     [16]byte // idempotency: same ID and content twice has one effect
	Digest [32]byte // Digest(batch); set it once, when the batch is made
	Tenant string   // every Op and KeyOp must belong to it
	Ops    []Op     // at most one for each key
	Keys   []KeyOp
	Trail  [][]byte // canonical trail entries, appended in order; the log numbers them
}

// Cursor is the last place of a page.
type Cursor struct {
	Due time.Time
	ID  string
}

// Query asks for the records of one kind in some states.
type Query struct {
	Tenant, Kind string
	States       []string
	After        Cursor // zero: from the start
	Limit        int    // 1 to PageLimit
}

// Page is one answer of Queue; Next is nil at the end.
type Page struct {
	Records []Record
	Next    *Cursor
}

// Head is where one organisation's log stands.
type Head struct {
	Size int64  // leaves in the tenant's log
	Note []byte // signed head over all leaves; nil without a notary or without leaves
}

// ExportLeaf is one leaf of a log with the hashes stored with it.
type ExportLeaf struct {
	Tenant string
	N      int64
	Leaf   []byte
	Hashes [][32]byte
}

// ExportHead is the head of a log.
type ExportHead struct {
	Tenant string
	Head
}

// ExportKey is a wrapped key with its record's name.
type ExportKey struct {
	Key
	WrappedKey
}
