package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo/options"

	"waypost/internal/store"
)

// change does the operations in order, insertions that stand next to each other in one command.
func (w *writing) change(ctx context.Context, list []store.Op) error {
	for i := 0; i < len(list); {
		n := 1
		var err error
		if list[i].Verb == store.Insert {
			for i+n < len(list) && list[i+n].Verb == store.Insert {
				n++
			}
			err = w.insert(ctx, list[i:i+n])
		} else {
			err = w.one(ctx, list[i])
		}
		if err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
		i += n
	}
	return nil
}

func (w *writing) insert(ctx context.Context, list []store.Op) error {
	docs := make([]any, len(list))
	for i, op := range list {
		docs[i] = recordOf(op.Rec)
	}
	_, err := w.collection(records).InsertMany(ctx, docs)
	if duplicate(err) {
		return store.ErrDuplicate
	}
	return err
}

// one replaces or deletes the record that has the right revision.
func (w *writing) one(ctx context.Context, op store.Op) error {
	r, in := op.Rec, w.collection(records)
	filter := bson.D{is("tenant", r.Tenant), is("_id", keyID(r.Key))}
	var changed int64
	if op.Verb == store.Replace {
		done, err := in.UpdateOne(ctx, append(filter, is("rev", r.Rev-1)), changes(r))
		if err != nil {
			return err
		}
		changed = done.MatchedCount
	} else {
		done, err := in.DeleteOne(ctx, append(filter, is("rev", r.Rev)))
		if err != nil {
			return err
		}
		changed = done.DeletedCount
	}
	if changed == 1 {
		return nil
	}
	there, err := searchOne[idDoc](ctx, w.e, askOne(records, r.Tenant, keyID(r.Key)))
	switch {
	case err != nil:
		return err
	case there == nil:
		return store.ErrNotFound
	}
	return store.ErrConflict
}

// changeKeys looks which keys are there, because what is put is inserted or replaces an older one.
func (w *writing) changeKeys(ctx context.Context, list []store.KeyOp) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]string, len(list))
	for i, k := range list {
		ids[i] = keyID(k.Key)
	}
	found, err := searchAll[idDoc](ctx, w.e, askMany(keys, w.batch.Tenant, ids))
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(found))
	for _, d := range found {
		there[d.ID] = true
	}
	in := w.collection(keys)
	var made []any
	for i, k := range list {
		filter := bson.D{is("tenant", k.Key.Tenant), is("_id", ids[i])}
		switch {
		case k.Put == nil && !there[ids[i]]:
			return fmt.Errorf("key operation %d: %w", i, store.ErrNotFound)
		case k.Put == nil:
			_, err = in.DeleteOne(ctx, filter)
		case there[ids[i]]:
			_, err = in.ReplaceOne(ctx, filter, keyOf(k))
		default:
			made = append(made, keyOf(k))
		}
		if err != nil {
			return fmt.Errorf("key operation %d: %w", i, err)
		}
	}
	return w.insertAll(ctx, keys, made)
}

func (w *writing) insertAll(ctx context.Context, in string, docs []any) error {
	if len(docs) == 0 {
		return nil
	}
	_, err := w.collection(in).InsertMany(ctx, docs, options.InsertMany().SetOrdered(true))
	return err
}
