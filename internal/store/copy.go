package store

import (
	"context"
	"encoding/binary"
	"fmt"

	"waypost/internal/trail"
)

const copyBytes = 4 << 20

// Copy carries everything from one store into another without opening anything: entries, wrapped keys and records. It
// may be stopped and begun again: what was copied has no second effect. At the end the root of each log must be the
// same on both sides. Told, if not nil, hears how many items were copied.
func Copy(ctx context.Context, from, to Store, told func(items int)) error {
	c := copying{ctx: ctx, to: to, told: told, roots: map[string]trail.Edge{}}
	if err := from.Export(ctx, c.take); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	if err := c.flush(); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	for tenant, want := range c.roots {
		got, err := Edge(ctx, to, tenant)
		if err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		if got.Size != want.Size || got.Root() != want.Root() {
			return fmt.Errorf("copy: log of %s: %w: the roots differ", tenant, trail.ErrTampered)
		}
	}
	return nil
}

type copying struct {
	ctx   context.Context
	to    Store
	told  func(int)
	batch Batch
	bytes int
	count int
	turn  uint64
	roots map[string]trail.Edge
}

func (c *copying) take(item any) error {
	switch it := item.(type) {
	case ExportLeaf:
		leaf, _, err := trail.ParseLeaf(it.Leaf)
		if err != nil {
			return fmt.Errorf("leaf %d of %s: %w", it.N, it.Tenant, err)
		}
		edge, again, _, err := c.roots[it.Tenant].Append(leaf.Entry)
		if err != nil || string(again) != string(it.Leaf) {
			return fmt.Errorf("leaf %d of %s: %w", it.N, it.Tenant, trail.ErrTampered)
		}
		c.roots[it.Tenant] = edge
		if err := c.room(it.Tenant, len(it.Leaf)); err != nil {
			return err
		}
		c.batch.Trail = append(c.batch.Trail, leaf.Entry)
	case ExportKey:
		if err := c.room(it.Tenant, len(it.Wrapped)); err != nil {
			return err
		}
		c.batch.Keys = append(c.batch.Keys, KeyOp{Key: it.Key, Put: &it.WrappedKey})
	case Record:
		if err := c.room(it.Tenant, len(it.Sealed)); err != nil {
			return err
		}
		c.batch.Ops = append(c.batch.Ops, Op{Verb: Insert, Rec: it})
	}
	return nil
}

// room ends the batch under way if the next item belongs to another organisation or would make it too long.
func (c *copying) room(tenant string, size int) error {
	b := &c.batch
	full := max(len(b.Ops), len(b.Keys), len(b.Trail)) >= BatchLimit/2 || c.bytes+size > copyBytes
	if b.Tenant != "" && (b.Tenant != tenant || full) {
		if err := c.flush(); err != nil {
			return err
		}
	}
	b.Tenant = tenant
	c.bytes += size
	c.count++
	return nil
}

func (c *copying) flush() error {
	if c.batch.Tenant == "" {
		return nil
	}
	b := c.batch.Ready()
	c.turn++
	// The id follows from the content and its turn, so that a copy begun again commits the same batches.
	id := trail.Sum(binary.BigEndian.AppendUint64(append([]byte("waypost/copy/v1"), b.Digest[:]...), c.turn))
	copy(b.ID[:], id[:])
	if err := Settle(c.ctx, c.to, b); err != nil {
		return fmt.Errorf("batch %d: %w", c.turn, err)
	}
	c.batch, c.bytes = Batch{}, 0
	if c.told != nil {
		c.told(c.count)
	}
	return nil
}
