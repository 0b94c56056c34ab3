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
		draft.Choices = append(draft.Choices, referrals.Choice{
			Destination: one.destination, Service: "example-" + demoServices[one.destination], Consent: consent,
		})
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

// demoWords are what somebody adds to a decision.
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
	case referrals.Add:
		return s.add(ctx, a, c, b.reason)
	case referrals.Offer:
		_, link, err := s.r.desk.Offer(ctx, a, c.Reference, c.Rev, h.Reference)
		service, _ := s.r.shelf.Directory().Find(h.Service)
		s.links[h.Reference] = demoLink{demoServices[h.Destination], service.Name, link}
		return err
	case referrals.PickedUp, referrals.Locked:
		return s.open(ctx, h, e == referrals.Locked)
	case referrals.Acknowledge, referrals.TakeOn, referrals.Decline, referrals.Report:
		if h.Packet != "" && s.got[h.Reference].ID != "" {
			return s.answer(ctx, h, e, b.reason)
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

// add asks another service, with consent.
func (s *players) add(ctx context.Context, a people.Actor, c referrals.Case, destination string) error {
	consent, err := s.consentOf(s.r.desk.Book, demoTelling{destination: destination})
	if err != nil {
		return err
	}
	_, err = s.r.desk.Add(ctx, a, c.Reference, c.Rev, referrals.Addition{Choice: referrals.Choice{
		Destination: destination, Service: "example-" + demoServices[destination], Consent: consent,
	}})
	return err
}

// open picks a packet up as somebody of the service, or says wrong codes until the link ends.
func (s *players) open(ctx context.Context, h referrals.Handover, wrong bool) error {
	l := s.links[h.Reference]
	delete(s.links, h.Reference)
	token, code := l.link.Token.Reveal(), l.link.Code.Reveal()
	take := func(code string) (referrals.Received, error) {
		if l.link.AtDoor {
			got, err := s.r.desk.Collect(ctx, token, code)
			return got.Received, err
		}
		a, err := s.actor(ctx, s.receiver(l.to), false)
		if err != nil {
			return referrals.Received{}, err
		}
		return s.r.desk.Redeem(ctx, a, token, code)
	}
	if wrong {
		for range 5 {
			if _, err := take("no code"); !errors.Is(err, referrals.ErrCode) {
				return fmt.Errorf("a wrong code: %w", err)
			}
		}
		return nil
	}
	got, err := take(code)
	s.got[h.Reference], s.opened[h.Reference] = got, l
	return err
}

// answer is what the service says of it.
func (s *players) answer(ctx context.Context, h referrals.Handover, e referrals.Event, reason string) error {
	was, l := s.got[h.Reference], s.opened[h.Reference]
	if l.link.AtDoor {
		got, err := s.r.desk.Reply(ctx, l.link.Token.Reveal(), l.link.Code.Reveal(), was.Rev, e, reason)
		s.got[h.Reference] = got.Received
		return err
	}
	a, err := s.actor(ctx, s.receiver(l.to), false)
	if err != nil {
		return err
	}
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
