package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"

	"waypost/locales"
)

//go:embed templates/*.html
var templates embed.FS

// ErrWords says that there are no words for an id in any language.
var ErrWords = errors.New("web: words are missing")

// Kit is what a journey builds its pages with, at start.
type Kit struct {
	words  *locales.Catalogue
	assets assets
	nation string
	demo   bool
	shells *Views
}

// Words are the words in every language on offer.
func (k *Kit) Words() *locales.Catalogue { return k.words }

// Nation is the nation whose wording applies, as configured.
func (k *Kit) Nation() string { return k.nation }

// Text gives the plain words for an id, and a marked gap where there are none; Views and Shell refuse such a gap.
func (k *Kit) Text(tag, id string, data ...any) string {
	phrase, err := k.say(tag, id, data...)
	if err != nil {
		return "[" + id + "]"
	}
	return phrase.Text
}

func (k *Kit) say(tag, id string, data ...any) (locales.Phrase, error) {
	if _, _, ok := k.words.Text(tag, id, data...); !ok {
		return locales.Phrase{}, fmt.Errorf("%w: %s", ErrWords, id)
	}
	return k.words.In(tag, nil).Say(id, data...), nil
}

// Views are templates, one set a language.
type Views struct{ sets map[string]*template.Template }

// Views parses templates. Besides the functions given they know:
//
//	t "id"       the words, marked with their language where they fell back to another
//	text "id"    the words alone, for attributes and titles
//	lang, dir    of the page
//	asset "name" the address of an asset
func (k *Kit) Views(fsys fs.FS, more template.FuncMap, patterns ...string) (*Views, error) {
	v := &Views{sets: map[string]*template.Template{}}
	for _, l := range k.words.Languages() {
		set, err := template.New("").Option("missingkey=error").Funcs(k.functions(l)).Funcs(more).ParseFS(fsys, patterns...)
		if err != nil {
			return nil, fmt.Errorf("parse views: %w", err)
		}
		v.sets[l.Tag] = set
	}
	return v, nil
}

func (k *Kit) functions(l locales.Language) template.FuncMap {
	return template.FuncMap{
		"lang":  func() string { return l.Tag },
		"dir":   func() string { return l.Dir },
		"asset": k.assets.address,
		"text": func(id string, data ...any) (string, error) {
			phrase, err := k.say(l.Tag, id, data...)
			return phrase.Text, err
		},
		"t": func(id string, data ...any) (template.HTML, error) {
			phrase, err := k.say(l.Tag, id, data...)
			if err != nil {
				return "", err
			}
			return mark(phrase), nil
		},
	}
}

// mark says of words in another language which one it is, so that a screen reader pronounces them. The only languages that
// stand in are read from left to right.
func mark(p locales.Phrase) template.HTML {
	text := template.HTMLEscapeString(p.Text)
	if p.Lang != "" {
		text = `<span lang="` + template.HTMLEscapeString(p.Lang) + `" dir="ltr">` + text + `</span>`
	}
	return template.HTML(text) //nolint:gosec // escaped above
}

// Fragment renders one template once. Whatever it shows is fixed from then on.
func (v *Views) Fragment(tag, name string, data any) (Fragment, error) {
	set, ok := v.sets[tag]
	if !ok {
		return Fragment{}, fmt.Errorf("render %s: language %q is not on offer", name, tag)
	}
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, name, data); err != nil {
		return Fragment{}, fmt.Errorf("render: %w", err)
	}
	return Fragment{out.Bytes()}, nil
}

// ShellSpec is what surrounds the pages of a journey.
type ShellSpec struct {
	Title  string     // of the window; neutral where the public reads it
	Class  string     // of the html element: staff, public, print-staff, print-patient
	Exit   bool       // the bar by which to leave: every public page
	Cover  bool       // the screen that hides the page when somebody walks in: the consultation
	Keys   bool       // the script of pages for people who sign in: passkeys, the end of a session
	Onward bool       // goes on to /account by itself, at once: where a redirect would come without the session's cookie
	Header Fragment   // inside the header; may be empty
	Footer Fragment   // inside the footer; may be empty
	Banner []Fragment // between header and content; those of a draft language and of a demonstration come by themselves
}

// Shell is the surroundings of a page in one language, rendered once.
type Shell struct{ head, foot Fragment }

// Shell renders the surroundings.
func (k *Kit) Shell(tag string, spec ShellSpec) (*Shell, error) {
	if k.shells == nil {
		v, err := k.Views(templates, nil, "templates/shell.html")
		if err != nil {
			return nil, err
		}
		k.shells = v
	}
	l, ok := k.words.Language(tag)
	if !ok {
		return nil, fmt.Errorf("render shell: language %q is not on offer", tag)
	}
	data := struct {
		ShellSpec
		Draft, Demo bool
	}{spec, l.Draft, k.demo}
	head, err := k.shells.Fragment(tag, "head", data)
	if err != nil {
		return nil, err
	}
	foot, err := k.shells.Fragment(tag, "foot", data)
	if err != nil {
		return nil, err
	}
	return &Shell{head, foot}, nil
}
