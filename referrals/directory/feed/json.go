package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// Where services stand in a page: HSDS 3.0, the older shape, and two that feeds in use have.
var lists = []string{"contents", "content", "services", "items"}

// JSON reads a page of services, an array of them, or one service, and however many of these stand one after the other.
func (r *Reading) JSON(in io.Reader) error {
	s := split(in)
	values := 0
	for {
		b, err := s.peek()
		if errors.Is(err, io.EOF) && values > 0 {
			return nil
		}
		if err != nil {
			return r.failed(err)
		}
		values++
		at := s.at
		switch b {
		case '[':
			_, _ = s.read()
			err = s.each(r.element)
		case '{':
			_, _ = s.read()
			err = r.object(s, at)
		default:
			err = fmt.Errorf("%w: neither a page nor a list nor a service stands at byte %d", ErrFeed, s.at)
		}
		if err != nil {
			return r.failed(err)
		}
	}
}

// object reads a page or a service: which of the two is known only when a list of services is met or the end.
func (r *Reading) object(s *splitter, at int64) error {
	var fields bytes.Buffer
	page, long := false, false
	for {
		done, err := s.skip('}')
		if err != nil {
			return err
		}
		if done {
			break
		}
		key, err := s.key()
		if err != nil {
			return err
		}
		if b, err := s.peek(); err != nil {
			return err
		} else if b == '[' && slices.Contains(lists, key) && !isService(fields.Bytes()) {
			page = true
			_, _ = s.read()
			if err := s.each(r.element); err != nil {
				return err
			}
		} else {
			raw, err := s.value()
			if err != nil && !errors.Is(err, errLong) {
				return err
			}
			if long = long || err != nil || fields.Len()+len(raw) > longestService; !long {
				fmt.Fprintf(&fields, ",%s:%s", strconv.Quote(key), raw)
			}
		}
		if _, err := s.skip(','); err != nil {
			return err
		}
	}
	whole := append([]byte{'{'}, bytes.TrimPrefix(fields.Bytes(), []byte{','})...)
	whole = append(whole, '}')
	if page {
		r.envelope(whole)
		return nil
	}
	var err error
	if long {
		whole, err = nil, errLong
	}
	r.singles = true
	return r.element(whole, at, err)
}

// isService reports whether what stands before a list makes it a part of a service: its name.
func isService(before []byte) bool { return bytes.Contains(before, []byte(`"name":`)) }

// key takes a name and its colon.
func (s *splitter) key() (string, error) {
	if b, err := s.peek(); err != nil {
		return "", err
	} else if b != '"' {
		return "", fmt.Errorf("%w: a name is missing at byte %d", ErrFeed, s.at)
	}
	raw, err := s.value()
	if err != nil {
		return "", fmt.Errorf("%w: a name is too long at byte %d", ErrFeed, s.at)
	}
	var key string
	if json.Unmarshal(raw, &key) != nil {
		key = "?"
	}
	ok, err := s.skip(':')
	if err == nil && !ok {
		err = fmt.Errorf("%w: a colon is missing at byte %d", ErrFeed, s.at)
	}
	return key, err
}

// envelope reads how many services the whole feed has.
func (r *Reading) envelope(raw []byte) {
	n, err := tree(raw)
	if err != nil {
		return
	}
	if total, ok := r.whole(n, "total_items", "totalElements", "totalItems"); ok && total > 0 {
		r.total = total
	}
}

func tree(raw []byte) (node, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var n node
	err := d.Decode(&n)
	return n, err
}

// element reads one service. It fails only where the reading must end.
func (r *Reading) element(raw []byte, at int64, err error) error {
	r.next(at)
	switch {
	case err != nil:
		r.aside(TooLong, "")
		return nil
	case len(raw) == 0 || raw[0] != '{':
		r.aside(NotService, "")
		return nil
	}
	n, err := tree(raw)
	if err != nil {
		r.aside(NotJSON, "")
		return nil
	}
	if inner := r.node(n, "service"); inner != nil && n["location"] != nil { // a service at a location
		if r.nodes(inner, "service_at_locations") == nil {
			inner["service_at_locations"] = []any{map[string]any{"location": n["location"]}}
		}
		n = inner
	}
	if !isServiceNode(n) {
		r.aside(NotService, "")
		return nil
	}
	return r.service(n)
}

// isServiceNode tells a service from the organisations, taxonomies and places that stand in lists of the same form.
func isServiceNode(n node) bool {
	has := func(fields ...string) bool {
		return slices.ContainsFunc(fields, func(f string) bool { _, there := n[f]; return there })
	}
	if has("status", "organization", "organization_id", "service_at_locations", "eligibilitys", "schedules", "service_areas", "phones", "contacts") {
		return true
	}
	return !has("organization_identifiers", "parent_organization_id", "website", "logo", "taxonomy", "term", "term_uri", "parent_id", "taxonomy_id",
		"location_type", "latitude", "version", "openapi_url") && (has("url", "email") || has("name"))
}
