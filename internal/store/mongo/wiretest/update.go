package wiretest

import (
	"strings"

	"go.mongodb.org/mongo-driver/bson"
)

// parseUpdate tells a replacement from a $set, the only operator there is.
func parseUpdate(u bson.Raw) (set bson.Raw, replaces bool, err error) {
	es, err := u.Elements()
	if err != nil || len(es) == 0 {
		return nil, false, refuse("an empty update")
	}
	if !strings.HasPrefix(es[0].Key(), "$") {
		return u, true, nil
	}
	set, ok := es[0].Value().DocumentOK()
	if es[0].Key() != "$set" || len(es) > 1 || !ok {
		return nil, false, refuse("operator %s in an update", es[len(es)-1].Key())
	}
	return set, false, nil
}

// changed is the document after an update, which may not move it.
func (d *document) changed(set bson.Raw, replaces bool) (*document, error) {
	next := set
	if !replaces {
		sets, err := set.Elements()
		if err != nil {
			return nil, refuse("a malformed $set")
		}
		with := map[string]bool{}
		var es bson.D
		for _, e := range sets {
			if e.Key() == "_id" || e.Key() == "tenant" {
				return nil, refuse("an update of %s", e.Key())
			}
			with[e.Key()] = true
		}
		olds, _ := d.raw.Elements()
		for _, e := range olds {
			if !with[e.Key()] {
				es = append(es, bson.E{Key: e.Key(), Value: e.Value()})
			}
		}
		for _, e := range sets {
			es = append(es, bson.E{Key: e.Key(), Value: e.Value()})
		}
		next = marshal(es)
	}
	out, err := parseDocument(next)
	if err != nil {
		return nil, err
	}
	if out.text("_id") != d.text("_id") || out.text("tenant") != d.text("tenant") {
		return nil, refuse("an update of _id or tenant")
	}
	return out, nil
}
