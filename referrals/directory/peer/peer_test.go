package peer

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Every service and host of these tests is invented.

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// house is another directory: five services on pages of two, unless a test spoils something.
type house struct {
	t      *testing.T
	server *httptest.Server
	mu     sync.Mutex
	asked  []string        // paths and queries, in order
	waits  []time.Duration // that the reading waited
	at     atomic.Int32    // questions under way, as whoever asks knows it: a server may see late that one was given up
	spoil  func(w http.ResponseWriter, r *http.Request, nth int) bool
}

var five = []string{"a", "b", "c d", "e%2f", "f"}

func open(t *testing.T, spoil func(w http.ResponseWriter, r *http.Request, nth int) bool) *house {
	h := &house{t: t, spoil: spoil}
	h.server = httptest.NewTLSServer(http.HandlerFunc(h.answer))
	t.Cleanup(h.server.Close)
	return h
}

// oneByOne sees that nothing is asked before the answer to what was asked last has been put away.
type oneByOne struct {
	h *house
	http.RoundTripper
}

func (o oneByOne) RoundTrip(r *http.Request) (*http.Response, error) {
	if o.h.at.Add(1) > 1 {
		o.h.t.Error("two questions at once")
	}
	answer, err := o.RoundTripper.RoundTrip(r)
	if err != nil {
		o.h.at.Add(-1)
		return nil, err
	}
	answer.Body = &putAway{answer.Body, sync.OnceFunc(func() { o.h.at.Add(-1) })}
	return answer, nil
}

type putAway struct {
	io.ReadCloser
	then func()
}

func (p *putAway) Close() error { defer p.then(); return p.ReadCloser.Close() }

func (h *house) answer(w http.ResponseWriter, r *http.Request) {
	for name, want := range map[string]string{"User-Agent": agent, "Accept": "application/json", "Cookie": "", "Authorization": "", "Referer": "", "Origin": ""} {
		if got := r.Header.Get(name); got != want {
			h.t.Errorf("%s is %q", name, got)
		}
	}
	h.mu.Lock()
	h.asked = append(h.asked, r.URL.RequestURI())
	nth := len(h.asked)
	h.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "follow", Value: "me"})
	w.Header().Set("Content-Type", "application/json")
	if h.spoil != nil && h.spoil(w, r, nth) {
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, "/api/services/"); ok {
		say(w, full(id))
		return
	}
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	say(w, list(n))
}

func full(id string) string {
	return `{"id":` + strconv.Quote(id) + `,"name":"Invented ` + id + `","status":"active","phones":[{"number":"01432 123456"}]}`
}

func list(n int) string {
	var on []string
	for i := (n - 1) * 2; i < min(n*2, len(five)); i++ {
		on = append(on, `{"id":`+strconv.Quote(five[i])+`,"name":"short"}`)
	}
	return fmt.Sprintf(`{"total_items":5,"total_pages":3,"page_number":%d,"last_page":%t,"contents":[%s]}`, n, n >= 3, strings.Join(on, ","))
}

func say(w http.ResponseWriter, text string) { _, _ = w.Write([]byte(text)) }

// reading keeps what it was handed.
type reading struct {
	pages []string
	state State
}

