package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	driver "go.mongodb.org/mongo-driver/mongo"

	"waypost/internal/store"
)

const (
	sweepEvery = time.Hour
	sweepPage  = 200
)

type oldDoc struct {
	ID     string `bson:"_id"`
	Tenant string `bson:"tenant"`
}

// Sweep forgets the ids of batches older than store.KeepBatches and says how many. The engine calls it by itself once
// an hour; it may be killed anywhere, and several processes may do it at once.
func (e *Engine) Sweep(ctx context.Context) (int, error) {
	for total := 0; ; {
		n, err := e.sweepSome(ctx)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

func (e *Engine) sweepSome(ctx context.Context) (int, error) {
	ctx, c, err := e.enter(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer c.leave()
	old, err := searchAll[oldDoc](ctx, e, askOld(e.opts.Now().Add(-store.KeepBatches), sweepPage))
	if err != nil || len(old) == 0 {
		return 0, c.explain("sweep", err)
	}
	var gone []driver.WriteModel
	for _, o := range old {
		gone = append(gone, driver.NewDeleteOneModel().SetFilter(bson.D{is("tenant", o.Tenant), is("_id", o.ID)}))
	}
	if _, err := e.db.Collection(ops).BulkWrite(ctx, gone); err != nil {
		return 0, c.explain("sweep", err)
	}
	return len(old), nil
}

func (e *Engine) sweeping() {
	hour := time.NewTicker(sweepEvery)
	defer hour.Stop()
	for {
		select {
		case <-hour.C:
			_, _ = e.Sweep(e.life) // what stays is swept the next time
		case <-e.life.Done():
			return
		}
	}
}
