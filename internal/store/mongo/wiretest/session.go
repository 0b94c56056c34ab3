package wiretest

import (
	"bytes"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// session is what the server remembers of one lsid: its newest number, and either the transaction of that number or the
// answer to the write of that number.
type session struct {
	number int64
	txn    *transaction
	write  *remembered
}

type remembered struct {
	imprint []byte // which command it was
	answer  bson.D
	err     error
}

func (r request) imprint() []byte {
	first := r.body.Index(0)
	out := append([]byte(r.name), first.Value().Value...)
	for _, name := range []string{"documents", "updates", "deletes"} {
		for _, d := range r.list[name] {
			out = append(out, d...)
		}
	}
	return out
}

// inSession runs what belongs to a session: reads, writes and transactions.
func (s *Server) inSession(r request) (bson.D, error) {
	id, err := r.body.LookupErr("lsid", "id")
	if kind, data, ok := id.BinaryOK(); err != nil || !ok || kind != 4 || len(data) != 16 {
		return nil, refuse("lsid of %s is no session", r.name)
	}
	_, raw := id.Binary()
	of := s.sessions[string(raw)]
	if of == nil {
		of = &session{}
		s.sessions[string(raw)] = of
	}
	number, numbered, err := r.number("txnNumber")
	if err != nil {
		return nil, err
	}
	if r.has("autocommit") {
		if v := r.body.Lookup("autocommit"); v.Type != bson.TypeBoolean || v.Boolean() || !numbered {
			return nil, refuse("a transaction that commits by itself, or has no number")
		}
		return s.transact(r, of, number)
	}
	if r.has("startTransaction") || r.name == "commitTransaction" || r.name == "abortTransaction" {
		return nil, refuse("%s outside of a transaction", r.name)
	}
	if slices.Contains([]string{"insert", "update", "delete"}, r.name) {
		if !numbered {
			return nil, refuse("%s without txnNumber: it could not be sent again", r.name)
		}
		return s.writeOnce(r, of, number)
	}
	if numbered {
		return nil, refuse("%s with txnNumber outside of a transaction", r.name)
	}
	return s.read(r)
}

// writeOnce does a write outside of a transaction, or answers one that was sent again from memory.
func (s *Server) writeOnce(r request, of *session, number int64) (bson.D, error) {
	if r.has("readConcern") {
		return nil, refuse("a write with readConcern")
	}
	unheard, err := r.checkWriteConcern()
	if err != nil {
		return nil, err
	}
	switch {
	case number < of.number:
		return nil, refuse("a write older than the session")
	case number == of.number && of.write == nil:
		return nil, refuse("a write with the number of a transaction")
	case number == of.number && !bytes.Equal(of.write.imprint, r.imprint()):
		return nil, refuse("another write with a number that was used")
	case number == of.number:
		return slices.Clone(of.write.answer), of.write.err
	}
	s.lose(of)
	if unheard && s.flaws&Careless == 0 {
		return bson.D{{Key: "n", Value: 0}, {Key: "writeConcernError", Value: bson.D{
			{Key: "code", Value: codeNoConcern}, {Key: "errmsg", Value: "no write concern mode of that name"},
		}}}, nil
	}
	of.number, of.txn, of.write = number, nil, &remembered{imprint: r.imprint()}
	alone := &transaction{at: s.now, born: time.Now(), alone: true, writes: map[place]*document{}}
	answer, err := s.write(r, alone)
	if err == nil {
		s.apply(alone)
	}
	s.unlock(alone)
	if err == nil {
		answer = append(answer, s.late()...)
	}
	of.write.answer, of.write.err = slices.Clone(answer), err
	return answer, err
}
