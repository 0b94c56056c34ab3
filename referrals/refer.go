package referrals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waypost/internal/records"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/referrals/statistics"
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
	Sent    []byte   // digest of the request by which another system sent it; see ReferOnce
}

// Choice is one destination with the service chosen for it and what was decided about consent.
type Choice struct {
	Destination string
	Service     string                // id in the directory
	Rule        directory.ConsentRule // what that service itself asks
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

// Refer makes a case of a finished consultation. Faults, if any, are those of the fields, and then nothing was written. The
// reference is the first that is drawn, then that of each hand-over, then the operation: a caller who hands in the same
// random bytes for the same form makes one case of it, however often it is sent.
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

// save writes a case with its card, and whatever else belongs to the same moment. Own is the clock of the case's state.
func (d *Desk) save(ctx context.Context, act records.Act, c Case, own time.Time, blind [][]byte, count tally) (Case, error) {
	c.Due = c.earliest(own)
	count = c.once(statistics.Quarter(d.now()), count)
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
