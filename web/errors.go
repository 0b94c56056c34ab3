package web

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"waypost/internal/records"
	"waypost/referrals/people"
)

// What can go wrong, as far as a visitor is told. Rooms below have their own; the table joins them.
var (
	ErrMalformed   = errors.New("web: request cannot be read")
	ErrSignIn      = errors.New("web: sign-in needed")
	ErrForbidden   = errors.New("web: not allowed")
	ErrCrossSite   = errors.New("web: request of another site")
	ErrNotFound    = errors.New("web: not found")
	ErrMethod      = errors.New("web: method not known here")
	ErrTooSlow     = errors.New("web: request did not arrive in time")
	ErrExpired     = errors.New("web: page too old")
	ErrTooLarge    = errors.New("web: request too large")
	ErrMediaType   = errors.New("web: not a form")
	ErrTooMany     = errors.New("web: too many requests")
	ErrHeader      = errors.New("web: headers too large")
	ErrUnavailable = errors.New("web: not available now")

	errForeignRedirect = errors.New("web: redirect to a foreign address")
	errPanic           = errors.New("web: panic")
)

// answers is the one table from error to status and words. What it does not know is a 500 with a reference.
var answers = []struct {
	err    error
	status int
	words  string
}{
	{ErrMalformed, fiber.StatusBadRequest, "malformed"},
	{ErrSignIn, fiber.StatusUnauthorized, "sign-in"},
	{people.ErrSignIn, fiber.StatusUnauthorized, "sign-in"},
	{people.ErrNoSession, fiber.StatusUnauthorized, "sign-in"},
	{ErrForbidden, fiber.StatusForbidden, "forbidden"},
	{people.ErrForbidden, fiber.StatusForbidden, "forbidden"},
	{people.ErrStepUp, fiber.StatusForbidden, "forbidden"},
	{people.ErrForged, fiber.StatusForbidden, "forbidden"},
	{ErrCrossSite, fiber.StatusForbidden, "forbidden"},
	{ErrNotFound, fiber.StatusNotFound, "not-found"},
	{people.ErrNotFound, fiber.StatusNotFound, "not-found"},
	{ErrMethod, fiber.StatusMethodNotAllowed, "not-found"},
	{ErrTooSlow, fiber.StatusRequestTimeout, "malformed"},
	{people.ErrConflict, fiber.StatusConflict, "conflict"},
	{ErrExpired, fiber.StatusGone, "expired"},
	{people.ErrInvite, fiber.StatusGone, "expired"},
	{ErrTooLarge, fiber.StatusRequestEntityTooLarge, "malformed"},
	{ErrMediaType, fiber.StatusUnsupportedMediaType, "malformed"},
	{ErrTooMany, fiber.StatusTooManyRequests, "too-many"},
	{ErrHeader, fiber.StatusRequestHeaderFieldsTooLarge, "malformed"},
	{ErrUnavailable, fiber.StatusServiceUnavailable, "unavailable"},
	{people.ErrBusy, fiber.StatusServiceUnavailable, "unavailable"},
	{people.ErrProvider, fiber.StatusServiceUnavailable, "unavailable"},
	{records.ErrUnavailable, fiber.StatusServiceUnavailable, "unavailable"},
	{records.ErrTrail, fiber.StatusServiceUnavailable, "unavailable"},
	{nil, fiber.StatusInternalServerError, "unexpected"},
}

func statusOf(err error) int {
	for _, a := range answers {
		if a.err != nil && errors.Is(err, a.err) {
			return a.status
		}
	}
	var routed *fiber.Error
	if errors.As(err, &routed) {
		for _, a := range answers {
			if a.status == routed.Code {
				return a.status
			}
		}
	}
	return fiber.StatusInternalServerError
}

// refusal is a page that says no, rendered at start. What follows the reference, where there is one, is after.
type refusal struct {
	shell         *Shell
	before, after Fragment
}

const referenceHere = "0000-0000-REFERENCE"

