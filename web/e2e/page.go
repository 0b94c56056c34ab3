package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Page is one tab. What the browser itself cannot do ends the test; what is wrong with the page is returned as faults in
// plain words, so that each check can be shown a bad page and be seen to fail.
type Page struct {
	tb   testing.TB
	ctx  context.Context
	view View
	log  record
	keys int
	acts int
}

func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.tb.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.tb.Fatalf("%s: %v", what, err)
	}
}

func ask[T any](p *Page, script string) T {
	p.tb.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.tb.Fatalf("ask the page: %v", err)
	}
	return v
}

// scripted lets our own questions use promises and timers on a page that is looked at without script; the page's script
// has had its turn and is not run by this. The returned func puts things back.
func (p *Page) scripted() func() {
	if !p.view.NoScript {
		return func() {}
	}
	off := func(v bool) chromedp.Action[chromedp.Void] {
		return command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v})
	}
	p.do("script on", off(false))
	return func() { p.do("script off", off(true)) }
}

// Goto shows another address in the same tab.
func (p *Page) Goto(url string) {
	p.tb.Helper()
	p.do("go to "+url, chromedp.Navigate(url))
	p.Settle()
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.tb.Helper()
	p.do("reload", chromedp.Reload())
	p.Settle()
}

// Resize changes the size of the screen.
func (p *Page) Resize(width, height int64) {
	p.tb.Helper()
	p.do("resize", chromedp.EmulateViewport(width, height))
}

// Settle waits until nothing has been asked of the network for a moment, the document is complete and it has been drawn.
func (p *Page) Settle() {
	p.tb.Helper()
	const quiet, limit = 120 * time.Millisecond, 15 * time.Second
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if p.log.quietFor(quiet) && ask[string](p, `document.readyState`) == "complete" && p.log.quietFor(quiet) {
			return
		}
	}
	p.tb.Fatalf("the page has not come to rest in %s; open requests: %v", limit, p.log.open())
}

// Text is what a person reads on the page, hidden parts left out.
func (p *Page) Text() string { p.tb.Helper(); return ask[string](p, `document.body.innerText`) }

// TextOf is what a person reads in the first element that a CSS selector finds; "" where there is none or it is hidden.
func (p *Page) TextOf(selector string) string {
	p.tb.Helper()
	return ask[string](p, fmt.Sprintf(`(e => e?.checkVisibility({visibilityProperty: true}) ? e.innerText : "")(document.querySelector(%s))`, quote(selector)))
}

// Title is the title of the document, as it would stand in the history.
func (p *Page) Title() string { p.tb.Helper(); return ask[string](p, `document.title`) }

// Address is where the tab is, as it would stand in the history.
func (p *Page) Address() string { p.tb.Helper(); return ask[string](p, `location.href`) }

// Direction is ltr or rtl, as laid out.
func (p *Page) Direction() string {
	p.tb.Helper()
	return ask[string](p, `getComputedStyle(document.documentElement).direction`)
}

// Source is the HTML of the document as the server sent it.
func (p *Page) Source() string {
	p.tb.Helper()
	id := p.log.document()
	res, err := chromedp.Call(p.ctx, network.GetResponseBody, network.GetResponseBodyParams{RequestID: id})
	if err != nil {
		p.tb.Fatalf("read the source: %v", err)
	}
	return string(res.Body)
}

// Screenshot writes the visible part of the page, or all of it, to web/e2e/shots, for a person to look at.
func (p *Page) Screenshot(name string, whole bool) {
	p.tb.Helper()
	shot := chromedp.CaptureScreenshot()
	if whole {
		shot = chromedp.FullScreenshot(100)
	}
	png, err := chromedp.Run(p.ctx, shot)
	if err != nil {
		p.tb.Fatalf("screenshot %s: %v", name, err)
	}
	if err := os.MkdirAll("shots", 0o755); err != nil {
		p.tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("shots", name+".png"), png, 0o644); err != nil {
		p.tb.Fatal(err)
	}
}