func (h *house) api(change ...func(*Config)) *API {
	h.t.Helper()
	limits := Usual()
	limits.Each = 20 * time.Second
	c := Config{
		Base: h.server.URL + "/api/", Hosts: []string{strings.TrimPrefix(h.server.URL, "https://")}, Limits: limits, Now: func() time.Time { return noon }, Through: oneByOne{h, h.server.Client().Transport},
		Wait: func(_ context.Context, d time.Duration) error { h.waits = append(h.waits, d); return nil },
	}
	for _, change := range change {
		change(&c)
	}
	a, err := Open(c)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func (r *reading) keep(page []byte, after State) error {
	if page != nil {
		r.pages = append(r.pages, string(page))
	}
	r.state = after
	return nil
}

// names are the services that were kept, in order.
func (r *reading) names(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, p := range r.pages {
		var one struct{ Contents []struct{ ID, Name string } }
		if err := json.Unmarshal([]byte(p), &one); err != nil {
			t.Fatalf("a page is not JSON: %v", err)
		}
		for _, c := range one.Contents {
			if c.Name != "Invented "+c.ID {
				t.Errorf("%s was not read in full", c.ID)
			}
			out = append(out, c.ID)
		}
	}
	return out
}

func TestAWholeDirectoryIsRead(t *testing.T) {
	t.Parallel()
	h, r := open(t, nil), &reading{}
	s, err := h.api().Read(t.Context(), State{}, r.keep)
	if err != nil || !s.Whole() || s.Pages != 3 || s.Read != 5 || !slices.Equal(r.names(t), five) {
		t.Fatalf("%v %+v %v", err, s, r.names(t))
	}
	if len(h.asked) != 8 || h.asked[0] != "/api/services?page=1&per_page=50" || h.asked[3] != "/api/services?page=2&per_page=50" || h.asked[5] != "/api/services/e%252f" {
		t.Errorf("asked %v", h.asked)
	}
	if len(h.waits) != 7 || slices.ContainsFunc(h.waits, func(d time.Duration) bool { return d != Usual().Gap }) {
		t.Errorf("waited %v", h.waits)
	}
	if state, _ := json.Marshal(s); bytes.Contains(state, []byte("Invented")) || bytes.Contains(state, []byte("01432")) {
		t.Error("the state holds what was read")
	}
}

// A reading that dies in the middle of a page goes on with that page, in another process, and asks for no page twice.
func TestDeathInTheMiddleAndOnFromThere(t *testing.T) {
	t.Parallel()
	dead := true
	h := open(t, func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if dead && strings.HasSuffix(r.URL.Path, "/e%2f") {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	r := &reading{}
	s, err := h.api().Read(t.Context(), State{}, r.keep)
	if !errors.Is(err, ErrReach) || s.Pages != 1 || s.Done || r.state.Pages != 1 {
		t.Fatalf("%v %+v", err, s)
	}
	raw, _ := json.Marshal(r.state)
	var again State
	if err := json.Unmarshal(raw, &again); err != nil {
		t.Fatal(err)
	}
	dead, h.asked = false, nil
	s, err = h.api().Read(t.Context(), again, r.keep)
	if err != nil || !s.Done || s.Whole() || !slices.Equal(r.names(t), five) {
		t.Fatalf("%v %+v %v", err, s, r.names(t))
	}
	if h.asked[0] != "/api/services?page=2&per_page=50" {
		t.Errorf("went on with %v", h.asked)
	}
}

func TestAskedToWait(t *testing.T) {
	t.Parallel()
	busy := func(header string, status, until int) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, _ *http.Request, nth int) bool {
			if nth > until {
				return false
			}
			if header != "" {
				w.Header().Set("Retry-After", header)
			}
			w.WriteHeader(status)
			return true
		}
	}
	for _, c := range []struct {
		name   string
		spoil  func(http.ResponseWriter, *http.Request, int) bool
		waits  []time.Duration // the first ones
		fails  error
		asking int
	}{
		{"seconds", busy("7", 429, 1), []time.Duration{7 * time.Second, Usual().Gap}, nil, 9},
		{"a date", busy(noon.Add(90*time.Second).Format(http.TimeFormat), 503, 1), []time.Duration{90 * time.Second}, nil, 9},
		{"no word of when", busy("", 503, 3), []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, Usual().Gap}, nil, 11},
		{"a date that is past", busy(noon.Add(-time.Hour).Format(http.TimeFormat), 429, 1), []time.Duration{time.Second}, nil, 9},
		{"nonsense", busy("-5", 429, 1), []time.Duration{time.Second}, nil, 9},
		{"for ever", busy("", 503, 1000), []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}, ErrBusy, 5},
		{"longer than anybody waits", busy("86400", 429, 1000), nil, ErrBusy, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, r := open(t, c.spoil), &reading{}
			_, err := h.api().Read(t.Context(), State{}, r.keep)
			if !errors.Is(err, c.fails) || len(h.asked) != c.asking {
				t.Fatalf("%v after %d questions", err, len(h.asked))
			}
			if len(h.waits) < len(c.waits) || !slices.Equal(h.waits[:len(c.waits)], c.waits) {
				t.Errorf("waited %v", h.waits)
			}
		})
	}
}

