package web

import (
	"strings"
	"testing"
)

// A revision has one spelling: what could be read in two ways is no condition at all.
func TestARevisionHasOneSpelling(t *testing.T) {
	for text, want := range map[string]int64{
		`W/"1"`: 1, `W/"9223372036854775807"`: 9223372036854775807,
		"": 0, "*": 0, `"1"`: 0, `W/1`: 0, `W/"1`: 0, `w/"1"`: 0, `W/"01"`: 0, `W/"+1"`: 0, `W/"-1"`: 0, `W/"0"`: 0, `W/""`: 0,
		`W/"1", W/"2"`: 0, `W/"9223372036854775808"`: 0, `W/" 1"`: 0, `W/"1" `: 0, `W/"1e3"`: 0,
	} {
		if got, ok := newRequest(&incoming{condition: text}).IfMatch(); ok != (want > 0) || ok && got != want {
			t.Errorf("%s: %d %v", text, got, ok)
		}
	}
}

func TestANameIsAWord(t *testing.T) {
	for text, want := range map[string]bool{
		"a": true, "6f1d2c3b-0000-4000-8000-00000000abCD": true, strings.Repeat("x", 64): true,
		"": false, strings.Repeat("x", 65): false, "a b": false, "a\r\nb": false, "é": false, "<script>": false, "a/b": false,
	} {
		if got := newRequest(&incoming{name: text}).Name(); (got == text && got != "") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestASearchIsUnderstoodOrRefused(t *testing.T) {
	allowed := func(name string) bool { return name == "status" || name == "_lastUpdated" }
	for query, want := range map[string]int{
		"": 0, "status=requested": 1, "status=requested&_lastUpdated=ge2026-11-25T09:00:00%2B01:00&_lastUpdated=lt2027": 3,
		"status": -1, "status=": -1, "Status=x": -1, "status=x&patient=1": -1, "status=%zz": -1, "status=%0a": -1, "status=a%20b": -1, "%73tatus=x": -1,
		"status=%C3%A9": -1, "&": -1, "status=x&": -1, "status=" + strings.Repeat("x", 201): -1, strings.Repeat("status=x&", 8) + "status=x": -1, "status=a=b": 1,
	} {
		got, err := newRequest(&incoming{query: query}).Search(allowed)
		if (err != nil) != (want < 0) || err == nil && len(got) != want {
			t.Errorf("%s: %v %v", query, got, err)
		}
	}
	got, _ := newRequest(&incoming{query: "_lastUpdated=ge2026-11-25T09:00:00%2B01:00"}).Search(allowed)
	if got[0].Value != "ge2026-11-25T09:00:00+01:00" {
		t.Errorf("%v", got)
	}
}
