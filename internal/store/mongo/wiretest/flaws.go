package wiretest

import (
	"slices"

	"go.mongodb.org/mongo-driver/bson"
)

// Flaw makes a server one that Probe must refuse.
type Flaw uint8

const (
	// Standalone is a server that belongs to no replica set.
	Standalone Flaw = 1 << iota
	// Old is a server of the time before snapshot reads.
	Old
	// Careless says yes to every write concern.
	Careless
	// Leaky shows everybody what open transactions wrote.
	Leaky
	// Forgetful lets the last of several writers win.
	Forgetful
)

// Flaws makes the server unfit.
func (s *Server) Flaws(f Flaw) { s.set(func() { s.flaws = f }) }

// DropIndexes takes all indexes of a collection away but that of _id.
func (s *Server) DropIndexes(in string) {
	s.set(func() { s.data[in].indexes = s.data[in].indexes[:1] })
}

// Edit changes or, where the function returns nil, removes one document behind everybody's back, and says whether it
// was there.
func (s *Server) Edit(in, id string, change func(bson.D) bson.D) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.data[in]
	old := c.seen(id, s.now)
	if old == nil {
		return false
	}
	var d bson.D
	if err := bson.Unmarshal(old.raw, &d); err != nil {
		panic(err) // it was checked when it came
	}
	s.now++
	next := version{at: s.now}
	if d = change(d); d != nil {
		var err error
		if next.doc, err = parseDocument(marshal(d)); err != nil {
			s.t.Fatalf("wiretest: edit: %v", err)
		}
	}
	c.put(id, next)
	return true
}

// Ids lists what stands in a collection.
func (s *Server) Ids(in string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := view{s: s, at: s.now}
	return slices.DeleteFunc(slices.Clone(s.data[in].order), func(id string) bool { return v.doc(in, id) == nil })
}
