package referrals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/referrals/people"
)

// Verdict is what a second person says of broken glass.
type Verdict string

// The verdicts.
const (
	WasRight Verdict = "was-right"
	WasWrong Verdict = "was-wrong"
)

// Verdicts lists them for the form.
func Verdicts() []Verdict { return []Verdict{WasRight, WasWrong} }

// Glass is one case of broken glass.
type Glass struct {
	ID      string
	Rev     int64
	Grant   people.Grant
	Verdict Verdict // empty until somebody else looked
	By      string  // who looked
	Due     time.Time
}

type grantForm struct {
	Member  string        `json:"member"`
	Case    string        `json:"case"`
	Reason  people.Reason `json:"reason"`
	Given   time.Time     `json:"given"`
	Verdict Verdict       `json:"verdict,omitempty"`
	By      string        `json:"by,omitempty"`
}

const (
	unreviewed = "unreviewed"
	reviewed   = "reviewed"
)

func (d *Desk) grantKey(organisation, member, id string) [][]byte {
	return d.Keys.Blind(organisation, "grant", member+" "+id)
}

// BreakGlass lets somebody into one case for an hour, who is not kept away from it, has just touched the key and gives a
// reason. A second lead is alerted and somebody else reviews it.
func (d *Desk) BreakGlass(ctx context.Context, a people.Actor, id string, why people.Reason) error {
	act, err := d.enter(ctx, a, id, people.BreakGlass)
	if err != nil {
		return err
	}
	g, err := people.Break(a, a.Organisation(), id, why, d.now())
	if err != nil {
		return translate("break glass", err)
	}
	ref, err := d.rest.draw(16)
	if err != nil {
		return err
	}
	is, err := put(rested[grantForm]{
		kind: kindGrant, id: ref, state: unreviewed, due: g.ReviewBy(), expires: g.Given.Add(GrantKept),
		blind: d.grantKey(g.Organisation, g.Member, g.Case), content: grantForm{Member: g.Member, Case: g.Case, Reason: g.Reason, Given: g.Given},
	})
	if err != nil {
		return err
	}
	act = did(act, "break-glass", string(why))
	if err := d.rest.write(ctx, act, is); err != nil {
		return err
	}
	if err := d.Safe.Note(ctx, act, trail.Done, kindCase, id); err != nil { // so that the case's own trail shows it
		return translate("note", err)
	}
	if d.Alert != nil {
		d.Alert(ctx, a.Organisation())
	}
	return nil
}

// granted says whether glass that the actor broke opens a case now.
func (d *Desk) granted(ctx context.Context, a people.Actor, id string) (bool, error) {
	act := bySystem(a.Organisation(), a.Member(), "break-glass.look")
	found, err := d.Safe.Find(ctx, act, kindGrant, d.grantKey(a.Organisation(), a.Member(), id))
	if err != nil {
		return false, translate("find grant", err)
	}
	for _, rec := range found {
		r, err := open[grantForm](rec)
		if err != nil {
			return false, err
		}
		if glass(a.Organisation(), r).Grant.Lets(a, id, d.now()) {
			return true, nil
		}
	}
	return false, nil
}

func glass(organisation string, r rested[grantForm]) Glass {
	f := r.content
	return Glass{
		ID: r.id, Rev: r.rev, Due: r.due, Verdict: f.Verdict, By: f.By,
		Grant: people.Grant{Organisation: organisation, Member: f.Member, Case: f.Case, Reason: f.Reason, Given: f.Given},
	}
}

// Glasses lists broken glass that nobody else has looked at yet, the oldest first: for leads, and not one's own.
func (d *Desk) Glasses(ctx context.Context, a people.Actor, after store.Cursor, limit int) ([]Glass, *store.Cursor, error) {
	act, err := d.Gate.Permit(ctx, a, people.BreakGlassReview, a.Organisation())
	if err != nil {
		return nil, nil, translate("list glass", err)
	}
	page, err := d.Safe.Queue(ctx, did(act, "break-glass.list", ""), kindGrant, []string{unreviewed}, after, limit)
	if err != nil {
		return nil, nil, translate("list glass", err)
	}
	var out []Glass
	for _, rec := range page.Records {
		r, err := load[grantForm](ctx, d.rest, did(act, "break-glass.read", ""), kindGrant, rec.ID)
		if err != nil {
			return nil, nil, err
		}
		g := glass(a.Organisation(), r)
		if g.Grant.Member != a.Member() && !d.keptAway(ctx, a, g.Grant.Case) {
			out = append(out, g)
		}
	}
	return out, page.Next, nil
}

// keptAway says whether the actor must not learn that there is such a case. When in doubt, it must not.
func (d *Desk) keptAway(ctx context.Context, a people.Actor, id string) bool {
	card, err := d.card(ctx, bySystem(a.Organisation(), a.Member(), "case.list"), id)
	return err != nil || slices.Contains(card.content.Excluded, a.Member())
}

// ReviewGlass is the second person's verdict. Nobody judges their own.
func (d *Desk) ReviewGlass(ctx context.Context, a people.Actor, id string, v Verdict) error {
	act, err := d.Gate.Permit(ctx, a, people.BreakGlassReview, a.Organisation())
	if err != nil {
		return translate("review glass", err)
	}
	act = did(act, string(people.BreakGlassReview), string(v))
	if !slices.Contains(Verdicts(), v) {
		return fmt.Errorf("review glass: %w", ErrReason)
	}
	r, err := load[grantForm](ctx, d.rest, act, kindGrant, id)
	if err != nil {
		return err
	}
	g := glass(a.Organisation(), r)
	if err := g.Grant.MayReview(a); err != nil {
		return translate("review glass", err)
	}
	if r.state != unreviewed || d.keptAway(ctx, a, g.Grant.Case) {
		return d.absent(ctx, act, kindGrant, id)
	}
	r.state, r.content.Verdict, r.content.By = reviewed, v, a.Member()
	is, err := put(r)
	if err != nil {
		return err
	}
	return d.rest.write(ctx, act, is)
}

// Exclude keeps a member of staff away from a case, or lets them near again. Nobody keeps themselves away or lets
// themselves near, and whoever opened the case is not kept from it.
func (d *Desk) Exclude(ctx context.Context, a people.Actor, id string, rev int64, member string, away bool) (Case, error) {
	l := Line{Who: []people.Action{people.CaseExclude}, Action: string(people.CaseExclude)}
	if !trail.IsCode(member) || member == a.Member() {
		return Case{}, fmt.Errorf("exclude: %w", ErrInvalid)
	}
	if people.May(a, people.CaseRead, a.Organisation()) != nil {
		l.Who = []people.Action{people.CaseOwn} // a clinician does it on their own case
	}
	return d.change(ctx, a, id, rev, l, "", func(c *Case) (tally, error) {
		is := slices.Index(c.Excluded, member)
		switch {
		case member == c.OpenedBy || away == (is >= 0) || away && len(c.Excluded) >= MostAway:
			return nil, fmt.Errorf("no change, too many, or who opened it: %w", ErrInvalid)
		case away:
			c.Excluded = append(c.Excluded, member)
		default:
			c.Excluded = slices.Delete(c.Excluded, is, is+1)
		}
		return nil, nil
	})
}
