package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"waypost/screening"
)

// maxAnswers bounds what assess reads; the longest honest consultation is a tenth of it.
const maxAnswers = 64 << 10

// readAnswers reads one mapping of question id to answer id, or to a list of answer ids, from YAML or JSON. A fault is
// named by the question's id or by the line it stands on, never by what was given.
func readAnswers(r io.Reader) (map[string][]string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxAnswers+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read answers: %w", err)
	case len(raw) > maxAnswers:
		return nil, fmt.Errorf("answers %w: more than %d bytes", errUsage, maxAnswers)
	case !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0:
		return nil, fmt.Errorf("answers %w: not UTF-8 text", errUsage)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return map[string][]string{}, nil
	} else if err != nil {
		return nil, fmt.Errorf("answers %w: not YAML or JSON", errUsage) // the parser's own words may quote the input
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("answers %w: more than one document", errUsage)
	}
	return mapping(doc.Content[0])
}

func mapping(root *yaml.Node) (map[string][]string, error) {
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return map[string][]string{}, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("answers %w: line %d: a mapping of question to answer is wanted", errUsage, root.Line)
	}
	given := map[string][]string{}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		id, ok := word(key)
		if !ok {
			return nil, fmt.Errorf("answers %w: line %d: not a question id", errUsage, key.Line)
		}
		if _, twice := given[id]; twice {
			return nil, fmt.Errorf("answers %w: %s: answered twice", errUsage, name(id, key.Line))
		}
		list := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			list = value.Content
		}
		given[id] = []string{}
		for _, n := range list {
			answer, ok := word(n)
			if !ok {
				return nil, fmt.Errorf("answers %w: %s: an answer is an answer id, or a list of them", errUsage, name(id, n.Line))
			}
			given[id] = append(given[id], answer)
		}
	}
	return given, nil
}

// word takes a plain string: no number, no flag, no alias, no anchor.
func word(n *yaml.Node) (string, bool) {
	return n.Value, n.Kind == yaml.ScalarNode && n.Tag == "!!str" && n.Anchor == "" && n.Value != ""
}

// name says which question is meant: its id where it is shaped like one, else the line it stands on.
func name(id string, line int) string {
	if len(id) <= 64 && screening.CheckID(id) == nil {
		return id
	}
	return fmt.Sprintf("line %d", line)
}