// What a hostile house may answer: what is kept, and how it ends.
func TestAHostileHouse(t *testing.T) {
	t.Parallel()
	page := func(do func(w http.ResponseWriter, n int)) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if r.URL.Path != "/api/services" {
				return false
			}
			n, _ := strconv.Atoi(r.URL.Query().Get("page"))
			do(w, n)
			return true
		}
	}
	service := func(do func(w http.ResponseWriter, r *http.Request)) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if !strings.HasSuffix(r.URL.Path, "/b") {
				return false
			}
			do(w, r)
			return true
		}
	}
	moved := func(to string) func(http.ResponseWriter, *http.Request, int) bool {
		return service(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	}
	small := func(c *Config) {
		c.Limits.Answer, c.Limits.Each, c.Limits.Pages, c.Limits.Tries = 4<<10, 20*time.Second, 30, 2
	}
	hasty := func(c *Config) { small(c); c.Limits.Each = 300 * time.Millisecond }
	for _, c := range []struct {
		name  string
		spoil func(http.ResponseWriter, *http.Request, int) bool
		fails error
		whole bool
		kept  int
	}{
		{"redirects to another host", moved("https://inside.example/services/b"), ErrMoved, false, 0},
		{"redirects inside", moved("https://127.0.0.1/services/b"), ErrMoved, false, 0},
		{"redirects to another port", moved("https://127.0.0.1:1/services/b"), ErrMoved, false, 0},
		{"redirects out of TLS", moved("http://127.0.0.1/services/b"), ErrMoved, false, 0},
		{"redirects to a file", moved("file:///etc/passwd"), ErrMoved, false, 0},
		{"redirects with credentials", service(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://a:b@"+r.Host+"/api/services/a", http.StatusFound)
		}), ErrMoved, false, 0},
		{"redirects in a ring", moved("/api/services/b"), ErrMoved, false, 0},
		{"endless pages", page(func(w http.ResponseWriter, n int) {
			say(w, fmt.Sprintf(`{"total_pages":9999999,"contents":[{"id":"x%d"}]}`, n))
		}), ErrBounds, false, 30},
		{"a page that repeats", page(func(w http.ResponseWriter, _ int) { say(w, `{"contents":[{"id":"a"},{"id":"f"}]}`) }), nil, false, 2},
		{"a total that grows while we read", page(func(w http.ResponseWriter, n int) {
			say(w, strings.Replace(list(n), `"total_items":5`, `"total_items":`+strconv.Itoa(4+n), 1))
		}), nil, false, 5},
		{"a huge page", page(func(w http.ResponseWriter, _ int) { say(w, `{"contents":["`+strings.Repeat("a", 8<<10)+`"]}`) }), ErrAnswer, false, 0},
		{"a huge service", service(func(w http.ResponseWriter, _ *http.Request) {
			say(w, `{"id":"b","name":"`+strings.Repeat("a", 8<<10)+`"}`)
		}), nil, false, 4},
		{"a bomb", page(func(w http.ResponseWriter, _ int) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(bytes.Repeat([]byte(" "), 64<<20))
			_ = z.Close()
		}), ErrAnswer, false, 0},
		{"packed as nobody asked for", page(func(w http.ResponseWriter, _ int) { w.Header().Set("Content-Encoding", "br"); say(w, "x") }), ErrAnswer, false, 0},
		{"a page of HTML", page(func(w http.ResponseWriter, _ int) { w.Header().Set("Content-Type", "text/html"); say(w, list(1)) }), ErrAnswer, false, 0},
		{"a problem in place of a page", page(func(w http.ResponseWriter, _ int) {
			w.Header().Set("Content-Type", "application/problem+json")
			say(w, list(1))
		}), ErrAnswer, false, 0},
		{"no page", page(func(w http.ResponseWriter, _ int) { say(w, `[1,2]`) }), ErrAnswer, false, 0},
		{"a page that breaks off", page(func(w http.ResponseWriter, _ int) { say(w, list(1)[:40]) }), ErrAnswer, false, 0},
		{"a page shorter than it says", page(func(w http.ResponseWriter, _ int) {
			w.Header().Set("Content-Length", "9999")
			say(w, list(1))
		}), ErrReach, false, 0},
		{"wants a key", page(func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusUnauthorized) }), ErrAnswer, false, 0},
		{"a slow answer", service(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			for range 20 {
				say(w, " ")
				w.(http.Flusher).Flush()
				select {
				case <-time.After(50 * time.Millisecond):
				case <-r.Context().Done():
					return
				}
			}
		}), ErrReach, false, 0},
		{"a service that is gone", service(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }), nil, false, 4},
		{"a service that fails", service(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }), nil, false, 4},
		{"the same service for all", service(func(w http.ResponseWriter, _ *http.Request) { say(w, full("a")) }), nil, false, 4},
		{"two services in one answer", service(func(w http.ResponseWriter, _ *http.Request) { say(w, full("b")+full("b")) }), nil, false, 4},
		{"ids that climb", page(func(w http.ResponseWriter, _ int) {
			say(w, `{"last_page":true,"contents":[{"id":"..","name":"Invented .."},{"id":"../../x","name":"Invented ../../x"},{"id":"a"}]}`)
		}), nil, true, 3},
		{"a redirect within the host", moved("/api/services/a?then=b"), nil, false, 4},
		{"an older shape", page(func(w http.ResponseWriter, n int) {
			say(w, strings.NewReplacer("contents", "content", "total_items", "totalElements", "last_page", "last", `"total_pages":3,`, "").Replace(list(n)))
		}), nil, true, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, r, limits := open(t, c.spoil), &reading{}, small
			if c.fails == ErrReach { // the others may take their time on a busy machine
				limits = hasty
			}
			s, err := h.api(limits).Read(t.Context(), State{}, r.keep)
			if !errors.Is(err, c.fails) || (c.fails == nil) != (err == nil) {
				t.Fatalf("ended with %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "://") || strings.Contains(err.Error(), "Invented")) {
				t.Errorf("the error says what came: %v", err)
			}
			if got := r.names(t); s.Whole() != c.whole || len(got) != c.kept {
				t.Errorf("whole %t, kept %v", s.Whole(), got)
			}
			for _, path := range h.asked {
				if !strings.HasPrefix(path, "/api/services") || strings.Contains(path, "..") {
					t.Errorf("asked for %s", path)
				}
			}
		})
	}
}

func TestWhoKeepsFailingIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := open(t, func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if r.URL.Path != "/api/services" {
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		var on []string
		for i := range 200 {
			on = append(on, fmt.Sprintf(`{"id":"s%d"}`, i))
		}
		say(w, `{"contents":[`+strings.Join(on, ",")+`]}`)
		return true
	})
	r := &reading{}
	if _, err := h.api().Read(t.Context(), State{}, r.keep); !errors.Is(err, ErrAnswer) || len(h.asked) > 30 {
		t.Errorf("%v after %d questions", err, len(h.asked))
	}
}

func TestBoundsOfTheWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Limits)
		want   error
	}{
		"bytes":  {func(l *Limits) { l.Total = 500 }, ErrBounds},
		"a page": {func(l *Limits) { l.Page = 100 }, ErrBounds},
		"time":   {func(l *Limits) { l.All = time.Nanosecond }, context.DeadlineExceeded},
	} {
		h, r := open(t, nil), &reading{}
		if _, err := h.api(func(k *Config) { c.change(&k.Limits) }).Read(t.Context(), State{}, r.keep); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhomToAsk(t *testing.T) {
	t.Parallel()
	hosts, err := ParseHosts("directory.council.example, Feeds.Board.example:8443,x.example:443")
	if err != nil || !slices.Equal(hosts, []string{"directory.council.example", "feeds.board.example:8443", "x.example"}) {
		t.Fatalf("%v %v", hosts, err)
	}
	for base, want := range map[string]error{
		"https://directory.council.example/openreferral": nil, "https://DIRECTORY.council.example": nil, "https://directory.council.example:443/": nil, "https://feeds.board.example:8443": nil,
		"http://directory.council.example": ErrAddress, "https://": ErrAddress, "directory.council.example": ErrAddress, "file:///etc/passwd": ErrAddress,
		"https://key@directory.council.example": ErrAddress, "https://directory.council.example/?key=1": ErrAddress, "https://directory.council.example/#a": ErrAddress,
		"https://other.example": ErrHost, "https://directory.council.example.evil.example": ErrHost, "https://feeds.board.example": ErrHost, "https://directory.council.example:8443": ErrHost,
		"https://127.0.0.1": ErrHost, "https://[::1]": ErrHost, "https://localhost": ErrHost, "https://directory.council.example\\@evil.example": ErrAddress,
	} {
		if _, err := Open(Config{Base: base, Hosts: hosts}); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%s: %v", base, err)
		}
	}
	if _, err := Open(Config{Base: "https://directory.council.example"}); !errors.Is(err, ErrHost) {
		t.Errorf("without a list: %v", err)
	}
	for _, list := range []string{"127.0.0.1", "[::1]", "localhost", "*.example", "https://a.example", "a.example/x", "a.example:0", "a.example:99999", "a..example", "10.1", "-a.example", "a.example:x"} {
		if got, err := ParseHosts(list); err == nil {
			t.Errorf("%s is taken as %v", list, got)
		}
	}
}

