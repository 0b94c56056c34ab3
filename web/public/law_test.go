package public

import (
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/referrals/directory"
	"waypost/referrals/partners/script"
	"waypost/screening/guide"
)

// requests are the ways of invented people who want a chip in somebody else, or of whom one is wanted, after the nation was
// told: by the id of what they are to be told.
var requests = map[string][][]string{
	"relative": {{}, {"3"}, {"1"}, {"1"}, {}, {"2"}, {}, {"1"}},
	"child":    {{}, {"3"}, {"1"}, {"0"}, {}, {"2"}, {}, {"1"}},
	"partner":  {{}, {"3"}, {"1"}, {"2"}, {}, {"2"}, {}, {"1"}},
	"staff":    {{}, {"3"}, {"4"}, {}, {"2"}, {}, {"1"}},
	"work":     {{}, {"3"}, {"3"}, {}, {"2"}, {}, {"1"}},
	"asked":    {{}, {"3"}, {"2"}, {}, {"2"}, {}, {"1"}},
}

// kept is the law of a request in a nation: the words that must stand there.
func kept(law *script.Law, request string, nation directory.Nation) (here, elsewhere []string) {
	for _, p := range law.Points {
		switch id := script.PlainLawWords(p.ID); {
		case slices.Contains(p.Requests, request) && (p.Nations.Has(nation) || p.Nations == directory.AllNations):
			here = append(here, id)
		default:
			elsewhere = append(elsewhere, id)
		}
	}
	return here, elsewhere
}

// TestWhoeverWantsAChipInSomebodyElseIsToldNo goes every such way in every nation: the plan says no, and one press further
// stand what does help and the law of that nation, with the days on which it was read and is read again, and no other law.
func TestWhoeverWantsAChipInSomebodyElseIsToldNo(t *testing.T) {
	s := server(t, nil)
	for id, way := range requests {
		r := requestOf(t, s, id)
		for i, nation := range []directory.Nation{directory.England, directory.Scotland, directory.Wales, directory.NorthernIreland} {
			p := arriveAt(t, s, "/").press("n", codes[i:i+1]).way(way).sees("public.line."+id, guide.RequestWords(id))
			p.press("l").sees(guide.RequestWords(id)).sees(r.Texts()...)
			here, elsewhere := kept(s.j.Law, r.Law, nation)
			if p.sees(here...); len(here) == 0 {
				t.Errorf("%s in %s: no law", id, nation)
			}
			p.seesNot(elsewhere...).seesNot("public.law.stale", "public.law.pick")
			if text := visible(p.last.page); !strings.Contains(text, "24 November 2026") || !strings.Contains(text, "24 May 2027") {
				t.Errorf("%s in %s: the days are missing: %s", id, nation, text)
			}
			if !strings.Contains(visible(p.last.page), "What the law says: "+say(t, s.j.Words, nationWords(nation.String()))) {
				t.Errorf("%s: the law is not said to be that of %s: %s", id, nation, visible(p.last.page))
			}
			p.press("r").sees("public.plan.heading")
		}
	}
}

// TestWhoSkippedTheNationChoosesOneForTheLaw shows what holds everywhere, then the law of each nation by a press, and leaves the
// answer as it was.
func TestWhoSkippedTheNationChoosesOneForTheLaw(t *testing.T) {
	s := server(t, nil)
	for id, way := range requests {
		r := requestOf(t, s, id)
		for _, p := range []*person{arriveAt(t, s, "/").press("n", "4").way(way), arriveAt(t, s, "/").press("n").way(way).press("n", "4")} {
			here, elsewhere := kept(s.j.Law, r.Law, directory.UnknownNation)
			p.press("l").sees("public.law.pick").sees(here...).seesNot(elsewhere...)
			for i, nation := range directory.AllNations.List() {
				here, elsewhere := kept(s.j.Law, r.Law, nation)
				p.press("l"+codes[i:i+1]).sees("public.law.pick", nationWords(nation.String())).sees(here...).seesNot(elsewhere...)
			}
			p.press("l9").sees("public.law.pick").seesNot(elsewhere...)
			p.press("r").sees("public.plan.heading")
			if w, ok := s.j.open(carried(p.last.page).Get("s")); !ok || s.j.nation(w.Answers) != directory.UnknownNation {
				t.Error("choosing a law chose a nation for the plan")
			}
		}
	}
}

