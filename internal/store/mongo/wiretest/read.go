package wiretest

import (
	"cmp"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
)

// firstBatch is how many documents come at once if nobody says.
const firstBatch = 101

// read runs a search outside of a transaction.
func (s *Server) read(r request) (bson.D, error) {
	at, snapshot, err := s.readAt(r)
	if err != nil {
		return nil, err
	}
	answer, err := s.readIn(r, view{s: s, at: at})
	if err == nil && snapshot {
		c := answer[0].Value.(bson.D)
		answer[0].Value = append(c, bson.E{Key: "atClusterTime", Value: stamp(at)})
	}
	return answer, err
}

func (s *Server) readIn(r request, v view) (bson.D, error) {
	switch r.name {
	case "find":
		return s.find(r, v)
	case "aggregate":
		return s.aggregate(r, v)
	}
	return nil, refuse("%s in a transaction", r.name)
}

// search is a find, checked.
type search struct {
	in     string
	filter filter
	sort   []key
	limit  int
	plan   plan
}

func (s *Server) parseFind(r request) (q search, err error) {
	if q.in, err = r.text("find"); err != nil {
		return q, err
	}
	c := s.data[q.in]
	if c == nil {
		return q, refuse("find in a collection that was not made")
	}
	f, err := r.sub("filter")
	if err != nil {
		return q, err
	}
	if q.filter, err = parseFilter(f, "find"); err != nil {
		return q, err
	}
	order, err := r.sub("sort")
	if err != nil {
		return q, err
	}
	if order != nil {
		if q.sort, err = parseKeys(order, "a sort"); err != nil {
			return q, err
		}
	}
	n, _, err := r.number("limit")
	if err != nil {
		return q, err
	}
	if n < 1 {
		return q, refuse("find without limit")
	}
	q.limit, q.plan = int(n), c.plan(q.filter, q.sort)
	return q, nil
}

func (s *Server) find(r request, v view) (bson.D, error) {
	q, err := s.parseFind(r)
	if err != nil {
		return nil, err
	}
	if q.plan.index == nil {
		return nil, refuse("find in %s without an index", q.in)
	}
	if !q.plan.sorted {
		return nil, refuse("find in %s with a sort without matching index", q.in)
	}
	size, there, err := r.number("batchSize")
	if err != nil {
		return nil, err
	}
	if !there {
		size = firstBatch
	}
	if single, err := r.body.LookupErr("singleBatch"); err != nil || single.Type != bson.TypeBoolean || !single.Boolean() {
		return nil, refuse("find that may leave a cursor open")
	}
	found := v.search(q)
	return batchAnswer(r, q.in, take(found[:min(len(found), q.limit)], int(size))), nil
}

// search gives what matches in the order asked for; where none was asked for, backwards, so that nobody relies on one.
func (v view) search(q search) []*document {
	var found []*document
	for _, id := range v.ids(q.in, q.filter) {
		if d := v.doc(q.in, id); d != nil && q.filter.matches(d) {
			found = append(found, d)
		}
	}
	if len(q.sort) == 0 {
		slices.Reverse(found)
		return found
	}
	slices.SortStableFunc(found, func(a, b *document) int {
		for _, k := range q.sort {
			if n := int(k.way) * compare(a.fields[k.field], b.fields[k.field]); n != 0 {
				return n
			}
		}
		return cmp.Compare(b.text("_id"), a.text("_id"))
	})
	return found
}

// aggregate is one $match, then one $group that counts.
func (s *Server) aggregate(r request, v view) (bson.D, error) {
	name, f, by, one, err := s.parseAggregate(r)
	if err != nil {
		return nil, err
	}
	if s.data[name].plan(f, nil).index == nil {
		return nil, refuse("aggregate in %s without an index", name)
	}
	n := map[string]int64{}
	for _, id := range v.ids(name, f) {
		if d := v.doc(name, id); d != nil && f.matches(d) {
			n[d.text(by)]++
		}
	}
	batch := bson.A{}
	for group, count := range n {
		batch = append(batch, bson.D{{Key: "_id", Value: group}, {Key: one, Value: count}})
	}
	return batchAnswer(r, name, batch), nil
}

func (s *Server) parseAggregate(r request) (name string, f filter, by, one string, err error) {
	if name, err = r.text("aggregate"); err != nil {
		return
	}
	if s.data[name] == nil {
		return name, nil, "", "", refuse("aggregate in a collection that was not made")
	}
	if c, _ := r.sub("cursor"); c == nil || len(c) != 5 {
		return name, nil, "", "", refuse("aggregate with a cursor of its own")
	}
	list, _ := r.body.Lookup("pipeline").ArrayOK()
	vs, _ := list.Values()
	if len(vs) != 2 {
		return name, nil, "", "", refuse("a pipeline that is not $match and $group")
	}
	match, ok1 := vs[0].DocumentOK()
	group, ok2 := vs[1].DocumentOK()
	if !ok1 || !ok2 {
		return name, nil, "", "", refuse("a pipeline that is not $match and $group")
	}
	m, err1 := parts(match, "pipeline", "$match")
	g, err2 := parts(group, "pipeline", "$group")
	if err1 != nil || err2 != nil {
		return name, nil, "", "", refuse("a pipeline that is not $match and $group")
	}
	if f, err = parseFilter(m[0].Document(), "aggregate"); err != nil {
		return
	}
	es, _ := g[0].Document().Elements()
	if len(es) == 2 && es[0].Key() == "_id" {
		by, _ = es[0].Value().StringValueOK()
		sum, err := parts(bson.Raw(es[1].Value().Value), "$group", "$sum")
		if err == nil && len(by) > 1 && by[0] == '$' {
			if n, ok := sum[0].AsInt64OK(); ok && n == 1 {
				return name, f, by[1:], es[1].Key(), nil
			}
		}
	}
	return name, nil, "", "", refuse("a $group that does more than count by one field")
}
