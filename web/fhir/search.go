package fhir

import (
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/store"
	"waypost/web"
)

// query is what a search asks for. A parameter that is not read is refused, whatever its name.
type query struct {
	owner    string
	statuses []string
	since    time.Time // not before
	until    time.Time // before
	entity   string
	count    int
	cursor   string
}

const (
	usualCount = 20
	maxCount   = 100
)

// readSearch reads the parameters that are allowed, each once; _lastUpdated may stand twice, for a window.
func readSearch(r *web.Request, allowed ...string) (query, error) {
	return query{count: usualCount}.read(r, allowed...)
}

// read reads them over what holds where nothing is said.
func (a query) read(r *web.Request, allowed ...string) (query, error) {
	wrong := Refused{{unreadable, ""}}
	params, err := r.Search(func(name string) bool { return slices.Contains(allowed, name) })
	if err != nil {
		return query{}, wrong
	}
	seen := map[string]int{}
	for _, p := range params {
		if seen[p.Name]++; seen[p.Name] > 1 && (p.Name != "_lastUpdated" || seen[p.Name] > 2) || !a.take(p) {
			return query{}, wrong
		}
	}
	return a, nil
}

func (a *query) take(p web.Parameter) (ok bool) {
	switch p.Name {
	case "owner":
		a.owner, ok = p.Value, ownerForm.MatchString(p.Value)
	case "status":
		a.statuses = strings.Split(p.Value, ",")
		ok = !slices.ContainsFunc(a.statuses, func(s string) bool { return !slices.Contains(statusesOfTask, s) })
	case "_lastUpdated":
		ok = a.window(p.Value)
	case "entity":
		a.entity, ok = entityOf(p.Value)
	case "_count":
		n, whole := readPlace(p.Value)
		a.count, ok = int(min(n, maxCount)), whole && n > 0
	case "cursor":
		a.cursor, ok = p.Value, true
	}
	return ok
}

// window reads a bound with its prefix. FHIR's prefixes for a range around a moment are not read: one moment is no window.
func (a *query) window(text string) bool {
	if len(text) < 3 {
		return false
	}
	prefix, from, to, ok := text[:2], time.Time{}, time.Time{}, false
	from, to, ok = spanOf(text[2:])
	if !ok {
		return false
	}
	bound := func(into *time.Time, at time.Time) bool {
		first := into.IsZero()
		*into = at
		return first
	}
	switch prefix {
	case "ge":
		return bound(&a.since, from)
	case "gt":
		return bound(&a.since, to)
	case "lt":
		return bound(&a.until, from)
	case "le":
		return bound(&a.until, to)
	}
	return false
}

// spanOf is what a date or a moment covers: its first moment, and the first after it. A day without a zone is one of UTC.
func spanOf(text string) (from, to time.Time, ok bool) {
	if !dateTimeForm.MatchString(text) {
		return from, to, false
	}
	for _, form := range []struct {
		layout       string
		years, month int
		days         int
		rest         time.Duration
	}{
		{"2006", 1, 0, 0, 0}, {"2006-01", 0, 1, 0, 0}, {time.DateOnly, 0, 0, 1, 0}, {time.RFC3339, 0, 0, 0, time.Second},
	} {
		if at, err := time.Parse(form.layout, text); err == nil {
			if strings.Contains(text, ".") {
				form.rest = time.Millisecond
			}
			return at, at.AddDate(form.years, form.month, form.days).Add(form.rest), true
		}
	}
	return from, to, false
}

func (a query) within(at time.Time) bool {
	return !at.Before(a.since) && (a.until.IsZero() || at.Before(a.until))
}

func (a query) wants(status string) bool {
	return len(a.statuses) == 0 || slices.Contains(a.statuses, status)
}

// next is the search for the page after this one, written anew from what was read: nothing that was sent comes back as it was.
func (a query) next(cursor string) string {
	if cursor == "" {
		return ""
	}
	v := url.Values{"_count": {strconv.Itoa(a.count)}, "cursor": {cursor}}
	if a.owner != "" {
		v.Set("owner", a.owner)
	}
	if len(a.statuses) > 0 {
		v.Set("status", strings.Join(a.statuses, ","))
	}
	if a.entity != "" {
		v.Set("entity", "Task/"+a.entity)
	}
	if !a.since.IsZero() {
		v.Add("_lastUpdated", "ge"+instant(a.since))
	}
	if !a.until.IsZero() {
		v.Add("_lastUpdated", "lt"+instant(a.until))
	}
	return v.Encode()
}

// entityOf is the id of a Task or a ServiceRequest that is named as a reference.
func entityOf(text string) (string, bool) {
	kind, id, _ := strings.Cut(text, "/")
	return id, (kind == "Task" || kind == "ServiceRequest") && loopForm.MatchString(id)
}

// A cursor says where the next page begins, and nothing else. Whoever makes one up sees a page of their own list.
func cursorText(c *store.Cursor) string {
	if c == nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(c.Due.UnixMilli())), c.ID...))
}

func readCursor(text string) (store.Cursor, bool) {
	if text == "" {
		return store.Cursor{}, true
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < 9 || len(raw) > 8+64 || !loopForm.MatchString(string(raw[8:])) {
		return store.Cursor{}, false
	}
	ms := int64(binary.BigEndian.Uint64(raw))
	if ms < 0 || ms > 1<<48 {
		return store.Cursor{}, false
	}
	return store.Cursor{Due: time.UnixMilli(ms).UTC(), ID: string(raw[8:])}, true
}

// placeText is a cursor over what is counted.
func placeText(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func readPlace(text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && placeText(n) == text
}
