package referrals

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"waypost/internal/records"
	"waypost/internal/vault"
	"waypost/referrals/people"
)

// The kinds of record of this room.
const (
	kindCase      = "case"
	kindCard      = "card"      // what a queue shows of a case and who may enter it; written with the case, holds no person
	kindPacket    = "packet"    // what a service was handed, under that service
	kindWord      = "word"      // that an answer of a service was not yet told to the desk it came from
	kindGrant     = "grant"     // that glass was broken
	kindAsk       = "ask"       // what one lead asks about a case and another answers
	kindCount     = "count"     // true counts of a quarter that is not over
	kindPublished = "published" // the tables of one that is
)

// Kinds is this room's part of the table that records.Open takes. Cards are read for every line of a queue, whose page has
// its own entry; they hold no person. Counts hold none either.
func Kinds() []records.Kind {
	return []records.Kind{
		{Name: kindCase, Logged: true}, {Name: kindPacket, Logged: true}, {Name: kindGrant, Logged: true}, {Name: kindAsk, Logged: true},
		{Name: kindCard}, {Name: kindWord}, {Name: kindCount}, {Name: kindPublished},
	}
}

const schema = 1

// rested is a record with its content read.
type rested[T any] struct {
	kind, id, state       string
	rev                   int64
	due, created, expires time.Time
	blind                 [][]byte
	content               T
}

type rest struct {
	safe   Safe
	random io.Reader
}

func load[T any](ctx context.Context, r rest, a records.Act, kind, id string) (rested[T], error) {
	rec, err := r.safe.Read(ctx, a, kind, id)
	if err != nil {
		return rested[T]{}, translate("read "+kind, err)
	}
	return open[T](rec)
}

func open[T any](rec records.Record) (rested[T], error) {
	out := rested[T]{
		kind: rec.Kind, id: rec.ID, state: rec.State, rev: rec.Rev, due: rec.Due, created: rec.Created,
		expires: rec.Expires, blind: rec.Blind,
	}
	if rec.Schema != schema {
		return out, fmt.Errorf("read %s: schema %d is not known", rec.Kind, rec.Schema)
	}
	if err := json.Unmarshal(rec.Content.Reveal(), &out.content); err != nil {
		return out, fmt.Errorf("read %s: the content is not in its form", rec.Kind) // the cause could quote it
	}
	return out, nil
}

// put is the change that writes r with its present content: a new record if rev is 0, else the next revision.
func put[T any](r rested[T]) (records.Change, error) {
	text, err := json.Marshal(r.content)
	if err != nil {
		return records.Change{}, fmt.Errorf("write %s: not in its form", r.kind)
	}
	return records.Change{Verb: records.Put, Record: records.Record{
		Kind: r.kind, ID: r.id, Rev: r.rev, State: r.state, Due: r.due, Expires: r.expires, Blind: r.blind,
		Schema: schema, Content: vault.Keep(text),
	}}, nil
}

func gone(kind, id string, rev int64) records.Change {
	return records.Change{Verb: records.Destroy, Record: records.Record{Kind: kind, ID: id, Rev: rev}}
}

// write commits all or nothing.
func (r rest) write(ctx context.Context, a records.Act, changes ...records.Change) error {
	var op [16]byte
	if _, err := io.ReadFull(r.random, op[:]); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	_, err := r.safe.Write(ctx, a, op, changes...)
	return translate("write", err)
}

// draw is a random name of so many bytes, as hex.
func (r rest) draw(n int) (string, error) {
	raw := make([]byte, n)
	if _, err := io.ReadFull(r.random, raw); err != nil {
		return "", fmt.Errorf("draw: %w", err)
	}
	return hex.EncodeToString(raw), nil
}

// translate puts this room's sentinels above those of the records and of the people.
func translate(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, records.ErrNotFound), errors.Is(err, people.ErrNotFound):
		return fmt.Errorf("%s: %w: %w", what, ErrNotFound, err)
	case errors.Is(err, records.ErrConflict), errors.Is(err, records.ErrDuplicate):
		return fmt.Errorf("%s: %w: %w", what, ErrConflict, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// did is the same act under the trail's own name for what is done, with the reason as a code.
func did(a records.Act, action, reason string) records.Act {
	a.Action, a.Reason = action, reason
	return a
}

// bySystem is the act of a clock, or of a service whose answer comes back to the desk it came from.
func bySystem(tenant, actor, action string) records.Act {
	return records.Act{Tenant: tenant, Actor: actor, Action: action}
}
