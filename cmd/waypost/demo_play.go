package main

import (
	"context"
	"time"
)

// demoSpan is how long ago the county's story begins.
const demoSpan = 42 * 24 * time.Hour

// play fills the county.
func (p *product) play(ctx context.Context, r *resting, c config, stage *stageClock) (*demoPages, error) {
	county := newCounty()
	if err := stock(ctx, r, stage.now()); err != nil {
		return nil, err
	}
	for _, h := range county {
		if err := h.settle(ctx, r.register, c.publicURL); err != nil {
			return nil, err
		}
	}
	stage.set(time.Time{})
	return &demoPages{register: r.register, county: county}, r.safe.Tend(ctx, longestRetention)
}
