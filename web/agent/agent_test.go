package agent

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"waypost/referrals/partners/script"
)

var (
	sealedField = regexp.MustCompile(`name="s" value="([^"]+)"`)
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
		if !x.Urgent && !strings.Contains(page, `<details id="now"`) {
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
		return slices.Contains(way, x.ID) && (len(s.j.hands(x.Hands)) > 0 || x.Address)
	})
}

// TestEveryHandOverHasANumber holds that no need of the script is one for which the directory has nobody to show.
func TestEveryHandOverHasANumber(t *testing.T) {
	s := server(t, invented())
	for _, x := range s.j.Script.Steps {
		for _, need := range x.Hands {
			if len(s.j.hands([]string{need})) == 0 {
				t.Errorf("%s: nobody answers for %s", x.ID, need)
			}
		}
	}
}
