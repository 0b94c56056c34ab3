package openreferral

import (
	"slices"
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
		if shown, ok := outside(sight.Service); ok {
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

// outside is a service as it may leave this house, or nothing. Copies of open data cannot be called back, so the rule is
// narrower than for a page: no place, no text that names one, and nothing that only works between professionals.
func outside(s directory.Service) (directory.Service, bool) {
	if s.Is == directory.MaracCoordinator || s.Is == directory.IrisAdvocate || namesPlace(s.Name) || servesPracticesAlone(s.Covers) {
		return directory.Service{}, false
	}
	s.VerifiedBy, s.Notes, s.Sources, s.NextSteps, s.Covers.Practices = "", nil, nil, "", nil
	s.For, s.Area, s.Cost, s.Hours.Text = withoutPlace(s.For), withoutPlace(s.Area), withoutPlace(s.Cost), withoutPlace(s.Hours.Text)
	s.Warnings = slices.DeleteFunc(slices.Clone(s.Warnings), namesPlace)
	s.Ways = slices.DeleteFunc(slices.Clone(s.Ways), func(w directory.Way) bool { return !leaves(w) })
	for i := range s.Ways {
		s.Ways[i].Note = withoutPlace(s.Ways[i].Note)
	}
	return s, len(s.Ways) > 0
}

// leaves says which ways in are published: numbers, which hold figures only, and addresses of the web and of mail. A place is
// not, in whatever words.
func leaves(w directory.Way) bool {
	switch w.By {
	case directory.Phone, directory.Textphone, directory.Text:
		return true
	case directory.Email, directory.Website, directory.Webchat:
		return !namesPlace(w.At)
	}
	return false
}

// servesPracticesAlone: a list of practices would say which of them have somebody trained in domestic abuse.
func servesPracticesAlone(c directory.Coverage) bool {
	return len(c.Practices) > 0 && len(c.Authorities)+len(c.Boards)+len(c.Police) == 0
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
