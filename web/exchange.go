package web

import (
	"strconv"
	"strings"
)

// This file is what other programs say beside the body of a request: upon which revision, under which name, and with which
// parameters of a search.

// IfMatch is the revision upon which a change was made, as the ETag of the answer had it: W/"7" and no other spelling.
func (r *Request) IfMatch() (rev int64, ok bool) {
	text, weak := strings.CutPrefix(r.in().condition, `W/"`)
	text, closed := strings.CutSuffix(text, `"`)
	rev, err := strconv.ParseInt(text, 10, 64)
	return rev, weak && closed && err == nil && rev > 0 && strconv.FormatInt(rev, 10) == text
}

const longestName = 64

// Name is what the sender calls this request, the same when it is sent again (X-Request-Id); empty where that is no word of
// at most 64 letters.
func (r *Request) Name() string {
	if n := r.in().name; len(n) <= longestName && isWord(n, true) {
		return strings.Clone(n)
	}
	return ""
}

// Parameter is one parameter of a search.
type Parameter struct{ Name, Value string }

// The bounds of a search by another program.
const (
	maxParameters = 8
	maxParameter  = 200
)

// Search reads the parameters of the address, of which every one has to be on the list. What is not understood must not look
// as if it had been, so anything else is ErrMalformed. An empty value counts as garbage.
func (r *Request) Search(allowed func(name string) bool) ([]Parameter, error) {
	if r.in().query == "" {
		return nil, nil
	}
	var out []Parameter
	for part := range strings.SplitSeq(r.in().query, "&") {
		name, value, _ := strings.Cut(part, "=")
		value, err := unescape(value)
		if err != nil || !allowed(name) || value == "" || len(value) > maxParameter || !isPlain(value) || len(out) == maxParameters {
			return nil, ErrMalformed
		}
		out = append(out, Parameter{strings.Clone(name), value})
	}
	return out, nil
}

// isPlain says whether a value has nothing but visible ASCII.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
