package directory

import (
	"cmp"
	"slices"
)

// areaNeed is a need in an area: what the lists of local services stand under.
type areaNeed struct {
	code string
	need uint8
}

// nearby are the services of a need in an area, those that rank alike side by side, the best grade first: a city may have
// thousands of them and only a few kinds, and what is asked is decided once for each kind.
type nearby struct {
	alike   []alike
	entries []int32
}

// alike are services that no question tells apart, but by the days on which they were read and rung. They stand in the order
// of the directory.
type alike struct {
	brief
	end  int32 // of theirs among the entries of the list
	next int32 // set in the first of those of the same brief, which stand together: the first of another one
}

// filing sorts local services into their lists.
type filing struct {
	lists [2]map[areaNeed][]int32 // by who looks
	// sameBrief and same hold, by entry, the first service that has its brief, and that is like it altogether.
	sameBrief, same []int32
	briefs          map[brief]int32
	all             map[likeness]int32
}

// likeness is all that ranks a service and decides whether it suits.
type likeness struct {
	brief int32
	terms string
}

func newFiling(services int) *filing {
	return &filing{
		lists:     [2]map[areaNeed][]int32{{}, {}},
		sameBrief: make([]int32, services), same: make([]int32, services),
		briefs: map[brief]int32{}, all: map[likeness]int32{},
	}
}

// firstOf is the first that was said to be so.
func firstOf[K comparable](known map[K]int32, is K, i int32) int32 {
	if first, ok := known[is]; ok {
		return first
	}
	known[is] = i
	return i
}

// fileLocal puts a service that serves areas on the lists of its needs there, and on no list of a nation: outside its
// area it serves nobody.
func (d *Directory) fileLocal(f *filing, i int32) {
	e := &d.entries[i]
	f.sameBrief[i] = firstOf(f.briefs, e.brief, i)
	f.same[i] = firstOf(f.all, likeness{f.sameBrief[i], e.service.spokenAndOpen()}, i)
	for _, need := range e.service.Needs {
		n, _ := needIndex(need)
		for side := range f.lists {
			if e.views[side] == nil {
				continue
			}
			d.anyLocal[side] |= 1 << n
			for _, codes := range e.service.Covers.lists() {
				for _, code := range codes {
					at := areaNeed{code, uint8(n)}
					f.lists[side][at] = append(f.lists[side][at], i)
				}
			}
		}
	}
}

// spokenAndOpen are the languages and the hours that a service states, as far as they rank it.
func (s *Service) spokenAndOpen() string {
	var b []byte
	for _, l := range s.Speaks {
		b = append(append(b, l...), ' ')
	}
	if s.Hours.Status != Disputed {
		for _, o := range s.Opening.Spans {
			b = append(b, '0'+byte(o.Day), byte(o.From>>8), byte(o.From), byte(o.To>>8), byte(o.To))
		}
	}
	return string(b)
}

// arrangeLocal makes the lists of the areas from what was filed.
func (d *Directory) arrangeLocal(f *filing) {
	briefAt, sameAt := make([]int32, len(d.entries)), make([]int32, len(d.entries))
	for side, lists := range f.lists {
		d.local[side] = make(map[areaNeed]nearby, len(lists))
		for at, list := range lists {
			d.local[side][at] = d.nearby(f, list, briefAt, sameAt, side)
		}
	}
}

// nearby puts a list in order. briefAt and sameAt are for it to write in: where on this list those of a brief, and those that
// are alike, begin.
func (d *Directory) nearby(f *filing, list, briefAt, sameAt []int32, side int) nearby {
	for _, i := range slices.Backward(list) {
		briefAt[f.sameBrief[i]], sameAt[f.same[i]] = i, i
	}
	kinds := 0
	for _, i := range list {
		kinds += btoi(sameAt[f.same[i]] == i)
	}
	n := nearby{make([]alike, 0, kinds), slices.Clone(list)}
	slices.SortFunc(n.entries, func(a, b int32) int {
		return cmp.Or(
			cmp.Compare(d.entries[a].grades[side], d.entries[b].grades[side]),
			cmp.Compare(briefAt[f.sameBrief[a]], briefAt[f.sameBrief[b]]),
			cmp.Compare(sameAt[f.same[a]], sameAt[f.same[b]]),
			cmp.Compare(a, b))
	})
	begins := 0
	for k, i := range n.entries {
		if sameAt[f.same[i]] == i {
			n.alike = append(n.alike, alike{brief: d.entries[i].brief})
		}
		if briefAt[f.sameBrief[i]] == i {
			begins = len(n.alike) - 1
		}
		n.alike[begins].next = int32(len(n.alike))
		n.alike[len(n.alike)-1].end = int32(k) + 1
	}
	return n
}
