package packet

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"waypost/referrals/directory"
	"waypost/screening"
)

// Every pathway of the bank has its line, and each leads somewhere or is said to be no referral.
func TestEveryPathwayHasItsLine(t *testing.T) {
	t.Parallel()
	book, err := Load(Content())
	if err != nil {
		t.Fatal(err)
	}
	bank, err := screening.Load(screening.Content())
	if err != nil {
		t.Fatal(err)
	}
	var pathways, nowhere []string
	for _, p := range bank.Pathways {
		pathways = append(pathways, p.ID)
		if len(book.LeadsTo(p.ID)) == 0 {
			nowhere = append(nowhere, p.ID)
		}
	}
	if err := book.Knows(pathways); err != nil {
		t.Error(err)
	}
	if slices.Sort(nowhere); !slices.Equal(nowhere, []string{"acute-medical", "clinical-local", "device-safety"}) {
		t.Errorf("no referral: %v", nowhere)
	}
	if err := book.Knows(append(pathways, "thought-of-later")); !errors.Is(err, ErrContent) {
		t.Errorf("a pathway without a line: %v", err)
	}
	if err := book.Knows(pathways[1:]); !errors.Is(err, ErrContent) {
		t.Errorf("a line without its pathway: %v", err)
	}
}

func TestWhereAServiceStands(t *testing.T) {
	t.Parallel()
	book, err := Load(Content())
	if err != nil {
		t.Fatal(err)
	}
	found := func(is directory.Archetype, needs ...string) directory.Match {
		m := directory.Match{Service: &directory.Service{Is: is}, Reasons: []directory.Reason{{Code: directory.WholeUK}}}
		for _, n := range needs {
			m.Reasons = append(m.Reasons, directory.Reason{Code: directory.ForNeed, ID: n})
		}
		return m
	}
	for name, c := range map[string]struct {
		m    directory.Match
		want []string
	}{
		"a children's front door":                    {found(directory.ChildrenFrontDoor, "child-safeguarding"), []string{"child-protection", "child-in-need"}},
		"its kind counts, not what it was found for": {found(directory.MaracCoordinator, "domestic-abuse"), []string{"marac"}},
		"a helpline for two needs":                   {found(directory.NoArchetype, "stalking", "domestic-abuse"), []string{"stalking", "domestic-abuse"}},
		"a helpline for a need that is no referral":  {found(directory.NoArchetype, "legal"), nil},
	} {
		if got := book.DestinationsOf(c.m); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if book.NeedOf("image-abuse") != "intimate-images" || book.NeedOf("iris") != "" {
		t.Error("what to look for")
	}
}

// Routes that do not hold together are refused at start.
func TestRoutesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new string }{
		"a destination that is none": {"to: [domestic-abuse, iris]", "to: [domestic-abuse, irish]"},
		"a destination twice":        {"to: [domestic-abuse, iris]", "to: [iris, iris]"},
		"a pathway twice":            {"{id: capacity", "{id: stalking"},
		"a kind that is none":        {"{id: idva,", "{id: idvas,"},
		"a kind left out":            {"{id: crisis-team,", "{id: liaison-psychiatry,"},
		"a kind that leads nowhere":  {"{id: idva, to: [domestic-abuse]", "{id: idva, to: []"},
		"a need that is none":        {"{id: economic-abuse, to: [economic-abuse], sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}\n  - {id: sexual-violence", "{id: money, to: [economic-abuse], sources: [SYN], basis: synthesis, reviewed: {state: awaiting}}\n  - {id: sexual-violence"},
		"no source":                  {"sources: [SYN, PALADIN]", "sources: []"},
		"a source that is none":      {"sources: [SYN, PALADIN]", "sources: [MEMORY]"},
		"no review":                  {"sources: [SYN, PALADIN], basis: synthesis, reviewed: {state: awaiting}", "sources: [SYN, PALADIN], basis: synthesis"},
		"a field nobody knows":       {"{id: stalking, to: [stalking], sources: [SYN, PALADIN]", "{id: stalking, score: 3, to: [stalking], sources: [SYN, PALADIN]"},
	} {
		files := fstest.MapFS{}
		for _, f := range []string{"destinations.yaml", "routes.yaml", "copy.yaml"} {
			raw, err := fs.ReadFile(Content(), f)
			if err != nil {
				t.Fatal(err)
			}
			text := string(raw)
			if f == "routes.yaml" {
				if name == "a pathway twice" {
					text = strings.Replace(text, "- id: capacity", "- id: stalking", 1)
				} else if text = strings.Replace(text, c.old, c.new, 1); text == string(raw) {
					t.Fatalf("%s: nothing was spoilt", name)
				}
			}
			files[f] = &fstest.MapFile{Data: []byte(text)}
		}
		if _, err := Load(files); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	raw, err := fs.ReadFile(Content(), "destinations.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(fstest.MapFS{"destinations.yaml": &fstest.MapFile{Data: raw}}); err == nil {
		t.Error("a book without routes is taken")
	}
}
