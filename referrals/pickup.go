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

	"waypost/internal/vault"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

// Link is what the desk gives to a service: the token in an address that somebody sends, the code that somebody says on
// the phone. Both are shown once and rest nowhere.
type Link struct {
	Token  vault.Secret[string]
	Code   vault.Secret[string]
	Ends   time.Time
	AtDoor bool // link and code suffice; otherwise somebody of the service signs in
}

// wrongCodes is how many wrong codes end a link.
const wrongCodes = 5

// packetForm is what rests under the service that picks up. The id of the record is the digest of the token.
type packetForm struct {
	Sender    string          `json:"sender"`
	Case      string          `json:"case"`
	Reference string          `json:"ref"`
	Packet    json.RawMessage `json:"packet,omitempty"` // none any more once it was opened at the Door
	Code      []byte          `json:"code"`
	Wrong     int             `json:"wrong,omitempty"`
	OpenedBy  string          `json:"openedBy,omitempty"`
	Opened    time.Time       `json:"opened,omitzero"`
	Reason    string          `json:"reason,omitempty"`
	Outcome   string          `json:"outcome,omitempty"`
	Last      []byte          `json:"last,omitempty"` // by which an answer of another system is known when it comes again
}

// tokenID is the record under which a token's packet rests; what is no token rests nowhere.
func tokenID(token string) string {
	if raw, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(raw) != 32 {
		return "none"
	}
	sum := sha256.Sum256([]byte("waypost pick-up " + token))
	return hex.EncodeToString(sum[:])
}

// A token is what was drawn and, in its last bytes, a mark made from that with a key: so whoever makes tokens up is turned
// away at the door without a word in the trail, which anybody could otherwise fill.
const drawnOfToken, markOfToken = 24, 8

// marks are those that a token may carry, the newest key's first.
func (d *Desk) marks(drawn []byte) [][]byte {
	all := d.Keys.Blind(Door, "token", hex.EncodeToString(drawn))
	for i, one := range all {
		all[i] = one[len(one)-markOfToken:]
	}
	return all
}

// ours says whether this desk has made a token.
func (d *Desk) ours(token string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	return err == nil && len(raw) == drawnOfToken+markOfToken && slices.ContainsFunc(d.marks(raw[:drawnOfToken]), func(mark []byte) bool {
		return subtle.ConstantTimeCompare(mark, raw[drawnOfToken:]) == 1
	})
}

func codeSum(token, code string) []byte {
	sum := sha256.Sum256([]byte("waypost code " + token + " " + code))
	return sum[:]
}

// receiver is where a packet for a service is laid out.
func (d *Desk) receiver(ctx context.Context, service string) (string, error) {
	organisation, err := d.Answering(ctx, service)
	if organisation == "" {
		organisation = Door
	}
	return organisation, err
}

// Offer lays a packet out for a service: under its organisation where it has one here, else at the Door. Nothing is sent: the link is the caller's to pass on, and the
// code is said on the phone.
func (d *Desk) Offer(ctx context.Context, a people.Actor, id string, rev int64, reference string) (Case, Link, error) {
	l, _ := lineOf(Offer)
	act, err := d.enter(ctx, a, id, l.Who...)
	if err != nil {
		return Case{}, Link{}, err
	}
	r, err := d.opened(ctx, act, a, id)
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
	if !slices.Contains(dest.Channels, packet.PickUp) {
		return c, Link{}, fmt.Errorf("%s: no destination that picks up: %w", l.Action, ErrInvalid)
	}
	if h.Receiver, err = d.receiver(ctx, h.Service); err != nil {
		return c, Link{}, fmt.Errorf("%s: %w", l.Action, err)
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
			is := &c.Handovers[i]
			is.Receiver, is.Packet, is.LinkEnds = h.Receiver, record, link.Ends
			is.Due = earlier(is.Due, link.Ends)
		}
		return count, err
	})
	if err != nil {
		h.Packet = record
		return out, Link{}, errors.Join(err, d.destroyPacket(context.WithoutCancel(ctx), h, "handover.recall"))
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
	raw := make([]byte, drawnOfToken, 32)
	if _, err := io.ReadFull(d.Random, raw); err != nil {
		return Link{}, "", fmt.Errorf("draw a token: %w", err)
	}
	raw = append(raw, d.marks(raw)[0]...)
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
	return Link{vault.Keep(token), vault.Keep(code), now.Add(LinkLife), h.Receiver == Door}, tokenID(token), nil
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
