package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"waypost/internal/store"
)

// Probe implements store.Store: the plan of every statement, the condition of the place, then the promises that both
// engines share.
func (e *Engine) Probe(ctx context.Context) error {
	if err := e.enter(ctx, nil); err != nil {
		return err
	}
	if e.opts.Entropy == nil {
		return errors.New("probe: no entropy")
	}
	at, err := e.Condition()
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	switch {
	case at.Damaged:
		return fmt.Errorf("probe: %w", store.ErrDamaged)
	case !at.Ballast:
		return fmt.Errorf("probe: no room for the ballast: %w", store.ErrFull)
	}
	for i, text := range statements() {
		steps, err := e.plan(ctx, text)
		if err != nil {
			return err
		}
		for _, step := range steps {
			if slow(step) {
				return fmt.Errorf("%w: statement %d is planned as %q", store.ErrUnfit, i, step)
			}
		}
	}
	return store.Prove(ctx, e, e.opts.Entropy)
}

func slow(step string) bool {
	return strings.Contains(step, "SCAN") || strings.Contains(step, "TEMP B-TREE")
}

// plan is how SQLite would run a statement.
func (e *Engine) plan(ctx context.Context, text string) (steps []string, err error) {
	err = e.reading(ctx, "plan", func(s *session) error {
		unbound := make([]any, strings.Count(text, "?"))
		rows, err := s.conn.QueryContext(ctx, "EXPLAIN QUERY PLAN "+text, unbound...)
		if err != nil {
			return err
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				return errors.Join(err, rows.Close())
			}
			steps = append(steps, step)
		}
		return errors.Join(rows.Err(), rows.Close())
	})
	return steps, err
}
