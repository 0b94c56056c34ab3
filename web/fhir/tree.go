package fhir

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// The bounds of what is read. The pages of a consultation have the same size limit.
const (
	maxBytes  = 64 << 10
	maxDepth  = 32
	maxIssues = 16
)

// node is a JSON value as it stood there. encoding/json takes a member twice, in other letter case and unknown; this does not
// (interop.md, T11).
type node struct {
	kind    kind
	text    string // of a string, a number or a boolean
	members []member
	items   []node
}

type member struct {
	name  string
	value node
}

type kind uint8

const (
	nullKind kind = iota
	boolKind
	numberKind
	stringKind
	arrayKind
	objectKind
)

func (n *node) get(name string) (*node, bool) {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].value, true
		}
	}
	return nil, false
}

// parse reads one JSON value and no more.
func parse(body []byte) (node, fault, bool) {
	switch {
	case len(body) > maxBytes:
		return node{}, tooLarge, false
	case !utf8.Valid(body):
		return node{}, notJSON, false
	case depth(body) > maxDepth:
		return node{}, tooDeep, false
	case !json.Valid(body):
		return node{}, notJSON, false
	}
	p := parser{dec: json.NewDecoder(bytes.NewReader(body))}
	p.dec.UseNumber()
	n := p.value()
	return n, p.fault, !p.failed
}

// depth is how deep brackets are nested outside of strings.
func depth(body []byte) (most int) {
	now, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			now++
			most = max(most, now)
		case c == '}', c == ']':
			now--
		}
	}
	return most
}

type parser struct {
	dec    *json.Decoder
	fault  fault
	failed bool
}

func (p *parser) fail(f fault) {
	if !p.failed {
		p.fault, p.failed = f, true
	}
}

func (p *parser) token() json.Token {
	t, err := p.dec.Token()
	if err != nil {
		p.fail(notJSON)
	}
	return t
}

func (p *parser) value() node {
	switch t := p.token().(type) {
	case json.Delim:
		if t == '{' {
			return p.object()
		}
		return p.array()
	case string:
		return node{kind: stringKind, text: p.clean(t)}
	case json.Number:
		return node{kind: numberKind, text: t.String()}
	case bool:
		if t {
			return node{kind: boolKind, text: "true"}
		}
		return node{kind: boolKind, text: "false"}
	}
	p.fail(emptyElement) // null, which FHIR does not know
	return node{}
}

func (p *parser) object() node {
	n := node{kind: objectKind}
	for !p.failed && p.dec.More() {
		name, ok := p.token().(string)
		if !ok {
			p.fail(notJSON)
			break
		}
		if _, known := n.get(name); known {
			p.fail(twice)
		}
		if len(n.members) > maxMembers {
			p.fail(unknownElement)
		}
		n.members = append(n.members, member{name, p.value()})
	}
	p.token()
	if len(n.members) == 0 {
		p.fail(emptyElement)
	}
	return n
}

// maxMembers is more than any element read here has, so that looking for a member stays cheap.
const maxMembers = 32

func (p *parser) array() node {
	n := node{kind: arrayKind}
	for !p.failed && p.dec.More() {
		n.items = append(n.items, p.value())
	}
	p.token()
	if len(n.items) == 0 {
		p.fail(emptyElement)
	}
	return n
}

// clean refuses what FHIR calls no string: nothing at all, control characters, and halves of a character.
func (p *parser) clean(s string) string {
	if s == "" {
		p.fail(emptyElement)
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		return r == utf8.RuneError || r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
	}) {
		p.fail(badValue)
	}
	return s
}
