package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The budgets of web.md, section 10, and of the design, section 7.
const (
	scriptBudget = 1300
	styleBudget  = 6000
)

func readStatic(t *testing.T, name string) string {
	t.Helper()
	raw, err := static.ReadFile("static/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestAssetsStayWithinBudget(t *testing.T) {
	a, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	for name, budget := range map[string]int{"app.js": scriptBudget, "app.css": styleBudget} {
		one := a.named[strings.TrimPrefix(a.names[name], "/a/")]
		t.Logf("%s: %d bytes, gzip %d, brotli %d", name, len(one.plain), len(one.zipped), len(one.brotli))
		if len(one.brotli) > budget || len(one.brotli) == 0 {
			t.Errorf("%s is %d bytes in brotli, budget %d", name, len(one.brotli), budget)
		}
	}
}

// Comments are taken out by looking for their marks alone, so no string may hold one.
func TestNoStringHoldsACommentMark(t *testing.T) {
	for _, name := range []string{"app.css", "app.js"} {
		bare := string(withoutComments([]byte(readStatic(t, name))))
		for _, mark := range []string{"/*", "*/", "//"} {
			if strings.Contains(bare, mark) {
				t.Errorf("%s holds %s outside a comment", name, mark)
			}
		}
		if !strings.Contains(bare, map[string]string{"app.css": "--focus", "app.js": "location.replace"}[name]) {
			t.Errorf("%s lost its content", name)
		}
	}
}

var physical = regexp.MustCompile(`(?i)(^|[;{\s-])(left|right)\b|(^|[;{\s])(top|bottom|width|height|(min|max)-(width|height)|(margin|padding|border)-(top|bottom)(-\w+)?)\s*:|\bfloat\s*:\s*(left|right)|text-align\s*:\s*(left|right)`)

// The style sheet knows start and end, not left and right: one sheet serves English and Urdu. Media features are about
// the window and have no other name.
func TestStyleKnowsNoLeftAndRight(t *testing.T) {
	for line := range strings.Lines(string(withoutComments([]byte(readStatic(t, "app.css"))))) {
		if !strings.HasPrefix(strings.TrimSpace(line), "@media") && physical.MatchString(line) {
			t.Errorf("physical: %s", strings.TrimSpace(line))
		}
	}
	for _, bad := range []string{"a { margin-left: 1px; }", "a{left:0}", "a { text-align: right; }", "a { float: left }", "a { border-top-left-radius: 1px }", "a { width: 1px }",
		"a { inset: 0; right: 0 }", "a { min-height: 1px }", "a { padding-bottom: 1px }"} {
		if !physical.MatchString(bad) {
			t.Errorf("not seen: %s", bad)
		}
	}
	for _, good := range []string{"a { margin-inline-start: 1px }", "a { inset-block-start: 0 }", "a { text-align: start }", "a { border-start-end-radius: 1px }", "a { max-inline-size: 1px }"} {
		if physical.MatchString(good) {
			t.Errorf("seen: %s", good)
		}
	}
}

// Nothing in style or script leads to another site, runs text as code or keeps anything in the browser.
func TestStyleAndScriptReachNobodyAndKeepNothing(t *testing.T) {
	for name, banned := range map[string][]string{
		"app.css": {"http:", "https:", "url(", "@import", "@font-face", "expression("},
		"app.js": {"http:", "https:", "eval", "new Function", "localStorage", "sessionStorage", "indexedDB", "cookie", "serviceWorker", "document.write", "insertAdjacentHTML",
			"outerHTML", ".style", "setAttribute('on", "history.", "sendBeacon", "XMLHttpRequest", "console.", "import("},
	} {
		text := string(withoutComments([]byte(readStatic(t, name))))
		for _, word := range banned {
			if strings.Contains(text, word) {
				t.Errorf("%s holds %q", name, word)
			}
		}
	}
	if n := strings.Count(readStatic(t, "app.js"), "innerHTML"); n != 1 {
		t.Errorf("innerHTML is set in %d places; one, through the policy, is allowed", n)
	}
}

var (
	classOf  = regexp.MustCompile(`class="([^"]*)"`)
	selector = regexp.MustCompile(`\.([a-z][a-z0-9-]*)`)
	action   = regexp.MustCompile(`\{\{[^}]*\}\}`)
)

func styleClasses(t *testing.T) map[string]bool {
	t.Helper()
	css := regexp.MustCompile(`(?s)\{[^{}]*\}`).ReplaceAllString(string(withoutComments([]byte(readStatic(t, "app.css")))), "{}")
	out := map[string]bool{}
	for _, m := range selector.FindAllStringSubmatch(css, -1) {
		out[m[1]] = true
	}
	return out
}

// markupFiles are the templates of the platform and of every journey, and the page that shows the design system.
func markupFiles(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".html") || strings.HasPrefix(path, "e2e/") {
			return err
		}
		raw, err := os.ReadFile(path)
		out[path] = string(raw)
		return err
	})
	if err != nil || len(out) < 4 {
		t.Fatalf("%d templates, %v", len(out), err)
	}
	return out
}

