package referrals

import (
	"context"
	"slices"
	"time"

	"waypost/referrals/people"
)

// Placed is one hand-over of a case as the system that opened the case knows it: how it stands, and nothing of what was told
// or to whom it was given.
type Placed struct {
	Case, Reference      string
	Rev                  int64 // of the case
	CaseState            State
	Destination, Service string
	State                State
	Made, Changed, Due   time.Time
	Reason, Outcome      string
}

// cardHandover is a hand-over on the card of its case, so that asking how it stands opens no case.
type cardHandover struct {
	Reference   string    `json:"ref"`
	Destination string    `json:"to"`
	Service     string    `json:"service,omitempty"`
	State       State     `json:"state"`
	Changed     time.Time `json:"changed"`
	Due         time.Time `json:"due,omitzero"`
	Reason      string    `json:"reason,omitempty"`
	Outcome     string    `json:"outcome,omitempty"`
}

// cardHandovers are those of a case. Changed is the last line of the timeline about one, or the day the case was opened.
func cardHandovers(c Case) []cardHandover {
	var out []cardHandover
	for _, h := range c.Handovers {
		one := cardHandover{h.Reference, h.Destination, h.Service, h.State, c.Opened, h.Due, h.Reason, h.Outcome}
		for _, s := range c.Timeline {
			if s.Handover == h.Reference {
				one.Changed = s.At
			}
		}
		out = append(out, one)
	}
	return out
}

func placed(id string, rev int64, card cardForm) []Placed {
	var out []Placed
	for _, h := range card.Handovers {
		out = append(out, Placed{
			id, h.Reference, rev, card.State, h.Destination, h.Service, h.State, card.Opened, h.Changed, h.Due, h.Reason, h.Outcome,
		})
	}
	return out
}

// PlacedOf lists the hand-overs of a case that the caller has.
func (d *Desk) PlacedOf(c Case) []Placed { return placed(c.Reference, c.Rev, d.cardOf(c)) }

// Placed lists the hand-overs of all cases that the actor opened, the latest case first, at most those of 200 cases. No case
// is opened for it.
func (d *Desk) Placed(ctx context.Context, a people.Actor) ([]Placed, error) {
	act, err := d.Gate.Permit(ctx, a, people.CaseOwn, a.Organisation())
	if err != nil {
		return nil, translate("placed", err)
	}
	act = did(act, "handover.list", "")
	found, err := d.Safe.Find(ctx, act, kindCard, d.Keys.Blind(a.Organisation(), "opened-by", a.Member()))
	if err != nil {
		return nil, translate("placed", err)
	}
	if err := d.noted(ctx, act, ""); err != nil {
		return nil, err
	}
	var out []Placed
	for _, rec := range found {
		r, err := open[cardForm](rec)
		if err != nil {
			return nil, err
		}
		if c := r.content; c.OpenedBy == a.Member() && !slices.Contains(c.Excluded, a.Member()) {
			out = append(out, placed(r.id, r.rev, c)...)
		}
	}
	slices.SortStableFunc(out, func(x, y Placed) int { return y.Made.Compare(x.Made) })
	return out, nil
}

// PlacedOne says how one hand-over of a case stands that the actor opened.
func (d *Desk) PlacedOne(ctx context.Context, a people.Actor, id, reference string) (Placed, error) {
	act, err := d.enter(ctx, a, id, people.CaseOwn)
	if err != nil {
		return Placed{}, err
	}
	act = did(act, "handover.status", "")
	card, err := d.card(ctx, act, id)
	if err != nil {
		return Placed{}, err
	}
	all := placed(id, card.rev, card.content)
	i := slices.IndexFunc(all, func(p Placed) bool { return p.Reference == reference })
	if i < 0 {
		return Placed{}, d.absent(ctx, act, kindCase, id)
	}
	if err := d.noted(ctx, act, id); err != nil {
		return Placed{}, err
	}
	return all[i], nil
}
