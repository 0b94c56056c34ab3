package directory

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The codes have the form of real ones and stand for invented areas.
const (
	shire, vale, board, force, cymru = "E99000001", "E99000002", "E98000001", "E97000001", "W99000001"
	practice                         = "Z00001"
)

var inShire = Area{Authority: shire, Board: board, Police: force, Practice: practice}

func covers(c Coverage) func(*Service) {
	return func(s *Service) { s.Covers, s.Nations = c, Nations(0).With(England) }
}

func of(codes ...string) func(*Service) { return covers(Coverage{Authorities: codes}) }

func TestLocalBeforeNationalAndBothShown(t *testing.T) {
	d := open(t, invented("line", alwaysOpen), invented("shire", of(shire)), invented("vale", of(vale)),
		invented("by-board", covers(Coverage{Boards: []string{board}})), invented("by-force", covers(Coverage{Police: []string{force}})),
		invented("by-practice", covers(Coverage{Practices: []string{practice}})), invented("second-line"))
	for _, audience := range []Audience{Staff, PatientCopy, Public} {
		f := d.Match(Wants{Needs: []string{"stalking"}, Nation: England, Area: inShire, Audience: audience, Today: readOn})
		if got := ids(f); !slices.Equal(got, []string{"by-practice", "shire", "by-board", "line", "second-line"}) || len(f.Gaps) != 0 {
			t.Errorf("audience %d: %v, gaps %v", audience, got, f.Gaps)
		}
		if r := f.Matches[1].Reasons; !slices.Contains(r, Reason{ForArea, "authority"}) {
			t.Errorf("the area is not among the reasons: %v", r)
		}
	}
	f := d.Match(Wants{Needs: []string{"stalking"}, Nation: England, Area: inShire, Today: readOn, Limit: HardLimit})
	if got := ids(f); len(got) != 6 || slices.Contains(got, "vale") {
		t.Errorf("with room for all: %v", got)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	d := open(t, invented("line"), invented("vale", of(vale)), invented("legal", serves("legal"), of(shire)))
	for _, tt := range []struct {
		name  string
		needs []string
		area  Area
		want  []Gap
	}{
		{"national line shown", []string{"stalking"}, inShire, []Gap{{"stalking", NoLocalService}}},
		{"served there", []string{"stalking"}, Area{Authority: vale}, nil},
		{"nobody at all", []string{"police"}, inShire, []Gap{{"police", NothingAtAll}}},
		{"one served, one not", []string{"legal", "stalking"}, inShire, []Gap{{"stalking", NoLocalService}}},
		{"the area would tell", []string{"stalking", "police"}, Area{}, []Gap{{"stalking", AreaNotKnown}}},
		{"a word nobody knows", []string{"swimming"}, inShire, []Gap{{"swimming", NothingAtAll}}},
		{"an emergency is no gap", []string{"emergency"}, inShire, nil},
	} {
		if f := d.Match(Wants{Needs: tt.needs, Nation: England, Area: tt.area, Today: readOn}); !slices.Equal(f.Gaps, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, f.Gaps, tt.want)
		}
	}
	if f := open(t, invented("line")).Match(Wants{Needs: []string{"stalking"}, Today: readOn}); f.Gaps != nil {
		t.Errorf("without local services there is nothing to ask: %v", f.Gaps)
	}
}

