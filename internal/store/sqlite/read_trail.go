package sqlite

import (
	"bytes"
	"context"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// logEnd is where one log stands, and the size that its stored head covers.
type logEnd struct {
	edge  trail.Edge
	noted int64
}

func (s *session) size(tenant string) (size int64, newest []byte, err error) {
	switch err := one(s.row(newestLeaf, tenant).Scan(&size, &newest)); err {
	case nil:
		return size + 1, newest, nil
	case store.ErrNotFound:
		return 0, nil, nil
	default:
		return 0, nil, err
	}
}

func (s *session) note(tenant string) (size int64, note []byte, err error) {
	if err = one(s.row(newestNote, tenant).Scan(&size, &note)); err == store.ErrNotFound {
		return 0, nil, nil
	}
	return size, note, err
}

func (s *session) hash(tenant string, pos int64) (h [32]byte, err error) {
	var stored []byte
	if err := one(s.row(readHash, tenant, pos).Scan(&stored)); err != nil {
		return h, err
	}
	if copy(h[:], stored) != len(h) || len(stored) != len(h) {
		return h, store.ErrDamaged
	}
	return h, nil
}

// TrailHead implements store.Store.
func (e *Engine) TrailHead(ctx context.Context, tenant string) (h store.Head, err error) {
	if err := e.enter(ctx, store.CheckTenant(tenant)); err != nil {
		return h, err
	}
	err = e.picture(ctx, "trail head", func(s *session) error {
		if h.Size, _, err = s.size(tenant); err != nil {
			return err
		}
		noted, note, err := s.note(tenant)
		if noted == h.Size {
			h.Note = bytes.Clone(note)
		}
		return err
	})
	return h, err
}

// NextLog implements store.Store.
func (e *Engine) NextLog(ctx context.Context, after string) (next string, err error) {
	if err := e.enter(ctx, store.CheckNextLog(after)); err != nil {
		return "", err
	}
	err = e.reading(ctx, "next log", func(s *session) error { return one(s.row(nextLeafLog, after).Scan(&next)) })
	return next, err
}

// TrailRead implements store.Store.
func (e *Engine) TrailRead(ctx context.Context, tenant string, from int64, limit int) (leaves [][]byte, err error) {
	if err := e.enter(ctx, store.CheckTrailRead(tenant, from, limit)); err != nil {
		return nil, err
	}
	err = e.reading(ctx, "trail", func(s *session) error {
		return s.each(ctx, func(row scanner) error {
			var leaf []byte
			err := row.Scan(&leaf)
			leaves = append(leaves, leaf)
			return err
		}, readLeaves, tenant, from, limit)
	})
	return leaves, err
}

// TrailHashes implements store.Store.
func (e *Engine) TrailHashes(ctx context.Context, tenant string, pos []int64) (hashes [][32]byte, err error) {
	if err := e.enter(ctx, store.CheckTrailHashes(tenant, pos)); err != nil {
		return nil, err
	}
	err = e.picture(ctx, "trail hashes", func(s *session) error {
		for _, p := range pos {
			h, err := s.hash(tenant, p)
			if err != nil {
				return err
			}
			hashes = append(hashes, h)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return hashes, nil
}
