package conform

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// Draw picks a number from 0 to n-1. A test of properties hands in a draw that it can shrink.
type Draw func(what string, n int) int

// Play makes that many random moves on an empty store and on a Model, and reports the first move after which they
// differ. Few keys, states and times are drawn from, so that moves meet.
func Play(ctx context.Context, s store.Store, notary *trail.Notary, draw Draw, moves int) error {
	p := player{ctx: ctx, s: s, m: NewModel(notary), draw: draw, ids: Ids("play")}
	for i := range moves {
		if err := p.move(); err != nil {
			return fmt.Errorf("move %d: %w", i, err)
		}
	}
	got, err1 := Contents(ctx, p.s)
	want, err2 := Contents(ctx, p.m)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	return differ("export", strings.Join(got, "\n"), strings.Join(want, "\n"))
}

type player struct {
	ctx  context.Context
	s    store.Store
	m    *Model
	draw Draw
	ids  io.Reader
	sent []store.Batch
}

func differ(what, got, want string) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%s:\n got %s\nwant %s", what, got, want)
}

func (p *player) of(what string, choices ...string) string {
	return choices[p.draw(what, len(choices))]
}

func (p *player) tenant() string { return p.of("tenant", "practice-a", "practice-b") }

func (p *player) key(tenant string) store.Key {
	return store.Key{Tenant: tenant, Kind: p.of("kind", "case", "case", "staff"), ID: fmt.Sprintf("c-%d", p.draw("id", 6))}
}

func (p *player) time(what string) time.Time {
	if n := p.draw(what, 5); n > 0 {
		return At().Add(time.Duration(n) * time.Millisecond)
	}
	return time.Time{}
}

func (p *player) blind(least int) [][]byte {
	var out [][]byte
	for n := range 3 {
		if p.draw("blind", 2) == 1 || len(out) < least {
			out = append(out, Blind(n))
		}
	}
	if p.draw("blind order", 2) == 1 {
		slices.Reverse(out)
	}
	return out
}

func (p *player) record(k store.Key, rev int64) store.Record {
	return store.Record{
		Meta: store.Meta{Key: k, Rev: rev, State: p.of("state", "new", "waiting", ""), Due: p.time("due"),
			Created: p.time("created"), Expires: p.time("expires"), Blind: p.blind(0)},
		Sealed: []byte{byte(p.draw("sealed", 256))},
	}
}

// rev is mostly the one that stands, so that most moves succeed.
func (p *player) rev(k store.Key) int64 {
	r, err := p.m.Read(p.ctx, k)
	if err != nil || p.draw("stale", 4) == 0 {
		return int64(1 + p.draw("rev", 3))
	}
	return r.Rev
}

func (p *player) batch() store.Batch {
	if len(p.sent) > 0 && p.draw("again", 8) == 0 {
		b := p.sent[p.draw("which", len(p.sent))]
		if p.draw("other content", 3) == 0 {
			b.Trail = append(slices.Clone(b.Trail), Entry(At(), "case.other"))
			b = b.Ready()
		}
		return b
	}
	b := store.Batch{Tenant: p.tenant()}
	_, _ = io.ReadFull(p.ids, b.ID[:]) // a counter does not fail
	for range p.draw("operations", 4) {
		k := p.key(b.Tenant)
		switch verb := store.Verb(1 + p.draw("verb", 3)); verb {
		case store.Insert:
			b.Ops = append(b.Ops, store.Op{Verb: verb, Rec: p.record(k, 1)})
		case store.Replace:
			b.Ops = append(b.Ops, store.Op{Verb: verb, Rec: p.record(k, p.rev(k)+1)})
		default:
			b.Ops = append(b.Ops, Gone(k, p.rev(k)))
		}
	}
	for range p.draw("keys", 3) {
		op := store.KeyOp{Key: p.key(b.Tenant)}
		if p.draw("put", 3) > 0 {
			op.Put = &store.WrappedKey{Bucket: p.of("month", "2027-03", "2027-04"), Wrapped: []byte{byte(p.draw("wrapped", 256))}}
		}
		b.Keys = append(b.Keys, op)
	}
	for range p.draw("entries", 3) {
		b.Trail = append(b.Trail, Entry(At().Add(time.Duration(p.draw("minute", 3))*40*time.Second), "case.step"))
	}
	return b.Ready()
}

