package sqlite

import (
	"context"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// Export implements store.Store. It holds one reading connection and, as long as it lasts, keeps the write-ahead log
// from being emptied.
func (e *Engine) Export(ctx context.Context, take func(any) error) error {
	if err := e.enter(ctx, nil); err != nil {
		return err
	}
	ctx, cancel := e.during(ctx)
	defer cancel()
	return e.using(ctx, e.pool.long, "export", still(func(s *session) error {
		x := exporting{ctx, s, take}
		if err := x.logs(); err != nil {
			return err
		}
		if err := x.keys(); err != nil {
			return err
		}
		return s.each(ctx, func(row scanner) error {
			r, err := scanRecord(row)
			if err != nil {
				return err
			}
			return x.hand(r)
		}, exportRecs, "", "", "")
	}))
}

type exporting struct {
	ctx  context.Context
	s    *session
	take func(any) error
}

func (x exporting) hand(item any) error {
	if err := x.ctx.Err(); err != nil {
		return err
	}
	return x.take(item)
}

// logs goes from one organisation to the next. One whose leaves were removed but not its head is among them, so that an
// audit sees it.
func (x exporting) logs() error {
	for tenant := ""; ; {
		leaves, err := x.next(nextLeafLog, tenant)
		if err != nil {
			return err
		}
		notes, err := x.next(nextNoteLog, tenant)
		if err != nil {
			return err
		}
		switch {
		case leaves == "" && notes == "":
			return nil
		case leaves == "", notes != "" && notes < leaves:
			tenant = notes
		default:
			tenant = leaves
		}
		if err := x.log(tenant); err != nil {
			return err
		}
	}
}

func (x exporting) next(query, after string) (tenant string, err error) {
	if err = one(x.s.row(query, after).Scan(&tenant)); err == store.ErrNotFound {
		return "", nil
	}
	return tenant, err
}

func (x exporting) log(tenant string) error {
	var size int64
	err := x.s.each(x.ctx, func(row scanner) error {
		it := store.ExportLeaf{Tenant: tenant}
		if err := row.Scan(&it.N, &it.Leaf); err != nil {
			return err
		}
		size = it.N + 1
		err := x.s.each(x.ctx, func(row scanner) error {
			var stored []byte
			if err := row.Scan(&stored); err != nil {
				return err
			}
			var h [32]byte
			copy(h[:], stored) // one of another length is another hash, and the audit says so
			it.Hashes = append(it.Hashes, h)
			return nil
		}, exportHashes, tenant, trail.FirstHash(it.N), trail.FirstHash(it.N+1))
		if err != nil {
			return err
		}
		return x.hand(it)
	}, exportLeaves, tenant)
	if err != nil {
		return err
	}
	_, note, err := x.s.note(tenant)
	if err != nil {
		return err
	}
	return x.hand(store.ExportHead{Tenant: tenant, Head: store.Head{Size: size, Note: note}})
}

func (x exporting) keys() error {
	return x.s.each(x.ctx, func(row scanner) error {
		var k store.ExportKey
		if err := row.Scan(&k.Tenant, &k.Kind, &k.ID, &k.Bucket, &k.Wrapped); err != nil {
			return err
		}
		return x.hand(k)
	}, exportKeys, "", "", "")
}
