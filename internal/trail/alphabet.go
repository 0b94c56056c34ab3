package trail

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

const longest = 64

// IsCode says whether s is a code: lower-case letters, digits and .-_: with a letter or digit in front. The alphabet is
// closed so that a name typed by a person, with its space or capital, is refused here and not found in a log later.
func IsCode(s string) bool {
	if s == "" || len(s) > longest {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case i > 0 && (c == '.' || c == '-' || c == '_' || c == ':'):
		default:
			return false
		}
	}
	return true
}

func (e Entry) check() error {
	for _, f := range []struct {
		name, value string
		needed      bool
	}{
		{"actor", e.Actor, true}, {"role", e.Role, false}, {"action", e.Action, true},
		{"kind", e.Kind, false}, {"reason", e.Reason, false},
	} {
		if (f.value != "" || f.needed) && !IsCode(f.value) {
			return fmt.Errorf("%w: %s is not a code", ErrEntry, f.name)
		}
	}
	switch {
	case e.Outcome != Done && e.Outcome != Denied && e.Outcome != Failed:
		return fmt.Errorf("%w: outcome is unknown", ErrEntry)
	case len(e.Ref) != 0 && (len(e.Ref) < 16 || len(e.Ref) > 32):
		return fmt.Errorf("%w: ref is not 16 to 32 bytes", ErrEntry)
	case e.At.Nanosecond()%int(time.Millisecond) != 0 || e.At.Year() < 2000 || e.At.Year() > 9999:
		return fmt.Errorf("%w: time is not a whole millisecond of this era", ErrEntry)
	}
	return e.checkEffect()
}

func (e Entry) checkEffect() error {
	digest, change := e.Record != (Hash{}), e.Effect == Put || e.Effect == Gone
	switch {
	case !change && e.Effect != None && e.Effect != Clock:
		return fmt.Errorf("%w: effect is unknown", ErrEntry)
	case change && (len(e.Ref) == 0 || e.Kind == "" || e.Rev < 1 || e.Outcome != Done):
		return fmt.Errorf("%w: a change needs kind, ref and revision, and was done", ErrEntry)
	case e.Rev < 0 || digest != (e.Effect == Put):
		return fmt.Errorf("%w: a digest belongs to a put, and only to it", ErrEntry)
	}
	return nil
}

// cutLine takes "name value\n" from the front of s; a dash is the empty value.
func cutLine(s, name string) (value, rest string, ok bool) {
	line, rest, found := strings.Cut(s, "\n")
	got, value, spaced := strings.Cut(line, " ")
	if !found || !spaced || got != name || value == "" {
		return "", "", false
	}
	if value == "-" {
		value = ""
	}
	return value, rest, true
}

func digestOf(s string, to *Hash) bool {
	if s == "" {
		return true
	}
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == copy(to[:], b) && len(b) == len(to)
}
