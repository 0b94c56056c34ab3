// Package e2e drives the real binary in a real browser, the way a tired clinician and the person in front of them would:
// by keyboard, without script, in the dark, on a small screen, from right to left. It refuses to skip: where Chromium, axe
// or the Nu validator is missing a test fails and says what to install. Every person in it is invented.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience bounds everything that one page may take in one test.
const patience = 90 * time.Second

// Browser is one running Chromium; each page gets a profile of its own in it.
type Browser struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// Launch starts Chromium. It resolves no host name but loopback addresses, so a page that calls a stranger is seen in the
// log of requests and reaches nobody.
func Launch() (*Browser, error) {
	path, err := chromium()
	if err != nil {
		return nil, err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"),
		chromedp.Flag("lang", "en-GB"),
	)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		stop()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return &Browser{ctx: ctx, cancel: func() { cancel(); stop() }}, nil
}

// Close ends Chromium.
func (b *Browser) Close() { b.cancel() }

func chromium() (string, error) {
	if path := os.Getenv("WAYPOST_TEST_CHROMIUM"); path != "" {
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium: run `make install`, or put its path into WAYPOST_TEST_CHROMIUM")
}

// View says how a page is looked at. The zero value is the consultation desk: 1366 by 768, light, script on, English.
type View struct {
	Width, Height int64
	Dark          bool
	ForcedColors  bool
	NoScript      bool
	Language      string // sent as Accept-Language
}

// Open shows an address in a profile of its own, which is gone when the test ends.
func (b *Browser) Open(tb testing.TB, url string, view View) *Page {
	tb.Helper()
	if view.Width == 0 {
		view.Width, view.Height = 1366, 768
	}
	bounded, stop := context.WithTimeout(b.ctx, patience)
	ctx, cancel := chromedp.NewContext(bounded, chromedp.WithNewBrowserContext())
	tb.Cleanup(func() { cancel(); stop() })
	p := &Page{tb: tb, ctx: ctx, view: view}
	if err := chromedp.Listen(ctx, p.log.see); err != nil {
		tb.Fatalf("open a tab: %v", err)
	}
	p.do("set up the view", view.apply)
	p.Goto(url)
	return p
}

func (v View) apply(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
	features := []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: pick(v.Dark, "dark", "light")},
		{Name: "forced-colors", Value: pick(v.ForcedColors, "active", "none")},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}
	language := v.Language
	if language == "" {
		language = "en-GB"
	}
	agent, err := chromedp.Evaluate[string](`navigator.userAgent`)(ctx, t)
	if err != nil {
		return chromedp.Void{}, err
	}
	return chromedp.Steps(
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v.NoScript}),
		command(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: language}),
		chromedp.EmulateViewport(v.Width, v.Height),
	)(ctx, t)
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// Close ends the tab before its test ends, where a test opens many.
func (p *Page) Close() {
	if err := chromedp.Cancel(p.ctx); err != nil {
		p.tb.Logf("close the tab: %v", err)
	}
}