func renderRefusals(k *Kit) (map[string]map[int]refusal, error) {
	v, err := k.Views(templates, nil, "templates/refusal.html")
	if err != nil {
		return nil, err
	}
	out := map[string]map[int]refusal{}
	for _, l := range k.words.Languages() {
		shell, err := k.Shell(l.Tag, ShellSpec{Title: k.Text(l.Tag, "page.neutral-title"), Exit: true})
		if err != nil {
			return nil, err
		}
		out[l.Tag] = map[int]refusal{}
		for _, a := range answers {
			all, err := v.Fragment(l.Tag, "refusal", map[string]any{
				"Heading": "refusal." + a.words + ".heading", "Words": "refusal." + a.words + ".text",
				"Unexpected": a.err == nil, "Reference": referenceHere,
			})
			if err != nil {
				return nil, err
			}
			before, after, _ := strings.Cut(string(all.html), referenceHere)
			out[l.Tag][a.status] = refusal{shell, Fragment{[]byte(before)}, Fragment{[]byte(after)}}
		}
	}
	return out, nil
}

// refusal turns an error into the page that says so, in the visitor's language. Only what the table does not know is
// logged: by reference, route and types, never by what was sent or said.
func (s *Server) refusal(err error, languages string) Page {
	status := statusOf(err)
	r := s.refused[s.tongues.choose("", languages).Tag][status]
	p := Page{Status: status, Shell: r.shell, Body: []Fragment{r.before, r.after}, Pad: true}
	switch status {
	case fiber.StatusInternalServerError:
		ref := s.report(err)
		p.Body, p.cause = []Fragment{r.before, Escape(string(ref)), r.after}, ref
	case fiber.StatusTooManyRequests:
		p.retry = "5"
	case fiber.StatusServiceUnavailable:
		p.retry = "30"
	}
	return p
}

func (s *Server) refuse(ctx *fasthttp.RequestCtx, err error) {
	allow := string(ctx.Response.Header.Peek(fasthttp.HeaderAllow)) // the router has said what the path knows
	ctx.Response.Reset()
	if allow != "" {
		ctx.Response.Header.Set(fasthttp.HeaderAllow, allow)
	}
	s.write(ctx, s.faces[firstPart(pathOf(ctx))].speak(s.refusal(err, languagesOf(ctx))))
}

// Reference is a word by which a person on the telephone and a line in the log find each other.
type Reference string

// Loggable says that a reference may stand in a log.
func (r Reference) Loggable() string { return string(r) }

func (s *Server) report(err error) Reference {
	var known panicked
	if errors.As(err, &known) {
		return known.reference
	}
	ref := s.reference()
	s.log.Error("request failed", slog.Any("reference", ref), slog.Any("kinds", kindsOf(err)))
	return ref
}

func (s *Server) reference() Reference {
	var raw [5]byte
	if _, err := io.ReadFull(s.rand, raw[:]); err != nil {
		return "none"
	}
	text := base32.StdEncoding.EncodeToString(raw[:])
	return Reference(text[:4] + "-" + text[4:])
}

// kinds are the types of an error and of what it wraps: enough to find the place, and nothing anybody typed.
type kinds string

// Loggable says that types may stand in a log.
func (k kinds) Loggable() string { return string(k) }

func kindsOf(err error) kinds {
	var out []string
	for e := err; e != nil && len(out) < 8; e = errors.Unwrap(e) {
		out = append(out, fmt.Sprintf("%T", e))
	}
	return kinds(strings.Join(out, " "))
}

// panicked is a panic that has been logged.
type panicked struct{ reference Reference }

func (panicked) Error() string { return errPanic.Error() }

// panicked logs where a panic came from, by the names of our functions and its type, never by its value, which may be
// somebody's words.
func (s *Server) panicked(cause any) error {
	ref := s.reference()
	s.log.Error("panic in a request", slog.Any("reference", ref), slog.Any("kind", kinds(fmt.Sprintf("%T", cause))), slog.Any("at", callers()))
	return panicked{ref}
}

func callers() kinds {
	var at [32]uintptr
	frames := runtime.CallersFrames(at[:runtime.Callers(3, at[:])])
	var out []string
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "waypost/") {
			out = append(out, fmt.Sprintf("%s:%d", strings.TrimPrefix(f.Function, "waypost/"), f.Line))
		}
		if !more || len(out) == 12 {
			return kinds(strings.Join(out, " "))
		}
	}
}
