package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"waypost/internal/vault"
)

// consultFields is the list of a small consultation.
func consultFields(name string) Kind {
	switch name {
	case "location.geofence", "gateway.fear", "way":
		return One
	case "phone.signs":
		return Many
	case "carried":
		return Sealed
	case "line":
		return Line
	case "prose":
		return Prose
	}
	return Refused
}

func list(f Form) string {
	var out []string
	for n, v := range f.All() {
		out = append(out, n+"="+v)
	}
	return strings.Join(out, " ")
}

func TestAFormIsReadByItsList(t *testing.T) {
	for _, c := range []struct{ name, raw, want, faults string }{
		{"nothing", "", "", ""},
		{"one answer", "location.geofence=yes", "location.geofence=yes", ""},
		{"encoded", "location%2Egeofence=rather%2dnot%2Dsay", "location.geofence=rather-not-say", ""},
		{"several", "phone.signs=battery&gateway.fear=no&phone.signs=heat", "phone.signs=battery gateway.fear=no phone.signs=heat", ""},
		{"not asked", "gateway.fear=&location.geofence=no", "location.geofence=no", ""},
		{"no value", "gateway.fear", "", ""},
		{"a question of an older page", "location.old=yes&gateway.fear=no", "gateway.fear=no", "location.old fault.unknown-question"},
		{"not a question of ours", "Role=admin&gateway.fear=no", "gateway.fear=no", " fault.unknown-question"},
		{"an index", "a[999999999]=x&gateway.fear=no", "gateway.fear=no", " fault.unknown-question"},
		{"depth", "a[b][c][d][e]=x", "", " fault.unknown-question"},
		{"an operator", "gateway.fear[$ne]=x&$where=1", "", " fault.unknown-question, fault.unknown-question"},
		{"not an answer", "gateway.fear=Robert%27);DROP", "", "gateway.fear fault.unknown-answer"},
		{"an operator as an answer", "gateway.fear=%7B%22%24ne%22%3Anull%7D", "", "gateway.fear fault.unknown-answer"},
		{"a language", "way=en-XA", "way=en-XA", ""},
		{"an answer too long", "gateway.fear=" + strings.Repeat("a", maxID+1), "", "gateway.fear fault.unknown-answer"},
		{"own words", "line=Don%27t+ring%2C+please", "line=Don't ring, please", ""},
		{"own words in Urdu", "line=" + url.QueryEscape("وہ نہیں‌جانتا"), "line=وہ نہیں‌جانتا", ""},
		{"two lines in one", "line=a%0D%0Ab", "", "line fault.characters"},
		{"two lines", "prose=a%0D%0Ab", "prose=a\r\nb", ""},
		{"a direction override", "line=a%E2%80%AEb", "", "line fault.characters"},
		{"a zero-width space", "prose=a%E2%80%8Bb", "", "prose fault.characters"},
		{"a byte order mark", "line=%EF%BB%BFa", "", "line fault.characters"},
		{"NUL in own words", "line=a%00b", "", "line fault.characters"},
		{"an escape", "prose=a%1Bb", "", "prose fault.characters"},
		{"a private character", "line=%EE%80%80", "", "line fault.characters"},
		{"as long as may be", "line=" + strings.Repeat("%D8%A7", maxLine), "line=" + strings.Repeat("ا", maxLine), ""},
		{"too long", "line=" + strings.Repeat("a", maxLine+1), "", "line fault.too-long"},
		{"prose too long", "prose=" + strings.Repeat("a", maxProse+1), "", "prose fault.too-long"},
		{"carried", "carried=AZaz09-_", "carried=AZaz09-_", ""},
		{"nothing carried", "carried=", "carried=", ""},
	} {
		f, faults, err := decodeForm(c.raw, consultFields)
		var told []string
		for _, one := range faults {
			told = append(told, one.Question+" "+one.MessageID)
		}
		if got := strings.Join(told, ","); err != nil || list(f) != c.want || got != c.faults {
			t.Errorf("%s: got %q, faults %q, %v; want %q, faults %q", c.name, list(f), got, err, c.want, c.faults)
		}
	}
}

