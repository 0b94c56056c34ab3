package feed

import (
	"encoding/json"
	"strconv"
	"strings"
)

// node is an object of a feed. Its methods forgive what real feeds get wrong, and the reading counts it.
type node map[string]any

// text is a field as text, under the first of the names that has any. Numbers are taken as they are written.
func (r *Reading) text(n node, names ...string) string {
	for _, name := range names {
		switch v := n[name].(type) {
		case nil:
		case string:
			if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "null") {
				return v
			}
		case json.Number:
			return v.String()
		default:
			r.drop(DroppedType)
		}
	}
	return ""
}

// whole is a field as a whole number; readable is false where something stands there that is none.
func (r *Reading) whole(n node, names ...string) (value int, readable bool) {
	for _, name := range names {
		text := r.text(n, name)
		if text == "" {
			if _, wrong := n[name].(bool); wrong {
				return 0, false
			}
			continue
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f < -1e6 || f > 1e6 {
			return 0, false
		}
		return int(f), true
	}
	return 0, true
}

// nodes are the objects of a list, whatever else stands in it. A single object counts as a list of one.
func (r *Reading) nodes(n node, names ...string) []node {
	var out []node
	for _, name := range names {
		switch v := n[name].(type) {
		case nil:
		case map[string]any:
			out = append(out, v)
		case []any:
			for _, each := range v {
				if o, ok := each.(map[string]any); ok {
					out = append(out, o)
				} else if each != nil {
					r.drop(DroppedType)
				}
			}
		case string:
			if strings.TrimSpace(v) != "" {
				r.drop(DroppedType)
			}
		default:
			r.drop(DroppedType)
		}
	}
	return out
}

// node is one object, or an empty one.
func (r *Reading) node(n node, name string) node {
	if o, ok := n[name].(map[string]any); ok {
		return o
	}
	return nil
}
