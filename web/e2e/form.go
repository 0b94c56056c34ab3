package e2e

import (
	"fmt"

	"github.com/chromedp/chromedp"
)

// The form's contract: an input is named by its question, its value is the answer, its id is question.answer, and a label
// wraps it or points to it.

// Answer chooses an answer as a pointer does: a real click in the middle of its label, which must be reachable there.
func (p *Page) Answer(question, answer string) {
	p.tb.Helper()
	p.click(fmt.Sprintf(`(document.getElementById(%s)?.labels||[])[0]`, quote(question+"."+answer)), question+" = "+answer)
	if !p.Chosen(question, answer) {
		p.tb.Fatalf("%s = %s: clicked, and it is not chosen", question, answer)
	}
	p.Settle()
}

// Fill chooses answers without a hand on them, for tests that are about the page that follows. Whether a person can
// answer is tested by Answer and Choose.
func (p *Page) Fill(question, answer string) {
	p.tb.Helper()
	if !ask[bool](p, fmt.Sprintf(`(e => { if (e) e.checked = true; return !!e })(document.getElementById(%s))`, quote(question+"."+answer))) {
		p.tb.Fatalf("%s = %s: not on the page", question, answer)
	}
}

// Chosen tells whether an answer is chosen on the page.
func (p *Page) Chosen(question, answer string) bool {
	p.tb.Helper()
	return ask[bool](p, fmt.Sprintf(`document.getElementById(%s)?.checked === true`, quote(question+"."+answer)))
}

// Asked tells whether a question is on the page and can be seen.
func (p *Page) Asked(question string) bool {
	p.tb.Helper()
	return ask[bool](p, fmt.Sprintf(`[...document.getElementsByName(%s)].some(e => e.checkVisibility() || e.labels[0]?.checkVisibility())`, quote(question)))
}

// Press clicks the first visible element of a CSS selector, such as a button, and waits for what follows.
func (p *Page) Press(selector string) {
	p.tb.Helper()
	p.click(fmt.Sprintf(`[...document.querySelectorAll(%s)].find(e => e.checkVisibility())`, quote(selector)), selector)
	p.Settle()
}

// click finds the middle of an element, makes sure that nothing lies over it, and clicks there.
func (p *Page) click(element, what string) {
	p.tb.Helper()
	where := ask[struct {
		X, Y float64
		Over string
	}](p, `(() => {
		const e = `+element+`;
		if (!e) return {X: 0, Y: 0, Over: "it is not on the page"};
		e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2, hit = document.elementFromPoint(x, y);
		const ok = hit && (e.contains(hit) || hit.contains(e) && hit !== document.body && hit !== document.documentElement || e.control === hit);
		return {X: x, Y: y, Over: ok ? "" : "under it lies " + (hit ? hit.outerHTML.slice(0, 120) : "nothing")};
	})()`)
	if where.Over != "" {
		p.tb.Fatalf("cannot click %s: %s", what, where.Over)
	}
	p.do("click "+what, chromedp.MouseClickXY(where.X, where.Y))
	p.acts++
	p.log.stir()
}

// Interactions counts what a person did so far to answer or to act: clicks with the pointer, and by keyboard each answer
// chosen and each control used. Moving from one field to the next is counted in Keys only.
func (p *Page) Interactions() int { return p.acts }

// Keys counts every key pressed so far.
func (p *Page) Keys() int { return p.keys }
