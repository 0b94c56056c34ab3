package web

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// echoing is a journey that holds what it was sent in every way a handler can, and says back what a page may say.
func echoing(seen *[]Form) Journey {
	return JourneyFunc(func(k *Kit) ([]Route, error) {
		shell, err := k.Shell("en", ShellSpec{Title: "Check", Exit: true})
		if err != nil {
			return nil, err
		}
		return []Route{
			{Method: "POST", Path: "/form", Policy: Open(), Handler: func(r *Request) (Page, error) {
				f, faults, err := r.Form(consultFields)
				if err != nil {
					return Page{}, err
				}
				*seen = append(*seen, f)
				body := Page{Shell: shell, Body: []Fragment{Escape(string(rune('0' + len(faults))))}}
				if r.Fragment() == "result" {
					body.Shell = nil
				}
				if v, _ := f.One("way"); v == "panic" {
					words, _ := f.One("line")
					panic(words)
				}
				if v, _ := f.One("way"); v == "fail" {
					words, _ := f.One("line")
					return Page{}, errors.New(words)
				}
				return body, nil
			}},
			{Method: "GET", Path: "/case/:ref", Policy: Open(), Handler: func(r *Request) (Page, error) {
				if r.Param("ref") != "ab-12" || r.Param("other") != "" {
					return Page{}, ErrNotFound
				}
				return Page{Shell: shell}, nil
			}},
		}, nil
	})
}

const formHead = "POST /form HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"

