package feed

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"waypost/referrals/directory"
)

// plain turns what may hold markup into one line of text without any: no tag, no entity, no control character, no angle
// bracket. It reports whether there was markup.
func plain(text string) (string, bool) {
	text = strings.ToValidUTF8(text, " ")
	had := false
	for range 4 { // markup may be wrapped in markup; what is left after that loses its brackets
		next, tags := untag(text)
		next = html.UnescapeString(next)
		had = had || tags || next != text
		if next == text {
			break
		}
		text = next
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '<' || r == '>':
			return -1
		case r > ' ' && r < 0x7f: // nearly all of it
			return r
		case r == '\u00a0' || unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs) || r == utf8.RuneError:
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " "), had
}

// untag takes out tags, comments, and the content of elements that hold no text for people.
func untag(text string) (string, bool) {
	if !strings.Contains(text, "<") {
		return text, false
	}
	var out strings.Builder
	had := false
	for {
		i := strings.IndexByte(text, '<')
		if i < 0 {
			out.WriteString(text)
			return out.String(), had
		}
		out.WriteString(text[:i])
		text = text[i:]
		if len(text) < 2 || !(isLetter(text[1]) || strings.IndexByte("/!?", text[1]) >= 0) {
			out.WriteByte(' ')
			text = text[1:]
			continue
		}
		had = true
		out.WriteByte(' ')
		text = after(text)
	}
}

// after is what follows a tag. A comment, a script and a style end where they are closed or never.
func after(text string) string {
	if strings.HasPrefix(text, "<!--") {
		_, rest, _ := strings.Cut(text[4:], "-->")
		return rest
	}
	tag, rest := tagAndRest(text)
	for _, name := range []string{"script", "style", "template", "svg", "noscript"} {
		if len(tag) > len(name) && strings.EqualFold(tag[1:1+len(name)], name) && (len(tag) == 1+len(name) || !isLetter(tag[1+len(name)])) {
			end := strings.Index(strings.ToLower(rest), "</"+name)
			if end < 0 {
				return ""
			}
			_, rest = tagAndRest(rest[end:])
			return rest
		}
	}
	return rest
}

// tagAndRest cuts behind the bracket that closes a tag; a bracket in a quoted value does not.
func tagAndRest(text string) (tag, rest string) {
	quote := byte(0)
	for i := 1; i < len(text); i++ {
		switch b := text[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case (b == '"' || b == '\'') && text[i-1] == '=':
			quote = b
		case b == '>':
			return text[:i], text[i+1:]
		}
	}
	if i := strings.IndexByte(text, '>'); i >= 0 { // a quote that never ends
		return text[:i], text[i+1:]
	}
	return text, ""
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// cut shortens a text at the end of a sentence, or else of a word.
func cut(text string, most int) (string, bool) {
	if utf8.RuneCountInString(text) <= most {
		return text, false
	}
	short := string([]rune(text)[:most-2])
	if i := strings.LastIndex(short, ". "); i > most/2 {
		return short[:i+1], true
	}
	if i := strings.LastIndexByte(short, ' '); i > 0 {
		short = short[:i]
	}
	return short + " …", true
}

// The longest texts that are kept.
const (
	longestName = 160
	longestText = 600
	longestNote = 200
)

// words makes a text presentable, or nothing of it; it counts what was lost.
func (r *Reading) words(text string, most int) string {
	text, markup := plain(text)
	if markup {
		r.drop(DroppedMarkup)
	}
	text, short := cut(text, most)
	if text != "" && !directory.Presentable(text) {
		text, short = "", true
	}
	if short {
		r.drop(DroppedText)
	}
	return text
}
