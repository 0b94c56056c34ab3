package web

import (
	"fmt"
	"hash/maphash"
	"iter"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a form. A whole consultation has about two hundred fields.
const (
	maxFields    = 512
	maxID        = 96
	maxSealed    = 24 << 10
	maxLine      = 200  // runes
	maxProse     = 2000 // runes
	maxRepeats   = 64   // values of one field
	maxStrangers = 16   // fields off the list before the form counts as garbage
)

// Kind says what a field may hold.
type Kind uint8

// What a field may hold. A field that is not on the list is Refused.
const (
	Refused Kind = iota
	One          // one id, such as an answer; empty counts as absent
	Many         // ids, repeated
	Sealed       // what a page of ours carried: base64url
	Line         // a line of a person's own words
	Prose        // some lines of a person's own words
)

// Form holds the fields that were allowed, in the order received. It prints as a word, whatever the verb.
type Form struct{ fields *[]field }

// field is one name and value. Absent marks what was sent but counts as not there: an empty answer, or one with a fault.
type field struct {
	name, value string
	absent      bool
	repeats     uint8 // on the first of its name: how many more were sent
}

// Fault is what a person can mend in a form. It names the question and the message, never what was typed.
type Fault struct{ Question, MessageID string }

// The messages of a fault.
const (
	faultUnknownQuestion = "fault.unknown-question"
	faultUnknownAnswer   = "fault.unknown-answer"
	faultTooLong         = "fault.too-long"
	faultCharacters      = "fault.characters"
)

// One is the value of a field, and whether it is there.
func (f Form) One(name string) (string, bool) {
	for n, v := range f.All() {
		if n == name {
			return v, true
		}
	}
	return "", false
}

// Many is every value of a field, in the order received.
func (f Form) Many(name string) []string {
	var out []string
	for n, v := range f.All() {
		if n == name {
			out = append(out, v)
		}
	}
	return out
}

// All goes through the fields in the order received; a repeated field comes as often as it was sent.
func (f Form) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if f.fields == nil {
			return
		}
		for i := range *f.fields {
			if one := &(*f.fields)[i]; !one.absent && !yield(one.name, one.value) {
				return
			}
		}
	}
}

const maskedForm = "[form]"

// Format prints a word instead of the answers.
func (Form) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(maskedForm)) }

// LogValue logs a word instead of the answers.
func (Form) LogValue() slog.Value { return slog.StringValue(maskedForm) }

// MarshalText gives a word instead of the answers.
func (Form) MarshalText() ([]byte, error) { return []byte(maskedForm), nil }

// decodeForm reads application/x-www-form-urlencoded by an allow-list. It knows no nesting and no indices: a name is a
// name, so a[999999999]=x is nothing but a field that is not on the list.
func decodeForm(raw string, fields func(string) Kind) (Form, []Fault, error) {
	if len(raw) > maxBody {
		return Form{}, nil, ErrTooLarge
	}
	if raw == "" {
		return Form{}, nil, nil
	}
	parts := 1 + strings.Count(raw, "&")
	if parts > maxFields {
		return Form{}, nil, ErrMalformed
	}
	d := decoder{fields: fields, list: make([]field, 0, parts), seed: maphash.MakeSeed()}
	for part := range strings.SplitSeq(raw, "&") {
		if err := d.take(part); err != nil {
			return Form{}, nil, err
		}
	}
	return Form{fields: &d.list}, d.faults, nil
}

type decoder struct {
	fields    func(string) Kind
	list      []field
	faults    []Fault
	strangers int
	seed      maphash.Seed
	slots     [2 * maxFields]uint16 // where a name stands in the list, plus one; open addressing, never more than half full
}

func (d *decoder) take(part string) error {
	rawName, rawValue, _ := strings.Cut(part, "=")
	name, err := unescape(rawName)
	if err != nil {
		return err
	}
	value, err := unescape(rawValue)
	if err != nil {
		return err
	}
	if name == "" || !clean(name, false) {
		return ErrMalformed
	}
	kind := Refused
	if isID(name) {
		kind = d.fields(name)
	}
	if kind == Refused {
		return d.stranger(name, value)
	}
	if first := d.first(name); first != nil {
		if first.repeats++; kind != Many || first.repeats >= maxRepeats {
			return ErrMalformed
		}
	}
	return d.keep(kind, name, value)
}

// first finds the field of that name that came before, or takes note of the place where this one will stand.
func (d *decoder) first(name string) *field {
	for i := maphash.String(d.seed, name) % uint64(len(d.slots)); ; i = (i + 1) % uint64(len(d.slots)) {
		at := int(d.slots[i])
		if at == 0 {
			d.slots[i] = uint16(len(d.list) + 1)
			return nil
		}
		if d.list[at-1].name == name {
			return &d.list[at-1]
		}
	}
}

// stranger reports a field that is not on the list: by its name where that could have been a question of ours, which
// happens when the content changes while a page is open, and without a name otherwise.
func (d *decoder) stranger(name, value string) error {
	if d.strangers++; d.strangers > maxStrangers || !clean(value, true) {
		return ErrMalformed
	}
	if !isID(name) {
		name = ""
	}
	d.faults = append(d.faults, Fault{Question: name, MessageID: faultUnknownQuestion})
	return nil
}

func (d *decoder) keep(kind Kind, name, value string) error {
	one := field{name: name, value: value}
	switch kind {
	case One, Many:
		if !clean(value, false) {
			return ErrMalformed
		}
		if value != "" && !isValue(value) {
			d.faults = append(d.faults, Fault{Question: name, MessageID: faultUnknownAnswer})
			value = ""
		}
		one.absent = value == ""
	case Sealed:
		if !isSealed(value) {
			return ErrMalformed
		}
	case Line, Prose:
		if id := wordsFault(kind, value); id != "" {
			d.faults = append(d.faults, Fault{Question: name, MessageID: id})
			one.absent = true
		}
	default:
		return ErrMalformed
	}
	if one.absent {
		one.value = ""
	}
	d.list = append(d.list, one)
	return nil
}

// wordsFault judges a person's own words. What cannot be typed but can be pasted is theirs to mend; it is never kept.
func wordsFault(kind Kind, s string) string {
	longest := maxLine
	if kind == Prose {
		longest = maxProse
	}
	if !clean(s, true) || (kind == Line && strings.ContainsAny(s, "\r\n\t")) {
		return faultCharacters
	}
	if utf8.RuneCountInString(s) > longest {
		return faultTooLong
	}
	return ""
}

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

// isForm takes the one media type that a form of ours has, with no charset or UTF-8.
func isForm(mediaType string) bool {
	name, params, more := strings.Cut(mediaType, ";")
	if !strings.EqualFold(strings.TrimSpace(name), "application/x-www-form-urlencoded") {
		return false
	}
	key, charset, _ := strings.Cut(strings.TrimSpace(params), "=")
	return !more || (strings.EqualFold(key, "charset") && strings.EqualFold(strings.Trim(charset, `"`), "utf-8"))
}
