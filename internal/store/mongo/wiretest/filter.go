package wiretest

import (
	"bytes"
	"cmp"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
)

// terms is what a filter asks of one field: one of some values, or a range.
type terms struct {
	in        []bson.RawValue // one value: equality
	low, high *bson.RawValue
	openLow   bool
	openHigh  bool
}

type filter map[string]*terms

// parseFilter reads equality, $in and ranges, and refuses all else.
func parseFilter(raw bson.Raw, of string) (filter, error) {
	es, err := raw.Elements()
	if err != nil {
		return nil, refuse("a malformed filter of %s", of)
	}
	f := filter{}
	for _, e := range es {
		k := e.Key()
		if k == "" || strings.ContainsAny(k, "$.") {
			return nil, refuse("operator %s in a filter", k)
		}
		if f[k] != nil {
			return nil, refuse("field %s stands twice in a filter", k)
		}
		if f[k], err = parseTerms(e.Value()); err != nil {
			return nil, err
		}
	}
	if f["tenant"] == nil {
		return nil, refuse("%s with a filter without tenant", of)
	}
	if id := f["_id"]; id != nil {
		for _, v := range append(id.in, present(id.low, id.high)...) {
			if v.Type != bson.TypeString {
				return nil, refuse("an _id that is no string")
			}
		}
	}
	return f, nil
}

func present(vs ...*bson.RawValue) (out []bson.RawValue) {
	for _, v := range vs {
		if v != nil {
			out = append(out, *v)
		}
	}
	return out
}

func parseTerms(v bson.RawValue) (*terms, error) {
	if v.Type != bson.TypeEmbeddedDocument {
		return &terms{in: []bson.RawValue{v}}, checkValue(v, true)
	}
	es, err := v.Document().Elements()
	if err != nil || len(es) == 0 {
		return nil, refuse("an empty term of a filter")
	}
	t := &terms{}
	for _, e := range es {
		v := e.Value()
		if e.Key() == "$in" {
			list, ok := v.ArrayOK()
			if !ok || len(es) > 1 {
				return nil, refuse("$in beside another operator, or of no list")
			}
			vs, err := list.Values()
			if err != nil || len(vs) == 0 {
				return nil, refuse("$in of nothing")
			}
			for _, one := range vs {
				if err := checkValue(one, true); err != nil {
					return nil, err
				}
			}
			t.in = vs
			continue
		}
		if err := checkValue(v, true); err != nil {
			return nil, err
		}
		switch {
		case (e.Key() == "$gt" || e.Key() == "$gte") && t.low == nil:
			t.low, t.openLow = &v, e.Key() == "$gt"
		case (e.Key() == "$lt" || e.Key() == "$lte") && t.high == nil:
			t.high, t.openHigh = &v, e.Key() == "$lt"
		default:
			return nil, refuse("operator %s in a filter", e.Key())
		}
	}
	return t, nil
}

func (f filter) matches(d *document) bool {
	for k, t := range f {
		if !t.match(d.fields[k]) {
			return false
		}
	}
	return true
}

// match compares with each value of a list, as MongoDB does.
func (t *terms) match(v bson.RawValue) bool {
	if v.Type == bson.TypeArray {
		vs, _ := v.Array().Values()
		for _, one := range vs {
			if t.match(one) {
				return true
			}
		}
		return false
	}
	for _, want := range t.in {
		if kin(v, want) && compare(v, want) == 0 {
			return true
		}
	}
	if len(t.in) > 0 {
		return false
	}
	if t.low != nil {
		if n := compare(v, *t.low); !kin(v, *t.low) || n < 0 || n == 0 && t.openLow {
			return false
		}
	}
	if t.high != nil {
		if n := compare(v, *t.high); !kin(v, *t.high) || n > 0 || n == 0 && t.openHigh {
			return false
		}
	}
	return true
}

// rank orders types, https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order
func rank(v bson.RawValue) int {
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return 1
	case bson.TypeString:
		return 2
	case bson.TypeBinary:
		return 3
	case bson.TypeBoolean:
		return 4
	case bson.TypeDateTime:
		return 5
	}
	return 0
}

// kin says whether two values compare at all: a range never reaches from one type into another.
func kin(a, b bson.RawValue) bool { return rank(a) == rank(b) && rank(a) > 0 }

func compare(a, b bson.RawValue) int {
	if n := cmp.Compare(rank(a), rank(b)); n != 0 {
		return n
	}
	switch a.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return cmp.Compare(a.AsInt64(), b.AsInt64())
	case bson.TypeString:
		return cmp.Compare(a.StringValue(), b.StringValue())
	case bson.TypeDateTime:
		return cmp.Compare(a.DateTime(), b.DateTime())
	case bson.TypeBinary:
		_, x := a.Binary()
		_, y := b.Binary()
		return cmp.Or(cmp.Compare(len(x), len(y)), bytes.Compare(x, y)) // by length first, as MongoDB does
	case bson.TypeBoolean:
		return bytes.Compare(a.Value, b.Value)
	}
	return 0
}
