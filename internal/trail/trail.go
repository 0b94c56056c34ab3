// Package trail is the record of what happened: who looked, who changed, who was refused. It is one Merkle log per
// organisation (RFC 6962, golang.org/x/mod/sumdb/tlog) whose head is signed with Ed25519 and carried off the machine,
// so that an edit, a deletion, a swap, a truncation, a forged entry and a log put back in time can be shown by anybody
// who kept an older head and holds the public key.
//
// It refuses to hold personal data: an entry carries a staff id, a coded action, a keyed reference, a revision, a time
// and a digest, all in a closed alphabet without spaces or capitals, so no name and no free text fits in. It refuses
// to open anything, to decide who may act, and to write by itself: a store appends inside its own transaction.
package trail

import (
	"errors"

	"golang.org/x/mod/sumdb/tlog"
)

// The sentinels of this room. What wraps them names positions and ids, never content.
var (
	ErrEntry    = errors.New("trail: not a canonical entry")
	ErrClock    = errors.New("trail: the clock is behind the log")
	ErrTampered = errors.New("trail: the log does not match its signed head")
	ErrNote     = errors.New("trail: not a valid signed checkpoint")
)

// Hash is a node of the tree: SHA-256 with the prefixes of RFC 6962.
type Hash = [32]byte

// Sum is the digest of stored bytes that an entry carries: the RFC 6962 leaf hash, SHA-256 of a zero byte and the bytes.
func Sum(data []byte) Hash { return Hash(tlog.RecordHash(data)) }
