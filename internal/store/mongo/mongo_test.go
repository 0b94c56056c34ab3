package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	driver "go.mongodb.org/mongo-driver/mongo"
	driveroptions "go.mongodb.org/mongo-driver/mongo/options"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/mongo"
	"waypost/internal/store/mongo/wiretest"
)

func options(t testing.TB, s *wiretest.Server) mongo.Options {
	return mongo.Options{
		URI: wiretest.URI, Notary: conform.Notary(t), Now: time.Now, Entropy: conform.Ids(t.Name(), time.Now().String()), Dialer: s,
	}
}

// on opens an engine on a server; several may stand on one, as several processes do.
func on(t testing.TB, s *wiretest.Server, change ...func(*mongo.Options)) *mongo.Engine {
	t.Helper()
	opts := options(t, s)
	for _, c := range change {
		c(&opts)
	}
	e, err := mongo.Open(t.Context(), opts)
	for range 5 {
		if !errors.Is(err, mongo.ErrAway) {
			break
		}
		e, err = mongo.Open(t.Context(), opts) // a busy machine, and a test that has little patience
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func TestTheClusterEngineKeepsWhatTheInterfacePromises(t *testing.T) {
	conform.Run(t, func(t testing.TB) store.Store { return on(t, wiretest.New(t)) })
}

// What is copied into the engine and out again is what it was, roots of the logs included.
func TestCopyThereAndBack(t *testing.T) {
	from, back := conform.NewModel(conform.Notary(t)), conform.NewModel(conform.Notary(t))
	for i := range 40 {
		if err := from.Commit(t.Context(), batch(t, []string{"practice-a", "practice-b"}[i%2], fmt.Sprint("c-", i))); err != nil {
			t.Fatal(err)
		}
	}
	e := on(t, wiretest.New(t))
	for range 2 { // begun again, it changes nothing
		if err := store.Copy(t.Context(), from, e, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Copy(t.Context(), e, back, nil); err != nil {
		t.Fatal(err)
	}
	all := func(s store.Store) (out []string) {
		if err := s.Export(t.Context(), func(item any) error { out = append(out, fmt.Sprintf("%+v", item)); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if want := all(from); len(want) != 122 || !slices.Equal(all(e), want) || !slices.Equal(all(back), want) {
		t.Errorf("of %d items %d arrived and %d came back, or others", len(want), len(all(e)), len(all(back)))
	}
}

// The same suite on a real deployment, each store a database of its own that is dropped at the end.
func TestConformanceOnARealDeployment(t *testing.T) {
	uri := os.Getenv("WAYPOST_TEST_MONGODB_URI")
	if uri == "" {
		t.Skip("WAYPOST_TEST_MONGODB_URI is not set: no real MongoDB was asked")
	}
	stem := fmt.Sprintf("waypost_test_%d", time.Now().UnixNano())
	var made atomic.Int64
	conform.Run(t, func(t testing.TB) store.Store {
		opts := options(t, nil)
		opts.URI, opts.Dialer, opts.Timeout = uri, nil, 10*time.Second
		opts.Database = fmt.Sprintf("%s_%d", stem, made.Add(1))
		e, err := mongo.Open(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Close(); drop(t, uri, opts.Database) })
		return e
	})
}

func drop(t testing.TB, uri, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client, err := driver.Connect(ctx, driveroptions.Client().ApplyURI(uri))
	if err != nil {
		t.Log("the database of this test stays: no connection")
		return
	}
	defer func() { _ = client.Disconnect(ctx) }()
	if client.Database(name).Drop(ctx) != nil {
		t.Log("the database of this test stays")
	}
}
