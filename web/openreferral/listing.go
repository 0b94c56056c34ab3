package openreferral

import (
	"strings"
	"time"

	"waypost/referrals/directory"
)

// listing is what the public may see of a directory on a day, in its order.
type listing struct {
	of      *directory.Directory
	today   time.Time
	items   []*item
	byID    map[string]*item
	byPlace map[string]*item
}

// item is a service and what is looked for in it.
type item struct {
	directory.Service
	id, placeID string
	checked     time.Time // rung on that day; zero: not yet
	words       string    // in lower case, for searching
	keys        [kinds][]string
}

// look goes through a directory. This is the one place that meets services nobody may see; it takes from it only what the
// directory shows to the public.
func look(d *directory.Directory, as directory.Look) *listing {
	l := &listing{of: d, today: as.Today, byID: map[string]*item{}, byPlace: map[string]*item{}}
	for _, s := range d.Services() {
		sight, ok := s.Seen(as)
		if !ok {
			continue
		}
		if s.Hours.Status == directory.Disputed { // the codes say the same as the words that were taken out
			sight.Service.Opening = directory.Opening{}
		}
		if shown, ok := sight.Service.Outside(); ok {
			i := newItem(shown, sight)
			l.items = append(l.items, i)
			l.byID[i.id], l.byPlace[i.placeID] = i, i
		}
	}
	return l
}

func newItem(s directory.Service, sight directory.Sight) *item {
	i := &item{Service: s, id: idOf("service", s.ID), placeID: idOf("service_at_location", s.ID), keys: keysOf(s)}
	if sight.Mark != directory.NotRung {
		i.checked = sight.Since
	}
	i.words = strings.ToLower(strings.Join([]string{s.Name, s.For, s.Area}, " "))
	return i
}

func (l *listing) service(id string, terms *taxonomies) (any, bool) {
	i, ok := l.byID[id]
	if !ok {
		return nil, false
	}
	return i.full(terms), true
}

func (l *listing) place(id string, terms *taxonomies) (any, bool) {
	i, ok := l.byPlace[id]
	if !ok {
		return nil, false
	}
	return i.fullPlace(terms), true
}

// fitting are the items that fit every filter, in the order of the directory.
func (l *listing) fitting(q query, terms *taxonomies) []*item {
	if q.takesAll() {
		return l.items
	}
	var out []*item
	for _, i := range l.items {
		if q.takes(i, terms) {
			out = append(out, i)
		}
	}
	return out
}
