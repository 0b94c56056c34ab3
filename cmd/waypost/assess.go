package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/screening"
	"waypost/web/consult"
)

// asked is what assess was told besides the answers.
type asked struct {
	json               bool
	nation, lang, mode string
	file               string
}

// assess reads answers and prints the plan. It keeps nothing: neither the answers nor the plan.
func assess(_ context.Context, w world) error {
	a, err := readArguments(w.args)
	if err != nil {
		return err
	}
	c, err := readConfig(w.env)
	if err != nil {
		return err
	}
	p, err := load(screening.Content(), append(slices.Clone(c.languages), a.lang)...)
	if err != nil {
		return err
	}
	given, err := readAnswersFrom(w, a.file)
	if err != nil {
		return err
	}
	sheet, err := p.sheet(w, c, a, given)
	if err != nil {
		return err
	}
	if !a.json {
		return sheet.WriteText(w.out)
	}
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sheet.Object())
}

func readArguments(args []string) (asked, error) {
	var a asked
	flags := flag.NewFlagSet("assess", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&a.json, "json", false, "print an object instead of text")
	flags.StringVar(&a.nation, "nation", "", "england, wales, scotland or northern-ireland")
	flags.StringVar(&a.lang, "lang", locales.Source, "language of the words")
	flags.StringVar(&a.mode, "mode", consult.FaceToFace, "face-to-face, telephone or self")
	if err := flags.Parse(args); err != nil || flags.NArg() > 1 {
		return a, fmt.Errorf("arguments %w: assess [--json] [--nation N] [--lang L] [--mode M] [FILE]", errUsage)
	}
	a.file = flags.Arg(0)
	if _, err := directory.ParseNation(a.nation); a.nation != "" && err != nil {
		return a, fmt.Errorf("--nation %w: one of england, wales, scotland, northern-ireland", errUsage)
	}
	if _, err := locales.Load(locales.Files(), a.lang); err != nil {
		return a, fmt.Errorf("--lang %w: not a language of Waypost", errUsage)
	}
	if !slices.Contains(consult.Modes(), a.mode) {
		return a, fmt.Errorf("--mode %w: one of face-to-face, telephone, self", errUsage)
	}
	return a, nil
}

func readAnswersFrom(w world, file string) (map[string][]string, error) {
	if file == "" || file == "-" {
		return readAnswers(w.in)
	}
	f, err := os.Open(file) // #nosec G304 -- the file that the person at the keyboard named
	if err != nil {
		return nil, fmt.Errorf("answers %w: the file cannot be opened", errUsage)
	}
	defer func() { _ = f.Close() }()
	return readAnswers(f)
}

// sheet joins the answers with what was asked for besides and makes the plan. One fault and there is no plan: half-read
// answers are not answers.
func (p *product) sheet(w world, c config, a asked, given map[string][]string) (*consult.Sheet, error) {
	for id := range given {
		if _, known := p.bank.Question(id); !known {
			return nil, fmt.Errorf("answers %w: %s: no such question", errUsage, name(id, 0))
		}
	}
	if a.nation != "" {
		if was := given[consult.NationQuestion]; len(was) > 0 && was[0] != a.nation {
			return nil, fmt.Errorf("answers %w: %s: --nation says otherwise", errUsage, consult.NationQuestion)
		}
		given[consult.NationQuestion] = []string{a.nation}
	} else if len(given[consult.NationQuestion]) == 0 && c.nation != directory.UnknownNation {
		given[consult.NationQuestion] = []string{c.nation.String()}
	}
	answers, faults := p.bank.Read(given)
	if len(faults) > 0 {
		return nil, fmt.Errorf("answers %w: %s: %s", errUsage, faults[0].Question, p.words.In(locales.Source, nil).Text(faults[0].Message))
	}
	finder := consult.Finder{Directory: p.services, Mode: c.directory}
	return consult.NewSheet(p.steps.Make(p.bank.Assess(answers)), p.words.In(a.lang, nil), finder, a.mode, w.now()), nil
}
