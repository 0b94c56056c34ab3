package public

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"waypost/locales"
	"waypost/referrals/partners/script"
	"waypost/screening"
	"waypost/screening/guide"
)

func content(t testing.TB) (*guide.Guide, *locales.Catalogue) {
	t.Helper()
	g, err := guide.Load(screening.Content())
	if err != nil {
		t.Fatal(err)
	}
	words, err := locales.Load(locales.Files(), "en", "cy")
	if err != nil {
		t.Fatal(err)
	}
	return g, words
}

func law(t testing.TB) *script.Law {
	t.Helper()
	s, err := script.Load()
	if err != nil {
		t.Fatal(err)
	}
	return &s.Law
}

func say(t testing.TB, c *locales.Catalogue, id string) string {
	t.Helper()
	text, _, ok := c.Text("en", id, "Read", "24 May", "Again", "25 May")
	if !ok {
		t.Fatalf("no words for %s", id)
	}
	return text
}

// The reading age is measured by the grade of Flesch and Kincaid with a rough count of syllables. It is no test with people.
// The limits are those that the wording was drafted under.
const (
	screenGrade = 2.6
	lineGrade   = 5.5
)

// TestReadingAge measures every screen, with its heading and its answers, every line of a plan and every other text.
func TestReadingAge(t *testing.T) {
	g, words := content(t)
	texts := map[string]string{}
	point := map[string]bool{}
	for _, p := range law(t).Points {
		point[script.PlainLawWords(p.ID)] = true
	}
	for i := range g.Screens {
		s := &g.Screens[i]
		all := []string{say(t, words, guide.HeadingWords(s.ID))}
		for _, id := range s.Texts() {
			all = append(all, say(t, words, id))
		}
		if s.Ask >= 0 && g.Questions[s.Ask].ID != "nation" { // the names of the nations are no matter of style
			for _, a := range g.Questions[s.Ask].Answers {
				all = append(all, say(t, words, guide.AnswerWords(g.Questions[s.Ask].ID, a)))
			}
		}
		texts[s.ID] = strings.Join(all, "\n")
	}
	for _, screen := range []string{"words", "bye", "paper", "quiet", "law"} {
		var all []string
		for _, id := range words.IDs("en") {
			if strings.HasPrefix(id, "public."+screen+".") && !point[id] {
				all = append(all, say(t, words, id))
			}
		}
		texts[screen] = strings.Join(all, "\n")
	}
	for i := range g.Requests {
		r := &g.Requests[i]
		all := []string{say(t, words, guide.RequestWords(r.ID))}
		for _, id := range r.Texts() {
			all = append(all, say(t, words, id))
		}
		texts["request "+r.ID] = strings.Join(all, "\n")
	}
	for id := range point {
		text := say(t, words, id)
		t.Logf("%4.1f %s", grade(text), id)
		if grade(text) > screenGrade {
			t.Errorf("%s reads at grade %.1f, %.1f at most: %s", id, grade(text), screenGrade, text)
		}
	}
	texts["draft"] = say(t, words, "public.draft.heading") + "\n" + say(t, words, "public.draft.text-1") + "\n" + say(t, words, "public.draft.text-2") + "\n" + say(t, words, "public.draft.box")
	for name, text := range texts {
		t.Logf("%4.1f %s", grade(text), name)
		if grade(text) > screenGrade {
			t.Errorf("screen %s reads at grade %.1f, %.1f at most:\n%s", name, grade(text), screenGrade, text)
		}
	}
	for i := range g.Keep {
		if text := say(t, words, guide.KeepWords(i)); grade(text) > lineGrade {
			t.Errorf("line %d of the card reads at grade %.1f, %.1f at most: %s", i+1, grade(text), lineGrade, text)
		}
	}
	for i := range g.Lines {
		text := say(t, words, guide.LineWords(g.Lines[i].ID))
		t.Logf("%4.1f line %s", grade(text), g.Lines[i].ID)
		if grade(text) > lineGrade {
			t.Errorf("line %s reads at grade %.1f, %.1f at most: %s", g.Lines[i].ID, grade(text), lineGrade, text)
		}
	}
	if hard := grade("Technology-facilitated abuse necessitates multidisciplinary safeguarding interventions."); hard < 15 {
		t.Errorf("the measure takes a hard sentence for grade %.1f", hard)
	}
	if easy := grade("The cat sat on the mat. It was warm."); easy > 1 {
		t.Errorf("the measure takes an easy text for grade %.1f", easy)
	}
}

