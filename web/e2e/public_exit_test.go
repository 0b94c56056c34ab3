package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// The exit laboratory: an own Chromium with a profile on disk and the back-forward cache as it ships, no private window. A
// person goes far into the journey and leaves; then somebody else presses Back ten times, and reads the whole profile.

// laboratory opens a tab in a browser of its own. End it before reading the profile, so that everything is written down.
func laboratory(t *testing.T, view View) (p *Page, profile string, end func()) {
	t.Helper()
	path, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	profile = t.TempDir()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-GB"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"))
	bounded, stop := context.WithTimeout(t.Context(), patience)
	alloc, stopAlloc := chromedp.NewExecAllocator(bounded, opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	view.Width, view.Height = 1366, 768
	p = &Page{tb: t, ctx: ctx, view: view}
	if err := chromedp.Listen(ctx, p.log.see); err != nil {
		t.Fatal(err)
	}
	p.do("set up the view", view.apply)
	end = sync.OnceFunc(func() {
		if err := chromedp.Cancel(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Logf("end the browser: %v", err)
		}
		cancel()
		stopAlloc()
		stop()
	})
	t.Cleanup(end)
	return p, profile, end
}

// back presses Back, and says whether there was anything behind.
func back(p *Page) bool {
	p.tb.Helper()
	h, err := chromedp.Call(p.ctx, page.GetNavigationHistory, cdp.Empty{})
	if err != nil {
		p.tb.Fatalf("read the history: %v", err)
	}
	if h.CurrentIndex == 0 {
		return false
	}
	to := page.NavigateToHistoryEntryParams{EntryID: h.Entries[h.CurrentIndex-1].ID}
	if _, err := chromedp.Call(p.ctx, page.NavigateToHistoryEntry, to); err != nil {
		p.tb.Fatalf("go back: %v", err)
	}
	p.log.stir()
	time.Sleep(250 * time.Millisecond)
	p.Settle()
	return true
}

// leaving is a way to leave, from a page far in the journey.
type leaving struct {
	name     string
	leave    func(p *Page)
	noScript bool
	switched bool // the language was changed on the way, which is a page of its own even with script
}

var leavings = []leaving{
	{name: "by the button at the top", leave: func(p *Page) { p.Press(`.exit-bar a[data-exit]`) }},
	{name: "by the button under the plan, without script", leave: func(p *Page) { p.Press(`main a[data-exit]`) }, noScript: true},
	{name: "by Shift three times, the language changed before", leave: func(p *Page) { p.Key(Shift); p.Key(Shift); p.Key(Shift) }, switched: true},
	{name: "by keyboard, without script", leave: func(p *Page) { p.Use("Leave this page", Enter) }, noScript: true},
}

// ours are the words of the journey that name anything, and answers given; the neutral ones of the first view are left out.
func ours(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "locales", "active.en.toml"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	section := ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
		}
		_, value, ok := strings.Cut(line, ` = "`)
		value = strings.TrimSuffix(value, `"`)
		if ok && strings.HasPrefix(section, "[public.") && len(value) > 12 && section != "[public.arrive]" && section != "[public.where]" {
			out = append(out, value)
		}
	}
	if len(out) < 100 {
		t.Fatalf("only %d phrases to look for", len(out))
	}
	return append(out, "help finder", "domestic abuse", "Domestic Abuse", "implant", "stalking", "Samaritans", "waypost", "Waypost")
}

