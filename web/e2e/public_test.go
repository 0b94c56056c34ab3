package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// Everyone on these ways through the public journey is invented.

// turn is one screen of the journey and what is picked there, by place, as the form has it.
type turn []string

// frightened is a long way: something may be in the body, somebody close is feared, a cut was tried, no sleep.
var frightened = []turn{{"0"}, {}, {"3"}, {"0"}, {"0", "3", "5"}, {"0"}, {"0"}, {}, {"0", "1"}, {"1"}}

// visit opens the first page at a server of its own.
func visit(t *testing.T, view View, settings ...string) (*Page, *Server) {
	t.Helper()
	binary, err := product()
	if err != nil {
		t.Fatal(err)
	}
	s := Start(t, binary, settings...)
	return browser.Open(t, s.URL+"/", view), s
}

const goOn = `button[name="v"][value="n"]`

// pass goes through screens, ticking without a hand on it; whether a person can tick is tested by keyboard and by pointer.
func pass(p *Page, way []turn) {
	p.tb.Helper()
	for _, picks := range way {
		for _, code := range picks {
			p.Fill("a", code)
		}
		p.Press(goOn)
	}
}

func press(p *Page, verb string) {
	p.tb.Helper()
	p.Press(fmt.Sprintf(`button[name="v"][value=%q]`, verb))
}

// tour goes once through the views of the journey; what is looked at stands before what is done to get there.
var tour = []struct {
	name    string
	telling bool // looked at in every way of looking
	way     func(p *Page)
}{
	{"first view", true, func(*Page) {}},
	{"help with no nation", false, func(p *Page) { press(p, "h") }},
	{"read", false, func(p *Page) { press(p, "r"); pass(p, frightened[:1]) }},
	{"nothing picked", false, func(p *Page) { pass(p, frightened[1:2]); p.Press(goOn) }},
	{"worry", false, func(p *Page) { pass(p, frightened[2:4]) }},
	{"panel", true, func(p *Page) { pass(p, frightened[4:7]) }},
	{"facts", false, func(p *Page) { pass(p, frightened[7:9]); pass(p, []turn{{"0"}}) }},
	{"plan", true, func(p *Page) { p.Press(goOn) }},
	{"plan, next page", false, func(p *Page) { press(p, "m1") }},
	{"words", false, func(p *Page) { press(p, "w") }},
	{"quiet", true, func(p *Page) { press(p, "r"); press(p, "q") }},
	{"whole paper", false, func(p *Page) { press(p, "f") }},
	{"draft", false, func(p *Page) { press(p, "r"); p.Press("#more > summary"); press(p, "d3") }},
	{"card", false, func(p *Page) { press(p, "r"); p.Press("#more > summary"); press(p, "e") }},
	{"cleared", false, func(p *Page) { press(p, "r"); press(p, "c") }},
}

var publicLooks = []look{
	{name: "small", view: View{Width: 320, Height: 640}, all: true},
	{name: "desk, without script", view: View{NoScript: true}, all: true},
	{name: "dark", view: View{Dark: true, Width: 390, Height: 844}},
	{name: "forced colours", view: View{ForcedColors: true, Width: 390, Height: 844}},
	{name: "long text", language: "en-XA", view: View{Width: 320, Height: 640}},
	{name: "right to left", language: "ar-XB", view: View{Width: 390, Height: 844}},
}

