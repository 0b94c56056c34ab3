package fhir

import (
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/web"
)

// Each parameter of a search, whatever a stranger puts there: no panic; a value that reads the same when it is written for the
// next page, or a refusal.
func FuzzSearchParameter(f *testing.F) {
	cursor := cursorText(&store.Cursor{Due: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC), ID: strings.Repeat("0f", 32)})
	for name, values := range map[string][]string{
		"owner": {"Organization/x", "HealthcareService/a.b", "Practitioner/1"}, "status": {"requested", "requested,accepted", ",", "x"},
		"_lastUpdated": {"ge2026", "lt2026-11", "gt2026-11-25", "le2026-11-25T09:00:00Z", "ge2026-11-25T09:00:00.5+14:00", "ge2026-02-31", "eq2026", "ge"},
		"entity":       {"Task/" + strings.Repeat("0f", 32), "Task/x", "/"}, "_count": {"1", "100", "999999999999999999999", "-1", "+1"}, "cursor": {cursor, "AAAA", "17", "%"},
	} {
		for _, v := range values {
			f.Add(name, v)
		}
	}
	l := &listing{rank: map[string]int{"b-nation": 0, "a-nation": 1, "gone": 2}, ids: []string{"b-nation", "a-nation", "aid-1", "aid-2", "aid-3"}}
	f.Fuzz(func(t *testing.T, name, value string) {
		for at, pages := value, 0; ; pages++ {
			page, next := l.after(at, 2)
			if len(page) > 2 || pages > 2 {
				t.Fatal("a list without end")
			}
			if at = next; at == "" {
				break
			}
		}
		q := query{count: usualCount}
		if c, ok := readCursor(value); ok && value != "" && cursorText(&c) != value {
			t.Fatal("a cursor of two spellings")
		}
		if n, ok := readPlace(value); ok && n > 0 && value != placeText(n) {
			t.Fatal("a place of two spellings")
		}
		if !q.take(web.Parameter{Name: name, Value: value}) {
			return
		}
		if q.count < 1 || q.count > maxCount || q.entity != "" && len(q.entity) != namesLength {
			t.Fatal("taken, and beyond the bounds")
		}
		if !q.since.IsZero() && !q.within(q.since) || !q.until.IsZero() && q.within(q.until) {
			t.Fatal("a window that its own bounds are not the bounds of")
		}
	})
}
