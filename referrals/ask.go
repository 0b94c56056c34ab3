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
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

// What takes two people: whoever asks for it may be the one whom the person fears, or speak for them.
type Grave string

// The grave acts.
const (
	Export Grave = "export" // a copy for the person it is about
	Erase  Grave = "erase"  // the end of a case before its time
)

// Periods of what takes two people. Proposals, like the others of this room.
const (
	AskLife  = 7 * 24 * time.Hour // until somebody else has answered, and how long a refusal is shown
	CopyLife = 24 * time.Hour     // from the release of a copy until it is opened
)

// Where an ask stands.
const (
	Awaiting State = "awaiting" // another lead
	Released State = "released" // a copy that its asker may open once; what was erased is gone, the ask with it
	Denied   State = "denied"
)

// Ask is what one lead asks and another answers. It names a case and holds no person.
type Ask struct {
	ID         string
	Rev        int64
	What       Grave
	Case       string
	State      State
	Reason     string
	By         string // who asks
	At, Ends   time.Time
	AnsweredBy string
	Why        string // of a refusal
}

type askForm struct {
	What       Grave     `json:"what"`
	Case       string    `json:"case"`
	Reason     string    `json:"reason"`
	By         string    `json:"by"`
	At         time.Time `json:"at"`
	AnsweredBy string    `json:"answeredBy,omitempty"`
	Why        string    `json:"why,omitempty"`
	CaseRev    int64     `json:"caseRev,omitempty"` // the case as the second person saw it
	Let        []string  `json:"let,omitempty"`     // lines that the second person let through
}

func askOf(r rested[askForm]) Ask {
	f := r.content
	return Ask{r.id, r.rev, f.What, f.Case, State(r.state), f.Reason, f.By, f.At, r.expires, f.AnsweredBy, f.Why}
}

// care is what the book says of a grave act, and the action that asking for it takes.
func (d *Desk) care(what Grave) (packet.Care, people.Action, bool) {
	switch what {
	case Export:
		return d.Book.Export, people.Export, true
	case Erase:
		return d.Book.Erase, people.Erase, true
	}
	return packet.Care{}, "", false
}

// Care is what the book says of a grave act.
func (d *Desk) Care(what Grave) packet.Care { care, _, _ := d.care(what); return care }

func (d *Desk) askKey(organisation, id string) [][]byte {
	return d.Keys.Blind(organisation, "ask", id)
}

// Ask asks for a copy of a case, or for its end, with a reason from the book. Another lead answers within AskLife.
func (d *Desk) Ask(ctx context.Context, a people.Actor, what Grave, id, reason string) (Ask, error) {
	care, action, ok := d.care(what)
	if !ok {
		return Ask{}, fmt.Errorf("ask: %w", ErrInvalid)
	}
	act, err := d.enter(ctx, a, id, action)
	if err != nil {
		return Ask{}, err
	}
	if !slices.Contains(care.Reasons, reason) {
		return Ask{}, fmt.Errorf("ask: %w", ErrReason)
	}
	act = did(act, string(what)+".ask", reason)
	card, err := d.card(ctx, act, id)
	if err != nil {
		return Ask{}, err
	}
	if what == Erase && held(card.content.State, card.content.Since, card.expires) {
		return Ask{}, d.refusedBy(ctx, act, id, ErrHeld)
	}
	asks, err := d.asksOf(ctx, act, id)
	if err != nil {
		return Ask{}, err
	}
	if slices.ContainsFunc(asks, func(r rested[askForm]) bool { return r.content.What == what && r.state != string(Denied) }) {
		return Ask{}, d.refusedBy(ctx, act, id, ErrConflict)
	}
	if err := d.noted(ctx, act, id); err != nil {
		return Ask{}, err
	}
	ref, err := d.rest.draw(16)
	if err != nil {
		return Ask{}, err
	}
	now := d.now()
	r := rested[askForm]{
		kind: kindAsk, id: ref, state: string(Awaiting), due: now.Add(AskLife), expires: now.Add(AskLife), blind: d.askKey(a.Organisation(), id),
		content: askForm{What: what, Case: id, Reason: reason, By: a.Member(), At: now},
	}
	is, err := put(r)
	if err != nil {
		return Ask{}, err
	}
	if err := d.rest.write(ctx, act, is); err != nil {
		return Ask{}, err
	}
	if d.Alert != nil {
		d.Alert(ctx, a.Organisation())
	}
	r.rev = 1
	return askOf(r), nil
}

