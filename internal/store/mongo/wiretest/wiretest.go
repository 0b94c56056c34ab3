// Package wiretest is a strict stand-in for a MongoDB replica set, inside the process that tests internal/store/mongo
// and reached by the real driver through Server.DialContext: no port, no other process. It keeps documents of its own in
// memory, with their versions, rather than standing on the sqlite engine: so nothing of what it is to judge is part of it,
// and transactions, conflicts and snapshots follow from the versions.
//
// It refuses to be kinder than a real deployment. What is not in its grammar is answered with an error and fails the
// test: a filter without the organisation, a search without an index, a write that a majority need not acknowledge, an
// operator or a field it was not told of, and any byte of a planted plaintext. Where it follows MongoDB's behaviour from
// memory and not from a real server, it chose the behaviour that is harder on the client. The product never links it.
package wiretest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// Server stands for a whole deployment.
type Server struct {
	t    testing.TB
	end  chan struct{}
	conn sync.WaitGroup

	mu       sync.Mutex // everything below
	shardKey []string
	mongos   bool
	gossip   bool
	flaws    Flaw
	lifetime time.Duration // of a transaction
	canary   []byte
	mode     mode
	primary  string
	open     map[*connection]bool
	faults   []*Fault
	seen     map[string]int
	expected bool
	refused  []string

	now      int64 // counts commits
	lag      int64 // what a majority holds, if it lags
	data     map[string]*collection
	sessions map[string]*session
	locks    map[place]*transaction
}

type mode uint8

const (
	here mode = iota
	away      // connections are refused
	silent
)

// Hosts of the deployment, each of which is the primary at times.
const (
	HostA = "a.invalid:27017"
	HostB = "b.invalid:27017"
)

// URI is what the driver is told.
const URI = "mongodb://" + HostA + "," + HostB + "/?replicaSet=waypost"

// New starts a server that ends with the test. Whatever it refuses is a failure of that test.
func New(t testing.TB) *Server {
	s := &Server{
		t: t, end: make(chan struct{}), shardKey: []string{"tenant", "_id"}, lifetime: time.Minute, primary: HostA, open: map[*connection]bool{}, seen: map[string]int{},
		now: 1, data: map[string]*collection{}, sessions: map[string]*session{}, locks: map[place]*transaction{},
	}
	t.Cleanup(s.stop)
	return s
}

func (s *Server) stop() {
	close(s.end)
	s.drop()
	s.conn.Wait()
}

// drop ends every connection.
func (s *Server) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		_ = c.Close() // a pipe closes without fail
	}
}

var errAway = errors.New("wiretest: nobody is there")

// DialContext implements the driver's dialer.
func (s *Server) DialContext(_ context.Context, _, address string) (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.end:
		return nil, errAway
	default:
	}
	if s.mode == away {
		return nil, errAway
	}
	ours, theirs := net.Pipe()
	c := &connection{Conn: ours, s: s, host: address}
	s.open[c] = true
	s.conn.Go(c.serve)
	return theirs, nil
}

// Mongos makes the server pose as the router of a sharded cluster.
func (s *Server) Mongos() { s.set(func() { s.mongos = true }) }

// Gossip makes the server send cluster times, and accept them.
func (s *Server) Gossip() { s.set(func() { s.gossip = true }) }

// ShardKey changes by what collections are sharded; {tenant, _id} at first.
func (s *Server) ShardKey(fields ...string) { s.set(func() { s.shardKey = fields }) }

// Lifetime changes after what time an open transaction loses what it holds; a minute at first, as on a real server.
func (s *Server) Lifetime(d time.Duration) { s.set(func() { s.lifetime = d }) }

// Lag keeps a majority from hearing of what is written from now on, or ends that. Who asks for its acknowledgement is
// told that it was not had in time.
func (s *Server) Lag(on bool) {
	s.set(func() {
		s.lag = 0
		if on {
			s.lag = s.now
		}
	})
}

func (s *Server) held() int64 {
	if s.lag > 0 {
		return s.lag
	}
	return s.now
}

// late is what an answer to a write says while a majority lags.
func (s *Server) late() bson.D {
	if s.lag == 0 {
		return nil
	}
	return bson.D{{Key: "writeConcernError", Value: bson.D{{Key: "code", Value: codeConcernTimeout}, {Key: "errmsg", Value: "waiting for replication timed out"}}}}
}

// Canary names bytes that must never arrive.
func (s *Server) Canary(text string) { s.set(func() { s.canary = []byte(text) }) }

// Leave ends every connection and refuses new ones until Return.
func (s *Server) Leave() { s.become(away) }

// Hush takes connections and commands and answers nothing until Return, when those connections end.
func (s *Server) Hush() { s.become(silent) }

// Return ends Leave and Hush.
func (s *Server) Return() { s.become(here) }

func (s *Server) become(m mode) {
	s.set(func() { s.mode = m })
	if m != silent {
		s.drop()
	}
}

// Move makes the other host the primary. Transactions under way are lost, as after an election.
func (s *Server) Move() {
	s.set(func() {
		s.primary = map[string]string{HostA: HostB, HostB: HostA}[s.primary]
		s.stepDown()
	})
}

func (s *Server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// Seen says how often a command arrived.
func (s *Server) Seen(command string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[command]
}

// Expect begins a stretch in which refusals do not fail the test. The function it returns ends the stretch and gives
// what was refused.
func (s *Server) Expect() (end func() []string) {
	s.set(func() { s.expected, s.refused = true, nil })
	return func() []string {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.expected = false
		return slices.Clone(s.refused)
	}
}

// refusal is an answer that a sound client never gets.
type refusal struct{ why string }

func (r refusal) Error() string { return "wiretest refuses: " + r.why }

func refuse(format string, args ...any) error { return refusal{fmt.Sprintf(format, args...)} }

// report makes a refusal a failure of the test. The lock is held.
func (s *Server) report(r refusal) {
	s.refused = append(s.refused, r.why)
	if !s.expected {
		s.t.Errorf("%v", r)
	}
}

// wait sleeps, unless the server ends first.
func (s *Server) wait(d time.Duration) {
	nap := time.NewTimer(d)
	defer nap.Stop()
	select {
	case <-nap.C:
	case <-s.end:
	}
}
