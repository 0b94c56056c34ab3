package agent

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/partners"
	"waypost/referrals/partners/script"
	"waypost/screening"
	"waypost/screening/guide"
)

var (
	sealedField = regexp.MustCompile(`name="[sf]" value="([^"]+)"`)
	tags        = regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]+>`)
	spaces      = regexp.MustCompile(`\s+`)
)

func visible(page string) string {
	return spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(page, " ")), " ")
}

// press posts what the page carries with one button more.
func (s *site) press(t testing.TB, page, field, value string) string {
	t.Helper()
	form := url.Values{"lang": {"en"}, field: {value}}
	if m := sealedField.FindStringSubmatch(page); m != nil {
		form.Set("s", m[1])
	}
	r := s.ask(t, http.MethodPost, "/agent/invented", form, nil)
	if r.status != http.StatusOK || len(r.header.Values("Set-Cookie")) > 0 || r.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s=%s: %d %v", field, value, r.status, r.header)
	}
	return r.page
}

func heading(page string) string {
	_, after, _ := strings.Cut(page, `<h1 id="at" tabindex="-1">`)
	text, _, _ := strings.Cut(after, "</h1>")
	return html.UnescapeString(text)
}

func (s *site) say(t testing.TB, id string) string {
	t.Helper()
	text, _, ok := s.j.Words.Text("en", id, "Emergency", "999")
	if !ok {
		t.Fatalf("no words for %s", id)
	}
	return text
}

// TestEveryWayThroughACall presses every button of every step: no step comes twice, every call ends, and on the way the
// caller was handed over to somebody who answers, or given the page. 999 stands on every page, and in the step itself where
// it must.
func TestEveryWayThroughACall(t *testing.T) {
	s := server(t, invented())
	ways, urgent := 0, 0
	seen := map[string]bool{}
	var follow func(page string, at int, way []string)
	follow = func(page string, at int, way []string) {
		x := &s.j.Script.Steps[at]
		if got, want := heading(page), s.say(t, script.HeadingWords(x.ID)); got != want {
			t.Fatalf("%v: on the page stands %q, not %q", way, got, want)
		}
		if slices.Contains(way, x.ID) {
			t.Fatalf("%v comes to %s again", way, x.ID)
		}
		way = append(slices.Clone(way), x.ID)
		seen[x.ID] = true
		text := visible(page)
		if !strings.Contains(text, "In an emergency, call 999") {
			t.Errorf("%v: no 999 at the top", way)
		}
		_, inStep, _ := strings.Cut(page, `<h1 id="at"`)
		inStep, _, _ = strings.Cut(inStep, `<aside`)
		if x.Urgent && (!strings.Contains(inStep, `<bdi class="tel">999</bdi>`) || !strings.Contains(page, `<section class="care care-now">`)) {
			t.Errorf("%v: an urgent step without 999", way)
		}
		if slices.Contains(x.Hands, directory.Emergency) && !strings.Contains(inStep, `<bdi class="tel">999</bdi>`) {
			t.Errorf("%v: no 999 in a step that hands over to it", way)
		}
		if !x.Urgent && !strings.Contains(page, `<details class="care care-now" data-part="danger"`) {
			t.Errorf("%v: danger is not within reach", way)
		}
		if len(x.Choices) == 0 {
			if ways++; !s.helped(way) {
				t.Errorf("%v hands over to nobody", way)
			}
			if slices.ContainsFunc(way, func(id string) bool { return slices.Contains([]string{"danger", "hurt", "dark", "threat", "cut"}, id) }) {
				urgent++
			}
			return
		}
		for i, c := range x.Choices {
			if !strings.Contains(inStep, s.html(t, x.ChoiceWords(c.ID))) {
				t.Errorf("%v: no button %s", way, c.ID)
			}
			follow(s.press(t, page, "a", codes[i:i+1]), c.To, way)
		}
	}
	follow(s.ask(t, http.MethodGet, "/agent/invented", nil, nil).page, 0, nil)
	if ways < 60 || urgent < 20 || len(seen) != len(s.j.Script.Steps) {
		t.Errorf("%d ways, %d of them urgent, %d of %d steps", ways, urgent, len(seen), len(s.j.Script.Steps))
	}
	t.Logf("%d ways, %d of them urgent", ways, urgent)
	if s.log.Len() > 0 {
		t.Errorf("something was logged: %s", s.log)
	}
}

func (s *site) html(t testing.TB, id string) string { return html.EscapeString(s.say(t, id)) }

// helped reports whether on the way somebody who answers a telephone was named, or the page was given.
func (s *site) helped(way []string) bool {
	return slices.ContainsFunc(s.j.Script.Steps, func(x script.Step) bool {
		return slices.Contains(way, x.ID) && (slices.ContainsFunc(s.j.hands(x.Hands), func(h hand) bool { return len(h.Numbers) > 0 }) || x.Address)
	})
}

// TestEveryHandOverHasANumber holds that no need of the script is one for which the directory has nobody to show.
func TestEveryHandOverHasANumber(t *testing.T) {
	s := server(t, invented())
	for _, x := range s.j.Script.Steps {
		for _, need := range x.Hands {
			if len(s.j.hands([]string{need})[0].Numbers) == 0 {
				t.Errorf("%s: nobody answers for %s", x.ID, need)
			}
		}
	}
}

// TestWhoIsNotLiveIsNowhere compares the bytes: nobody learns who is a partner, was one, or is about to be.
func TestWhoIsNotLiveIsNowhere(t *testing.T) {
	shut := invented()
	shut.Slug, shut.Kept = "shut", shut.Kept[1:]
	s := server(t, invented(), shut)
	raw := func(method, path string) string {
		r := s.ask(t, method, path, url.Values{"a": {"0"}}, nil)
		r.header.Del("Date")
		if r.status != http.StatusSeeOther || r.header.Get("Location") != "/" || len(r.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s %s: %d %v", method, path, r.status, r.header)
		}
		return strings.Join([]string{r.page, strings.Join(sortedHeader(r.header), "\n")}, "\n\n")
	}
	for _, sheet := range []string{"", "/kit", "/card"} {
		want := raw(http.MethodGet, "/agent/nobody"+sheet)
		for _, who := range []string{"shut", "example", "x", "Invented", "%3Cb%3E", strings.Repeat("a", 200)} {
			if got := raw(http.MethodGet, "/agent/"+who+sheet); got != want {
				t.Errorf("/agent/%s%s differs:\n%s\n\n%s", who, sheet, got, want)
			}
		}
	}
	if raw(http.MethodPost, "/agent/nobody") != raw(http.MethodPost, "/agent/shut") {
		t.Error("a posted form tells them apart")
	}
	if r := s.ask(t, http.MethodGet, "/agent/invented", nil, nil); r.status != http.StatusOK {
		t.Errorf("who is live answers %d", r.status)
	}
	s.clock.t = s.clock.t.AddDate(1, 0, 0)
	if raw(http.MethodGet, "/agent/invented") != raw(http.MethodGet, "/agent/nobody") {
		t.Error("a year later, with the review overdue, the page is still there")
	}
	for _, path := range []string{"/agent", "/agent/"} {
		if r := s.ask(t, http.MethodGet, path, nil, nil); r.status == http.StatusOK || strings.Contains(r.page, "chip") {
			t.Errorf("%s answers %d", path, r.status)
		}
	}
}

func sortedHeader(h http.Header) []string {
	var out []string
	for k, v := range h {
		out = append(out, k+": "+strings.Join(v, ", "))
	}
	slices.Sort(out)
	return out
}

// TestNoPartnerChangesAWord shows two companies every page: but for their own few values, it is the same bytes.
func TestNoPartnerChangesAWord(t *testing.T) {
	other := invented()
	other.Slug, other.Name = "different", "Different Tags"
	other.Lead.Contact = partners.Contact{Role: "Head of care", By: partners.Extension, At: "5288"}
	other.Legal = partners.Contact{Role: "Counsel", By: partners.Email, At: "c@different.invalid"}
	other.Hours = []partners.Hours{{Days: invented().Hours[0].Days, From: "07:11", To: "15:22"}}
	other.Products = []partners.Product{{ID: "two", Kind: "consumer-implant", Make: "Different Tags", Model: "Bead Two", Material: "bioglass", MRICard: "DT-2", Again: today.AddDate(0, 1, 0)}}
	s := server(t, invented(), other)
	theirs := strings.NewReplacer("different.invalid", "#", "invented.invalid", "#", "/agent/different", "#", "/agent/invented", "#", "Different Tags", "#", "Invented Chips", "#",
		"Head of care", "#", "Invented lead", "#", "5288", "#", "4177", "#", "Counsel", "#", "Invented lawyers", "#", "c@#", "#", "law@#", "#",
		"07:11", "#", "15:22", "#", "08:15", "#", "16:45", "#", "Bead Two", "#", "Dot Nine", "#", "DT-2", "#", "IC-9", "#")
	plain := func(p string) string {
		p = theirs.Replace(sealedField.ReplaceAllString(p, ""))
		return strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(p, "c@#", "#"), "law@#", "#"), "\n")
	}
	pages := 0
	same := func(what string, form url.Values) {
		a, b := s.ask(t, http.MethodPost, "/agent/invented", form, nil), s.ask(t, http.MethodPost, "/agent/different", form, nil)
		if pages++; plain(a.page) != plain(b.page) || a.wire != b.wire && !strings.Contains(what, "paper") {
			t.Errorf("%s differs", what)
		}
	}
	for i := range s.j.Script.Steps {
		if w, reached := s.wayTo(i); reached {
			sealed := must(s.j.seal(w))(t)
			same(s.j.Script.Steps[i].ID, url.Values{"s": {sealed}, "v": {"r"}})
		}
	}
	same("paper", url.Values{"v": {"p"}})
	if pages != len(s.j.Script.Steps)+1 {
		t.Errorf("only %d pages were compared", pages)
	}
}

// wayTo finds one way to a step.
func (s *site) wayTo(step int) (script.Walk, bool) {
	var find func(w script.Walk) (script.Walk, bool)
	find = func(w script.Walk) (script.Walk, bool) {
		at := s.j.Script.At(w)
		if at == step {
			return w, true
		}
		for i := range s.j.Script.Steps[at].Choices {
			if next, ok := s.j.Script.Press(w, i); ok && s.j.Script.At(next) <= step {
				if found, ok := find(next); ok {
					return found, true
				}
			}
		}
		return w, false
	}
	return find(script.Walk{})
}

// TestBadInputAsksAgainWhetherTheyAreSafe posts what no page of ours posts.
func TestBadInputAsksAgainWhetherTheyAreSafe(t *testing.T) {
	s := server(t, invented())
	first := s.say(t, script.HeadingWords("safe"))
	w, _ := s.wayTo(len(s.j.Script.Steps) - 2)
	good := must(s.j.seal(w))(t)
	foreign := must(s.j.Forms.Seal(vault.Form{Journey: "public", Content: s.j.Script.Version}, w.Pack()))(t)
	garbage := must(s.j.Forms.Seal(s.j.form(), []byte("something else")))(t)
	changed := "A" + good[1:]
	if changed == good {
		changed = "B" + good[1:]
	}
	for name, form := range map[string]url.Values{
		"changed": {"s": {changed}, "a": {"0"}}, "of another journey": {"s": {foreign}, "a": {"0"}}, "sealed garbage": {"s": {garbage}, "a": {"0"}},
		"not sealed": {"s": {"aaaa"}, "a": {"0"}}, "no such button": {"a": {"f"}}, "two buttons": {"a": {"0", "1"}}, "an unknown field": {"name": {"x"}},
		"an unknown verb": {"v": {"z"}}, "nothing": {}, "a new call": {"s": {good}, "v": {"c"}}, "back from nowhere": {"v": {"b"}},
		"a language not on offer": {"lang": {"fr"}}, "a language not the partner's": {"speak": {"de"}},
	} {
		r := s.ask(t, http.MethodPost, "/agent/invented", form, nil)
		if r.status != http.StatusOK || heading(r.page) != first {
			t.Errorf("%s: %d %q", name, r.status, heading(r.page))
		}
	}
	for name, header := range map[string]map[string]string{"no form": {"Content-Type": "application/json"}, "packed": {"Content-Encoding": "gzip"}} {
		if r := s.ask(t, http.MethodPost, "/agent/invented", url.Values{"a": {"0"}}, header); r.status != http.StatusOK || heading(r.page) != first {
			t.Errorf("%s: %d %q", name, r.status, heading(r.page))
		}
	}
	if got := heading(s.ask(t, http.MethodPost, "/agent/invented", url.Values{"s": {good}, "v": {"r"}}, nil).page); got != s.say(t, script.HeadingWords("close")) {
		t.Fatalf("what is sound leads to %q", got)
	}
	if a, b := s.ask(t, http.MethodPost, "/agent/invented", url.Values{"s": {good}, "a": {"0"}}, nil), s.ask(t, http.MethodPost, "/agent/invented", url.Values{"s": {good}, "a": {"0"}}, nil); heading(a.page) != heading(b.page) {
		t.Error("a form posted twice goes two ways")
	}
	s.clock.t = s.clock.t.Add(3 * time.Hour)
	if got := heading(s.ask(t, http.MethodPost, "/agent/invented", url.Values{"s": {good}, "v": {"r"}}, nil).page); got != first {
		t.Errorf("what is stale leads to %q", got)
	}
	if r := s.ask(t, http.MethodGet, "/agent/invented?s="+good+"&a=0&v=p", nil, nil); heading(r.page) != first {
		t.Errorf("an address is read: %q", heading(r.page))
	}
}

// TestTheMarkerOfLeavingIsIgnored lets an agent who left by mistake come back to the call.
func TestTheMarkerOfLeavingIsIgnored(t *testing.T) {
	s := server(t, invented())
	if r := s.ask(t, http.MethodGet, "/agent/invented", nil, map[string]string{"Cookie": "left=1"}); r.status != http.StatusOK {
		t.Errorf("it answers %d", r.status)
	}
}

// TestWhoCanBeOverheardIsSentNothing follows the answer to "can they talk?" to the address.
func TestWhoCanBeOverheardIsSentNothing(t *testing.T) {
	s := server(t, invented())
	warning := s.html(t, "agent.page.send-nothing")
	for _, c := range []struct {
		talk string
		want bool
	}{{"0", false}, {"1", true}} {
		page := s.ask(t, http.MethodGet, "/agent/invented", nil, nil).page
		for _, b := range []string{"4", c.talk, "8", "0"} {
			page = s.press(t, page, "a", b)
		}
		if heading(page) != s.say(t, script.HeadingWords("link")) || strings.Contains(page, warning) != c.want || !strings.Contains(visible(page), "help.invented.example") {
			t.Errorf("%+v: %s", c, visible(page))
		}
	}
}

// TestTheLetterGoesWithTheAddressWhereItMay goes to the address by every branch: the letter of the branch stands there where
// sending is safe and the partner hands that entry out, and nowhere else.
func TestTheLetterGoesWithTheAddressWhereItMay(t *testing.T) {
	few := invented()
	few.Slug, few.Entries = "few", []string{"sore"}
	s := server(t, invented(), few)
	show := func(slug string, w script.Walk) string {
		return s.ask(t, http.MethodPost, "/agent/"+slug, url.Values{"s": {must(s.j.seal(w))(t)}, "v": {"r"}}, nil).page
	}
	link := slices.IndexFunc(s.j.Script.Steps, func(x script.Step) bool { return x.ID == "link" })
	shown := map[string]bool{}
	var follow func(w script.Walk)
	follow = func(w script.Walk) {
		at := s.j.Script.At(w)
		if at < link {
			for i := range s.j.Script.Steps[at].Choices {
				next, _ := s.j.Script.Press(w, i)
				follow(next)
			}
			return
		}
		if at != link {
			return
		}
		want, page := "", show("invented", w)
		if !s.j.Script.Pressed(w, "talk", "heard") {
			at := slices.IndexFunc(partners.Entries(), func(e partners.Entry) bool { return e.Name == s.j.Script.Entry(w) })
			if at >= 0 {
				want = "/?x=" + partners.Entries()[at].Letter
			}
		}
		if got := letterOn(page); got != want {
			t.Errorf("%q: on the page stands %q, not %q", s.j.Script.Entry(w), got, want)
		}
		shown[want] = true
		if got := letterOn(show("few", w)); got != "" && got != "/?x=d" {
			t.Errorf("who hands out one entry shows %q", got)
		}
	}
	follow(script.Walk{})
	if len(shown) != len(partners.Entries())+1 {
		t.Errorf("shown: %v", shown)
	}
}

func letterOn(page string) string {
	_, after, found := strings.Cut(page, `id="letter">help.invented.example`)
	if !found {
		return ""
	}
	letter, _, _ := strings.Cut(after, "<")
	return letter
}

// TestEveryEntryOpensThePublicJourney holds the letters to those that the public journey knows: each ticks the first answer of
// its branch, and there is no letter without an entry. What is none counts for nothing.
func TestEveryEntryOpensThePublicJourney(t *testing.T) {
	g := must(guide.Load(screening.Content()))(t)
	ticks := map[string]string{
		"worry": "worry.might", "forced": "worry.put", "keys": "worry.keys", "sore": "worry.sore", "out": "worry.out",
		"relative": "about.someone", "child": "about.someone", "work": "about.work",
	}
	letters := map[byte]bool{}
	for _, e := range partners.Entries() {
		question, answer, _ := strings.Cut(ticks[e.Name], ".")
		w := g.Start(e.Letter)
		w.At, _ = g.Screen(question)
		q, _ := g.Question(question)
		if at := slices.Index(g.Questions[q].Answers, answer); at < 0 || g.Shown(w) != 1<<at {
			t.Errorf("%s (%s) does not tick %s", e.Name, e.Letter, ticks[e.Name])
		}
		letters[e.Letter[0]] = true
	}
	for c := range 256 {
		if known := g.Start(string([]byte{byte(c)})).Hint != 0; known != letters[byte(c)] {
			t.Errorf("%d is a letter of the journey: %v, of an entry: %v", c, known, letters[byte(c)])
		}
	}
}

// TestInAnotherNationAPartnerIsNowhere serves a company of England from a service that is for Scotland.
func TestInAnotherNationAPartnerIsNowhere(t *testing.T) {
	p := invented()
	p.Nations = directory.Nations(0).With(directory.England)
	s := server(t, p)
	for nation, want := range map[directory.Nation]int{directory.UnknownNation: http.StatusOK, directory.England: http.StatusOK, directory.Scotland: http.StatusSeeOther} {
		s.j.Nation = nation
		r := s.ask(t, http.MethodGet, "/agent/invented", nil, nil)
		if r.status != want || want == http.StatusOK && !strings.Contains(visible(r.page), "Invented Chips (England)") {
			t.Errorf("a service for %s answers %d", nation, r.status)
		}
	}
}

// TestStaleLawIsHidden moves the clock past the day of the law, with the partner reviewed again.
func TestStaleLawIsHidden(t *testing.T) {
	p := invented()
	p.Review.Again, p.Products[0].Again = today.AddDate(2, 0, 0), today.AddDate(2, 0, 0)
	s := server(t, p)
	w, _ := s.wayTo(slices.IndexFunc(s.j.Script.Steps, func(x script.Step) bool { return x.ID == "relative" }))
	show := func() string {
		return s.ask(t, http.MethodPost, "/agent/invented", url.Values{"s": {must(s.j.seal(w))(t)}, "v": {"r"}}, nil).page
	}
	liberty, stale := s.html(t, script.LawWords("liberty")), s.html(t, "agent.page.law-stale")
	if page := show(); !strings.Contains(page, liberty) || strings.Contains(page, stale) {
		t.Errorf("today: %s", visible(page))
	}
	s.clock.t = s.j.Script.Law.Again.Add(25 * time.Hour)
	if page := show(); strings.Contains(page, liberty) || !strings.Contains(page, stale) {
		t.Errorf("past its day: %s", visible(page))
	}
}

// TestEveryPageHasOneSize holds that the wire does not tell which branch was taken.
func TestEveryPageHasOneSize(t *testing.T) {
	s := server(t, invented())
	for _, lang := range []string{"en", "cy", "ar-XB"} {
		for i := range s.j.Script.Steps {
			w, _ := s.wayTo(i)
			r := s.ask(t, http.MethodPost, "/agent/invented", url.Values{"s": {must(s.j.seal(w))(t)}, "v": {"r"}, "lang": {lang}}, nil)
			if i > 0 && r.wire != 8192 {
				t.Errorf("%s %s: %d bytes", lang, s.j.Script.Steps[i].ID, r.wire)
			}
		}
	}
}

// TestOnlyThePartnersLanguages shows English where the company's agents do not speak what the browser or a form asks for.
func TestOnlyThePartnersLanguages(t *testing.T) {
	p := invented()
	p.Languages = []string{"en", "de"}
	s := server(t, p)
	for name, r := range map[string]reply{
		"by the browser": s.ask(t, http.MethodGet, "/agent/invented", nil, map[string]string{"Accept-Language": "cy"}),
		"by a form":      s.ask(t, http.MethodPost, "/agent/invented", url.Values{"speak": {"cy"}}, nil),
		"carried":        s.ask(t, http.MethodPost, "/agent/invented", url.Values{"lang": {"cy"}}, nil),
	} {
		if heading(r.page) != s.say(t, script.HeadingWords("safe")) || strings.Contains(r.page, `name="speak"`) {
			t.Errorf("%s: %s", name, heading(r.page))
		}
	}
	s = server(t, invented())
	if r := s.ask(t, http.MethodGet, "/agent/invented", nil, map[string]string{"Accept-Language": "cy"}); !strings.Contains(r.page, `<html lang="cy"`) {
		t.Error("Welsh is on offer and is not shown")
	}
}

var (
	ownLinks = regexp.MustCompile(`<a [^>]*href="(/[^"]*)"`)
	ownForms = regexp.MustCompile(`(?s)<form .*?</form>`)
)

