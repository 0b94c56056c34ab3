package directory

import "slices"

// areaNeed is a need in an area: what the lists of local services stand under.
type areaNeed struct {
	code string
	need uint8
}

// fileLocal puts a service that serves areas on the lists of its needs there, and on no list of a nation: outside its
// area it serves nobody.
func (d *Directory) fileLocal(i int32) {
	e := &d.entries[i]
	for _, need := range e.service.Needs {
		n, _ := needIndex(need)
		for side := range d.local {
			if e.views[side] == nil {
				continue
			}
			d.anyLocal[side] |= 1 << n
			for _, codes := range e.service.Covers.lists() {
				for _, code := range codes {
					at := areaNeed{code, uint8(n)}
					d.local[side][at] = append(d.local[side][at], i)
				}
			}
		}
	}
}

// keptForNation is how many places of a need are kept for lines that serve the nation, where there are any: a local service
// may be full, closed or known to the person who is feared.
const keptForNation = 2

// place picks for the i-th need where an area, a language, an access need or a time is asked for: services of the area
// before those of the nation, both by rank. It says how many serve the need, and whether one of them is local.
func (d *Directory) place(a *asked, picks []pick, i int) (_ []pick, found int, local bool) {
	var near, wide ranked
	near.room, wide.room = a.limit, a.limit
	need := uint8(a.needs[i].index)
	for kind, code := range a.area.codes() {
		if code != "" {
			d.rank(a, &near, d.local[a.side][areaNeed{code, need}], i, kind)
		}
	}
	d.rank(a, &wide, d.lists[a.side][need][a.nation], i, 0)
	locals := min(near.held, max(a.limit-min(wide.held, keptForNation), 1))
	for _, r := range [...][]candidate{near.best[:locals], wide.best[:min(wide.held, a.limit-locals)]} {
		for _, c := range r {
			found++
			if !slices.ContainsFunc(picks, func(p pick) bool { return p.entry == c.entry }) {
				picks = append(picks, pick{c.entry, c.mark, d.entries[c.entry].emergency})
			}
		}
	}
	return picks, found, locals > 0
}

// candidate is a service that may be picked, and how far back it stands.
type candidate struct {
	entry int32
	rank  uint32
	mark  Mark
}

// ranked keeps the best of the candidates shown to it, the best first.
type ranked struct {
	best [HardLimit]candidate
	held int
	room int
}

func (r *ranked) full() bool { return r.held == r.room }

func (r *ranked) worst() uint32 { return r.best[r.held-1].rank }

// offer takes a candidate in, if it is among the best and not held yet. Of two that rank alike the first one offered stands.
func (r *ranked) offer(c candidate) {
	if slices.ContainsFunc(r.best[:r.held], func(h candidate) bool { return h.entry == c.entry }) {
		return
	}
	at := r.held
	for at > 0 && r.best[at-1].rank > c.rank {
		at--
	}
	if r.full() {
		r.held--
	}
	copy(r.best[at+1:r.held+1], r.best[at:r.held])
	r.best[at] = c
	r.held++
}

// rank offers the services of one list, which stands in order of grade, until no later one can be better.
func (d *Directory) rank(a *asked, to *ranked, list []int32, i, kind int) {
	for _, index := range list {
		e := &d.entries[index]
		if to.full() && to.worst() <= rankOf(0, e.grades[a.side], 0) {
			return
		}
		if !e.suits(a, i) {
			continue
		}
		rank := e.rankFor(a, kind)
		if to.full() && to.worst() <= rank {
			continue
		}
		if mark, ok := e.dates.visible(a.today, a.mode, a.audience); ok {
			to.offer(candidate{index, rank, mark})
		}
	}
}

// rankOf joins what counts, the weightiest first: how well it fits, its grade, how near its area is.
func rankOf(fit uint32, grade uint8, kind int) uint32 {
	return fit<<8 | uint32(grade)<<2 | uint32(kind)
}

// rankFor is how far back a service stands for what is asked. What it was made for weighs most, then whether it is still
// listed and takes such referrals, then language and access, then the hour.
func (e *entry) rankFor(a *asked, kind int) uint32 {
	fit := uint32(e.distance(a))
	fit = fit<<1 | uint32(e.says&saysGone/saysGone)
	fit = fit<<1 | uint32(btoi(!e.takes(a)))
	fit = fit<<1 | uint32(btoi(!e.meets(a)))
	fit <<= 2
	if a.now.Known {
		switch {
		case e.always:
		case e.says&saysHours == 0:
			fit |= 1
		case e.service.closedAt(a.now):
			fit |= 2
		}
	}
	return rankOf(fit, e.grades[a.side], kind)
}

// takes reports whether a service takes referrals from whoever refers; where it lists nobody, nothing speaks against it.
func (e *entry) takes(a *asked) bool { return e.referrers == 0 || e.referrers&a.takers != 0 }

// meets reports whether a service states the language and every access need asked for. Where it states no language at all
// nothing is known, and it stands no further back for it.
func (e *entry) meets(a *asked) bool {
	if e.access&a.wantsAccess != a.wantsAccess {
		return false
	}
	return a.language == "" || e.says&saysLanguage == 0 || e.access&Interpreters.bit() != 0 || slices.Contains(e.service.Speaks, a.language)
}

// localReasons are the reasons that speak of the area and of what was asked for in particular.
func (e *entry) localReasons(a *asked, to []Reason) []Reason {
	s := e.service
	if kind, ok := s.Covers.Serves(a.area); ok {
		to = append(to, Reason{ForArea, kind})
	}
	if a.language != "" {
		switch {
		case slices.Contains(s.Speaks, a.language):
			to = append(to, Reason{ForLanguage, a.language})
		case slices.Contains(s.Access, Interpreters):
			to = append(to, Reason{WithInterpreter, a.language})
		case len(s.Speaks) > 0:
			to = append(to, Reason{LanguageNotListed, a.language})
		}
	}
	for _, x := range a.access {
		if slices.Contains(s.Access, x) {
			to = append(to, Reason{AccessOffered, string(x)})
		} else {
			to = append(to, Reason{AccessNotStated, string(x)})
		}
	}
	if a.now.Known {
		switch {
		case s.openAt(a.now):
			to = append(to, Reason{Code: OpenNow})
		case s.closedAt(a.now):
			to = append(to, Reason{Code: ClosedNow})
		}
	}
	if a.side == staffSide && !e.takes(a) {
		for _, r := range s.Referrers {
			to = append(to, Reason{ReferralOnly, string(r)})
		}
	}
	return to
}
