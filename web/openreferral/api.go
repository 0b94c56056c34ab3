// Package openreferral answers councils and whoever else builds a directory: which services may everybody know of, in the
// words of Open Referral UK 3.0 (HSDS-UK-3.0).
//
// It maps the public directory and nothing else. It sees a service only as the public may see it, on that day and in that
// mode, and of that it lets out less: no place where somebody could be found or waited for, nothing for staff, nobody who
// checked a number, no list of practices. It knows no person and no case, for it imports neither the rooms that do nor the
// vault. What is asked of it is never kept, written down or sent back; it refuses to be asked for a postcode, because an
// address with a postcode in it says where somebody is.
package openreferral

import (
	"net/http"
	"sync"
	"time"

	"waypost/referrals/directory"
	"waypost/web"
)

// API is the nine endpoints and their description. Directory gives the directory as it stands now.
type API struct {
	Directory func() *directory.Directory
	Mode      directory.Mode
	PublicURL string // scheme and host under which people reach this
	Now       func() time.Time

	mu    sync.Mutex
	shown *listing
}

// The paths. Base stands with and without its slash, because clients put their paths together in both ways.
const (
	Base            = "/openreferral"
	DescriptionPath = "/openapi/openreferral.json"
)

// keep is for how many seconds whoever passes an answer on may keep it: a service may have to leave in a hurry.
const keep = 300

// Routes are the endpoints as the platform mounts them.
func (a *API) Routes(*web.Kit) ([]web.Route, error) {
	terms := newTaxonomies()
	about, err := aboutJSON(a.PublicURL)
	if err != nil {
		return nil, err
	}
	get := func(path string, answer web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Policy: web.OpenData(), Handler: answer, Refuse: refuse}
	}
	whole := func(body []byte) web.Handler {
		return func(*web.Request) (web.Page, error) { return found(body), nil }
	}
	return []web.Route{
		get(Base, whole(about)), get(Base+"/", whole(about)), get(DescriptionPath, whole(description)),
		get(Base+"/services", a.list(ofServices, terms, func(i *item) any { return i.brief() })),
		get(Base+"/services/:id", a.one(func(l *listing, id string) (any, bool) { return l.service(id, terms) })),
		get(Base+"/service_at_locations", a.list(ofServices, terms, func(i *item) any { return i.briefPlace() })),
		get(Base+"/service_at_locations/:id", a.one(func(l *listing, id string) (any, bool) { return l.place(id, terms) })),
		get(Base+"/taxonomies", listed(terms.briefs())),
		get(Base+"/taxonomies/:id", a.one(func(_ *listing, id string) (any, bool) { return terms.taxonomy(id) })),
		get(Base+"/taxonomy_terms", listed(terms.all())),
		get(Base+"/taxonomy_terms/:id", a.one(func(_ *listing, id string) (any, bool) { return terms.term(id) })),
	}, nil
}

// list answers with a page of what fits the filters.
func (a *API) list(allowed parameters, terms *taxonomies, show func(*item) any) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		q, wrong, err := read(r, allowed)
		if err != nil {
			return web.Page{}, err
		}
		if wrong != nil {
			return asked(wrong), nil
		}
		return answer(pageOf(a.now().fitting(q, terms), q, show))
	}
}

// listed answers with a page of what never changes.
func listed[T any](all []T) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		q, wrong, err := read(r, ofTerms)
		if err != nil {
			return web.Page{}, err
		}
		if wrong != nil {
			return asked(wrong), nil
		}
		return answer(pageOf(all, q, func(t T) any { return t }))
	}
}

// one answers with one thing. What is not there, what may not be seen and what is no id at all are the same.
func (a *API) one(find func(*listing, string) (any, bool)) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		it, ok := find(a.now(), r.Param("id"))
		if !ok {
			return web.Page{}, web.ErrNotFound
		}
		return answer(it)
	}
}

// now is what the public may see today. It is looked through again when the directory was replaced or the day has changed.
func (a *API) now() *listing {
	d, today := a.Directory(), a.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.shown == nil || a.shown.of != d || !sameDay(a.shown.today, today) {
		a.shown = look(d, directory.Look{Today: today, Mode: a.Mode, Audience: directory.Public})
	}
	return a.shown
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}
