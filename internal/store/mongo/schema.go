package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/bson"
	driver "go.mongodb.org/mongo-driver/mongo"

	"waypost/internal/store"
)

// The collections. What must be unique is in _id, with the organisation in front, because on a sharded cluster an index
// is unique only if it begins with the whole shard key: {tenant, _id}, or {tenant} to keep a commit on one shard.
const (
	records = "record"
	keys    = "wrapkey"
	ops     = "op"
	leaves  = "trail_leaf"
	hashes  = "trail_hash"
	heads   = "trail_note"
	marks   = "mark"
)

// marksTenant stands in the mark of the database as a whole, so that no filter goes without an organisation.
const marksTenant = "waypost.marks"

// indexes of each collection. The first one makes sharding possible and, where no other is needed, the collection.
func indexes() map[string][]bson.D {
	up := func(fields ...string) bson.D {
		var d bson.D
		for _, f := range fields {
			d = append(d, bson.E{Key: f, Value: 1})
		}
		return d
	}
	place := up("tenant", "_id")
	return map[string][]bson.D{
		records: {place, up("tenant", "kind", "state", "due", "_id"), up("tenant", "kind", "blind", "_id"), up("expires", "tenant", "_id")},
		keys:    {place, up("bucket", "tenant", "_id")},
		ops:     {place, up("at")},
		leaves:  {place},
		hashes:  {place},
		heads:   {place},
		marks:   {place},
	}
}

func collections() []string { return []string{records, keys, ops, leaves, hashes, heads, marks} }

// build makes what is not there yet, before the first transaction. It first asks who is there, within the time of a call;
// an index of a large collection may take longer.
func (e *Engine) build(ctx context.Context) error {
	if err := e.greet(ctx); err != nil {
		return err
	}
	ctx, c, err := e.enterLong(ctx)
	if err != nil {
		return err
	}
	defer c.leave()
	all := indexes()
	for _, name := range collections() {
		var models []driver.IndexModel
		for _, fields := range all[name] {
			models = append(models, driver.IndexModel{Keys: fields})
		}
		if _, err := e.db.Collection(name).Indexes().CreateMany(ctx, models); err != nil {
			return c.explain("indexes of "+name, err)
		}
	}
	return nil
}

func (e *Engine) greet(ctx context.Context) error {
	ctx, c, err := e.enter(ctx, nil)
	if err != nil {
		return err
	}
	defer c.leave()
	return c.explain("reach the database", c.topology(ctx))
}

var _ interface {
	store.Store
	store.Marks
} = (*Engine)(nil)
