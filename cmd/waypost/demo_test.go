package main

import (
	"context"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/softkey"
	"waypost/referrals/people"
	"waypost/web"
)

// visitor is a browser at a demonstration. Redirects are looked at, not followed.
type visitor struct {
	t      *testing.T
	base   string
	cookie string
}

type seen struct {
	status   int
	body, to string
	header   http.Header
}

func (v *visitor) ask(method, path string, form url.Values, origin string) seen {
	v.t.Helper()
	var body io.Reader = http.NoBody
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", origin)
	}
	if v.cookie != "" {
		r.Header.Set("Cookie", "__Host-s="+v.cookie)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range answer.Cookies() {
		if c.Name == "__Host-s" {
			v.cookie = c.Value
		}
	}
	return seen{answer.StatusCode, string(text), answer.Header.Get("Location"), answer.Header}
}

func (v *visitor) get(path string) seen { v.t.Helper(); return v.ask(http.MethodGet, path, nil, "") }

func (v *visitor) press(path string, form url.Values) seen {
	v.t.Helper()
	return v.ask(http.MethodPost, path, form, v.base)
}

// as signs in by the button.
func (v *visitor) as(id string) seen {
	v.t.Helper()
	s := v.press(demoPath, url.Values{"who": {id}})
	if s.status != http.StatusSeeOther {
		v.t.Fatalf("sign in as %s: %d", id, s.status)
	}
	return s
}

