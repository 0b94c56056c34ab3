package web

import (
	"context"
	"log/slog"
)

// dropped stands in a log where a value was that nobody has vouched for.
const dropped = "[dropped]"

// Loggable is a value whose type vouches that its text says nothing about a person.
type Loggable interface{ Loggable() string }

// NewLogHandler lets through numbers, flags, times, durations and what is Loggable; all else becomes "[dropped]", in
// groups and in With as well. Text and errors are the rule among the dropped: they are where names hide. What is left is
// the message, which is a constant (the linter holds that).
func NewLogHandler(inner slog.Handler) slog.Handler { return sieve{inner} }

type sieve struct{ inner slog.Handler }

func (s sieve) Enabled(ctx context.Context, level slog.Level) bool {
	return s.inner.Enabled(ctx, level)
}

func (s sieve) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(sift(a))
		return true
	})
	return s.inner.Handle(ctx, out)
}

func (s sieve) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = sift(a)
	}
	return sieve{s.inner.WithAttrs(out)}
}

func (s sieve) WithGroup(name string) slog.Handler { return sieve{s.inner.WithGroup(name)} }

func sift(a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindBool, slog.KindDuration, slog.KindTime:
		return a
	case slog.KindGroup:
		group := a.Value.Group()
		out := make([]slog.Attr, len(group))
		for i, inner := range group {
			out[i] = sift(inner)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(out...)}
	}
	return slog.String(a.Key, vouched(a.Value))
}

// vouched asks the value itself. A value that can only say what it is by being resolved is not asked: what it resolves to
// could be anything.
func vouched(v slog.Value) string {
	l, ok := v.Any().(Loggable)
	if !ok {
		return dropped
	}
	text := l.Loggable()
	for i := 0; i < len(text); i++ {
		if text[i] < ' ' || text[i] > '~' {
			return dropped
		}
	}
	return text
}
