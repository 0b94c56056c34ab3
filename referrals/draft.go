package referrals

import (
	"fmt"
	"slices"
	"time"

	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/screening"
)

// draft is the case as it would be, without reference and time. An unsafe setting does not forbid a referral: the
// questions stop there, and "not safe to ask" is an answer about consent.
func (d *Desk) draft(a people.Actor, in Draft) (Case, []packet.Fault, error) {
	as := in.Plan.Assessment
	if len(as.Findings) == 0 || as.Bank() == nil {
		return Case{}, nil, fmt.Errorf("refer: %w", ErrUnfinished)
	}
	if len(in.Choices) == 0 || len(in.Choices) > MostDestinations {
		return Case{}, nil, fmt.Errorf("refer to %d destinations: %w", len(in.Choices), ErrInvalid)
	}
	if len(in.Exclude) > MostAway || slices.ContainsFunc(in.Exclude, func(m string) bool { return !trail.IsCode(m) }) {
		return Case{}, nil, fmt.Errorf("refer: keep %d away: %w", len(in.Exclude), ErrInvalid)
	}
	if slices.Contains(in.Exclude, a.Member()) {
		return Case{}, nil, fmt.Errorf("refer: keep oneself away: %w", ErrInvalid)
	}
	c := Case{
		Organisation: a.Organisation(), OpenedBy: a.Member(), Excluded: slices.Clone(in.Exclude), Nation: in.Nation, Age: in.Age,
		Urgency: max(as.Urgency, in.Urgency, screening.Info).String(), Content: as.Bank().Version, Pathways: as.Pathways(), Sent: in.Sent,
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

// MostAway is how many members can be kept away from one case.
const MostAway = 50

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
	h := Handover{Destination: dest.ID, Service: in.Service, Consent: in.Consent, State: Waiting}
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

const nhsNumber = "person.nhs-number"

// indexes are the blind values by which the same person is found again. The number itself is kept only where some
// destination needs it.
func (d *Desk) indexes(organisation string, entries []packet.Entry) ([][]byte, error) {
	for _, e := range entries {
		if e.Field != nhsNumber || e.Value.Reveal() == "" {
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
