package wiretest

import (
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

type state uint8

const (
	running state = iota
	committed
	failed  // by an error that the client was told
	aborted // by the client; what it sent before may still arrive
	lost    // and the client does not know
)

// transaction sees the moment it began and what it wrote itself.
type transaction struct {
	at     int64
	born   time.Time
	state  state
	alone  bool // one write outside of a transaction
	writes map[place]*document
}

func gone() error {
	return failure{code: codeNoTransaction, text: "no such transaction", labels: []string{transient}}
}

// transact runs a statement of a transaction, or its end.
func (s *Server) transact(r request, of *session, number int64) (bson.D, error) {
	if r.name == "commitTransaction" || r.name == "abortTransaction" {
		return s.finish(r, of, number)
	}
	if r.has("writeConcern") {
		return nil, refuse("%s inside a transaction with writeConcern", r.name)
	}
	if v, err := r.body.LookupErr("startTransaction"); err == nil {
		if v.Type != bson.TypeBoolean || !v.Boolean() {
			return nil, refuse("startTransaction of no meaning")
		}
		if number <= of.number {
			return nil, refuse("a transaction older than the session")
		}
		if _, _, err := s.readAt(r); err != nil {
			return nil, err
		}
		s.lose(of)
		of.number, of.write = number, nil
		of.txn = &transaction{at: s.now, born: time.Now(), writes: map[place]*document{}}
	} else if r.has("readConcern") {
		return nil, refuse("readConcern on a later statement of a transaction")
	}
	if number != of.number || of.txn == nil {
		return nil, refuse("%s for a transaction that is older or was never seen", r.name)
	}
	switch of.txn.state {
	case lost:
		of.txn.state = failed
		return nil, gone()
	case aborted:
		return nil, gone()
	case committed, failed:
		return nil, refuse("%s for a transaction that is over", r.name)
	}
	answer, err := s.statement(r, of.txn)
	if err == nil && s.mongos {
		answer = append(answer, bson.E{Key: "recoveryToken", Value: bson.D{{Key: "recoveryShardId", Value: "shard-a"}}})
	}
	if err != nil || slices.ContainsFunc(answer, func(e bson.E) bool { return e.Key == "writeErrors" }) {
		s.undo(of.txn, failed) // as a real server does on any error
	}
	return answer, err
}

func (s *Server) statement(r request, t *transaction) (bson.D, error) {
	switch r.name {
	case "insert", "update", "delete":
		return s.write(r, t)
	}
	return s.readIn(r, view{s: s, at: t.at, own: t})
}

// finish ends a transaction. What was committed is committed again with the same answer; an abort of what is over is no
// harm, because drivers send it after every error.
func (s *Server) finish(r request, of *session, number int64) (bson.D, error) {
	if unheard, err := r.checkWriteConcern(); err != nil {
		return nil, err
	} else if unheard {
		return nil, refuse("%s with an unknown write concern", r.name)
	}
	commit := r.name == "commitTransaction"
	if number != of.number || of.txn == nil {
		if commit {
			return nil, refuse("commit of a transaction that is older or was never seen")
		}
		return nil, gone()
	}
	if commit && s.mongos && !r.has("recoveryToken") {
		return nil, refuse("commit through a router without the recovery token")
	}
	switch t := of.txn; {
	case t.state == committed && !commit:
		return nil, failure{code: codeCommitted, text: "transaction was committed"}
	case t.state == committed:
	case t.state == failed && commit:
		return nil, refuse("commit of a transaction that has failed")
	case t.state != running:
		t.state = aborted
		return nil, gone()
	case commit:
		s.apply(t)
		t.state = committed
		s.unlock(t)
	default:
		s.undo(t, aborted)
		return nil, nil
	}
	return s.late(), nil
}

// apply makes the writes of a transaction the newest versions.
func (s *Server) apply(t *transaction) {
	if len(t.writes) == 0 {
		return
	}
	s.now++
	for p, d := range t.writes {
		s.data[p.in].put(p.id, version{s.now, d})
	}
}

func (s *Server) undo(t *transaction, how state) {
	t.state = how
	t.writes = nil
	s.unlock(t)
}

func (s *Server) unlock(t *transaction) {
	for p, holder := range s.locks {
		if holder == t {
			delete(s.locks, p)
		}
	}
}

// lose ends the transaction that a session left open by going on to something else.
func (s *Server) lose(of *session) {
	if of.txn != nil && of.txn.state == running {
		s.undo(of.txn, lost)
	}
}

// stepDown ends all open transactions, as a primary does that steps down.
func (s *Server) stepDown() {
	for _, of := range s.sessions {
		s.lose(of)
	}
}

// forget ends the transaction a request belongs to, after an error that the client is told of.
func (s *Server) forget(r request) {
	id, err := r.body.LookupErr("lsid", "id")
	if err != nil {
		return
	}
	if _, raw, ok := id.BinaryOK(); ok && s.sessions[string(raw)] != nil {
		if t := s.sessions[string(raw)].txn; t != nil && t.state == running {
			s.undo(t, failed)
		}
	}
}
