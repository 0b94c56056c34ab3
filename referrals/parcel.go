package referrals

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/referrals/people"
)

// Parcel is a packet as another system of its service knows it: how it stands and since when, and nothing of what is in it.
type Parcel struct {
	ID      string
	Rev     int64
	State   State // Waiting: laid out, and nobody has opened it
	Made    time.Time
	Changed time.Time // opened or answered last
	Due     time.Time
	Reason  string // why it was declined; not in a list
	Outcome string // what was reported; not in a list
	last    string
}

// IsAnswerTo says whether the packet became what it is by this very request upon that revision: then it came again.
func (p Parcel) IsAnswerTo(a people.Actor, upon int64, request string) bool {
	return request != "" && p.Rev == upon+1 && p.last == string(answerMark(a.Member(), p.ID, upon, request))
}

// answerMark is a digest by which the same request is known when it comes again. It rests with the packet and tells nothing.
func answerMark(member, id string, upon int64, request string) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "waypost answer %q %q %d %q", member, id, upon, request))
	return sum[:16]
}

// ParcelStates are the states that a packet can be in under its service.
func ParcelStates() []State { return []State{Waiting, Opened, Taken, Helping, Refused, Done} }

// Parcels lists what was laid out for the actor's service in the given states, by its clock: one entry in the trail, and no
// content. A page may be shorter than its limit.
func (d *Desk) Parcels(ctx context.Context, a people.Actor, states []State, after store.Cursor, limit int) ([]Parcel, *store.Cursor, error) {
	act, err := d.Gate.Permit(ctx, a, people.PacketRead, a.Organisation())
	if err != nil {
		return nil, nil, translate("packet.list", err)
	}
	page, err := d.Safe.Queue(ctx, did(act, "packet.list", ""), kindPacket, names(states), after, limit)
	if err != nil {
		return nil, nil, translate("packet.list", err)
	}
	out := make([]Parcel, 0, len(page.Records))
	for _, r := range page.Records {
		out = append(out, parcel(r.ID, r.Rev, State(r.State), r.Created, r.Due, r.Expires))
	}
	return out, page.Next, nil
}

// parcel works out from what stands in clear when something last happened: what was opened or answered stays for PacketLife
// from then.
func parcel(id string, rev int64, s State, made, due, expires time.Time) Parcel {
	p := Parcel{ID: id, Rev: rev, State: s, Made: made, Changed: made, Due: due}
	if s != Waiting {
		p.Changed = expires.Add(-PacketLife)
	}
	return p
}

func parcelOf(r rested[packetForm]) Parcel {
	p := parcel(r.id, r.rev, State(r.state), r.created, r.due, r.expires)
	p.Reason, p.Outcome, p.last = r.content.Reason, r.content.Outcome, string(r.content.Last)
	return p
}

// Parcel says how one packet of the actor's service stands.
func (d *Desk) Parcel(ctx context.Context, a people.Actor, id string) (Parcel, error) {
	act, err := d.Gate.Permit(ctx, a, people.PacketRead, a.Organisation())
	if err != nil {
		return Parcel{}, translate("packet.status", err)
	}
	r, err := load[packetForm](ctx, d.rest, did(act, "packet.status", ""), kindPacket, id)
	if err != nil {
		return Parcel{}, err
	}
	return parcelOf(r), nil
}

// Contents opens a packet for another system of its service, which has to have said before that the packet is theirs: what
// waits, what was opened and not acknowledged, and what was declined is not there.
func (d *Desk) Contents(ctx context.Context, a people.Actor, id string) (Received, error) {
	got, err := d.Received(ctx, a, id)
	if err != nil || slices.Contains([]State{Taken, Helping, Done}, got.State) {
		return got, err
	}
	act, err := d.Gate.Permit(ctx, a, people.PacketRead, a.Organisation())
	if err != nil {
		return Received{}, translate("packet.read", err)
	}
	return Received{}, d.absent(ctx, did(act, "packet.read", ""), kindPacket, id)
}

// Answered is what another system says of a packet of its service: the event with its reason, upon which revision, and in
// which request. A request that comes again is answered as it was.
type Answered struct {
	Event   Event
	Reason  string
	Rev     int64
	Request string // stands for the name that the system gave to the request and for all that was in it
}

// AnswerParcel is what Redeem and Answer are for people: another system of the very service that a packet was laid out for
// says by its own key that it acknowledges, takes on, declines or reports. The key stands in the place of link and code, so
// the first such word also opens what nobody had opened; and the link is used by that. What is declined unopened is emptied
// in the same commit. If the packet is newer than the system saw, the newer state comes back with ErrConflict.
func (d *Desk) AnswerParcel(ctx context.Context, a people.Actor, id string, in Answered) (Parcel, error) {
	act, l, err := d.mayAnswerParcel(ctx, a, in)
	if err != nil {
		return Parcel{}, err
	}
	r, err := load[packetForm](ctx, d.rest, did(act, "packet.status", ""), kindPacket, id)
	if err != nil {
		return Parcel{}, err
	}
	if p := parcelOf(r); p.IsAnswerTo(a, in.Rev, in.Request) {
		return p, nil
	}
	if r.rev != in.Rev {
		return parcelOf(r), fmt.Errorf("%s: %w", act.Action, ErrConflict)
	}
	from := State(r.state)
	if from == Waiting { // as the desk has it
		from = Out
	}
	if err := l.takes(from, in.Reason); err != nil {
		return parcelOf(r), fmt.Errorf("%s: %w", act.Action, err)
	}
	now := r
	if r.state == string(Waiting) {
		r.content.openedUnseen(in.Event, a.Member(), d.now())
	}
	d.settle(&r, l, in.Reason)
	r.content.Last = answerMark(a.Member(), id, in.Rev, in.Request)
	if err := d.answered(ctx, act, &r, r.content.word(in.Event, in.Reason, a.Member())); err != nil {
		return parcelOf(now), err
	}
	return parcelOf(r), nil
}

func (d *Desk) mayAnswerParcel(ctx context.Context, a people.Actor, in Answered) (records.Act, Line, error) {
	act, err := d.Gate.Permit(ctx, a, people.PacketAnswer, a.Organisation())
	if err != nil {
		return act, Line{}, translate("packet.answer", err)
	}
	l, err := answerLine(in.Event, in.Reason)
	return did(act, l.said(), in.Reason), l, err
}

// openedUnseen is what the first word about a packet that waited does to it: who said it has opened it, and what is declined
// is kept no longer.
func (f *packetForm) openedUnseen(e Event, member string, now time.Time) {
	if e == Decline {
		f.Packet = nil
		return
	}
	f.OpenedBy, f.Opened = member, now
}
