package locales_test

import (
	"testing"
	"testing/fstest"

	"waypost/locales"
)

// What a translation lacks is said in English and marked as English; what nobody has words for is told.
func TestWhatATranslationLacksIsMarkedAsEnglish(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"active.en.toml": {Data: []byte("[a]\nboth = \"Both\"\nonly = \"Only {{.Name}}\"\n")},
		"active.cy.toml": {Data: []byte("[a]\nboth = \"Y ddau\"\n")},
	}
	c, err := locales.Load(files, "en", "cy")
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	cy := c.In("cy", func(id string) { missing = append(missing, id) })
	for id, want := range map[string]locales.Phrase{"a.both": {Text: "Y ddau"}, "a.only": {Text: "Only X", Lang: "en"}, "a.none": {Text: "[a.none]", Lang: "en"}} {
		if got := cy.Say(id, "Name", "X"); got != want {
			t.Errorf("%s: %+v, want %+v", id, got, want)
		}
	}
	if len(missing) != 1 || missing[0] != "a.none" {
		t.Errorf("told of %v", missing)
	}
	if p := c.In("en", nil).Say("a.only", "Name", "Y"); p != (locales.Phrase{Text: "Only Y"}) {
		t.Errorf("English marks itself: %+v", p)
	}
	if !c.Has("cy", "a.both") || c.Has("cy", "a.only") {
		t.Error("a language claims words it has not")
	}
}

func TestLanguagesAreThereOrRefused(t *testing.T) {
	t.Parallel()
	if _, err := locales.Load(locales.Files(), "tlh"); err == nil {
		t.Error("a language that Waypost does not have was loaded")
	}
	if _, err := locales.Load(fstest.MapFS{"active.en.toml": {Data: []byte("[a\n")}}); err == nil {
		t.Error("a file that does not parse was loaded")
	}
	if _, err := locales.Load(fstest.MapFS{"active.en.toml": {Data: []byte("[a]\nx = \"1\"\nx = \"2\"\n")}}); err == nil {
		t.Error("words that stand twice were loaded")
	}
	c, err := locales.Load(locales.Files(), "cy", "en-XA")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []struct{ asked, accept, want string }{
		{"cy", "", "cy"}, {"", "cy-GB,cy;q=0.9,en;q=0.5", "cy"}, {"", "en-GB", "en"}, {"", "fr", "en"}, {"tlh", "cy", "cy"},
		{"", "en-XA", "en"}, {"en-XA", "", "en-XA"}, {"", ";;;q=", "en"},
	} {
		if got := c.Choose(w.asked, w.accept).Tag; got != w.want {
			t.Errorf("asked %q, browser %q: %s, want %s", w.asked, w.accept, got, w.want)
		}
	}
	if cy, _ := c.Language("cy"); !cy.Draft {
		t.Error("Welsh is no draft any more? It was read by whom?")
	}
}
