package mongo_test

import (
	"testing"
	"time"

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
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func TestTheClusterEngineKeepsWhatTheInterfacePromises(t *testing.T) {
	conform.Run(t, func(t testing.TB) store.Store { return on(t, wiretest.New(t)) })
}