// A32: over the wire, what cannot be a form of ours is refused with a status, our headers, and nothing of it in the page.
func TestFormsOverTheWire(t *testing.T) {
	var seen []Form
	address := listen(t, newServer(t, testConfig(t), echoing(&seen)))
	send := func(head, body string) string {
		return speak(t, address, head+"Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	}
	for name, c := range map[string]struct{ head, body, status string }{
		"a form":               {formHead, "gateway.fear=no&canary-id=yes", "200"},
		"a form, packed":       {formHead + "Content-Encoding: gzip\r\n", "\x1f\x8bcanary", "415"},
		"json":                 {strings.Replace(formHead, "application/x-www-form-urlencoded", "application/json", 1), `{"canary":{"$ne":null}}`, "415"},
		"multipart":            {strings.Replace(formHead, "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", 1), "--b\r\nContent-Disposition: form-data; name=\"line\"\r\n\r\ncanary\r\n--b--\r\n", "415"},
		"no type":              {strings.Replace(formHead, "Content-Type: application/x-www-form-urlencoded\r\n", "", 1), "line=canary", "415"},
		"NUL":                  {formHead, "gateway.fear=canary%00", "400"},
		"twice":                {formHead, "gateway.fear=canary&gateway.fear=no", "400"},
		"one megabyte":         {formHead, "line=" + strings.Repeat("canary", 1<<20/6), "413"},
		"one byte too many":    {formHead, "line=" + strings.Repeat("a", maxBody-4), "413"},
		"as large as may be":   {formHead, "line=" + strings.Repeat("a", maxBody-5), "200"},
		"script":               {formHead, "line=<script>canary</script>&canary<script>=1", "200"},
		"query, not form":      {strings.Replace(formHead, "/form", "/form?line=canary", 1), "gateway.fear=no", "200"},
		"a panic over it":      {formHead, "way=panic&line=canary", "500"},
		"a failure over it":    {formHead, "way=fail&line=canary", "500"},
		"an index, a thousand": {formHead, "a[999999999]=canary", "200"},
	} {
		answer := send(c.head, c.body)
		if !strings.HasPrefix(answer, "HTTP/1.1 "+c.status+" ") {
			t.Errorf("%s: %.60q, want %s", name, answer, c.status)
			continue
		}
		missing(t, name, answer, false)
		if strings.Contains(answer, "canary") {
			t.Errorf("%s: it comes back in the answer", name)
		}
	}
	if len(seen) == 0 || list(seen[0]) == "" && len(seen) == 1 {
		t.Error("no form arrived")
	}
	for path, status := range map[string]string{"/case/ab-12": "200", "/case/AB-12": "404", "/case/ab-12%00": "404", "/case/..": "404", "/case/%7B%22%24ne%22%3A1%7D": "404", "/case/" + strings.Repeat("a", 200): "404", "/case/": "404"} {
		if answer := speak(t, address, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n"); !strings.HasPrefix(answer, "HTTP/1.1 "+status) {
			t.Errorf("%s: %.40q", path, answer)
		}
	}
	plain := send(formHead, "gateway.fear=no")
	live := send(formHead+"X-Fragment: result\r\n", "gateway.fear=no")
	other := send(formHead+"X-Fragment: anything\r\n", "gateway.fear=no")
	if !strings.Contains(plain, "<!doctype") || strings.Contains(live, "<!doctype") || !strings.Contains(other, "<!doctype") {
		t.Error("the live part is not told from the page")
	}
}

// A35: a whole visit with canaries in every place where a visitor can put one leaves none of them in what the process
// writes: its log, its standard output and error, its working and temporary directory. The address is one of its own.
func TestNothingOfAVisitIsWrittenDown(t *testing.T) {
	scratch := t.TempDir()
	t.Setenv("TMPDIR", scratch)
	out := divert(t)
	var log bytes.Buffer
	cfg := testConfig(t)
	cfg.Log = slog.New(NewLogHandler(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true})))
	var seen []Form
	s := newServer(t, cfg, echoing(&seen), styleguide(ShellSpec{Title: "Check"}))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listenOn(t, s, ln)
	const canary = "kanarienvogel"
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 77)}}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	visit := func(method, path, body string) {
		t.Helper()
		req, err := http.NewRequest(method, "http://"+address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", canary)
		req.Header.Set("Referer", "https://"+canary+".example")
		req.Header.Set("Accept-Language", canary)
		req.Header.Set("Cookie", "a="+canary)
		req.Header.Set("X-Forwarded-For", canary)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(got, []byte(canary)) {
			t.Errorf("%s %s says it back", method, path)
		}
		for name, values := range resp.Header {
			if strings.Contains(strings.Join(values, " "), canary) {
				t.Errorf("%s %s has it in %s", method, path, name)
			}
		}
	}
	words := url.Values{"line": {canary + " Straße"}, "prose": {canary}, "carried": {canary}, canary: {canary}}.Encode()
	for _, way := range []string{"", "fail", "panic"} {
		visit("POST", "/form?l="+canary, words+"&way="+way)
	}
	for _, path := range []string{"/", "/?x=" + canary, "/" + canary, "/case/" + canary, "/a/" + canary + ".css", "/x?to=" + canary, "/styleguide?l=" + canary} {
		visit("GET", path, "")
	}
	visit("DELETE", "/"+canary, canary)
	speak(t, address, canary+" / HTTP/1.1\r\n"+canary+"\r\n\r\n")
	speak(t, address, "GET / HTTP/1.1\r\nHost: a\r\n"+canary+"\r\n\r\n")
	speak(t, address, "GET / HTTP/1.1\r\nHost: a\r\nX: "+strings.Repeat(canary, maxHeader)+"\r\n\r\n")
	if n := strings.Count(log.String(), `"level":"ERROR"`); n != 2 {
		t.Errorf("%d lines for a failure and a panic: %s", n, log.String())
	}
	for where, text := range map[string]string{"the log": log.String(), "standard output and error": out()} {
		for _, what := range []string{canary, "Straße", "127.0.0.77", "/form", "/case"} {
			if strings.Contains(text, what) {
				t.Errorf("%s holds %q: %s", where, what, text)
			}
		}
	}
	err = filepath.WalkDir(scratch, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("a file is left: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// divert catches what goes to standard output and error until asked for it.
func divert(t *testing.T) func() string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = f, f
	back := func() { os.Stdout, os.Stderr = stdout, stderr }
	t.Cleanup(back)
	return func() string {
		back()
		raw, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		return string(raw)
	}
}
