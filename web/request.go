package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"

	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/people"
)

// resultFragment is the one part of a page that can be asked for by itself.
const resultFragment = "result"

// Request is what a handler may know of a request: plain values, copied once, good for as long as anybody keeps them. It
// prints as a word, whatever the verb, because what it holds is somebody's answers.
//
// The two pointers matter: behind one, fmt prints a struct when the verb is wrong and the value nested; it never follows two.
type Request struct{ held **incoming }

func newRequest(in *incoming) *Request { return &Request{&in} }

func (r *Request) in() *incoming { return *r.held }

type incoming struct {
	route               *Route
	method              string
	body, query         string
	mediaType, coding   string
	languages, fragment string
	condition, name     string
	site, origin, host  string
	cookie, carried     vault.Secret[string]
	bearer              vault.Secret[string]
	session             people.Session
	left                bool
	address             netip.Addr
	params              []pair
	tongues             tongues
	context             context.Context
}

type pair struct{ name, value string }

// Form reads the fields of a posted form that the list allows. A request that no browser of ours would send is an error,
// to be returned as it is; what a person can mend is a Fault.
func (r *Request) Form(fields func(name string) Kind) (Form, []Fault, error) {
	if r.in().coding != "" && r.in().coding != "identity" {
		return Form{}, nil, ErrMediaType
	}
	if !isForm(r.in().mediaType) {
		return Form{}, nil, ErrMediaType
	}
	return decodeForm(r.in().body, fields)
}

// Query reads the fields of the address that the list allows. Nothing that anybody told us travels there.
func (r *Request) Query(fields func(name string) Kind) (Form, []Fault, error) {
	return decodeForm(r.in().query, fields)
}

// JSON hands the body of a request of another program to a reader: FHIR's JSON or plain JSON. What the reader makes of it is
// all that is kept; its error is returned as it is.
func (r *Request) JSON(read func(body []byte) error) error {
	if r.in().coding != "" && r.in().coding != "identity" {
		return ErrMediaType
	}
	if !isJSON(r.in().mediaType) {
		return ErrMediaType
	}
	return read([]byte(r.in().body))
}

// Language is the language to answer in: the one asked for where it is on offer, else the browser's choice, else English.
func (r *Request) Language(asked string) locales.Language {
	return r.in().tongues.choose(asked, r.in().languages)
}

// tongues are the languages on offer. With one of them there is nothing to choose and the browser's list is not read.
type tongues struct {
	words *locales.Catalogue
	only  *locales.Language
}

func newTongues(words *locales.Catalogue) tongues {
	t := tongues{words: words}
	if all := words.Languages(); len(all) == 1 {
		t.only = &all[0]
	}
	return t
}

func (t tongues) choose(asked, accept string) locales.Language {
	if t.only != nil {
		return *t.only
	}
	return t.words.Choose(asked, accept)
}

// Fragment is "result" where app.js asks for the live part of a page, else empty.
func (r *Request) Fragment() string { return r.in().fragment }

// Param is the part of the path under a name of the route, empty where it does not look like an id.
func (r *Request) Param(name string) string {
	for _, p := range r.in().params {
		if p.name == name && isID(p.value) {
			return p.value
		}
	}
	return ""
}

// Path is the address of the page that was asked for, put together from the route and its ids; nothing else of what stood
// in the address is in it.
func (r *Request) Path() string {
	path := r.in().route.Path
	for _, name := range r.in().route.params {
		path = strings.Replace(path, ":"+name, r.Param(name), 1)
	}
	return path
}

// FromElsewhere says that the browser came by a link or a page of another site.
func (r *Request) FromElsewhere() bool {
	return r.in().site == "cross-site" || r.in().site == "same-site"
}

// Session is who is asking, on a route for people who are signed in or for other systems.
func (r *Request) Session() people.Session { return r.in().session }

// Cookie is the session's cookie as it was sent, on a route for staff.
func (r *Request) Cookie() vault.Secret[string] { return r.in().cookie }

// Bearer is the token of another system as it was sent, on a route for those; empty where none was.
func (r *Request) Bearer() vault.Secret[string] { return r.in().bearer }

// Carried is what the browser carried through a sign-in at a provider, on a route for staff.
func (r *Request) Carried() vault.Secret[string] { return r.in().carried }

// Posted is the whole form as it was sent, on a route for staff: to be carried over a sign-in.
func (r *Request) Posted() vault.Secret[string] {
	if !r.in().route.Policy.staff() || !isForm(r.in().mediaType) {
		return vault.Keep("")
	}
	return vault.Keep(r.in().body)
}

// Asked is what stands behind the question mark of the address, on a route for staff.
func (r *Request) Asked() vault.Secret[string] {
	if !r.in().route.Policy.staff() {
		return vault.Keep("")
	}
	return vault.Keep(r.in().query)
}

// Method is GET or POST, or for other systems PUT.
func (r *Request) Method() string { return r.in().method }

// Left tells whether this browser has left the public pages within the last two minutes.
func (r *Request) Left() bool { return r.in().left }

// Context ends when the server does.
func (r *Request) Context() context.Context { return r.in().context }

const maskedRequest = "[request]"

// Format prints a word instead of what was sent.
func (Request) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(maskedRequest)) }

// LogValue logs a word instead of what was sent.
func (Request) LogValue() slog.Value { return slog.StringValue(maskedRequest) }

// MarshalText gives a word instead of what was sent.
func (Request) MarshalText() ([]byte, error) { return []byte(maskedRequest), nil }