func TestWhatNoPageOfOursSendsIsRefused(t *testing.T) {
	many := func(n int, s string) string { return strings.TrimSuffix(strings.Repeat(s+"&", n), "&") }
	for name, raw := range map[string]string{
		"an answer twice":         "gateway.fear=no&gateway.fear=yes",
		"an empty answer twice":   "gateway.fear=&gateway.fear=yes",
		"a bad answer twice":      "gateway.fear=(&gateway.fear=yes",
		"an encoded name twice":   "gateway.fear=no&gateway%2Efear=yes",
		"own words twice":         "line=a&line=b",
		"carried twice":           "carried=a&carried=b",
		"a bad escape":            "gateway.fear=%zz",
		"half an escape":          "gateway.fear=%4",
		"half an escape, a name":  "gateway.fear%=no",
		"invalid UTF-8":           "line=%ff%fe",
		"raw invalid UTF-8":       "line=\xff",
		"overlong NUL":            "line=%c0%80",
		"invalid UTF-8, stranger": "else=%ff",
		"NUL in an answer":        "gateway.fear=no%00",
		"NUL in a name":           "gateway%00fear=no",
		"override in a name":      "gate%E2%80%AEway=no",
		"override in an answer":   "gateway.fear=no%E2%80%AE",
		"zero width in an answer": "gateway.fear=no%E2%80%8B",
		"line end in a name":      "gateway%0Afear=no",
		"no name":                 "=no",
		"empty part":              "gateway.fear=no&",
		"NUL of a stranger":       "else=a%00",
		"carried, not ours":       "carried=a%2Fb",
		"carried, too long":       "carried=" + strings.Repeat("a", maxSealed+1),
		"too many fields":         many(maxFields+1, "phone.signs=a"),
		"too many of one":         many(maxRepeats+1, "phone.signs=a"),
		"too many strangers":      many(maxStrangers+1, "x=a"),
	} {
		f, faults, err := decodeForm(raw, consultFields)
		if !errors.Is(err, ErrMalformed) || list(f) != "" || faults != nil {
			t.Errorf("%s: got %q, %v, %v; want ErrMalformed and nothing else", name, list(f), faults, err)
		}
	}
	if _, _, err := decodeForm("line="+strings.Repeat("a", maxBody), consultFields); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if f, _, err := decodeForm(many(maxRepeats, "phone.signs=a"), consultFields); err != nil || len(f.Many("phone.signs")) != maxRepeats {
		t.Errorf("as many as may be: %v", err)
	}
	if _, faults, err := decodeForm(many(maxStrangers, "x=a"), consultFields); err != nil || len(faults) != maxStrangers {
		t.Errorf("as many strangers as may be: %v", err)
	}
}

// A whole consultation: two hundred questions, each with its answer, and not one lost.
func TestAWholeConsultationArrives(t *testing.T) {
	var parts, want []string
	known := map[string]bool{}
	for i := range 220 {
		name := fmt.Sprintf("topic-%d.question", i)
		known[name] = true
		parts = append(parts, name+"=rather-not-say")
		want = append(want, name+"=rather-not-say")
	}
	f, faults, err := decodeForm(strings.Join(parts, "&"), func(name string) Kind {
		if known[name] {
			return One
		}
		return Refused
	})
	if err != nil || faults != nil || list(f) != strings.Join(want, " ") {
		t.Fatalf("%v %v", faults, err)
	}
}

// A31: whatever field of ours a stranger names, only the list decides what is taken.
func TestNoFieldIsTakenThatIsNotOnTheList(t *testing.T) {
	for _, name := range []string{"role", "Role", "ROLE", "ref", "REF", "_id", "id", "org", "organisation", "status", "urgency", "sealed", "key", "admin",
		"consent", "created", "version", "__proto__", "constructor", "Gateway.fear", "gateway.Fear", "gateway.fear ", "gateway.fear.x"} {
		f, _, err := decodeForm(url.Values{name: {"yes"}}.Encode(), consultFields)
		if err == nil && list(f) != "" {
			t.Errorf("%q is taken: %s", name, list(f))
		}
	}
}

func TestOneAndManyFindWhatIsThere(t *testing.T) {
	f, _, err := decodeForm("phone.signs=a&phone.signs=b&gateway.fear=no&way=", consultFields)
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := f.One("gateway.fear"); v != "no" || !ok {
		t.Errorf("got %q %v", v, ok)
	}
	if v, ok := f.One("way"); v != "" || ok {
		t.Errorf("what was not asked is there: %q %v", v, ok)
	}
	if got := f.Many("phone.signs"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v", got)
	}
	for range (Form{}).All() {
		t.Error("an empty form has a field")
	}
}

