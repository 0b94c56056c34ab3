package mongo

import (
	"context"
	"fmt"
	"sync"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// turns lets one batch of an organisation through at a time: all of them meet at the head of its log, and would only
// make each other try again.
type turns struct {
	mu sync.Mutex
	of map[string]*turn
}

// turn is one organisation's place in this process. Who holds the token may use the edge, which is what this process
// last wrote of the log and spares reading it again.
type turn struct {
	token chan struct{}
	edge  trail.Edge
}

func (t *turns) tenant(name string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of = map[string]*turn{}
	}
	if t.of[name] == nil {
		t.of[name] = &turn{token: make(chan struct{}, 1)}
	}
	return t.of[name]
}

// take waits for the turn; a batch that gets none has written nothing.
//
// The batches of a probe do not queue: it is the database that must keep them apart, and the probe is to show that it
// does.
func (c *call) take(ctx context.Context, tenant string) (*turn, error) {
	if tenant == store.ProbeTenant {
		return &turn{token: make(chan struct{}, 1)}, nil
	}
	t := c.e.turns.tenant(tenant)
	select {
	case t.token <- struct{}{}:
		return t, nil
	default:
	}
	select {
	case t.token <- struct{}{}:
		return t, nil
	case <-ctx.Done():
		if err := c.caller(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("wait for other batches: %w", ErrAway)
	case <-c.e.life.Done():
		return nil, store.ErrClosed
	}
}

func (t *turn) give() {
	select {
	case <-t.token:
	default: // of a probe
	}
}
