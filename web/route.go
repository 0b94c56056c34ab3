package web

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"waypost/internal/vault"
)

// Handler reads, calls one thing, and gives back a page.
type Handler func(*Request) (Page, error)

// Route is one line of the table from which the pages are mounted. There is no other way to mount one.
type Route struct {
	Method  string // GET, with which HEAD comes, or POST; for other systems PUT as well
	Path    string // such as /consult or /desk/case/:ref
	Policy  Policy
	Handler Handler
	Refuse  Refusal // nil: as another route with the same first part has it, else the pages that say no
	params  []string
}

// Refusal says no in the language of a face, such as JSON: by a status, and by a reference where the log has more. All paths
// with the same first part say no in the same way, those that are not there among them.
type Refusal func(status int, reference Reference) Page

// Journey brings its routes. It is called once, at start, and renders then whatever does not depend on a request.
type Journey interface {
	Routes(*Kit) ([]Route, error)
}

// JourneyFunc is a Journey made of one function.
type JourneyFunc func(*Kit) ([]Route, error)

// Routes calls the function.
func (f JourneyFunc) Routes(k *Kit) ([]Route, error) { return f(k) }

// gather joins the routes of the journeys with our own and checks every one.
func gather(k *Kit, cfg Config, journeys []Journey) ([]Route, error) {
	var all []Route
	for _, j := range journeys {
		routes, err := j.Routes(k)
		if err != nil {
			return nil, fmt.Errorf("build pages: %w", err)
		}
		all = append(all, routes...)
	}
	taken := slices.ContainsFunc(all, func(r Route) bool { return r.Path == "/" })
	own, err := basicRoutes(k, cfg, !taken)
	if err != nil {
		return nil, err
	}
	all = append(all, own...)
	slices.SortStableFunc(all, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	for i := range all {
		if err := all[i].check(); err != nil {
			return nil, err
		}
		if i > 0 && all[i].Path == all[i-1].Path && all[i].Method == all[i-1].Method {
			return nil, fmt.Errorf("%w: %s %s is there twice", ErrConfig, all[i].Method, all[i].Path)
		}
		if i > 0 && all[i].Path == all[i-1].Path && all[i].Policy.IsMachine() != all[i-1].Policy.IsMachine() {
			return nil, fmt.Errorf("%w: %s is for other systems and for somebody else", ErrConfig, all[i].Path)
		}
	}
	return all, nil
}

func (r *Route) check() error {
	switch {
	case r.Method != fiber.MethodGet && r.Method != fiber.MethodPost && (r.Method != fiber.MethodPut || !r.Policy.IsMachine()):
		return fmt.Errorf("%w: %s %s is neither GET nor POST", ErrConfig, r.Method, r.Path)
	case !strings.HasPrefix(r.Path, "/") || strings.ContainsAny(r.Path, "*+?() "):
		return fmt.Errorf("%w: %s is not a plain path", ErrConfig, r.Path)
	case r.Handler == nil:
		return fmt.Errorf("%w: %s %s has no handler", ErrConfig, r.Method, r.Path)
	case r.Policy.shared() && r.Method != fiber.MethodGet:
		return fmt.Errorf("%w: %s %s is open data and not a GET", ErrConfig, r.Method, r.Path)
	case !r.Policy.sound():
		return fmt.Errorf("%w: %s %s has no policy", ErrConfig, r.Method, r.Path)
	}
	for part := range strings.SplitSeq(r.Path, "/") {
		if name, isParam := strings.CutPrefix(part, ":"); isParam {
			r.params = append(r.params, name)
		}
	}
	return nil
}

// Routes is the table, sorted by path: what a matrix of roles is made from.
func (s *Server) Routes() []Route { return slices.Clone(s.routes) }

// mount puts the table on the router. OPTIONS answers for each path with what the path knows.
func (s *Server) mount() {
	methods, shared := map[string][]string{}, map[string]bool{}
	for i := range s.routes {
		r := &s.routes[i]
		h := func(c *fiber.Ctx) error {
			s.write(c.Context(), s.serve(read(c, r, s.leftCookie())))
			return nil
		}
		s.app.Add(r.Method, r.Path, h)
		methods[r.Path] = append(methods[r.Path], r.Method)
		shared[r.Path] = r.Policy.shared()
		if r.Refuse != nil {
			s.faces[firstPart(r.Path)] = face{r.Refuse, r.Policy.shared()}
		}
		if r.Method == fiber.MethodGet {
			s.app.Add(fiber.MethodHead, r.Path, h)
			methods[r.Path] = append(methods[r.Path], fiber.MethodHead)
		}
	}
	for path, known := range methods {
		allow := strings.Join(append(known, fiber.MethodOptions), ", ")
		s.app.Options(path, func(c *fiber.Ctx) error {
			s.write(c.Context(), Page{Status: fiber.StatusNoContent, allow: allow, open: shared[path]})
			return nil
		})
	}
}

// serve is the way of every request: throttle, origin, policy, handler. What fails becomes a page, and so does a panic.
func (s *Server) serve(r *Request) (page Page) {
	r.in().tongues, r.in().context = s.tongues, s.context
	defer func() {
		if cause := recover(); cause != nil {
			page = s.no(r, s.panicked(cause))
		}
		page.open = r.in().route.Policy.shared()
		if r.in().route.Policy.bears() {
			page.challenge = challengeOf(r.in().route.Policy, page.Status, r.Bearer())
		}
		if r.in().query != "" {
			page.Keep = 0
		}
	}()
	page, err := s.attempt(r)
	var other instead
	if errors.As(err, &other) {
		return other.page
	}
	if err != nil {
		return s.no(r, err)
	}
	return page
}

// no turns an error of a route into the answer that says so.
func (s *Server) no(r *Request, err error) Page {
	route := r.in().route
	refuse := route.Refuse
	if refuse == nil {
		refuse = s.faces[firstPart(route.Path)].refuse
	}
	return face{refuse, route.Policy.shared()}.speak(s.refusal(err, r.in().languages))
}

// challengeOf says to another system how it must show who it is (RFC 6750, section 3).
func challengeOf(p Policy, status int, shown vault.Secret[string]) string {
	switch {
	case status == fiber.StatusUnauthorized && shown.Reveal() == "":
		return "Bearer"
	case status == fiber.StatusUnauthorized:
		return `Bearer error="invalid_token"`
	case status == fiber.StatusForbidden && p.IsMachine():
		return `Bearer error="insufficient_scope"`
	}
	return ""
}

// face is how the paths with one first part say no.
type face struct {
	refuse Refusal
	open   bool
}

func (f face) speak(no Page) Page {
	if f.refuse == nil {
		return no
	}
	own := f.refuse(no.Status, no.cause)
	own.Status, own.retry, own.open = no.Status, no.retry, f.open
	return own
}

// firstPart is the path up to its second slash.
func firstPart(path string) string {
	if at := strings.IndexByte(strings.TrimPrefix(path, "/"), '/'); at >= 0 {
		return path[:at+1]
	}
	return path
}

func (s *Server) attempt(r *Request) (Page, error) {
	route := r.in().route
	if route.Policy.kind != safety && !s.limit.allow(r.in().address) {
		return Page{}, ErrTooMany
	}
	if err := sameSite(r.in(), s.origin); err != nil {
		return Page{}, err
	}
	if route.Policy.admit != nil {
		session, err := route.Policy.admit(r)
		if err != nil {
			return Page{}, err
		}
		r.in().session = session
	}
	return route.Handler(r)
}
