package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// council is another directory of two pages, and whether it is up.
type council struct {
	down  atomic.Bool
	asked atomic.Int32
	total atomic.Int32 // as it says; 0: as it is
}

func (c *council) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	c.asked.Add(1)
	w.Header().Set("Content-Type", "application/json")
	page := r.URL.Query().Get("page")
	id, one := strings.CutPrefix(r.URL.Path, "/api/services/")
	switch {
	case r.URL.Scheme != "https" || r.URL.Host != "directory.council.example":
		w.WriteHeader(http.StatusTeapot)
	case c.down.Load() && page == "2":
		w.Header().Set("Retry-After", "86400")
		w.WriteHeader(http.StatusServiceUnavailable)
	case one:
		fmt.Fprintf(w, `{"id":%q,"name":"Invented Aid %s","status":"active","phones":[{"number":"01432 123456"}],"attributes":[{"taxonomy_term":{"name":"Stalking"}}]}`, id, id)
	default:
		fmt.Fprintf(w, `{"total_items":%d,"total_pages":2,"last_page":%t,"contents":[{"id":"s%s"}]}`, cmp.Or(c.total.Load(), 2), page == "2", page)
	}
	return w.Result(), nil
}

func TestImportingFromAnotherDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := &council{}
	env := map[string]string{"WAYPOST_DATA_DIR": filepath.Join(dir, "data"), "WAYPOST_KEY_DIR": filepath.Join(dir, "keys"), "WAYPOST_IMPORT_HOSTS": "directory.council.example"}
	now := time.Now()
	command := func(more ...string) (string, int) {
		var out bytes.Buffer
		args := append([]string{"import", "services", "--from", "https://directory.council.example/api", "--source", "shire", "--covers", "E06000019"}, more...)
		code := run(context.Background(), world{args: args, env: func(k string) string { return env[k] }, in: strings.NewReader(""), out: &out, errout: &out, now: func() time.Time { return now }, through: other})
		return out.String(), code
	}
	says := func(step string, code int, want []string, args ...string) {
		t.Helper()
		out, got := command(args...)
		if got != code {
			t.Fatalf("%s: %d %s", step, got, out)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: %q lacks %q", step, out, w)
			}
		}
	}
	lies := filepath.Join(dir, "data", "import", "shire")
	left := func(step string, want int) {
		t.Helper()
		if files, _ := os.ReadDir(lies); len(files) != want {
			t.Errorf("%s: %d files lie in the spool", step, len(files))
		}
	}
	other.down.Store(true)
	says("broken off", exitFailed, []string{"page 1: 1 services read, of 2 as it says", "come back later", "1 pages are kept"})
	left("broken off", 2)
	other.down.Store(false)
	before := other.asked.Load()
	says("on from there, dry", 0, []string{"1 pages were read on", "2 services read, 2 can be used", "added: 2", "not read whole", "nothing was written"}, "--dry-run")
	if n := other.asked.Load() - before; n != 2 {
		t.Errorf("%d questions to go on from page 2", n)
	}
	left("dry", 3)
	before = other.asked.Load()
	says("for good", 0, []string{"2 pages were read on", "added: 2", "2 boxes written"})
	if n := other.asked.Load() - before; n != 0 {
		t.Errorf("%d questions for what had been read", n)
	}
	left("for good", 0)
	says("twice", 0, []string{"same: 2", "0 boxes written"})
	says("dry once more", 0, nil, "--dry-run")
	before = other.asked.Load()
	says("anew", 0, []string{"same: 2"}, "--anew")
	if n := other.asked.Load() - before; n != 4 {
		t.Errorf("%d questions for a reading anew", n)
	}
	other.total.Store(1000) // a list that says it is longer than it is proves nothing gone
	says("a total that lies", 0, []string{"same: 2", "not read whole"}, "--anew")
	other.total.Store(0)
	says("dry at last", 0, nil, "--dry-run")
	letGo, err := spool{lies}.hold()
	if err != nil {
		t.Fatal(err)
	}
	before = other.asked.Load()
	says("while another one reads", exitFailed, []string{"another one reads the same feed"}, "--anew")
	if letGo(); other.asked.Load() != before {
		t.Error("two read at once")
	}
	sweep := func(step string, want int) {
		t.Helper()
		if err := sweepSpools(filepath.Join(dir, "data"), now); err != nil {
			t.Fatal(err)
		}
		left(step, want)
	}
	sweep("in time", 3)
	now = now.Add(25 * time.Hour)
	if letGo, err = (spool{lies}).hold(); err != nil {
		t.Fatal(err)
	}
	sweep("a day later, while an import is at it", 3)
	letGo()
	sweep("a day later", 0)
}

func TestWhoMayBeAskedIsNamedFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := &council{}
	for _, c := range []struct {
		hosts string
		args  []string
	}{
		{"", []string{"--from", "https://directory.council.example/api", "--source", "shire"}},
		{"other.example", []string{"--from", "https://directory.council.example/api", "--source", "shire"}},
		{"directory.council.example", []string{"--from", "http://directory.council.example/api", "--source", "shire"}},
		{"directory.council.example", []string{"--from", "https://key@directory.council.example/api", "--source", "shire"}},
		{"directory.council.example", []string{"--from", "https://directory.council.example/api", "--source", "../shire"}},
		{"directory.council.example", []string{"--from", "https://directory.council.example/api"}},
		{"directory.council.example", []string{"FILE", "--from", "https://directory.council.example/api", "--source", "shire"}},
		{"directory.council.example", []string{"FILE", "--anew", "--source", "shire", "--address", "https://directory.council.example/api"}},
		{"127.0.0.1", []string{"--from", "https://127.0.0.1/api", "--source", "shire"}},
		{"localhost", []string{"--from", "https://localhost/api", "--source", "shire"}},
	} {
		env := map[string]string{"WAYPOST_DATA_DIR": filepath.Join(dir, "data"), "WAYPOST_KEY_DIR": filepath.Join(dir, "keys"), "WAYPOST_IMPORT_HOSTS": c.hosts}
		var out bytes.Buffer
		w := world{args: append([]string{"import", "services"}, c.args...), env: func(k string) string { return env[k] }, in: strings.NewReader(""), out: &out, errout: &out, now: time.Now, through: other}
		if code := run(context.Background(), w); code != exitUsage || other.asked.Load() > 0 {
			t.Errorf("%s %v: %d %s", c.hosts, c.args, code, out.String())
		}
	}
}

// Only tests may carry questions in a way of their own.
func TestTheProductHasNoOtherWayOut(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(err, len(files))
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f, "_test.go") && strings.Contains(string(text), "through:") {
			t.Errorf("%s sets a way", f)
		}
	}
}
