package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// agent is what this calls itself. It does not say whose installation asks.
const agent = "Waypost-directory-import/1"

// errGone says that there is nothing under an address, errRefused that the answer is no.
var (
	errGone    = fmt.Errorf("%w: there is nothing", ErrAnswer)
	errRefused = fmt.Errorf("%w: it says no", ErrAnswer)
)

// ask asks until there is an answer or no hope of one. A server that is busy says when to come back, and is left alone until
// then.
func (a *API) ask(ctx context.Context, path string, query url.Values) ([]byte, error) {
	var err error
	pause := a.limits.Gap
	for try := range a.limits.Tries {
		if a.asked || try > 0 {
			if err := a.wait(ctx, pause); err != nil {
				return nil, err
			}
		}
		a.asked = true
		var body []byte
		var later time.Duration
		body, later, err = a.once(ctx, path, query)
		switch {
		case err == nil, ctx.Err() != nil, !errors.Is(err, ErrBusy) && !errors.Is(err, ErrReach):
			return body, err
		case later > a.limits.Longest:
			return nil, ErrBusy
		}
		pause = max(time.Second<<try, later)
	}
	return nil, err
}

// once asks once. later is how long the other side wants to be left alone.
func (a *API) once(ctx context.Context, path string, query url.Values) (body []byte, later time.Duration, err error) {
	sitting := ctx
	ctx, stop := context.WithTimeout(ctx, a.limits.Each)
	defer stop()
	at := a.Base() + path
	if len(query) > 0 {
		at += "?" + query.Encode()
	}
	question, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, 0, ErrAnswer
	}
	question.Header.Set("User-Agent", agent)
	question.Header.Set("Accept", "application/json")
	answer, err := a.client.Do(question)
	if err != nil {
		return nil, 0, reason(sitting, err)
	}
	defer answer.Body.Close()
	switch s := answer.StatusCode; {
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable, s == http.StatusBadGateway, s == http.StatusGatewayTimeout:
		return nil, retryAfter(answer.Header.Get("Retry-After"), a.now()), ErrBusy
	case s == http.StatusNotFound, s == http.StatusGone:
		return nil, 0, errGone
	case s >= 300 && s < 400:
		return nil, 0, ErrMoved
	case s != http.StatusOK:
		return nil, 0, errRefused
	case !isJSON(answer.Header.Get("Content-Type")), answer.Header.Get("Content-Encoding") != "":
		return nil, 0, fmt.Errorf("%w: it is not JSON", ErrAnswer)
	}
	body, err = io.ReadAll(io.LimitReader(answer.Body, a.limits.Answer+1)) // unpacked, so a small bomb is as large as it is
	switch {
	case int64(len(body)) > a.limits.Answer:
		return nil, 0, fmt.Errorf("%w: it is too long", ErrAnswer)
	case err != nil, ctx.Err() != nil: // at the end of its time a body can end without an error, cut off
		return nil, 0, reason(sitting, cmp.Or(err, ctx.Err()))
	}
	return body, 0, nil
}

func isJSON(header string) bool {
	kind, _, err := mime.ParseMediaType(header)
	return err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json") && kind != "application/problem+json")
}

// retryAfter reads for how long to stay away: seconds or a date (RFC 9110, 10.2.3). What cannot be read asks for nothing.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if n, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
