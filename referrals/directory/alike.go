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
	end int32 // of theirs among the entries of the list
}

// filing sorts local services into their lists.
type filing struct {
	lists [2]map[areaNeed][]int32 // by who looks
	like  []int32                 // by entry: the first service it is like
	first map[likeness]int32
}

// likeness is all that ranks a service and decides whether it suits.
type likeness struct {
	brief
	terms string
}

func newFiling(services int) *filing {
	return &filing{
		lists: [2]map[areaNeed][]int32{{}, {}},
		like:  make([]int32, services), first: map[likeness]int32{},
	}
}

// fileLocal puts a service that serves areas on the lists of its needs there, and on no list of a nation: outside its
// area it serves nobody.
func (d *Directory) fileLocal(f *filing, i int32) {
	e := &d.entries[i]
	is := likeness{e.brief, e.service.spokenAndOpen()}
	if _, known := f.first[is]; !known {
		f.first[is] = i
	}
	f.like[i] = f.first[is]
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
	first := make([]int32, len(d.entries)) // by the service that others are like: the first of them on the list, and one more
	for side, lists := range f.lists {
		d.local[side] = make(map[areaNeed]nearby, len(lists))
		for at, list := range lists {
			d.local[side][at] = d.nearby(f, list, first, side)
		}
	}
}

func (d *Directory) nearby(f *filing, list, first []int32, side int) nearby {
	kinds := 0
	for _, i := range list {
		if first[f.like[i]] == 0 {
			first[f.like[i]] = i + 1
			kinds++
		}
	}
	n := nearby{make([]alike, 0, kinds), slices.Clone(list)}
	slices.SortFunc(n.entries, func(a, b int32) int {
		return cmp.Or(
			cmp.Compare(d.entries[a].grades[side], d.entries[b].grades[side]),
			cmp.Compare(first[f.like[a]], first[f.like[b]]),
			cmp.Compare(a, b))
	})
	for k, i := range n.entries {
		if first[f.like[i]] == i+1 {
			n.alike = append(n.alike, alike{brief: d.entries[i].brief})
		}
		n.alike[len(n.alike)-1].end = int32(k) + 1
	}
	for _, i := range list {
		first[f.like[i]] = 0
	}
	return n
}