func FuzzPage(f *testing.F) {
	for n := range 4 {
		f.Add([]byte(list(n + 1)))
	}
	for _, s := range []string{`{}`, `{"contents":null}`, `{"contents":[{"id":1.5e3},7,null,{"id":null},{"id":".."}],"total_items":"3","last_page":"yes"}`, `{"content":[],"total_items":-1,"total_pages":1e99}`, `[[[[`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, ok := readPage(body)
		if !ok {
			return
		}
		if p.total < 0 || p.total > mostServices || p.pages < 0 || len(p.mark()) != 24 {
			t.Errorf("%+v", p)
		}
		var services []json.RawMessage
		for _, i := range p.items {
			if i.id == "." || i.id == ".." || len(i.id) > longestID || strings.ContainsAny(i.id, "/\\\n") {
				t.Errorf("an address would be made of %q", i.id)
			}
			services = append(services, i.raw)
		}
		out := whole(p.total, services)
		back, ok := readPage(out)
		if !ok || back.total != p.total || back.mark() != p.mark() {
			t.Errorf("%s came back as %+v", out, back)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"7", "-1", "99999999999999999999", noon.Format(http.TimeFormat), "Wed, 21 Oct 9999 07:28:00 GMT", "", "1.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if d := retryAfter(header, noon); d < 0 {
			t.Errorf("%q: %s", header, d)
		}
	})
}

func TestMain(m *testing.M) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"} {
		_ = os.Setenv(name, "http://127.0.0.1:1") // no question may go there
	}
	os.Exit(m.Run())
}