// TestEveryPublicViewIsSound looks at every view of the public journey: axe, overflow, console, strangers, traces, title, and
// the Nu validator over every document.
func TestEveryPublicViewIsSound(t *testing.T) {
	t.Parallel()
	_, s := visit(t, View{}, "WAYPOST_LANGUAGES=en,en-XA,ar-XB")
	documents := make(chan [2]string, len(tour))
	t.Run("views", func(t *testing.T) {
		for _, l := range publicLooks {
			t.Run(l.name, func(t *testing.T) {
				t.Parallel()
				p := browser.Open(t, s.URL+"/", l.view)
				defer p.Close()
				if l.language != "" {
					p.Press(fmt.Sprintf(`button[name="speak"][value=%q]`, l.language))
				}
				for _, st := range tour {
					st.way(p)
					if !l.all && !st.telling {
						continue
					}
					what := "public " + st.name + ", " + l.name
					if st.telling || !l.view.NoScript { // without script it is the same markup, and the engine is brought in anew each time
						clean(t, what+": axe", p.Axe())
					}
					clean(t, what+": overflow", p.Overflow())
					if want := pick(l.language == "ar-XB", "rtl", "ltr"); p.Direction() != want {
						t.Errorf("%s is laid out %s", what, p.Direction())
					}
					if p.Title() != "Information" && l.language == "" {
						t.Errorf("%s: the title is %q", what, p.Title())
					}
					p.Screenshot(strings.TrimSuffix(fileName(what), ".html"), true)
					if l.view.NoScript {
						documents <- [2]string{what, p.Source()}
					}
				}
				quietly(t, l.name, p, s)
				if p.Address() != s.URL+"/" {
					t.Errorf("%s: the address is %s", l.name, p.Address())
				}
				if loads := p.Loads(); !l.view.NoScript && loads > 2 {
					t.Errorf("%s: with script %d documents were loaded", l.name, loads)
				}
			})
		}
	})
	close(documents)
	all := map[string]string{}
	for d := range documents {
		all[d[0]] = d[1]
	}
	clean(t, "vnu", Vnu(t, all))
}

// TestTheLawByKeyboard goes to what is said about a chip for a relative, without a nation, and chooses one, with nothing but keys.
func TestTheLawByKeyboard(t *testing.T) {
	t.Parallel()
	_, s := visit(t, View{})
	documents := map[string]string{}
	for _, view := range []View{{Width: 320, Height: 640}, {NoScript: true}} {
		p := browser.Open(t, s.URL+"/", view)
		pass(p, []turn{{}, {}, {"3"}, {"1"}, {"1"}, {}, {"2"}, {}, {"1"}, {"4"}})
		for _, b := range [][2]string{{"A chip for a relative or a friend", "Herbert Protocol"}, {"Scotland", "What the law says: Scotland"}} {
			p.Use(b[0], Enter)
			if f := p.Focused(); !view.NoScript && (f.ID != "at" || f.Seen != "") {
				t.Errorf("after %q the focus is on %s %s: %s", b[0], f.Tag, f.ID, f.Seen)
			}
			if text := p.Text(); !strings.Contains(text, b[1]) || !strings.Contains(text, "24 May 2027") {
				t.Errorf("after %q: %s", b[0], text)
			}
		}
		clean(t, "law: overflow", p.Overflow())
		if view.NoScript {
			documents["law"] = p.Source()
		} else {
			clean(t, "law: axe", p.Axe())
			p.Screenshot("public law", true)
		}
		quietly(t, "law", p, s)
	}
	clean(t, "vnu", Vnu(t, documents))
}

// TestThePublicJourneyByKeyboard goes from the first view to the plan with nothing but keys, and sees the focus all the way.
func TestThePublicJourneyByKeyboard(t *testing.T) {
	t.Parallel()
	_, s := visit(t, View{})
	for _, view := range []View{{Width: 390, Height: 844}, {NoScript: true}} {
		t.Run(pick(view.NoScript, "without script", "with script"), func(t *testing.T) {
			t.Parallel()
			p := browser.Open(t, s.URL+"/", view)
			for i, picks := range frightened {
				for _, code := range picks {
					p.Choose("a", code)
				}
				p.Use(p.TextOf(goOn), Enter)
				if f := p.Focused(); !view.NoScript && (f.ID != "at" || f.Seen != "") {
					t.Errorf("after step %d the focus is on %s %s: %s", i, f.Tag, f.ID, f.Seen)
				}
			}
			if !strings.Contains(p.Text(), "0808 2000 247") {
				t.Errorf("the plan is not reached: %s", p.Text())
			}
			p.Use("Back", Enter)
			p.Use("Back", Enter)
			if !p.Chosen("a", "1") {
				t.Error("on the way back the answers are gone")
			}
			quietly(t, "by keyboard", p, s)
		})
	}
}

