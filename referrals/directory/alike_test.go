package directory

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// oneOf is one of several with a random source of known seed: thousands of services and asks are drawn, too many for rapid.
func oneOf[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// crowd is services of two authorities of which many rank alike, in every way that a service can rank.
func crowd(r *rand.Rand, size int) []Service {
	all := make([]Service, size)
	for i := range all {
		s := invented(fmt.Sprintf("s%d", i), serves(oneOf(r, "stalking", "legal"), "tech-abuse"))
		s.Covers = oneOf(r, Coverage{}, Coverage{Authorities: []string{shire}}, Coverage{Authorities: []string{shire}}, Coverage{Authorities: []string{vale, shire}},
			Coverage{Boards: []string{board}}, Coverage{Police: []string{force}, Authorities: []string{vale}}, Coverage{Practices: []string{practice}})
		s.ShownTo = oneOf(r, Anyone, Anyone, StaffOnly)
		s.Who = oneOf(r, Who{}, Who{}, Who{Only: Woman}, Who{Adults: true}, Who{Groups: []Group{Deaf}})
		s.Speaks = oneOf(r, nil, nil, []string{"en"}, []string{"en", "pl"})
		s.Access = oneOf(r, nil, []Access{StepFree}, []Access{Interpreters})
		s.Referrers = oneOf(r, nil, nil, []Referrer{ReferGP}, []Referrer{ReferPolice})
		s.Prof = oneOf(r, ProfUnknown, Both)
		s.Opening.Spans = oneOf(r, nil, []Span{{time.Monday, 540, 1020}}, []Span{{time.Monday, 540, 1021}}, []Span{{time.Friday, 540, 1020}})
		if s.Opening.Spans != nil {
			s.Hours = Hours{Text: "weekdays", Status: oneOf(r, Official, Official, Disputed)}
		}
		if oneOf(r, true, false, false, false) {
			alwaysOpen(&s)
		}
		s.Ways = append(s.Ways, Way{By: Website, At: "https://line.example.org/", Status: Official})[oneOf(r, 0, 1):]
		s.ReadOn = after(-oneOf(r, 0, 100, 200, 400))
		if oneOf(r, true, false) {
			rung(after(-oneOf(r, 10, 100)))(&s)
		}
		if oneOf(r, true, false, false, false, false, false) {
			s.Unlisted = readOn
		}
		if r.IntN(40) == 0 {
			s.EmergencyNumber, s.Ways = true, []Way{{By: Phone, At: "999", Status: Official}}
		}
		all[i] = s
	}
	return all
}

func anyAsk(r *rand.Rand) Wants {
	w := Wants{
		Needs: oneOf(r, []string{"stalking"}, []string{"tech-abuse", "legal"}, []string{"legal", "stalking", "tech-abuse"}), Nation: oneOf(r, England, UnknownNation),
		Age: oneOf(r, AgeUnknown, Under13, Adult), Sex: oneOf(r, SexUnknown, Woman, Man), Groups: oneOf(r, nil, []Group{Deaf}), Today: readOn,
		Language: oneOf(r, "", "pl", "cy"), Access: oneOf(r, nil, nil, []Access{StepFree}), Refers: oneOf(r, "", ReferGP, ReferPolice),
		Now:      oneOf(r, Moment{}, Moment{time.Monday, 1020, true}, Moment{time.Sunday, 600, true}),
		Audience: oneOf(r, Staff, PatientCopy, Public), Mode: oneOf(r, Marked, Marked, VerifiedOnly), MonitoredPhone: oneOf(r, false, false, true),
		Limit: r.IntN(HardLimit + 1), Near: oneOf(r, 0, 0, 1, 7),
	}
	if oneOf(r, true, true, false) {
		w.Area = oneOf(r, inShire, Area{Authority: shire}, Area{Authority: vale, Police: force})
	} else {
		w.Areas = oneOf(r, Coverage{Authorities: []string{vale, shire}}, Coverage{Authorities: []string{shire}, Police: []string{force}})
	}
	return w
}

// Services that are alike stand together on a list and are decided together. What comes of it is what looking at each service
// alone and sorting all of them gives.
func TestWhatIsAlikeIsRankedAsIfAlone(t *testing.T) {
	asks := 3000
	if testing.Short() {
		asks = 300
	}
	r := rand.New(rand.NewPCG(1, 2))
	var d *Directory
	for n := range asks {
		if n%100 == 0 {
			d = open(t, crowd(r, oneOf(r, 20, 200, 800))...)
		}
		w := anyAsk(r)
		if got, want := ids(d.Match(w)), d.oneByOne(w); !slices.Equal(got, want) {
			t.Fatalf("ask %d, %+v\ngot  %v\nwant %v", n, w, got, want)
		}
	}
}

// oneByOne is Match without lists and short cuts.
func (d *Directory) oneByOne(w Wants) []string {
	a := ask(w)
	found := []string{}
	for i, n := range a.needs {
		near, wide := d.sorted(&a, i, n.word, true), d.sorted(&a, i, n.word, false)
		near = near[:min(len(near), max(a.limit, a.near))]
		locals, others := min(len(near), a.limit, max(a.limit-min(len(wide), keptForNation), 1)), 0
		if others = a.limit - locals; a.near > 0 {
			locals, others = min(len(near), a.near), a.limit
		}
		for _, id := range slices.Concat(near[:locals], wide[:min(len(wide), others)]) {
			if !slices.Contains(found, id) {
				found = append(found, id)
			}
		}
	}
	return found
}

// sorted are all services of a need that may be shown, the best first.
func (d *Directory) sorted(a *asked, i int, need string, local bool) (ids []string) {
	type ranked struct {
		id         string
		rank, turn int
	}
	var all []ranked
	for k := range d.entries {
		e := &d.entries[k]
		s := e.service
		there := !s.Covers.Local() && (a.nation == UnknownNation || s.Nations == 0 || s.Nations.Has(a.nation))
		kind, turn := 0, 0
		if local {
			kind, turn, there = standing(s.Covers, a)
		}
		_, seen := e.dates.visible(a.today, a.mode, a.audience)
		if !there || !seen || !slices.Contains(s.Needs, need) || e.views[a.view] == nil || !e.suits(a, i) {
			continue
		}
		all = append(all, ranked{s.ID, int(e.rank(a, d.speaks(a, &e.brief, int32(k)), d.hours(a, &e.brief, int32(k)), kind)), turn})
	}
	slices.SortStableFunc(all, func(x, y ranked) int { return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.turn, y.turn)) })
	for _, r := range all {
		ids = append(ids, r.id)
	}
	return ids
}

// standing is by which kind of area a service serves the first place asked for that it serves, and which of its kind that is.
func standing(c Coverage, a *asked) (kind, turn int, ok bool) {
	for k, list := range c.lists() {
		for n, code := range append(slices.DeleteFunc([]string{a.area.codes()[k]}, func(c string) bool { return c == "" }), a.areas.lists()[k]...) {
			if slices.Contains(list, code) {
				return k, n, true
			}
		}
	}
	return 0, 0, false
}
