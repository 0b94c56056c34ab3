package web

import (
	"fmt"
	"iter"
	"log/slog"
)

// The bounds of a form. A whole consultation has about two hundred fields.
const (
	maxFields    = 512
	maxID        = 96
	maxSealed    = 24 << 10
	maxLine      = 200  // runes
	maxProse     = 2000 // runes
	maxDocument  = 16 << 10
	maxRepeats   = 64 // values of one field
	maxStrangers = 16 // fields off the list before the form counts as garbage
)

// Kind says what a field may hold.
type Kind uint8

// What a field may hold. A field that is not on the list is Refused.
const (
	Refused  Kind = iota
	One           // one id, such as an answer; empty counts as absent
	Many          // ids, repeated
	Sealed        // what a page of ours carried: base64url
	Token         // what a sign-in provider sends from server to server: base64url with dots
	Line          // a line of a person's own words
	Prose         // some lines of a person's own words
	Document      // what another program wrote, sent or pasted
)

// Form holds the fields that were allowed, in the order received. It prints as a word, whatever the verb.
type Form struct{ fields **[]field } // two pointers, for the reason given at Request

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
		all := **f.fields
		for i := range all {
			if one := &all[i]; !one.absent && !yield(one.name, one.value) {
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
