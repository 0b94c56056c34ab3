package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const servicesFeed = `{"total_items":3,"contents":[
 {"id":"a","name":"Invented Aid","status":"active","phones":[{"number":"01432 123456"}],"attributes":[{"taxonomy_term":{"name":"Stalking"}}]},
 {"id":"b","status":"active","phones":[{"number":"01432 123456"}]},
 {"id":"c","name":"Invented Club","status":"active","url":"www.club.example.org","attributes":[{"taxonomy_term":{"name":"Chess"}}]}]}`

const servicesSheet = "id,name,phone,needs\na,Invented Aid,01432 123456,stalking\n"

// shire runs commands one after the other on the same directories.
func shire(t *testing.T) func(args ...string) (out, errout string, code int) {
	t.Helper()
	dir := t.TempDir()
	env := map[string]string{"WAYPOST_DATA_DIR": filepath.Join(dir, "data"), "WAYPOST_KEY_DIR": filepath.Join(dir, "keys")}
	for name, text := range map[string]string{
		"feed.json": servicesFeed, "sheet.csv": servicesSheet, "terms.csv": "Chess,older-people\n", "broken.json": servicesFeed[:200], "areas.csv": "E06000019,Herefordshire\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(args ...string) (string, string, int) {
		var o, e bytes.Buffer
		for i, a := range args {
			args[i] = strings.ReplaceAll(a, "DIR", dir)
		}
		args = append([]string{"import", "services"}, args...)
		code := run(context.Background(), world{args: args, env: func(k string) string { return env[k] }, in: strings.NewReader(""), out: &o, errout: &e, now: time.Now})
		return o.String(), e.String(), code
	}
}

func TestImportingServices(t *testing.T) {
	t.Parallel()
	command := shire(t)
	usual := []string{"DIR/feed.json", "--source", "shire", "--address", "https://feed.example.org/services", "--covers", "E06000019"}
	says := func(step string, want []string, args ...string) {
		t.Helper()
		out, errout, code := command(args...)
		if code != 0 {
			t.Fatalf("%s: %d %s %s", step, code, out, errout)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: %q lacks %q", step, out, w)
			}
		}
	}
	says("dry", []string{"3 services read, 2 can be used", "added: 2", "it has no name", "nothing was written"}, append([]string{"--dry-run"}, usual...)...)
	says("first", []string{"added: 2", "held for a human (no-need): 1", "set aside: 1, the first is service 2", "2 boxes written"}, usual...)
	says("twice", []string{"same: 2", "0 boxes written"}, usual...)
	says("with terms", []string{"changed: 1", "same: 1"}, append(usual, "--terms", "DIR/terms.csv", "--areas", "DIR/areas.csv")...)
	says("a sheet", []string{"1 services read, 1 can be used", "added: 1"}, "DIR/sheet.csv", "--source", "board", "--address", "https://board.example.org/list", "--covers", "E06000019")
}

func TestImportingServicesRefuses(t *testing.T) {
	t.Parallel()
	command := shire(t)
	for _, c := range []struct {
		want int
		args []string
	}{
		{exitUsage, nil}, {exitUsage, []string{"DIR/feed.json"}}, {exitUsage, []string{"DIR/feed.json", "--source", "shire"}},
		{exitUsage, []string{"--source", "shire", "--address", "https://feed.example.org/x"}}, {exitUsage, []string{"DIR/feed.json", "--what"}},
		{exitUsage, []string{"DIR/feed.json", "--source", "shire", "--address", "https://feed.example.org/x", "--covers", "E10000008"}},
		{exitFailed, []string{"DIR/feed.json", "--source", "the shire", "--address", "https://feed.example.org/x"}},
		{exitFailed, []string{"DIR/feed.json", "--source", "shire", "--address", "https://feed.example.org/x", "--needs", "emergency"}},
		{exitFailed, []string{"DIR/none.json", "--source", "shire", "--address", "https://feed.example.org/x"}},
		{exitFailed, []string{"DIR/broken.json", "--source", "shire", "--address", "https://feed.example.org/x", "--covers", "E06000019"}},
	} {
		if out, errout, code := command(c.args...); code != c.want || strings.Contains(errout, "Invented") {
			t.Errorf("%v: %d %s %s", c.args, code, out, errout)
		}
	}
}
