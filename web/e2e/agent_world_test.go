package e2e

import (
	"crypto/rand"
	"log/slog"
	"net"
	"testing"
	"time"

	"waypost/internal/vault"
	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/referrals/partners"
	"waypost/referrals/partners/script"
	pages "waypost/web"
	"waypost/web/agent"
)

// desk serves the pages of the agents of one company that does not exist and keeps the whole charter. The binary itself has
// no partner that is live.
func desk(t *testing.T) *Server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	words, err := locales.Load(locales.Files(), "en", "cy", "en-XA", "ar-XB")
	must(t, err)
	services, err := national.Load()
	must(t, err)
	list, err := directory.Open(services)
	must(t, err)
	forms, err := vault.NewForms(rand.Reader, time.Now)
	must(t, err)
	now := time.Now()
	companies, err := partners.Open(partners.Partner{
		Slug: "invented", Name: "Invented Chips", Wanted: true, Nations: directory.AllNations, Entries: []string{"worry", "forced", "keys", "sore", "out", "relative", "child", "work"}, Languages: []string{"en", "cy", "en-XA", "ar-XB"},
		Hours:    []partners.Hours{{Days: []time.Weekday{time.Monday, time.Friday}, From: "09:00", To: "17:00"}},
		Lead:     partners.Lead{Contact: partners.Contact{Role: "Invented lead", By: partners.Extension, At: "4177"}, NamedOn: now.AddDate(0, -1, 0)},
		Legal:    partners.Contact{Role: "Invented lawyers", By: partners.Email, At: "law@invented.invalid"},
		Products: []partners.Product{{ID: "dot", Kind: "consumer-implant", Make: "Invented Chips", Model: "Dot Nine", Material: "bioglass", MRICard: "IC-9", Again: now.AddDate(0, 6, 0)}},
		Kept:     partners.CharterLines(),
		Review:   partners.Review{By: "Safeguarding board", On: now.AddDate(0, -1, 0), Again: now.AddDate(0, 5, 0)},
	})
	must(t, err)
	calls, err := script.Load()
	must(t, err)
	out := &output{}
	server, err := pages.New(pages.Config{Words: words, Clock: time.Now, Rand: rand.Reader, Log: slog.New(pages.NewLogHandler(slog.NewTextHandler(out, nil)))},
		&agent.Journey{
			Partners: companies, Script: calls, Words: words, Directory: list, Forms: forms, PublicURL: "https://help.example", Now: time.Now,
		})
	must(t, err)
	listen(t, server, ln)
	return &Server{URL: "http://" + ln.Addr().String(), output: out}
}
