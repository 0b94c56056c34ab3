package referrals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/records"
	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/screening"
	"waypost/screening/plan"
)

// Draft is what somebody puts together before a case exists. Nothing of it rests until Refer.
type Draft struct {
	Plan    plan.Plan
	Nation  directory.Nation
	Age     directory.Age
	Urgency screening.Urgency // raised by the clinician; None: that of the plan. It is never lowered here.
	Entries []packet.Entry
	Choices []Choice
	Exclude []string // members of staff to be kept away
}

// Choice is one destination with the service chosen for it and what was decided about consent.
type Choice struct {
	Destination string
	Service     string                // id in the directory
	Rule        directory.ConsentRule // what that service itself asks
	Receiver    string                // its organisation, if it picks up here
	Consent     packet.Consent        // By and On are filled in
}

// Preview is one destination of a draft before anything rests: what it would get, and what keeps it from getting it.
type Preview struct {
	Destination packet.Destination
	Packet      packet.Packet
	Criteria    []packet.Criterion
	Err         error // packet.ErrNoConsent, ErrNation, ErrAge
}

// Preview shows for each choice exactly what would be handed over. It writes nothing.
func (d *Desk) Preview(a people.Actor, draft Draft) ([]Preview, []packet.Fault, error) {
	c, faults, err := d.draft(a, draft)
	if err != nil {
		return nil, faults, err
	}
	var out []Preview
	for _, h := range c.Handovers {
		dest, _ := d.Book.Destination(h.Destination)
		p, err := d.Book.Make(d.input(c, h))
		out = append(out, Preview{dest, p, d.Book.Criteria(dest, c.Dossier), err})
	}
	return out, faults, nil
}

// Refer makes a case of a finished consultation. Faults, if any, are those of the fields, and then nothing was written.
func (d *Desk) Refer(ctx context.Context, a people.Actor, draft Draft) (Case, []packet.Fault, error) {
	act, err := d.Gate.Permit(ctx, a, people.ReferralCreate, a.Organisation())
	if err != nil {
		return Case{}, nil, translate("refer", err)
	}
	c, faults, err := d.draft(a, draft)
	if err != nil || len(faults) > 0 {
		return Case{}, faults, errors.Join(err, faulty(faults))
	}
	l, _ := lineOf(Refer)
	if c.Reference, err = d.rest.draw(16); err != nil {
		return Case{}, nil, err
	}
	for i := range c.Handovers {
		if c.Handovers[i].Reference, err = d.rest.draw(16); err != nil {
			return Case{}, nil, err
		}
	}
	now := d.now()
	c.State, c.Since, c.Opened, c.Expires = l.To, now, now, now.Add(OpenLife)
	c.Timeline = []Step{{At: now, By: a.Member(), Event: Refer}}
	blind, err := d.indexes(c.Organisation, draft.Entries)
	if err != nil {
		return Case{}, nil, err
	}
	for range attempts { // the reference is new: whatever was taken first was a counter
		out, err := d.save(ctx, did(act, l.Action, ""), c, now.Add(d.Book.Wait(l.Clock, c.Urgency, "")), blind, d.referred(c))
		if !errors.Is(err, ErrConflict) {
			return out, nil, err
		}
	}
	return Case{}, nil, fmt.Errorf("refer: %w", ErrConflict)
}

func faulty(faults []packet.Fault) error {
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("%d faults in the form: %w", len(faults), ErrInvalid)
}

// draft is the case as it would be, without reference and time. An unsafe setting does not forbid a referral: the
// questions stop there, and "not safe to ask" is an answer about consent.
func (d *Desk) draft(a people.Actor, in Draft) (Case, []packet.Fault, error) {
	as := in.Plan.Assessment
	if len(as.Findings) == 0 || as.Bank() == nil {
		return Case{}, nil, fmt.Errorf("refer: %w", ErrUnfinished)
	}
	if len(in.Choices) == 0 || len(in.Choices) > 20 {
		return Case{}, nil, fmt.Errorf("refer to %d destinations: %w", len(in.Choices), ErrInvalid)
	}
	if slices.Contains(in.Exclude, a.Member()) {
		return Case{}, nil, fmt.Errorf("refer: keep oneself away: %w", ErrInvalid)
	}
	c := Case{
		Organisation: a.Organisation(), OpenedBy: a.Member(), Excluded: slices.Clone(in.Exclude), Nation: in.Nation, Age: in.Age,
		Urgency: max(as.Urgency, in.Urgency, screening.Info).String(), Content: as.Bank().Version, Pathways: as.Pathways(),
	}
	c.found(&as)
	full, faults := d.Book.Fill(in.Entries)
	var shared []string
	for i, choice := range in.Choices {
		if err := d.choose(&c, a, choice); err != nil {
			return Case{}, nil, err
		}
		if c.Handovers[i].State != Withheld {
			shared = append(shared, choice.Destination)
		}
	}
	c.Dossier = d.Book.Minimise(full, shared)
	return c, faults, nil
}