func TestHoursRank(t *testing.T) {
	office := func(s *Service) {
		for day := time.Monday; day <= time.Friday; day++ {
			s.Opening.Spans = append(s.Opening.Spans, Span{day, 9 * 60, 17 * 60})
		}
	}
	evening := func(s *Service) { s.Opening.Spans = []Span{{time.Friday, 18 * 60, DayLength}} }
	d := open(t, invented("office", of(shire), office), invented("evening", of(shire), evening), invented("unsaid", of(shire)), invented("always", of(shire), alwaysOpen))
	for _, tt := range []struct {
		name string
		now  Moment
		want []string
	}{
		{"not asked", Moment{}, []string{"always", "office", "evening", "unsaid"}},
		{"Friday at noon", Moment{time.Friday, 12 * 60, true}, []string{"always", "office", "unsaid", "evening"}},
		{"Friday at eight", Moment{time.Friday, 20 * 60, true}, []string{"always", "evening", "unsaid", "office"}},
		{"Friday at nine to the minute", Moment{time.Friday, 9 * 60, true}, []string{"always", "office", "unsaid", "evening"}},
		{"Friday at five to the minute", Moment{time.Friday, 17 * 60, true}, []string{"always", "unsaid", "office", "evening"}},
		{"Sunday", Moment{time.Sunday, 12 * 60, true}, []string{"always", "unsaid", "office", "evening"}},
	} {
		f := d.Match(Wants{Needs: []string{"stalking"}, Area: inShire, Now: tt.now, Today: readOn})
		if got := ids(f); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	f := d.Match(Wants{Needs: []string{"stalking"}, Area: inShire, Now: Moment{time.Friday, 720, true}, Today: readOn})
	if !slices.Contains(f.Matches[1].Reasons, Reason{Code: OpenNow}) || !slices.Contains(f.Matches[3].Reasons, Reason{Code: ClosedNow}) || len(f.Matches[2].Reasons) != 3 {
		t.Errorf("%v", f.Matches)
	}
}

func TestLanguageAccessAndReferrers(t *testing.T) {
	d := open(t,
		invented("english", of(shire), func(s *Service) { s.Speaks = []string{"en"} }),
		invented("unsaid", of(shire)),
		invented("polish", of(shire), func(s *Service) { s.Speaks = []string{"en", "pl"}; s.Access = []Access{StepFree} }),
		invented("interpreters", of(shire), func(s *Service) { s.Access = []Access{Interpreters, StepFree} }),
		invented("police-only", of(shire), func(s *Service) { s.Referrers = []Referrer{ReferPolice} }),
	)
	w := Wants{Needs: []string{"stalking"}, Area: inShire, Language: "pl", Access: []Access{StepFree}, Refers: ReferGP, Today: readOn}
	f := d.Match(w)
	if got := ids(f); !slices.Equal(got, []string{"polish", "interpreters", "english", "unsaid", "police-only"}) {
		t.Fatalf("%v", got)
	}
	for i, want := range [][]Reason{
		{{ForLanguage, "pl"}, {AccessOffered, "step-free"}}, {{WithInterpreter, "pl"}}, {{LanguageNotListed, "pl"}, {AccessNotStated, "step-free"}}, {{AccessNotStated, "step-free"}}, {{ReferralOnly, "police"}},
	} {
		for _, r := range want {
			if !slices.Contains(f.Matches[i].Reasons, r) {
				t.Errorf("%s: %v lacks %v", f.Matches[i].Service.ID, f.Matches[i].Reasons, r)
			}
		}
	}
	w.Language, w.Access = "en", nil
	if got := ids(d.Match(w)); !slices.Equal(got, []string{"english", "unsaid", "polish", "interpreters", "police-only"}) {
		t.Errorf("English asks for nothing in particular: %v", got)
	}
	w.Audience = PatientCopy
	if got := ids(d.Match(w)); slices.Contains(got, "police-only") {
		t.Errorf("a patient cannot refer herself there: %v", got)
	}
}

func TestWhatAListNoLongerHasIsForStaffAndLast(t *testing.T) {
	gone := func(s *Service) { s.Unlisted = readOn }
	d := open(t, invented("gone", of(shire), gone, alwaysOpen), invented("there", of(shire)), invented("gone-line", gone))
	f := d.Match(Wants{Needs: []string{"stalking"}, Area: inShire, Today: readOn})
	if got := ids(f); !slices.Equal(got, []string{"there", "gone", "gone-line"}) || !slices.Contains(f.Matches[1].Reasons, Reason{Code: NoLongerListed}) {
		t.Errorf("staff: %v", f.Matches)
	}
	if f := d.Match(Wants{Needs: []string{"stalking"}, Today: readOn}); !slices.Contains(f.Matches[0].Reasons, Reason{Code: NoLongerListed}) {
		t.Errorf("without an area: %v", f.Matches)
	}
	if got := ids(d.Match(Wants{Needs: []string{"stalking"}, Area: inShire, Today: readOn, Audience: Public})); !slices.Equal(got, []string{"there"}) {
		t.Errorf("public: %v", got)
	}
}

func TestCoverageIsChecked(t *testing.T) {
	for name, change := range map[string]func(*Service){
		"no code": of("Hereford"), "twice": of(shire, shire), "another nation": of(cymru),
		"practice": covers(Coverage{Practices: []string{"a practice"}}),
		"language": func(s *Service) { s.Speaks = []string{"Polish"} }, "access": func(s *Service) { s.Access = []Access{"lift"} },
		"referrers": func(s *Service) { s.Referrers = []Referrer{"anyone"} }, "consent": func(s *Service) { s.Consent = "yes" },
		"opening": func(s *Service) { s.Opening.Spans = []Span{{time.Monday, 600, 600}} }, "next steps": func(s *Service) { s.NextSteps = "from memory" },
		"a day of 25 hours": func(s *Service) { s.Opening.Spans = []Span{{time.Monday, 600, 1500}} },
	} {
		if err := Check([]Service{invented("a", change)}); !errors.Is(err, ErrUnsound) {
			t.Errorf("%s: accepted", name)
		}
	}
}

// With room for all: a service that serves areas is in the answer if and only if it serves the need in that area and may be
// seen; nothing of another area is ever in it. Written against the data, not against the index.
func TestAreasAreKept(t *testing.T) {
	codes := []string{shire, vale, "E99000003"}
	rapid.Check(t, func(t *rapid.T) {
		services := make([]Service, rapid.IntRange(1, 12).Draw(t, "how many"))
		for i := range services {
			services[i] = anyService(t, fmt.Sprintf("s%d", i))
			services[i].Opening.Spans = []Span{{time.Monday, 540, 1020}}
			if rapid.Bool().Draw(t, "local") {
				of(rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 1, 3, rapid.ID).Draw(t, "authorities")...)(&services[i])
			}
		}
		d, err := Open(services)
		if err != nil {
			t.Fatal(err)
		}
		w := anyWants(t)
		w.Limit = HardLimit
		w.Nation, w.Area = England, Area{Authority: rapid.SampledFrom(codes).Draw(t, "where")}
		w.Now = Moment{rapid.SampledFrom([]time.Weekday{time.Sunday, time.Monday}).Draw(t, "day"), 600, rapid.Bool().Draw(t, "asked")}
		f := d.Match(w)
		got := ids(f)
		for i, m := range f.Matches {
			original, _ := d.Find(m.Service.ID)
			if _, there := original.Covers.Serves(w.Area); original.Covers.Local() && !there {
				t.Fatalf("%s: another area", m.Service.ID)
			}
			if slices.Contains(got[:i], m.Service.ID) || m.Rank != i+1 {
				t.Fatalf("%s: twice or out of rank", m.Service.ID)
			}
			promises(t, w, original, m)
		}
		needs := w.Needs
		if w.CannotSpeak {
			needs = append(slices.Clone(needs), CannotSpeak)
		}
		for _, s := range services {
			_, there := s.Covers.Serves(w.Area)
			if there = there || !s.Covers.Local() && (s.Nations == 0 || s.Nations.Has(England)); !there {
				continue
			}
			e := newEntry(s)
			a := ask(w)
			want := false
			for i, n := range a.needs {
				_, seen := e.dates.visible(a.today, a.mode, a.audience)
				want = want || n.known && slices.Contains(needs, n.word) && slices.Contains(s.Needs, n.word) && e.suits(&a, i) && seen
			}
			if want != slices.Contains(got, s.ID) {
				t.Fatalf("%s: in the answer %v, want %v", s.ID, !want, want)
			}
		}
	})
}

