// Package openapitest holds what a face answers against what its description says, for tests. It refuses to be linked into the
// product, and to take an answer for described because it could not find the rule.
package openapitest

import (
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Description is an OpenAPI document, and which of its answers were seen.
type Description struct {
	Schema
	operations map[string]map[string]any // "GET /path": the operation
	mu         sync.Mutex
	seen       map[string]bool
}

// Read reads a document as it is served.
func Read(raw []byte) (*Description, error) {
	v, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("read description: %w", err)
	}
	root, _ := v.(map[string]any)
	paths, _ := root["paths"].(map[string]any)
	if root["openapi"] != "3.1.0" || len(paths) == 0 {
		return nil, fmt.Errorf("read description: not of version 3.1.0, or without a path")
	}
	d := &Description{Schema: Schema{Root: root}, operations: map[string]map[string]any{}, seen: map[string]bool{}}
	for path, item := range paths {
		for method, operation := range item.(map[string]any) {
			d.operations[strings.ToUpper(method)+" "+path] = operation.(map[string]any)
		}
	}
	return d, nil
}

// Operations are those that are described, as a method and a path with {names}, sorted.
func (d *Description) Operations() []string { return slices.Sorted(maps.Keys(d.operations)) }

// Find is the operation that a request is for: the one of that very path, else one that has a name in its place.
func (d *Description) Find(method, path string) (string, bool) {
	path, _, _ = strings.Cut(path, "?")
	if name := method + " " + path; d.operations[name] != nil {
		return name, true
	}
	for name := range d.operations {
		if m, template, _ := strings.Cut(name, " "); m == method && fits(template, path) {
			return name, true
		}
	}
	return "", false
}

func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || strings.HasPrefix(w, "{") && g != "" })
}

// Hold says what of an answer to a described operation is not as described: status, headers, media type, body.
func (d *Description) Hold(operation string, status int, header http.Header, body []byte) []string {
	response, ok := d.response(operation, fmt.Sprint(status))
	if !ok {
		return []string{fmt.Sprintf("%s: status %d is not described", operation, status)}
	}
	d.mu.Lock()
	d.seen[fmt.Sprintf("%s %d", operation, status)] = true
	d.mu.Unlock()
	at := fmt.Sprintf("%s %d", operation, status)
	headers, _ := response["headers"].(map[string]any)
	var faults []string
	for name, described := range headers {
		rule := described.(map[string]any)["schema"]
		if header.Get(name) == "" {
			faults = append(faults, at+": no "+name)
		} else {
			faults = append(faults, d.Check(rule, header.Get(name), at+": "+name)...)
		}
	}
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	content, _ := response["content"].(map[string]any)
	media, ok := content[kind].(map[string]any)
	if err != nil || !ok {
		return append(faults, at+": media type "+header.Get("Content-Type")+" is not described")
	}
	v, err := Parse(body)
	if err != nil {
		return append(faults, at+": "+err.Error())
	}
	return append(faults, d.Check(media["schema"], v, at)...)
}

// response is what is described of one status, by reference or in place.
func (d *Description) response(operation, status string) (map[string]any, bool) {
	all, _ := d.operations[operation]["responses"].(map[string]any)
	response, ok := all[status].(map[string]any)
	if ref, is := response["$ref"].(string); is {
		shared := d.Root["components"].(map[string]any)["responses"].(map[string]any)
		response, ok = shared[strings.TrimPrefix(ref, "#/components/responses/")].(map[string]any)
	}
	return response, ok
}

// Unseen are the described answers that no call of Hold has met, of the operations that are meant, but for those with a status
// that is hard to bring about in a test.
func (d *Description) Unseen(meant func(operation string) bool, but ...string) (out []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, operation := range d.operations {
		if !meant(name) {
			continue
		}
		for status := range operation["responses"].(map[string]any) {
			if !d.seen[name+" "+status] && !slices.Contains(but, status) {
				out = append(out, name+" "+status)
			}
		}
	}
	slices.Sort(out)
	return out
}
