// Package locales answers one question: what is said, in every language?
//
// It holds every word that a patient or a clinician reads, one file a language, and hands them out by id. A language is
// on offer only when somebody put it there; one that is a draft says so on every page. Where a translation is missing the
// English words stand in and are marked as English, so that a screen reader pronounces them and nobody takes them for
// a translation.
//
// It refuses to decide anything: no question, rule or step is chosen here, and no word is made up from what was typed.
package locales

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed *.toml
var files embed.FS

// Files are the words that ship with Waypost.
func Files() fs.FS { return files }

// Source is the language every other one is translated from.
const Source = "en"

// Language is one language of the catalogue.
type Language struct {
	Tag   string // BCP 47
	Name  string // in the language itself
	Dir   string // ltr | rtl
	Draft bool   // not reviewed: offered only when configured, under a banner
	Test  bool   // a pseudo-language for tests, never offered to people
}

var all = []Language{
	{Tag: "en", Name: "English", Dir: "ltr"},
	{Tag: "cy", Name: "Cymraeg", Dir: "ltr", Draft: true},
	{Tag: "en-XA", Name: "[Ļöñĝ ţéxţ]", Dir: "ltr", Test: true},
	{Tag: "ar-XB", Name: "[Right to left]", Dir: "rtl", Test: true},
}

// Catalogue is the words of every language on offer. It is loaded once and never changed.
type Catalogue struct {
	bundle     *i18n.Bundle
	languages  []Language
	ids        map[string]map[string]bool // tag -> ids it has itself
	matcher    language.Matcher
	localizers map[string]*i18n.Localizer
	tags       []language.Tag
}

// Load reads the words of the languages named; English is always among them. It refuses a language it does not have and
// a file that does not parse.
func Load(fsys fs.FS, offer ...string) (*Catalogue, error) {
	c := &Catalogue{bundle: i18n.NewBundle(language.English), ids: map[string]map[string]bool{}, localizers: map[string]*i18n.Localizer{}}
	c.bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	if !slices.Contains(offer, Source) {
		offer = append([]string{Source}, offer...)
	}
	english, err := c.read(fsys, Source)
	if err != nil {
		return nil, err
	}
	for _, tag := range offer {
		i := slices.IndexFunc(all, func(l Language) bool { return l.Tag == tag })
		if i < 0 {
			return nil, fmt.Errorf("load words: no language %q", tag)
		}
		switch l := all[i]; {
		case tag == Source:
		case l.Test:
			if err := c.pseudo(l, english); err != nil {
				return nil, err
			}
		default:
			if _, err := c.read(fsys, tag); err != nil {
				return nil, err
			}
		}
		c.languages = append(c.languages, all[i])
		c.tags = append(c.tags, language.MustParse(tag))
		c.localizers[tag] = i18n.NewLocalizer(c.bundle, tag)
	}
	c.matcher = language.NewMatcher(c.tags)
	return c, nil
}

func (c *Catalogue) read(fsys fs.FS, tag string) ([]*i18n.Message, error) {
	name := "active." + tag + ".toml"
	f, err := c.bundle.LoadMessageFileFS(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("load words %s: %w", name, err)
	}
	c.ids[tag] = make(map[string]bool, len(f.Messages))
	for _, m := range f.Messages {
		c.ids[tag][m.ID] = true
	}
	return f.Messages, nil
}

// Languages lists the languages on offer, English first.
func (c *Catalogue) Languages() []Language { return slices.Clone(c.languages) }

// Language finds a language on offer by its tag.
func (c *Catalogue) Language(tag string) (Language, bool) {
	i := slices.IndexFunc(c.languages, func(l Language) bool { return l.Tag == tag })
	if i < 0 {
		return Language{}, false
	}
	return c.languages[i], true
}

// Choose picks the language for a visitor: the one asked for where it is on offer, else the best match for the
// browser's list, else English. Test languages are never matched from a list.
func (c *Catalogue) Choose(asked, accept string) Language {
	if l, ok := c.Language(asked); ok {
		return l
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err == nil && len(wanted) > 0 {
		if _, i, sure := c.matcher.Match(wanted...); sure >= language.High && !c.languages[i].Test {
			return c.languages[i]
		}
	}
	return c.languages[0]
}

// IDs lists the message ids a language has of its own, sorted.
func (c *Catalogue) IDs(tag string) []string {
	var out []string
	for id := range c.ids[tag] {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Phrase is text with the language it is really in. Lang is empty where that is the language asked for.
type Phrase struct{ Text, Lang string }

// Words says things in one language.
type Words struct {
	Language
	localizer *i18n.Localizer
	missing   func(id string)
}

// In gives the words of a language on offer. Missing is told the id of whatever has no words at all; it may be nil.
func (c *Catalogue) In(tag string, missing func(id string)) *Words {
	l, ok := c.Language(tag)
	if !ok {
		l = c.languages[0]
	}
	return &Words{Language: l, localizer: c.localizers[l.Tag], missing: missing}
}

// Say gives the words for an id. Data fills its placeholders, as name, value, name, value; it comes from us, never from a
// visitor. Without any words it gives the id itself in brackets, which a test never lets through.
func (w *Words) Say(id string, data ...any) Phrase {
	text, in, ok := say(w.localizer, id, data)
	if !ok {
		if w.missing != nil {
			w.missing(id)
		}
		return Phrase{Text: "[" + id + "]", Lang: Source}
	}
	if in.String() == w.Tag || (w.Tag == Source && in == language.Und) {
		return Phrase{Text: text}
	}
	return Phrase{Text: text, Lang: in.String()}
}

// Text is Say without the language mark, for plain-text copies.
func (w *Words) Text(id string, data ...any) string { return w.Say(id, data...).Text }

// Text gives the words for an id in a language, with the language they are really in, and whether there are any.
func (c *Catalogue) Text(tag, id string, data ...any) (text string, in language.Tag, ok bool) {
	l, known := c.localizers[tag]
	if !known {
		l = c.localizers[Source]
	}
	return say(l, id, data)
}

func say(l *i18n.Localizer, id string, data []any) (string, language.Tag, bool) {
	config := &i18n.LocalizeConfig{MessageID: id}
	if len(data) > 1 {
		fill := make(map[string]any, len(data)/2)
		for i := 0; i+1 < len(data); i += 2 {
			if name, ok := data[i].(string); ok {
				fill[name] = data[i+1]
			}
		}
		config.TemplateData, config.PluralCount = fill, fill["Count"]
	}
	text, tag, _ := l.LocalizeWithTag(config) // the error says "not in this language"; the tag says so too
	return text, tag, text != ""
}

// Has reports whether a language has words of its own for an id.
func (c *Catalogue) Has(tag, id string) bool { return c.ids[tag][id] }
