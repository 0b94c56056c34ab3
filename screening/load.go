package screening

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Load reads and checks a bank. Every fault is reported, joined into one error: a bank with any fault does not start.
func Load(fsys fs.FS) (*Bank, error) {
	l := loader{bank: &Bank{index: newIndex(), questions: map[string]int{}, findings: map[string]int{}, raisedBy: map[string][]Given{}}}
	if err := l.read(fsys); err != nil {
		return nil, err
	}
	for _, step := range []func(){l.sources, l.questions, l.facts, l.derived, l.findings, l.compile, l.lines, l.reach} {
		step()
		if len(l.faults) > 0 {
			return nil, fmt.Errorf("load bank: %w", errors.Join(l.faults...))
		}
	}
	return l.bank, nil
}

// Decode reads one YAML document strictly: an unknown key, a duplicate key or a second document is an error.
func Decode(fsys fs.FS, name string, into any) error {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: more than one document", name)
	}
	return nil
}

// version hashes the content files, names included, in name order.
func version(fsys fs.FS) (string, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return "", err
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return "", fmt.Errorf("read %s: %w", name, err)
		}
		fmt.Fprintf(h, "%s %d\n", name, len(raw))
		h.Write(raw)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

type loader struct {
	bank   *Bank
	faults []error

	file struct {
		questions struct {
			Stops     []string      `yaml:"stops"`
			Questions []rawQuestion `yaml:"questions"`
		}
		facts struct {
			Lowering []string  `yaml:"lowering"`
			Recorded []string  `yaml:"recorded"`
			Derived  []Derived `yaml:"derived"`
		}
		findings struct {
			Pathways []Pathway    `yaml:"pathways"`
			Findings []rawFinding `yaml:"findings"`
		}
		sources struct {
			Sources map[string]Source `yaml:"sources"`
		}
	}
}

type rawQuestion struct {
	ID       string    `yaml:"id"`
	Topic    string    `yaml:"topic"`
	Tier     string    `yaml:"tier"`
	Asked    string    `yaml:"asked"`
	Choose   string    `yaml:"choose"`
	Open     Condition `yaml:"open"`
	Answers  yaml.Node `yaml:"answers"`
	Alone    []string  `yaml:"alone"`
	Evidence `yaml:",inline"`
}

type rawFinding struct {
	ID       string    `yaml:"id"`
	Line     string    `yaml:"line"`
	When     Condition `yaml:"when"`
	Urgency  string    `yaml:"urgency"`
	Pathways []string  `yaml:"pathways"`
	Benign   bool      `yaml:"benign"`
	Evidence `yaml:",inline"`
}

func (l *loader) read(fsys fs.FS) error {
	for name, into := range map[string]any{
		"questions.yaml": &l.file.questions, "facts.yaml": &l.file.facts,
		"findings.yaml": &l.file.findings, "sources.yaml": &l.file.sources,
	} {
		if err := Decode(fsys, name, into); err != nil {
			return fmt.Errorf("load bank: %w", err)
		}
	}
	var err error
	if l.bank.Version, err = version(fsys); err != nil {
		return fmt.Errorf("load bank: %w", err)
	}
	return nil
}

func (l *loader) fault(id, format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf("%s: "+format, append([]any{id}, args...)...))
}

func (l *loader) sources() {
	l.bank.Sources = l.file.sources.Sources
	for id, s := range l.bank.Sources {
		if s.Kind == "" || s.Address == "" {
			l.fault(id, "a source has an address and a kind")
		}
		if _, known := l.bank.Sources[s.SameAs]; s.SameAs != "" && !known {
			l.fault(id, "same_as names no source")
		}
		s.ID = id
		l.bank.Sources[id] = s
	}
}

func (l *loader) questions() {
	for _, raw := range l.file.questions.Questions {
		q := Question{ID: raw.ID, Topic: raw.Topic, Clinician: raw.Asked == "clinician", Many: raw.Choose == "many", Open: raw.Open, Evidence: raw.Evidence}
		q.Tier = Tier(l.word(raw.ID, "tier", raw.Tier, tiers))
		l.word(raw.ID, "asked", raw.Asked, []string{"patient", "clinician"})
		l.word(raw.ID, "choose", raw.Choose, []string{"one", "many"})
		l.checkID(raw.ID)
		l.evidence(raw.ID, raw.Evidence)
		q.Answers = l.answers(raw)
		if _, twice := l.bank.questions[q.ID]; twice {
			l.fault(q.ID, "question is there twice")
		}
		l.bank.questions[q.ID] = len(l.bank.Questions)
		l.bank.Questions = append(l.bank.Questions, q)
	}
	l.bank.Stops = l.file.questions.Stops
}

