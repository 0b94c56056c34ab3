// Package tree answers one question: what exactly did another program send as JSON?
//
// It reads to the letter where encoding/json is lenient: a member twice, a member in other letter case, a second value, null
// and the empty are faults. FHIR and CDS Hooks both forbid null and the empty, so the faces share it.
//
// It refuses to know what any of it means, to read without bounds, and to repeat what was sent: an error here is a constant.
package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// What can be wrong with what was sent, before anybody asks what it means.
var (
	ErrSyntax = errors.New("tree: not JSON in UTF-8")
	ErrLarge  = errors.New("tree: larger than is read")
	ErrDeep   = errors.New("tree: nested too deep")
	ErrTwice  = errors.New("tree: a member twice")
	ErrMany   = errors.New("tree: too many members")
	ErrEmpty  = errors.New("tree: null or empty")
	ErrText   = errors.New("tree: a string with characters that are none")
)

// The bounds of what is read. The pages of a consultation have the same size limit; more members than any element read here
// has, so that looking for a member stays cheap.
const (
	maxBytes   = 64 << 10
	maxDepth   = 32
	maxMembers = 33
)

// Node is a JSON value as it stood there.
type Node struct {
	Kind    Kind
	Text    string // of a string, a number or a boolean
	Members []Member
	Items   []Node
}

// Member is one member of an object, in the order in which they stood.
type Member struct {
	Name  string
	Value Node
}

// Kind is what a value is. The zero value is null, which Read refuses.
type Kind uint8

// The kinds of JSON.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Get is the member under a name.
func (n *Node) Get(name string) (*Node, bool) {
	for i := range n.Members {
		if n.Members[i].Name == name {
			return &n.Members[i].Value, true
		}
	}
	return nil, false
}

// Read reads one JSON value and no more.
func Read(body []byte) (Node, error) {
	switch {
	case len(body) > maxBytes:
		return Node{}, ErrLarge
	case !utf8.Valid(body):
		return Node{}, ErrSyntax
	case depth(body) > maxDepth:
		return Node{}, ErrDeep
	case !json.Valid(body):
		return Node{}, ErrSyntax
	}
	p := parser{dec: json.NewDecoder(bytes.NewReader(body))}
	p.dec.UseNumber()
	n := p.value()
	if p.err != nil {
		return Node{}, p.err
	}
	return n, nil
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

// parser goes on after a fault only as far as it must, and remembers the first.
type parser struct {
	dec *json.Decoder
	err error
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *parser) token() json.Token {
	t, err := p.dec.Token()
	if err != nil {
		p.fail(ErrSyntax)
	}
	return t
}

func (p *parser) value() Node {
	switch t := p.token().(type) {
	case json.Delim:
		if t == '{' {
			return p.object()
		}
		return p.array()
	case string:
		return Node{Kind: String, Text: p.clean(t)}
	case json.Number:
		return Node{Kind: Number, Text: t.String()}
	case bool:
		if t {
			return Node{Kind: Bool, Text: "true"}
		}
		return Node{Kind: Bool, Text: "false"}
	}
	p.fail(ErrEmpty)
	return Node{}
}

func (p *parser) object() Node {
	n := Node{Kind: Object}
	for p.err == nil && p.dec.More() {
		name, ok := p.token().(string)
		if !ok {
			p.fail(ErrSyntax)
			break
		}
		if _, known := n.Get(name); known {
			p.fail(ErrTwice)
		}
		if len(n.Members) == maxMembers {
			p.fail(ErrMany)
		}
		n.Members = append(n.Members, Member{name, p.value()})
	}
	p.token()
	if len(n.Members) == 0 {
		p.fail(ErrEmpty)
	}
	return n
}

func (p *parser) array() Node {
	n := Node{Kind: Array}
	for p.err == nil && p.dec.More() {
		n.Items = append(n.Items, p.value())
	}
	p.token()
	if len(n.Items) == 0 {
		p.fail(ErrEmpty)
	}
	return n
}

// clean refuses what the faces call no string: nothing at all, control characters, and halves of a character.
func (p *parser) clean(s string) string {
	if s == "" {
		p.fail(ErrEmpty)
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		return r == utf8.RuneError || r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
	}) {
		p.fail(ErrText)
	}
	return s
}
