package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
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

// publicStates are the views of the journey and the way to each.
var publicStates = []state{
	{"public first view", func(*Page) {}},
	{"public read", func(p *Page) { pass(p, frightened[:1]) }},
	{"public safe", func(p *Page) { pass(p, frightened[:2]) }},
	{"public nothing picked", func(p *Page) { pass(p, frightened[:2]); p.Press(goOn) }},
	{"public worry", func(p *Page) { pass(p, frightened[:4]) }},
	{"public panel", func(p *Page) { pass(p, frightened[:7]) }},
	{"public help with no nation", func(p *Page) { press(p, "h") }},
	{"public facts", func(p *Page) { pass(p, frightened[:9]); pass(p, []turn{{"0"}}) }},
	{"public plan", func(p *Page) { pass(p, frightened) }},
	{"public plan, next page", func(p *Page) { pass(p, frightened); press(p, "m1") }},
	{"public words", func(p *Page) { pass(p, frightened); press(p, "w") }},
	{"public quiet", func(p *Page) { pass(p, frightened); press(p, "q") }},
	{"public whole paper", func(p *Page) { pass(p, frightened); press(p, "p"); press(p, "f") }},
	{"public cleared", func(p *Page) { pass(p, frightened); press(p, "c") }},
}

var publicLooks = []look{
	{name: "small", view: View{Width: 320, Height: 640}, all: true},
	{name: "desk, without script", view: View{NoScript: true}, all: true},
	{name: "dark", view: View{Dark: true, Width: 390, Height: 844}},
	{name: "forced colours", view: View{ForcedColors: true, Width: 390, Height: 844}},
	{name: "long text", language: "en-XA", view: View{Width: 320, Height: 640}},
	{name: "right to left", language: "ar-XB", view: View{Width: 390, Height: 844}},
}

var publicTelling = []string{"public first view", "public panel", "public plan", "public quiet"}

// TestEveryPublicViewIsSound looks at every view of the public journey in every way of looking at it.
func TestEveryPublicViewIsSound(t *testing.T) {
	t.Parallel()
	_, s := visit(t, View{}, "WAYPOST_LANGUAGES=en,en-XA,ar-XB")
	documents := make(chan [2]string, 200)
	t.Run("views", func(t *testing.T) {
		for _, l := range publicLooks {
			t.Run(l.name, func(t *testing.T) {
				t.Parallel()
				for _, st := range publicStates {
					if !l.all && !slices.Contains(publicTelling, st.name) {
						continue
					}
					what := st.name + ", " + l.name
					p := browser.Open(t, s.URL+"/", l.view)
					if l.language != "" {
						p.Press(fmt.Sprintf(`button[name="speak"][value=%q]`, l.language))
					}
					st.way(p)
					clean(t, what+": axe", p.Axe())
					clean(t, what+": overflow", p.Overflow())
					quietly(t, what, p, s)
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
					p.Close()
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