// asksOf finds what was asked about a case.
func (d *Desk) asksOf(ctx context.Context, act records.Act, id string) ([]rested[askForm], error) {
	found, err := d.Safe.Find(ctx, act, kindAsk, d.askKey(act.Tenant, id))
	if err != nil {
		return nil, translate("find asks", err)
	}
	var out []rested[askForm]
	for _, rec := range found {
		r, err := open[askForm](rec)
		if err != nil {
			return nil, err
		}
		if r.content.Case == id {
			out = append(out, r)
		}
	}
	return out, nil
}

// noted is the entry about the case, before anything is done: its own trail shows what was asked, let and given.
func (d *Desk) noted(ctx context.Context, act records.Act, id string) error {
	return translate("note", d.Safe.Note(ctx, act, trail.Done, kindCase, id))
}

// refusedBy writes the denied entry about the case and is why.
func (d *Desk) refusedBy(ctx context.Context, act records.Act, id string, why error) error {
	if err := d.Safe.Note(ctx, act, trail.Denied, kindCase, id); err != nil {
		return translate("note", err)
	}
	return fmt.Errorf("%s: %w", act.Action, why)
}

// Asks lists what was asked and not done, for leads, the next to end first. What is about a case that the actor is kept away
// from is not on the list.
func (d *Desk) Asks(ctx context.Context, a people.Actor, after store.Cursor, limit int) ([]Ask, *store.Cursor, error) {
	act, err := d.Gate.Permit(ctx, a, people.CaseRead, a.Organisation())
	if err != nil {
		return nil, nil, translate("list asks", err)
	}
	page, err := d.Safe.Queue(ctx, did(act, "ask.list", ""), kindAsk, names([]State{Awaiting, Released, Denied}), after, limit)
	if err != nil {
		return nil, nil, translate("list asks", err)
	}
	var out []Ask
	for _, rec := range page.Records {
		r, err := load[askForm](ctx, d.rest, did(act, "ask.read", ""), kindAsk, rec.ID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if !d.keptAway(ctx, a, r.content.Case) {
			out = append(out, askOf(r))
		}
	}
	return out, page.Next, nil
}

// Asked reads one ask, for leads who are not kept away from its case.
func (d *Desk) Asked(ctx context.Context, a people.Actor, id string) (Ask, error) {
	_, r, err := d.asked(ctx, a, people.CaseRead, "ask.read", id)
	return askOf(r), err
}

// asked reads an ask by an action of the actor. Whoever is kept away from its case finds none.
func (d *Desk) asked(ctx context.Context, a people.Actor, by people.Action, action, id string) (records.Act, rested[askForm], error) {
	act, err := d.Gate.Permit(ctx, a, by, a.Organisation())
	if err != nil {
		return act, rested[askForm]{}, translate(action, err)
	}
	act = did(act, action, "")
	r, err := load[askForm](ctx, d.rest, act, kindAsk, id)
	if err != nil {
		return act, rested[askForm]{}, err
	}
	if d.keptAway(ctx, a, r.content.Case) {
		return act, rested[askForm]{}, d.absent(ctx, act, kindAsk, id)
	}
	return act, r, nil
}

// TakeBack ends what the actor has asked oneself, unanswered or released. A refusal stays until it ends by itself, so that
// whoever is asked next sees it.
func (d *Desk) TakeBack(ctx context.Context, a people.Actor, id string) error {
	act, r, err := d.asked(ctx, a, people.CaseRead, "ask.take-back", id)
	if err != nil {
		return err
	}
	if r.content.By != a.Member() {
		return d.refusedBy(ctx, act, r.content.Case, people.ErrForbidden)
	}
	if r.state == string(Denied) {
		return d.refusedBy(ctx, act, r.content.Case, ErrState)
	}
	if err := d.noted(ctx, act, r.content.Case); err != nil {
		return err
	}
	return d.rest.write(ctx, act, gone(kindAsk, r.id, r.rev))
}
