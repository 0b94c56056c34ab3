package wiretest

import (
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// write does insert, update or delete, for a transaction or alone.
func (s *Server) write(r request, t *transaction) (bson.D, error) {
	name, err := r.text(r.name)
	if err != nil {
		return nil, err
	}
	if v, err := r.body.LookupErr("ordered"); err == nil && (v.Type != bson.TypeBoolean || !v.Boolean()) {
		return nil, refuse("an unordered %s", r.name)
	}
	if s.data[name] == nil {
		return nil, refuse("%s into a collection that was not made", r.name)
	}
	v := view{s: s, at: t.at, own: t}
	var n int32
	one := map[string]func(view, string, bson.Raw) (int32, error){"insert": s.insert, "update": s.update, "delete": s.delete}[r.name]
	for _, list := range r.list {
		for i, d := range list {
			changed, err := one(v, name, d)
			if f, ok := err.(failure); ok && f.code == codeDuplicate {
				return append(counts(r, n), bson.E{Key: "writeErrors", Value: bson.A{bson.D{
					{Key: "index", Value: int32(i)}, {Key: "code", Value: f.code}, {Key: "errmsg", Value: f.text},
				}}}), nil
			} else if err != nil {
				return nil, err
			}
			n += changed
		}
	}
	return counts(r, n), nil
}

func counts(r request, n int32) bson.D {
	d := bson.D{{Key: "n", Value: n}}
	if r.name == "update" {
		d = append(d, bson.E{Key: "nModified", Value: n})
	}
	return d
}

// claim takes the lock of a document. Two open transactions never wait for each other here: the second is told to try
// again, and so is one whose picture is too old.
func (v view) claim(in, id string) error {
	p := place{in, id}
	if v.s.flaws&Forgetful != 0 {
		return nil
	}
	if holder := v.s.locks[p]; holder != nil && holder != v.own {
		if time.Since(holder.born) < v.s.lifetime {
			return conflict()
		}
		v.s.undo(holder, lost)
	}
	if v.s.data[in].newest(id) > v.at {
		return conflict()
	}
	v.s.locks[p] = v.own
	return nil
}

func (s *Server) insert(v view, in string, raw bson.Raw) (int32, error) {
	d, err := parseDocument(raw)
	if err != nil {
		return 0, err
	}
	id := d.text("_id")
	if v.doc(in, id) != nil {
		return 0, failure{code: codeDuplicate, text: "E11000 duplicate key: " + id}
	}
	return 1, s.put(v, in, id, d)
}

// put claims and writes one document, if no unique index forbids it.
func (s *Server) put(v view, in, id string, d *document) error {
	if err := v.claim(in, id); err != nil {
		return err
	}
	c := s.data[in]
	for _, i := range c.indexes {
		if !i.unique {
			continue
		}
		f := filter{}
		for _, k := range i.keys {
			f[k.field] = &terms{in: []bson.RawValue{d.fields[k.field]}}
		}
		for _, other := range v.ids(in, filter{}) {
			if held := v.doc(in, other); held != nil && other != id && f.matches(held) {
				return failure{code: codeDuplicate, text: "E11000 duplicate key of " + i.name}
			}
		}
	}
	c.learn(d)
	v.own.writes[place{in, id}] = d
	return nil
}

// target finds the one document that a write by key is for.
func (v view) target(in string, q bson.Raw, of string) (*document, error) {
	f, err := parseFilter(q, of)
	if err != nil {
		return nil, err
	}
	for _, field := range []string{"_id", "tenant"} {
		if f[field] == nil || len(f[field].in) != 1 {
			return nil, refuse("%s that is not by key", of)
		}
	}
	d := v.doc(in, f["_id"].in[0].StringValue())
	if d == nil || !f.matches(d) {
		return nil, nil
	}
	return d, nil
}

// parts takes a statement apart into exactly the fields it may have.
func parts(raw bson.Raw, of string, names ...string) ([]bson.RawValue, error) {
	es, err := raw.Elements()
	if err != nil {
		return nil, refuse("a malformed %s", of)
	}
	out := make([]bson.RawValue, len(names))
	for _, e := range es {
		known := false
		for i, name := range names {
			if e.Key() == name {
				out[i], known = e.Value(), true
			}
		}
		if !known {
			return nil, refuse("field %s of one %s: more than one document, or an upsert", e.Key(), of)
		}
	}
	for i, name := range names {
		if out[i].Type == 0 {
			return nil, refuse("%s without %s", of, name)
		}
	}
	return out, nil
}

func (s *Server) update(v view, in string, raw bson.Raw) (int32, error) {
	p, err := parts(raw, "update", "q", "u")
	if err != nil {
		return 0, err
	}
	q, ok1 := p[0].DocumentOK()
	u, ok2 := p[1].DocumentOK()
	if !ok1 || !ok2 {
		return 0, refuse("an update that is no document: a pipeline")
	}
	set, replaces, err := parseUpdate(u)
	if err != nil {
		return 0, err
	}
	old, err := v.target(in, q, "update")
	if err != nil || old == nil {
		return 0, err
	}
	d, err := old.changed(set, replaces)
	if err != nil {
		return 0, err
	}
	return 1, s.put(v, in, old.text("_id"), d)
}

func (s *Server) delete(v view, in string, raw bson.Raw) (int32, error) {
	p, err := parts(raw, "delete", "q", "limit")
	if err != nil {
		return 0, err
	}
	q, ok := p[0].DocumentOK()
	if n, whole := p[1].AsInt64OK(); !ok || !whole || n != 1 {
		return 0, refuse("a delete of more than one document")
	}
	old, err := v.target(in, q, "delete")
	if err != nil || old == nil {
		return 0, err
	}
	id := old.text("_id")
	if err := v.claim(in, id); err != nil {
		return 0, err
	}
	v.own.writes[place{in, id}] = nil
	return 1, nil
}
