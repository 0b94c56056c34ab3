package mongo

import (
	"cmp"
	"context"
	"slices"

	"waypost/internal/store"
	"waypost/internal/trail"
)

const exportPage = 500

// Export implements store.Store. It reads page by page in one snapshot, which the server keeps for as long as
// minSnapshotHistoryWindowInSeconds says; where that is too short, Export fails and never mixes two moments.
func (e *Engine) Export(ctx context.Context, take func(any) error) error {
	ctx, c, err := e.enterLong(ctx)
	if err != nil {
		return err
	}
	defer c.leave()
	var told error // an error of the function is handed back as it is
	err = c.picture(ctx, func(ctx context.Context) error {
		x := exporting{e: e, take: func(item any) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			told = take(item)
			return told
		}}
		if err := x.logs(ctx); err != nil {
			return err
		}
		if err := x.keys(ctx); err != nil {
			return err
		}
		return x.records(ctx)
	})
	if told != nil {
		return told
	}
	return c.explain("export", err)
}

type exporting struct {
	e    *Engine
	take func(any) error
}

// pages goes through a collection in the order of its ids.
type pages[T any] struct {
	x    exporting
	in   string
	id   func(T) string
	page []T
	last string
	done bool
}

// next looks at what comes next; nil at the end.
func (p *pages[T]) next(ctx context.Context) (*T, error) {
	if len(p.page) == 0 && !p.done {
		ctx, cancel := context.WithTimeout(ctx, p.x.e.opts.Timeout)
		defer cancel()
		found, divided, err := search[T](ctx, p.x.e, askAll(p.in, p.last, exportPage))
		if err != nil {
			return nil, err
		}
		p.page, p.done = found, len(found) < exportPage && !divided
		if len(found) > 0 {
			p.last = p.id(found[len(found)-1])
		}
	}
	if len(p.page) == 0 {
		return nil, nil
	}
	return &p.page[0], nil
}

func (p *pages[T]) step() { p.page = p.page[1:] }

// logs walks through leaves, hashes and heads side by side. A log without leaves but with a head is among them, so that
// an audit sees it.
func (x exporting) logs(ctx context.Context) error {
	ls := &pages[leafDoc]{x: x, in: leaves, id: func(d leafDoc) string { return d.ID }}
	hs := &pages[hashDoc]{x: x, in: hashes, id: func(d hashDoc) string { return d.ID }}
	ns := &pages[headDoc]{x: x, in: heads, id: func(d headDoc) string { return d.ID }}
	for {
		leaf, err := ls.next(ctx)
		if err != nil {
			return err
		}
		head, err := ns.next(ctx)
		if err != nil {
			return err
		}
		switch {
		case leaf == nil && head == nil:
			return nil
		case leaf == nil, head != nil && head.Tenant < leaf.Tenant:
			err = x.log(ctx, head.Tenant, ls, hs, ns)
		default:
			err = x.log(ctx, leaf.Tenant, ls, hs, ns)
		}
		if err != nil {
			return err
		}
	}
}

func (x exporting) log(ctx context.Context, tenant string, ls *pages[leafDoc], hs *pages[hashDoc], ns *pages[headDoc]) error {
	end := store.ExportHead{Tenant: tenant}
	for {
		leaf, err := ls.next(ctx)
		if err != nil {
			return err
		}
		if leaf == nil || leaf.Tenant != tenant {
			break
		}
		n, err := parseNumber(leaf.ID)
		if err != nil {
			return err
		}
		it := store.ExportLeaf{Tenant: tenant, N: n, Leaf: leaf.Leaf}
		ls.step()
		if it.Hashes, err = x.hashes(ctx, tenant, trail.FirstHash(n+1), hs); err != nil {
			return err
		}
		if err := x.take(it); err != nil {
			return err
		}
		end.Size = n + 1
	}
	head, err := ns.next(ctx)
	if err != nil {
		return err
	}
	if head != nil && head.Tenant == tenant {
		end.Note = head.head().Note
		ns.step()
	}
	return x.take(end)
}

// hashes takes those that stand before the given position; one that is too many or missing is for the audit to see.
func (x exporting) hashes(ctx context.Context, tenant string, below int64, hs *pages[hashDoc]) (out [][32]byte, err error) {
	for {
		d, err := hs.next(ctx)
		if err != nil || d == nil || cmp.Or(cmp.Compare(d.Tenant, tenant), cmp.Compare(d.ID, numberID(tenant, below))) >= 0 {
			return out, err
		}
		if d.Tenant == tenant {
			var h [32]byte
			copy(h[:], d.Hash) // one of another length is another hash, and the audit says so
			out = append(out, h)
		}
		hs.step()
	}
}

func (x exporting) keys(ctx context.Context) error {
	ks := &pages[keyDoc]{x: x, in: keys, id: func(d keyDoc) string { return d.ID }}
	for {
		d, err := ks.next(ctx)
		if err != nil || d == nil {
			return err
		}
		k, err := parseKey(d.ID)
		if err != nil {
			return err
		}
		if err := x.take(store.ExportKey{Key: k, WrappedKey: store.WrappedKey{Bucket: d.Bucket, Wrapped: slices.Clone(d.Wrapped)}}); err != nil {
			return err
		}
		ks.step()
	}
}

func (x exporting) records(ctx context.Context) error {
	rs := &pages[recordDoc]{x: x, in: records, id: func(d recordDoc) string { return d.ID }}
	for {
		d, err := rs.next(ctx)
		if err != nil || d == nil {
			return err
		}
		r, err := d.record()
		if err != nil {
			return err
		}
		if err := x.take(r); err != nil {
			return err
		}
		rs.step()
	}
}
