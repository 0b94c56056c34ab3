package mongo_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"waypost/internal/store"
	"waypost/internal/store/mongo"
	"waypost/internal/store/mongo/wiretest"
)

const alone = "mongodb://" + wiretest.HostA + "/"

// What may not be used is named, and the name says why.
func TestProbeRefusesWhatIsUnfit(t *testing.T) {
	for _, c := range []struct {
		name, why string
		make      func(*wiretest.Server)
	}{
		{"write concerns are ignored", "write concern", func(s *wiretest.Server) { s.Flaws(wiretest.Careless) }},
		{"open transactions are seen", "before its end", func(s *wiretest.Server) { s.Flaws(wiretest.Leaky) }},
		{"the last of several writers wins", "compare-and-set", func(s *wiretest.Server) { s.Flaws(wiretest.Forgetful) }},
		{"no index of the queue", "search", func(s *wiretest.Server) { s.DropIndexes("record") }},
		{"no index of the months", "search", func(s *wiretest.Server) { s.DropIndexes("wrapkey") }},
		{"no index of the batch ids", "search", func(s *wiretest.Server) { s.DropIndexes("op") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := wiretest.New(t)
			e := on(t, s)
			if err := e.Probe(t.Context()); err != nil {
				t.Fatalf("before the fault: %v", err)
			}
			c.make(s)
			refused := s.Expect() // an unfit server may also meet searches that it does not run
			err := e.Probe(t.Context())
			refused()
			if !errors.Is(err, store.ErrUnfit) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v, want that it is unfit: %s", err, c.why)
			}
		})
	}
}

// A deployment without transactions or snapshots is refused before anything is made in it.
func TestOpenRefusesAStandaloneAndAnOldServer(t *testing.T) {
	for name, flaw := range map[string]wiretest.Flaw{"standalone": wiretest.Standalone, "old": wiretest.Old} {
		s := wiretest.New(t)
		s.Flaws(flaw)
		opts := options(t, s)
		if flaw == wiretest.Standalone {
			opts.URI = alone
		}
		_, err := mongo.Open(t.Context(), opts)
		if !errors.Is(err, store.ErrUnfit) {
			t.Errorf("%s: %v", name, err)
		}
		if n := s.Seen("createIndexes"); n > 0 {
			t.Errorf("%s: %d collections were made", name, n)
		}
	}
}

// A story through a router, and with cluster times, which a real deployment sends with every answer.
func TestOtherShapesOfADeployment(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	defer all.Wait()
	for name, shape := range map[string]func(*wiretest.Server, *mongo.Options){
		"replica set with cluster times": func(s *wiretest.Server, _ *mongo.Options) { s.Gossip() },
		"router of a sharded cluster":    func(s *wiretest.Server, o *mongo.Options) { s.Mongos(); o.URI = alone },
		"router with cluster times":      func(s *wiretest.Server, o *mongo.Options) { s.Mongos(); s.Gossip(); o.URI = alone },
		"sharded by organisation":        func(s *wiretest.Server, o *mongo.Options) { s.Mongos(); s.ShardKey("tenant"); o.URI = alone },
	} {
		all.Go(func() {
			t.Run(name, func(t *testing.T) {
				s := wiretest.New(t)
				e := on(t, s, func(o *mongo.Options) { shape(s, o) })
				b := batch(t, "practice-a", "one")
				s.Inject(faults("commitTransaction", 1, wiretest.Before, wiretest.Action{Code: 91, Labels: []string{unknown}})...)
				for range 2 {
					if err := e.Commit(t.Context(), b); err != nil {
						t.Fatal(err)
					}
				}
				if r, k, n := effects(t, e); r != 1 || k != 1 || n != 1 {
					t.Errorf("one batch left %d records, %d keys, %d entries", r, k, n)
				}
				if err := e.Probe(t.Context()); err != nil {
					t.Errorf("probe: %v", err)
				}
				audit(t, e)
			})
		})
	}
}