// TestEveryLinkAndFormKeepsTheLanguage asks for Welsh in the address, with a browser that asks for English, and follows every link
// and looks at every form of every page. The way out alone says no language: it is the same for everybody, whatever they read.
func TestEveryLinkAndFormKeepsTheLanguage(t *testing.T) {
	s := server(t, invented())
	english := map[string]string{"Accept-Language": "en"}
	seen := map[string]bool{}
	var follow func(path string)
	look := func(what string, r reply) {
		if r.status != http.StatusOK || !strings.Contains(r.page, `<html lang="cy"`) {
			t.Errorf("%s: %d, not in Welsh", what, r.status)
		}
		for _, f := range ownForms.FindAllString(r.page, -1) {
			if !strings.Contains(f, `name="lang" value="cy"`) {
				t.Errorf("%s: a form forgets the language", what)
			}
		}
		for _, m := range ownLinks.FindAllStringSubmatch(r.page, -1) {
			if m[1] != "/x" {
				follow(m[1])
			}
		}
	}
	follow = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		look(path, s.ask(t, http.MethodGet, path, nil, english))
	}
	follow("/agent/invented?l=cy")
	for i := range s.j.Script.Steps {
		w, _ := s.wayTo(i)
		for _, verb := range []string{"r", "p"} {
			look(s.j.Script.Steps[i].ID, s.ask(t, http.MethodPost, "/agent/invented", url.Values{"s": {must(s.j.seal(w))(t)}, "v": {verb}, "lang": {"cy"}}, english))
		}
	}
	if len(seen) != 3 {
		t.Errorf("followed %v", seen)
	}
	for path, want := range map[string]string{"/agent/nobody?l=cy": "/?l=cy", "/agent/nobody/kit?l=cy": "/?l=cy", "/agent/nobody?l=tlh": "/", "/agent/nobody?l=%0d%0aX": "/", "/agent/nobody?x=cy": "/"} {
		if r := s.ask(t, http.MethodGet, path, nil, english); r.header.Get("Location") != want {
			t.Errorf("%s leads to %q", path, r.header.Get("Location"))
		}
	}
	if r := s.ask(t, http.MethodPost, "/agent/nobody", url.Values{"lang": {"cy"}}, english); r.header.Get("Location") != "/?l=cy" {
		t.Errorf("a form leads to %q", r.header.Get("Location"))
	}
}

