package guide

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"waypost/screening"
)

func loaded(t testing.TB) *Guide {
	t.Helper()
	g, err := Load(screening.Content())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// chosen are the ways to answer a question: each answer alone, and for those of which several may be picked every set of
// them, none included; in a short run only none, each, each two and all.
func chosen(q *Question, maySkip, short bool) []uint16 {
	var out []uint16
	all := uint16(1)<<len(q.Answers) - 1
	for set := uint16(0); set <= all; set++ {
		n := 0
		for b := set; b > 0; b &= b - 1 {
			n++
		}
		switch {
		case n == 0 && !maySkip, n > 1 && !q.Many, short && n > 2 && set != all:
		default:
			out = append(out, set)
		}
	}
	return out
}

// TestEveryPath goes every way through the journey that there is: once with every set of answers, once with every nation
// told early, late and never and the facts wanted or not, which raise no line, over fewer sets. Each ends in a plan, none comes to a screen twice, none
// shows a question that belongs to another way, and each shows the emergency number where it must.
func TestEveryPath(t *testing.T) {
	g := loaded(t)
	c := &census{t: t, g: g, seen: map[string]bool{}, lines: map[string]bool{}, short: true}
	c.walk(g.Start(""), make([]bool, len(g.Screens)), 0, false)
	if !testing.Short() {
		c.short = false
		c.walk(g.Start(""), make([]bool, len(g.Screens)), 0, false)
	}
	t.Logf("%d ways, the longest of %d screens, the longest plan of %d lines", c.ways, c.longest, c.most)
	for i := range g.Screens {
		if !c.seen[g.Screens[i].ID] {
			t.Errorf("no way leads to %s", g.Screens[i].ID)
		}
	}
	for i := range g.Lines {
		if !c.lines[g.Lines[i].ID] {
			t.Errorf("no way raises %s", g.Lines[i].ID)
		}
	}
	if c.ways < 50000 || c.longest > len(g.Screens) {
		t.Errorf("%d ways of at most %d screens", c.ways, c.longest)
	}
}

type census struct {
	t                   *testing.T
	g                   *Guide
	seen, lines         map[string]bool
	ways, longest, most int
	short               bool
}

func (c *census) walk(w Walk, been []bool, depth int, urgent bool) {
	s := &c.g.Screens[w.At]
	if been[w.At] {
		c.t.Fatalf("%s comes twice", s.ID)
	}
	been[w.At] = true
	defer func() { been[w.At] = false }()
	c.seen[s.ID] = true
	urgent = urgent || slices.ContainsFunc(s.Panel, emergency)
	if c.g.Last(w.At) {
		c.end(w, depth+1, urgent)
		return
	}
	if s.Ask < 0 {
		next, ok := c.g.Answer(w, 0)
		if !ok || next.At <= w.At {
			c.t.Fatalf("%s leads nowhere", s.ID)
		}
		c.walk(next, been, depth+1, urgent)
		return
	}
	ways := chosen(&c.g.Questions[s.Ask], s.MaySkip, c.short)
	if id := c.g.Questions[s.Ask].ID; id == "nation" || id == "facts" {
		ways = ways[:min(len(ways), map[bool]int{true: 2, false: 1}[c.short])]
	}
	for _, set := range ways {
		next, ok := c.g.Answer(w, set)
		if !ok || next.At <= w.At {
			c.t.Fatalf("%s answered %b leads nowhere", s.ID, set)
		}
		c.walk(next, been, depth+1, urgent)
	}
}

func emergency(l *Line) bool { return l.Needs[0] == "emergency" }

func (c *census) end(w Walk, depth int, urgent bool) {
	c.ways++
	c.longest = max(c.longest, depth)
	plan := c.g.Plan(w.Answers)
	c.most = max(c.most, len(plan))
	if len(plan) == 0 {
		c.t.Fatalf("no plan for %v", w.Answers)
	}
	for i, l := range plan {
		c.lines[l.ID] = true
		if i > 0 && index(c.g, plan[i-1]) >= index(c.g, l) {
			c.t.Fatalf("%s does not come after %s", l.ID, plan[i-1].ID)
		}
	}
	has := func(q, a string) bool { return c.g.Has(w.Answers, q, a) }
	must := has("safe", "danger") || has("safe", "hurt") || has("safe", "dark") || has("cut", "did") || has("toll", "dark")
	if must != urgent {
		c.t.Fatalf("an emergency panel was due: %v, was shown: %v, for %v", must, urgent, w.Answers)
	}
	if (must || has("who", "under-18")) && !emergency(plan[0]) {
		c.t.Fatalf("the plan does not begin with the emergency number for %v", w.Answers)
	}
	if low := has("safe", "dark") || has("toll", "dark") || has("cut", "did"); low != slices.ContainsFunc(plan, func(l *Line) bool { return l.ID == "dark" }) {
		c.t.Fatalf("a line that listens was due: %v, for %v", low, w.Answers)
	}
	if got := requested(c.g.Requested(w.Answers)); got != c.due(w.Answers) {
		c.t.Fatalf("a no and the law were due to %q, are shown to %q, for %v", c.due(w.Answers), got, w.Answers)
	}
	if low := has("safe", "dark") || has("toll", "dark"); low != slices.ContainsFunc(plan, func(l *Line) bool { return l.ID == "dark-listen" }) {
		c.t.Fatalf("somebody who only listens was due: %v, for %v", low, w.Answers)
	}
	if has("close", "yes") != slices.ContainsFunc(plan, func(l *Line) bool { return l.ID == "close" }) {
		c.t.Fatalf("somebody is afraid and the plan does not say who listens: %v", w.Answers)
	}
}

func requested(r *Request) string {
	if r == nil {
		return ""
	}
	return r.ID
}

// due is who must be told no and what the law says, by the answers alone: each kind of request, and nobody else.
func (c *census) due(a Answers) string {
	for _, x := range [][3]string{
		{"about", "asked", "asked"}, {"about", "work", "work"}, {"about", "staff", "staff"},
		{"who", "under-18", "child"}, {"who", "relative", "relative"}, {"who", "partner", "partner"},
	} {
		if c.g.Has(a, x[0], x[1]) {
			return x[2]
		}
	}
	return ""
}

func index(g *Guide, l *Line) int {
	return slices.IndexFunc(g.Lines, func(x Line) bool { return x.ID == l.ID })
}

// TestNoAnswerTakesALineAway holds that telling more never makes a plan say less, save that the line for a cut that was
// made stands for those about the place and about cutting. Each answer is added to what was told before: to a question of
// which several may be picked, and to one that was left open.
func TestNoAnswerTakesALineAway(t *testing.T) {
	g := loaded(t)
	stands := map[string]string{"hurt-wait": "selfout", "sore": "selfout", "out": "selfout"}
	stood := map[string]bool{}
	more := func(told Answers, q int) {
		before := g.Plan(told)
		for at := range g.Questions[q].Answers {
			after := g.Plan(told.With(q, told.At(q)|1<<at))
			for _, l := range before {
				if slices.Contains(after, l) || l.otherwise {
					continue
				}
				if stood[l.ID] = true; !slices.ContainsFunc(after, func(x *Line) bool { return x.ID == stands[l.ID] }) {
					t.Errorf("telling %s.%s takes %s away", g.Questions[q].ID, g.Questions[q].Answers[at], l.ID)
				}
			}
		}
	}
	var single []int // of which one may be picked and which raise lines
	full := Answers{}
	for q := range g.Questions {
		switch x := &g.Questions[q]; {
		case x.Many:
			full = full.With(q, 1<<len(x.Answers)-1)
		case x.ID != "nation" && x.ID != "facts":
			single = append(single, q)
		}
	}
	var each func(told Answers, rest []int)
	each = func(told Answers, rest []int) {
		if len(rest) == 0 {
			for _, q := range single {
				if told.At(q) == 0 {
					more(told, q)
				}
			}
			return
		}
		each(told, rest[1:])
		for at := range g.Questions[rest[0]].Answers {
			each(told.With(rest[0], 1<<at), rest[1:])
		}
	}
	each(full, single)
	base := Answers{}
	for _, name := range []string{"about", "close", "safe", "cut"} {
		q, _ := g.Question(name)
		base = base.With(q, 1)
	}
	for _, told := range []Answers{base, full} {
		for q := range g.Questions {
			if !g.Questions[q].Many {
				continue
			}
			for _, set := range chosen(&g.Questions[q], true, false) {
				more(told.With(q, set), q)
			}
		}
	}
	if len(stood) != len(stands) {
		t.Errorf("stood for by another line: %v", stood)
	}
}

func TestSilenceAndDoubleAnswersDoNotGoOn(t *testing.T) {
	g := loaded(t)
	at, _ := g.Screen("safe")
	for _, set := range []uint16{0, 3, 1 << 4, 1 << 15} {
		if w, ok := g.Answer(Walk{At: at}, set); ok || w.At != at {
			t.Errorf("%b was taken for an answer", set)
		}
	}
	if w, ok := g.Answer(Walk{At: at}, 8); !ok || w.At == at {
		t.Error("an answer was not taken")
	}
}

func TestTheWayBack(t *testing.T) {
	g := loaded(t)
	at := func(id string) int { i, _ := g.Screen(id); return i }
	q := func(id string) int { i, _ := g.Question(id); return i }
	told := Answers{}.With(q("nation"), 1).With(q("facts"), 1).With(q("about"), 2).With(q("who"), 1)
	for _, c := range []struct {
		name, from, to string
		a              Answers
	}{
		{"the facts are not shown a second time", "where", "facts", Answers{}.With(q("facts"), 1)},
		{"the nation can be changed", "plan", "where", told},
		{"a panel that was shown comes again", "about", "panel-danger", Answers{}.With(q("safe"), 1)},
		{"a panel of another way does not come", "about", "safe", Answers{}.With(q("safe"), 8)},
		{"the first view is the end of it", "read", "arrive", Answers{}},
	} {
		if got := g.StepBack(Walk{At: at(c.from), Answers: c.a}); got.At != at(c.to) {
			t.Errorf("%s: from %s to %s", c.name, c.from, g.Screens[got.At].ID)
		}
	}
}

func TestWhatWasTakenBackCountsForNothing(t *testing.T) {
	g := loaded(t)
	q := func(id string) int { i, _ := g.Question(id); return i }
	child := Answers{}.With(q("about"), 2).With(q("who"), 1)
	if !slices.ContainsFunc(g.Plan(child), func(l *Line) bool { return l.ID == "child" }) {
		t.Fatal("a child has no line")
	}
	if slices.ContainsFunc(g.Plan(child.With(q("about"), 1)), func(l *Line) bool { return l.ID == "child" }) {
		t.Error("now it is about the person themselves, and the line for a child stands")
	}
}

// TestARequestThatWasTakenBackIsNone holds that changing the first answer takes the request away, too.
func TestARequestThatWasTakenBackIsNone(t *testing.T) {
	g := loaded(t)
	about, _ := g.Question("about")
	who, _ := g.Question("who")
	partner := Answers{}.With(about, 2).With(who, 4)
	if got := requested(g.Requested(partner)); got != "partner" {
		t.Fatalf("requested: %q", got)
	}
	if got := requested(g.Requested(partner.With(about, 1))); got != "" {
		t.Errorf("now it is about the person themselves, and %q stands", got)
	}
}

func TestHintsTickAndDecideNothing(t *testing.T) {
	g := loaded(t)
	for letter := byte(0); letter < 255; letter++ {
		w := g.Start(string(rune(letter)))
		if known := letter >= 'a' && letter <= 'h'; known != (w.Hint != 0) {
			t.Errorf("%q: hint %d", letter, w.Hint)
		}
		if len(g.Plan(w.Answers)) != 1 || !g.Plan(w.Answers)[0].otherwise {
			t.Errorf("%q raises a line", letter)
		}
	}
	at, _ := g.Screen("worry")
	w := g.Start("d")
	w.At = at
	q, _ := g.Question("worry")
	if ticked := g.Shown(w); g.Questions[q].Answers[3] != "sore" || ticked != 1<<3 {
		t.Errorf("d ticks %b", ticked)
	}
	if w.Answers = w.Answers.With(q, 1); g.Shown(w) != 1 {
		t.Error("the hint outweighs the answer")
	}
	for _, other := range []string{"", "aa", "i", "A", "é"} {
		if g.Start(other).Hint != 0 {
			t.Errorf("%q is a hint", other)
		}
	}
}

// FuzzUnpack feeds the decoder of a step whatever there is: what it takes is a screen on that way, and packs to the same.
func FuzzUnpack(f *testing.F) {
	g := loaded(f)
	f.Add(Walk{}.Pack())
	f.Add(Walk{At: 3, Hint: 'a', Answers: Answers{}.With(1, 8)}.Pack())
	f.Add(bytes.Repeat([]byte{255}, packed))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, ok := g.Unpack(b)
		if !ok {
			return
		}
		if !bytes.Equal(w.Pack(), b) {
			t.Fatalf("%x packs to %x", b, w.Pack())
		}
		for range len(g.Screens) {
			if g.Last(w.At) {
				break
			}
			w.At = g.Next(w.At, g.Given(w.Answers))
		}
		if !g.Last(w.At) || len(g.Plan(w.Answers)) == 0 {
			t.Fatalf("%x does not end in a plan", b)
		}
	})
}

