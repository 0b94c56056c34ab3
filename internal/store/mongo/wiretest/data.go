package wiretest

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
)

// place is where one document stands.
type place struct{ in, id string }

// document is one version of a document.
type document struct {
	raw    bson.Raw
	fields map[string]bson.RawValue
}

// version is a document from a moment on; nil where there is none any more.
type version struct {
	at  int64
	doc *document
}

type collection struct {
	indexes []*index
	docs    map[string][]version
	order   []string // ids, also of what is no more
}

func newCollection() *collection {
	return &collection{docs: map[string][]version{}, indexes: []*index{{name: "_id_", keys: []key{{"_id", 1}}}}}
}

func (c *collection) put(id string, v version) {
	if _, known := c.docs[id]; !known {
		at, _ := slices.BinarySearch(c.order, id)
		c.order = slices.Insert(c.order, at, id)
	}
	c.docs[id] = append(c.docs[id], v)
}

// seen is the version of that moment.
func (c *collection) seen(id string, at int64) *document {
	vs := c.docs[id]
	for i := len(vs) - 1; i >= 0; i-- {
		if vs[i].at <= at {
			return vs[i].doc
		}
	}
	return nil
}

func (c *collection) newest(id string) int64 {
	vs := c.docs[id]
	if len(vs) == 0 {
		return 0
	}
	return vs[len(vs)-1].at
}

// view is how somebody sees the data: at a moment, with what they wrote themselves.
type view struct {
	s   *Server
	at  int64
	own *transaction
}

func (v view) doc(in, id string) *document {
	if v.own != nil {
		if d, written := v.own.writes[place{in, id}]; written {
			return d
		}
	}
	if v.own == nil && v.s.flaws&Leaky != 0 {
		if holder := v.s.locks[place{in, id}]; holder != nil {
			return holder.writes[place{in, id}]
		}
	}
	return v.s.data[in].seen(id, v.at)
}

// ids lists those that a filter may match, in order: few where it says which.
func (v view) ids(in string, f filter) []string {
	c := v.s.data[in]
	if t, ok := f["_id"]; ok && len(t.in) > 0 {
		var ids []string
		for _, one := range t.in {
			ids = append(ids, one.StringValue())
		}
		slices.Sort(ids)
		return slices.Compact(ids)
	}
	ids := c.order
	if t, ok := f["_id"]; ok && t.low != nil {
		from, _ := slices.BinarySearch(ids, t.low.StringValue())
		ids = ids[from:]
	}
	if v.own == nil || v.own.alone {
		return ids
	}
	ids = slices.Clone(ids)
	for p := range v.own.writes {
		if p.in == in {
			ids = append(ids, p.id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// parseDocument checks what is to be stored.
func parseDocument(raw bson.Raw) (*document, error) {
	if len(raw) > documentLimit {
		return nil, refuse("a document of %d bytes", len(raw))
	}
	es, err := raw.Elements()
	if err != nil {
		return nil, refuse("a malformed document")
	}
	d := &document{raw: raw, fields: map[string]bson.RawValue{}}
	for _, e := range es {
		k := e.Key()
		if k == "" || strings.ContainsAny(k, "$.") || d.fields[k].Type != 0 {
			return nil, refuse("a field name that is empty, double or an operator")
		}
		if err := checkValue(e.Value(), false); err != nil {
			return nil, err
		}
		d.fields[k] = e.Value()
	}
	id, tenant := d.text("_id"), d.text("tenant")
	switch {
	case id == "" || tenant == "":
		return nil, refuse("a document whose _id or tenant is no string")
	case id != tenant && !strings.HasPrefix(id, tenant+" "):
		return nil, refuse("an _id without the tenant: on one shard it would be unique, on several not")
	}
	return d, nil
}

func (d *document) text(field string) string {
	v := d.fields[field]
	if v.Type != bson.TypeString {
		return ""
	}
	return v.StringValue()
}
