package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"waypost/internal/store"
)

// A time rests as whole milliseconds since 1970; the zero time as its own, far negative, number.
func milli(t time.Time) int64 { return t.UnixMilli() }

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func scanRecord(from scanner) (store.Record, error) {
	var r store.Record
	var due, created, expires int64
	var blinds []byte
	err := from.Scan(&r.Tenant, &r.Kind, &r.ID, &r.Rev, &r.State, &due, &created, &expires, &blinds, &r.Sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return r, store.ErrNotFound
	}
	r.Due, r.Created, r.Expires = moment(due), moment(created), moment(expires)
	for part := range slices.Chunk(blinds, store.BlindSize) {
		r.Blind = append(r.Blind, part)
	}
	return r, err
}

func (s *session) record(tenant, kind, id string) (store.Record, error) {
	return scanRecord(s.row(readRec, tenant, kind, id))
}

// Read implements store.Store.
func (e *Engine) Read(ctx context.Context, k store.Key) (r store.Record, err error) {
	if err := e.enter(ctx, store.CheckKey(k)); err != nil {
		return r, err
	}
	err = e.reading(ctx, "read", func(s *session) error {
		r, err = s.record(k.Tenant, k.Kind, k.ID)
		return err
	})
	return r, err
}

// Find implements store.Store: one search for each value, then the records.
func (e *Engine) Find(ctx context.Context, tenant, kind string, blind [][]byte) (found []store.Record, err error) {
	if err := e.enter(ctx, store.CheckFind(tenant, kind, blind)); err != nil {
		return nil, err
	}
	err = e.picture(ctx, "find", func(s *session) error {
		var ids []string
		for _, value := range blind {
			err := s.each(ctx, func(row scanner) error {
				var id string
				err := row.Scan(&id)
				ids = append(ids, id)
				return err
			}, findBlind, tenant, kind, value, store.FindLimit)
			if err != nil {
				return err
			}
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		found, err = s.records(ctx, tenant, kind, ids[:min(len(ids), store.FindLimit)])
		return err
	})
	return found, err
}

func (s *session) records(ctx context.Context, tenant, kind string, ids []string) ([]store.Record, error) {
	var out []store.Record
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := s.record(tenant, kind, id)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Count implements store.Store.
func (e *Engine) Count(ctx context.Context, q store.Query) (map[string]int64, error) {
	if err := e.enter(ctx, store.CheckQuery(q, false)); err != nil {
		return nil, err
	}
	ctx, cancel := e.during(ctx)
	defer cancel()
	counts := map[string]int64{}
	err := e.picture(ctx, "count", func(s *session) error {
		for _, state := range q.States {
			err := s.each(ctx, func(row scanner) error {
				var n int64
				err := row.Scan(&n)
				counts[state] = n
				return err
			}, countState, q.Tenant, q.Kind, state)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}
