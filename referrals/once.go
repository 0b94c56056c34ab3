package referrals

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"waypost/internal/records"
	"waypost/referrals/packet"
	"waypost/referrals/people"
)

// Same gives the bytes from which a case gets its references and its operation: they follow from a seed that nobody else
// knows, so the same seed gives the same case however often it is sent, and to anybody else they are random.
func Same(seed []byte) io.Reader { return &stream{seed: seed} }

type stream struct {
	seed []byte
	n    uint64
	left []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.left) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte("waypost refer "), s.seed...), s.n))
			s.left, s.n = sum[:], s.n+1
		}
		p[i], s.left = s.left[0], s.left[1:]
	}
	return len(p), nil
}

// SameReference is that of the case that a seed makes: the first that the desk draws.
func SameReference(seed []byte) string {
	var id [16]byte
	_, _ = Same(seed).Read(id[:])
	return hex.EncodeToString(id[:])
}

// With is the same desk with other randomness.
func (d *Desk) With(random io.Reader) (*Desk, error) {
	c := d.Config
	c.Random = random
	return New(c)
}

// ReferOnce is Refer for a request of another system, which may come again under the name it was given. The references follow
// from that name by a key of the keyring, so it makes one case; what it held rests with the case as a digest. ErrRequest: the
// request of this name held something else.
func (d *Desk) ReferOnce(ctx context.Context, a people.Actor, draft Draft, name string, sent []byte) (Case, []packet.Fault, error) {
	act, err := d.Gate.Permit(ctx, a, people.ReferralCreate, a.Organisation())
	if err != nil {
		return Case{}, nil, translate("refer", err)
	}
	sum := sha256.Sum256(sent)
	draft.Sent = sum[:]
	seeds := d.Keys.Blind(a.Organisation(), "request", a.Member()+" "+name)
	for _, old := range seeds[1:] { // of a key that was replaced since
		if _, err := d.card(ctx, act, SameReference(old)); err == nil {
			return d.again(ctx, act, SameReference(old), draft)
		} else if !errors.Is(err, ErrNotFound) {
			return Case{}, nil, err
		}
	}
	once, err := d.With(Same(seeds[0]))
	if err != nil {
		return Case{}, nil, err
	}
	c, faults, err := once.Refer(ctx, a, draft)
	if errors.Is(err, ErrConflict) || errors.Is(err, records.ErrRepeated) || errors.Is(err, records.ErrDuplicate) {
		return d.again(ctx, act, SameReference(seeds[0]), draft)
	}
	return c, faults, err
}

// again is the case that the same request made before.
func (d *Desk) again(ctx context.Context, act records.Act, reference string, draft Draft) (Case, []packet.Fault, error) {
	r, err := load[caseForm](ctx, d.rest, did(act, "referral.again", ""), kindCase, reference)
	if err != nil {
		return Case{}, nil, err
	}
	if !bytes.Equal(r.content.Sent, draft.Sent) {
		return Case{}, nil, fmt.Errorf("referral.again: %w", ErrRequest)
	}
	return d.read(act.Tenant, r), nil, nil
}
