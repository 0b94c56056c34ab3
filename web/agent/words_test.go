package agent

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"waypost/locales"
)

// What nobody may say to a caller or be told to say, by the start of a word; never-lines name what is forbidden and are held
// to the last two kinds alone. Every language has a list of its own; one without a list is not offered to agents.
var forbidden = map[string]map[string][]string{
	"en": {
		"a diagnosis":  {"psychos", "psychot", "delusion", "paranoi", "schizo", "hallucinat", "mental illness", "disorder", "insane", "crazy", "imagin"},
		"a conspiracy": {"government", "alien", "agency", "agencies", "5g", "mind control", "secret service", "experiment", "they are watching", "mi5"},
		"a promise":    {"we will", "i will", "i promise", "we promise", "guarantee", "you are safe", "you’re safe", "no trace", "nobody will know", "will be removed", "i believe you.", "we can scan", "will find"},
		"a verdict":    {"low risk", "credib", "there is no chip", "you have been chipped", "impossible", "not real", "this is an offence", "acid test"},
		"a culprit":    {"who do you think", "who is doing"},
		"sending":      {"we sent", "has been sent", "was sent", "we have told"},
	},
	"cy": {
		"a diagnosis":  {"seicos", "rhithdyb", "paranoi", "sgitsoffreni", "rhithwel", "salwch meddwl"},
		"a conspiracy": {"llywodraeth", "estron", "asiantaeth", "5g", "rheoli'r meddwl"},
		"a promise":    {"rydych yn ddiogel", "rydych chi'n ddiogel", "gwarant", "heb adael ôl"},
		"a verdict":    {"risg isel", "amhosib", "does dim sglodyn"},
	},
}

var telephone = regexp.MustCompile(`[0-9](?: ?[0-9]){2,}`)

func unspeakable(id, text, lang string) []string {
	var out []string
	low := " " + strings.NewReplacer("’", "'", "“", " ", "”", " ").Replace(strings.ToLower(text))
	for kind, stems := range forbidden[lang] {
		for _, stem := range stems {
			if strings.Contains(low, " "+strings.ReplaceAll(stem, "’", "'")) {
				out = append(out, kind+" ("+stem+")")
			}
		}
	}
	if telephone.MatchString(strings.ReplaceAll(strings.ReplaceAll(text, "2 June 2026", ""), "2 Mehefin 2026", "")) {
		out = append(out, "a number")
	}
	if strings.Contains(id, ".never-") && len(strings.Fields(text)) > 16 {
		out = append(out, "too long to be seen in time")
	}
	return out
}

func agentIDs(c *locales.Catalogue) []string {
	return slices.DeleteFunc(c.IDs("en"), func(id string) bool { return !strings.HasPrefix(id, "agent.") })
}

func TestWordsThatNoAgentMaySay(t *testing.T) {
	words := must(locales.Load(locales.Files(), "en", "cy"))(t)
	ids := agentIDs(words)
	if len(ids) < 250 {
		t.Fatalf("only %d texts", len(ids))
	}
	for _, l := range words.Languages() {
		if forbidden[l.Tag] == nil {
			t.Errorf("no list of words for %s", l.Tag)
		}
		for _, id := range ids {
			text, _, _ := words.Text(l.Tag, id, "Emergency", "#", "Read", "", "Again", "")
			for _, f := range unspeakable(id, text, l.Tag) {
				t.Errorf("%s %s: %s: %s", l.Tag, id, f, text)
			}
		}
	}
	for text, kind := range map[string]string{
		"It may be a delusion.": "a diagnosis", "Is it the government?": "a conspiracy", "“We will remove it.”": "a promise", "You’re safe.": "a promise",
		"There is no chip.": "a verdict", "Ring 0808 1570 000 now.": "a number", "Call 999.": "a number",
	} {
		if !slices.ContainsFunc(unspeakable("x", text, "en"), func(s string) bool { return strings.HasPrefix(s, kind) }) {
			t.Errorf("%q is let through", text)
		}
	}
}

// TestLinesReadAloudAreShort: a sentence said to somebody in fear has about twelve words.
func TestLinesReadAloudAreShort(t *testing.T) {
	words := must(locales.Load(locales.Files(), "en"))(t)
	ends := regexp.MustCompile(`[.!?:]+["”]?(\s|$)`)
	total, n := 0, 0
	for _, id := range agentIDs(words) {
		text, _, _ := words.Text("en", id, "Emergency", "999")
		if !strings.Contains(id, ".say-") && !strings.HasPrefix(id, "agent.hard.") {
			continue
		}
		for _, s := range ends.Split(text, -1) {
			long := len(strings.Fields(s))
			if long > 22 {
				t.Errorf("%s: %d words: %s", id, long, s)
			}
			if long > 0 {
				total, n = total+long, n+1
			}
		}
	}
	if n < 80 || total > 10*n {
		t.Errorf("%d sentences of %.1f words", n, float64(total)/float64(n))
	}
	t.Logf("%d sentences of %.1f words", n, float64(total)/float64(n))
}
