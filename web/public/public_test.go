package public

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/directory/national"
	"waypost/screening/guide"
	"waypost/web"
)

// clock is a time that a test can move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

var readDay = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

func journey(t testing.TB, c *clock) *Journey {
	t.Helper()
	g, words := content(t)
	list, err := national.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := directory.Open(list)
	if err != nil {
		t.Fatal(err)
	}
	forms, err := vault.NewForms(rand.Reader, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return &Journey{Guide: g, Law: law(t), Words: words, Directory: d, Forms: forms, Now: c.now}
}

// site is a server of its own with everything it has logged.
type site struct {
	url   string
	clock *clock
	log   *bytes.Buffer
	j     *Journey
}

func server(t testing.TB, change func(*Journey)) *site {
	t.Helper()
	c := &clock{readDay}
	j := journey(t, c)
	if change != nil {
		change(j)
	}
	s := &site{clock: c, log: &bytes.Buffer{}, j: j}
	pages, err := web.New(web.Config{Words: j.Words, Clock: c.now, Rand: rand.Reader, Log: slog.New(web.NewLogHandler(slog.NewTextHandler(s.log, nil)))}, j)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
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
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept-Encoding", "gzip")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := raw
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if page, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return reply{res.StatusCode, res.Header, len(raw), string(page)}
}

func get(t testing.TB, s *site, path string) string {
	t.Helper()
	r := s.ask(t, http.MethodGet, path, nil, nil)
	if r.status != http.StatusOK {
		t.Fatalf("GET %s: %d", path, r.status)
	}
	return r.page
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	hidden = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)
)

