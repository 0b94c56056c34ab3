package sqlite

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/store"
)

const (
	sweepEvery = time.Hour
	sweepPage  = 200
)

type opID struct {
	tenant string
	id     []byte
}

// Sweep forgets the ids of batches older than store.KeepBatches and says how many. The engine calls it by itself once
// an hour; it may be killed anywhere.
func (e *Engine) Sweep(ctx context.Context) (int, error) {
	if err := e.enter(ctx, nil); err != nil {
		return 0, err
	}
	before := milli(e.opts.Now().Add(-store.KeepBatches))
	for total := 0; ; {
		var old []opID
		err := e.reading(ctx, "sweep", func(s *session) error {
			return s.each(ctx, func(row scanner) error {
				var o opID
				err := row.Scan(&o.tenant, &o.id)
				old = append(old, o)
				return err
			}, oldOps, before, sweepPage)
		})
		if err != nil || len(old) == 0 {
			return total, err
		}
		if err := e.writer.do(ctx, &job{spares: true, work: func(w *writer) error { return w.forget(old) }}); err != nil {
			return total, fmt.Errorf("sweep: %w", err)
		}
		total += len(old)
	}
}

func (w *writer) forget(old []opID) error {
	for _, o := range old {
		if _, err := w.session.exec(forgetOp, o.tenant, o.id); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) sweeping() {
	hour := time.NewTicker(sweepEvery)
	defer hour.Stop()
	for {
		_, _ = e.Sweep(e.life) // what stays is swept the next time
		select {
		case <-hour.C:
		case <-e.life.Done():
			return
		}
	}
}
