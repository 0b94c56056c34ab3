package locales

import (
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

var accents = strings.NewReplacer("a", "á", "e", "é", "i", "í", "o", "ö", "u", "ü", "A", "Á", "E", "É", "O", "Ö", "c", "ç", "n", "ñ", "s", "š")

// pseudo makes a test language out of the English words: longer by about two fifths, or written from right to left, so
// that a page that overflows or does not mirror shows it. Placeholders stay as they are.
func (c *Catalogue) pseudo(l Language, english []*i18n.Message) error {
	tag := language.MustParse(l.Tag)
	c.ids[l.Tag] = map[string]bool{}
	for _, m := range english {
		twin := *m
		twin.Hash = ""
		for _, form := range []*string{&twin.Zero, &twin.One, &twin.Two, &twin.Few, &twin.Many, &twin.Other} {
			if *form != "" {
				*form = stretch(*form, l.Dir == "rtl")
			}
		}
		c.ids[l.Tag][m.ID] = true
		if err := c.bundle.AddMessages(tag, &twin); err != nil {
			return fmt.Errorf("make words %s: %w", l.Tag, err)
		}
	}
	return nil
}

func stretch(s string, rtl bool) string {
	var out strings.Builder
	for rest := s; rest != ""; {
		open := strings.Index(rest, "{{")
		if open < 0 {
			out.WriteString(accents.Replace(rest))
			break
		}
		end := strings.Index(rest[open:], "}}")
		if end < 0 {
			out.WriteString(rest)
			break
		}
		out.WriteString(accents.Replace(rest[:open]))
		out.WriteString(rest[open : open+end+2])
		rest = rest[open+end+2:]
	}
	if rtl {
		return "\u202b" + out.String() + " شش\u202c"
	}
	return "[" + out.String() + strings.Repeat(" ~", len(s)*2/5/2) + "]"
}
