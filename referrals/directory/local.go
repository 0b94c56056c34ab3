package directory

import "slices"

// keptForNation is how many places of a need are kept for lines that serve the nation, where there are any: a local service
// may be full, closed or known to the person who is feared.
const keptForNation = 2

// place picks for the i-th need where an area, a language, an access need or a time is asked for: services of the area
// before those of the nation, both by rank. It says how many serve the need, and whether one of them is local.
func (d *Directory) place(a *asked, picks []pick, i int) (_ []pick, found int, local bool) {
	var near, wide ranked
	near.room, wide.room = a.limit, a.limit
	if a.near > 0 {
		near.room = a.near
	}
	need := uint8(a.needs[i].index)
	for kind, code := range a.area.codes() {
		if code != "" {
			d.rankNear(a, &near, d.local[a.side][areaNeed{code, need}], i, kind)
		}
	}
	for kind, list := range a.areas.lists() {
		for _, code := range list {
			d.rankNear(a, &near, d.local[a.side][areaNeed{code, need}], i, kind)
		}
	}
	d.rankWide(a, &wide, d.lists[a.side][need][a.nation], i)
	locals := min(near.held, max(a.limit-min(wide.held, keptForNation), 1))
	others := a.limit - locals
	if a.near > 0 {
		locals, others = near.held, a.limit
	}
	for _, r := range [...][]candidate{near.best[:locals], wide.best[:min(wide.held, others)]} {
		for _, c := range r {
			found++
			if !slices.ContainsFunc(picks, func(p pick) bool { return p.entry == c.entry }) {
				picks = append(picks, pick{c.entry, c.mark, d.entries[c.entry].emergency})
			}
		}
	}
	return picks, found, locals > 0
}

// placed reports whether it is known for which area or areas is asked.
func (a *asked) placed() bool { return a.area.Known() || a.areas.Local() }

// candidate is a service that may be picked, and how far back it stands.
type candidate struct {
	entry int32
	rank  uint32
	turn  int32 // of its list
	mark  Mark
}

// before: of two that rank alike the one of the earlier list stands first, then the one that does in the directory.
func (c candidate) before(o candidate) bool {
	if c.rank != o.rank {
		return c.rank < o.rank
	}
	if c.turn != o.turn {
		return c.turn < o.turn
	}
	return c.entry < o.entry
}

// ranked keeps the best of the candidates shown to it, the best first.
type ranked struct {
	best [HardLimit]candidate
	held int
	room int
	turn int32 // of the list that is looked at
}

// wants reports whether a candidate would be among the best.
func (r *ranked) wants(c candidate) bool { return r.held < r.room || c.before(r.best[r.held-1]) }

// offer takes in a candidate that is wanted, if it is not held yet.
func (r *ranked) offer(c candidate) {
	if slices.ContainsFunc(r.best[:r.held], func(h candidate) bool { return h.entry == c.entry }) {
		return
	}
	at := r.held
	for at > 0 && c.before(r.best[at-1]) {
		at--
	}
	if r.held == r.room {
		r.held--
	}
	copy(r.best[at+1:r.held+1], r.best[at:r.held])
	r.best[at] = c
	r.held++
}

// rankNear offers the services of a list of an area, which stands in order of grade, until no later one can be better.
func (d *Directory) rankNear(a *asked, to *ranked, list nearby, i, kind int) {
	to.turn++
	from := int32(0)
	for k := int32(0); int(k) < len(list.alike); {
		next := list.alike[k].next
		if !d.consider(a, to, list.alike[k:next], list.entries, from, i, kind) {
			return
		}
		k, from = next, list.alike[next-1].end
	}
}

// rankWide does so for a list of a nation.
func (d *Directory) rankWide(a *asked, to *ranked, list []int32, i int) {
	for k, e := range list {
		if !d.consider(a, to, []alike{{brief: d.entries[e].brief, end: int32(k) + 1}}, list, int32(k), i, 0) {
			return
		}
	}
}

// consider offers services of the same brief, if they suit and may be seen, and reports whether a later one may still be
// better. Theirs are the entries from there on.
func (d *Directory) consider(a *asked, to *ranked, same []alike, entries []int32, from int32, i, kind int) bool {
	b := &same[0].brief
	c := candidate{entry: entries[from], rank: rankOf(0, b.grades[a.side], 0), turn: to.turn}
	if !to.wants(c) {
		return false
	}
	if !b.suits(a, i) || a.mode == VerifiedOnly && b.says&saysRung == 0 {
		return true
	}
	best := b.rank(a, true, hoursOpen, kind)
	for _, s := range same {
		c.entry, c.rank = entries[from], best
		if !to.wants(c) { // at best: the service itself need not be looked at
			break
		}
		c.rank = b.rank(a, d.speaks(a, b, c.entry), d.hours(a, b, c.entry), kind)
		d.offerAlike(a, to, c, entries[from:s.end])
		from = s.end
	}
	return true
}

// offerAlike offers services that rank alike, as far as they may be seen.
func (d *Directory) offerAlike(a *asked, to *ranked, c candidate, entries []int32) {
	for _, c.entry = range entries {
		if !to.wants(c) {
			return
		}
		var ok bool
		if c.mark, ok = d.entries[c.entry].dates.visible(a.today, a.mode, a.audience); ok {
			to.offer(c)
		}
	}
}

// rankOf joins what counts, the weightiest first: how well it fits, its grade, how near its area is.
func rankOf(fit uint32, grade uint8, kind int) uint32 {
	return fit<<8 | uint32(grade)<<2 | uint32(kind)
}

// The hours of a service at the time asked for, the best first.
const (
	hoursOpen = iota
	hoursUnknown
	hoursClosed
)

// rank is how far back a service stands for what is asked. What it was made for weighs most, then whether it is still
// listed and takes such referrals, then language and access, then the hour.
func (e *brief) rank(a *asked, speaks bool, hours uint32, kind int) uint32 {
	fit := uint32(e.distance(a))
	fit = fit<<1 | uint32(e.says&saysGone/saysGone)
	fit = fit<<1 | uint32(btoi(!e.takes(a)))
	fit = fit<<1 | uint32(btoi(!speaks || e.access&a.wantsAccess != a.wantsAccess))
	return rankOf(fit<<2|hours, e.grades[a.side], kind)
}

func (d *Directory) hours(a *asked, e *brief, entry int32) uint32 {
	switch {
	case !a.now.Known || e.always:
		return hoursOpen
	case e.says&saysHours == 0:
		return hoursUnknown
	case d.entries[entry].service.closedAt(a.now):
		return hoursClosed
	}
	return hoursOpen
}

// takes reports whether a service takes referrals from whoever refers; where it lists nobody, nothing speaks against it.
func (e *brief) takes(a *asked) bool { return e.referrers == 0 || e.referrers&a.takers != 0 }

// speaks reports whether nothing says that a service lacks the language asked for. Where it states none, nothing is known,
// and it stands no further back for it.
func (d *Directory) speaks(a *asked, e *brief, entry int32) bool {
	return a.language == "" || e.says&saysLanguage == 0 || e.access&a.interpreters != 0 || slices.Contains(d.entries[entry].service.Speaks, a.language)
}

// localReasons are the reasons that speak of the area and of what was asked for in particular.
func (e *entry) localReasons(a *asked, to []Reason) []Reason {
	s := e.service
	if kind, ok := s.Covers.Serves(a.area); ok {
		to = append(to, Reason{ForArea, kind})
	} else if kind, ok := s.Covers.Meets(a.areas); ok {
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