// A class in a template is in the style sheet, so that a slip of the pen shows; a class of the style sheet is on the page
// that shows the design system or in a template, so that nothing is dragged along.
func TestClassesAreOneVocabulary(t *testing.T) {
	style, used := styleClasses(t), map[string]string{}
	for path, text := range markupFiles(t) {
		for _, m := range classOf.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "-{{") { // a class put together, such as level-{{.}}
				for c := range style {
					if stem, _, _ := strings.Cut(m[1], "{{"); strings.HasPrefix(c, stem[strings.LastIndexByte(stem, ' ')+1:]) {
						used[c] = path
					}
				}
			}
			for class := range strings.FieldsSeq(action.ReplaceAllString(m[1], " ")) {
				if strings.HasSuffix(class, "-") {
					continue
				}
				used[class] = path
				if !style[class] {
					t.Errorf("%s: class %q is not in app.css", path, class)
				}
			}
		}
	}
	byScript := []string{"js", "gone", "covered", "stale", "ended", "staff", "public", "print-staff", "print-patient", "print-plan", "sheets", "narrow", "faulty"}
	for class := range style {
		if used[class] == "" && !slices.Contains(byScript, class) {
			t.Errorf("app.css: class %q is used nowhere", class)
		}
	}
}

// A27, A26: no template holds script or style of its own, a handler, or a link to another site that tells where it comes
// from; every radio and checkbox has an id, because the focus is put back by it.
func TestMarkupHoldsNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)\s(style|on[a-z]+)\s*=|<style|<script(?:\s[^>]*)?>[^<]|javascript:|<iframe|<object|<embed|<base|<img|<form[^>]*method="get"`)
	away := regexp.MustCompile(`(?i)<a\s[^>]*href="https?:[^>]*>`)
	choice := regexp.MustCompile(`<input [^>]*type="(?:radio|checkbox)"[^>]*>`)
	// What the desk is filtered by is codes and dates of its own, never a word of a case; so it may stand in an address.
	filters := []string{"desk/templates/queue.html", "desk/templates/numbers.html"}
	for path, text := range markupFiles(t) {
		if m := inline.FindString(text); m != "" && !(slices.Contains(filters, path) && strings.HasPrefix(m, "<form")) {
			t.Errorf("%s: inline %q", path, m)
		}
		for _, a := range away.FindAllString(text, -1) {
			if !strings.Contains(a, "noreferrer") || !strings.Contains(a, "noopener") {
				t.Errorf("%s: %s tells where it comes from", path, a)
			}
		}
		for _, input := range choice.FindAllString(text, -1) {
			if !strings.Contains(input, " id=") && !strings.Contains(path, "testdata") {
				t.Errorf("%s: %s has no id", path, input)
			}
		}
	}
	for _, bad := range []string{`<p style="color:red">`, `<a onclick="x()">`, `<script>alert(1)</script>`, `<a href="javascript:x">`, `<img src="a">`} {
		if !inline.MatchString(bad) {
			t.Errorf("not seen: %s", bad)
		}
	}
}