func (p *player) move() error {
	if p.draw("write", 3) == 0 {
		return p.look()
	}
	b := p.batch()
	p.sent = append(p.sent, b)
	return differ("commit", word(store.Settle(p.ctx, p.s, b)), word(p.m.Commit(p.ctx, b)))
}

// word is the sentinel in an error: engines may say more than that, but not otherwise.
func word(err error) string {
	if err == nil {
		return "nil"
	}
	for _, s := range []error{
		store.ErrNotFound, store.ErrConflict, store.ErrDuplicate, store.ErrReused, store.ErrUnknown, store.ErrFull,
		store.ErrInvalid, store.ErrDamaged, store.ErrClosed, store.ErrUnfit, store.ErrUnsupported, trail.ErrClock,
	} {
		if errors.Is(err, s) {
			return s.Error()
		}
	}
	return "another error: " + err.Error()
}

// look asks both the same and compares the answers.
func (p *player) look() error {
	tenant := p.tenant()
	k := p.key(tenant)
	q := store.Query{Tenant: tenant, Kind: k.Kind, States: [][]string{{"new"}, {"", "new"}, {"waiting", "new", ""}}[p.draw("states", 3)],
		After: store.Cursor{Due: p.time("after"), ID: []string{"", "c-2"}[p.draw("after id", 2)]}, Limit: 1 + p.draw("limit", 8)}
	blind, before, from := p.blind(1), p.time("before"), int64(p.draw("from", 5))
	month, limit := p.of("month", "2027-03", "2027-04"), 1+p.draw("list", 8)
	var after store.Key
	if p.draw("after key", 2) == 1 {
		after = p.key(p.tenant())
	}
	ask := func(s store.Store) string {
		r, err := s.Read(p.ctx, k)
		found, err1 := s.Find(p.ctx, tenant, k.Kind, blind)
		page, err2 := s.Queue(p.ctx, q)
		counts, err3 := s.Count(p.ctx, q)
		gone, err4 := s.Expired(p.ctx, before, limit)
		w, err5 := s.WrappedKey(p.ctx, k)
		bucket, err6 := s.BucketKeys(p.ctx, month, after, limit)
		head, err7 := s.TrailHead(p.ctx, tenant)
		leaves, err8 := s.TrailRead(p.ctx, tenant, from, limit)
		hashes, err9 := s.TrailHashes(p.ctx, tenant, []int64{from, 0})
		next, err10 := s.NextLog(p.ctx, after.Tenant)
		if err != nil {
			r = store.Record{}
		}
		return fmt.Sprintf("read %s %s\nfind %s %s\nqueue %s %v %s\ncount %v %s\nexpired %v %s\nkey %v %s\nbucket %v %s\nhead %v %s\nleaves %q %s\nhashes %x %s\nnext %q %s",
			show(r), word(err), showAll(found), word(err1), showAll(page.Records), page.Next, word(err2), counts, word(err3),
			gone, word(err4), w, word(err5), bucket, word(err6), head, word(err7), leaves, word(err8), hashes, word(err9), next, word(err10))
	}
	return differ("the answers", ask(p.s), ask(p.m))
}

// likeModel plays games whose moves follow from their number.
func likeModel(t *testing.T, open Open) {
	games := 12
	if testing.Short() {
		games = 4
	}
	for game := range games {
		dice := Ids("game", fmt.Sprint(game))
		draw := func(_ string, n int) int {
			var b [4]byte
			_, _ = io.ReadFull(dice, b[:])
			return int(binary.BigEndian.Uint32(b[:]) % uint32(n))
		}
		if err := Play(t.Context(), open(t), Notary(t), draw, 150); err != nil {
			t.Fatalf("game %d: %v", game, err)
		}
	}
}
