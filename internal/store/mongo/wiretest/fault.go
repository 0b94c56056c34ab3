package wiretest

import (
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// When says on which side of a command's effect a fault strikes.
type When uint8

const (
	// Before the command is applied; it is not.
	Before When = iota + 1
	// After the command was applied.
	After
)

// Fault is something that goes wrong once.
type Fault struct {
	Command string // "insert", "commitTransaction", ...
	Nth     int    // 1 = the next one
	When    When
	Do      Action
}

// Action is what goes wrong.
type Action struct {
	Drop   bool          // close the connection without an answer
	Half   bool          // send half of the answer, then close
	Delay  time.Duration // alone: the command takes so long; with others: they strike so late
	Code   int32         // answer with this error; 10107 also ends all transactions, as a step-down does
	Labels []string      // error labels of that answer
	WCE    int32         // answer ok with this write concern error; After only
}

// Inject makes things go wrong, in the order given where several are meant for one command.
func (s *Server) Inject(faults ...Fault) {
	for _, f := range faults {
		if f.Command == "" || f.Nth < 1 || (f.When != Before && f.When != After) || (f.Do.WCE != 0 && f.When != After) {
			s.t.Fatalf("wiretest: not a fault: %+v", f)
		}
	}
	s.set(func() {
		for _, f := range faults {
			s.faults = append(s.faults, &f)
		}
	})
}

// Pending says how many faults have not struck yet.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.faults)
}

// strike makes the answer of a fault and says whether it stands in the place of the command itself.
func (s *Server) strike(r request, f Fault, answer bson.Raw) (bson.Raw, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch do := f.Do; {
	case do.Code != 0:
		switch {
		case do.Code == codeNotPrimary:
			s.stepDown()
		case f.When == Before && len(do.Labels) > 0 && r.name != "commitTransaction":
			s.forget(r)
		}
		return marshal(failure{code: do.Code, text: "injected", labels: do.Labels}.answer()), true
	case do.WCE != 0:
		var d bson.D
		if err := bson.Unmarshal(answer, &d); err != nil {
			panic(err) // an answer of our own
		}
		return marshal(append(d, bson.E{Key: "writeConcernError", Value: bson.D{
			{Key: "code", Value: do.WCE}, {Key: "errmsg", Value: "injected"},
		}})), true
	case do.Drop, do.Half && f.When == Before:
		return answer, true
	case do.Half:
		return answer, true
	}
	return answer, false
}
