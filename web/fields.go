package web

import (
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

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
	list := &d.list
	return Form{fields: &list}, d.faults, nil
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
	name, value, _ := strings.Cut(part, "=")
	var err error
	if !isID(name) { // ids, which nearly all names and answers are, have nothing to undo
		if name, err = unescape(name); err != nil {
			return err
		}
		if name == "" || !clean(name, false) {
			return ErrMalformed
		}
	}
	if !isValue(value) {
		if value, err = unescape(value); err != nil {
			return err
		}
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
		if isValue(value) {
			break
		}
		if !clean(value, false) {
			return ErrMalformed
		}
		if value != "" {
			d.faults = append(d.faults, Fault{Question: name, MessageID: faultUnknownAnswer})
		}
		one.absent = true
	case Sealed:
		if !isSealed(value) {
			return ErrMalformed
		}
	case Token:
		if len(value) > maxSealed || value != "" && !isWord(value, true) {
			return ErrMalformed
		}
	case Line, Prose, Document:
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
	switch kind {
	case Prose:
		longest = maxProse
	case Document:
		longest = maxDocument
	}
	if !clean(s, true) || (kind == Line && strings.ContainsAny(s, "\r\n\t")) {
		return faultCharacters
	}
	if utf8.RuneCountInString(s) > longest {
		return faultTooLong
	}
	return ""
}

// isForm takes the one media type that a form of ours has, with no charset or UTF-8.
func isForm(mediaType string) bool { return isMedia(mediaType, "application/x-www-form-urlencoded") }

// isJSON takes the two media types in which other programs write to us.
func isJSON(mediaType string) bool {
	return isMedia(mediaType, "application/fhir+json") || isMedia(mediaType, "application/json")
}

func isMedia(mediaType, want string) bool {
	name, params, more := strings.Cut(mediaType, ";")
	if !strings.EqualFold(strings.TrimSpace(name), want) {
		return false
	}
	key, charset, _ := strings.Cut(strings.TrimSpace(params), "=")
	return !more || (strings.EqualFold(key, "charset") && strings.EqualFold(strings.Trim(charset, `"`), "utf-8"))
}
