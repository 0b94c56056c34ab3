package web

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean refuses what cannot be seen: control characters, direction overrides, zero-width characters, private use, the
// byte order mark. In people's own words line ends pass, and the two joiners, without which Persian, Urdu and the
// languages of India cannot be written.
func clean(s string, words bool) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return cleanSlow(s, words)
		}
	}
	return true
}

func cleanSlow(s string, words bool) bool {
	for _, r := range s {
		switch {
		case words && (r == '\n' || r == '\r' || r == '\t' || r == '\u200c' || r == '\u200d'):
		case r == utf8.RuneError, r == '\u2028', r == '\u2029', r&0xfffe == 0xfffe,
			unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return false
		}
	}
	return true
}

// unescape undoes percent-encoding, strictly. The result is a copy of its own only where something was encoded; the whole
// body was copied before.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		if !utf8.ValidString(s) {
			return "", ErrMalformed
		}
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", ErrMalformed
			}
			high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
			if high > 15 || low > 15 {
				return "", ErrMalformed
			}
			out = append(out, high<<4|low)
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	if !utf8.Valid(out) {
		return "", ErrMalformed
	}
	return string(out), nil
}

func hexDigit(b byte) byte {
	switch {
	case b >= '0' && b <= '9':
		return b - '0'
	case b >= 'a' && b <= 'f':
		return b - 'a' + 10
	case b >= 'A' && b <= 'F':
		return b - 'A' + 10
	}
	return 255
}

// isID knows the shape of our ids: lower case, figures, hyphen, dot and underscore, no other first letter.
func isID(s string) bool {
	if s == "" || len(s) > maxID {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9':
		case i > 0 && (b == '-' || b == '.' || b == '_'):
		default:
			return false
		}
	}
	return true
}

// isValue knows the shape of what a choice sends: an id, a language tag, a reference.
func isValue(s string) bool { return len(s) <= maxID && isWord(s, true) && s[0] != '-' && s[0] != '.' }

func isSealed(s string) bool { return len(s) <= maxSealed && (s == "" || isWord(s, false)) }

func isWord(s string, dots bool) bool {
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_':
		case dots && b == '.':
		default:
			return false
		}
	}
	return s != ""
}