// WCAG 1.4.3 and 1.4.11 by calculation, light and dark: words at 4.5 to 1, what shows a control or its state at 3 to 1.
func TestColoursCanBeRead(t *testing.T) {
	css := readStatic(t, "app.css")
	light := colours(css[:strings.Index(css, "@media (prefers-color-scheme: dark)")])
	dark := colours(css[strings.Index(css, "@media (prefers-color-scheme: dark)"):strings.Index(css, "*, ::before")])
	if len(light) < 15 || len(dark) < 15 {
		t.Fatalf("%d colours in light, %d in dark", len(light), len(dark))
	}
	for name, set := range map[string]map[string]string{"light": light, "dark": dark} {
		of := func(token string) string {
			if c, ok := set[token]; ok {
				return c
			}
			if c, ok := light[token]; ok {
				return c
			}
			return token
		}
		for _, pair := range [][2]string{{"ink", "paper"}, {"ink", "ground"}, {"ink-2", "paper"}, {"ink-2", "ground"}, {"on-act", "act"}, {"#ffffff", "top"}, {"link", "paper"},
			{"link", "ground"}, {"ink", "calm"}, {"ink", "warn"}, {"urgent", "paper"}, {"urgent", "urgent-paper"}, {"on-urgent", "urgent"}, {"on-strip", "strip"}} {
			if r := contrast(of(pair[0]), of(pair[1])); r < 4.5 {
				t.Errorf("%s: %s on %s is %.2f to 1", name, pair[0], pair[1], r)
			}
		}
		for _, pair := range [][2]string{{"field", "paper"}, {"field", "ground"}, {"mark", "calm"}, {"mark", "paper"}, {"warn-line", "paper"}, {"warn-line", "warn"}, {"on-focus", "focus"}, {"urgent", "paper"}} {
			if r := contrast(of(pair[0]), of(pair[1])); r < 3 {
				t.Errorf("%s: %s against %s is %.2f to 1", name, pair[0], pair[1], r)
			}
		}
	}
	if r := contrast("#ffffff", "#777777"); math.Abs(r-4.48) > 0.01 {
		t.Errorf("the calculation is off: %.3f", r)
	}
}

func colours(css string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): #([0-9a-f]{3}(?:[0-9a-f]{3})?);`).FindAllStringSubmatch(css, -1) {
		hex := m[2]
		if len(hex) == 3 {
			hex = fmt.Sprintf("%c%c%c%c%c%c", hex[0], hex[0], hex[1], hex[1], hex[2], hex[2])
		}
		out[m[1]] = "#" + hex
	}
	return out
}

func contrast(a, b string) float64 {
	x, y := luminance(a)+.05, luminance(b)+.05
	return max(x, y) / min(x, y)
}

func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(err)
		}
		v := float64(n) / 255
		if v <= .04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

// The page that shows the design system is rendered from the same templates and shell as every other.
func TestTheStyleguideIsAPage(t *testing.T) {
	address := listen(t, newServer(t, testConfig(t, "en", "ar-XB"), styleguide(ShellSpec{Title: "Check", Class: "staff", Cover: true})))
	for query, want := range map[string]string{"": `<html lang="en" dir="ltr" class="staff">`, "?l=ar-XB": `<html lang="ar-XB" dir="rtl" class="staff">`} {
		_, body, _ := ask(t, address, "/styleguide"+query)
		if !bytes.Contains(body, []byte(want)) || bytes.Count(body, []byte("<h1>")) < 1 || !bytes.Contains(body, []byte(`id="cover-switch"`)) {
			t.Errorf("%q: %.300s", query, body)
		}
		if n := bytes.Count(body, []byte("<script")); n != 1 {
			t.Errorf("%d scripts", n)
		}
	}
}
