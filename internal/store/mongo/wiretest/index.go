package wiretest

import (
	"slices"

	"go.mongodb.org/mongo-driver/bson"
)

type key struct {
	field string
	way   int64 // 1 or -1
}

type index struct {
	name   string
	keys   []key
	unique bool
	many   map[string]bool // fields that were once a list
}

func parseKeys(raw bson.Raw, of string) ([]key, error) {
	es, err := raw.Elements()
	if err != nil || len(es) == 0 {
		return nil, refuse("%s without fields", of)
	}
	var keys []key
	for _, e := range es {
		v := e.Value()
		if (v.Type != bson.TypeInt32 && v.Type != bson.TypeInt64) || v.AsInt64()*v.AsInt64() != 1 {
			return nil, refuse("%s whose direction is not 1 or -1", of)
		}
		keys = append(keys, key{e.Key(), v.AsInt64()})
	}
	return keys, nil
}

// createIndexes makes a collection and its indexes; those that are there as they are asked for stay.
func (s *Server) createIndexes(r request) (bson.D, error) {
	if unheard, err := r.checkWriteConcern(); err != nil {
		return nil, err
	} else if unheard {
		return nil, refuse("createIndexes with an unknown write concern")
	}
	name, err := r.text("createIndexes")
	if err != nil {
		return nil, err
	}
	v := r.body.Lookup("indexes")
	list, ok := v.ArrayOK()
	if !ok {
		return nil, refuse("createIndexes without indexes")
	}
	vs, _ := list.Values()
	var made []*index
	for _, v := range vs {
		one, err := s.parseIndex(v)
		if err != nil {
			return nil, err
		}
		made = append(made, one)
	}
	c := s.data[name]
	if c == nil {
		c = newCollection()
		s.data[name] = c
	}
	for _, one := range made {
		at := slices.IndexFunc(c.indexes, func(i *index) bool { return i.name == one.name })
		switch {
		case at < 0:
			c.indexes = append(c.indexes, one)
		case !slices.Equal(c.indexes[at].keys, one.keys) || c.indexes[at].unique != one.unique:
			return nil, refuse("another index %s", one.name)
		}
	}
	return nil, nil
}

func (s *Server) parseIndex(v bson.RawValue) (*index, error) {
	d, ok := v.DocumentOK()
	if !ok {
		return nil, refuse("an index that is no document")
	}
	one := &index{many: map[string]bool{}}
	es, err := d.Elements()
	if err != nil {
		return nil, refuse("a malformed index")
	}
	for _, e := range es {
		v := e.Value()
		switch e.Key() {
		case "key":
			keys, ok := v.DocumentOK()
			if !ok {
				return nil, refuse("an index whose key is no document")
			}
			if one.keys, err = parseKeys(keys, "an index"); err != nil {
				return nil, err
			}
		case "name":
			one.name, _ = v.StringValueOK()
		case "unique":
			one.unique, _ = v.BooleanOK()
		default:
			return nil, refuse("option %s of an index", e.Key())
		}
	}
	if one.name == "" || len(one.keys) == 0 {
		return nil, refuse("an index without name or key")
	}
	for i, field := range s.shardKey {
		if one.unique && (i >= len(one.keys) || one.keys[i].field != field) {
			return nil, refuse("a unique index that does not begin with the whole shard key")
		}
	}
	return one, nil
}

// learn remembers which fields are lists: an index over one can do less.
func (c *collection) learn(d *document) {
	for _, i := range c.indexes {
		for _, k := range i.keys {
			if d.fields[k.field].Type == bson.TypeArray {
				i.many[k.field] = true
			}
		}
	}
}

// plan is how a search would be run.
type plan struct {
	index  *index // nil: through all documents
	sorted bool   // without a sort in memory
}

// plan takes the index that needs no sort and narrows most.
func (c *collection) plan(f filter, sort []key) plan {
	best, score := plan{sorted: len(sort) == 0}, 0
	for _, i := range c.indexes {
		if f[i.keys[0].field] == nil {
			continue
		}
		points := 1
		for _, k := range i.keys {
			if f[k.field] == nil {
				break
			}
			points++
		}
		sorted := i.sorts(f, sort)
		if sorted {
			points += 100
		}
		if points > score {
			best, score = plan{index: i, sorted: sorted}, points
		}
	}
	return best
}

// sorts says whether walking along the index gives the order: past fields that are held to one value, or to a few of a
// field that is no list (explode for sort), the rest must be the sort itself, all forwards or all backwards.
func (i *index) sorts(f filter, sort []key) bool {
	at, way := 0, int64(0)
	for _, k := range i.keys {
		if at == len(sort) {
			break
		}
		if k.field == sort[at].field && !i.many[k.field] {
			if way == 0 {
				way = k.way * sort[at].way
			}
			if k.way*sort[at].way != way {
				return false
			}
			at++
			continue
		}
		t := f[k.field]
		if at > 0 || t == nil || len(t.in) == 0 || len(t.in) > 1 && i.many[k.field] {
			return false
		}
	}
	return at == len(sort)
}
