package consult

import (
	"strings"
	"sync"

	"waypost/referrals/directory"
	"waypost/web"
)

// Near is which areas this installation serves, and the services as they stand there. Nobody is asked where they are: whoever
// reads the page is told which areas are meant.
type Near struct {
	Areas directory.Coverage // none: only services of the nation are shown
	// Directory gives all services as they stand at the moment; nil where they cannot be had, which the page says.
	Directory func() *directory.Directory
	Name      func(code string) string // of an area, as people know it; nil: the code is its name
}

// names lists the areas in words.
func (n Near) names() string {
	var out []string
	for _, list := range [][]string{n.Areas.Authorities, n.Areas.Boards, n.Areas.Police} {
		for _, code := range list {
			if n.Name != nil {
				code = n.Name(code)
			}
			out = append(out, code)
		}
	}
	return strings.Join(out, ", ")
}

// around is the services of the nation with those of the areas, made ready once for each version of the directory.
type around struct {
	of     *directory.Directory
	finder Finder
	away   bool     // the local ones cannot be had
	pieces sync.Map // of local services, by pieceKey: rendered when first shown
}

type pieceKey struct {
	lang string
	serviceKey
}

// around gives what to look in; nil where the installation names no areas.
func (j *Journey) around() *around {
	switch {
	case !j.Near.Areas.Local():
		return nil
	case j.Near.Directory == nil:
		return &around{finder: j.Finder, away: true}
	}
	d := j.Near.Directory()
	if a := j.shown.Load(); a != nil && a.of == d {
		return a
	}
	j.arranging.Lock() // whoever comes meanwhile waits, so that what was withdrawn is not shown again
	defer j.arranging.Unlock()
	if a := j.shown.Load(); a != nil && a.of == d {
		return a
	}
	a := &around{of: d, finder: j.Finder}
	a.finder.Areas = j.Near.Areas
	var err error
	if a.finder.Directory, err = directory.Open(append(j.Finder.Directory.Services(), j.local(d)...)); err != nil {
		a.finder, a.away = j.Finder, true
	}
	j.shown.Store(a)
	return a
}

// local are the services of the areas that anybody may be shown: /consult asks nobody to sign in. What says how sure we are
// stays with them.
func (j *Journey) local(d *directory.Directory) []directory.Service {
	var out []directory.Service
	look := directory.Look{Today: j.Now(), Mode: j.Finder.Mode, Audience: directory.Public}
	for _, s := range d.Serving(j.Near.Areas) {
		sight, ok := s.Seen(look)
		if !ok {
			continue
		}
		shown, ok := sight.Service.Outside()
		if !ok {
			continue
		}
		shown.VerifiedBy, shown.Sources = s.VerifiedBy, s.Sources
		out = append(out, shown)
	}
	return out
}

// piece is a service as staff see it. One of the nation was rendered at start.
func (b *builder) piece(s *directory.Service, key serviceKey) web.Fragment {
	if f, ok := b.services[key]; ok {
		return f
	}
	at := pieceKey{b.lang, key}
	if f, ok := b.around.pieces.Load(at); ok {
		return f.(web.Fragment)
	}
	f := b.fresh("service", (&renderer{Journey: b.journey, set: b.set}).service(*s, key.mark, key.monitored))
	b.around.pieces.Store(at, f)
	return f
}

// gaps lists the needs for which the areas have nothing of their own: once where the nation has something, once where not.
func (b *builder) gaps(found directory.Found) {
	if b.around == nil || b.around.away {
		for _, need := range found.Missing {
			b.put(b.words["missing."+need])
		}
		return
	}
	open := false
	for _, g := range found.Gaps {
		if g.Why == directory.NoLocalService {
			if !open {
				b.add("gaps-open")
			}
			open = true
			b.put(b.words["gap."+g.Need])
		}
	}
	if open {
		b.add("gaps-close")
	}
	for _, need := range found.Missing {
		b.put(b.words["nothing."+need])
	}
}
