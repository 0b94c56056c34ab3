package e2e

import (
	"strings"
	"testing"
)

func TestAnsweringByPointer(t *testing.T) {
	t.Parallel()
	p := browser.Open(t, lab(t, map[string]string{"/": good}), View{})
	p.Answer("place.alarm", "yes")
	p.Answer("who", "b")
	if !p.Chosen("place.alarm", "yes") || p.Chosen("place.alarm", "no") || !p.Chosen("who", "b") || p.Interactions() != 2 {
		t.Errorf("answers were not taken, or miscounted: %d", p.Interactions())
	}
	p.Fill("place.alarm", "no")
	if !p.Chosen("place.alarm", "no") || p.Interactions() != 2 {
		t.Error("filling is not an interaction, and it fills")
	}
	if !p.Asked("who") || p.Asked("whom") {
		t.Error("a question is seen where there is none, or not where there is one")
	}
}

func TestAnsweringByKeyboard(t *testing.T) {
	t.Parallel()
	for _, view := range []View{{}, {NoScript: true}} {
		p := browser.Open(t, lab(t, map[string]string{"/": good}), view)
		p.Choose("place.alarm", "yes")
		p.Choose("who", "b")
		p.Choose("who", "b") // a second time must not take it back
		if !p.Chosen("place.alarm", "yes") || !p.Chosen("who", "b") || p.Chosen("who", "a") {
			t.Error("answers were not taken")
		}
		before := p.Loads()
		p.Use("Show the plan", Enter)
		if p.Loads() != before+1 || p.Interactions() != 4 || p.Keys() < 6 {
			t.Errorf("%d loads, %d interactions, %d keys", p.Loads()-before, p.Interactions(), p.Keys())
		}
	}
}

func TestWhatHandsCannotDoIsSeen(t *testing.T) {
	t.Parallel()
	const cover = `<div style="position:fixed;inset:0;background:#fff">cover</div></main>`
	const bar = `</style><style>main{padding-top:900px}.bar{position:fixed;inset:auto 0 0 0;height:300px;background:#000}</style>`
	url := lab(t, map[string]string{
		"/covered":  strings.Replace(good, "</main>", cover, 1),
		"/skipped":  strings.Replace(good, `<button id="go"`, `<button id="go" tabindex="-1"`, 1),
		"/obscured": strings.Replace(strings.Replace(good, "</style>", bar, 1), "</main>", `<div class="bar"></div></main>`, 1),
		"/deaf":     strings.Replace(good, "</main>", `<script>document.forms[0].addEventListener("click", e => e.preventDefault())</script></main>`, 1),
	})
	for _, c := range []struct {
		path, want string
		step       func(p *Page)
	}{
		{"/covered", "under it lies", func(p *Page) { p.Answer("place.alarm", "yes") }},
		{"/covered", "it is covered by", func(p *Page) { p.Choose("place.alarm", "yes") }},
		{"/skipped", "cannot be reached", func(p *Page) { p.Use("go", Enter) }},
		{"/obscured", "it is covered by", func(p *Page) { p.Choose("place.alarm", "yes") }},
		{"/deaf", "it is not chosen", func(p *Page) { p.Answer("place.alarm", "yes") }},
		{"/covered", "not on the page", func(p *Page) { p.Fill("place.alarm", "perhaps") }},
		{"/covered", "it is not on the page", func(p *Page) { p.Answer("place.alarm", "perhaps") }},
	} {
		said := refused(t, func(tb testing.TB) { c.step(browser.Open(t, url+c.path, View{}).with(tb)) })
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: want %q, said %q", c.path, c.want, said)
		}
	}
}
