package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

const traceabilityFile = "../../docs/clinical-safety/traceability.csv"

func traceability(t *testing.T) [][]string {
	t.Helper()
	f, err := os.Open(traceabilityFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"draft_id", "draft_option", "product_id", "product_option", "note"}; !slices.Equal(rows[0], want) {
		t.Fatalf("the columns are %v", rows[0])
	}
	return rows[1:]
}

// TestTraceabilityIsTrue holds the table to the product: every id and option it names is there, whatever was dropped
// says why, and nothing in the product is missing from it.
func TestTraceabilityIsTrue(t *testing.T) {
	p := loaded(t)
	known := map[string]bool{}
	for _, id := range p.bank.Atoms() {
		known[id] = true
	}
	wanted := map[string]bool{}
	for i := range p.bank.Questions {
		known[p.bank.Questions[i].ID], wanted[p.bank.Questions[i].ID] = true, true
	}
	for i := range p.bank.Findings {
		wanted[p.bank.Findings[i].ID] = true
	}
	for _, path := range p.bank.Pathways {
		known[path.ID], wanted[path.ID] = true, true
	}
	for i := range p.steps.Actions {
		known[p.steps.Actions[i].ID], wanted[p.steps.Actions[i].ID] = true, true
	}
	for _, s := range p.services.Services() {
		known[s.ID] = true
	}
	for i, row := range traceability(t) {
		draft, product, option, note := row[0], row[2], row[3], row[4]
		delete(wanted, product)
		switch {
		case product == "" && note == "":
			t.Errorf("row %d: %s was dropped without a reason", i+2, draft)
		case product != "" && !known[product]:
			t.Errorf("row %d: %s: the product has no %s", i+2, draft, product)
		}
		if q, ok := p.bank.Question(product); ok && option != "" && q.Answer(option) < 0 {
			t.Errorf("row %d: %s: %s has no answer %s", i+2, draft, product, option)
		}
	}
	for id := range wanted {
		t.Errorf("the table does not say where %s comes from", id)
	}
}

// TestTraceabilityIsWhole holds the table to the drafts, where they are at hand: a row for every question, fact, band,
// pathway and step of theirs, and of the draft on implants and devices for every answer, rule and level as well.
func TestTraceabilityIsWhole(t *testing.T) {
	drafts := filepath.Join("..", "..", "..", "shared", "domain")
	if _, err := os.Stat(drafts); err != nil {
		t.Skip("the content drafts are not part of the product and not at hand")
	}
	rows := map[string]bool{}
	for _, row := range traceability(t) {
		rows[row[0]], rows[row[0]+"/"+row[1]] = true, true
	}
	for _, id := range append(draftIDs(t, drafts), implantIDs(t, drafts)...) {
		if !rows[id] {
			t.Errorf("no row for %s", id)
		}
	}
}

func draftIDs(t *testing.T, folder string) []string {
	t.Helper()
	var questions struct {
		Questions []struct {
			ID       string              `yaml:"id"`
			Opts     map[string][]string `yaml:"opts"`
			Set      []string            `yaml:"set"`
			SetMaybe []string            `yaml:"set_unsure"`
		} `yaml:"questions"`
	}
	var rules struct {
		Derived []struct {
			F string `yaml:"f"`
		} `yaml:"derived"`
		Bands []struct {
			Band string `yaml:"band"`
		} `yaml:"bands"`
		Pathways []struct {
			P string `yaml:"p"`
		} `yaml:"pathways"`
	}
	var actions struct {
		Actions []struct {
			ID string `yaml:"id"`
		} `yaml:"actions"`
	}
	for name, into := range map[string]any{"questions.yaml": &questions, "rules.yaml": &rules, "actions.yaml": &actions} {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, q := range questions.Questions {
		ids = append(append(append(ids, q.ID), q.Set...), q.SetMaybe...)
		for _, facts := range q.Opts {
			ids = append(ids, facts...)
		}
	}
	for _, d := range rules.Derived {
		ids = append(ids, d.F)
	}
	for _, b := range rules.Bands {
		ids = append(ids, b.Band)
	}
	for _, p := range rules.Pathways {
		ids = append(ids, p.P)
	}
	for _, a := range actions.Actions {
		ids = append(ids, a.ID)
	}
	return ids
}

// implantIDs lists what has an id in the second draft; the table puts "ida" before each, for its ids are not unlike ours.
func implantIDs(t *testing.T, folder string) []string {
	t.Helper()
	type named struct {
		ID    string   `yaml:"id"`
		Flags []string `yaml:"flags"`
	}
	var draft struct {
		Levels    []string `yaml:"levels"`
		Questions []struct {
			ID      string  `yaml:"id"`
			Options []named `yaml:"options"`
		} `yaml:"questions"`
		Rules   []named `yaml:"rules"`
		Actions []named `yaml:"actions"`
	}
	raw, err := os.ReadFile(filepath.Join(folder, "implants.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, &draft); err != nil {
		t.Fatal(err)
	}
	if q, r, a := len(draft.Questions), len(draft.Rules), len(draft.Actions); q != 47 || r == 0 || a == 0 {
		t.Fatalf("%d questions, %d rules and %d steps were read of the draft", q, r, a)
	}
	var ids []string
	for _, l := range draft.Levels {
		ids = append(ids, "ida level "+l)
	}
	for _, q := range draft.Questions {
		ids = append(ids, "ida "+q.ID)
		for _, o := range q.Options {
			ids = append(ids, "ida "+q.ID+"/"+o.ID)
			for _, f := range o.Flags {
				ids = append(ids, "ida "+f)
			}
		}
	}
	for _, x := range append(draft.Rules, draft.Actions...) {
		ids = append(ids, "ida "+x.ID)
	}
	return ids
}