// The reading age is measured in English alone. No formula for Welsh has been published that we know of: Flesch, Kincaid and
// their kin weigh syllables and words by what English schoolchildren read, and a grade of theirs for a Welsh text would be a
// number without a meaning. So no grade is claimed. What is held is what Björnsson's LIX counts without any weights of a
// language, words in a sentence and the share of long words, with the Welsh letters ch, dd, ff, ng, ll, ph, rh and th as one
// each: no sentence and no screen beyond a bound, and the whole far below our own Welsh for staff, so that the measure is seen
// to tell plain from hard. It shows that a translation did not grow long. Whether it is plain, a Welsh reader must say.
var longest = map[string]struct {
	sentence int     // words in one
	mean     float64 // words in a sentence, over all
	long     float64 // share of long words, over all
	screen   float64 // both together, of one text
}{
	"en": {20, 8, 0.08, 37},
	"cy": {24, 9, 0.12, 40},
}

var welshLetters = regexp.MustCompile(`ch|dd|ff|ng|ll|ph|rh|th`)

// length is how long the sentences are and how many of the words are of more than six letters.
func length(lang string, texts ...string) (words, inSentence, long float64, most int) {
	n := 0.0
	for _, text := range texts {
		for _, s := range sentences(text) {
			all := strings.Fields(s)
			n, words, most = n+1, words+float64(len(all)), max(most, len(all))
			for _, w := range all {
				if w = strings.ToLower(w); lang == "cy" {
					w = welshLetters.ReplaceAllString(w, "x")
				}
				if len(slices.DeleteFunc([]rune(w), func(r rune) bool { return !unicode.IsLetter(r) })) > 6 {
					long++
				}
			}
		}
	}
	return words, words / n, long / words, most
}

// TestSentencesAreShort holds the rule of one idea a sentence, about twelve words, in every language.
func TestSentencesAreShort(t *testing.T) {
	_, words := content(t)
	for _, l := range words.Languages() {
		bound, known := longest[l.Tag]
		if !known {
			t.Errorf("no bounds for %s", l.Tag)
		}
		var all []string
		for _, id := range publicIDs(words) {
			text, _, _ := words.Text(l.Tag, id, "Read", "1", "Again", "2")
			all = append(all, text)
			n, inSentence, long, most := length(l.Tag, text)
			if most > bound.sentence {
				t.Errorf("%s %s: a sentence of %d words: %s", l.Tag, id, most, text)
			}
			if n >= 12 && inSentence+100*long > bound.screen {
				t.Errorf("%s %s: %.0f words a sentence, %.0f%% of them long: %s", l.Tag, id, inSentence, 100*long, text)
			}
		}
		n, inSentence, long, _ := length(l.Tag, all...)
		if n < 2000 || inSentence > bound.mean || long > bound.long {
			t.Errorf("%s: %.0f words, %.1f a sentence, %.1f%% long", l.Tag, n, inSentence, 100*long)
		}
		t.Logf("%s: %.0f words, %.1f a sentence, %.1f%% long", l.Tag, n, inSentence, 100*long)
		var staff []string
		for _, id := range words.IDs(locales.Source) {
			if strings.HasPrefix(id, "step.") && strings.HasSuffix(id, ".do") {
				text, _, _ := words.Text(l.Tag, id)
				staff = append(staff, text)
			}
		}
		if _, harder, longer, _ := length(l.Tag, staff...); harder < inSentence+3 || longer < long+0.05 {
			t.Errorf("%s: the measure does not tell words for staff (%.1f a sentence, %.1f%% long) from these", l.Tag, harder, 100*longer)
		}
	}
}

func publicIDs(c *locales.Catalogue) []string {
	var out []string
	for _, id := range c.IDs("en") {
		if strings.HasPrefix(id, "public.") {
			out = append(out, id)
		}
	}
	return out
}

var ends = regexp.MustCompile(`[.!?:]+["”]?(\s|$)|\n`)

func sentences(text string) []string {
	return slices.DeleteFunc(ends.Split(text, -1), func(s string) bool { return strings.TrimSpace(s) == "" })
}

func grade(text string) float64 {
	words, syllables := 0, 0
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'’&0123456789", r)
	}) {
		words++
		syllables += syllablesIn(w)
	}
	return 0.39*float64(words)/float64(len(sentences(text))) + 11.8*float64(syllables)/float64(words) - 15.59
}

var (
	vowels = regexp.MustCompile(`[aeiouy]+`)
	silent = regexp.MustCompile(`([^laeiouy]e|[^dt]ed|[^scgzx]es)$`)
)

