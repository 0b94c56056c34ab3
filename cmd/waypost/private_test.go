package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/shelf"
	"waypost/referrals/shelf/private"
)

// What is planted among the private contacts of a service that every face shows comes out of no door that is open to anybody,
// of no command, and of nothing that rests. Everything here is invented.
func TestNoOpenDoorTellsAPrivateContact(t *testing.T) {
	t.Parallel()
	const canary = "Canary-9-Veiled-Row"
	var log shared
	r, server := newMachine(t).mounted(config{addr: "127.0.0.1:1"}, slog.NewTextHandler(&log, nil))
	act := func(actor, action string) records.Act {
		return records.Act{Tenant: "practice-1", Actor: actor, Role: "lead", Action: action}
	}
	_, err := r.shelf.Import(t.Context(), act("operator", "services.import"), shelf.Order{
		Source: feed.Source{Name: "shire", Address: "https://feed.example.org/x", Read: time.Now(), Needs: []string{"domestic-abuse"}, Covers: directory.Coverage{Authorities: []string{"E06000019"}}},
		Read: []func(*feed.Reading) error{func(f *feed.Reading) error {
			return f.JSON(strings.NewReader(`[{"id":"aid","name":"Invented Refuge Line","status":"active","phones":[{"number":"01432 123456"}]}]`))
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, use := range private.Uses() {
		id, err := r.drawer.Enter(t.Context(), act("member-1", "private.enter"), private.OfService("shire-aid"), private.Contact{
			Use: use, Name: vault.Keep(canary + "-name"), At: vault.Keep(canary + "-at"), Note: vault.Keep(canary + "-note"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.drawer.Confirm(t.Context(), act("member-2", "private.confirm"), private.OfService("shire-aid"), id); err != nil {
			t.Fatal(err)
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Listen(ln) }()
	t.Cleanup(func() { _ = server.Shutdown(t.Context()) })
	all, doors, known, turned := strings.Builder{}, 0, false, 0
	ask := func(method, path, body, kind string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+ln.Addr().String()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body != "" {
			req.Header.Set("Content-Type", kind)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
		if res.StatusCode == http.StatusTooManyRequests {
			turned++
		}
		doors, known = doors+1, known || strings.Contains(string(text), "Invented Refuge Line")
		if strings.Contains(string(text), "Veiled") {
			t.Errorf("%s %s tells a private contact", method, path)
		}
	}
	ask("GET", "/openreferral/services?search=Invented+Refuge", "", "")
	entry := ""
	if m := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(all.String()); m != nil {
		entry = m[1]
	}
	for _, route := range server.Routes() {
		path := strings.NewReplacer(":partner", "invented", ":name", "app.css", ":id", "shire-aid", ":ref", strings.Repeat("0", 32)).Replace(route.Path)
		for _, more := range []string{"", "?l=en", "?x=a", "?search=Veiled", "?search=Invented+Refuge", "?per_page=100", "?page=2&per_page=100"} {
			if route.Method == "GET" {
				ask(route.Method, path+more, "", "")
			}
		}
		if strings.HasSuffix(route.Path, "/services/:id") && entry != "" {
			ask("GET", strings.Replace(route.Path, ":id", entry, 1), "", "")
		}
		if route.Method == "POST" {
			ask(route.Method, path, url.Values{"lang": {"en"}, "location.alert-on-leaving": {"yes"}}.Encode(), "application/x-www-form-urlencoded")
		}
	}
	if !known || doors < 150 || turned > 0 {
		t.Errorf("%d doors, and the service itself is shown: %t, %d turned away; the test looks at too little", doors, known, turned)
	}
	if strings.Contains(log.String(), "Veiled") {
		t.Error("it stands in the log")
	}
	if err := r.engine.Export(t.Context(), func(x any) error { _, err := fmt.Fprintf(&all, "%s %+v", x, x); return err }); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(all.String(), "Veiled") {
		t.Error("it rests in clear, or was told")
	}
	t.Logf("%d doors", doors)
}
