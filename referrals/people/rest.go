package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"waypost/internal/records"
	"waypost/internal/trail"
	"waypost/internal/vault"
)

// Safe is what this room needs of *records.Safe, opened with Kinds.
type Safe interface {
	NewID() (string, error)
	Write(ctx context.Context, act records.Act, op [16]byte, changes ...records.Change) ([]records.Record, error)
	Read(ctx context.Context, act records.Act, kind, id string) (records.Record, error)
	Find(ctx context.Context, act records.Act, kind string, blind [][]byte) ([]records.Record, error)
	Note(ctx context.Context, act records.Act, outcome trail.Outcome, kind, id string) error
}

// house is the tenant for what belongs to no organisation: accounts, invitations, challenges, sessions, access tokens.
const house = "waypost.people"

// The kinds of record of this room.
const (
	kindOrganisation = "organisation"
	kindMember       = "member"
	kindStanding     = "standing"
	kindAccount      = "account"
	kindInvite       = "invite"
	kindSession      = "session"
	kindChallenge    = "challenge"
	kindAnswering    = "answering" // which organisation picks up what is for a service
	kindUsed         = "used"      // a provider's answer, a logout token or a client's assertion that was taken: it is not taken twice
	kindClient       = "client"
	kindClearance    = "clearance" // to a client what a standing is to a member
	kindAccess       = "access"
)

// Kinds is this room's part of the table that records.Open takes. What is read at every request is not logged, or every
// click would be: a session, and what a membership allows, which holds no name. Signing in, out and up are noted in words.
func Kinds() []records.Kind {
	return []records.Kind{
		{Name: kindOrganisation, Logged: true}, {Name: kindMember, Logged: true},
		{Name: kindAccount, Logged: true}, {Name: kindInvite, Logged: true}, {Name: kindAnswering, Logged: true},
		{Name: kindClient, Logged: true},
		{Name: kindStanding}, {Name: kindSession}, {Name: kindChallenge}, {Name: kindUsed}, {Name: kindClearance}, {Name: kindAccess},
	}
}

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
func load[T any](ctx context.Context, r rest, a records.Act, kind, id string) (rested[T], error) {
	rec, err := r.safe.Read(ctx, a, kind, id)
	if err != nil {
		return rested[T]{}, translate("read "+kind, err)
	}
	return open[T](rec)
}

// glance reads what is asked for at every request, of a kind that is not logged.
func glance[T any](ctx context.Context, r rest, tenant, kind, id string) (rested[T], error) {
	return load[T](ctx, r, records.Act{Tenant: tenant, Actor: "nobody", Action: "session.resolve"}, kind, id)
}

func open[T any](rec records.Record) (rested[T], error) {
	out := rested[T]{kind: rec.Kind, id: rec.ID, rev: rec.Rev, expires: rec.Expires, blind: rec.Blind}
	if rec.Schema != schema {
		return out, fmt.Errorf("read %s: schema %d is not known", rec.Kind, rec.Schema)
	}
	if err := json.Unmarshal(rec.Content.Reveal(), &out.content); err != nil {
		return out, fmt.Errorf("read %s: the content is not in its form", rec.Kind) // the cause could quote it
	}
	return out, nil
}

func find[T any](ctx context.Context, r rest, a records.Act, kind string, blind [][]byte) ([]rested[T], error) {
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
func put[T any](r rested[T]) (records.Change, error) {
	text, err := json.Marshal(r.content)
	if err != nil {
		return records.Change{}, fmt.Errorf("write %s: %w", r.kind, err)
	}
	return records.Change{Verb: records.Put, Record: records.Record{
		Kind: r.kind, ID: r.id, Rev: r.rev, Expires: r.expires, Blind: r.blind, Schema: schema, Content: vault.Keep(text),
	}}, nil
}

func gone[T any](r rested[T]) records.Change {
	return records.Change{Verb: records.Destroy, Record: records.Record{Kind: r.kind, ID: r.id, Rev: r.rev}}
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

func (r rest) note(ctx context.Context, a records.Act, o trail.Outcome, kind, id string) error {
	return translate("note", r.safe.Note(ctx, a, o, kind, id))
}

// in is the same act, told in another log.
func in(a records.Act, tenant string) records.Act {
	a.Tenant = tenant
	return a
}

// translate puts this room's sentinels above those of the records; what has none of ours stays theirs.
func translate(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, records.ErrNotFound):
		return fmt.Errorf("%s: %w: %w", what, ErrNotFound, err)
	case errors.Is(err, records.ErrConflict), errors.Is(err, records.ErrDuplicate):
		return fmt.Errorf("%s: %w: %w", what, ErrConflict, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func isNotThere(err error) bool { return errors.Is(err, ErrNotFound) }

// isTaken says that somebody else changed or destroyed the record first.
func isTaken(err error) bool { return errors.Is(err, ErrConflict) || isNotThere(err) }

// destroyAll destroys what carries the blind values, however often somebody else writes to it meanwhile. Told, if not nil,
// hears of each.
func destroyAll[T any](ctx context.Context, r rest, a records.Act, kind string, blind [][]byte, told func(T) error) error {
	for range 1000 {
		found, err := find[T](ctx, r, a, kind, blind)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, f := range found {
			err := r.write(ctx, a, gone(f))
			if isTaken(err) {
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