// syllablesIn counts groups of vowels, less the silent e at the end. Letters read one by one, and numbers, count as said.
func syllablesIn(word string) int {
	if strings.ToUpper(word) == word {
		return len(word)
	}
	word = strings.ToLower(word)
	n := len(vowels.FindAllString(word, -1))
	if n > 1 && silent.MatchString(word) {
		n--
	}
	return max(n, 1)
}

// What no public page may say, by the start of a word. Every language has a list of its own; a language without one is not
// offered to the public.
var forbidden = map[string]map[string][]string{
	"en": {
		"a diagnosis":  {"psychos", "psychot", "delusion", "paranoi", "schizo", "hallucinat", "mental illness", "disorder", "insane", "crazy", "imagin"},
		"a conspiracy": {"government", "alien", "agency", "agencies", "5g", "mind control", "secret service", "experiment", "they are watching", "mi5"},
		"a promise":    {"we will", "we promise", "guarantee", "you are safe", "completely safe", "leaves no trace", "no trace", "nobody will know", "no one will know", "will be removed", "we believe you", "we can scan", "will find"},
		"a verdict":    {"low risk", "credib", "there is no chip", "you have been chipped", "impossible", "not real", "this is an offence"},
		"a culprit":    {"who did", "who do you think", "who is doing"},
		"sending":      {"we sent", "has been sent", "was sent", "we have told"},
	},
	"cy": {
		"a diagnosis":  {"seicos", "rhithdyb", "paranoi", "sgitsoffreni", "rhithwel", "salwch meddwl"},
		"a conspiracy": {"llywodraeth", "estron", "asiantaeth", "5g", "rheoli'r meddwl"},
		"a promise":    {"rydych yn ddiogel", "rydych chi'n ddiogel", "gwarant", "heb adael ôl"},
		"a verdict":    {"risg isel", "amhosib", "does dim sglodyn"},
	},
}

func TestWordsThatNoPublicPageMaySay(t *testing.T) {
	_, words := content(t)
	for _, l := range words.Languages() {
		if forbidden[l.Tag] == nil {
			t.Errorf("no list of words for %s", l.Tag)
		}
		for _, id := range publicIDs(words) {
			text, _, _ := words.Text(l.Tag, id, "Read", "", "Again", "")
			for _, f := range unspeakable(text, l.Tag) {
				t.Errorf("%s %s: %s: %s", l.Tag, id, f, text)
			}
		}
	}
	for text, kind := range map[string]string{
		"It may be a delusion.": "a diagnosis", "Is it the government?": "a conspiracy", "We will remove it. You are safe.": "a promise",
		"There is no chip.": "a verdict", "Ring 0808 1570 000 now.": "a number",
	} {
		if !slices.ContainsFunc(unspeakable(text, "en"), func(s string) bool { return strings.HasPrefix(s, kind) }) {
			t.Errorf("%q is let through", text)
		}
	}
}

// dayOfTheJudgment is the one date that stands in words: that of [2026] UKSC 16.
var dayOfTheJudgment = strings.NewReplacer("2 June 2026", "", "2 Mehefin 2026", "")

var telephone = regexp.MustCompile(`[0-9](?: ?[0-9]){2,}`)

// unspeakable finds words that may not be said and numbers: those come from the directory alone.
func unspeakable(text, lang string) []string {
	var out []string
	low := " " + strings.ReplaceAll(strings.ToLower(text), "’", "'")
	for kind, stems := range forbidden[lang] {
		for _, stem := range stems {
			if strings.Contains(low, " "+stem) {
				out = append(out, kind+" ("+stem+")")
			}
		}
	}
	if telephone.MatchString(dayOfTheJudgment.Replace(text)) {
		out = append(out, "a number")
	}
	return out
}

// TestTheFirstViewNamesNothing holds what stands on the page that a GET gives, which a browser may show again by itself.
func TestTheFirstViewNamesNothing(t *testing.T) {
	telling := []string{"chip", "implant", "abuse", "afraid", "control", "partner", "domestic", "violen", "stalk", "track", "danger", "hurt", "body", "device", "police", "worried", "worry", "tag ", "spy", "fear"}
	for _, page := range []string{get(t, server(t, nil), "/"), get(t, server(t, nil), "/?x=b"), get(t, server(t, nil), "/?x=zz&y=%00")} {
		page = strings.ToLower(visible(page))
		if !strings.Contains(page, "help finder") {
			t.Fatalf("this is not the first view: %s", page)
		}
		for _, word := range telling {
			if strings.Contains(page, word) {
				t.Errorf("the first view says %q", word)
			}
		}
	}
}