// demonstration runs the command until stop is called. What it leaves would be in dir.
func demonstration(t *testing.T) (base, dir string, stop func() int) {
	t.Helper()
	dir = t.TempDir()
	env := map[string]string{
		"TMPDIR": dir, "WAYPOST_ADDR": "127.0.0.1:0", "WAYPOST_LANGUAGES": "en,cy",
		// What belongs to a real installation is not so much as looked at.
		"WAYPOST_DATA_DIR": filepath.Join(dir, "data"), "WAYPOST_KEY_DIR": filepath.Join(dir, "keys"), "WAYPOST_MONGODB_URI_FILE": filepath.Join(dir, "uri"),
		"WAYPOST_OIDC_ISSUER": "no address", "WAYPOST_SMTP_ADDR": "no address", "WAYPOST_PUBLIC_URL": "https://waypost.example",
	}
	ctx, cancel := context.WithCancel(context.Background())
	said, code := &shared{}, make(chan int, 1)
	go func() {
		code <- run(ctx, world{args: []string{"demo"}, env: func(n string) string { return env[n] }, in: strings.NewReader(""), out: said, errout: said, now: time.Now})
	}()
	at := regexp.MustCompile(`is at (http://localhost:\d+)/demo\n$`)
	for range 3000 {
		if found := at.FindStringSubmatch(said.String()); found != nil {
			return found[1], dir, func() int { cancel(); return <-code }
		}
		select {
		case c := <-code:
			t.Fatalf("exit %d: %s", c, said)
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	t.Fatalf("it does not serve: %s", said)
	return "", "", nil
}

func TestADemonstration(t *testing.T) {
	t.Parallel()
	base, dir, stop := demonstration(t)
	v := &visitor{t: t, base: base}

	t.Run("a session from the button is an ordinary one", func(t *testing.T) {
		lead := &visitor{t: t, base: base}
		in := lead.as("lead")
		if got := in.header.Get("Set-Cookie"); in.to != "/desk" || !strings.HasSuffix(got, "; Path=/; Secure; HttpOnly; SameSite=Strict") {
			t.Errorf("to %s with %s", in.to, got)
		}
		queue := lead.get("/desk")
		one := regexp.MustCompile(`/desk/case/[0-9a-f]{32}`).FindString(queue.body)
		if queue.status != 200 || one == "" || !strings.Contains(queue.body, "Example Lead") {
			t.Fatalf("the desk: %d, %q", queue.status, one)
		}
		if got := lead.get(one).status; got != 200 {
			t.Errorf("a case of one's own desk: %d", got)
		}
		for id, want := range map[string]struct{ queue, one int }{
			"clinician": {403, 403}, "auditor": {403, 403}, "team-lead": {200, 404}, "advocate": {403, 403}, "company-lead": {403, 403}, "editor": {403, 403},
		} {
			other := &visitor{t: t, base: base}
			other.as(id)
			if got := other.get("/desk").status; got != want.queue {
				t.Errorf("%s sees the desk: %d", id, got)
			}
			if got := other.get(one).status; got != want.one {
				t.Errorf("%s sees a case of the practice: %d", id, got)
			}
		}
		stale := lead.cookie
		if lead.as("second-lead"); lead.get("/desk").status != 200 {
			t.Error("the second lead is not let in")
		}
		old := &visitor{t: t, base: base, cookie: stale}
		if got := old.get("/desk").status; got != 401 {
			t.Errorf("the session before: %d", got)
		}
	})

	t.Run("the key is touched by its own button", func(t *testing.T) {
		lead := &visitor{t: t, base: base}
		if got := lead.press(demoPath+"/touch", url.Values{}).status; got != 401 {
			t.Errorf("by nobody: %d", got)
		}
		lead.as("lead")
		before := lead.get("/account").body
		was := lead.cookie
		if s := lead.press(demoPath+"/touch", url.Values{}); s.status != 303 || lead.cookie == was {
			t.Errorf("%d, and the cookie is the same: %t", s.status, lead.cookie == was)
		}
		const grave = `action="/account/passkeys"`
		if strings.Contains(before, grave) || !strings.Contains(lead.get("/account").body, grave) {
			t.Error("a touch makes no difference")
		}
	})

	t.Run("other sites and other people do not press it", func(t *testing.T) {
		for _, origin := range []string{"https://evil.example", "null", ""} {
			if s := v.ask(http.MethodPost, demoPath, url.Values{"who": {"lead"}}, origin); s.status != 403 || v.cookie != "" {
				t.Errorf("from %q: %d", origin, s.status)
			}
		}
		for _, who := range []string{"nobody", "", "company"} {
			if s := v.press(demoPath, url.Values{"who": {who}}); s.status == 303 || v.cookie != "" {
				t.Errorf("as %q: %d", who, s.status)
			}
		}
	})

	t.Run("every page says that nothing is real", func(t *testing.T) { everyPage(t, base) })

	if code := stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// everyPage goes through every page that can be got, as everybody, and one step further along its links.
func everyPage(t *testing.T, base string) {
	link, id := regexp.MustCompile(`href="(/[^"#]*)`), regexp.MustCompile(`[0-9a-f]{16,}`)
	pages, least, everybody := 0, 150, []string{"", "lead", "advocate", "clinician", "auditor", "team-lead", "editor", "aid-lead", "company-lead"}
	if testing.Short() {
		least, everybody = 50, everybody[:3]
	}
	for _, who := range everybody {
		v := &visitor{t: t, base: base}
		next := mountedPaths(t)
		if who != "" {
			landed := v.as(who)
			next = append(next, landed.to)
			if got := v.get(landed.to).status; got != 200 {
				t.Errorf("%s lands at %s: %d", who, landed.to, got)
			}
		}
		visited := map[string]int{}
		for depth := range 2 {
			var found []string
			for _, path := range next {
				kind, _, _ := strings.Cut(id.ReplaceAllString(path, "*"), "?")
				if visited[kind]++; visited[kind] > 2 || strings.HasPrefix(path, "/a/") { // assets
					continue
				}
				s := v.get(path)
				if !strings.HasPrefix(s.header.Get("Content-Type"), "text/html") || s.status == 303 {
					continue
				}
				pages++
				if !strings.Contains(s.body, "banner-demo") {
					t.Errorf("%s: %s (%d) does not say so", who, path, s.status)
				}
				for _, m := range link.FindAllStringSubmatch(s.body, -1) {
					found = append(found, html.UnescapeString(m[1]))
				}
			}
			if depth == 0 {
				next = found
			}
		}
	}
	if t.Logf("%d pages", pages); pages < least {
		t.Errorf("only %d pages were seen", pages)
	}
}

// mountedPaths are the addresses of all pages of a demonstration that need nothing filled in, and one that is none.
func mountedPaths(t *testing.T) []string {
	t.Helper()
	m := newMachine(t)
	r, err := openResting(t.Context(), world{env: m.get, now: time.Now}, config{addr: "127.0.0.1:1"}, mustPlaces(m))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.close() }()
	server, err := loaded(t, "en", "cy").server(config{addr: "127.0.0.1:1"}, r, time.Now, slog.New(slog.DiscardHandler), &demoPages{register: r.register})
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"/no-such-page"}
	for _, route := range server.Routes() {
		if route.Method == http.MethodGet && !strings.Contains(route.Path, ":") {
			paths = append(paths, route.Path)
		}
	}
	return paths
}

func TestServingMountsNoDemonstration(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	address, _, stop := m.serve()
	v := &visitor{t: t, base: address}
	if got := v.get(demoPath).status; got != 404 {
		t.Errorf("GET: %d", got)
	}
	for _, path := range []string{demoPath, demoPath + "/touch"} {
		if got := v.press(path, url.Values{"who": {"lead"}}).status; got != 404 {
			t.Errorf("POST %s: %d", path, got)
		}
	}
	if strings.Contains(v.get("/consult").body, "banner-demo") {
		t.Error("a real consultation says that nothing is real")
	}
	if code := stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

func TestADemonstrationIsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.7:0", "waypost.example:0", "localhost.example:0", "[::ffff:192.0.2.7]:0", "127.0.0.1.example:0"} {
		m := newMachine(t)
		m.env["WAYPOST_ADDR"], m.env["TMPDIR"] = addr, m.dir
		over, cancel := context.WithCancel(t.Context())
		cancel() // what is not refused ends at once, with another code
		said := &shared{}
		if code := run(over, world{args: []string{"demo"}, env: m.get, out: said, errout: said, now: time.Now}); code != exitUsage || strings.Contains(said.String(), addr) {
			t.Errorf("%s: exit %d: %s", addr, code, said)
		}
		if left, err := os.ReadDir(m.dir); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v %v", addr, left, err)
		}
	}
	for _, addr := range []string{"127.0.0.1:8080", "127.9.9.9:1", "[::1]:8080", "localhost:8080", "[::ffff:127.0.0.1]:1"} {
		if !isLoopback(addr) {
			t.Errorf("%s is refused", addr)
		}
	}
	m := newMachine(t)
	if _, _, code := m.do("", "demo", "--public"); code != exitUsage {
		t.Errorf("an argument: exit %d", code)
	}
}

