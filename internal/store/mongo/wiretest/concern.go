package wiretest

import (
	"go.mongodb.org/mongo-driver/bson"
)

// checkWriteConcern wants majority, journaled, with a time limit. A mode that nobody has configured is answered as a
// real server does: with an error, and nothing is written here.
func (r request) checkWriteConcern() (unheard bool, err error) {
	wc, err := r.sub("writeConcern")
	if err != nil {
		return false, err
	}
	if wc == nil {
		return false, refuse("%s without writeConcern", r.name)
	}
	var w string
	var j, limit bool
	es, _ := wc.Elements()
	for _, e := range es {
		v := e.Value()
		switch e.Key() {
		case "w":
			w, _ = v.StringValueOK()
		case "j":
			j, _ = v.BooleanOK()
		case "wtimeout":
			n, ok := v.AsInt64OK()
			limit = ok && n > 0
		default:
			return false, refuse("writeConcern with %s", e.Key())
		}
	}
	if w != "" && w != "majority" {
		return true, nil
	}
	if w == "" || !j || !limit {
		return false, refuse("%s without majority, journal and wtimeout", r.name)
	}
	return false, nil
}

// readAt is the moment a read outside of a transaction shows: now, or that of a snapshot.
func (s *Server) readAt(r request) (at int64, snapshot bool, err error) {
	rc, err := r.sub("readConcern")
	if err != nil {
		return 0, false, err
	}
	if rc == nil {
		return 0, false, refuse("%s without readConcern", r.name)
	}
	at = s.held()
	var level string
	es, _ := rc.Elements()
	for _, e := range es {
		v := e.Value()
		switch {
		case e.Key() == "level":
			level, _ = v.StringValueOK()
		case e.Key() == "atClusterTime" && v.Type == bson.TypeTimestamp:
			_, i := v.Timestamp()
			at = int64(i)
			if at > s.now || at < 1 {
				return 0, false, refuse("a snapshot of no moment")
			}
		case e.Key() == "afterClusterTime" && s.gossip && v.Type == bson.TypeTimestamp:
			if _, i := v.Timestamp(); int64(i) > s.now {
				return 0, false, refuse("a time that was never told")
			}
		default:
			return 0, false, refuse("readConcern with %s", e.Key())
		}
	}
	switch {
	case level == "snapshot":
		return at, true, nil
	case level == "majority" && at == s.held():
		return at, false, nil
	}
	return 0, false, refuse("readConcern of level %q", level)
}

// value makes sure that a document holds nothing but dates, whole numbers, strings, binary, yes and no, and lists of
// those: Decimal128, floating point and the rest differ between servers.
func checkValue(v bson.RawValue, inside bool) error {
	switch v.Type {
	case bson.TypeString, bson.TypeInt32, bson.TypeInt64, bson.TypeDateTime, bson.TypeBoolean:
		return nil
	case bson.TypeBinary:
		if kind, _ := v.Binary(); kind != 0 {
			return refuse("binary of kind %d", kind)
		}
		return nil
	case bson.TypeArray:
		if inside {
			break
		}
		vs, err := v.Array().Values()
		if err != nil {
			return refuse("a malformed list")
		}
		for _, one := range vs {
			if err := checkValue(one, true); err != nil {
				return err
			}
		}
		return nil
	}
	return refuse("a value of type %s", v.Type)
}
