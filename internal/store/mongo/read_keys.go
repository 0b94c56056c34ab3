package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/bson"

	"waypost/internal/store"
)

// idDoc is a document of which only the name is wanted.
type idDoc struct {
	ID string `bson:"_id"`
}

func namesOf(docs []idDoc) ([]store.Key, error) {
	var out []store.Key
	for _, d := range docs {
		k, err := parseKey(d.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// WrappedKey implements store.Store.
func (e *Engine) WrappedKey(ctx context.Context, k store.Key) (store.WrappedKey, error) {
	ctx, c, err := e.enter(ctx, store.CheckKey(k))
	if err != nil {
		return store.WrappedKey{}, err
	}
	defer c.leave()
	doc, err := searchOne[keyDoc](ctx, e, askOne(keys, k.Tenant, keyID(k)))
	if err == nil && doc == nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.WrappedKey{}, c.explain("wrapped key", err)
	}
	return store.WrappedKey{Bucket: doc.Bucket, Wrapped: doc.Wrapped}, nil
}

// BucketKeys implements store.Store.
func (e *Engine) BucketKeys(ctx context.Context, bucket string, after store.Key, limit int) ([]store.Key, error) {
	ctx, c, err := e.enter(ctx, store.CheckBucket(bucket, after, limit))
	if err != nil {
		return nil, err
	}
	defer c.leave()
	docs, err := searchAll[idDoc](ctx, e, askBucket(bucket, after, limit))
	if err != nil {
		return nil, c.explain("bucket keys", err)
	}
	found, err := namesOf(docs)
	return found, c.explain("bucket keys", err)
}

// Mark implements store.Marks.
func (e *Engine) Mark(ctx context.Context, name string) ([]byte, error) {
	ctx, c, err := e.enter(ctx, store.CheckMark(name, []byte{0}))
	if err != nil {
		return nil, err
	}
	defer c.leave()
	doc, err := searchOne[markDoc](ctx, e, askOne(marks, marksTenant, markID(name)))
	if err == nil && doc == nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, c.explain("mark", err)
	}
	return doc.Value, nil
}

// PutMark implements store.Marks: change what is there, else insert, else somebody was first and it is there.
func (e *Engine) PutMark(ctx context.Context, name string, value []byte) error {
	ctx, c, err := e.enter(ctx, store.CheckMark(name, value))
	if err != nil {
		return err
	}
	defer c.leave()
	in := e.db.Collection(marks)
	doc := markDoc{ID: markID(name), Tenant: marksTenant, Value: value}
	for {
		r, err := in.ReplaceOne(ctx, bson.D{is("tenant", marksTenant), is("_id", doc.ID)}, doc)
		if err == nil && r.MatchedCount == 0 {
			if _, err = in.InsertOne(ctx, doc); duplicate(err) {
				continue
			}
		}
		return c.explain("put mark", err)
	}
}
