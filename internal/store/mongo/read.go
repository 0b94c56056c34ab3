package mongo

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"waypost/internal/store"
)

// Read implements store.Store.
func (e *Engine) Read(ctx context.Context, k store.Key) (store.Record, error) {
	ctx, c, err := e.enter(ctx, store.CheckKey(k))
	if err != nil {
		return store.Record{}, err
	}
	defer c.leave()
	doc, err := searchOne[recordDoc](ctx, e, askOne(records, k.Tenant, keyID(k)))
	if err == nil && doc == nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Record{}, c.explain("read", err)
	}
	r, err := doc.record()
	return r, c.explain("read", err)
}

// Find implements store.Store: one search for each value, of one picture, so that a record whose values change meanwhile
// is not missed by all of them.
func (e *Engine) Find(ctx context.Context, tenant, kind string, blind [][]byte) ([]store.Record, error) {
	ctx, c, err := e.enter(ctx, store.CheckFind(tenant, kind, blind))
	if err != nil {
		return nil, err
	}
	defer c.leave()
	var docs []recordDoc
	err = c.picture(ctx, func(ctx context.Context) error {
		for _, value := range blind {
			some, err := e.carry(ctx, tenant, kind, value)
			if err != nil {
				return err
			}
			docs = append(docs, some...)
		}
		return nil
	})
	if err != nil {
		return nil, c.explain("find", err)
	}
	slices.SortFunc(docs, func(a, b recordDoc) int { return cmp.Compare(a.ID, b.ID) })
	docs = slices.CompactFunc(docs, func(a, b recordDoc) bool { return a.ID == b.ID })
	found, err := opened(docs[:min(len(docs), store.FindLimit)])
	return found, c.explain("find", err)
}

// carry lists the records that carry one value, by id.
func (e *Engine) carry(ctx context.Context, tenant, kind string, value []byte) (docs []recordDoc, err error) {
	for after := ""; ; {
		some, divided, err := search[recordDoc](ctx, e, askBlind(tenant, kind, value, after, store.FindLimit-len(docs)))
		docs = append(docs, some...)
		if err != nil || !divided {
			return docs, err
		}
		after = docs[len(docs)-1].ID
	}
}

func opened(docs []recordDoc) ([]store.Record, error) {
	var out []store.Record
	for _, d := range docs {
		r, err := d.record()
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Queue implements store.Store. One record more than asked for tells whether there is a next page.
func (e *Engine) Queue(ctx context.Context, q store.Query) (store.Page, error) {
	ctx, c, err := e.enter(ctx, store.CheckQuery(q, true))
	if err != nil {
		return store.Page{}, err
	}
	defer c.leave()
	var docs []recordDoc
	err = c.picture(ctx, func(ctx context.Context) error {
		docs, err = e.line(ctx, q, q.Limit+1)
		return err
	})
	if err != nil {
		return store.Page{}, c.explain("queue", err)
	}
	var page store.Page
	page.Records, err = opened(docs[:min(len(docs), q.Limit)])
	if err != nil {
		return store.Page{}, c.explain("queue", err)
	}
	if len(docs) > q.Limit {
		last := page.Records[q.Limit-1]
		page.Next = &store.Cursor{Due: last.Due, ID: last.ID}
	}
	return page, nil
}

// line reads along the queue: what is due when the cursor is, then what is due later, and on from where an answer was
// divided.
func (e *Engine) line(ctx context.Context, q store.Query, want int) (docs []recordDoc, err error) {
	for {
		var some []recordDoc
		divided := false
		if q.After != (store.Cursor{}) {
			if some, divided, err = search[recordDoc](ctx, e, askTie(q, want-len(docs))); err != nil {
				return nil, err
			}
			docs = append(docs, some...)
		}
		if !divided && len(docs) < want {
			if some, divided, err = search[recordDoc](ctx, e, askQueue(q, want-len(docs))); err != nil {
				return nil, err
			}
			docs = append(docs, some...)
		}
		if !divided {
			return docs, nil
		}
		last, err := docs[len(docs)-1].record()
		if err != nil {
			return nil, err
		}
		q.After = store.Cursor{Due: last.Due, ID: last.ID}
	}
}

// counting is the one aggregation.
func counting(q store.Query) bson.A {
	return bson.A{
		bson.D{is("$match", bson.D{is("tenant", q.Tenant), is("kind", q.Kind), among("state", q.States)})},
		bson.D{is("$group", bson.D{is("_id", "$state"), is("n", bson.D{is("$sum", int64(1))})})},
	}
}

// Count implements store.Store.
func (e *Engine) Count(ctx context.Context, q store.Query) (map[string]int64, error) {
	ctx, c, err := e.enter(ctx, store.CheckQuery(q, false))
	if err != nil {
		return nil, err
	}
	defer c.leave()
	cursor, err := e.db.Collection(records).Aggregate(ctx, counting(q))
	if err != nil {
		return nil, c.explain("count", err)
	}
	var groups []struct {
		State string `bson:"_id"`
		N     int64  `bson:"n"`
	}
	if err := cursor.All(ctx, &groups); err != nil {
		return nil, c.explain("count", err)
	}
	counts := map[string]int64{}
	for _, state := range q.States {
		counts[state] = 0
	}
	for _, g := range groups {
		counts[g.State] = g.N
	}
	return counts, nil
}

// Expired implements store.Store.
func (e *Engine) Expired(ctx context.Context, before time.Time, limit int) ([]store.Key, error) {
	ctx, c, err := e.enter(ctx, store.CheckList(limit))
	if err != nil {
		return nil, err
	}
	defer c.leave()
	docs, err := searchAll[idDoc](ctx, e, askExpired(before, limit))
	if err != nil {
		return nil, c.explain("expired", err)
	}
	found, err := namesOf(docs)
	return found, c.explain("expired", err)
}
