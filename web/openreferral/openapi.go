package openreferral

import _ "embed" // the description is written by hand; a test holds it to the routes and to what they answer

//go:embed openapi.json
var description []byte

// Description is the document as it is served.
func Description() []byte { return append([]byte(nil), description...) }
