package e2e

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Keys by the names a person would use.
const (
	Tab   = kb.Tab
	Enter = kb.Enter
	Space = " "
	Down  = kb.ArrowDown
	Up    = kb.ArrowUp
	Right = kb.ArrowRight
	Shift = kb.Shift
	F2    = kb.F2
)

// stops bounds how often Tab is pressed in search of something: more means that it cannot be reached.
const stops = 400

// Key presses one key, with modifiers if any.
func (p *Page) Key(key string, modifiers ...chromedp.Modifier) {
	p.tb.Helper()
	p.do("press a key", chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...)))
	p.keys++
	p.log.stir()
}

// Focus is the element that has the focus.
type Focus struct {
	ID, Name, Value, Tag, Type, Text string
	Checked                          bool
	Seen                             string // "" or why a sighted person cannot see where the focus is
}

// Focused says what has the focus, and whether it can be seen: inside the screen, not covered (WCAG 2.4.11), and drawn
// differently from an element without focus is left to the eye.
func (p *Page) Focused() Focus {
	p.tb.Helper()
	return ask[Focus](p, `(() => {
		const e = document.activeElement, shown = e.labels?.[0] && e.matches("input[type=radio],input[type=checkbox]") ? e.labels[0] : e;
		const r = shown.getBoundingClientRect(), x = r.left + Math.min(r.width / 2, innerWidth), y = r.top + Math.min(r.height / 2, 30);
		let seen = "";
		if (e === document.body) seen = "nothing has the focus";
		else if (!r.width || !r.height) seen = "it has no size";
		else if (r.bottom <= 0 || r.top >= innerHeight || r.right <= 0 || r.left >= innerWidth) seen = "it is off the screen";
		else { const hit = document.elementFromPoint(x, y); if (!hit || !(shown.contains(hit) || hit.contains(shown))) seen = "it is covered by " + (hit ? hit.outerHTML.slice(0, 100) : "nothing"); }
		return {ID: e.id, Name: e.name || "", Value: e.value === undefined ? "" : String(e.value), Tag: e.tagName, Type: e.type || "", Text: (e.innerText || "").trim().slice(0, 80), Checked: e.checked === true, Seen: seen};
	})()`)
}

// Reach presses Tab until the focus is where it should be. It fails if that never happens or if the focus cannot be seen
// on the way.
func (p *Page) Reach(what string, there func(Focus) bool) Focus {
	p.tb.Helper()
	f := p.Focused()
	for range stops {
		if there(f) {
			return f
		}
		p.Key(Tab)
		f = p.Focused()
		if f.Tag != "BODY" && f.Seen != "" {
			p.tb.Fatalf("on the way to %s: %s %s %q has the focus and %s", what, f.Tag, f.ID, f.Text, f.Seen)
		}
	}
	p.tb.Fatalf("%s cannot be reached by Tab in %d presses", what, stops)
	return f
}

// Choose answers a question by keyboard alone: Tab to it, then Space or the arrows; Tab and Space for boxes to tick.
func (p *Page) Choose(question, answer string) {
	p.tb.Helper()
	what := question + " = " + answer
	f := p.Reach(question, func(f Focus) bool { return f.Name == question })
	if f.Type == "checkbox" {
		f = p.Reach(what, func(f Focus) bool { return f.Name == question && f.Value == answer })
	}
	for range 24 {
		if f.Value == answer {
			break
		}
		p.Key(Down)
		f = p.Focused()
	}
	if !p.Chosen(question, answer) {
		p.Key(Space)
	}
	if f = p.Focused(); f.Name != question || !p.Chosen(question, answer) {
		p.tb.Fatalf("%s: by keyboard the focus is on %s %s and it is not chosen", what, f.Tag, f.ID)
	}
	p.acts++
	p.Settle()
}

// Use reaches a button, link or summary by Tab and works it with a key; it is found by its id or by its words.
func (p *Page) Use(idOrText, key string) {
	p.tb.Helper()
	p.Reach(fmt.Sprintf("%q", idOrText), func(f Focus) bool { return f.ID == idOrText || f.Text == idOrText })
	p.Key(key)
	p.acts++
	p.Settle()
}
