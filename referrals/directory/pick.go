package directory

import "slices"

// pick is a service chosen for a need.
type pick struct {
	entry     int32
	mark      Mark
	emergency bool
}

// How far a service stands behind the others of its need: first who it is made for, then where it serves.
const (
	fitting = iota
	elsewhere
	nationUnstated
	groupUntold // added to one of the above
	distances   = 2 * groupUntold
)

// pick takes up to the limit of services for the i-th need, nearest first, and says how many serve it. The list is in order
// of grade, so it may stop as soon as enough are near.
func (d *Directory) pick(a *asked, picks []pick, i int) ([]pick, int) {
	var held [distances][HardLimit]pick
	var holds [distances]int
	found := 0
	for _, e := range d.lists[a.side][a.needs[i].index][a.nation] {
		if found >= a.limit {
			return picks, found
		}
		entry := &d.entries[e]
		if !entry.suits(a, i) {
			continue
		}
		mark, ok := entry.dates.visible(a.today, a.mode, a.audience)
		if !ok {
			continue
		}
		if slices.ContainsFunc(picks, func(p pick) bool { return p.entry == e }) {
			found++
			continue
		}
		far := entry.distance(a)
		p := pick{e, mark, entry.emergency}
		switch {
		case far == fitting:
			picks = append(picks, p)
			found++
		case holds[far] < a.limit:
			held[far][holds[far]] = p
			holds[far]++
		}
	}
	for far := range held {
		for _, p := range held[far][:holds[far]] {
			if found >= a.limit {
				return picks, found
			}
			picks = append(picks, p)
			found++
		}
	}
	return picks, found
}

// suits reports whether the person may be sent there at all for that need.
func (e *brief) suits(a *asked, i int) bool {
	if e.shown&(1<<a.view) == 0 {
		return false
	}
	if only := e.limits.only; only != SexUnknown && a.sex != SexUnknown && only != a.sex {
		return false
	}
	if e.groups != 0 && e.groups&a.groups == 0 && a.side != staffSide {
		return false // a paper that names a group may tell others what the person never said
	}
	return e.limits.fits(a.age, a.needs[i].child)
}

// distance is how far a service stands behind.
func (e *brief) distance(a *asked) int {
	far := fitting
	switch {
	case e.nations == 0:
		far = nationUnstated
	case e.local, a.nation == UnknownNation && e.nations != AllNations:
		far = elsewhere
	}
	if e.groups != 0 && e.groups&a.groups == 0 {
		far += groupUntold
	}
	return far
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