// TestStaleLawIsHidden moves the clock past the day of the law: the no and the help stay, the law goes, in every nation.
func TestStaleLawIsHidden(t *testing.T) {
	s := server(t, nil)
	last := s.j.Law.Again.Add(23*time.Hour + 30*time.Minute)
	for id, way := range requests {
		r := requestOf(t, s, id)
		here, _ := kept(s.j.Law, r.Law, directory.Scotland)
		s.clock.t = last
		arriveAt(t, s, "/").press("n", "1").way(way).press("l").sees(here...).seesNot("public.law.stale")
		s.clock.t = last.Add(time.Hour)
		p := arriveAt(t, s, "/").press("n", "1").way(way).press("l").sees("public.law.stale").sees(r.Texts()...).seesNot(here...)
		for _, v := range []string{"l0", "l1", "l3"} {
			p.press(v).seesNot(here...)
		}
		p = arriveAt(t, s, "/").press("n", "4").way(way).press("l").sees("public.law.stale").seesNot("public.law.pick")
		if p.press("l1").seesNot(here...); strings.Contains(visible(p.last.page), "24 November") {
			t.Errorf("%s: the day of stale law stands there", id)
		}
	}
}

// TestWhoAsksNothingOfTheKindIsShownNoLaw presses for it where no chip is wanted in anybody else.
func TestWhoAsksNothingOfTheKindIsShownNoLaw(t *testing.T) {
	s := server(t, nil)
	p := arriveAt(t, s, "/").way(people["a worried person who copes"])
	if strings.Contains(p.last.page, `value="l"`) {
		t.Error("the law is offered")
	}
	p.press("l").sees("public.plan.heading").press("l2").sees("public.plan.heading")
}

// TestTheLawIsToldInTheLanguageOfThePage asks in Welsh: the month is Welsh, too.
func TestTheLawIsToldInTheLanguageOfThePage(t *testing.T) {
	s := server(t, nil)
	p := arriveAt(t, s, "/?l=cy").press("n", "2").way(requests["relative"]).press("l")
	if text := visible(p.last.page); !strings.Contains(text, "24 Tachwedd 2026") || !strings.Contains(text, "2 Mehefin 2026") {
		t.Error(text)
	}
}

// TestNoRequestWithoutLaw takes the law of one request away: the service does not start.
func TestNoRequestWithoutLaw(t *testing.T) {
	j := journey(t, &clock{readDay})
	law := *j.Law
	law.Points = slices.DeleteFunc(slices.Clone(law.Points), func(p script.Point) bool { return slices.Contains(p.Requests, "child") })
	if j.Law = &law; j.lawful() == nil {
		t.Error("a request without law is taken")
	}
}

func requestOf(t testing.TB, s *site, id string) *guide.Request {
	t.Helper()
	i := slices.IndexFunc(s.j.Guide.Requests, func(r guide.Request) bool { return r.ID == id })
	if i < 0 || len(s.j.Guide.Requests) != len(requests) {
		t.Fatalf("no request %s, or one of which this test does not know", id)
	}
	return &s.j.Guide.Requests[i]
}

// seesNot fails if the words of an id stand on the page.
func (p *person) seesNot(ids ...string) *person {
	p.t.Helper()
	for _, id := range ids {
		if text := say(p.t, p.s.j.Words, id); strings.Contains(visible(p.last.page), text) {
			p.t.Errorf("%s (%q) is on the page", id, text)
		}
	}
	return p
}
