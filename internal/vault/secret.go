package vault

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// ErrSecret refuses to write a Secret into JSON, XML, YAML or any other text, and to
// read one from there: a form or a file is decoded first and kept afterwards.
var ErrSecret = errors.New("vault: a secret is not marshalled")

const masked = "[sealed]"

// Secret holds a person's name, number, place or words. It cannot be printed, logged,
// marshalled or shown by a template; Reveal is the one way to the value, so that every
// place that reads one can be found by its name.
//
// The pointers matter. fmt does not call our methods on an unexported field and would
// print a value held directly; behind one pointer it still prints a slice, a struct or a
// map when the verb is wrong ("%A" of a struct around it, Go 1.26). It never follows two.
// Reflection, a debugger and a core dump still reach the value.
type Secret[T any] struct{ v **T }

// Keep makes a secret of a value.
func Keep[T any](v T) Secret[T] {
	held := &v
	return Secret[T]{&held}
}

// Reveal returns the value, or nothing (the zero of T) where none was kept.
func (s Secret[T]) Reveal() T {
	if s.v == nil {
		var nothing T
		return nothing
	}
	return **s.v
}

// IsZero says whether nothing was kept.
func (s Secret[T]) IsZero() bool { return s.v == nil }

// String masks.
func (Secret[T]) String() string { return masked }

// GoString masks.
func (Secret[T]) GoString() string { return masked }

// Format masks under every verb and flag.
func (Secret[T]) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, masked) }

// LogValue masks.
func (Secret[T]) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalJSON refuses.
func (Secret[T]) MarshalJSON() ([]byte, error) { return nil, ErrSecret }

// UnmarshalJSON refuses.
func (*Secret[T]) UnmarshalJSON([]byte) error { return ErrSecret }

// MarshalText refuses, and with it XML, YAML, TOML and map keys.
func (Secret[T]) MarshalText() ([]byte, error) { return nil, ErrSecret }

// UnmarshalText refuses.
func (*Secret[T]) UnmarshalText([]byte) error { return ErrSecret }