func BenchmarkStep(b *testing.B) {
	s := server(b, invented())
	for b.Loop() {
		s.ask(b, http.MethodGet, "/agent/invented", nil, nil)
	}
}

// TestBackAndTheFirstPage takes a button back, and holds that the first page carries nothing, so that it never grows old.
func TestBackAndTheFirstPage(t *testing.T) {
	s := server(t, invented())
	first := s.ask(t, http.MethodGet, "/agent/invented", nil, nil).page
	if sealedField.MatchString(first) || strings.Contains(first, `value="b"`) {
		t.Error("the first page carries something or leads back")
	}
	talk := s.press(t, first, "a", "4")
	what := s.press(t, talk, "a", "0")
	if got := heading(s.press(t, what, "v", "b")); got != s.say(t, script.HeadingWords("talk")) {
		t.Errorf("back from the list leads to %q", got)
	}
	if again := s.press(t, s.press(t, what, "v", "b"), "v", "b"); sealedField.MatchString(again) || heading(again) != heading(first) {
		t.Error("back to the beginning is not the beginning")
	}
	s.clock.t = s.clock.t.Add(100 * time.Hour)
	if got := heading(s.press(t, first, "a", "0")); got != s.say(t, script.HeadingWords("danger")) {
		t.Errorf("a page left open for days leads to %q", got)
	}
}

// TestNumbersThatNobodyMayShow: where the directory shows none but 999, the page says so and leaves nobody without a way on.
func TestNumbersThatNobodyMayShow(t *testing.T) {
	s := server(t, invented())
	fear := func() string {
		w, _ := s.wayTo(slices.IndexFunc(s.j.Script.Steps, func(x script.Step) bool { return x.ID == "fear" }))
		return s.ask(t, http.MethodPost, "/agent/invented", url.Values{"s": {must(s.j.seal(w))(t)}, "v": {"r"}}, nil).page
	}
	none := s.html(t, "agent.page.no-number")
	if page := fear(); strings.Contains(page, none) || !strings.Contains(page, "0808 2000 247") {
		t.Errorf("with numbers: %s", visible(page))
	}
	s.j.Mode = directory.VerifiedOnly // nobody has rung any of them yet
	if page := fear(); !strings.Contains(page, none) || strings.Contains(page, "0808 2000 247") || !strings.Contains(none, "999") {
		t.Errorf("without numbers: %s", visible(page))
	}
}
