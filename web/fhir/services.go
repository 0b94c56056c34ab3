package fhir

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/web"
)

// lists keeps what was last listed.
type lists struct {
	mu   sync.Mutex
	last *listing
}

// listing is the ids of what may leave this house, of one directory and on one day: those of the nation in its order, then the
// local ones by id, so that a page begins at the same place though something came or went before it.
type listing struct {
	of   *directory.Directory
	day  string
	rank map[string]int // of every service of the nation, shown or not
	ids  []string
}

func newListing(d *directory.Directory, as directory.Look) *listing {
	l := &listing{of: d, day: as.Today.Format(time.DateOnly), rank: map[string]int{}}
	for i, s := range d.Services() {
		if !s.Covers.Local() {
			l.rank[s.ID] = i
		}
		if _, ok := shown(s, as); ok {
			l.ids = append(l.ids, s.ID)
		}
	}
	slices.SortFunc(l.ids, l.compare)
	return l
}

func (l *listing) compare(a, b string) int {
	atA, nationalA := l.rank[a]
	atB, nationalB := l.rank[b]
	switch {
	case nationalA && nationalB:
		return cmp.Compare(atA, atB)
	case nationalA:
		return -1
	case nationalB:
		return 1
	}
	return strings.Compare(a, b)
}

// after are at most count ids behind that one, whether or not it is there still, and the id behind which there are more.
func (l *listing) after(id string, count int) (page []string, next string) {
	at := 0
	if id != "" {
		i, there := slices.BinarySearchFunc(l.ids, id, l.compare)
		if at = i; there {
			at++
		}
	}
	page = l.ids[at:]
	if len(page) > count {
		page = page[:count]
		next = page[count-1]
	}
	return page, next
}

// now is looked through again when the directory was replaced or the day has changed.
func (j *Journey) now() *listing {
	d, as := j.Directory(), j.look()
	j.lists.mu.Lock()
	defer j.lists.mu.Unlock()
	if l := j.lists.last; l == nil || l.of != d || l.day != as.Today.Format(time.DateOnly) {
		j.lists.last = newListing(d, as)
	}
	return j.lists.last
}

// services lists a page of the directory as it may leave this house today. Each is looked at again as it is shown.
func (j *Journey) services(r *web.Request) (web.Page, error) {
	q, err := query{count: maxCount}.read(r, "_count", "cursor")
	if err != nil {
		return refused(err)
	}
	if q.cursor != "" && !idForm.MatchString(q.cursor) {
		return refused(Refused{{unreadable, ""}})
	}
	l, words := j.now(), j.Words.In(locales.Source, nil)
	page, next := l.after(q.cursor, q.count)
	all := []any{}
	for _, id := range page {
		s, _ := l.of.Find(id)
		if sight, ok := shown(s, j.look()); ok {
			all = append(all, service(sight, words))
		}
	}
	out, total := found(all...), len(l.ids)
	out.Total, out.Link = &total, j.nextLink("HealthcareService", q.next(next))
	return answer(http.StatusOK, out)
}

// service gives one of them. One that may not leave is not there.
func (j *Journey) service(r *web.Request) (web.Page, error) {
	if s, ok := j.Directory().Find(r.Param("id")); ok {
		if sight, ok := shown(s, j.look()); ok {
			return answer(http.StatusOK, service(sight, j.Words.In(locales.Source, nil)))
		}
	}
	return web.Page{}, web.ErrNotFound
}

func (j *Journey) look() directory.Look { return directory.Look{Today: j.Now(), Mode: j.Mode} }
