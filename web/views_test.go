package web

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"waypost/locales"
)

func kitOf(t *testing.T, offer ...string) *Kit {
	t.Helper()
	a, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	return &Kit{words: testConfig(t, offer...).Words, assets: a}
}

// Words that are missing in a language are shown in English and say so, in text and not in attributes.
func TestWordsOfAnotherLanguageAreMarked(t *testing.T) {
	words, err := locales.Load(fstest.MapFS{
		"active.en.toml": {Data: []byte("[page]\nskip = \"Skip & go\"\ndraft = \"Draft\"\n")},
		"active.cy.toml": {Data: []byte("[page]\ndraft = \"Drafft\"\n")},
	}, "en", "cy")
	if err != nil {
		t.Fatal(err)
	}
	a, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	k := &Kit{words: words, assets: a}
	v, err := k.Views(fstest.MapFS{"a.html": {Data: []byte(`{{define "a"}}<p title="{{text "page.skip"}}">{{t "page.skip"}}|{{t "page.draft"}}|{{lang}} {{dir}}</p>{{end}}`)}}, nil, "a.html")
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string]string{
		"en": `<p title="Skip &amp; go">Skip &amp; go|Draft|en ltr</p>`,
		"cy": `<p title="Skip &amp; go"><span lang="en" dir="ltr">Skip &amp; go</span>|Drafft|cy ltr</p>`,
	} {
		f, err := v.Fragment(tag, "a", nil)
		if err != nil || string(f.html) != want {
			t.Errorf("%s: %s %v", tag, f.html, err)
		}
	}
	if _, err := v.Fragment("pl", "a", nil); err == nil {
		t.Error("a language that is not on offer is shown")
	}
	k = kitOf(t, "en", "cy") // the shell wants all of its words
	shell, err := k.Shell("cy", ShellSpec{Title: "Gwybodaeth"})
	if err != nil || !strings.Contains(string(shell.head.html), "banner-draft") {
		t.Errorf("a draft language has no banner: %v", err)
	}
	if shell, err = k.Shell("en", ShellSpec{Title: "Information"}); err != nil || strings.Contains(string(shell.head.html), "banner-draft") {
		t.Errorf("a reviewed language has a draft banner: %v", err)
	}
}

// A page with words, a template, a field or an asset missing is refused at start.
func TestGapsShowAtStart(t *testing.T) {
	k := kitOf(t)
	for name, text := range map[string]string{
		"words": `{{t "no.such-words"}}`, "plain words": `{{text "no.such-words"}}`, "asset": `{{asset "other.css"}}`, "field": `{{.Missing}}`, "template": `{{template "b"}}`,
	} {
		v, err := k.Views(fstest.MapFS{"a.html": {Data: []byte(`{{define "a"}}` + text + `{{end}}`)}}, nil, "a.html")
		if err == nil {
			_, err = v.Fragment("en", "a", map[string]any{})
		}
		if err == nil {
			t.Errorf("missing %s are not seen", name)
		}
		if strings.HasSuffix(name, "words") && !errors.Is(err, ErrWords) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := k.Text("en", "no.such-words"); got != "[no.such-words]" {
		t.Errorf("a gap reads %q", got)
	}
	if _, err := New(testConfig(t), JourneyFunc(func(k *Kit) ([]Route, error) {
		_, err := k.Shell("en", ShellSpec{Title: k.Text("en", "page.neutral-title")})
		return nil, errors.Join(err, ErrWords)
	})); !errors.Is(err, ErrWords) {
		t.Errorf("a journey that fails does not stop the start: %v", err)
	}
}

// A22: whatever is typed is text, in a page and in an attribute.
func TestWhatIsTypedStaysText(t *testing.T) {
	k := kitOf(t)
	v, err := k.Views(fstest.MapFS{"a.html": {Data: []byte(`{{define "a"}}<p title="{{.}}" data-a={{.}}>{{.}}</p><a href="{{.}}">a</a><textarea>{{.}}</textarea><title>{{.}}</title>{{end}}`)}}, nil, "a.html")
	if err != nil {
		t.Fatal(err)
	}
	calm, err := v.Fragment("en", "a", "calm")
	if err != nil {
		t.Fatal(err)
	}
	tags := regexp.MustCompile(`<[^>]*>`)
	for _, p := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `</textarea><script>alert(1)</script>`, `</title><script>`,
		`{{.}}`, `{{t "page.skip"}}`, `<!--`, `]]>`, `&lt;script&gt;`, "\u2028<script>", `jaVasCript:/*-/*` + "`" + `/*\'/*"/**/(/* */oNcliCk=alert() )//`, ` x onfocus=alert(1) autofocus`,
	} {
		f, err := v.Fragment("en", "a", p)
		if err != nil {
			t.Fatal(err)
		}
		got := tags.FindAllString(string(f.html), -1)
		if len(got) != len(tags.FindAllString(string(calm.html), -1)) {
			t.Errorf("%q makes elements: %s", p, f.html)
		}
		if strings.Contains(string(f.html), `href="javascript:`) || strings.Contains(strings.ToLower(string(f.html)), `href="javascript`) {
			t.Errorf("%q is a link: %s", p, f.html)
		}
		if e := string(Escape(p).html); strings.ContainsAny(e, `<>"'`) {
			t.Errorf("%q is shown as %s", p, e)
		}
	}
}

// Every word that the platform shows is in the catalogue, where it can be translated.
func TestThePlatformsWordsAreInTheCatalogue(t *testing.T) {
	k, used := kitOf(t), map[string]bool{"page.neutral-title": true}
	for path, text := range markupFiles(t) {
		if !strings.HasPrefix(path, "templates/") {
			continue
		}
		for _, m := range regexp.MustCompile(`\{\{t(?:ext)? "([^"]+)"`).FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
	}
	for _, a := range answers {
		used["refusal."+a.words+".heading"], used["refusal."+a.words+".text"] = true, true
	}
	for id := range used {
		if text, _, ok := k.words.Text("en", id); !ok || text == "" {
			t.Errorf("%s is shown by the platform and has no words", id)
		}
	}
}
