package agent

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/referrals/partners"
	"waypost/referrals/partners/script"
	"waypost/web"
)

var today = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

// invented is a company that does not exist and keeps the whole charter.
func invented() partners.Partner {
	all := []time.Weekday{time.Monday, time.Tuesday}
	return partners.Partner{
		Slug: "invented", Name: "Invented Chips", Wanted: true, Nations: directory.AllNations, Entries: []string{"worry", "forced", "keys", "sore", "out", "relative", "child", "work"}, Languages: []string{"en", "cy", "ar-XB", "en-XA"},
		Hours:    []partners.Hours{{Days: all, From: "08:15", To: "16:45"}},
		Lead:     partners.Lead{Contact: partners.Contact{Role: "Invented lead", By: partners.Extension, At: "4177"}, NamedOn: today.AddDate(0, -1, 0)},
		Legal:    partners.Contact{Role: "Invented lawyers", By: partners.Email, At: "law@invented.invalid"},
		Products: []partners.Product{{ID: "one", Kind: "consumer-implant", Make: "Invented Chips", Model: "Dot Nine", Material: "bioglass", MRICard: "IC-9", Again: today.AddDate(0, 6, 0)}},
		Kept:     partners.CharterLines(),
		Review:   partners.Review{By: "Safeguarding board", On: today.AddDate(0, -1, 0), Again: today.AddDate(0, 5, 0)},
	}
}

// clock is a time that a test can move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

// site is a server of its own with everything it has logged.
type site struct {
	url   string
	clock *clock
	log   *bytes.Buffer
	j     *Journey
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func server(t testing.TB, companies ...partners.Partner) *site {
	t.Helper()
	return serverIn(t, must(locales.Load(locales.Files(), "en", "cy", "en-XA", "ar-XB"))(t), companies...)
}

func serverIn(t testing.TB, words *locales.Catalogue, companies ...partners.Partner) *site {
	t.Helper()
	c := &clock{today}
	j := &Journey{
		Partners: must(partners.Open(companies...))(t), Script: must(script.Load())(t), Words: words,
		Directory: must(directory.Open(must(national.Load())(t)))(t), Forms: must(vault.NewForms(rand.Reader, c.now))(t),
		PublicURL: "https://help.invented.example", Now: c.now,
	}
	s := &site{clock: c, log: &bytes.Buffer{}, j: j}
	pages := must(web.New(web.Config{Words: words, Clock: c.now, Rand: rand.Reader, Log: slog.New(web.NewLogHandler(slog.NewTextHandler(s.log, nil)))}, j))(t)
	ln := must((&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0"))(t)
	go func() { _ = pages.Listen(ln) }()
	t.Cleanup(func() { _ = pages.Shutdown(t.Context()) })
	s.url = "http://" + ln.Addr().String()
	return s
}

// reply is an answer as it came over the wire.
type reply struct {
	status int
	header http.Header
	wire   int
	page   string
}

func (s *site) ask(t testing.TB, method, path string, form url.Values, header map[string]string) reply {
	t.Helper()
	req := must(http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(form.Encode())))(t)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept-Encoding", "gzip")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res := must(http.DefaultTransport.RoundTrip(req))(t)
	defer func() { _ = res.Body.Close() }()
	raw := must(io.ReadAll(res.Body))(t)
	page := raw
	if res.Header.Get("Content-Encoding") == "gzip" {
		page = must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(raw)))(t)))(t)
	}
	return reply{res.StatusCode, res.Header, len(raw), string(page)}
}