// A form and a request print as a word, however deep they are nested and whatever prints them.
func TestAnswersDoNotPrint(t *testing.T) {
	const canary = "Canary-Name"
	f, _, err := decodeForm("line="+canary+"&gateway.fear="+canary, consultFields)
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := f.One("line"); v != canary {
		t.Fatal("the canary did not arrive")
	}
	r := *newRequest(&incoming{body: canary, query: canary, cookie: vault.Keep(canary), languages: canary, params: []pair{{"a", canary}}})
	type inside struct {
		Shown  any
		hidden any
		form   Form
		ask    Request
	}
	for _, v := range []any{f, &f, r, &r, inside{f, f, f, r}, &inside{r, r, f, r}, []any{f, r}, map[string]any{"a": f, "b": &r}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%A"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, canary) || strings.Contains(got, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s of %T prints %s", verb, v, got)
			}
		}
		if raw, err := json.Marshal(v); err == nil && strings.Contains(string(raw), canary) {
			t.Errorf("%T as JSON is %s", v, raw)
		}
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("a", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("a", "v", v)
		if strings.Contains(log.String(), canary) {
			t.Errorf("%T is logged as %s", v, log.String())
		}
	}
}

func TestOnlyAFormIsAForm(t *testing.T) {
	for mime, want := range map[string]bool{
		"application/x-www-form-urlencoded": true, "application/x-www-form-urlencoded;charset=UTF-8": true,
		"Application/X-WWW-Form-Urlencoded ; charset=\"utf-8\"": true,
		"": false, "application/json": false, "text/plain": false, "multipart/form-data; boundary=a": false,
		"application/x-www-form-urlencoded; charset=utf-16": false, "application/x-www-form-urlencoded; boundary=a": false,
		"application/x-www-form-urlencoded, application/json": false,
	} {
		r := newRequest(&incoming{mediaType: mime, body: "gateway.fear=no"})
		_, _, err := r.Form(consultFields)
		if (err == nil) != want || (err != nil && !errors.Is(err, ErrMediaType)) {
			t.Errorf("%q: %v", mime, err)
		}
	}
	r := newRequest(&incoming{mediaType: "application/x-www-form-urlencoded", coding: "gzip", body: "a=b"})
	if _, _, err := r.Form(consultFields); !errors.Is(err, ErrMediaType) {
		t.Errorf("a packed body: %v", err)
	}
}

// A34: whatever arrives, the decoder ends, takes nothing that is not on the list, repeats nothing it should not, and lets
// through no character that cannot be seen.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"location.geofence=yes&phone.signs=a&phone.signs=b&carried=AZ09&line=hello+there&prose=a%0D%0Ab",
		"a[999999999]=x", "gateway.fear[$ne]=1", "gateway.fear=no&gateway.fear=yes", "line=%E2%80%AE", "line=%ff", "%", "&&&&", "=", "line=%00", "a=b;c=d",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		form, faults, err := decodeForm(raw, consultFields)
		if err != nil {
			if form.fields != nil || faults != nil || !(errors.Is(err, ErrMalformed) || errors.Is(err, ErrTooLarge)) {
				t.Fatalf("a refusal says more than no: %v", err)
			}
			return
		}
		seen, total := map[string]int{}, 0
		for name, value := range form.All() {
			kind := consultFields(name)
			total += len(name) + len(value)
			if seen[name]++; kind == Refused || (kind != Many && seen[name] > 1) {
				t.Fatalf("%q is taken %d times", name, seen[name])
			}
			if !utf8.ValidString(value) {
				t.Fatalf("%q holds %q", name, value)
			}
			for _, r := range value {
				joiner := r == '\u200c' || r == '\u200d'
				line := r == '\n' || r == '\r' || r == '\t'
				if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) && !(joiner && (kind == Line || kind == Prose)) && !(line && kind == Prose) {
					t.Fatalf("%q holds %U", name, r)
				}
			}
			if (kind == One || kind == Many) && (value == "" || len(value) > maxID || strings.ContainsAny(value, " $[]{}()<>&\"'=;/\\")) {
				t.Fatalf("%q holds %q", name, value)
			}
		}
		if total > len(raw) {
			t.Fatalf("%d bytes out of %d", total, len(raw))
		}
		for _, one := range faults {
			if one.Question != "" && !isID(one.Question) {
				t.Fatalf("a fault names %q", one.Question)
			}
		}
	})
}
