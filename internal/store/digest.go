package store

import (
	"encoding/binary"
	"time"

	"waypost/internal/trail"
)

// Digest is the digest of a batch's content: all but its ID. Every field goes in with its length, so that two
// batches of different content never have the same bytes.
func Digest(b Batch) [32]byte {
	size := 256
	for _, op := range b.Ops {
		size += len(op.Rec.Sealed) + 512
	}
	c := content(make([]byte, 0, size))
	c.text("waypost/batch/v1")
	c.text(b.Tenant)
	c.number(int64(len(b.Ops)))
	for _, op := range b.Ops {
		c.number(int64(op.Verb))
		c.record(op.Rec)
	}
	c.number(int64(len(b.Keys)))
	for _, k := range b.Keys {
		c.key(k.Key)
		if k.Put == nil {
			c.number(0)
			continue
		}
		c.number(1)
		c.text(k.Put.Bucket)
		c.bytes(k.Put.Wrapped)
	}
	c.number(int64(len(b.Trail)))
	for _, entry := range b.Trail {
		c.bytes(entry)
	}
	return trail.Sum(c)
}

// Ready returns the batch with its digest set.
func (b Batch) Ready() Batch {
	b.Digest = Digest(b)
	return b
}

type content []byte

func (c *content) number(n int64) { *c = binary.BigEndian.AppendUint64(*c, uint64(n)) }

func (c *content) bytes(b []byte) {
	c.number(int64(len(b)))
	*c = append(*c, b...)
}

func (c *content) text(s string) {
	c.number(int64(len(s)))
	*c = append(*c, s...)
}

func (c *content) key(k Key) {
	c.text(k.Tenant)
	c.text(k.Kind)
	c.text(k.ID)
}

func (c *content) record(r Record) {
	c.key(r.Key)
	c.number(r.Rev)
	c.text(r.State)
	for _, t := range []time.Time{r.Due, r.Created, r.Expires} {
		c.number(t.UnixMilli())
	}
	c.number(int64(len(r.Blind)))
	for _, v := range r.Blind {
		c.bytes(v)
	}
	c.bytes(r.Sealed)
}
