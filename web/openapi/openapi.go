// Package openapi answers one question: what may another system ask here, and what will it be told?
//
// It serves one document, written by hand, of every face but the directory, whose description is its own (web/openreferral),
// because its readers know nothing of the rest. Tests hold it to the routes that are mounted and to what the faces answer.
//
// It refuses to be made from the code: a description that follows every mistake describes nothing.
package openapi

import (
	_ "embed" // the document
	"net/http"

	"waypost/web"
)

// Path is where the document is.
const Path = "/openapi.json"

// keep is for how many seconds anybody may keep it.
const keep = 300

//go:embed openapi.json
var document []byte

// Document is the document as it is served.
func Document() []byte { return append([]byte(nil), document...) }

// Journey serves it.
type Journey struct{}

// Routes is the one route.
func (Journey) Routes(*web.Kit) ([]web.Route, error) {
	return []web.Route{{Method: http.MethodGet, Path: Path, Policy: web.OpenData(), Refuse: web.InProblems(nil), Handler: func(*web.Request) (web.Page, error) {
		p := web.Data(http.StatusOK, "application/json", document)
		p.Keep = keep
		return p, nil
	}}}, nil
}