// The budget is a p99 under 200 microseconds over 100,000 services.
const matchBudget = 200 * time.Microsecond

// county is a directory of a hundred thousand local services in that many authorities, and fifty lines for the nation.
func county(b testing.TB, authorities int, change func(*Service, int)) *Directory {
	all := make([]Service, 0, 100_050)
	for i := range 100_000 {
		at := i % authorities
		s := invented(fmt.Sprintf("local-%d", i), serves(vocabulary[i%len(vocabulary)], vocabulary[(i*7+3)%len(vocabulary)]))
		if s.Needs[0] == s.Needs[1] {
			s.Needs = s.Needs[:1]
		}
		of(fmt.Sprintf("E07%06d", at))(&s)
		switch i % 5 {
		case 0:
			s.Opening.Spans = []Span{{time.Monday, 540, 1020}, {time.Tuesday, 540, 1020}}
		case 1:
			s.Covers = Coverage{Police: []string{fmt.Sprintf("E23%06d", at%43)}}
		case 2:
			s.Who = Who{Only: Woman}
			s.Speaks = []string{"en", "pl"}
		}
		change(&s, i)
		all = append(all, s)
	}
	for i := range 50 {
		all = append(all, invented(fmt.Sprintf("line-%d", i), serves(vocabulary[i%len(vocabulary)]), alwaysOpen))
	}
	return open(b, all...)
}