// choose adds a destination. One that may not be told waits for nothing and is told nothing.
func (d *Desk) choose(c *Case, a people.Actor, in Choice) error {
	dest, ok := d.Book.Destination(in.Destination)
	if !ok || slices.ContainsFunc(c.Handovers, func(h Handover) bool {
		return h.Destination == in.Destination && h.Service == in.Service && h.State != Dropped
	}) {
		return fmt.Errorf("destination unknown, or there twice: %w", ErrInvalid)
	}
	if !slices.Contains(packet.Decisions(), in.Consent.Decision) {
		return fmt.Errorf("%s: nothing decided about consent: %w", dest.ID, ErrInvalid)
	}
	if err := dest.Fits(c.Nation, c.Age); err != nil {
		return fmt.Errorf("%s: %w: %w", dest.ID, ErrInvalid, err)
	}
	h := Handover{Destination: dest.ID, Service: in.Service, Receiver: in.Receiver, Consent: in.Consent, State: Waiting}
	h.Consent.By, h.Consent.On, h.Consent.Stricter = a.Member(), d.now(), in.Rule
	if h.Consent.Decision == packet.Given {
		h.Consent.Ground, h.Consent.Why, h.Consent.Told, h.Consent.Words = "", "", "", vault.Secret[string]{}
	}
	if err := d.Book.Permits(dest, c.Nation, h.Consent); err != nil {
		// A ground that was given and does not hold is a mistake to be told; none at all is a refusal to be kept.
		if h.Consent.Ground != "" {
			return fmt.Errorf("%s: %w: %w", dest.ID, ErrInvalid, err)
		}
		h.State = Withheld
	}
	c.Handovers = append(c.Handovers, h)
	return nil
}

// found keeps of an assessment what raised what, as ids.
func (c *Case) found(as *screening.Assessment) {
	for _, l := range screening.Lines() {
		c.Lines = append(c.Lines, as.Lines[l].String())
	}
	for _, f := range as.Findings {
		one := Found{Concern: packet.Concern{Finding: f.ID, Line: f.Line.String(), Urgency: f.Urgency.String(), Pathways: f.Pathways}}
		for _, b := range as.Why(f) {
			one.Because = append(one.Because, Because{b.Question, b.Answer, b.Fact})
		}
		c.Found = append(c.Found, one)
	}
	for _, fact := range as.Bank().Facts() {
		if as.Has(fact) {
			c.Facts = append(c.Facts, fact)
		}
	}
}

// indexes are the blind values by which the same person is found again. The number itself is kept only where some
// destination needs it.
func (d *Desk) indexes(organisation string, entries []packet.Entry) ([][]byte, error) {
	for _, e := range entries {
		if e.Field != "person.nhs-number" || e.Value.Reveal() == "" {
			continue
		}
		n, err := vault.ParseNHSNumber(e.Value.Reveal())
		if err != nil {
			return nil, fmt.Errorf("index: %w", ErrInvalid)
		}
		return d.Keys.BlindNHS(organisation, n), nil
	}
	return nil, nil
}

func (d *Desk) input(c Case, h Handover) packet.Input {
	return packet.Input{
		Destination: h.Destination, Reference: h.Reference, Made: d.now(), Nation: c.Nation, Age: c.Age, Urgency: c.Urgency,
		Concerns: c.Concerns(), Dossier: c.Dossier, Consent: h.Consent,
	}
}

// now is the time as it rests.
func (d *Desk) now() time.Time { return d.Now().UTC().Truncate(time.Millisecond) }

// save writes a case with its card, and whatever else belongs to the same moment. Own is the clock of the case's state.
func (d *Desk) save(ctx context.Context, act records.Act, c Case, own time.Time, blind [][]byte, count tally) (Case, error) {
	c.Due = c.earliest(own)
	changes, err := d.caseChanges(c, own, blind)
	if err != nil {
		return Case{}, err
	}
	if changes, err = d.counted(ctx, c.Organisation, changes, count); err != nil {
		return Case{}, err
	}
	if err := d.rest.write(ctx, act, changes...); err != nil {
		return Case{}, err
	}
	c.Rev++
	return c, nil
}

func (d *Desk) caseChanges(c Case, own time.Time, blind [][]byte) ([]records.Change, error) {
	is, err := put(rested[caseForm]{
		kind: kindCase, id: c.Reference, state: string(c.State), rev: c.Rev, due: c.Due, expires: c.Expires, blind: blind, content: formOf(c, own),
	})
	if err != nil {
		return nil, err
	}
	shows, err := put(rested[cardForm]{
		kind: kindCard, id: c.Reference, state: string(c.State), rev: c.Rev, due: c.Due, expires: c.Expires,
		blind: d.Keys.Blind(c.Organisation, "opened-by", c.OpenedBy), content: d.cardOf(c),
	})
	if err != nil {
		return nil, err
	}
	return []records.Change{is, shows}, nil
}
