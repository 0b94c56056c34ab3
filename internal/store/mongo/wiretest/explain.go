package wiretest

import (
	"go.mongodb.org/mongo-driver/bson"
)

// explain tells how a search would be run, truthfully, also where running it would be refused.
func (s *Server) explain(r request) (bson.D, error) {
	inner, err := r.sub("explain")
	if err != nil || inner == nil {
		return nil, refuse("explain of no command")
	}
	if v, _ := r.body.Lookup("verbosity").StringValueOK(); v != "queryPlanner" {
		return nil, refuse("explain with verbosity %q", v)
	}
	of := request{body: inner}
	if of.name, err = nameOf(inner); err != nil {
		return nil, err
	}
	known := map[string]bool{"filter": true, "sort": true, "limit": true}
	if of.name == "aggregate" {
		known = map[string]bool{"pipeline": true, "cursor": true}
	}
	es, _ := inner.Elements()
	for _, e := range es[1:] {
		if !known[e.Key()] {
			return nil, refuse("field %s of an explained %s", e.Key(), of.name)
		}
	}
	var p plan
	switch of.name {
	case "find":
		q, err := s.parseFind(of)
		if err != nil {
			return nil, err
		}
		p = q.plan
	case "aggregate":
		name, f, _, _, err := s.parseAggregate(of)
		if err != nil {
			return nil, err
		}
		p = s.data[name].plan(f, nil)
	default:
		return nil, refuse("explain of %s", of.name)
	}
	return bson.D{{Key: "queryPlanner", Value: bson.D{{Key: "winningPlan", Value: p.stages()}, {Key: "rejectedPlans", Value: bson.A{}}}}}, nil
}

func (p plan) stages() bson.D {
	stage := func(name string, more ...bson.E) bson.D { return append(bson.D{{Key: "stage", Value: name}}, more...) }
	d := stage("COLLSCAN")
	if p.index != nil {
		pattern := bson.D{}
		for _, k := range p.index.keys {
			pattern = append(pattern, bson.E{Key: k.field, Value: k.way})
		}
		d = stage("FETCH", bson.E{Key: "inputStage", Value: stage("IXSCAN",
			bson.E{Key: "indexName", Value: p.index.name}, bson.E{Key: "keyPattern", Value: pattern})})
	}
	if !p.sorted {
		d = stage("SORT", bson.E{Key: "inputStage", Value: d})
	}
	return stage("LIMIT", bson.E{Key: "inputStage", Value: d})
}