// TestThePublicPaper prints: by accident nothing, on purpose the numbers, and the words of the plan only when asked for.
func TestThePublicPaper(t *testing.T) {
	t.Parallel()
	_, s := visit(t, View{})
	for _, view := range []View{{}, {NoScript: true}} {
		p := browser.Open(t, s.URL+"/", view)
		pass(p, frightened)
		if paper := p.Printed(); strings.Contains(paper, "0808") || strings.Contains(paper, "plan") {
			t.Errorf("the plan is printed by accident: %s", paper)
		}
		print := func() string {
			if !view.NoScript {
				ask[bool](p, `(window.print = () => {}, document.querySelector("[data-print]").click(), true)`)
			}
			return p.Printed()
		}
		press(p, "p")
		paper := strings.ToLower(print())
		for _, word := range append([]string{"chip", "information", "leave", "back", "device"}, lexicon...) {
			if strings.Contains(paper, word) {
				t.Errorf("the paper says %q: %s", word, paper)
			}
		}
		if !strings.Contains(paper, "0808 2000 247") || !strings.Contains(paper, "urgent help") {
			t.Errorf("the numbers are not on the paper: %s", paper)
		}
		press(p, "f")
		if paper := print(); !strings.Contains(words(paper), "You do not have to prove anything") {
			t.Errorf("the words are not on the paper: %s", paper)
		}
		p.do("look as a printer does", command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
		if size := ask[float64](p, `parseFloat(getComputedStyle(document.querySelector(".sheet-plan li")).fontSize) * 72 / 96`); size < 14 {
			t.Errorf("on paper the words are of %.1f points; what is easy to read has 14", size)
		}
	}
}

// TestTheFirstPublicViewIsSmall holds the budget and that nothing is left in the browser by looking.
func TestTheFirstPublicViewIsSmall(t *testing.T) {
	t.Parallel()
	p, s := visit(t, View{})
	if total, parts := p.Weight(); total > 15<<10 {
		t.Errorf("the first view takes %d bytes on the wire, %d at most: %v", total, 15<<10, parts)
	}
	quietly(t, "first view", p, s)
}

// TestADraftIsCopiedAndGoesNowhere types into the box and goes on: nothing of it leaves the page.
func TestADraftIsCopiedAndGoesNowhere(t *testing.T) {
	t.Parallel()
	_, s := visit(t, View{})
	for _, view := range []View{{}, {NoScript: true}} {
		p := browser.Open(t, s.URL+"/", view)
		pass(p, frightened)
		p.Press("#more > summary")
		press(p, "d3")
		ask[string](p, `document.getElementById("draft").value += "typed-by-an-invented-person"`)
		posted := ask[string](p, `new URLSearchParams(new FormData(document.getElementById("step"))).toString()`)
		if strings.Contains(posted, "typed") || strings.Contains(posted, "Cause") {
			t.Errorf("the box is posted: %s", posted)
		}
		press(p, "r")
		p.Press("#more > summary")
		press(p, "d3")
		if strings.Contains(ask[string](p, `document.getElementById("draft").value`), "typed") {
			t.Error("what was typed is kept")
		}
		quietly(t, "draft", p, s)
	}
}

// TestWhenTheServerIsGoneTheStepSaysSo cuts the line: the answers stay on the page, and a second try goes on.
func TestWhenTheServerIsGoneTheStepSaysSo(t *testing.T) {
	t.Parallel()
	p, _ := visit(t, View{})
	pass(p, frightened[:2])
	p.Fill("a", "3")
	p.Offline(true)
	p.Press(goOn)
	if p.TextOf(".stale-note") == "" || !p.Chosen("a", "3") {
		t.Errorf("the line is cut: %s", p.Text())
	}
	p.Offline(false)
	p.Press(goOn)
	if p.TextOf(".stale-note") != "" || !strings.Contains(p.Text(), "Who is this about?") {
		t.Errorf("the line is back: %s", p.Text())
	}
}
