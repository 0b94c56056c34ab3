package wiretest

import (
	"go.mongodb.org/mongo-driver/bson"
)

// cursor is what is left of an answer that was divided.
type cursor struct {
	in      string
	session string
	rest    []*document
	whole   bool // the end was seen, so that nothing is left open when rest is empty
}

// take gives the next batch: no more than a message may hold. A batch that ends with its size does not see the end.
func (c *cursor) take(size int) bson.A {
	batch, bytes := bson.A{}, 0
	for len(c.rest) > 0 && len(batch) < size {
		if bytes += len(c.rest[0].raw); bytes > documentLimit && len(batch) > 0 {
			break
		}
		batch = append(batch, c.rest[0].raw)
		c.rest = c.rest[1:]
	}
	if len(batch) < size && len(c.rest) == 0 {
		c.whole = true
	}
	return batch
}

func (c *cursor) over() bool { return len(c.rest) == 0 && c.whole }

func (r request) sessionID() string {
	_, raw := r.body.Lookup("lsid", "id").Binary()
	return string(raw)
}

func batchAnswer(r request, in string, id int64, name string, batch bson.A) bson.D {
	db, _ := r.body.Lookup("$db").StringValueOK()
	return bson.D{{Key: "cursor", Value: bson.D{{Key: "id", Value: id}, {Key: "ns", Value: db + "." + in}, {Key: name, Value: batch}}}}
}

func (s *Server) getMore(r request) (bson.D, error) {
	id, _, err := r.number("getMore")
	if err != nil {
		return nil, err
	}
	name, err := r.text("collection")
	if err != nil {
		return nil, err
	}
	c := s.cursors[id]
	if c == nil {
		return nil, failure{code: codeCursorGone, text: "cursor not found"}
	}
	if c.in != name || c.session != r.sessionID() {
		return nil, refuse("getMore of a cursor of somebody else")
	}
	size, there, err := r.number("batchSize")
	if err != nil {
		return nil, err
	}
	if !there || size < 1 {
		size = int64(len(c.rest)) + 1
	}
	batch := c.take(int(size))
	if c.over() {
		delete(s.cursors, id)
		id = 0
	}
	return batchAnswer(r, name, id, "nextBatch", batch), nil
}

func (s *Server) killCursors(r request) (bson.D, error) {
	list, ok := r.body.Lookup("cursors").ArrayOK()
	if !ok {
		return nil, refuse("killCursors without cursors")
	}
	vs, _ := list.Values()
	killed := bson.A{}
	for _, v := range vs {
		id, ok := v.AsInt64OK()
		if !ok {
			return nil, refuse("killCursors of no cursor")
		}
		delete(s.cursors, id)
		killed = append(killed, id)
	}
	return bson.D{{Key: "cursorsKilled", Value: killed}}, nil
}
