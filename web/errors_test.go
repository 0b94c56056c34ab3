package web

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// failing is a journey whose one route fails in the way asked.
func failing(fail func(*Request) (Page, error)) Journey {
	return JourneyFunc(func(*Kit) ([]Route, error) {
		return []Route{{Method: "GET", Path: "/fail", Policy: Open(), Handler: fail}}, nil
	})
}

// Every error that the table knows has its status and calm words; what it does not know is a 500 with a reference that
// stands in the log as well, and nothing of the error comes out anywhere.
func TestErrorsBecomeCalmPages(t *testing.T) {
	const canary = "Canary-Name"
	var boom []int
	for name, c := range map[string]struct {
		fail   func(*Request) (Page, error)
		status int
	}{
		"not found":     {func(*Request) (Page, error) { return Page{}, fmt.Errorf("open %s: %w", canary, ErrNotFound) }, 404},
		"forbidden":     {func(*Request) (Page, error) { return Page{}, ErrForbidden }, 403},
		"expired":       {func(*Request) (Page, error) { return Page{}, ErrExpired }, 410},
		"unavailable":   {func(*Request) (Page, error) { return Page{}, ErrUnavailable }, 503},
		"unknown":       {func(*Request) (Page, error) { return Page{}, fmt.Errorf("save %s: %w", canary, io.ErrUnexpectedEOF) }, 500},
		"fiber's own":   {func(*Request) (Page, error) { return Page{}, fiber.NewError(418, canary) }, 500},
		"panic":         {func(*Request) (Page, error) { panic(canary) }, 500},
		"panic, error":  {func(*Request) (Page, error) { panic(errors.New(canary)) }, 500},
		"panic, index":  {func(*Request) (Page, error) { return Page{Status: boom[len(boom)]}, nil }, 500},
		"page and fail": {func(*Request) (Page, error) { return Data(200, "text/plain", []byte(canary)), ErrNotFound }, 404},
		"a foreign to":  {func(*Request) (Page, error) { return Page{To: "//" + canary}, nil }, 500},
		"HTML as data":  {func(*Request) (Page, error) { return Data(200, "text/HTML", []byte(canary)), nil }, 500},
	} {
		var log strings.Builder
		cfg := testConfig(t)
		cfg.Log = slog.New(NewLogHandler(slog.NewJSONHandler(&log, nil)))
		answer := speak(t, listen(t, newServer(t, cfg, failing(c.fail))), "GET /fail HTTP/1.1\r\nHost: a\r\n\r\n")
		if !strings.HasPrefix(answer, fmt.Sprintf("HTTP/1.1 %d ", c.status)) {
			t.Errorf("%s: %.60q, want %d", name, answer, c.status)
		}
		missing(t, name, answer, false)
		if strings.Contains(answer, canary) || strings.Contains(log.String(), canary) {
			t.Errorf("%s: the words of the error come out in\n%s\n%s", name, answer, log.String())
		}
		if name == "HTML as data" {
			continue
		}
		if !strings.Contains(answer, "999") {
			t.Errorf("%s: no way to help on the page", name)
		}
		ref := regexp.MustCompile(`[A-Z2-7]{4}-[A-Z2-7]{4}`).FindString(answer)
		switch {
		case (c.status == 500) != (ref != ""):
			t.Errorf("%s: the reference is %q", name, ref)
		case c.status == 500 && !strings.Contains(log.String(), ref):
			t.Errorf("%s: reference %s is not in the log %s", name, ref, log.String())
		case c.status != 500 && log.Len() > 0:
			t.Errorf("%s: is logged: %s", name, log.String())
		}
	}
}

// A panic is logged by our functions' names, so that it can be found, and does not end the process.
func TestAPanicIsFoundByItsPlace(t *testing.T) {
	var log strings.Builder
	cfg := testConfig(t)
	cfg.Log = slog.New(NewLogHandler(slog.NewJSONHandler(&log, nil)))
	address := listen(t, newServer(t, cfg, failing(func(*Request) (Page, error) { panic("Canary-Name") })))
	for range 3 {
		speak(t, address, "GET /fail HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	if n := strings.Count(log.String(), "TestAPanicIsFoundByItsPlace"); n < 3 {
		t.Errorf("the place is named %d times in %s", n, log.String())
	}
}

func TestEveryErrorHasAnAnswer(t *testing.T) {
	for _, err := range []error{ErrMalformed, ErrSignIn, ErrForbidden, ErrCrossSite, ErrNotFound, ErrMethod, ErrTooSlow, ErrExpired, ErrTooLarge, ErrMediaType, ErrTooMany, ErrHeader, ErrUnavailable} {
		if status := statusOf(fmt.Errorf("act: %w", err)); status < 400 || status == 500 {
			t.Errorf("%v is a %d", err, status)
		}
	}
}

type noRandomness struct{}

func (noRandomness) Read([]byte) (int, error) { return 0, io.EOF }

// Without randomness a reference is none, and nothing else breaks.
func TestReferencesWithoutRandomness(t *testing.T) {
	cfg := testConfig(t)
	cfg.Rand = noRandomness{}
	answer := speak(t, listen(t, newServer(t, cfg, failing(func(*Request) (Page, error) { return Page{}, io.EOF }))), "GET /fail HTTP/1.1\r\nHost: a\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 500") || !strings.Contains(answer, "none") {
		t.Errorf("%.300q", answer)
	}
}
