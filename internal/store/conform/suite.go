package conform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"waypost/internal/store"
)

// Open gives an empty store whose heads Notary signs. It registers the store's end with Cleanup; a second Close must do
// no harm.
type Open func(testing.TB) store.Store

// Run holds one engine against everything the interface promises.
func Run(t *testing.T, open Open) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"records", records}, {"batches", batches}, {"queues", queues}, {"lists", lists},
		{"bounds", bounds}, {"trail", trails}, {"export", exports}, {"races", races}, {"life", lives},
		{"marks", marks}, {"as the model", likeModel}, {"probe", probes},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, open) })
	}
}

// given is one store with the ids of the batches it is told.
type given struct {
	*testing.T
	store.Store
	ids io.Reader
}

func on(t *testing.T, open Open) given {
	t.Helper()
	return given{t, open(t), Ids(t.Name())}
}

// batch makes a batch of these parts with an id of its own.
func (g given) batch(tenant string, parts ...any) store.Batch {
	g.Helper()
	b := store.Batch{Tenant: tenant}
	if _, err := io.ReadFull(g.ids, b.ID[:]); err != nil {
		g.Fatal(err)
	}
	for _, p := range parts {
		switch p := p.(type) {
		case store.Op:
			b.Ops = append(b.Ops, p)
		case store.KeyOp:
			b.Keys = append(b.Keys, p)
		case []byte:
			b.Trail = append(b.Trail, p)
		default:
			g.Fatalf("a batch has no %T", p)
		}
	}
	return b.Ready()
}

func (g given) commit(tenant string, parts ...any) error {
	g.Helper()
	return store.Settle(g.Context(), g.Store, g.batch(tenant, parts...))
}

// must commits.
func (g given) must(tenant string, parts ...any) {
	g.Helper()
	if err := g.commit(tenant, parts...); err != nil {
		g.Fatalf("commit: %v", err)
	}
}

// refuses says that an error is the one expected.
func (g given) refuses(what string, err, want error) {
	g.Helper()
	if !errors.Is(err, want) {
		g.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func insert(r store.Record) store.Op  { return store.Op{Verb: store.Insert, Rec: r} }
func replace(r store.Record) store.Op { return store.Op{Verb: store.Replace, Rec: r} }

func put(k store.Key, month, wrapped string) store.KeyOp {
	return store.KeyOp{Key: k, Put: &store.WrappedKey{Bucket: month, Wrapped: []byte(wrapped)}}
}

func destroy(k store.Key) store.KeyOp { return store.KeyOp{Key: k} }

// show writes all that a record holds, so that two can be compared and a difference read.
func show(r store.Record) string {
	return fmt.Sprintf("%+v %x", r.Meta, r.Sealed)
}

func showAll(rs []store.Record) []string {
	var out []string
	for _, r := range rs {
		out = append(out, show(r))
	}
	return out
}

func (g given) same(what string, got, want []string) {
	g.Helper()
	if !slices.Equal(got, want) {
		g.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func (g given) read(k store.Key) store.Record {
	g.Helper()
	r, err := g.Read(g.Context(), k)
	if err != nil {
		g.Fatalf("read: %v", err)
	}
	return r
}

// Contents is everything a store holds, in words, from Export, so that two stores can be compared.
func Contents(ctx context.Context, s store.Store) ([]string, error) {
	var out []string
	err := s.Export(ctx, func(item any) error {
		if r, ok := item.(store.Record); ok {
			item = show(r)
		}
		out = append(out, fmt.Sprintf("%T %+v", item, item))
		return nil
	})
	return out, err
}

func (g given) all() []string {
	g.Helper()
	out, err := Contents(g.Context(), g.Store)
	if err != nil {
		g.Fatalf("export: %v", err)
	}
	return out
}
