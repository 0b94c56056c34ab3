package referrals

import (
	"context"
	"crypto/subtle"
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

// Look says whether a link still waits for the actor's own service. It uses nothing up, however often it is asked, and
// tells nothing of what waits.
func (d *Desk) Look(ctx context.Context, a people.Actor, token string) error {
	_, _, err := d.waiting(ctx, a, token, "packet.look")
	return err
}

func (d *Desk) waiting(ctx context.Context, a people.Actor, token, action string) (records.Act, rested[packetForm], error) {
	act, err := d.Gate.Permit(ctx, a, people.PacketRead, a.Organisation())
	if err != nil {
		return act, rested[packetForm]{}, translate(action, err)
	}
	act = did(act, action, "")
	r, err := load[packetForm](ctx, d.rest, act, kindPacket, tokenID(token))
	if err == nil && r.state != string(Waiting) {
		return act, r, fmt.Errorf("%s: used: %w", action, ErrNotFound)
	}
	return act, r, err
}

// Redeem opens a link once, for a receiver of the service it was laid out for, who has been told the code. Of many at
// once one wins; to the others, as to anybody with an old, used or foreign link, there is no such link. A wrong code is
// counted before it is answered; the fifth ends the link, and the case is on its desk again.
func (d *Desk) Redeem(ctx context.Context, a people.Actor, token, code string) (Received, error) {
	for range 4 * attempts {
		act, r, err := d.waiting(ctx, a, token, "packet.open")
		if err != nil {
			return Received{}, err
		}
		w := r.content.word(PickedUp, "", a.Member())
		if fits(r, token, code) {
			r.state, r.expires = string(Opened), d.now().Add(PacketLife)
			r.content.OpenedBy, r.content.Opened = a.Member(), d.now()
			err = d.answered(ctx, act, &r, w)
		} else {
			err = d.wrongCode(ctx, act, r, w)
		}
		if errors.Is(err, ErrConflict) {
			continue
		}
		if err != nil {
			return Received{}, err
		}
		return received(r)
	}
	return Received{}, fmt.Errorf("packet.open: %w", ErrConflict)
}

func fits(r rested[packetForm], token, code string) bool {
	return subtle.ConstantTimeCompare(codeSum(token, code), r.content.Code) == 1
}

// wrongCode counts it and is ErrCode, or whatever kept it from being counted.
func (d *Desk) wrongCode(ctx context.Context, act records.Act, r rested[packetForm], w word) error {
	act = did(act, "packet.wrong-code", "")
	r.content.Wrong++
	var err error
	if r.content.Wrong < wrongCodes {
		var is records.Change
		if is, err = put(r); err == nil {
			err = d.rest.write(ctx, act, is)
		}
	} else {
		w.Event = Locked
		err = d.tellAfter(ctx, act, w, gone(kindPacket, r.id, r.rev))
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", act.Action, ErrCode)
}

// Received is a packet as its service has it.
type Received struct {
	ID      string
	Rev     int64
	State   State
	Due     time.Time
	Expires time.Time
	Opened  time.Time
	Packet  packet.Packet
	Reason  string
	Outcome string
}

func received(r rested[packetForm]) (Received, error) {
	var p packet.Packet
	if r.content.Packet != nil {
		var err error
		if p, err = packet.Read(r.content.Packet); err != nil {
			return Received{}, fmt.Errorf("read packet: %w", err)
		}
	}
	return Received{r.id, r.rev, State(r.state), r.due, r.expires, r.content.Opened, p, r.content.Reason, r.content.Outcome}, nil
}

// Received opens a packet again that the actor's service has picked up.
func (d *Desk) Received(ctx context.Context, a people.Actor, id string) (Received, error) {
	act, err := d.Gate.Permit(ctx, a, people.PacketRead, a.Organisation())
	if err != nil {
		return Received{}, translate("packet.read", err)
	}
	r, err := load[packetForm](ctx, d.rest, did(act, "packet.read", ""), kindPacket, id)
	if err != nil {
		return Received{}, err
	}
	if r.state == string(Waiting) { // only the link and the code open it
		return Received{}, d.absent(ctx, did(act, "packet.read", ""), kindPacket, id)
	}
	return received(r)
}

// Inbox lists what the actor's service has picked up, by its clock, without content.
func (d *Desk) Inbox(ctx context.Context, a people.Actor, after store.Cursor, limit int) ([]Received, *store.Cursor, error) {
	act, err := d.Gate.Permit(ctx, a, people.PacketRead, a.Organisation())
	if err != nil {
		return nil, nil, translate("packet.list", err)
	}
	states := []string{string(Opened), string(Taken), string(Helping), string(Refused), string(Done)}
	page, err := d.Safe.Queue(ctx, did(act, "packet.list", ""), kindPacket, states, after, limit)
	if err != nil {
		return nil, nil, translate("packet.list", err)
	}
	out := make([]Received, 0, len(page.Records))
	for _, r := range page.Records {
		out = append(out, Received{ID: r.ID, Rev: r.Rev, State: State(r.State), Due: r.Due, Expires: r.Expires})
	}
	return out, page.Next, nil
}

// Answer is what a service says of a packet it has picked up: acknowledge, take-on, decline with a reason, report an
// outcome. The desk it came from learns of it.
func (d *Desk) Answer(ctx context.Context, a people.Actor, id string, rev int64, e Event, reason string) (Received, error) {
	act, err := d.Gate.Permit(ctx, a, people.PacketAnswer, a.Organisation())
	if err != nil {
		return Received{}, translate("packet.answer", err)
	}
	r, err := load[packetForm](ctx, d.rest, did(act, "packet.read", ""), kindPacket, id)
	if err != nil {
		return Received{}, err
	}
	if r.state == string(Waiting) {
		return Received{}, d.absent(ctx, did(act, "packet.answer", ""), kindPacket, id)
	}
	return d.answer(ctx, act, r, rev, e, reason)
}

// answer writes what a service says of a packet that it has opened.
func (d *Desk) answer(ctx context.Context, act records.Act, r rested[packetForm], rev int64, e Event, reason string) (Received, error) {
	l, err := answerLine(e, reason)
	if err != nil {
		return Received{}, err
	}
	now, err := received(r)
	if err != nil {
		return Received{}, err
	}
	if r.rev != rev {
		return now, fmt.Errorf("packet.answer: %w", ErrConflict)
	}
	if err := l.takes(State(r.state), reason); err != nil {
		return now, fmt.Errorf("packet.answer: %w", err)
	}
	d.settle(&r, l, reason)
	if err := d.answered(ctx, did(act, l.said(), reason), &r, r.content.word(e, reason, act.Actor)); err != nil {
		return now, err
	}
	return received(r)
}

// answerLine is the line of what a service may say of a packet for that reason.
func answerLine(e Event, reason string) (Line, error) {
	l, ok := lineOf(e)
	switch {
	case !ok || !slices.Contains(l.Who, people.PacketAnswer):
		return l, fmt.Errorf("packet.answer: %w", ErrInvalid)
	case reason != "" && !trail.IsCode(reason):
		return l, fmt.Errorf("packet.answer: %w", ErrReason)
	}
	return l, nil
}

// said is what the trail of a service calls its answer.
func (l Line) said() string { return "packet." + string(l.Event) }

// settle makes a packet what an answer makes of it. The clock that waited for this answer has stopped; what comes next is
// timed at the sender's desk, and here the packet stands among the others by the day it goes.
func (d *Desk) settle(r *rested[packetForm], l Line, reason string) {
	r.state, r.expires = string(l.To), d.now().Add(PacketLife)
	r.due = r.expires
	if l.Event == Report {
		r.content.Outcome = reason
	} else {
		r.content.Reason = reason
	}
}

// word is what the desk of a packet learns of it.
func (f packetForm) word(e Event, reason, by string) word {
	return word{Sender: f.Sender, Case: f.Case, Reference: f.Reference, Event: e, Reason: reason, By: by}
}
