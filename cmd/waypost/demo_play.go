package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/store"
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
	links  map[string]demoLink // by reference of the hand-over
}

// demoLink is a link that waits for a service, with the code that somebody would say on the phone.
type demoLink struct {
	to   string // house
	link referrals.Link
}

// play fills the county: everybody takes their place, the services are imported, and every case goes its way step by step,
// each step by somebody who may, at its own time.
func (p *product) play(ctx context.Context, r *resting, c config, stage *stageClock) (*demoPages, error) {
	s := &players{product: p, r: r, county: newCounty(), stage: stage, got: map[string]referrals.Received{}, links: map[string]demoLink{}}
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

// refer makes the case out of a consultation that found what the tale says.
func (s *players) refer(ctx context.Context, b beat) error {
	t := s.tales[b.tale]
	by, _ := person(s.county, t.By)
	f, ok := s.bank.Finding(t.Finding)
	if by == nil || !ok {
		return fmt.Errorf("%s, %s: %w", t.By, t.Finding, referrals.ErrInvalid)
	}
	n := b.tale + 1
	if t.As > 0 {
		n = t.As
	}
	draft := referrals.Draft{
		Plan: s.steps.Make(s.bank.Assess(s.bank.Witnesses(f.When)[0])), Nation: demoNation, Age: directory.Adult, Entries: t.entries(n, by, s.stage.now()),
	}
	for _, one := range t.tellings() {
		consent, err := s.consentOf(s.r.desk.Book, one)
		if err != nil {
			return err
		}
		choice := referrals.Choice{Destination: one.destination, Service: "example-" + demoServices[one.destination], Consent: consent}
		for _, h := range s.county {
			if h.id == one.house {
				choice.Receiver = h.tenant
			}
		}
		draft.Choices = append(draft.Choices, choice)
	}
	a, err := s.actor(ctx, t.By, false)
	if err != nil {
		return err
	}
	c, faults, err := s.r.desk.Refer(ctx, a, draft)
	if err != nil {
		return fmt.Errorf("%v: %w", faults, err)
	}
	s.cases[b.tale] = c.Reference
	return nil
}

// review says of broken glass what a second person thinks.
func (s *players) review(ctx context.Context, a people.Actor, b beat) error {
	all, _, err := s.r.desk.Glasses(ctx, a, store.Cursor{}, 10)
	if err != nil {
		return err
	}
	for _, g := range all {
		if g.Grant.Case == s.cases[b.tale] {
			return s.r.desk.ReviewGlass(ctx, a, g.ID, referrals.Verdict(b.reason))
		}
	}
	return referrals.ErrNotFound
}

// words are what somebody adds to a decision.
var demoWords = map[referrals.Event]string{
	referrals.Return: "Please ask once more when she can be alone.", referrals.Escalate: "Please look at this with me today.",
	referrals.Withdraw: "Noted in the record with the reason.", referrals.Close: "Told at the safe time.", referrals.Decline: "Rang and explained.",
}

// decide does what the table of states has a line for.
func (s *players) decide(ctx context.Context, a people.Actor, c referrals.Case, b beat) error {
	t, e := s.tales[b.tale], referrals.Event(b.what)
	by, _ := person(s.county, t.By)
	if b.at >= len(c.Handovers) {
		return referrals.ErrInvalid
	}
	h := c.Handovers[b.at]
	switch e {
	case exclude:
		_, err := s.r.desk.Exclude(ctx, a, c.Reference, c.Rev, s.memberOf(b.reason), true)
		return err
	case referrals.Resubmit, referrals.Amend:
		change := referrals.Change{Entries: t.entries(b.tale+1, by, s.stage.now())}
		act := s.r.desk.Amend
		if e == referrals.Resubmit {
			act = s.r.desk.Resubmit
		}
		_, _, err := act(ctx, a, c.Reference, c.Rev, change)
		return err
	case referrals.Offer:
		_, link, err := s.r.desk.Offer(ctx, a, c.Reference, c.Rev, h.Reference)
		s.links[h.Reference] = demoLink{t.tellings()[b.at].house, link}
		return err
	case referrals.PickedUp, referrals.Locked:
		return s.open(ctx, h, t.tellings()[b.at].house, e == referrals.Locked)
	case referrals.Acknowledge, referrals.TakeOn, referrals.Decline, referrals.Report:
		if h.Packet != "" && s.got[h.Reference].ID != "" {
			return s.answer(ctx, h, t.tellings()[b.at].house, e, b.reason)
		}
	}
	in := referrals.Decision{Event: e, Reason: b.reason, Words: keep(demoWords[e])}
	for _, l := range referrals.Table() {
		if l.Event == e && l.Handover {
			in.Handover = h.Reference
		}
	}
	switch e {
	case referrals.HandOver:
		dest, _ := s.r.desk.Book.Destination(h.Destination)
		in.Channel, in.Theirs = dest.Channels[0], keep("Taken by Example Duty Worker")
	case referrals.Keep:
		in.Until = s.stage.now().Add(200 * 24 * time.Hour)
	}
	_, err := s.r.desk.Decide(ctx, a, c.Reference, c.Rev, in)
	return err
}

// open picks a packet up as somebody of the service, or says wrong codes until the link ends.
func (s *players) open(ctx context.Context, h referrals.Handover, house string, wrong bool) error {
	a, err := s.actor(ctx, s.receiver(house), false)
	if err != nil {
		return err
	}
	l := s.links[h.Reference].link
	delete(s.links, h.Reference)
	for range 5 {
		if !wrong {
			break
		}
		if _, err := s.r.desk.Redeem(ctx, a, l.Token.Reveal(), "no code"); err == nil {
			return referrals.ErrCode
		}
	}
	if wrong {
		return nil
	}
	s.got[h.Reference], err = s.r.desk.Redeem(ctx, a, l.Token.Reveal(), l.Code.Reveal())
	return err
}

// answer is what the service says of it.
func (s *players) answer(ctx context.Context, h referrals.Handover, house string, e referrals.Event, reason string) error {
	a, err := s.actor(ctx, s.receiver(house), false)
	if err != nil {
		return err
	}
	was := s.got[h.Reference]
	s.got[h.Reference], err = s.r.desk.Answer(ctx, a, was.ID, was.Rev, e, reason)
	return err
}

// receiver is who takes packets in a house.
func (s *players) receiver(house string) string {
	for _, h := range s.county {
		for _, p := range h.people {
			if h.id == house && slices.Contains(p.roles, people.Receiver) {
				return p.id
			}
		}
	}
	return ""
}

func (s *players) memberOf(id string) string {
	if p, ok := person(s.county, id); ok {
		return p.member
	}
	return ""
}