func TestUnpackRefuses(t *testing.T) {
	g := loaded(t)
	good := Walk{At: 2}.Pack()
	for name, b := range map[string][]byte{
		"nothing": nil, "short": good[:len(good)-1], "long": append(slices.Clone(good), 0),
		"no such screen":          append([]byte{byte(len(g.Screens))}, good[1:]...),
		"no such hint":            append([]byte{2, 'z'}, good[2:]...),
		"two answers to one":      Walk{At: 2, Answers: Answers{}.With(1, 3)}.Pack(),
		"no such question":        Walk{At: 2, Answers: Answers{}.With(maxQuestions-1, 1)}.Pack(),
		"a panel of another way":  Walk{At: 3}.Pack(),
		"an answer past the last": Walk{At: 2, Answers: Answers{}.With(1, 1<<4)}.Pack(),
	} {
		if w, ok := g.Unpack(b); ok {
			t.Errorf("%s was taken: %+v", name, w)
		}
	}
	if _, ok := g.Unpack(good); !ok {
		t.Error("a good one was refused")
	}
}

// TestLoadRefuses breaks the content in one place after another.
func TestLoadRefuses(t *testing.T) {
	raw, err := fs.ReadFile(screening.Content(), file)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := fs.ReadFile(screening.Content(), "sources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, says string }{
		{"when: [about.someone]", "when: [about.nobody]", "no answer about.nobody"},
		{"ask: safe,", "ask: saif,", "no question saif"},
		{"panel: [danger, dark]", "panel: [dangre, dark]", "no line dangre"},
		{"help: [danger", "help: [dangre", "no line dangre"},
		{"sources: [SYN, NHSDA]", "sources: [NOBODY]", "no source NOBODY"},
		{"quiet: urgent", "quiet: loud", "a quiet heading"},
		{"needs: [emergency], ", "needs: [], ", "has needs"},
		{"otherwise: true, ", "when: [safe.ok], ", "the last line"},
		{"{id: who, ask: who, when: [about.someone]}", "{id: who, ask: who, when: [toll.dark]}", "comes later"},
		{"  - {id: facts, ask: facts, paragraphs: 1}\n", "", "never asked"},
		{"law: relative, ", "", "a request has"},
		{"law: child, when: [who.under-18]", "law: child, when: [who.child]", "no answer who.child"},
		{"sources: [SYN, SEED-IMPLANT, MCAGPS]", "sources: [NOBODY]", "no source NOBODY"},
		{"reviewed: awaiting", "reviewed: done", "a review needs"},
		{"h: [about.work]", "hh: [about.work]", "a hint is one letter"},
		{"paragraphs: 5", "paragraphs: 15", "nine paragraphs"},
		{"answers: [under-18, relative, partner]", "answers: [under-18, under-18, partner]", "none twice"},
		{"questions:", "quesions:", "not found"},
		{"id: toll, ask", "id: cut, ask", "a name of its own|one name of its own"},
	} {
		broken := strings.Replace(string(raw), c.from, c.to, 1)
		if broken == string(raw) {
			t.Errorf("%q is not in the content", c.from)
			continue
		}
		_, err := Load(fstest.MapFS{file: {Data: []byte(broken)}, "sources.yaml": {Data: sources}})
		if err == nil || !slices.ContainsFunc(strings.Split(c.says, "|"), func(s string) bool { return strings.Contains(err.Error(), s) }) {
			t.Errorf("%q: %v", c.to, err)
		}
	}
}
