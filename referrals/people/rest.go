package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// house is the tenant for what belongs to no organisation: accounts, invitations, challenges, sessions.
const house = "waypost.people"

// The kinds of record of this room.
const (
	kindOrganisation = "organisation"
	kindMember       = "member"
	kindAccount      = "account"
	kindInvite       = "invite"
	kindSession      = "session"
	kindChallenge    = "challenge"
	kindUsed         = "used" // a provider's answer or logout token that was taken: it is not taken twice
)

const schema = 1

// rested is a record with its content read.
type rested[T any] struct {
	kind, id string
	rev      int64
	expires  time.Time
	blind    [][]byte
	content  T
}

type rest struct {
	safe   Safe
	random io.Reader
}

// load reads one record; what is not there, expired or another organisation's is ErrNotFound.
func load[T any](ctx context.Context, r rest, a act, kind, id string) (rested[T], error) {
	rec, err := r.safe.Read(ctx, a, kind, id)
	if err != nil {
		return rested[T]{}, translate("read "+kind, err)
	}
	return open[T](rec)
}

func open[T any](rec record) (rested[T], error) {
	out := rested[T]{kind: rec.kind, id: rec.id, rev: rec.rev, expires: rec.expires, blind: rec.blind}
	if rec.schema != schema {
		return out, fmt.Errorf("read %s: schema %d is not known", rec.kind, rec.schema)
	}
	if err := json.Unmarshal(rec.content.Reveal(), &out.content); err != nil {
		return out, fmt.Errorf("read %s: the content is not in its form", rec.kind) // the cause could quote it
	}
	return out, nil
}

func find[T any](ctx context.Context, r rest, a act, kind string, blind [][]byte) ([]rested[T], error) {
	recs, err := r.safe.Find(ctx, a, kind, blind)
	if err != nil {
		return nil, translate("find "+kind, err)
	}
	out := make([]rested[T], 0, len(recs))
	for _, rec := range recs {
		one, err := open[T](rec)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// put is the change that writes r with its present content: a new record if rev is 0, else the next revision.
func put[T any](r rested[T]) (change, error) {
	text, err := json.Marshal(r.content)
	if err != nil {
		return change{}, fmt.Errorf("write %s: %w", r.kind, err)
	}
	return change{rec: record{kind: r.kind, id: r.id, rev: r.rev, expires: r.expires, blind: r.blind, schema: schema, content: keep(text)}}, nil
}

func gone[T any](r rested[T]) change {
	return change{destroy: true, rec: record{kind: r.kind, id: r.id, rev: r.rev}}
}

// write commits all or nothing.
func (r rest) write(ctx context.Context, a act, changes ...change) error {
	var op [16]byte
	if _, err := io.ReadFull(r.random, op[:]); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return translate("write", r.safe.Write(ctx, a, op, changes...))
}

func (r rest) note(ctx context.Context, a act, o outcome, kind, id string) error {
	return translate("note", r.safe.Note(ctx, a, o, kind, id))
}

func isNotThere(err error) bool { return errors.Is(err, ErrNotFound) }

// destroyAll destroys what carries the blind values, however often somebody else writes to it meanwhile.
// Told, if not nil, hears of each.
func destroyAll[T any](ctx context.Context, r rest, a act, kind string, blind [][]byte, told func(T) error) error {
	for range 1000 {
		found, err := find[T](ctx, r, a, kind, blind)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, f := range found {
			err := r.write(ctx, a, gone(f))
			if errors.Is(err, ErrConflict) || isNotThere(err) {
				continue
			}
			if err == nil && told != nil {
				err = told(f.content)
			}
			if err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("destroy every %s: %w", kind, ErrConflict)
}

// glance reads what is asked for at every request: the session and the membership it stands on. It is the person's own and
// leaves no entry, or each click would.
func glance[T any](ctx context.Context, r rest, tenant, kind, id string) (rested[T], error) {
	return load[T](ctx, r, act{tenant: tenant, actor: "nobody", action: "session.resolve"}, kind, id)
}