func (l *loader) answers(raw rawQuestion) []Answer {
	if raw.Answers.Kind != yaml.MappingNode || len(raw.Answers.Content) == 0 {
		l.fault(raw.ID, "a question has answers")
		return nil
	}
	var out []Answer
	for i := 0; i < len(raw.Answers.Content); i += 2 {
		a := Answer{ID: raw.Answers.Content[i].Value, Alone: slices.Contains(raw.Alone, raw.Answers.Content[i].Value)}
		if slices.ContainsFunc(out, func(b Answer) bool { return a.ID == b.ID }) {
			l.fault(raw.ID, "answer %s is there twice", a.ID)
		}
		l.checkID(a.ID)
		if err := raw.Answers.Content[i+1].Decode(&a.Facts); err != nil {
			l.fault(raw.ID, "answer %s: facts are a list of ids", a.ID)
		}
		for _, f := range a.Facts {
			l.checkID(f)
			n, err := l.bank.index.intern(f)
			if err != nil {
				l.faults = append(l.faults, err)
				continue
			}
			a.atoms.add(n)
			l.bank.raised.add(n)
			l.bank.raisedBy[f] = append(l.bank.raisedBy[f], Given{raw.ID, a.ID})
		}
		out = append(out, a)
	}
	if len(out) > 32 {
		l.fault(raw.ID, "a question has at most 32 answers")
	}
	for _, id := range raw.Alone {
		if !slices.ContainsFunc(out, func(a Answer) bool { return a.ID == id }) {
			l.fault(raw.ID, "alone names no answer of it: %s", id)
		}
	}
	if raw.Asked == "patient" && out[len(out)-1].ID != "rather-not-say" {
		l.fault(raw.ID, "a patient must be able to decline: rather-not-say comes last")
	}
	return out
}

func (l *loader) facts() {
	l.bank.Lowering, l.bank.Recorded = l.file.facts.Lowering, l.file.facts.Recorded
	for _, list := range [][]string{l.bank.Lowering, l.bank.Recorded, l.bank.Stops} {
		for _, f := range list {
			if !l.bank.Known(f) && !slices.ContainsFunc(l.file.facts.Derived, func(d Derived) bool { return d.ID == f }) {
				l.fault(f, "no answer raises this fact")
			}
		}
	}
}

func (l *loader) derived() {
	for _, d := range l.file.facts.Derived {
		l.checkID(d.ID)
		a, known := l.bank.index.byID[d.ID]
		if !known {
			var err error
			if a, err = l.bank.index.define(d.ID); err != nil {
				l.faults = append(l.faults, err)
			}
		} else if l.bank.raised.has(a) {
			l.fault(d.ID, "a derived fact is not raised by an answer")
		}
		d.atom = a
		l.bank.derived[a] = append(l.bank.derived[a], len(l.bank.Derived))
		l.bank.Derived = append(l.bank.Derived, d)
	}
}

func (l *loader) findings() {
	l.bank.Pathways = l.file.findings.Pathways
	for _, raw := range l.file.findings.Findings {
		l.checkID(raw.ID)
		l.evidence(raw.ID, raw.Evidence)
		f := Finding{ID: raw.ID, When: raw.When, Pathways: raw.Pathways, Benign: raw.Benign, Evidence: raw.Evidence}
		f.Line = Line(l.word(raw.ID, "line", raw.Line, lines))
		f.Urgency = Urgency(l.word(raw.ID, "urgency", raw.Urgency, urgencies))
		if f.Urgency == None {
			l.fault(f.ID, "a finding has an urgency")
		}
		if f.Benign && (f.Urgency != Info || f.Line != Abuse) {
			l.fault(f.ID, "a benign finding is info on the abuse line")
		}
		for _, p := range f.Pathways {
			if !slices.ContainsFunc(l.bank.Pathways, func(k Pathway) bool { return k.ID == p }) {
				l.fault(f.ID, "unknown pathway %s", p)
			}
		}
		var err error
		if f.atom, err = l.bank.index.define(f.ID); err != nil {
			l.faults = append(l.faults, err)
		}
		l.bank.findings[f.ID] = len(l.bank.Findings)
		l.bank.Findings = append(l.bank.Findings, f)
	}
	l.places()
}

// places gives every derived fact and finding its slot, and the findings their order.
func (l *loader) places() {
	b := l.bank
	for a := range b.slots {
		b.slots[a] = -1
		if a < len(b.index.ids) && !b.raised.has(atom(a)) {
			b.slots[a] = int32(b.slotCount) // #nosec G115 -- below maxAtoms
			b.slotCount++
		}
	}
	for u := Now; u >= Info; u-- {
		for i := range b.Findings {
			if b.Findings[i].Urgency == u {
				b.byUrgency = append(b.byUrgency, i)
			}
		}
	}
}
