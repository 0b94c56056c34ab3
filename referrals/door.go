package referrals

import (
	"context"
	"errors"
	"fmt"

	"waypost/internal/records"
)

// Door is the tenant under which a packet is laid out for a service that has no organisation here. Whoever has its link and
// was told its code opens it, once; what was opened is shown and no longer kept. The same link and code then take the
// service's answers and nothing else.
const Door = "waypost.door"

// bearer is whoever has a link and its code. Nobody here knows more of them.
const bearer = "bearer"

// Collected is what a link and its code bring at the Door.
type Collected struct {
	Received
	Reference string // of the hand-over
	First     bool   // the packet is with it, this once
}

// Collect opens a link at the Door for whoever was told its code. The first time brings the packet, any later one what the
// service said of it so far. Of many at once one gets the packet. A wrong code is counted before it is answered, as in
// Redeem; the fifth ends the link, and of a packet that was opened what is left of it.
func (d *Desk) Collect(ctx context.Context, token, code string) (Collected, error) {
	for range 4 * attempts {
		act, r, err := d.atDoor(ctx, token, code)
		if err == nil && r.state != string(Waiting) {
			got, err := received(r)
			return Collected{got, r.content.Reference, false}, err
		}
		if err == nil {
			var got Received
			if got, err = d.takeFromDoor(ctx, act, r); err == nil {
				return Collected{got, r.content.Reference, true}, nil
			}
		}
		if !errors.Is(err, ErrConflict) {
			return Collected{}, err
		}
	}
	return Collected{}, fmt.Errorf("packet.open: %w", ErrConflict)
}

// Reply is Answer at the Door.
func (d *Desk) Reply(ctx context.Context, token, code string, rev int64, e Event, reason string) (Collected, error) {
	for range 4 * attempts {
		act, r, err := d.atDoor(ctx, token, code)
		if errors.Is(err, ErrConflict) {
			continue
		}
		if err != nil {
			return Collected{}, err
		}
		if r.state == string(Waiting) {
			return Collected{}, d.absent(ctx, did(act, "packet.answer", ""), kindPacket, r.id)
		}
		got, err := d.answer(ctx, did(act, "packet.answer", ""), r, rev, e, reason)
		return Collected{got, r.content.Reference, false}, err
	}
	return Collected{}, fmt.Errorf("packet.answer: %w", ErrConflict)
}

// atDoor reads what a link and its code open, or counts the wrong code.
func (d *Desk) atDoor(ctx context.Context, token, code string) (records.Act, rested[packetForm], error) {
	act := bySystem(Door, bearer, "packet.open")
	if !d.ours(token) { // in the words of one that is not there any more
		return act, rested[packetForm]{}, translate("read "+kindPacket, fmt.Errorf("%s: %w", act.Action, records.ErrNotFound))
	}
	r, err := load[packetForm](ctx, d.rest, act, kindPacket, tokenID(token))
	switch {
	case err != nil:
		return act, r, err
	case fits(r, token, code):
		return act, r, nil
	}
	// The word of a link that ended is old news to a case whose service has opened it: its clock waits for an answer.
	return act, r, d.wrongCode(ctx, act, r, r.content.word("", "", bearer))
}

// takeFromDoor brings the packet and keeps of it what an answer needs.
func (d *Desk) takeFromDoor(ctx context.Context, act records.Act, r rested[packetForm]) (Received, error) {
	got, err := received(r)
	if err != nil {
		return Received{}, err
	}
	now := d.now()
	r.state, r.expires = string(Opened), now.Add(PacketLife)
	r.content.Packet, r.content.OpenedBy, r.content.Opened = nil, bearer, now
	if err := d.answered(ctx, act, &r, r.content.word(PickedUp, "", bearer)); err != nil {
		return Received{}, err
	}
	got.Rev, got.State, got.Opened, got.Expires = r.rev, Opened, now, r.expires
	return got, nil
}