// The register takes the software passkey for what it is: of two with one name, the one that was enrolled opens.
func TestTheSoftwareKeyIsNoBackDoor(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	r := m.opened(config{addr: "127.0.0.1:1"})
	h := newCounty()[0]
	if err := h.settle(t.Context(), r.register, "http://localhost:1"); err != nil {
		t.Fatal(err)
	}
	enrolled := h.people[0].key
	if _, err := enrolled.signIn(t.Context(), r.register, ""); err != nil {
		t.Fatal(err)
	}
	forged, err := newDemoKey("http://localhost:1")
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*softkey.Key){
		"another secret":        func(k *softkey.Key) { k.Private = forged.Private },
		"a key nobody enrolled": func(k *softkey.Key) { k.ID = forged.ID },
		"another account":       func(k *softkey.Key) { k.Handle = h.people[1].key.Handle },
		"another site":          func(k *softkey.Key) { k.Origin = "http://localhost:2" },
		"another host":          func(k *softkey.Key) { k.Host = "waypost.example" },
	} {
		k := *enrolled.Key
		spoil(&k)
		if _, err := (demoKey{&k}).signIn(t.Context(), r.register, ""); !errors.Is(err, people.ErrSignIn) {
			t.Errorf("%s: %v", name, err)
		}
	}
	doors := slices.DeleteFunc(mountedDoors(t, r), func(d string) bool { return slices.Contains(openToAnybody, d) })
	if want := []string{"GET /demo", "POST /demo", "POST /demo/touch"}; !slices.Equal(doors, want) {
		t.Errorf("a demonstration opens %q beside what is open anyhow", doors)
	}
}

// mountedDoors are the routes of a demonstration that ask for no session and no token.
func mountedDoors(t *testing.T, r *resting) (doors []string) {
	t.Helper()
	server, err := loaded(t, "en").server(config{addr: "127.0.0.1:1"}, r, time.Now, slog.New(slog.DiscardHandler), &demoPages{register: r.register})
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range server.Routes() {
		if !route.Policy.IsSignedIn() && !route.Policy.IsMachine() {
			doors = append(doors, route.Method+" "+route.Path)
		}
	}
	slices.Sort(doors)
	return doors
}

var _ web.Journey = (*demoPages)(nil)
