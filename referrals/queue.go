package referrals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals/people"
)

// Filter narrows the desk's queue. The zero Filter is everything that is open.
type Filter struct {
	States   []State
	Urgency  string
	Kind     string // a destination
	Children bool   // only where a child is involved
	Overdue  bool   // only what a clock has run out for
}

// Row is one line of the queue: a reference and how it stands, and no person.
type Row struct {
	Reference string
	State     State
	Urgency   string
	Kinds     []string
	Children  bool
	Opened    time.Time
	Since     time.Time
	Due       time.Time
	Overdue   bool
}

// Rows is a page of the queue; Next is nil at the end. A page may be shorter than its limit.
type Rows struct {
	Rows []Row
	Next *store.Cursor
}

// pagesAPage is how many pages of the store are looked through for one page of a queue with a filter.
const pagesAPage = 5

// Queue is the desk's list, what is due first at the top: a clock that ran out stands above everything that still runs. A
// case somebody is kept away from is not on their list, and no number tells of it.
func (d *Desk) Queue(ctx context.Context, a people.Actor, f Filter, after store.Cursor, limit int) (Rows, error) {
	act, err := d.Gate.Permit(ctx, a, people.CaseList, a.Organisation())
	if err != nil {
		return Rows{}, translate("queue", err)
	}
	if limit < 1 || limit > store.PageLimit || len(f.States) > store.StateLimit {
		return Rows{}, fmt.Errorf("queue: %w", ErrInvalid)
	}
	states := f.States
	if len(states) == 0 {
		states = Open()
	}
	var out Rows
	for range pagesAPage {
		page, err := d.Safe.Queue(ctx, did(act, string(people.CaseList), ""), kindCase, names(states), after, limit)
		if err != nil {
			return Rows{}, translate("queue", err)
		}
		for _, rec := range page.Records {
			row, shown, err := d.row(ctx, act, a, f, rec)
			if err != nil {
				return Rows{}, err
			}
			if shown {
				out.Rows = append(out.Rows, row)
			}
			if len(out.Rows) == limit {
				out.Next = &store.Cursor{Due: rec.Due, ID: rec.ID}
				return out, nil
			}
		}
		if out.Next = page.Next; out.Next == nil {
			return out, nil
		}
		after = *page.Next
	}
	return out, nil
}

func (d *Desk) row(ctx context.Context, act records.Act, a people.Actor, f Filter, rec records.Record) (Row, bool, error) {
	card, err := d.card(ctx, act, rec.ID)
	if errors.Is(err, ErrNotFound) { // gone since the page was read
		return Row{}, false, nil
	}
	if err != nil {
		return Row{}, false, err
	}
	c := card.content
	row := Row{rec.ID, c.State, c.Urgency, c.Kinds, c.Children, c.Opened, c.Since, card.due, passed(card.due, d.now())}
	shown := !slices.Contains(c.Excluded, a.Member()) && (f.Urgency == "" || f.Urgency == c.Urgency) &&
		(f.Kind == "" || slices.Contains(c.Kinds, f.Kind)) && (!f.Children || c.Children) && (!f.Overdue || row.Overdue)
	return row, shown, nil
}

// Overdue says whether anything of an organisation waits beyond its clock. It is for a reminder that says no more than
// that, so it opens nothing and counts nothing.
func (d *Desk) Overdue(ctx context.Context, organisation string) (bool, error) {
	late := false
	err := d.each(ctx, bySystem(organisation, "system", "clock.tick"), kindCard, names(Open()), func(rec records.Record) error {
		late = passed(rec.Due, d.now())
		return errEnough
	})
	return late, err
}

// Own lists what the actor has opened, the next due first. Whole says whether that is all of it: more than the store finds
// by one index are not listed.
func (d *Desk) Own(ctx context.Context, a people.Actor) (all []Row, whole bool, err error) {
	act, err := d.Gate.Permit(ctx, a, people.CaseOwn, a.Organisation())
	if err != nil {
		return nil, false, translate("own", err)
	}
	act = did(act, "case.own-list", "")
	found, err := d.Safe.Find(ctx, act, kindCard, d.Keys.Blind(a.Organisation(), "opened-by", a.Member()))
	if err != nil {
		return nil, false, translate("own", err)
	}
	if err := d.Safe.Note(ctx, act, trail.Done, kindCase, ""); err != nil {
		return nil, false, translate("own", err)
	}
	for _, rec := range found {
		r, err := open[cardForm](rec)
		if err != nil {
			return nil, false, err
		}
		if c := r.content; c.OpenedBy == a.Member() && !slices.Contains(c.Excluded, a.Member()) {
			all = append(all, Row{r.id, c.State, c.Urgency, c.Kinds, c.Children, c.Opened, c.Since, r.due, passed(r.due, d.now())})
		}
	}
	slices.SortFunc(all, func(x, y Row) int { return x.Due.Compare(y.Due) })
	return all, len(found) < store.FindLimit, nil
}

// Duplicates are other cases of the same NHS number that the actor may see. Every case looked at has its entry.
func (d *Desk) Duplicates(ctx context.Context, a people.Actor, id string) ([]Row, error) {
	act, err := d.enter(ctx, a, id, people.CaseRead)
	if err != nil {
		return nil, err
	}
	rec, err := d.Safe.Read(ctx, act, kindCase, id)
	if err != nil {
		return nil, translate("duplicates", err)
	}
	if len(rec.Blind) == 0 {
		return nil, nil
	}
	found, err := d.Safe.Find(ctx, did(act, "case.duplicates", ""), kindCase, rec.Blind)
	if err != nil {
		return nil, translate("duplicates", err)
	}
	var out []Row
	for _, other := range found {
		if other.ID == id {
			continue
		}
		row, shown, err := d.row(ctx, act, a, Filter{}, other)
		if err != nil {
			return nil, err
		}
		if shown {
			out = append(out, row)
		}
	}
	return out, nil
}