func TestLeavingThePublicJourneyLeavesNothingBehindBack(t *testing.T) {
	t.Parallel()
	_, s := visit(t, View{}, "WAYPOST_LANGUAGES=en,cy")
	phrases := ours(t)
	for _, l := range leavings {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			p, profile, end := laboratory(t, View{NoScript: l.noScript})
			before := lab(t, map[string]string{"/": head + `</head><body><h1>Before</h1></body></html>`})
			p.Goto(before + "/")
			p.Goto(s.URL + "/?x=a")
			if l.switched {
				p.Press(`button[name="speak"][value="cy"]`)
				p.Press(`button[name="speak"][value="en"]`)
			}
			pass(p, frightened)
			if shown := p.Text(); !strings.Contains(shown, "0808 2000 247") {
				t.Fatalf("the plan is not reached: %s", shown)
			}
			clean(t, "traces before leaving", p.Traces())
			if loads := p.Loads(); !l.noScript && !l.switched && loads != 2 {
				t.Errorf("with script %d documents were loaded before leaving", loads)
			}
			l.leave(p)
			time.Sleep(150 * time.Millisecond)
			p.Settle()
			if !strings.HasSuffix(p.Address(), "/x") || p.Title() != "Information" {
				t.Errorf("left for %s, titled %q", p.Address(), p.Title())
			}
			bare(t, p, phrases)
			var shown []string
			for len(shown) < 10 && back(p) {
				bare(t, p, phrases)
				shown = append(shown, words(p.Text()))
				if l.noScript && len(shown) == 1 { // the browser asks whether to post again: somebody says yes
					p.Reload()
					bare(t, p, phrases)
					if !strings.HasSuffix(p.Address(), "/x") {
						t.Errorf("posted again, there is %s: %s", p.Address(), p.Text())
					}
				}
			}
			if len(shown) == 0 || !l.noScript && !l.switched && shown[0] != "Before" {
				t.Errorf("behind Back stand %q", shown)
			}
			t.Logf("behind Back stand %q", shown)
			end()
			clean(t, "profile", searched(profile, s.URL, phrases))
		})
	}
}

// bare fails where the page shows any word of ours.
func bare(t *testing.T, p *Page, phrases []string) {
	t.Helper()
	shown := p.Text() + p.Title()
	for _, phrase := range append([]string{"private"}, phrases...) {
		if strings.Contains(shown, phrase) {
			t.Errorf("at %s stands %q", p.Address(), phrase)
		}
	}
}

// searched reads every file of the profile for a word of ours, in both encodings that Chromium writes, and for an
// address of ours that says more than that the site was opened.
func searched(profile, server string, phrases []string) (faults []string) {
	files, seen := 0, 0
	err := filepath.WalkDir(profile, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // a file that Chromium has just taken away is none
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil //nolint:nilerr // likewise
		}
		files++
		name, _ := filepath.Rel(profile, path)
		for _, phrase := range phrases {
			if bytes.Contains(raw, []byte(phrase)) || bytes.Contains(raw, wide(phrase)) {
				faults = append(faults, fmt.Sprintf("%s holds %q", name, phrase))
			}
		}
		for _, rest := range bytes.Split(raw, []byte(server))[1:] {
			seen++
			said := strings.TrimPrefix(strings.TrimPrefix(string(rest[:min(len(rest), 24)]), "/"), "?x=a")
			if strings.HasPrefix(said, "?") || strings.HasPrefix(said, "#") || strings.HasPrefix(said, "x?") {
				faults = append(faults, fmt.Sprintf("%s holds an address that says %q", name, said))
			}
		}
		return nil
	})
	if err != nil || files < 20 || seen == 0 {
		faults = append(faults, fmt.Sprintf("searched %d files of the profile, saw the address %d times: %v", files, seen, err))
	}
	return faults
}

func wide(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// TestTheLaboratorySeesABadExit shows that it would be seen: a page that leaves by setting the address comes back from the
// cache without asking the server (row A), and its words stand in the profile.
func TestTheLaboratorySeesABadExit(t *testing.T) {
	t.Parallel()
	asked := 0
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/secret" {
			asked++
			fmt.Fprint(w, `<!doctype html><title>A telling title indeed</title><link rel="icon" href="data:,"><p>A telling page</p>`)
			return
		}
		fmt.Fprint(w, `<!doctype html><title>Neutral</title><link rel="icon" href="data:,"><p>Neutral</p>`)
	}))
	t.Cleanup(bad.Close)
	p, profile, end := laboratory(t, View{})
	p.Goto(bad.URL + "/secret")
	ask[string](p, `location.href = `+quote(bad.URL+"/neutral"))
	time.Sleep(200 * time.Millisecond)
	p.Settle()
	if !back(p) || p.Text() != "A telling page" || asked != 1 {
		t.Errorf("Back shows %q after %d requests: the back-forward cache is off and the laboratory proves nothing", p.Text(), asked)
	}
	end()
	u, _ := url.Parse(bad.URL)
	red(t, "the search of the profile", searched(profile, "http://"+u.Host, []string{"A telling title indeed"}), "A telling title indeed")
}
