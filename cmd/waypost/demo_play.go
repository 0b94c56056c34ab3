package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/people"
)

// The county's story begins so long ago, in this nation.
const (
	demoSpan   = 42 * 24 * time.Hour
	demoNation = directory.England
)

// demoServices says which service of demo/services.csv is told at which destination.
var demoServices = map[string]string{
	"domestic-abuse": "aid", "economic-abuse": "aid", "iris": "iris", "marac": "marac", "child-in-need": "front-door", "child-protection": "front-door",
	"stalking": "stalking", "adult-england": "adults", "mental-health-crisis": "crisis", "early-psychosis": "early", "image-abuse": "images",
	"sexual-assault": "centre",
}

// players is the county while its story is played.
type players struct {
	*product
	r      *resting
	county []*demoHouse
	stage  *stageClock
	tales  []tale
	cases  []string // references, by tale
	got    map[string]referrals.Received
	links  map[string]demoLink // by reference of the hand-over; opened, those that somebody has picked up
	opened map[string]demoLink
}

// demoLink is a link that waits for a service, with the code that somebody would say on the phone.
type demoLink struct {
	to   string // service, and the house that answers for it where one does
	name string
	link referrals.Link
}

// play fills the county: everybody takes their place, the services are imported, and every case goes its way step by step,
// each step by somebody who may, at its own time.
func (p *product) play(ctx context.Context, r *resting, c config, stage *stageClock) (*demoPages, error) {
	s := &players{product: p, r: r, county: newCounty(), stage: stage, got: map[string]referrals.Received{}, links: map[string]demoLink{}, opened: map[string]demoLink{}}
	var err error
	if s.tales, err = readTales(); err != nil {
		return nil, err
	}
	s.cases = make([]string, len(s.tales))
	all, err := beats(s.tales)
	if err != nil {
		return nil, err
	}
	if err := stock(ctx, r, stage.now()); err != nil {
		return nil, err
	}
	for _, h := range s.county {
		if err := h.settle(ctx, r.register, c.publicURL); err != nil {
			return nil, err
		}
	}
	if err := s.tendServices(ctx); err != nil {
		return nil, err
	}
	end := stage.real()
	for _, b := range all {
		stage.set(end.Add(-b.ago))
		if err := s.happen(ctx, b); err != nil {
			return nil, fmt.Errorf("case %d, %s: %w", b.tale+1, b.what, err)
		}
	}
	stage.set(time.Time{})
	if err := s.goHome(ctx); err != nil {
		return nil, err
	}
	return &demoPages{register: r.register, county: s.county, links: s.waiting(), origin: c.publicURL}, r.safe.Tend(ctx, longestRetention)
}

// goHome signs everybody out.
func (s *players) goHome(ctx context.Context) error {
	for _, h := range s.county {
		for _, p := range h.people {
			if err := s.r.register.SignOut(ctx, p.cookie); err != nil && !errors.Is(err, people.ErrNoSession) {
				return err
			}
			p.cookie = ""
		}
	}
	return nil
}

// waiting are the links that a visitor may still pick up.
func (s *players) waiting() []demoLink {
	var all []demoLink
	for _, l := range s.links {
		if s.stage.now().Before(l.link.Ends) {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b demoLink) int { return a.link.Ends.Compare(b.link.Ends) })
	return all
}

// actor signs somebody in and, before something grave, has the key touched.
func (s *players) actor(ctx context.Context, id string, grave bool) (people.Actor, error) {
	p, ok := person(s.county, id)
	if !ok {
		return people.Actor{}, fmt.Errorf("%s: %w", id, people.ErrNotFound)
	}
	in, err := p.key.signIn(ctx, s.r.register, p.cookie)
	if err == nil && grave {
		in, err = p.key.touch(ctx, s.r.register, in.Token.Reveal())
	}
	p.cookie = in.Token.Reveal()
	return in.Actor, err
}

// home is the house whose case a tale is, and its lead.
func (s *players) home(t tale) (house *demoHouse, lead string) {
	p, ok := person(s.county, t.By)
	if !ok {
		return &demoHouse{}, ""
	}
	return p.house, p.house.people[0].id
}

// happen does one thing.
func (s *players) happen(ctx context.Context, b beat) error {
	t := s.tales[b.tale]
	house, lead := s.home(t)
	switch referrals.Event(b.what) {
	case referrals.Refer:
		return s.refer(ctx, b)
	case referrals.Unopened:
		_, err := s.r.desk.Tick(ctx, house.tenant)
		return err
	}
	who := b.who
	switch {
	case who != "":
	case b.what == string(referrals.Resubmit) || b.what == string(referrals.Amend):
		who = t.By
	default:
		who = lead
	}
	a, err := s.actor(ctx, who, b.what == breakGlass)
	if err != nil {
		return err
	}
	id := s.cases[b.tale]
	switch b.what {
	case breakGlass:
		if err := s.r.desk.BreakGlass(ctx, a, id, people.Reason(b.reason)); err != nil {
			return err
		}
		_, err := s.r.desk.Read(ctx, a, id)
		return err
	case reviewGlass:
		return s.review(ctx, a, b)
	}
	c, err := s.r.desk.Read(ctx, a, id)
	if err != nil {
		return err
	}
	return s.decide(ctx, a, c, b)
}
