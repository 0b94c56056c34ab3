package conform

import (
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// counter yields bytes that follow from a name, so that a test that fails once fails again.
type counter struct {
	name string
	n    uint64
	rest []byte
}

func (c *counter) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		c.n++
		sum := trail.Sum(binary.BigEndian.AppendUint64([]byte(c.name), c.n))
		c.rest = sum[:]
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Ids yields bytes for batch ids that follow from the given names. It is for tests and not safe for concurrent use.
func Ids(names ...string) io.Reader { return &counter{name: strings.Join(names, "\x00")} }

// Notary is the notary under which every engine is opened for Run. Its key is known to everybody.
func Notary(t testing.TB) *trail.Notary {
	t.Helper()
	private, public, err := trail.NewKey(Ids("notary"), "waypost.conform")
	if err != nil {
		t.Fatal(err)
	}
	n, err := trail.NewNotary(private, public)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// At is the moment at which the invented records of these tests begin.
func At() time.Time { return time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC) }

// Entry is one canonical entry at that moment.
func Entry(at time.Time, action string) []byte {
	e, err := trail.Entry{At: at, Actor: "staff-1", Action: action, Outcome: trail.Done, Effect: trail.None}.Encode()
	if err != nil {
		panic(err) // the caller wrote no code as action
	}
	return e
}

// Record is a record of kind "case" of that organisation, in state "new", due and made at At.
func Record(tenant, id string, rev int64, sealed string) store.Record {
	return store.Record{
		Meta:   store.Meta{Key: store.Key{Tenant: tenant, Kind: "case", ID: id}, Rev: rev, State: "new", Due: At(), Created: At()},
		Sealed: []byte(sealed),
	}
}

// Gone is the operation that deletes the record of that key at that revision.
func Gone(k store.Key, rev int64) store.Op {
	return store.Op{Verb: store.Delete, Rec: store.Record{Meta: store.Meta{Key: k, Rev: rev}}}
}

// Blind is a blind value of epoch 1 made of one number.
func Blind(n int) []byte {
	b := make([]byte, store.BlindSize)
	b[3] = 1
	binary.BigEndian.PutUint64(b[store.BlindSize-8:], uint64(n))
	return b
}
