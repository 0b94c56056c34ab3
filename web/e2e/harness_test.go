package e2e

import (
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every helper is shown a bad page and must see what is wrong with it, and a good page and must be content. Only then do
// the tests of the product mean anything.

const head = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Invented page</title>` +
	`<link rel="icon" href="data:,">`

const good = head + `<style>body{color:#17212b;background:#fff}label{display:inline-block;padding:.75rem}@media print{.screen{display:none}}` +
	`@media(prefers-color-scheme:dark){body{color:#eef2f0;background:#161c1b}}</style></head><body><main><h1>Invented page</h1>` +
	`<p class="screen">On the screen.</p><form method="post"><fieldset><legend>Place</legend>` +
	`<label for="place.alarm.no"><input type="radio" name="place.alarm" value="no" id="place.alarm.no">No</label>` +
	`<label for="place.alarm.yes"><input type="radio" name="place.alarm" value="yes" id="place.alarm.yes">Yes</label></fieldset>` +
	`<fieldset><legend>Who</legend>` +
	`<label for="who.a"><input type="checkbox" name="who" value="a" id="who.a">A</label>` +
	`<label for="who.b"><input type="checkbox" name="who" value="b" id="who.b">B</label></fieldset>` +
	`<button id="go">Show the plan</button></form></main></body></html>`

// lab serves each page at its name; /stranger redirects off the machine, /language says what was asked for.
func lab(t *testing.T, pages map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch page, ok := pages[r.URL.Path]; {
		case r.URL.Path == "/language":
			fmt.Fprintf(w, "%s<p>%s</p>", head, r.Header.Get("Accept-Language"))
		case r.URL.Path == "/stranger":
			http.Redirect(w, r, "http://stranger.invalid/hop", http.StatusFound)
		case r.URL.Path == "/packed":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			fmt.Fprint(z, good, strings.Repeat(" ", 50000))
			_ = z.Close()
		case !ok:
			http.NotFound(w, r)
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'self' http: 'unsafe-inline' data:; object-src 'none'; frame-src 'none'")
			fmt.Fprint(w, page)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAGoodPageIsLeftAlone(t *testing.T) {
	t.Parallel()
	url := lab(t, map[string]string{"/": good})
	for name, view := range map[string]View{
		"desk": {}, "small": {Width: 320, Height: 640}, "dark": {Dark: true}, "forced colours": {ForcedColors: true}, "without script": {NoScript: true},
	} {
		p := browser.Open(t, url, view)
		clean(t, name+" axe", p.Axe())
		clean(t, name+" console", p.Console())
		clean(t, name+" strangers", p.Strangers(url))
		clean(t, name+" overflow", p.Overflow())
		clean(t, name+" traces", p.Traces())
		clean(t, name+" below", p.Below("#go"))
	}
	clean(t, "vnu", Vnu(t, map[string]string{"good": good}))
}

func TestAxeSeesViolations(t *testing.T) {
	t.Parallel()
	url := lab(t, map[string]string{"/": head + `</head><body><main><h1>x</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><p style="color:#999;background:#fff">faint</p>` +
		`<p><a href="/1" style="display:inline-block;width:9px;height:9px;overflow:hidden">a</a><a href="/2" style="display:inline-block;width:9px;height:9px;overflow:hidden">b</a></p></main></body></html>`})
	for _, view := range []View{{}, {NoScript: true}} {
		faults := browser.Open(t, url, view).Axe()
		red(t, "axe", faults, "image-alt")
		red(t, "axe", faults, "color-contrast")
		red(t, "axe", faults, "target-size")
	}
}

func TestVnuSeesBadMarkupAndBadCSS(t *testing.T) {
	t.Parallel()
	faults := Vnu(t, map[string]string{
		"bad":     `<!doctype html><html lang="en"><head><title>x</title></head><body><p><div></p></body></html>`,
		"bad.css": `p { colour: red }`,
	})
	red(t, "vnu", faults, "Unclosed element “div”")
	red(t, "vnu", faults, "colour")
	red(t, "vnu", Vnu(t, nil), "nothing to check")
}

func TestTheConsoleIsHeard(t *testing.T) {
	t.Parallel()
	url := lab(t, map[string]string{"/": head + `</head><body><script>console.error("said aloud", 7)</script><script>nobody.home()</script><img src="/missing.png" alt=""><object data="/x"></object></body></html>`})
	heard := browser.Open(t, url, View{}).Console()
	for _, words := range []string{"said aloud", "nobody is not defined", "404", "Content Security Policy"} {
		red(t, "console", heard, words)
	}
}

func TestStrangersAreSeen(t *testing.T) {
	t.Parallel()
	url := lab(t, map[string]string{"/": head + `<link rel="stylesheet" href="http://styles.invalid/a.css"></head><body><img src="/stranger" alt="">` +
		`<script>fetch("http://127.0.0.1:9/port").catch(() => 0)</script></body></html>`})
	p := browser.Open(t, url, View{})
	for _, words := range []string{"styles.invalid", "stranger.invalid/hop", "127.0.0.1:9"} {
		red(t, "strangers", p.Strangers(url), words)
	}
	if all := strings.Join(p.Addresses(), " "); !strings.Contains(all, "GET "+url+"/stranger ") {
		t.Errorf("the first hop of a redirect is forgotten: %s", all)
	}
}

func TestOverflowIsSeen(t *testing.T) {
	t.Parallel()
	url := lab(t, map[string]string{"/": head + `</head><body><div id="wide" style="width:500px">wide</div><div style="overflow:auto"><p style="width:900px">boxed</p></div></body></html>`})
	p := browser.Open(t, url, View{Width: 320, Height: 640})
	red(t, "overflow", p.Overflow(), "div#wide")
	for _, f := range p.Overflow() {
		if strings.Contains(f, "boxed") {
			t.Errorf("a box that scrolls by itself is no fault: %s", f)
		}
	}
	p.Resize(1366, 768)
	clean(t, "overflow on a wide screen", p.Overflow())
	red(t, "below", p.Below("#nowhere"), "nothing is")
}

func TestTracesAreSeen(t *testing.T) {
	t.Parallel()
	url := lab(t, map[string]string{"/": head + `</head><body><script>document.cookie="left=1";localStorage.a=1;sessionStorage.b=1;indexedDB.open("c")</script></body></html>`})
	p := browser.Open(t, url, View{})
	for _, words := range []string{"cookie: left", "local storage: a", "session storage: b", "database: c"} {
		red(t, "traces", p.Traces(), words)
	}
	red(t, "traces of the next person", browser.Open(t, url+"/other", View{}).Console(), "404")
	clean(t, "traces of the next person", browser.Open(t, url+"/other", View{}).Traces())
}

func TestTheLineCanBeCut(t *testing.T) {
	t.Parallel()
	url := lab(t, map[string]string{"/": head + `</head><body><p id="p"></p></body></html>`})
	p := browser.Open(t, url, View{})
	const call = `fetch("/").then(r => "answer " + r.status, () => "no answer")`
	for _, c := range []struct {
		cut  bool
		want string
	}{{false, "answer 200"}, {true, "no answer"}, {false, "answer 200"}} {
		if p.Offline(c.cut); ask[string](p, call) != c.want {
			t.Errorf("line cut: %v, want %q", c.cut, c.want)
		}
	}
}

func TestWeightIsWhatCameOverTheWire(t *testing.T) {
	t.Parallel()
	url := lab(t, map[string]string{"/": good + strings.Repeat(" ", 50000)})
	plain, _ := browser.Open(t, url, View{}).Weight()
	packed, parts := browser.Open(t, url+"/packed", View{}).Weight()
	if plain < 50000 || packed > 3000 || packed < 300 {
		t.Errorf("plain %d, packed %d bytes: %v", plain, packed, parts)
	}
}

func TestViewsAreWhatTheySay(t *testing.T) {
	t.Parallel()
	url := lab(t, map[string]string{"/": head + `<style>p::after{content:"light"}@media(prefers-color-scheme:dark){p::after{content:"dark"}}@media(forced-colors:active){p::after{content:"forced"}}</style></head>` +
		`<body><p id="p">colour </p><div id="d">no script</div><script>document.getElementById("d").textContent="script"</script></body></html>`})
	const shown = `getComputedStyle(document.getElementById("p"),"::after").content`
	for want, view := range map[string]View{`"light"`: {}, `"dark"`: {Dark: true}, `"forced"`: {ForcedColors: true}} {
		if got := ask[string](browser.Open(t, url, view), shown); got != want {
			t.Errorf("%+v shows %s", view, got)
		}
	}
	if got := browser.Open(t, url, View{}).TextOf("#d"); got != "script" {
		t.Errorf("with script: %s", got)
	}
	if got := browser.Open(t, url, View{NoScript: true}).TextOf("#d"); got != "no script" {
		t.Errorf("without script: %s", got)
	}
	hidden := browser.Open(t, lab(t, map[string]string{"/": head + `</head><body><p id="p" style="display:none">hidden</p></body></html>`}), View{})
	if got := hidden.TextOf("#p") + hidden.TextOf("#nobody"); got != "" {
		t.Errorf("a person cannot read what is hidden: %q", got)
	}
	if got := browser.Open(t, url+"/language", View{Language: "cy"}).Text(); !strings.HasPrefix(got, "cy") {
		t.Errorf("asked for Welsh, the server saw %q", got)
	}
}

func TestWhatIsPrinted(t *testing.T) {
	t.Parallel()
	p := browser.Open(t, lab(t, map[string]string{"/": good}), View{})
	if paper := p.Printed(); !strings.Contains(paper, "Invented page") || strings.Contains(paper, "On the screen") {
		t.Errorf("on paper stands %q", paper)
	}
	p.Screenshot("harness", false)
	if png, err := os.ReadFile(filepath.Join("shots", "harness.png")); err != nil || len(png) < 1000 {
		t.Errorf("no screenshot: %v", err)
	}
	if !strings.Contains(p.Source(), `<button id="go">`) || p.Source() != good {
		t.Errorf("the source is not what the server sent")
	}
}

func TestAServerThatDoesNotAnswerIsSeen(t *testing.T) {
	t.Parallel()
	dead := filepath.Join(t.TempDir(), "dead")
	if err := os.WriteFile(dead, []byte("#!/bin/sh\necho no keys here\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	var said string
	t.Run("inner", func(t *testing.T) {
		said = refused(t, func(tb testing.TB) { Start(quiet{tb}, dead) })
	})
	if !strings.Contains(said, "ended before it answered") || !strings.Contains(said, "no keys here") {
		t.Errorf("said %q", said)
	}
}

// quiet does not pass on the complaint of a clean-up about a server that was meant to be dead.
type quiet struct{ testing.TB }

func (quiet) Errorf(string, ...any) {}
