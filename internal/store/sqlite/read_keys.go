package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"waypost/internal/store"
)

func keysInto(to *[]store.Key) func(scanner) error {
	return func(row scanner) error {
		var k store.Key
		err := row.Scan(&k.Tenant, &k.Kind, &k.ID)
		*to = append(*to, k)
		return err
	}
}

// Expired implements store.Store.
func (e *Engine) Expired(ctx context.Context, before time.Time, limit int) (keys []store.Key, err error) {
	if err := e.enter(ctx, store.CheckList(limit)); err != nil {
		return nil, err
	}
	until := milli(before)
	if moment(until).Before(before) {
		until++ // what expired within this millisecond expired before
	}
	err = e.reading(ctx, "expired", func(s *session) error {
		return s.each(ctx, keysInto(&keys), expiredRec, milli(time.Time{}), until, limit)
	})
	return keys, err
}

// WrappedKey implements store.Store.
func (e *Engine) WrappedKey(ctx context.Context, k store.Key) (w store.WrappedKey, err error) {
	if err := e.enter(ctx, store.CheckKey(k)); err != nil {
		return w, err
	}
	err = e.reading(ctx, "wrapped key", func(s *session) error {
		return one(s.row(readKey, k.Tenant, k.Kind, k.ID).Scan(&w.Bucket, &w.Wrapped))
	})
	return w, err
}

// BucketKeys implements store.Store.
func (e *Engine) BucketKeys(ctx context.Context, bucket string, after store.Key, limit int) (keys []store.Key, err error) {
	if err := e.enter(ctx, store.CheckBucket(bucket, after, limit)); err != nil {
		return nil, err
	}
	err = e.reading(ctx, "bucket keys", func(s *session) error {
		return s.each(ctx, keysInto(&keys), bucketKeys, bucket, after.Tenant, after.Kind, after.ID, limit)
	})
	return keys, err
}

// one turns "no row" into ErrNotFound.
func one(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}

// Mark implements store.Marks.
func (e *Engine) Mark(ctx context.Context, name string) (value []byte, err error) {
	if err := e.enter(ctx, store.CheckMark(name, []byte{0})); err != nil {
		return nil, err
	}
	err = e.reading(ctx, "mark", func(s *session) error { return one(s.row(readMark, name).Scan(&value)) })
	return value, err
}

// PutMark implements store.Marks.
func (e *Engine) PutMark(ctx context.Context, name string, value []byte) error {
	if err := e.enter(ctx, store.CheckMark(name, value)); err != nil {
		return err
	}
	return e.writer.do(ctx, &job{work: func(w *writer) error {
		_, err := w.session.exec(putMark, name, value)
		return err
	}})
}