// visible is the text of a page, the shell's included.
func visible(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

// carried is what the form of a page carries.
func carried(page string) url.Values {
	v := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

// person walks through the journey, step by step.
type person struct {
	t    testing.TB
	s    *site
	live bool // as app.js does it
	last reply
}

func arriveAt(t testing.TB, s *site, path string) *person {
	t.Helper()
	return &person{t: t, s: s, last: s.ask(t, http.MethodGet, path, nil, nil)}
}

func (p *person) press(verb string, codes ...string) *person {
	p.t.Helper()
	form := carried(p.last.page)
	form.Set("v", verb)
	form["a"] = codes
	header := map[string]string{}
	if p.live {
		header["X-Fragment"] = "result"
	}
	p.last = p.s.ask(p.t, http.MethodPost, "/", form, header)
	if p.last.status != http.StatusOK {
		p.t.Fatalf("pressed %s: %d %s", verb, p.last.status, visible(p.last.page))
	}
	return p
}

// sees fails unless the words of an id stand on the page.
func (p *person) sees(ids ...string) *person {
	p.t.Helper()
	for _, id := range ids {
		if text := say(p.t, p.s.j.Words, id); !strings.Contains(visible(p.last.page), text) {
			p.t.Errorf("%s (%q) is not on the page: %s", id, text, visible(p.last.page))
		}
	}
	return p
}

// The ways of invented people through the journey, by the places of their answers: nation, safe, about, and so on.
var people = map[string][][]string{
	"a worried person who copes":        {{"0"}, {}, {"3"}, {"0"}, {"0"}, {"2"}, {"2"}, {"4"}, {"1"}},
	"afraid and in danger":              {{"0"}, {}, {"0"}, {}, {"0"}, {"5"}, {"0"}, {"0", "1"}, {"1"}},
	"has cut":                           {{"2"}, {}, {"3"}, {"0"}, {"0", "3"}, {"3"}, {"0"}, {}, {"0"}, {"0"}, {}},
	"cannot go on":                      {{"3"}, {}, {"3"}, {"0"}, {"6"}, {"1"}, {"3"}, {}, {"1"}},
	"a father's son":                    {{"1"}, {}, {"3"}, {"1"}, {"1"}, {}, {"2"}, {}, {"1"}},
	"a mother of a child":               {{"1"}, {}, {"3"}, {"1"}, {"0"}, {"1"}, {"0"}, {"1"}, {}, {"1"}},
	"wants one for an ex":               {{"2"}, {}, {"3"}, {"1"}, {"2"}, {}, {"2"}, {"4"}, {"1"}},
	"an employer, from nowhere":         {{}, {}, {"3"}, {"4"}, {}, {"2"}, {"4"}, {"1"}, {"4"}},
	"pressed to have one":               {{"1"}, {}, {"3"}, {"2"}, {}, {"0"}, {"1"}, {"1"}},
	"a worker":                          {{"0"}, {}, {"3"}, {"3"}, {}, {"2"}, {}, {"1"}},
	"says nothing that can be left out": {{}, {}, {"3"}, {"0"}, {}, {"3"}, {}, {"1"}, {"4"}},
	"everything, from nowhere":          {{}, {}, {"2"}, {}, {"1"}, {"0"}, {"0", "1", "2", "3", "4", "5", "6"}, {"0"}, {"0"}, {}, {"0", "1", "2", "3", "4"}, {"1"}, {"4"}},
	"everything at once":                {{"0"}, {}, {"2"}, {}, {"1"}, {"0"}, {"0", "1", "2", "3", "4", "5", "6"}, {"0"}, {"0"}, {}, {"0", "1", "2", "3", "4"}, {"1"}},
}

func (p *person) way(steps [][]string) *person {
	p.t.Helper()
	for _, codes := range steps {
		p.press("n", codes...)
	}
	return p
}

// TestEveryoneComesToAPlan goes the ways of invented people, with script and without, and looks at the plan.
func TestEveryoneComesToAPlan(t *testing.T) {
	s := server(t, nil)
	for name, steps := range people {
		for _, live := range []bool{false, true} {
			p := arriveAt(t, s, "/")
			p.live = live
			if p.way(steps).sees("public.plan.heading"); live {
				if strings.Contains(p.last.page, "<html") || strings.Count(p.last.page, "data-swap") != 2 {
					t.Errorf("%s: this is no step to swap in", name)
				}
				continue
			}
			pages := 0
			for more := true; more && pages < 5; pages++ {
				lines := strings.Split(p.last.page, `<li class="step">`)[1:]
				if len(lines) == 0 || len(lines) > 5 {
					t.Errorf("%s: %d lines", name, len(lines))
				}
				for _, l := range lines {
					l, _, _ = strings.Cut(l, "</li>")
					n := strings.Count(l, `href="tel:`)
					if strings.Contains(l, "for men") {
						n--
					}
					if n > 1 && len(steps[0]) > 0 || n > 4 {
						t.Errorf("%s: %d numbers in a line: %s", name, n, visible(l))
					}
				}
				next := regexp.MustCompile(`name="v" value="(m\d)"`).FindStringSubmatch(p.last.page)
				if more = next != nil; more {
					p.press(next[1])
				}
			}
			t.Logf("%s: %d pages of a plan", name, pages)
		}
	}
	if s.log.Len() > 0 {
		t.Errorf("something was written down: %s", s.log)
	}
}

func TestTheEmergencyNumberIsOnEveryView(t *testing.T) {
	s := server(t, nil)
	for name, steps := range people {
		p := arriveAt(t, s, "/")
		for i := range steps {
			if strings.Count(p.last.page, `href="tel:999"`) == 0 {
				t.Errorf("%s: step %d does not show 999", name, i)
			}
			p.press("n", steps[i]...)
		}
		for _, verb := range []string{"r", "w", "q", "p", "f", "l", "l2", "c", "h"} {
			if p.press(verb); strings.Count(p.last.page, `href="tel:999"`) == 0 {
				t.Errorf("%s: %s does not show 999", name, verb)
			}
			p.press("r")
		}
	}
	for _, nation := range []string{"0", "1", "2", "3", "4"} {
		p := arriveAt(t, s, "/").press("n", nation).press("n").press("n", "0").sees("public.panel-danger.heading", "public.line.danger", "public.line.dark")
		if !strings.Contains(p.last.page, "care-now") {
			t.Errorf("nation %s: no panel", nation)
		}
		p = arriveAt(t, s, "/").press("n", nation).press("n").press("n", "2").sees("public.line.dark-now", "public.line.dark", "public.line.dark-listen")
		if strings.Count(p.last.page, "116 123") != 1 {
			t.Errorf("nation %s: nobody who only listens: %s", nation, visible(p.last.page))
		}
	}
}

// TestEveryLineHasOneNumber asks for every line in every nation, on the day the directory was read, with nothing rung, and
// years later.
func TestEveryLineHasOneNumber(t *testing.T) {
	c := &clock{readDay}
	j := journey(t, c)
	for _, strict := range []struct {
		name string
		mode directory.Mode
		day  time.Time
	}{{"as read", directory.Marked, readDay}, {"only what was rung", directory.VerifiedOnly, readDay}, {"years later", directory.Marked, readDay.AddDate(3, 0, 0)}} {
		j.Mode, c.t = strict.mode, strict.day
		for i := range j.Guide.Lines {
			l := &j.Guide.Lines[i]
			for nation := directory.UnknownNation; nation <= directory.NorthernIreland; nation++ {
				var first, other *number
				if all := j.numbersFor(l, nation); len(all) > 0 {
					if first = &all[0]; len(all) > 1 {
						other = &all[1]
					}
				}
				practice := nation == directory.NorthernIreland && l.Needs[len(l.Needs)-1] == "acute-medical"                // 111 is not there: the GP practice
				unrung := nation == directory.NorthernIreland && strings.HasPrefix(l.ID, "dark") && strict.name != "as read" // the plan begins with 999
				switch {
				case first == nil && !practice && !unrung:
					t.Errorf("%s: %s has no number in %s", strict.name, l.ID, nation)
				case first != nil && (first.Tel == "999") != (l.Needs[0] == "emergency"):
					t.Errorf("%s: %s shows %s in %s", strict.name, l.ID, first.Tel, nation)
				case other != nil && (other.Tel == first.Tel || len(first.Only) == 0):
					t.Errorf("%s: %s shows two numbers in %s", strict.name, l.ID, nation)
				}
				if strict.name == "as read" && nation == directory.England && first != nil {
					t.Logf("%s: %s %s", l.ID, first.Tel, first.Name)
				}
			}
		}
	}
}

// TestALineForWomenAloneHasAnotherForMen also where nobody said in which nation they are.
func TestALineForWomenAloneHasAnotherForMen(t *testing.T) {
	s := server(t, nil)
	for _, nation := range []string{"0", "4"} {
		p := arriveAt(t, s, "/").way([][]string{{nation}, {}, {"3"}, {"0"}, {}, {"0"}, {"4"}, {"1"}}).sees("public.line.close", "public.number.women", "public.number.men")
		for _, verb := range []string{"q", "f"} {
			if p.press("r").press(verb); !strings.Contains(p.last.page, "0808 2000 247") || !strings.Contains(p.last.page, "0808 801 0327") {
				t.Errorf("nation %s, %s: %s", nation, verb, visible(p.last.page))
			}
		}
	}
}

// TestStaffNumbersAreNotShown marks services of the real directory as for staff alone, or their numbers as in dispute.
func TestStaffNumbersAreNotShown(t *testing.T) {
	j := journey(t, &clock{readDay})
	list := j.Directory.Services()
	var kept []string
	for i := range list {
		list[i].Ways = slices.Clone(list[i].Ways)
		switch list[i].ID {
		case "national-domestic-abuse-helpline":
			list[i].ShownTo = directory.StaffOnly
		case "national-stalking-helpline":
			list[i].Ways[0].Status = directory.Disputed
		case "acas":
			list[i].Ways[0].Staff = true
		default:
			continue
		}
		kept = append(kept, list[i].Name)
	}
	var err error
	if j.Directory, err = directory.Open(list); err != nil {
		t.Fatal(err)
	}
	if len(kept) != 3 {
		t.Fatalf("changed only %q", kept)
	}
	for i := range j.Guide.Lines {
		for _, n := range j.numbersFor(&j.Guide.Lines[i], directory.England) {
			if slices.Contains(kept, n.Name) {
				t.Errorf("%s shows %s, which is for staff or in dispute", j.Guide.Lines[i].ID, n.Name)
			}
		}
	}
}

// TestSizesTellNothing measures what a watcher of the line sees: every view of every way has one size, as a whole page and
// as a swapped step, and what is carried has one length.
func TestSizesTellNothing(t *testing.T) {
	s := server(t, nil)
	for _, c := range []struct {
		live bool
		path string
	}{{false, "/"}, {true, "/"}, {false, "/?l=cy"}, {true, "/?l=cy"}} {
		sizes, lengths := map[int][]string{}, map[int][]string{}
		see := func(p *person, what string) {
			sizes[p.last.wire] = append(sizes[p.last.wire], what)
			if c := carried(p.last.page).Get("s"); c != "" {
				lengths[len(c)] = append(lengths[len(c)], what)
			}
		}
		for name, steps := range people {
			p := arriveAt(t, s, c.path)
			p.live = c.live
			for i := range steps {
				p.press("n", steps[i]...)
				see(p, fmt.Sprintf("%s, step %d", name, i+1))
			}
			for _, verb := range []string{"w", "q", "p", "f", "h", "e", "d0", "d1", "d2", "d3", "d4", "l", "l0", "l3", "m1", "m2", "r"} {
				p.press(verb)
				see(p, name+", "+verb)
			}
		}
		if len(sizes) != 1 || len(lengths) != 1 {
			t.Errorf("%v: sizes on the wire %v, lengths of what is carried %v", c, sizes, lengths)
		}
		for size := range sizes {
			t.Logf("%v: %d bytes", c, size)
			if size%4096 != 0 {
				t.Errorf("%v: %d bytes is no whole step", c, size)
			}
		}
	}
}

// TestBadInputLandsSomewhereCalm sends what no page of ours would. Nobody sees an error, and nothing that tells.
func TestBadInputLandsSomewhereCalm(t *testing.T) {
	s := server(t, nil)
	far := arriveAt(t, s, "/").way(people["afraid and in danger"][:5])
	state := carried(far.last.page).Get("s")
	changed := []byte(state)
	changed[len(changed)/2] ^= 1
	walk, ok := s.j.open(state)
	if !ok {
		t.Fatal("our own state does not open")
	}
	consult, err := s.j.Forms.Seal(vault.Form{Journey: "consult", Content: s.j.Guide.Version}, walk.Pack())
	if err != nil {
		t.Fatal(err)
	}
	older, err := s.j.Forms.Seal(vault.Form{Journey: "public", Content: "another content"}, walk.Pack())
	if err != nil {
		t.Fatal(err)
	}
	short, err := s.j.seal(s.j.Guide.Start(""))
	if err != nil {
		t.Fatal(err)
	}
	const cleared, first, same = "public.bye.heading", "public.arrive.heading", "public.worry.heading"
	for _, c := range []struct{ name, body, lands string }{
		{"a changed state", "v=n&a=0&s=" + string(changed), cleared},
		{"a state of another journey", "v=n&a=0&s=" + consult, cleared},
		{"a state of other content", "v=n&a=0&s=" + older, cleared},
		{"a cut-off state", "v=n&a=0&s=" + state[:40], cleared},
		{"no state at all", "", first},
		{"a state that is empty", "v=n&a=0&s=", cleared},
		{"a state of the first view", "v=n&a=0&s=" + short, "public.read.heading"},
		{"no button", "a=0&s=" + state, same},
		{"a button that is none", "v=zzqq&a=0&s=" + state, same},
		{"the plan before its time", "v=q&s=" + state, same},
		{"the law before its time", "v=l1&s=" + state, same},
		{"the second page of no plan", "v=m1&s=" + state, same},
		{"an answer that is none", "v=n&a=zzqq&s=" + state, same},
		{"an answer past the last", "v=n&a=f&s=" + state, same},
		{"an answer of signs", "v=n&a=%3Cscript%3E&s=" + state, same},
		{"a field that is none", "v=n&a=0&zzqq=1&s=" + state, same},
		{"a button twice", "v=n&v=b&s=" + state, cleared},
		{"a state twice", "v=n&s=" + state + "&s=" + state, cleared},
		{"bytes that are no text", "v=n&a=%ff%fe&s=" + state, cleared},
		{"a NUL", "v=%00&s=" + state, cleared},
		{"a language not on offer", "v=r&lang=tlh&s=" + state, same},
		{"a language that is none", "v=r&speak=--&s=" + state, same},
		{"a hint that is none", "v=r&x=zzqq", first},
		{"far too much", "v=n&a=" + strings.Repeat("0&a=", 400), cleared},
	} {
		values := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
		r := s.raw(t, c.body, values)
		p := &person{t: t, s: s, last: r}
		if r.status != http.StatusOK {
			t.Errorf("%s: %d", c.name, r.status)
		}
		p.sees(c.lands)
		if strings.Contains(r.page, "zzqq") {
			t.Errorf("%s: what was sent stands on the page", c.name)
		}
		if c.lands == cleared && strings.Contains(strings.ToLower(visible(r.page)), "chip") {
			t.Errorf("%s: the page tells: %s", c.name, visible(r.page))
		}
	}
	if r := s.raw(t, `{"v":"n"}`, map[string]string{"Content-Type": "application/json"}); r.status != http.StatusOK || !strings.Contains(visible(r.page), say(t, s.j.Words, cleared)) {
		t.Errorf("JSON: %d %s", r.status, visible(r.page))
	}
	if s.log.Len() > 0 {
		t.Errorf("something was written down: %s", s.log)
	}
}

func (s *site) raw(t testing.TB, body string, header map[string]string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{status: res.StatusCode, header: res.Header, page: string(raw), wire: len(raw)}
}

func TestAnOldPageClearsItself(t *testing.T) {
	s := server(t, nil)
	p := arriveAt(t, s, "/").way(people["afraid and in danger"])
	s.clock.t = s.clock.t.Add(61 * time.Minute)
	p.press("q").sees("public.bye.heading")
	if strings.Contains(p.last.page, "0808") || carried(p.last.page).Get("s") != "" {
		t.Error("an old page shows its plan")
	}
	p.press("n", "0").sees("public.read.heading")
	if p := arriveAt(t, s, "/").way(people["a worker"]).press("c").sees("public.bye.heading"); carried(p.last.page).Get("s") != "" {
		t.Error("what was cleared is carried on")
	}
	first := arriveAt(t, s, "/")
	s.clock.t = s.clock.t.Add(5 * time.Hour)
	first.press("n", "0").sees("public.read.heading") // the first view carries nothing that could grow old
}

func TestNothingPicked(t *testing.T) {
	s := server(t, nil)
	p := arriveAt(t, s, "/").press("n").press("n").press("n").sees("public.safe.heading", "public.pick")
	p.press("n", "0", "3").sees("public.safe.heading", "public.pick").press("n", "3").sees("public.about.heading")
}

func TestTheSameButtonTwice(t *testing.T) {
	s := server(t, nil)
	p := arriveAt(t, s, "/").press("n", "0").press("n")
	again := *p
	p.press("n", "3").sees("public.about.heading")
	again.press("n", "3").sees("public.about.heading")
}

func TestNothingIsAskedForByCookieAndNoneIsSet(t *testing.T) {
	s := server(t, nil)
	p := arriveAt(t, s, "/?x=c&l=cy")
	for _, codes := range append([][]string{nil}, people["everything at once"]...) {
		if c := p.last.header.Values("Set-Cookie"); len(c) > 0 {
			t.Errorf("a cookie was set: %v", c)
		}
		if p.last.header.Get("Cache-Control") != "no-store" || p.last.header.Get("Clear-Site-Data") != "" {
			t.Errorf("headers: %v", p.last.header)
		}
		p.press("n", codes...)
	}
	left := map[string]string{"Cookie": "left=1"}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		form := carried(p.last.page)
		form.Set("v", "q")
		if r := s.ask(t, method, "/", form, left); r.status != http.StatusSeeOther || r.header.Get("Location") != "/x" || len(r.page) > 0 {
			t.Errorf("%s after leaving: %d to %q", method, r.status, r.header.Get("Location"))
		}
	}
}

func TestHintsAreTickedBeforehand(t *testing.T) {
	s := server(t, nil)
	p := arriveAt(t, s, "/?x=d")
	if strings.Contains(p.last.page, "checked") {
		t.Error("the hint shows on the first view")
	}
	p.way([][]string{{"0"}, {}, {"3"}, {"0"}}).sees("public.worry.heading")
	if !regexp.MustCompile(`value="3" checked`).MatchString(p.last.page) || strings.Count(p.last.page, " checked") != 1 {
		t.Error("d does not tick that the place is sore")
	}
}

// TestEveryLinkAndFormKeepsTheLanguage goes every way in Welsh, with a browser that asks for no language: each view is Welsh and
// each form carries that. There is no link but the way out, which says no language: it is the same for everybody.
func TestEveryLinkAndFormKeepsTheLanguage(t *testing.T) {
	s := server(t, nil)
	links, forms := regexp.MustCompile(`<a [^>]*href="(/[^"]*)"`), regexp.MustCompile(`(?s)<form .*?</form>`)
	see := func(p *person, what string) {
		if !strings.Contains(p.last.page, `<html lang="cy"`) {
			t.Errorf("%s is not in Welsh", what)
		}
		for _, f := range forms.FindAllString(p.last.page, -1) {
			if !strings.Contains(f, `name="lang" value="cy"`) {
				t.Errorf("%s: a form forgets the language", what)
			}
		}
		for _, m := range links.FindAllStringSubmatch(p.last.page, -1) {
			if m[1] != "/x" {
				t.Errorf("%s: a link to %s", what, m[1])
			}
		}
	}
	for name, steps := range people {
		p := arriveAt(t, s, "/?l=cy")
		see(p, name)
		for i := range steps {
			see(p.press("n", steps[i]...), fmt.Sprintf("%s, step %d", name, i+1))
		}
		for _, verb := range []string{"w", "q", "p", "f", "h", "e", "d", "d0", "d3", "l", "l1", "m1", "b", "c"} {
			see(p.press(verb), name+", "+verb)
		}
	}
}

func TestTheLanguageCanBeSwitchedAnywhere(t *testing.T) {
	s := server(t, nil)
	p := arriveAt(t, s, "/").way(people["afraid and in danger"])
	form := carried(p.last.page)
	form.Set("speak", "cy")
	r := s.ask(t, http.MethodPost, "/", form, nil)
	if !strings.Contains(r.page, `<html lang="cy"`) || !strings.Contains(r.page, "0808 2000 247") {
		t.Errorf("in Welsh the plan is lost: %s", visible(r.page))
	}
}

// TestTheWayBackToTheFirstViewLosesNothing goes back from the plan to the very first view and forward again, pressing "go on"
// alone: every answer is still ticked, and the plan is the same. Clearing loses everything.
func TestTheWayBackToTheFirstViewLosesNothing(t *testing.T) {
	s := server(t, nil)
	for _, name := range []string{"everything at once", "afraid and in danger", "a mother of a child", "says nothing that can be left out"} {
		for _, live := range []bool{false, true} {
			p := arriveAt(t, s, "/")
			p.live = live
			plan := visible(p.way(people[name]).last.page)
			for i := 0; strings.Contains(p.last.page, `value="b"`); i++ {
				if p.press("b"); i > 20 {
					t.Fatalf("%s: the way back does not end", name)
				}
			}
			p.sees("public.arrive.heading")
			if want := len(people[name][0]); strings.Count(p.last.page, " checked") > 1 || want == 1 && !strings.Contains(p.last.page, `value="`+people[name][0][0]+`" checked`) {
				t.Errorf("%s: the nation is not ticked: %s", name, p.last.page)
			}
			for i := 0; !strings.Contains(visible(p.last.page), say(t, s.j.Words, "public.plan.heading")); i++ {
				if p.press("n", ticked(p.last.page)...); i > 20 {
					t.Fatalf("%s: there is no way on: %s", name, visible(p.last.page))
				}
			}
			if again := visible(p.last.page); again != plan {
				t.Errorf("%s: the plan was\n%s\nand is\n%s", name, plan, again)
			}
			if p.press("c").press("n"); len(ticked(p.press("b").last.page)) > 0 || carried(p.last.page).Get("s") != "" {
				t.Errorf("%s: what was cleared is ticked", name)
			}
		}
	}
}

var on = regexp.MustCompile(`name="a" id="a\.\w" value="(\w)" checked`)

// ticked is what stands ticked on a page, as a browser would post it.
func ticked(page string) []string {
	var out []string
	for _, m := range on.FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

// TestALookElsewhereLosesNoTick ticks, then asks for help, for another language, or goes back, without going on.
func TestALookElsewhereLosesNoTick(t *testing.T) {
	s := server(t, nil)
	for _, verbs := range [][]string{{"h", "r"}, {"b", "n"}, {"r"}} {
		p := arriveAt(t, s, "/").way(people["everything at once"][:6]).sees("public.worry.heading")
		p.press(verbs[0], "1", "4")
		for _, v := range verbs[1:] {
			p.press(v, ticked(p.last.page)...)
		}
		if got := ticked(p.sees("public.worry.heading").last.page); !slices.Equal(got, []string{"1", "4"}) {
			t.Errorf("%v: ticked %v", verbs, got)
		}
	}
	p := arriveAt(t, s, "/")
	form := carried(p.last.page)
	form.Set("speak", "cy")
	form.Set("a", "2")
	p.last = s.ask(t, http.MethodPost, "/", form, nil)
	if got := ticked(p.last.page); !slices.Equal(got, []string{"2"}) || !strings.Contains(p.last.page, `<html lang="cy"`) {
		t.Errorf("in Welsh there is ticked %v", got)
	}
	for _, wrong := range [][]string{{"7"}, {"0", "1"}, {"zz"}} {
		if p := arriveAt(t, s, "/").press("r", wrong...); len(ticked(p.last.page)) > 0 {
			t.Errorf("%v is ticked", wrong)
		}
	}
}

// TestTheQuietCopyMentionsNothing holds the neutral copy and the paper to neutral words, for everybody.
func TestTheQuietCopyMentionsNothing(t *testing.T) {
	s := server(t, nil)
	telling := []string{"chip", "implant", "abuse", "domestic", "device", "partner", "refuge", "stalk", "women", "men's", "suicide", "child", "police", "samaritans", "cut"}
	for name, steps := range people {
		for _, verb := range []string{"q", "p"} {
			p := arriveAt(t, s, "/").way(steps).press(verb)
			_, sheet, ok := strings.Cut(p.last.page, `<section class="sheet sheet-plan">`)
			sheet, _, _ = strings.Cut(sheet, "</section>")
			if !ok || !strings.Contains(p.last.page, "print-plan") {
				t.Fatalf("%s: no sheet", name)
			}
			if !regexp.MustCompile(`\d{3}`).MatchString(sheet) && name != "cannot go on" {
				t.Errorf("%s: no number on the sheet: %s", name, visible(sheet))
			}
			numbers := regexp.MustCompile(`<li>.*?</li>`).FindAllString(sheet, -1)
			slices.Sort(numbers)
			if len(slices.Compact(slices.Clone(numbers))) != len(numbers) {
				t.Errorf("%s: a number stands twice: %s", name, visible(sheet))
			}
			for _, word := range telling {
				if strings.Contains(strings.ToLower(visible(sheet)), word) {
					t.Errorf("%s: the quiet copy says %q: %s", name, word, visible(sheet))
				}
			}
		}
		p := arriveAt(t, s, "/").way(steps).press("q").sees("public.paper.found", "public.paper.care").press("f").sees("public.paper.found", "public.paper.whole")
		if strings.Contains(visible(p.last.page), say(t, s.j.Words, "public.paper.care")) {
			t.Errorf("%s: the whole plan says that it holds numbers only", name)
		}
	}
}

// TestTheQuietCopySaysForWhichNation holds every number of the quiet copy against the directory: where nobody said in which
// nation they are, it names the nations where it answers, unless it is the number of all four; where they did, it names none.
func TestTheQuietCopySaysForWhichNation(t *testing.T) {
	s := server(t, nil)
	labelled := 0
	for name, steps := range people {
		p := arriveAt(t, s, "/").way(steps)
		w, _ := s.j.open(carried(p.last.page).Get("s"))
		nowhere := s.j.nation(w.Answers) == directory.UnknownNation
		where := map[string]map[string]bool{} // nations by number
		for _, l := range s.j.Guide.Plan(w.Answers) {
			for _, nation := range directory.AllNations.List() {
				for _, n := range s.j.numbersFor(l, nation) {
					if where[n.Text+n.Note] == nil {
						where[n.Text+n.Note] = map[string]bool{}
					}
					where[n.Text+n.Note][say(t, s.j.Words, nationWords(nation.String()))] = true
				}
			}
		}
		p.press("q")
		for _, li := range regexp.MustCompile(`<li>(.*?)<bdi class="ltr">([^<]*)</bdi>(?: <span[^>]*>([^<]*)</span>)?</li>`).FindAllStringSubmatch(p.last.page, -1) {
			label := strings.TrimSuffix(visible(li[1]), ":")
			number := li[2] + html.UnescapeString(li[3])
			if !nowhere || len(where[number]) == 4 {
				if label != "" {
					t.Errorf("%s: %s is said to be for %q", name, number, label)
				}
				continue
			}
			labelled++
			said := strings.Split(label, ", ")
			if len(said) != len(where[number]) {
				t.Errorf("%s: %s is said to be for %q, is for %v", name, number, label, where[number])
			}
			for _, n := range said {
				if !where[number][n] {
					t.Errorf("%s: %s is said to be for %q, is for %v", name, number, label, where[number])
				}
			}
		}
	}
	if labelled < 5 {
		t.Errorf("only %d numbers with a nation", labelled)
	}
}

func TestFactsAreShownOnlyWhenWanted(t *testing.T) {
	s := server(t, nil)
	wanted := people["has cut"]
	arriveAt(t, s, "/").way(wanted[:len(wanted)-1]).sees("public.facts-page.heading", "public.facts-page.text-5").press("n").sees("public.plan.heading").press("b").sees("public.where.heading").press("b").sees("public.facts.heading")
	for name, steps := range people {
		p := arriveAt(t, s, "/")
		for _, codes := range steps {
			if p.press("n", codes...); name != "has cut" && strings.Contains(visible(p.last.page), say(t, s.j.Words, "public.facts-page.heading")) {
				t.Errorf("%s is shown the facts unasked", name)
			}
		}
	}
}

// TestDrafts makes every draft there is, for everybody. Nothing in it can be posted; the fear of somebody close is told to the
// police alone; what was not asked reads so; the cause is never said.
func TestDrafts(t *testing.T) {
	s := server(t, nil)
	made := map[string]bool{}
	for name, steps := range people {
		p := arriveAt(t, s, "/").way(steps)
		offered := regexp.MustCompile(`value="(d\d)"`).FindAllStringSubmatch(p.last.page, -1)
		for _, o := range offered {
			p.press(o[1])
			_, box, ok := strings.Cut(p.last.page, "<textarea ")
			head, text, _ := strings.Cut(box, ">")
			text, _, _ = strings.Cut(text, "</textarea>")
			text = html.UnescapeString(text)
			if !ok || strings.Contains(head, "name=") || !strings.Contains(text, "Cause: not known") || strings.Count(text, "not known") < 5 {
				t.Errorf("%s, %s: %s", name, o[1], text)
			}
			heading := visible(strings.SplitN(strings.SplitN(p.last.page, "<h1", 2)[1], "</h1>", 2)[0])
			made[heading] = true
			if close := strings.Contains(text, "someone close"); close && !strings.Contains(heading, "police") {
				t.Errorf("%s: told in %q: %s", name, heading, text)
			}
			p.press("r")
		}
		if name == "everything at once" {
			if len(offered) != len(s.j.Guide.Reports) {
				t.Errorf("%d drafts for somebody with everything", len(offered))
			}
			if p.press("d3"); !strings.Contains(p.last.page, "someone close") || !strings.Contains(p.last.page, `href="tel:101"`) {
				t.Errorf("the draft for the police: %s", visible(p.last.page))
			}
		}
		if name == "a worker" && len(offered) > 0 {
			t.Errorf("a worker is offered %v", offered)
		}
		for _, v := range []string{"d0", "d1", "d2", "d3", "d4", "d7", "d9"} {
			if slices.ContainsFunc(offered, func(o []string) bool { return o[1] == v }) {
				continue
			}
			if p.press("r").press(v); strings.Contains(p.last.page, "<textarea") {
				t.Errorf("%s: %s makes a draft", name, v)
			}
		}
	}
	if len(made) != len(s.j.Guide.Reports) {
		t.Errorf("made %v", made)
	}
}

// TestADraftSaysForWhichNationANumberIs goes to trading standards without a nation: the number of each stands there with its name.
func TestADraftSaysForWhichNationANumberIs(t *testing.T) {
	s := server(t, nil)
	at := slices.IndexFunc(s.j.Guide.Reports, func(r guide.Report) bool { return r.ID == "trading-standards" })
	p := arriveAt(t, s, "/").way(people["everything, from nowhere"]).press("d" + codes[at:at+1])
	text := visible(p.last.page)
	for _, nation := range directory.AllNations.List() {
		n := s.j.numbersOf(s.j.Guide.Reports[at].Needs[0], nation)
		if len(n) == 0 || !regexp.MustCompile(say(t, s.j.Words, nationWords(nation.String()))+`[^0-9]*: `+n[0].Text).MatchString(text) {
			t.Errorf("%s: %v: %s", nation, n, text)
		}
	}
}

// FuzzForm posts whatever there is: the answer is a page of ours, calm and of one size, and never an error.
func FuzzForm(f *testing.F) {
	s := server(f, nil)
	p := arriveAt(f, s, "/").way(people["afraid and in danger"][:5])
	f.Add("v=n&a=0&s=" + carried(p.last.page).Get("s"))
	f.Add("v=n&a=0")
	f.Add("v=l2&s=" + carried(arriveAt(f, s, "/").press("n").way(requests["partner"]).press("n", "4").last.page).Get("s"))
	f.Add("v=m9&a=&a=&lang=cy&speak=en&x=a")
	f.Add("&&=&v=%")
	f.Fuzz(func(t *testing.T, body string) {
		r := s.raw(t, body, map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "gzip"})
		if r.status != http.StatusOK && r.status != http.StatusRequestEntityTooLarge || r.wire%4096 != 0 || s.log.Len() > 0 {
			t.Fatalf("%d, %d bytes, log %s", r.status, r.wire, s.log)
		}
	})
}

// TestNationsOfANumberThatStandsTwice joins them in their order; all four, or all from the beginning, need no name.
func TestNationsOfANumberThatStandsTwice(t *testing.T) {
	e, w, s, n := nationWords("england"), nationWords("wales"), nationWords("scotland"), nationWords("northern-ireland")
	for _, c := range []struct{ a, b, want []string }{
		{[]string{s}, []string{e, s}, []string{e, s}}, {[]string{e}, nil, nil}, {nil, []string{e}, nil}, {[]string{e, w}, []string{n, s}, nil}, {[]string{w}, []string{w}, []string{w}},
	} {
		if got := both(c.a, c.b); !slices.Equal(got, c.want) {
			t.Errorf("%v and %v are %v", c.a, c.b, got)
		}
	}
}
