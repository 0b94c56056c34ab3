package referrals

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

// Link is what the desk gives to a service: the token in an address that somebody sends, the code that somebody says on
// the phone. Both are shown once and rest nowhere.
type Link struct {
	Token vault.Secret[string]
	Code  vault.Secret[string]
	Ends  time.Time
}

// wrongCodes is how many wrong codes end a link.
const wrongCodes = 5

// packetForm is what rests under the service that picks up. The id of the record is the digest of the token.
type packetForm struct {
	Sender    string          `json:"sender"`
	Case      string          `json:"case"`
	Reference string          `json:"ref"`
	Packet    json.RawMessage `json:"packet"`
	Code      []byte          `json:"code"`
	Wrong     int             `json:"wrong,omitempty"`
	OpenedBy  string          `json:"openedBy,omitempty"`
	Opened    time.Time       `json:"opened,omitzero"`
	Reason    string          `json:"reason,omitempty"`
	Outcome   string          `json:"outcome,omitempty"`
}

// tokenID is the record under which a token's packet rests; what is no token rests nowhere.
func tokenID(token string) string {
	if raw, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(raw) != 32 {
		return "none"
	}
	sum := sha256.Sum256([]byte("waypost pick-up " + token))
	return hex.EncodeToString(sum[:])
}

func codeSum(token, code string) []byte {
	sum := sha256.Sum256([]byte("waypost code " + token + " " + code))
	return sum[:]
}

// Offer lays a packet out for a service that picks up here. Nothing is sent: the link is the caller's to pass on, and the
// code is said on the phone.
func (d *Desk) Offer(ctx context.Context, a people.Actor, id string, rev int64, reference string) (Case, Link, error) {
	l, _ := lineOf(Offer)
	act, err := d.enter(ctx, a, id, l.Who...)
	if err != nil {
		return Case{}, Link{}, err
	}
	r, err := load[caseForm](ctx, d.rest, act, kindCase, id)
	if err != nil {
		return Case{}, Link{}, err
	}
	c := d.read(a.Organisation(), r)
	if c.Rev != rev {
		return c, Link{}, fmt.Errorf("%s: %w", l.Action, ErrConflict)
	}
	i := c.Handover(reference)
	if i < 0 || c.Handovers[i].State != Waiting {
		return c, Link{}, fmt.Errorf("%s: %w", l.Action, ErrState)
	}
	h := c.Handovers[i]
	dest, _ := d.Book.Destination(h.Destination)
	if h.Receiver == "" || !slices.Contains(dest.Channels, packet.PickUp) {
		return c, Link{}, fmt.Errorf("%s: the service picks nothing up here: %w", l.Action, ErrInvalid)
	}
	p, err := d.ready(c, h)
	if err != nil {
		return c, Link{}, fmt.Errorf("%s: %w", l.Action, err)
	}
	link, record, err := d.lay(ctx, c, h, p)
	if err != nil {
		return c, Link{}, err
	}
	out, err := d.change(ctx, a, id, rev, l, "", func(c *Case) (tally, error) {
		count, err := d.apply(ctx, c, l, a.Member(), Decision{Event: Offer, Handover: reference})
		if err == nil {
			h := &c.Handovers[i]
			h.Packet, h.LinkEnds = record, link.Ends
			h.Due = earlier(h.Due, link.Ends)
		}
		return count, err
	})
	if err != nil {
		h.Packet = record
		return out, Link{}, errors.Join(err, d.destroyPacket(ctx, h, "handover.recall"))
	}
	return out, link, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// lay writes the packet under its receiver. Until the case says so too, nobody has the token.
func (d *Desk) lay(ctx context.Context, c Case, h Handover, p packet.Packet) (Link, string, error) {
	raw := make([]byte, 32)
	if _, err := io.ReadFull(d.Random, raw); err != nil {
		return Link{}, "", fmt.Errorf("draw a token: %w", err)
	}
	number, err := rand.Int(d.Random, big.NewInt(1_000_000))
	if err != nil {
		return Link{}, "", fmt.Errorf("draw a code: %w", err)
	}
	token, code := base64.RawURLEncoding.EncodeToString(raw), fmt.Sprintf("%06d", number)
	text, err := p.JSON()
	if err != nil {
		return Link{}, "", err
	}
	now := d.now()
	is, err := put(rested[packetForm]{
		kind: kindPacket, id: tokenID(token), state: string(Waiting), due: earlier(now.Add(d.Book.Wait("acknowledge", c.Urgency, h.Destination)), now.Add(LinkLife)),
		expires: now.Add(LinkLife), content: packetForm{Sender: c.Organisation, Case: c.Reference, Reference: h.Reference, Packet: text, Code: codeSum(token, code)},
	})
	if err != nil {
		return Link{}, "", err
	}
	if err := d.rest.write(ctx, bySystem(h.Receiver, "system", "packet.offer"), is); err != nil {
		return Link{}, "", err
	}
	return Link{vault.Keep(token), vault.Keep(code), now.Add(LinkLife)}, tokenID(token), nil
}

// destroyPacket takes back a link that nobody opened: ErrOpened if somebody did. One that is gone needs nothing.
func (d *Desk) destroyPacket(ctx context.Context, h Handover, action string) error {
	act := bySystem(h.Receiver, "system", action)
	for range attempts {
		r, err := load[packetForm](ctx, d.rest, act, kindPacket, h.Packet)
		switch {
		case errors.Is(err, ErrNotFound):
			return nil
		case err != nil:
			return err
		case r.state != string(Waiting):
			return fmt.Errorf("%s: %w", action, ErrOpened)
		}
		err = d.rest.write(ctx, act, gone(kindPacket, r.id, r.rev))
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("%s: %w", action, ErrConflict)
}

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
		fits := subtle.ConstantTimeCompare(codeSum(token, code), r.content.Code) == 1
		w := word{Sender: r.content.Sender, Case: r.content.Case, Reference: r.content.Reference, Event: PickedUp, By: a.Member()}
		if fits {
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
	p, err := packet.Read(r.content.Packet)
	if err != nil {
		return Received{}, fmt.Errorf("read packet: %w", err)
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
	l, ok := lineOf(e)
	if !ok || !slices.Contains([]Event{Acknowledge, TakeOn, Decline, Report}, e) {
		return Received{}, fmt.Errorf("packet.answer: %w", ErrInvalid)
	}
	act = did(act, "packet."+string(e), reason)
	if !trail.IsCode(reason) && reason != "" {
		return Received{}, fmt.Errorf("packet.answer: %w", ErrReason)
	}
	r, err := load[packetForm](ctx, d.rest, did(act, "packet.read", ""), kindPacket, id)
	if err != nil {
		return Received{}, err
	}
	if r.state == string(Waiting) {
		return Received{}, d.absent(ctx, act, kindPacket, id)
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
	r.state, r.expires = string(l.To), d.now().Add(PacketLife)
	if e == Report {
		r.content.Outcome = reason
	} else {
		r.content.Reason = reason
	}
	w := word{Sender: r.content.Sender, Case: r.content.Case, Reference: r.content.Reference, Event: e, Reason: reason, By: a.Member()}
	if err := d.answered(ctx, act, &r, w); err != nil {
		return now, err
	}
	return received(r)
}
