package wiretest

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
)

// The fields of each command, beside $db and lsid. What the driver sends beyond them is refused until somebody has looked
// at what it means.
var (
	inTransaction = []string{"txnNumber", "autocommit", "startTransaction", "readConcern"}
	write         = append([]string{"ordered", "writeConcern"}, inTransaction...)
)

func fieldsOf(name string) (fields []string, sequence string, known bool) {
	switch name {
	case "hello":
		return []string{"helloOk", "client", "compression", "$readPreference"}, "", true
	case "ping", "endSessions":
		return nil, "", true
	case "insert":
		return write, "documents", true
	case "update":
		return write, "updates", true
	case "delete":
		return write, "deletes", true
	case "find":
		return append([]string{"filter", "sort", "limit", "batchSize", "singleBatch"}, inTransaction...), "", true
	case "aggregate":
		return append([]string{"pipeline", "cursor"}, inTransaction...), "", true
	case "createIndexes":
		return []string{"indexes", "writeConcern"}, "", true
	case "explain":
		return []string{"verbosity"}, "", true
	case "commitTransaction", "abortTransaction":
		return []string{"writeConcern", "txnNumber", "autocommit", "recoveryToken"}, "", true
	}
	return nil, "", false
}

// nameOf is the name of a command, the legacy names of hello made one.
func nameOf(body bson.Raw) (string, error) {
	es, err := body.Elements()
	if err != nil || len(es) == 0 {
		return "", refuse("an empty command")
	}
	name := es[0].Key()
	if strings.EqualFold(name, "ismaster") {
		name = "hello"
	}
	return name, nil
}

// check holds a command against the grammar.
func (s *Server) check(r request) error {
	fields, sequence, known := fieldsOf(r.name)
	if !known {
		return refuse("command %s", r.name)
	}
	for name := range r.list {
		if name != sequence {
			return refuse("sequence %s of %s", name, r.name)
		}
	}
	if sequence != "" && len(r.list[sequence]) == 0 {
		return refuse("%s without %s", r.name, sequence)
	}
	seen := map[string]bool{}
	es, err := r.body.Elements()
	if err != nil {
		return refuse("a malformed command")
	}
	for _, e := range es[1:] {
		key := e.Key()
		if seen[key] {
			return refuse("field %s of %s stands twice", key, r.name)
		}
		seen[key] = true
		switch {
		case key == "$db" || key == "lsid":
		case key == "$clusterTime" && s.gossip:
		case key == "recoveryToken" && !s.mongos:
			return refuse("a recovery token for a replica set")
		case !slices.Contains(fields, key):
			return refuse("field %s of %s", key, r.name)
		}
	}
	if r.name != "hello" && r.name != "endSessions" && !seen["lsid"] {
		return refuse("%s without lsid", r.name)
	}
	return nil
}

func (s *Server) do(r request) (bson.D, error) {
	if err := s.check(r); err != nil {
		return nil, err
	}
	switch r.name {
	case "hello":
		return s.hello(r), nil
	case "ping", "endSessions":
		return nil, nil
	}
	if !s.mongos && r.host != s.primary {
		return nil, failure{code: codeNotPrimary, text: "not primary"}
	}
	switch r.name {
	case "createIndexes":
		return s.createIndexes(r)
	case "explain":
		return s.explain(r)
	}
	return s.inSession(r)
}

// text is a field that must be a string.
func (r request) text(field string) (string, error) {
	v, err := r.body.LookupErr(field)
	if err != nil {
		return "", refuse("%s without %s", r.name, field)
	}
	name, ok := v.StringValueOK()
	if !ok || name == "" {
		return "", refuse("%s of %s is not a name", field, r.name)
	}
	return name, nil
}

// sub is a field that is a document, nil if it is not there.
func (r request) sub(field string) (bson.Raw, error) {
	v, err := r.body.LookupErr(field)
	if err != nil {
		return nil, nil
	}
	d, ok := v.DocumentOK()
	if !ok {
		return nil, refuse("%s of %s is not a document", field, r.name)
	}
	return d, nil
}

// number is a field that is a whole number.
func (r request) number(field string) (n int64, there bool, err error) {
	v, err := r.body.LookupErr(field)
	if err != nil {
		return 0, false, nil
	}
	if v.Type != bson.TypeInt32 && v.Type != bson.TypeInt64 {
		return 0, true, refuse("%s of %s is not a whole number", field, r.name)
	}
	return v.AsInt64(), true, nil
}

func (r request) has(field string) bool {
	_, err := r.body.LookupErr(field)
	return err == nil
}
