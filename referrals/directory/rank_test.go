package directory

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What the lists give under a small limit is what sorting everything gives. Written without the lists and their short cuts.
func TestTheBestAreKept(t *testing.T) {
	areas := []Coverage{{}, {Authorities: []string{shire}}, {Boards: []string{board}}, {Police: []string{force}}, {Authorities: []string{shire, vale}, Police: []string{force}}, {Authorities: []string{vale}}}
	rapid.Check(t, func(t *rapid.T) {
		services := make([]Service, rapid.IntRange(1, 40).Draw(t, "how many"))
		for i := range services {
			s := invented(fmt.Sprintf("s%d", i))
			if c := rapid.SampledFrom(areas).Draw(t, "area"); c.Local() {
				covers(c)(&s)
			}
			if rapid.Bool().Draw(t, "hours") {
				s.Opening.Spans = []Span{{rapid.SampledFrom([]time.Weekday{time.Monday, time.Friday}).Draw(t, "day"), 540, 1020}}
			}
			if rapid.IntRange(0, 4).Draw(t, "always") == 0 {
				alwaysOpen(&s)
			}
			s.Speaks = rapid.SampledFrom([][]string{nil, {"en"}, {"en", "pl"}}).Draw(t, "speaks")
			s.Access = rapid.SampledFrom([][]Access{nil, {StepFree}, {Interpreters}}).Draw(t, "access")
			s.Referrers = rapid.SampledFrom([][]Referrer{nil, {ReferGP}, {ReferPolice}}).Draw(t, "referrers")
			s.Prof = rapid.SampledFrom([]Prof{ProfUnknown, Both}).Draw(t, "prof")
			if rapid.IntRange(0, 5).Draw(t, "gone") == 0 {
				s.Unlisted = readOn
			}
			services[i] = s
		}
		d, err := Open(services)
		if err != nil {
			t.Fatal(err)
		}
		w := Wants{
			Needs: []string{"stalking"}, Nation: England, Area: Area{Authority: shire, Board: board, Police: force}, Today: readOn,
			Limit: rapid.IntRange(1, 6).Draw(t, "limit"), Now: Moment{time.Monday, 600, rapid.Bool().Draw(t, "now")},
			Language: rapid.SampledFrom([]string{"", "pl"}).Draw(t, "language"), Refers: rapid.SampledFrom([]Referrer{"", ReferGP}).Draw(t, "refers"),
		}
		if rapid.Bool().Draw(t, "access need") {
			w.Access = []Access{StepFree}
		}
		near, wide := naive(services, w)
		locals := min(len(near), w.Limit, max(w.Limit-min(len(wide), keptForNation), 1))
		want := slices.Concat(near[:locals], wide[:min(len(wide), w.Limit-locals)])
		if got := ids(d.Match(w)); !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	})
}

// naive sorts everything by what the rules say, in their words.
func naive(services []Service, w Wants) (near, wide []string) {
	type placed struct {
		id  string
		key []int
	}
	var local, national []placed
	for i, s := range services {
		kind, there := s.Covers.Serves(w.Area)
		if s.Covers.Local() && !there {
			continue
		}
		no := func(b bool) int { return btoi(!b) }
		lacks := w.Language != "" && len(s.Speaks) > 0 && !slices.Contains(s.Speaks, w.Language) && !slices.Contains(s.Access, Interpreters)
		lacks = lacks || len(w.Access) > 0 && !slices.Contains(s.Access, StepFree)
		hours := 0
		if w.Now.Known && !s.Hours.Always {
			open, known := s.Opening.At(w.Now)
			hours = map[bool]int{true: btoi(known && !open) * 2, false: 1}[known]
		}
		taken := w.Refers == "" || len(s.Referrers) == 0 || slices.Contains(s.Referrers, ReferGP)
		p := placed{s.ID, []int{btoi(!s.Unlisted.IsZero()), no(taken), btoi(lacks), hours, no(s.Prof.Route()), no(s.Hours.Always), slices.Index([]string{"practice", "authority", "board", "police"}, kind), i}}
		if s.Covers.Local() {
			local = append(local, p)
		} else {
			national = append(national, p)
		}
	}
	sorted := func(list []placed) (ids []string) {
		slices.SortFunc(list, func(a, b placed) int { return slices.Compare(a.key, b.key) })
		for _, p := range list {
			ids = append(ids, p.id)
		}
		return ids
	}
	return sorted(local), sorted(national)
}
