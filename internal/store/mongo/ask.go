package mongo

import (
	"context"
	"fmt"
	"math"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo/options"

	"waypost/internal/store"
)

// ask is one search. All of them stand in this file, so that Probe can have each explained.
type ask struct {
	in     string
	filter bson.D
	sort   bson.D
	limit  int
}

func is(field string, value any) bson.E { return bson.E{Key: field, Value: value} }

func above(field string, value any) bson.E { return is(field, bson.D{is("$gt", value)}) }

func within(field string, from, below any) bson.E {
	return is(field, bson.D{is("$gte", from), is("$lt", below)})
}

func among[T any](field string, values []T) bson.E { return is(field, bson.D{is("$in", values)}) }

// anyTenant is the filter of the few searches across organisations. It says so, where a missing one would be a slip.
func anyTenant() bson.E { return above("tenant", "") }

func up(fields ...string) bson.D {
	var d bson.D
	for _, f := range fields {
		d = append(d, is(f, 1))
	}
	return d
}

func askOne(in, tenant, id string) ask {
	return ask{in: in, filter: bson.D{is("tenant", tenant), is("_id", id)}, limit: 1}
}

func askMany(in, tenant string, ids []string) ask {
	return ask{in: in, filter: bson.D{is("tenant", tenant), among("_id", ids)}, limit: len(ids)}
}

func askBlind(tenant, kind string, value []byte, after string, limit int) ask {
	return ask{records, bson.D{is("tenant", tenant), is("kind", kind), is("blind", value), above("_id", after)}, up("_id"), limit}
}

// askQueue asks for what is due later than the cursor; askTie for what is due at the same time and has a higher id.
// The server takes an $in of so few states for equality and merges along the index instead of sorting
// (https://www.mongodb.com/docs/manual/tutorial/equality-sort-range-guideline).
func askQueue(q store.Query, limit int) ask {
	due := is("due", bson.D{is("$gt", date(q.After.Due))})
	if q.After == (store.Cursor{}) {
		due = is("due", bson.D{is("$gte", primitive.DateTime(math.MinInt64))})
	}
	return ask{records, bson.D{is("tenant", q.Tenant), is("kind", q.Kind), among("state", q.States), due}, up("due", "_id"), limit}
}

func askTie(q store.Query, limit int) ask {
	after := keyID(store.Key{Tenant: q.Tenant, Kind: q.Kind, ID: q.After.ID})
	return ask{records, bson.D{
		is("tenant", q.Tenant), is("kind", q.Kind), among("state", q.States), is("due", date(q.After.Due)), above("_id", after),
	}, up("due", "_id"), limit}
}

// askExpired leaves out the year 1, which stands for never.
func askExpired(before time.Time, limit int) ask {
	until := date(before)
	if moment(until).Before(before) {
		until++ // what expired within this millisecond expired before
	}
	gone := is("expires", bson.D{is("$gt", date(time.Time{})), is("$lt", until)})
	return ask{records, bson.D{gone, anyTenant()}, up("expires", "tenant", "_id"), limit}
}

func askBucket(bucket string, after store.Key, limit int) ask {
	filter := bson.D{is("bucket", bucket), anyTenant()}
	if after != (store.Key{}) {
		filter = bson.D{is("bucket", bucket), is("tenant", bson.D{is("$gte", after.Tenant)}), above("_id", keyID(after))}
	}
	return ask{keys, filter, up("tenant", "_id"), limit}
}

func askLeaves(tenant string, from int64, limit int) ask {
	return ask{leaves, bson.D{is("tenant", tenant), within("_id", numberID(tenant, from), tenant+beyond)}, up("_id"), limit}
}

func askNewest(tenant string) ask {
	a := askLeaves(tenant, 0, 1)
	a.sort = bson.D{is("_id", -1)}
	return a
}

func askNextLog(after string) ask {
	return ask{heads, bson.D{above("tenant", after)}, up("tenant", "_id"), 1}
}

func askOld(before time.Time, limit int) ask {
	return ask{ops, bson.D{is("at", bson.D{is("$lt", date(before))}), anyTenant()}, up("at"), limit}
}

// askAll goes through a whole collection by pages.
func askAll(in, after string, limit int) ask {
	return ask{in, bson.D{anyTenant(), above("_id", after)}, up("tenant", "_id"), limit}
}

// fits is how much may come at once for sure: a message holds 16 MB, and a record little more than one.
const fits = 8 << 20

// search hands out what was found in one answer. Where documents are so large that a message cannot hold them all,
// divided says that there may be more behind the last one. It leaves no cursor open, because in a snapshot session the
// driver asks for the rest of one with a read concern, which servers refuse (mongo-driver v1.17.10, operation.go).
func search[T any](ctx context.Context, e *Engine, a ask) (found []T, divided bool, err error) {
	// A negative limit closes the cursor after the first batch, whose size would be 101 if nobody said.
	opts := options.Find().SetLimit(-int64(a.limit)).SetBatchSize(int32(a.limit + 1))
	if len(a.sort) > 0 {
		opts.SetSort(a.sort)
	}
	cursor, err := e.db.Collection(a.in).Find(ctx, a.filter, opts)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = cursor.Close(ctx) }() // nothing is open on the server
	size := 0
	for cursor.Next(ctx) {
		var one T
		if err := cursor.Decode(&one); err != nil {
			return nil, false, fmt.Errorf("%s: %w", a.in, store.ErrDamaged)
		}
		found, size = append(found, one), size+len(cursor.Current)
	}
	return found, len(found) < a.limit && size > fits, cursor.Err()
}

// searchAll is for documents that are so small, or searches of so few, that the answer is never divided.
func searchAll[T any](ctx context.Context, e *Engine, a ask) ([]T, error) {
	found, divided, err := search[T](ctx, e, a)
	if err == nil && divided {
		err = fmt.Errorf("%s: documents too large: %w", a.in, store.ErrDamaged)
	}
	return found, err
}

// searchOne is nil where nothing was found.
func searchOne[T any](ctx context.Context, e *Engine, a ask) (*T, error) {
	found, _, err := search[T](ctx, e, a)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}
