package people

import (
	"context"
	"time"
)

// gate bounds how many sign-ins are under way at once and how many wait, so that a flood of them costs bounded memory and
// leaves the rest of the service alone.
type gate struct{ running, waiting chan struct{} }

const gatePatience = time.Second

func newGate(atOnce int) gate {
	return gate{make(chan struct{}, atOnce), make(chan struct{}, 4*atOnce)}
}

// enter returns the way out, or ErrBusy.
func (g gate) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-g.running }
	select {
	case g.running <- struct{}{}:
		return leave, nil
	default:
	}
	select {
	case g.waiting <- struct{}{}:
		defer func() { <-g.waiting }()
	default:
		return nil, ErrBusy
	}
	late := time.NewTimer(gatePatience)
	defer late.Stop()
	select {
	case g.running <- struct{}{}:
		return leave, nil
	case <-late.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