func asTheyAre(*Service, int) {}

// everyKind gives services so many hours, languages, access and referrers that few of a list are alike.
func everyKind(s *Service, i int) {
	r := rand.New(rand.NewPCG(3, uint64(i)))
	s.Opening.Spans = []Span{{time.Monday, uint16(480 + r.IntN(10)*10), 1020}}
	s.Speaks = oneOf(r, nil, nil, []string{"en"}, []string{"en", "ur"})
	s.Access = oneOf(r, nil, nil, []Access{StepFree}, []Access{HearingLoop}, []Access{HomeVisits, StepFree}, []Access{Interpreters})
	s.Referrers = oneOf(r, nil, []Referrer{ReferGP}, []Referrer{ReferSelf}, []Referrer{ReferHealth}, []Referrer{ReferPolice})
	s.Who = oneOf(r, Who{}, Who{Adults: true}, Who{Only: Woman}, Who{MinAge: 13})
}

func asksOf(at int) Wants {
	return Wants{
		Needs: []string{"domestic-abuse", "stalking", "tech-abuse", "mental-health"}, Nation: England, Age: Adult, Sex: Woman, Today: readOn,
		Area:     Area{Authority: fmt.Sprintf("E07%06d", at), Police: fmt.Sprintf("E23%06d", at%43)},
		Language: "pl", Access: []Access{StepFree}, Now: Moment{time.Monday, 600, true}, Refers: ReferGP,
	}
}

func BenchmarkMatchLocalHundredThousand(b *testing.B) {
	for _, bb := range []struct {
		name        string
		authorities int
		services    func(*Service, int)
		change      func(*Wants)
	}{
		{"three-hundred-authorities", 300, asTheyAre, func(*Wants) {}},
		{"all-in-one-authority", 1, asTheyAre, func(*Wants) {}},
		{"all-in-one-few-suit", 1, asTheyAre, func(w *Wants) { w.Age, w.Sex, w.MonitoredPhone = Under13, Man, true }},
		{"all-in-one-of-every-kind", 1, everyKind, func(*Wants) {}},
		{"all-in-one-of-every-kind-closed", 1, everyKind, func(w *Wants) { w.Now.Day = time.Sunday }},
	} {
		d := county(b, bb.authorities, bb.services)
		b.Run(bb.name, func(b *testing.B) {
			var took []time.Duration
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				w := asksOf(i % bb.authorities)
				bb.change(&w)
				start := time.Now()
				if f := d.Match(w); len(f.Matches) == 0 {
					b.Fatal("nothing")
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			p99 := took[len(took)*99/100]
			b.ReportMetric(float64(p99.Nanoseconds())/1000, "p99-us")
			b.ReportMetric(float64(p99)/float64(matchBudget), "of-budget")
		})
	}
}

func TestWhatWasAdmittedIsArrangedAlike(t *testing.T) {
	services := []Service{invented("a", of(shire)), invented("b", alwaysOpen), invented("c", of(vale), serves("legal"))}
	var sound []Sound
	for _, s := range services {
		a, err := Admit(s)
		if err != nil {
			t.Fatal(err)
		}
		sound = append(sound, a)
	}
	d, err := Arrange(sound)
	if err != nil {
		t.Fatal(err)
	}
	w := Wants{Needs: []string{"stalking", "legal"}, Nation: England, Area: inShire, Today: readOn}
	if got, want := ids(d.Match(w)), ids(open(t, services...).Match(w)); !slices.Equal(got, want) || len(got) != 2 {
		t.Errorf("%v, %v", got, want)
	}
	for name, list := range map[string][]Sound{"twice": {sound[0], sound[0]}, "nothing": {{}}} {
		if _, err := Arrange(list); !errors.Is(err, ErrUnsound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Admit(invented("a", of("Hereford"))); !errors.Is(err, ErrUnsound) {
		t.Errorf("%v", err)
	}
}
