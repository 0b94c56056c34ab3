package script

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"waypost/referrals/directory"
	"waypost/referrals/partners"
)

var (
	//go:embed script.yaml
	scriptFile []byte
	//go:embed law.yaml
	lawFile []byte
	//go:embed sources.yaml
	sourcesFile []byte
)

type raw struct {
	Reviewed string `yaml:"reviewed"`
	Steps    []struct {
		ID      string `yaml:"id"`
		Say     int    `yaml:"say"`
		Do      int    `yaml:"do"`
		Never   int    `yaml:"never"`
		Urgent  bool   `yaml:"urgent"`
		Choices []struct {
			ID string `yaml:"id"`
			To string `yaml:"to"`
		} `yaml:"choices"`
		Hands   []string `yaml:"hands"`
		Company []string `yaml:"company"`
		Why     string   `yaml:"why"`
		Law     bool     `yaml:"law"`
		Facts   bool     `yaml:"facts"`
		Address bool     `yaml:"address"`
		Entry   string   `yaml:"entry"`
		Sources []string `yaml:"sources"`
	} `yaml:"steps"`
	Hard        []string `yaml:"hard"`
	HardSources []string `yaml:"hard_sources"`
}

// Load reads and checks the embedded content. Every fault is reported: a script with any fault does not start.
func Load() (*Script, error) { return read(scriptFile, lawFile, sourcesFile) }

func decode(text []byte, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	return dec.Decode(into)
}

func read(steps, law, sources []byte) (*Script, error) {
	var r raw
	var rl rawLaw
	var rs rawSources
	if err := errors.Join(decode(steps, &r), decode(law, &rl), decode(sources, &rs)); err != nil {
		return nil, fmt.Errorf("load script: %w", err)
	}
	sum := sha256.Sum256(slices.Concat(steps, law))
	l := loader{script: &Script{Hard: r.Hard, Version: hex.EncodeToString(sum[:])}, sources: rs, used: map[string]bool{}}
	l.steps(r)
	l.shape()
	l.law(rl)
	l.origins(r)
	if err := errors.Join(l.faults...); err != nil {
		return nil, fmt.Errorf("load script: %w", err)
	}
	return l.script, nil
}

type loader struct {
	script  *Script
	sources rawSources
	used    map[string]bool
	faults  []error
}

func (l *loader) fault(id, format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf("%s: "+format, append([]any{id}, args...)...))
}

func (l *loader) steps(r raw) {
	if r.Reviewed != "awaiting" {
		l.fault("script", "a review needs a name and a date, and a place in the grammar for them")
	}
	index := map[string]int{}
	for i, x := range r.Steps {
		if _, twice := index[x.ID]; twice || x.ID == "" {
			l.fault(x.ID, "a step has one name of its own")
		}
		index[x.ID] = i
	}
	for i, x := range r.Steps {
		s := Step{
			ID: x.ID, Say: x.Say, Do: x.Do, Never: x.Never, Urgent: x.Urgent, Hands: x.Hands, Why: x.Why,
			Law: x.Law, Facts: x.Facts, Address: x.Address, Entry: x.Entry, Sources: x.Sources,
		}
		if x.Entry != "" && !slices.ContainsFunc(partners.Entries(), func(e partners.Entry) bool { return e.Name == x.Entry }) {
			l.fault(x.ID, "no entry %s", x.Entry)
		}
		for _, c := range x.Choices {
			to, known := index[c.To]
			if !known || to <= i {
				l.fault(x.ID, "%s leads to no later step", c.ID)
			}
			s.Choices = append(s.Choices, Choice{c.ID, to})
		}
		for _, need := range x.Hands {
			if !slices.Contains(directory.Needs(), need) {
				l.fault(x.ID, "no need %s", need)
			}
		}
		for _, c := range x.Company {
			if !slices.Contains([]Company{Lead, Legal, Products, Hours}, Company(c)) {
				l.fault(x.ID, "nothing of a company is called %s", c)
			}
			s.Company = append(s.Company, Company(c))
		}
		if x.Say > 9 || x.Do > 9 || x.Never > 9 || x.Say+x.Do == 0 || min(x.Say, x.Do, x.Never) < 0 {
			l.fault(x.ID, "one to nine lines of each kind")
		}
		if x.Urgent && (len(x.Hands) == 0 || x.Hands[0] != directory.Emergency || slices.Contains(x.Hands[1:], directory.Emergency)) {
			l.fault(x.ID, "what is urgent hands over to the emergency number first")
		}
		if last := i == len(r.Steps)-1; last != (len(x.Choices) == 0) {
			l.fault(x.ID, "the last step, and no other, has no button")
		}
		l.script.Steps = append(l.script.Steps, s)
	}
}

// shape holds what the whole must be: every step is reached, the urgent ones come first, no call is too long.
func (l *loader) shape() {
	s := l.script
	if len(l.faults) > 0 || len(s.Steps) == 0 {
		l.fault("script", "no steps that hold together")
		return
	}
	reached := make([]int, len(s.Steps)) // the longest way there; 0 but for the first: none
	for i := range s.Steps {
		if i > 0 && reached[i] == 0 {
			l.fault(s.Steps[i].ID, "no button leads here")
		}
		for _, c := range s.Steps[i].Choices {
			reached[c.To] = max(reached[c.To], reached[i]+1)
		}
	}
	if reached[len(reached)-1] > deepest {
		l.fault("script", "a call takes %d buttons, at most %d", reached[len(reached)-1], deepest)
	}
	for i, c := range s.Steps[0].Choices {
		if urgent := s.Steps[c.To].Urgent; urgent != (i < len(s.Steps[0].Choices)-1) {
			l.fault(s.Steps[0].ID, "every button but the last leads to what is urgent")
		}
	}
}
