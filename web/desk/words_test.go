package desk

import (
	"testing"

	"waypost/locales"
	"waypost/referrals"
	"waypost/referrals/directory"
	"waypost/referrals/people"
)

// Whatever the rooms below can say has words here, and the words exist. A new event, reason or state is red until it has.
func TestEveryCodeHasWords(t *testing.T) {
	words, err := locales.Load(locales.Files(), "en")
	if err != nil {
		t.Fatal(err)
	}
	has := func(what, id string) {
		t.Helper()
		if id == "" || !words.Has("en", id) {
			t.Errorf("%s: no words %q", what, id)
		}
	}
	for _, l := range referrals.Table() {
		has(string(l.Event), eventWords[l.Event])
		if len(l.Who) > 0 && l.Event != referrals.Refer && plain(l.Event) {
			has(string(l.Event)+" brings", effectWords[l.Event])
		}
		for _, reason := range l.Reasons {
			has(reason, reasonWords[reason])
		}
		for _, s := range append(l.From, l.To) {
			if s != "" && l.Handover {
				has(string(s), handoverWords[s])
			} else if s != "" {
				has(string(s), stateWords[s])
			}
		}
	}
	for _, r := range people.Reasons() {
		has(string(r), reasonWords[string(r)])
	}
	for _, age := range []directory.Age{directory.AgeUnknown, directory.Under13, directory.From13To15, directory.Under16, directory.From16To17, directory.Under18, directory.Adult} {
		has("age", ageWords[age])
	}
	for _, n := range []directory.Nation{directory.UnknownNation, directory.England, directory.Wales, directory.Scotland, directory.NorthernIreland} {
		has("nation", nationWords(n))
	}
	for what, id := range graveWords {
		has(string(what), id)
	}
	for state, id := range askWords {
		has(string(state), id)
	}
	for _, list := range []map[string]string{tableWords, casesWords, dueWords, titles} {
		for code, id := range list {
			has(code, id)
		}
	}
}
