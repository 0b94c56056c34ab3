package wiretest

import (
	"bytes"
	"net"

	"go.mongodb.org/mongo-driver/bson"
)

type connection struct {
	net.Conn
	s    *Server
	host string
}

func (c *connection) serve() {
	defer func() {
		_ = c.Close()
		c.s.set(func() { delete(c.s.open, c) })
	}()
	for {
		f, err := readFrame(c)
		if r, ok := err.(refusal); ok {
			c.s.set(func() { c.s.report(r) })
		}
		if err != nil {
			return
		}
		if !c.respond(f) {
			return
		}
	}
}

// respond runs one command with what was injected for it, and says whether the connection goes on.
func (c *connection) respond(f frame) bool {
	r, err := f.parse()
	r.host = c.host
	hushed, fault := c.s.arrive(r.name)
	if hushed {
		return true
	}
	if err == nil && fault != nil && fault.When == Before {
		if fault.Do.Delay > 0 {
			c.s.wait(fault.Do.Delay)
		}
		if answer, over := c.s.strike(r, *fault, nil); over {
			return c.send(f, answer, fault.Do)
		}
	}
	answer := c.s.run(f, r, err)
	if fault != nil && fault.When == After {
		if fault.Do.Delay > 0 {
			c.s.wait(fault.Do.Delay)
		}
		answer, _ = c.s.strike(r, *fault, answer)
		return c.send(f, answer, fault.Do)
	}
	return c.send(f, answer, Action{})
}

func (c *connection) send(f frame, answer bson.Raw, do Action) bool {
	if do.Drop {
		return false
	}
	out := f.message(answer)
	if do.Half {
		out = out[:len(out)/2]
	}
	_, err := c.Write(out)
	return err == nil && !do.Half
}

// arrive counts a command and gives the fault that is meant for it.
func (s *Server) arrive(name string) (hushed bool, fault *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[name]++
	if s.mode == silent {
		return true, nil
	}
	for i, f := range s.faults {
		if f.Command != name {
			continue
		}
		if f.Nth--; f.Nth <= 0 && fault == nil {
			fault = f
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			break
		}
	}
	return false, fault
}

// run does one command and makes the answer.
func (s *Server) run(f frame, r request, err error) bson.Raw {
	s.mu.Lock()
	defer s.mu.Unlock()
	var answer bson.D
	if err == nil && len(s.canary) > 0 && bytes.Contains(f.body, s.canary) {
		err = refuse("a planted plaintext")
	}
	if err == nil {
		answer, err = s.do(r)
	}
	switch e := err.(type) {
	case nil:
		answer = append(answer, bson.E{Key: "ok", Value: 1})
	case refusal:
		s.report(e)
		answer = failure{code: 9, text: e.Error()}.answer()
	case failure:
		answer = e.answer()
	default:
		s.t.Errorf("wiretest: %v", err)
		answer = failure{code: 8, text: "unknown"}.answer()
	}
	if s.gossip && r.name != "hello" {
		answer = append(answer, s.clusterTime()...)
	}
	return marshal(answer)
}

func marshal(d bson.D) bson.Raw {
	raw, err := bson.Marshal(d)
	if err != nil {
		panic(err) // an answer made of our own values
	}
	return raw
}

// failure is an error as a real server answers it.
type failure struct {
	code   int32
	text   string
	labels []string
}

func (f failure) Error() string { return f.text }

func (f failure) answer() bson.D {
	d := bson.D{{Key: "ok", Value: 0}, {Key: "errmsg", Value: f.text}, {Key: "code", Value: f.code}}
	if len(f.labels) > 0 {
		d = append(d, bson.E{Key: "errorLabels", Value: f.labels})
	}
	return d
}

// Codes of a real server.
const (
	codeNoTransaction  = 251
	codeCommitted      = 256
	codeConflict       = 112
	codeDuplicate      = 11000
	codeNotPrimary     = 10107
	codeNoConcern      = 79
	codeConcernTimeout = 64
	transient          = "TransientTransactionError"
)

func conflict() error {
	return failure{code: codeConflict, text: "WriteConflict", labels: []string{transient}}
}
