package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// button presses a button of the script by its place.
func button(p *Page, place int) {
	p.tb.Helper()
	p.Press(fmt.Sprintf(`button[name="a"][value="%d"]`, place))
}

// called is a page of a call, and what is done to get there from the one before.
type called struct {
	name string
	way  func(p *Page)
}

var wholeCall = []called{
	{"first", func(*Page) {}},
	{"danger open", func(p *Page) { p.Press("[data-part=danger] > summary") }},
	{"self-harm", func(p *Page) { button(p, 2) }},
	{"can they talk", func(p *Page) { button(p, 1) }},
	{"which is closest", func(p *Page) { button(p, 1) }},
	{"fear", func(p *Page) { button(p, 0); p.Press("[data-part=facts] > summary") }},
	{"relative", func(p *Page) { press(p, "b"); button(p, 7); button(p, 0); p.Press("[data-part=law] > summary") }},
	{"the page for them", func(p *Page) { button(p, 0) }},
	{"close", func(p *Page) { button(p, 0) }},
	{"after", func(p *Page) { button(p, 0) }},
	{"sore", func(p *Page) { press(p, "c"); button(p, 4); button(p, 0); button(p, 4) }},
	{"paper", func(p *Page) { press(p, "p") }},
}

var shortCall = []called{
	{"first", func(*Page) {}},
	{"self-harm", func(p *Page) { button(p, 2) }},
	{"relative", func(p *Page) {
		button(p, 1)
		button(p, 0)
		button(p, 7)
		button(p, 0)
		p.Press("[data-part=law] > summary")
	}},
	{"paper", func(p *Page) { press(p, "p") }},
}

var agentLooks = []look{
	{name: "desk"},
	{name: "small", view: View{Width: 320, Height: 640}, all: true},
	{name: "without script", view: View{NoScript: true}, all: true},
	{name: "dark", view: View{Dark: true, Width: 390, Height: 844}},
	{name: "forced colours", view: View{ForcedColors: true, Width: 390, Height: 844}},
	{name: "long text", language: "en-XA", view: View{Width: 320, Height: 640}},
	{name: "right to left", language: "ar-XB", view: View{}},
}

// TestEveryPageOfAnAgentIsSound looks at every kind of page: axe, overflow, console, strangers, traces, and the Nu validator
// over every document.
func TestEveryPageOfAnAgentIsSound(t *testing.T) {
	t.Parallel()
	s := desk(t)
	documents := make(chan [2]string, len(wholeCall)+2)
	t.Run("views", func(t *testing.T) {
		for _, l := range agentLooks {
			t.Run(l.name, func(t *testing.T) {
				t.Parallel()
				p := browser.Open(t, s.URL+"/agent/invented", l.view)
				defer p.Close()
				if l.language != "" {
					p.Press(fmt.Sprintf(`button[name="speak"][value=%q]`, l.language))
				}
				way := shortCall
				if l.all {
					way = wholeCall
				}
				for _, st := range way {
					st.way(p)
					looked(t, "agent "+st.name+", "+l.name, p, l)
					if l.view.NoScript {
						documents <- [2]string{"agent " + st.name, p.Source()}
					}
				}
				quietly(t, l.name, p, s)
				if p.Address() != s.URL+"/agent/invented" {
					t.Errorf("%s: the address is %s", l.name, p.Address())
				}
				for _, sheet := range []string{"kit", "card"} {
					if !l.all && l.language == "" {
						continue
					}
					p.Goto(s.URL + "/agent/invented/" + sheet)
					looked(t, "agent "+sheet+", "+l.name, p, look{view: l.view})
					if l.view.NoScript {
						documents <- [2]string{"agent " + sheet, p.Source()}
					}
				}
				quietly(t, l.name, p, s)
			})
		}
	})
	close(documents)
	all := map[string]string{}
	for d := range documents {
		all[d[0]] = d[1]
	}
	clean(t, "vnu", Vnu(t, all))
	if s.Output() != "" {
		t.Errorf("something was logged: %s", s.Output())
	}
}

func looked(t *testing.T, what string, p *Page, l look) {
	t.Helper()
	if !l.view.NoScript { // without script it is the same markup, and the engine is brought in anew each time
		clean(t, what+": axe", p.Axe())
	}
	clean(t, what+": overflow", p.Overflow())
	if want := pick(l.language == "ar-XB", "rtl", "ltr"); p.Direction() != want {
		t.Errorf("%s is laid out %s", what, p.Direction())
	}
	if !l.view.NoScript {
		p.Screenshot(strings.TrimSuffix(fileName(what), ".html"), true)
	}
}
